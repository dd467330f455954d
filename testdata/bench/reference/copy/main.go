// Command copy copies bytes from stdin to stdout: what it takes to have the input and to give the
// output.
package main

import (
	"io"
	"log"
	"os"
)

func main() {
	if _, err := io.Copy(os.Stdout, os.Stdin); err != nil {
		log.Fatal(err)
	}
}

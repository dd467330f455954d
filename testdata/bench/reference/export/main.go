// Command export writes the files of an image in a registry to nowhere, as crane export does: what
// it takes to pull an image and to unpack it.
//
//	export IMAGE
package main

import (
	"fmt"
	"log"
	"os"

	"github.com/google/go-containerregistry/pkg/crane"
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: export IMAGE")
	}
	var size counter
	image, err := crane.Pull(os.Args[1])
	if err == nil {
		err = crane.Export(image, &size)
	}
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%d bytes\n", size)
}

// counter counts the bytes that are written to it.
type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

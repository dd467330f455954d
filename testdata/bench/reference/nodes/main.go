// Command nodes decodes the YAML on stdin to nodes with yaml.v3 and does nothing else: what every program spends that parses YAML.
// It prints how many nodes the document has at its top.
package main

import (
	"fmt"
	"log"
	"os"

	"go.yaml.in/yaml/v3"
)

func main() {
	var document yaml.Node
	if err := yaml.NewDecoder(os.Stdin).Decode(&document); err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(document.Content[0].Content))
}

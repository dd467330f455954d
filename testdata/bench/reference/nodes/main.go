// Command nodes decodes YAML to nodes with yaml.v3 and does nothing else: what every program spends
// that parses YAML. It prints how many nodes the documents have at their top.
//
//	nodes [FOLDER]
//
// The YAML is the document on stdin, or the files of a folder and those below it, one after the
// other.
package main

import (
	"fmt"
	"io"
	"io/fs"
	"log"
	"os"

	"go.yaml.in/yaml/v3"
)

func main() {
	n, err := 0, error(nil)
	if len(os.Args) > 1 {
		n, err = folder(os.DirFS(os.Args[1]))
	} else {
		n, err = decode(os.Stdin)
	}
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(n)
}

// decode returns how many nodes a document has at its top.
func decode(r io.Reader) (int, error) {
	var document yaml.Node
	if err := yaml.NewDecoder(r).Decode(&document); err != nil {
		return 0, err
	}
	return len(document.Content[0].Content), nil
}

// folder returns how many the documents of its files have.
func folder(files fs.FS) (n int, err error) {
	err = fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		file, err := files.Open(name)
		if err != nil {
			return err
		}
		defer file.Close()
		found, err := decode(file)
		n += found
		return err
	})
	return n, err
}

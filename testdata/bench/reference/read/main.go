// Command read reads all files of a folder once, in parallel: what every program spends that looks
// at them.
//
//	read [-replace] FOLDER
//
// With -replace it puts each in its place again as it was: what every program spends that changes
// all of them and leaves no half written file behind, whatever happens.
package main

import (
	"flag"
	"fmt"
	"io/fs"
	"log"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"

	"github.com/google/renameio/v2"
	"golang.org/x/sync/errgroup"
)

func main() {
	replace := flag.Bool("replace", false, "write every file again: a new file, synced, in the place of the old one")
	flag.Parse()
	if flag.NArg() != 1 {
		log.Fatal("usage: read [-replace] FOLDER")
	}
	files, size, err := read(flag.Arg(0), *replace)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%d files, %d bytes\n", files, size)
}

func read(folder string, replace bool) (files, size int64, err error) {
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	var total atomic.Int64
	err = filepath.WalkDir(folder, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		files++
		group.Go(func() error {
			content, err := os.ReadFile(name)
			total.Add(int64(len(content)))
			if err != nil || !replace {
				return err
			}
			return renameio.WriteFile(name, content, 0o666, renameio.WithTempDir(filepath.Dir(name)))
		})
		return nil
	})
	if failed := group.Wait(); failed != nil {
		return 0, 0, failed
	}
	return files, total.Load(), err
}

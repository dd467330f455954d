// Command dist makes what a release has beside its programs: the image, bills of materials,
// checksums. All that it knows of the programs, times among it, is the build information that Go
// left in them, so that the same programs give the same bytes.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
)

const usage = `usage: dist [flags] labels|image|release PROGRAM...

  labels    print what an image of the PROGRAM is labelled, as flags of docker, podman and buildah
  image     write an image, for the platforms of the PROGRAMs, beside them: an OCI layout, and a tarball of it
  release   the same of those for Linux, a bill of materials of every PROGRAM and of the image, and SHA256SUMS

`

func main() {
	flag.Usage = func() {
		fmt.Fprint(flag.CommandLine.Output(), usage)
		flag.PrintDefaults()
	}
	var d dist
	flag.StringVar(&d.image, "image", "inject-related-images", "`NAME` of the image when it is loaded")
	flag.StringVar(&d.source, "source", "", "`URL` of the repository, for the labels of the image")
	flag.Parse()
	if flag.NArg() < 2 {
		flag.Usage()
		os.Exit(2)
	}
	if err := d.run(flag.Arg(0), flag.Args()[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintf(os.Stderr, "error: %v\n", err)
		os.Exit(1)
	}
}

// dist is what the programs do not know of themselves.
type dist struct {
	image, source string
}

func (d dist) run(command string, files []string, out, log io.Writer) error {
	programs, err := readPrograms(files)
	if err != nil {
		return err
	}
	if programs[0].version() == unversioned {
		fmt.Fprintf(
			log,
			"warning: %s has no version but %s: it is not built from a clone (of a worktree, Go reads none)\n",
			files[0],
			unversioned,
		)
	}
	switch command {
	case "labels":
		d.printLabels(out, programs[0])
		return nil
	case "image":
		_, err := d.writeImage(programs)
		return err
	case "release":
		return d.release(programs)
	}
	return fmt.Errorf("there is no command %q: it is labels, image or release", command)
}

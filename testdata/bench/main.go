// Command bench measures inject-related-images as whole processes, beside reference programs that
// show what its work costs at least: copying the bytes, decoding the YAML to nodes, a kyaml
// function that does nothing, kustomize's images transformer, reading the files, exporting an
// image. It builds all of them, makes the inputs, runs the programs in turn, and prints ratios: A B C A B C, so that
// whatever else the machine does meanwhile happens to all of them.
//
// Figures are medians, with the least and the greatest behind them; a ratio is the median of the
// ratios of the rounds. Nothing fails because it is slow.
package main

import (
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"slices"
	"strconv"
	"strings"
)

func main() {
	log.SetFlags(0)
	o := options{sizes: []int{1, 100, 1_000, 10_000}}
	flag.Func("sizes", "how many `resources` the ResourceLists have (default 1,100,1000,10000)", func(s string) (err error) {
		o.sizes, err = parseSizes(s)
		return err
	})
	flag.IntVar(&o.files, "files", 10_000, "how many files the folders have; 0 leaves them out")
	flag.IntVar(&o.tree, "tree", 7_500, "how many files there are that can hold no reference, of 29 kB; 0 leaves them out")
	flag.IntVar(&o.image, "image", 40_000, "how many files of 7.5 kB the image has; 0 leaves it out")
	flag.IntVar(&o.releases, "releases", 80, "how many previous CSVs there are; 0 leaves them out")
	flag.IntVar(&o.runs, "runs", 3, "how many rounds are counted, after one that is not")
	flag.IntVar(&o.starts, "starts", 40, "how many rounds are counted of what takes milliseconds")
	flag.IntVar(&o.cores, "cores", 2, "what GOMAXPROCS is for all programs")
	flag.StringVar(&o.program, "program", "", "a `file` to measure instead of building the program")
	flag.StringVar(&o.dir, "dir", "", "a `folder` for programs and inputs, on the disk to measure (default a temporary one)")
	record := flag.String("o", "", "a `file` for every run's figures, for benchstat")
	flag.Parse()
	if flag.NArg() > 0 || o.runs < 1 || o.starts < 1 || o.cores < 1 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(o, *record, os.Stdout); err != nil {
		log.Fatal(err)
	}
}

// options are what the flags say.
type options struct {
	sizes        []int // ascending
	files        int
	tree         int
	image        int
	releases     int
	runs, starts int
	cores        int
	program, dir string
}

// parseSizes reads numbers of resources with commas between them.
func parseSizes(s string) ([]int, error) {
	var sizes []int
	for text := range strings.SplitSeq(s, ",") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return nil, fmt.Errorf("%q is no number of resources", text)
		}
		sizes = append(sizes, n)
	}
	slices.Sort(sizes)
	return slices.Compact(sizes), nil
}

// run measures and prints to out, and every run to the file record unless that is "".
func run(o options, record string, out io.Writer) error {
	if o.dir == "" {
		dir, err := os.MkdirTemp("", "bench-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		o.dir = dir
	}
	log.Print("building the programs")
	programs, err := build(o)
	if err != nil {
		return err
	}
	log.Print("making the inputs")
	b, err := prepare(o, programs)
	if err != nil {
		return err
	}
	if b.registry != nil {
		defer b.registry.Close()
	}
	if err := b.measure(); err != nil {
		return err
	}
	if record != "" {
		if err := os.WriteFile(record, []byte(b.record()), 0o666); err != nil {
			return err
		}
	}
	fmt.Fprintln(out, b.figures())
	fmt.Fprintln(out, b.verdicts())
	return nil
}

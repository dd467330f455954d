package main

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"log"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"inject-related-images/testdata/bench/input"
)

// mostImages is the most resources that kustomize's images transformer is given: it takes a second
// for two hundred.
const mostImages = 1_000

// What is run on the folders.
const (
	checkStale    = "check, all stale"
	injectStale   = "inject, all stale"
	injectCurrent = "inject, all current"
)

// bench is the processes, in groups that are run in turn, and what is known of their inputs.
type bench struct {
	options
	groups      map[string][]*process
	listSizes   map[int]int64 // bytes, by the number of resources
	programSize int64
	registry    *httptest.Server // that has the image, or nil
	current     string           // the folder with nothing to change
	readsOnly   bool             // it is as it was before
}

// The groups.
const (
	starts  = "starts"
	lists   = "lists"
	folders = "folders"
	csvs    = "previous CSVs"
	trees   = "trees"
	shipped = "images"
)

// prepare makes the inputs, and the processes for them.
func prepare(o options, files map[string]string) (*bench, error) {
	b := &bench{options: o, groups: map[string][]*process{}, listSizes: map[int]int64{}}
	info, err := os.Stat(files[program])
	if err != nil {
		return nil, err
	}
	b.programSize = info.Size()
	for _, resources := range o.sizes {
		if err := b.prepareList(files, resources); err != nil {
			return nil, err
		}
	}
	if o.releases > 0 {
		if err := b.prepareReleases(files); err != nil {
			return nil, err
		}
	}
	if o.tree > 0 {
		if err := b.prepareTree(files); err != nil {
			return nil, err
		}
	}
	if o.image > 0 {
		if err := b.prepareImage(files); err != nil {
			return nil, err
		}
	}
	if o.files == 0 {
		return b, nil
	}
	return b, b.prepareFolders(files)
}

// treeOf names the tree of so many files.
func treeOf(files int) string { return fmt.Sprintf("%d files without references", files) }

// prepareTree makes a tree with nothing to find, and the processes that look: cat, at its files one
// after the other, and the program.
func (b *bench) prepareTree(files map[string]string) error {
	csv, tree := filepath.Join(b.dir, "tree.csv.yaml"), filepath.Join(b.dir, "tree")
	if err := input.WriteCSV(csv); err != nil {
		return err
	}
	if err := input.WriteTree(tree, b.tree); err != nil {
		return err
	}
	cat := `find "$0" -type f -exec cat {} + >/dev/null && echo done`
	b.groups[trees] = []*process{
		{by: "cat", on: treeOf(b.tree), file: "/bin/sh", arguments: []string{"-c", cat, tree}, says: "done"},
		{
			by: program, on: treeOf(b.tree), file: files[program], arguments: []string{"check", "--csv", csv, tree},
			says: "no image references", exit: 3,
		},
	}
	return warm(tree)
}

// previousCSVs names so many of them.
func previousCSVs(n int) string { return fmt.Sprintf("%d previous CSVs", n) }

func (b *bench) prepareReleases(files map[string]string) error {
	dir := filepath.Join(b.dir, "releases")
	if err := input.WriteReleases(dir, b.releases); err != nil {
		return err
	}
	csv, previous, pinned := filepath.Join(
		dir,
		"csv.yaml",
	), filepath.Join(
		dir,
		"previous",
	), filepath.Join(
		dir,
		"pinned.yaml",
	)
	on := previousCSVs(b.releases)
	b.groups[csvs] = []*process{
		{by: "nodes", on: on, file: files["nodes"], arguments: []string{previous}, says: fmt.Sprintf("%d\n", 8*b.releases)},
		{
			by: program, on: on, file: files[program],
			arguments: []string{"images", "--csv", csv, "--previous", previous, pinned},
			says:      fmt.Sprintf("1 file: %d stale", input.PinnedReferences),
		},
	}
	return nil
}

func (b *bench) prepareList(files map[string]string, resources int) error {
	list := filepath.Join(b.dir, fmt.Sprintf("list-%d.yaml", resources))
	file, err := os.Create(list)
	if err != nil {
		return err
	}
	defer file.Close()
	if err := input.WriteList(file, resources, input.Kustomize); err != nil { // not through memory: see peak
		return err
	}
	info, err := file.Stat()
	if err != nil {
		return err
	}
	b.listSizes[resources] = info.Size()
	processes := []*process{
		{by: program, says: fmt.Sprintf(": %d injected", resources)},
		{by: "nodes", says: "8\n"},
		{by: "kyaml", says: "functionConfig:"},
		{by: "copy", says: "functionConfig:"},
	}
	if resources <= mostImages {
		kustomization := filepath.Join(b.dir, "kustomization.yaml")
		if err := input.WriteKustomization(kustomization); err != nil {
			return err
		}
		processes = append(processes, &process{by: "images", says: "kind: Deployment", arguments: []string{kustomization}})
	}
	group := lists
	if resources == 1 {
		group = starts
		processes = append(processes, &process{by: "hello", says: "hello"})
	}
	for _, p := range processes {
		p.on, p.file, p.stdin = listOf(resources), files[p.by], list
	}
	b.groups[group] = append(b.groups[group], processes...)
	return nil
}

// listOf names the list of so many resources.
func listOf(resources int) string {
	if resources == 1 {
		return "1 resource"
	}
	return fmt.Sprintf("%d resources", resources)
}

func (b *bench) prepareFolders(files map[string]string) error {
	csv, stale := filepath.Join(b.dir, "csv.yaml"), filepath.Join(b.dir, "stale")
	b.current = filepath.Join(b.dir, "current")
	if err := input.WriteCSV(csv); err != nil {
		return err
	}
	if err := input.WriteFolder(b.current, b.files, true); err != nil {
		return err
	}
	makeStale := func() error {
		if err := input.WriteFolder(stale, b.files, false); err != nil {
			return err
		}
		return warm(stale)
	}
	read := fmt.Sprintf("%d files", b.files)
	b.groups[folders] = []*process{
		{
			by:        "read",
			on:        "all current",
			arguments: []string{b.current},
			says:      read,
			before:    func() error { return warm(b.current) },
		},
		{
			by:        program,
			on:        injectCurrent,
			arguments: []string{"inject", "--csv", csv, b.current},
			says:      fmt.Sprintf(": %d current", b.files),
		},
		{by: "read", on: "all stale", arguments: []string{stale}, says: read, before: makeStale},
		{
			by:        program,
			on:        checkStale,
			arguments: []string{"check", "--csv", csv, stale},
			says:      fmt.Sprintf(": %d stale", b.files),
			exit:      1,
		},
		{by: "read -replace", on: "all stale", arguments: []string{"-replace", stale}, says: read},
		{
			by:        program,
			on:        injectStale,
			arguments: []string{"inject", "--csv", csv, stale},
			says:      fmt.Sprintf(": %d injected", b.files),
		},
	}
	for _, p := range b.groups[folders] {
		name, _, _ := strings.Cut(p.by, " ")
		p.file = files[name]
	}
	return nil
}

// warm waits until the disk has all that was written before, and reads the folder: who comes first
// would have to.
func warm(folder string) error {
	syscall.Sync()
	files := os.DirFS(folder)
	return fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			_, err = fs.ReadFile(files, name)
		}
		return err
	})
}

// measure runs all processes.
func (b *bench) measure() error {
	before, err := b.state()
	if err != nil {
		return err
	}
	for _, group := range []string{starts, lists, csvs, trees, shipped, folders} {
		runs := b.runs
		if group == starts {
			runs = b.starts
		}
		log.Printf("measuring: %s, %d rounds", group, runs)
		if err := rounds(b.groups[group], runs, b.cores); err != nil {
			return err
		}
	}
	after, err := b.state()
	b.readsOnly = before == after
	return err
}

// state tells whether the current folder was written to: every file that is written, made, removed
// or renamed changes the time of the file or that of its folder, or is another file.
func (b *bench) state() (string, error) {
	hash := sha256.New()
	if b.current == "" {
		return "", nil
	}
	err := filepath.WalkDir(b.current, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(
			hash,
			name,
			info.Mode(),
			info.Size(),
			info.ModTime().UnixNano(),
			info.Sys().(*syscall.Stat_t).Ino,
		)
		return err
	})
	return fmt.Sprintf("%x", hash.Sum(nil)), err
}

// Package tree is the directory door: it injects images into the files below given paths.
//
// A registry is a folder that somebody has under version control. Only files that change are written, each atomically and with
// its mode and owner, never outside of the given paths, through no symbolic link. A file that cannot be read or parsed is
// reported, and the others are done.
package tree

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"github.com/aymanbagabas/go-udiff"

	"inject-related-images/internal/access"
	"inject-related-images/internal/rewrite"
)

// Mode is what becomes of files that the CSV changes.
type Mode uint8

// The modes.
const (
	Look    Mode = iota // nothing: findings only
	Diff                // nothing: their differences are returned
	InPlace             // they are replaced
	Copy                // all files are written to another folder, changed or not
)

// Options say what to do.
type Options struct {
	Mode   Mode
	Output string // for Copy: the folder, which is made where it does not exist
}

// Report is what was found and done.
type Report struct {
	Findings []rewrite.Finding // in the order of the paths and files
	Diffs    []string          // unified, a file each
	Notes    []string          // what the user should know
	Errs     []error           // what could not be read, parsed or written; each names the file
}

// Run decides the references in the files of paths, files or folders, and does with them what the options say. Files are
// done in parallel; the report is in their order.
func Run(r rewrite.Rewriter, paths []string, o Options) Report {
	var report Report
	files := list{copies: o.Mode == Copy}
	defer files.close()
	output, err := openOutput(o)
	if err != nil {
		return Report{Errs: []error{err}}
	}
	if output != nil {
		defer output.Close()
		files.exclude = outside(paths, output)
	}
	files.add(paths)
	report.Errs = files.errs
	if output != nil {
		if err := checkTargets(files, output); err != nil {
			return Report{Errs: []error{err}}
		}
	}
	for _, done := range each(files.files, func(f file) result { return do(r, f, o, output) }) {
		report.Findings = append(report.Findings, done.findings...)
		if done.diff != "" {
			report.Diffs = append(report.Diffs, done.diff)
		}
		report.Notes = append(report.Notes, done.notes...)
		if done.err != nil {
			report.Errs = append(report.Errs, done.err)
		}
	}
	if files.links > 0 {
		report.Notes = append(report.Notes, fmt.Sprintf("%d symbolic links were not followed", files.links))
	}
	return report
}

func openOutput(o Options) (*os.Root, error) {
	if o.Mode != Copy {
		return nil, nil
	}
	if err := os.MkdirAll(o.Output, 0o777); err != nil {
		return nil, access.Write(o.Output, err, "")
	}
	return os.OpenRoot(o.Output)
}

// outside returns the folder of the output, which is no part of the input, unless it is a path itself: then it is both.
func outside(paths []string, output *os.Root) os.FileInfo {
	info, _ := output.Stat(".") // it is open, so it is there
	for _, p := range paths {
		if other, err := os.Stat(p); err == nil && os.SameFile(info, other) {
			return nil
		}
	}
	return info
}

// checkTargets finds files that would be written over one another, or over a file that is read.
func checkTargets(files list, output *os.Root) error {
	from := map[string]file{}
	for _, f := range files.files {
		target := realName(output, f.name)
		if files.seen[target] {
			return fmt.Errorf("%s would be written over %s, which is one of the files to read: choose another output, "+
				"or leave it out to rewrite the files in place", f.show, target)
		}
		if other, ok := from[target]; ok {
			return fmt.Errorf("%s and %s would both be written to %s: give them outputs of their own", other.show, f.show, target)
		}
		from[target] = f
	}
	for target, f := range from {
		for dir := filepath.Dir(target); len(dir) > 1 && dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
			if other, ok := from[dir]; ok {
				return fmt.Errorf("%s would be the file and %s need the folder %s: give them outputs of their own", other.show, f.show, dir)
			}
		}
	}
	return nil
}

// each calls do for all files, several at a time, and returns the results in the order of the files. Twice as many as there
// are processors: while some wait for the disk, others compute.
func each(files []file, do func(file) result) []result {
	results := make([]result, len(files))
	next := make(chan int)
	var workers sync.WaitGroup
	for range min(16*runtime.GOMAXPROCS(0), len(files)) {
		workers.Go(func() {
			for i := range next {
				results[i] = do(files[i])
			}
		})
	}
	for i := range files {
		next <- i
	}
	close(next)
	workers.Wait()
	return results
}

// result is what became of a file.
type result struct {
	findings []rewrite.Finding
	diff     string
	notes    []string
	err      error
}

func do(r rewrite.Rewriter, f file, o Options, output *os.Root) result {
	source, info, err := f.read()
	if err != nil {
		return result{err: err}
	}
	rewritten, parseError := rewrite.Result{Text: source}, error(nil)
	if f.text {
		if rewritten, parseError = r.File(f.show, source); parseError != nil {
			parseError = fmt.Errorf("%s: %w", f.show, parseError)
			rewritten.Text = source
		}
	}
	done := result{findings: rewritten.Findings}
	for _, p := range rewritten.Problems {
		where := cmp.Or(p.Path, fmt.Sprintf("line %d", p.Line))
		done.notes = append(done.notes, fmt.Sprintf("%s: %s: %s", f.show, where, p.Message))
	}
	changed := rewritten.Text != source
	switch {
	case o.Mode == Copy:
		err = write(output, f.name, rewritten.Text, info)
		err = access.Write(filepath.Join(output.Name(), path.Dir(f.name)), err, "")
	case changed && o.Mode == InPlace:
		err = replace(f.root, f.name, rewritten.Text, info, true)
		err = access.Replace(info, filepath.Join(f.root.Name(), path.Dir(f.name)), err, ", or write to another folder with --output")
	case changed && o.Mode == Diff:
		done.diff = udiff.Unified(label("a", f.show), label("b", f.show), source, rewritten.Text)
	}
	if err != nil {
		err = fmt.Errorf("%s: a new file could not be put in its place: %w", f.show, err)
	} else if o.Mode == InPlace || o.Mode == Copy {
		injected(done.findings)
	}
	done.err = errors.Join(parseError, err)
	return done
}

// label is the name of a file in the header of a diff: a name with spaces ends with a tab, or patch reads it to the first space.
func label(side, name string) string {
	name = side + "/" + name
	if strings.Contains(name, " ") {
		name += "\t"
	}
	return name
}

// injected says of stale references that they have been written.
func injected(findings []rewrite.Finding) {
	for i := range findings {
		if findings[i].Status == rewrite.Stale {
			findings[i].Status = rewrite.Injected
		}
	}
}

// write makes the file name in output, with its folders, unless it is there with that content. A copy may belong to who makes it.
func write(output *os.Root, name, content string, like fs.FileInfo) error {
	if is, err := output.ReadFile(name); err == nil && string(is) == content {
		return nil
	}
	if err := output.MkdirAll(path.Dir(name), 0o777); err != nil {
		return err
	}
	return replace(output, name, content, like, false)
}

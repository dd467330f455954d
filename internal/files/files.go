// Package files runs the engine on files, folders and the files in images: it injects images into
// them.
//
// A registry is a folder that somebody has under version control. Only files that change are
// written, each atomically and with its mode and owner, never outside of the given paths, through
// no symbolic link. A file that cannot be read or parsed is reported, and the others are done.
package files

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"
	"slices"
	"sync"

	"inject-related-images/internal/access"
	"inject-related-images/internal/catalog"
	"inject-related-images/internal/engine"
	"inject-related-images/internal/parallel"
	"inject-related-images/internal/policy"
	"inject-related-images/internal/quote"
	"inject-related-images/internal/replace"
	"inject-related-images/internal/skip"
	"inject-related-images/internal/yamltext"
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
	Output string     // for Copy: the folder, which is made where it does not exist
	Inputs []string   // for Copy: files that must not be written over, besides those of the paths
	Skip   skip.Globs // files and folders below each PATH not to look at
	Root   string     // of images: the folder to look in; "" is all of them

	Reserved []Reserved // files that must not be among those to read or to write
}

// Reserved is a file that the caller is going to write.
type Reserved struct {
	Name string // for messages: how it was given
	Info os.FileInfo
}

// ReservedError says that a reserved file is one to read or to write. Nothing was written.
type ReservedError struct{ name, file string }

func (e *ReservedError) Error() string {
	return fmt.Sprintf("%s: it is %s, which is one of the files to read or to write: give another file",
		e.name, quote.Name(e.file))
}

// Report is what was found and done.
type Report struct {
	Findings [][]engine.Finding // of each file that has some, in the order of the paths and files
	Files    []int              // of each path: how many files may hold references; -1 if it could not be opened
	Diffs    []string           // unified, a file each
	Notes    []string           // what the user should know
	Errs     []error            // what could not be read, parsed or written; each names the file
	Undone   int                // files that were not looked at, since the context ended
	Passed   []string           // how many files or folders were passed over, of each reason

	Unmatched []string // what Options.Skip has that matches nothing
	Respun    *Respun  // of an image that was written

	Templates int // how many texts are templates of other tools where a reference can stand
	Usage     engine.Usage
}

// Run decides the references in the files of paths, files or folders, and does with them what the
// options say. Files are done in parallel; the report is in their order. The error says why nothing
// was done: where something is to be written, a path that cannot be opened must not leave half of a
// change behind. When the context ends, no other file is begun. Those that are being written are
// finished.
func Run(ctx context.Context, e engine.Engine, paths []string, o Options) (Report, error) {
	files := list{ctx: ctx, copies: o.Mode == Copy, exclude: outside(paths, o), skip: o.Skip.Skipper()}
	defer files.close()
	unopened := files.add(paths)
	if ctx.Err() != nil {
		return Report{}, context.Cause(ctx)
	}
	if len(unopened) > 0 && o.Mode != Look {
		return Report{}, errors.Join(unopened...)
	}
	if err := checkReserved(files.files, o); err != nil {
		return Report{}, err
	}
	output, err := openOutput(o)
	if err != nil {
		return Report{}, err
	}
	if output != nil {
		defer output.Close()
		if err := checkTargets(&files, output, o.Inputs); err != nil {
			return Report{}, err
		}
	}
	report := Report{Files: files.byPath, Errs: slices.Concat(unopened, files.errs)}
	report.Errs = append(report.Errs, sweep(&files, o.Mode, output)...)
	results := each(ctx, files.files, job{e, o, output, new(replace.Writer)})
	report.Findings = make([][]engine.Finding, 0, len(results))
	for _, done := range results {
		files.passed.dialects[done.dialect]++
		if !done.begun {
			report.Undone++
		}
		report.add(done)
	}
	report.Notes = append(report.Notes, otherNames(files.files, results)...)
	if files.links > 0 {
		report.Notes = append(report.Notes, fmt.Sprintf("symbolic links that were not followed: %d", files.links))
	}
	report.Passed = files.passed.counts()
	report.Unmatched = files.skip.Unmatched()
	return report, nil
}

// Add adds what was found in other paths, which come behind those of r.
func (r *Report) Add(other Report) {
	r.Findings, r.Files = append(r.Findings, other.Findings...), append(r.Files, other.Files...)
	r.Diffs, r.Notes = append(r.Diffs, other.Diffs...), append(r.Notes, other.Notes...)
	r.Errs, r.Passed = append(r.Errs, other.Errs...), append(r.Passed, other.Passed...)
	r.Unmatched = slices.DeleteFunc(r.Unmatched, func(glob string) bool { return !slices.Contains(other.Unmatched, glob) })
	r.Undone, r.Templates = r.Undone+other.Undone, r.Templates+other.Templates
	r.Usage.Merge(other.Usage)
}

// add adds what became of a file.
func (r *Report) add(done result) {
	if len(done.findings) > 0 {
		r.Findings = append(r.Findings, done.findings)
	}
	if done.diff != "" {
		r.Diffs = append(r.Diffs, done.diff)
	}
	r.Notes = append(r.Notes, done.notes...)
	r.Templates += done.templates
	r.Usage.Merge(done.usage)
	if done.err != nil {
		r.Errs = append(r.Errs, done.err)
	}
}

func openOutput(o Options) (*root, error) {
	if o.Mode != Copy {
		return nil, nil
	}
	if err := os.MkdirAll(o.Output, 0o777); err != nil {
		return nil, access.Write(o.Output, err, "")
	}
	return openRoot(o.Output)
}

// outside returns the folder of the output, which is no part of the input, unless it is a path
// itself: then it is both. It is nil if there is no such folder yet.
func outside(paths []string, o Options) os.FileInfo {
	if o.Mode != Copy {
		return nil
	}
	info, err := os.Stat(o.Output)
	if err != nil {
		return nil
	}
	for _, p := range paths {
		if other, err := os.Stat(p); err == nil && os.SameFile(info, other) {
			return nil
		}
	}
	return info
}

// checkReserved finds a reserved file among those to read and, for Copy, those to write.
func checkReserved(files []file, o Options) error {
	if len(o.Reserved) == 0 {
		return nil
	}
	for _, f := range files {
		names := []string{f.path()}
		if o.Mode == Copy {
			names = append(names, filepath.Join(o.Output, f.name))
		}
		for _, name := range names {
			info, err := os.Stat(name)
			for _, r := range o.Reserved {
				if err == nil && os.SameFile(info, r.Info) {
					return &ReservedError{r.Name, name}
				}
			}
		}
	}
	return nil
}

// job is what is done with each file.
type job struct {
	engine  engine.Engine
	options Options
	output  *root
	writer  *replace.Writer
}

// result is what became of a file.
type result struct {
	findings  []engine.Finding
	diff      string
	notes     []string
	templates int
	usage     engine.Usage
	dialect   dialect // for which it was passed over
	err       error
	begun     bool        // else the context ended before
	replaced  fs.FileInfo // the file that was replaced, or nil
}

// writers is how many files are written at a time: most of that is waiting for the disk. Each has a
// few files open.
const writers = 16

// each does the job with all files, as many at a time as there are processors, and returns the
// results in the order of the files.
func each(ctx context.Context, files []file, j job) []result {
	const batch = 16 // mostly of one folder
	results := make([]result, len(files))
	writing := make(chan struct{}, writers)
	var writes sync.WaitGroup
	parallel.Each(len(files), batch, func(indices iter.Seq[int]) {
		var r reader
		defer r.close()
		for i := range indices {
			if ctx.Err() != nil {
				return
			}
			write := j.do(ctx, &r, files[i], &results[i])
			if write == nil {
				continue
			}
			writing <- struct{}{}
			writes.Go(func() {
				results[i].wrote(ctx, files[i], write())
				<-writing
			})
		}
	})
	writes.Wait()
	return results
}

// do decides the references of a file. It returns what writes the file, if it is to be written.
func (j job) do(ctx context.Context, r *reader, f file, done *result) (write func() error) {
	done.begun = true
	read, err := r.read(f)
	if err != nil {
		done.err = err
		return nil
	}
	source, text := read.Text, read.Text
	if f.text {
		text = j.inject(f, source, done)
	}
	switch {
	case j.options.Mode == Copy:
		return func() error { return copyFile(ctx, j.writer, j.output, f, text) }
	case text != source && j.options.Mode == InPlace:
		done.replaced = read.Info
		return func() error { return rewriteFile(ctx, j.writer, f, text, read) }
	case text != source && j.options.Mode == Diff:
		done.diff = Unified(f.show, source, text)
	}
	return nil
}

// inject returns the text with the images of the CSV in it, and notes what was found. A text in
// which nothing can be found is not parsed: what else is wrong with it is not our business.
func (j job) inject(f file, source string, done *result) string {
	if !j.engine.Scope.MayFind(f.show, source) {
		return source
	}
	if path.Ext(f.name) == ".json" && hasComments(source) { // as YAML it could mean something else
		done.foreign(f, commentedJSON, "it is JSON with comments, which YAML takes for text", "remove them")
		return source
	}
	context := engine.Context{Registry: catalog.RegistryOf(f.show), KeepsComment: true}
	outcome, err := j.engine.Decide(engine.Input{Context: context, Name: f.show, Text: source})
	if err != nil {
		done.unparsed(f, source, err)
		return source
	}
	done.findings, done.templates, done.usage = outcome.Findings, outcome.Templates, outcome.Usage
	for _, p := range outcome.Problems {
		done.notes = append(done.notes, fmt.Sprintf("%s: %s: %s", quote.Name(f.show), p.Path, p.Message))
	}
	if len(outcome.Changes) == 0 || j.options.Mode == Look {
		return source
	}
	text, err := yamltext.Apply(source, outcome.Changes)
	if err != nil { // the engine has applied them itself
		done.err = fmt.Errorf("%s: %w", quote.Name(f.show), err)
		return source
	}
	return text
}

// wrote says that the file was written, or why not.
func (done *result) wrote(ctx context.Context, f file, err error) {
	if err != nil {
		done.replaced = nil
	}
	if cause := context.Cause(ctx); cause != nil && errors.Is(err, cause) {
		done.begun = false
		return
	}
	if err != nil {
		done.err = errors.Join(done.err, fmt.Errorf("%s: a new file could not be put in its place: %w", quote.Name(f.show), err))
		return
	}
	for i := range done.findings {
		policy.MarkWritten(&done.findings[i])
	}
}

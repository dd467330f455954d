package fn

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"inject-related-images/internal/access"
	"inject-related-images/internal/config"
	"inject-related-images/internal/engine"
	"inject-related-images/internal/files"
	"inject-related-images/internal/policy"
	"inject-related-images/internal/quote"
	"inject-related-images/internal/sidefile"
	"inject-related-images/internal/source"
)

// ResultFile is a file for one of the numbers of a report: pipelines such as Tekton's take the
// results of a step from files.
type ResultFile struct {
	Key  string // one of ResultKeys
	File string // its path
}

// ResultKeys are the keys of the numbers of a report: the statuses, references for all of them, and
// digest and url of an image which Inject writes.
func ResultKeys() []string { return config.ResultKeys() }

// ParseResultFile reads KEY=FILE. An error is an *ExitError with the code ExitUsage.
func ParseResultFile(s string) (ResultFile, error) {
	key, file, ok := strings.Cut(s, "=")
	if !ok || file == "" {
		return ResultFile{}, &ExitError{ExitUsage, fmt.Errorf("%q is not KEY=FILE, stale=/tekton/results/stale", s)}
	}
	if keys := ResultKeys(); !slices.Contains(keys, key) {
		err := fmt.Errorf("%q: there is no KEY %q, only %s", s, key, strings.Join(keys, ", "))
		return ResultFile{}, &ExitError{ExitUsage, err}
	}
	return ResultFile{key, file}, nil
}

// resultFile is a ResultFile that is open.
type resultFile struct {
	ResultFile
	file *sidefile.File
	err  error // why it could not be opened
}

func (r *resultFile) String() string { return "--result-file " + r.Key + "=" + quote.Name(r.File) }

// fails says why the file could not be written.
func (r *resultFile) fails(err error) error {
	return fmt.Errorf("%s: %w", r, access.Write(r.File, err, ""))
}

// openResults opens the result files, and refuses those that the command must not write. outIsData
// says that programs read all of c.Out. One that cannot be opened fails when it is to be written:
// it does not keep the others from being written.
func (c Command) openResults(outIsData bool) ([]resultFile, error) {
	results := make([]resultFile, len(c.Results))
	for i, r := range c.Results {
		file, err := sidefile.Open(r.File)
		results[i] = resultFile{r, file, err}
	}
	if err := c.refuseResults(results, outIsData); err != nil {
		discard(results)
		return nil, &ExitError{ExitUsage, err}
	}
	return results, nil
}

// refuseResults finds result files that are one file, that are a file that was read, or where a
// number would stand in data.
func (c Command) refuseResults(results []resultFile, outIsData bool) error {
	paths := c.inputs()
	if c.isStream() {
		paths = append(paths, Stream)
	}
	for _, path := range c.Paths {
		if a, ok, _ := imageAt(path); ok {
			paths = append(paths, a.Text)
		}
	}
	if c.to != nil {
		paths = append(paths, c.to.Text)
	}
	inputs := source.Files(paths...)
	for i := range results {
		r := &results[i]
		if isOfImage(r.Key) && c.to == nil {
			return fmt.Errorf("%s: only an image that inject writes has a %s: give --to docker://REF", r, r.Key)
		}
		if r.file == nil {
			continue
		}
		for j := range results[:i] {
			if other := &results[j]; other.file != nil && other.file.Is(r.file.Info()) {
				same := ""
				if other.File != r.File {
					same = fmt.Sprintf(" is the same file as %q, and", other.File)
				}
				return fmt.Errorf("--result-file: %q%s is named for two results: give each a FILE of its own",
					r.File, same)
			}
		}
		for _, name := range inputs {
			if info, err := os.Stat(name); err == nil && info.Mode().IsRegular() && r.file.Is(info) {
				return fmt.Errorf("%s: it is %s, which is read or written: give another file", r, quote.Name(name))
			}
		}
		if out, ok := c.Out.(*os.File); ok && outIsData {
			if info, err := out.Stat(); err == nil && r.file.Is(info) {
				return fmt.Errorf("%s: the output goes to that file, and a number would spoil it: give another file", r)
			}
		}
	}
	return nil
}

// openFiles returns the result files that are open, and says what they are for.
func openFiles(results []resultFile) []files.Reserved {
	var open []files.Reserved
	for i := range results {
		if r := &results[i]; r.file != nil {
			open = append(open, files.Reserved{Name: r.String(), Info: r.file.Info()})
		}
	}
	return open
}

// discard leaves the result files as they were.
func discard(results []resultFile) {
	for _, r := range results {
		if r.file != nil {
			_ = r.file.Discard() // what is told is why
		}
	}
}

// isOfImage tells the keys that are of an image that is written.
func isOfImage(key string) bool { return key == config.Digest || key == config.URL }

// writeResults writes the numbers of a report, and the digest of an image, without a line end: a
// pipeline takes all of the file for the number.
func writeResults(results []resultFile, counts *policy.Counts, respun *files.Respun) (errs []error) {
	for i := range results {
		r := &results[i]
		text := strconv.Itoa(counts.Of(engine.Status(r.Key)))
		switch {
		case r.Key == config.AllReferences:
			text = strconv.Itoa(counts.All())
		case r.Key == config.Digest && respun != nil:
			text = respun.Result
		case r.Key == config.URL && respun != nil:
			text = respun.URL
		case isOfImage(r.Key): // and it was not written
			text = ""
		}
		err := r.err
		if err == nil {
			err = r.file.Write(text)
		}
		if err != nil {
			errs = append(errs, r.fails(err))
		}
	}
	return errs
}

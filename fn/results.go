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
	"inject-related-images/internal/policy"
)

// ResultFile is a file for one of the numbers of a report: pipelines such as Tekton's take the
// results of a step from files.
type ResultFile struct {
	Key  string // one of ResultKeys
	File string // its path
}

// ResultKeys are the keys of the numbers of a report: the statuses, and references for all of them.
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

// writeResults writes the numbers of a report, without a line end: a pipeline takes all of the file
// for the number. The files are written in place. Nobody reads them before the program has ended,
// and what is to hold them may be a folder in which nothing new can be put.
func (c Command) writeResults(counts *policy.Counts) (errs []error) {
	for _, result := range c.Results {
		n := counts.Of(engine.Status(result.Key))
		if result.Key == config.AllReferences {
			n = counts.All()
		}
		if err := c.writeResult(result.File, strconv.Itoa(n)); err != nil {
			errs = append(
				errs,
				fmt.Errorf("--result-file %s=%s: %w", result.Key, result.File, access.Write(result.File, err, "")),
			)
		}
	}
	return errs
}

// writeResult writes a number to a file. If that is where the report went, as with /dev/stdout, it
// goes behind the report.
func (c Command) writeResult(file, number string) error {
	if out, ok := c.Out.(*os.File); ok {
		this, err := out.Stat()
		if other, err2 := os.Stat(file); err == nil && err2 == nil && os.SameFile(this, other) {
			_, err := out.WriteString(number)
			return err
		}
	}
	return os.WriteFile(file, []byte(number), 0o644)
}

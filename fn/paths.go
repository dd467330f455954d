package fn

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"inject-related-images/internal/policy"
	"inject-related-images/internal/quote"
	"inject-related-images/internal/source"
	"inject-related-images/internal/stream"
)

// withoutReferences says of each path why no reference was found there, and what to do. files are
// how many of each path were looked at.
func (c Command) withoutReferences(files []int) error {
	var errs []error
	for i, path := range c.Paths {
		if path == Stream {
			return errors.New(emptyStream)
		}
		errs = append(errs, fmt.Errorf("%s: %s", quote.Name(path), whyEmpty(path, files[i])))
	}
	return errors.Join(errs...)
}

const emptyStream = stream.Name + ": no image reference was found in it"

// passedOver says in a line what was not looked at; "" if that is nothing.
func passedOver(counts []string) string {
	if len(counts) == 0 {
		return ""
	}
	return "passed over: " + strings.Join(counts, ", ")
}

func whyEmpty(path string, files int) string {
	const advice, mostOfBundle = ": name the files or folders of a registry", 100
	_, isImage, _ := imageAt(path)
	if files <= mostOfBundle && !isImage {
		if _, err := (source.Opener{}).CSVs(path); err == nil {
			return "found the CSV itself, which holds no references" + advice
		}
	}
	if files == 0 {
		return noFiles + advice
	}
	return "no image reference was found in " + policy.Plural(files, "file") + advice +
		", or with --fields places of your own"
}

const noFiles = "no file there ends with .yaml, .yml, .json or .env, or is an external_images.txt"

// emptyFolders returns a warning of each folder in which there was nothing to look at.
func (c Command) emptyFolders(files []int) []string {
	var warnings []string
	for i, path := range c.Paths {
		_, isImage, _ := imageAt(path)
		if info, err := os.Stat(path); files[i] == 0 && (isImage || err == nil && info.IsDir()) {
			warnings = append(warnings, quote.Name(path)+": "+noFiles)
		}
	}
	return warnings
}

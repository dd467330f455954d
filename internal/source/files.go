package source

import (
	"os"

	"inject-related-images/internal/image"
)

// Files returns the files that are opened for paths: those in folders, those that images are in, or
// the paths themselves, and the device of stdin for Stdin. What cannot be opened is left out:
// whoever opens it says why.
func Files(paths ...string) []string {
	var files []string
	for _, path := range paths {
		if a, ok, _ := image.ParseAddress(path); ok {
			path = a.File()
		} else if path == Stdin {
			path = "/dev/stdin"
		}
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			names, _ := list(path)
			files = append(files, names...)
		} else if err == nil {
			files = append(files, path)
		}
	}
	return files
}

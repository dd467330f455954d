package source

import "os"

// Inputs returns the files at paths that say what images there are: those that are named, and in
// folders those that hold a CSV or are of a catalog. What cannot be opened is none of them: whoever
// reads it says why.
func (o Opener) Inputs(paths ...string) []string {
	var inputs []string
	for _, path := range paths {
		if info, err := os.Stat(path); err != nil || !info.IsDir() {
			inputs = append(inputs, path)
			continue
		}
		names, _ := list(path)
		for _, name := range names {
			if c, err := o.file(name, false); err == nil && len(c.documents)+len(c.blobs) > 0 {
				inputs = append(inputs, name)
			}
		}
	}
	return inputs
}

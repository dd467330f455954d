package files

import (
	"path"
	"slices"
	"strings"

	"inject-related-images/internal/replace"
)

// place is a folder below a root.
type place struct {
	root *root
	dir  string
}

// sweep removes what processes that were killed have left where this one is going to write.
func sweep(files *list, mode Mode, output *root) (errs []error) {
	places := map[place]bool{}
	switch mode {
	case InPlace:
		places = files.stages
	case Copy:
		for _, f := range files.files {
			places[place{output, path.Dir(f.name)}] = true
		}
	}
	for p := range places {
		errs = append(errs, p.sweep()...)
	}
	slices.SortFunc(errs, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errs
}

// sweep does so in one folder. One that cannot be opened is told when a file in it is to be written.
func (p place) sweep() (errs []error) {
	folder, err := p.root.OpenRoot(p.dir)
	if err != nil {
		return nil
	}
	defer folder.Close()
	stages, _ := replace.Stages(folder)
	for _, name := range stages {
		if err := replace.Sweep(folder, name); err != nil {
			errs = append(errs, err)
		}
	}
	return errs
}

package files

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"path"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"inject-related-images/internal/engine"
	"inject-related-images/internal/image"
	"inject-related-images/internal/skip"
)

// RunImages decides the references in the files of images: of those files that would be read of a
// folder. With Options.Root it looks only below that, and a file that does not parse is an
// error; else it is told of, since an image holds more than a registry. Each platform of an image
// is looked at, and what is the same in several is reported once.
func RunImages(e engine.Engine, client *image.Client, addresses []image.Address, o Options) Report {
	report := Report{}
	skipper := o.Skip.Skipper()
	for _, a := range addresses {
		r := imageRun{
			job: job{engine: e, options: o}, address: a, root: clean(o.Root), skip: &skipper, report: &report,
			first: map[string]digest{}, hidden: map[string]bool{}, skipped: map[string]bool{},
		}
		files, err := r.run(client)
		if err != nil {
			report.Errs = append(report.Errs, err)
			files = -1
		}
		report.Files = append(report.Files, files)
	}
	report.Unmatched = skipper.Unmatched()
	return report
}

type digest = [sha256.Size]byte

// imageRun goes through the files of an image.
type imageRun struct {
	job
	address image.Address
	root    string // the folder to look in, without slashes around it; "" is all of the image
	skip    *skip.Skipper
	report  *Report
	first   map[string]digest // of the files that were looked at, by their names
	texts   int               // how many there are
	links   int
	passed  passed

	hidden, skipped map[string]bool // folders with a dot; files and folders by --skip, which end with /
}

// run returns how many files may hold references.
func (r *imageRun) run(client *image.Client) (int, error) {
	images, err := client.Open(r.address)
	if err != nil {
		return 0, err
	}
	for i, opened := range images {
		platform := ""
		if i > 0 {
			platform = opened.Platform
		}
		if err := r.platform(opened, platform); err != nil {
			return 0, fmt.Errorf("%s: %w", r.address.Text, err)
		}
	}
	if r.links > 0 {
		r.note("symbolic links that were not followed: %d", r.links)
	}
	r.passed.hidden = slices.Sorted(maps.Keys(r.hidden))
	for name := range r.skipped {
		if strings.HasSuffix(name, "/") {
			r.passed.skippedFolders++
		} else {
			r.passed.skippedFiles++
		}
	}
	r.report.Passed = append(r.report.Passed, r.passed.counts()...)
	return r.texts, nil
}

func (r *imageRun) note(format string, args ...any) {
	r.report.Notes = append(r.report.Notes, r.address.Text+": "+fmt.Sprintf(format, args...))
}

// platform looks at the files of an image for a platform, where there are several. Those that are
// the same in an earlier one are passed over.
func (r *imageRun) platform(opened image.Image, platform string) error {
	root := r.root
	done, links, err := r.read(opened)
	if err != nil {
		return err
	}
	if r.root, err = resolveLinks(links, root); err != nil {
		return err
	}
	if r.root != root { // the folder is behind a symbolic link, as is known only now
		if done, links, err = r.read(opened); err != nil {
			return err
		}
	}
	for name := range links {
		if _, ok := r.below(name); ok {
			r.links++
		}
	}
	for _, d := range done {
		r.add(d, platform)
	}
	return nil
}

// fileResult is what was found in a file.
type fileResult struct {
	result
	name   string
	digest digest
	isSame bool // as in an earlier platform
}

// read reads the files of an image and decides their references, beside the reading.
func (r *imageRun) read(opened image.Image) ([]*fileResult, map[string]string, error) {
	byName := map[string]*fileResult{}
	var deciding errgroup.Group
	deciding.SetLimit(runtime.GOMAXPROCS(0))
	found, err := opened.Read(image.Files{
		Wants: r.wants,
		Read: func(name, text string) {
			done := &fileResult{name: name, digest: sha256.Sum256([]byte(text))}
			byName[name] = done
			if done.isSame = r.first[name] == done.digest; done.isSame {
				return
			}
			deciding.Go(func() error {
				f := file{show: r.address.Show(name), name: name, text: true}
				if changed := r.inject(f, text, &done.result); changed != text && r.options.Mode == Diff {
					done.diff = Unified(f.show, text, changed)
				}
				return nil
			})
		},
		Large: func(name string, size int64) {
			done := &fileResult{name: name}
			done.err = fmt.Errorf("%s: it has %d MiB, and files of more than %d are not read",
				r.address.Show(name), size>>20, image.MaxText>>20)
			byName[name] = done
		},
	})
	if err := errors.Join(err, deciding.Wait()); err != nil {
		return nil, nil, err
	}
	done := make([]*fileResult, len(found.Names))
	for i, name := range found.Names {
		done[i] = byName[name]
	}
	return done, found.Links, nil
}

// add adds what was found in a file to the report.
func (r *imageRun) add(d *fileResult, platform string) {
	if d.isSame {
		return
	}
	if _, ok := r.first[d.name]; !ok {
		r.first[d.name] = d.digest
		r.texts++
	}
	if platform != "" {
		for i := range d.findings {
			f := &d.findings[i]
			f.Message = strings.TrimPrefix(f.Message+"; in the image for "+platform, "; ")
		}
	}
	if d.err != nil && r.root == "" {
		d.notes = append(d.notes, fmt.Sprintf("%v: it is passed over", d.err))
		d.err = nil
	}
	r.passed.dialects[d.dialect]++
	r.report.add(d.result)
}

// wants tells whether a file is to be looked at: as in a folder not if it is in a hidden folder, or
// if the user passes it over.
func (r *imageRun) wants(name string) bool {
	name, ok := r.below(name)
	if !ok || !holdsText(name) {
		return false
	}
	for i := range len(name) {
		if name[i] != '/' {
			continue
		}
		folder := name[:i]
		switch {
		case r.skip.Skips(folder, true):
			r.skipped[folder+"/"] = true
			return false
		case strings.HasPrefix(path.Base(folder), "."):
			r.hidden[folder] = true
			return false
		}
	}
	if r.skip.Skips(name, false) {
		r.skipped[name] = true
		return false
	}
	return true
}

// below returns a name from the root.
func (r *imageRun) below(name string) (string, bool) {
	if r.root == "" {
		return name, true
	}
	return strings.CutPrefix(name, r.root+"/")
}

// resolveLinks returns what a name in an image is without the symbolic links that it leads through.
func resolveLinks(links map[string]string, name string) (string, error) {
	const most = 40 // as Linux has it
	for range most {
		link := name
		for link != "." && link != "" && links[link] == "" {
			link = path.Dir(link)
		}
		target := links[link]
		if target == "" {
			return name, nil
		}
		if !path.IsAbs(target) {
			target = path.Join(path.Dir(link), target)
		}
		if target == ".." || strings.HasPrefix(target, "../") {
			return "", fmt.Errorf("the symbolic link %s leads out of the image", link)
		}
		name = clean(path.Join(target, strings.TrimPrefix(name, link)))
	}
	return "", fmt.Errorf("the symbolic link %s leads in a circle", name)
}

// clean returns a name in an image without slashes around it.
func clean(name string) string { return strings.Trim(path.Clean("/"+name), "/") }

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
	"inject-related-images/internal/policy"
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
		r := newImageRun(e, a, o, &skipper, &report)
		if err := r.look(client); err != nil {
			report.Errs = append(report.Errs, err)
			r.texts = -1
		}
		report.Files = append(report.Files, r.texts)
	}
	report.Unmatched = skipper.Unmatched()
	return report
}

// Respun is what has become of an image that was written with the images of the CSV in it.
type Respun struct {
	Source, Result string // digests
	URL            string // where it was written to: as a reference in a registry, else the address
}

// RespinImage decides the references in the files of the image at an address as RunImages does, and
// writes the image to another address, with one layer more that has the files which change. Nothing
// is written if a file cannot be read or does not parse where that is an error, or if there is no
// reference. The error says why nothing was done; it is an *image.DestinationError if that is the
// other address.
func RespinImage(e engine.Engine, client *image.Client, from, to image.Address, o Options) (Report, error) {
	report := Report{}
	skipper := o.Skip.Skipper()
	o.Mode = InPlace
	r := newImageRun(e, from, o, &skipper, &report)
	source, err := client.Tree(from)
	if err == nil {
		err = client.CheckDestination(source, to, o.Inputs)
	}
	if err != nil {
		return Report{}, err
	}
	result, attestations, err := source.Respin(r.edit)
	if err != nil {
		return Report{}, err
	}
	r.finish()
	report.Files, report.Unmatched = []int{r.texts}, skipper.Unmatched()
	if attestations > 0 {
		r.note("attestations left out, since they are of the source's digest: %d", attestations)
	}
	if len(report.Errs) > 0 || len(report.Findings) == 0 {
		return report, nil
	}
	respun := Respun{URL: strings.TrimPrefix(to.Text, "docker://")}
	if respun.Source, err = source.Digest(); err == nil {
		respun.Result, err = client.Write(result, to)
	}
	if err != nil {
		report.Errs = append(report.Errs, err)
		return report, nil
	}
	report.Respun = &respun
	for _, findings := range report.Findings {
		for i := range findings {
			policy.MarkWritten(&findings[i])
		}
	}
	return report, nil
}

type digest = [sha256.Size]byte

// imageRun goes through the files of an image.
type imageRun struct {
	job
	address image.Address
	root    string // the folder to look in, without slashes around it; "" is all of the image
	skip    *skip.Skipper
	report  *Report
	images  int               // how many were looked at, each for a platform
	first   map[string]digest // of the files that were looked at, by their names
	changed map[string]string // what they are to become
	texts   int               // how many there are
	isRoot  bool              // there are files below the root
	links   int
	passed  passed

	hidden, skipped map[string]bool // folders with a dot; files and folders by --skip, which end with /
}

func newImageRun(e engine.Engine, a image.Address, o Options, s *skip.Skipper, report *Report) *imageRun {
	return &imageRun{
		job: job{engine: e, options: o}, address: a, root: image.CleanName(o.Root), skip: s, report: report,
		first: map[string]digest{}, changed: map[string]string{}, hidden: map[string]bool{}, skipped: map[string]bool{},
	}
}

// look looks at the image, for all its platforms.
func (r *imageRun) look(client *image.Client) error {
	images, err := client.Open(r.address)
	if err != nil {
		return err
	}
	for _, opened := range images {
		if _, err := r.edit(opened); err != nil {
			return fmt.Errorf("%s: %w", r.address.Text, err)
		}
	}
	r.finish()
	return nil
}

// finish reports what was not looked at.
func (r *imageRun) finish() {
	if !r.isRoot && r.root != "" {
		r.note("it has no file below /%s: check --root", r.root)
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
}

func (r *imageRun) note(format string, args ...any) {
	r.report.Notes = append(r.report.Notes, r.address.Text+": "+fmt.Sprintf(format, args...))
}

// edit looks at the files of an image for one platform, and returns what changes in them. What is
// the same for an earlier platform is reported once. It is an image.Edit.
func (r *imageRun) edit(opened image.Image) (image.Changes, error) {
	root := r.root
	done, found, err := r.read(opened)
	if err != nil {
		return image.Changes{}, err
	}
	if r.root, err = image.ResolveLinks(found.Links, root); err != nil {
		return image.Changes{}, err
	}
	if r.root != root { // the folder is behind a symbolic link, as is known only now
		if done, found, err = r.read(opened); err != nil {
			return image.Changes{}, err
		}
	}
	for name := range found.Links {
		if _, ok := r.below(name); ok {
			r.links++
		}
	}
	if err := r.askBelow(opened, done); err != nil {
		return image.Changes{}, err
	}
	platform := ""
	if r.images++; r.images > 1 {
		platform = opened.Platform
	}
	changes := image.Changes{Found: found, Texts: map[string]string{}}
	for _, d := range done {
		if text, ok := r.add(d, platform); ok {
			changes.Texts[d.name] = text
		}
	}
	return changes, nil
}

// fileResult is what was found in a file.
type fileResult struct {
	result
	name    string
	digest  digest
	isSame  bool    // as in an earlier platform
	text    *string // what it is to become, or nil
	current string  // what it is, for askBelow
}

// decide decides the references in a text of a file, and notes what the file is to become. current is
// what it is now: the same text, but for askBelow.
func (r *imageRun) decide(d *fileResult, text, current string) {
	f := file{show: r.address.Show(d.name), name: d.name, text: true}
	changed := r.inject(f, text, &d.result)
	switch {
	case changed == current:
	case r.options.Mode == Diff:
		d.diff = Unified(f.show, current, changed)
	default:
		d.text = &changed
	}
	if r.options.Mode != Look && len(r.engine.Previous) == 0 && slices.ContainsFunc(d.findings, isUndecided) {
		d.current = current
	}
}

// isUndecided tells whether the CSV says nothing of a reference that can be done.
func isUndecided(f engine.Finding) bool {
	return f.Status != engine.Stale && f.Status != engine.Current
}

// read reads the files of an image and decides their references, beside the reading.
func (r *imageRun) read(opened image.Image) ([]*fileResult, image.Found, error) {
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
				r.decide(done, text, text)
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
		return nil, image.Found{}, err
	}
	done := make([]*fileResult, len(found.Names))
	for i, name := range found.Names {
		done[i] = byName[name]
	}
	return done, found, nil
}

// askBelow decides files again by what they were before this program added its layer, if something
// in them is undecided: there the references still have their tags. Where earlier CSVs are given, they
// say what the references were, as in a folder.
func (r *imageRun) askBelow(opened image.Image, done []*fileResult) error {
	open := map[string]*fileResult{}
	for _, d := range done {
		if d.current != "" {
			open[d.name] = d
		}
	}
	if len(open) == 0 {
		return nil
	}
	below, ok, err := opened.Below()
	if err != nil || !ok {
		return err
	}
	texts := map[string]string{}
	found, err := below.Read(image.Files{
		Wants: func(name string) bool { return open[name] != nil },
		Read:  func(name, text string) { texts[name] = text },
		Large: func(string, int64) {},
	})
	if err != nil {
		return err
	}
	for _, name := range found.Names {
		d, before := open[name], &fileResult{name: name, digest: open[name].digest}
		if r.decide(before, texts[name], d.current); decidesMore(before.findings, d.findings) {
			*d = *before
		}
	}
	return nil
}

// decidesMore tells whether findings decide more references than others of the same file do, and
// leave none of these as another text.
func decidesMore(findings, others []engine.Finding) bool {
	if len(findings) != len(others) {
		return false
	}
	more := false
	for i := range findings {
		f, other := &findings[i], &others[i]
		if f.Path != other.Path || isUndecided(*f) && (!isUndecided(*other) || f.Image != other.Image) {
			return false
		}
		more = more || !isUndecided(*f) && isUndecided(*other)
	}
	return more
}

// add adds what was found in a file to the report. It returns what the file is to become, if that is
// something else.
func (r *imageRun) add(d *fileResult, platform string) (text string, isChanged bool) {
	if d.isSame {
		text, isChanged = r.changed[d.name]
		return text, isChanged
	}
	if d.text != nil {
		text, isChanged = *d.text, true
	}
	if _, ok := r.first[d.name]; !ok {
		r.first[d.name] = d.digest
		r.texts++
		if isChanged {
			r.changed[d.name] = text
		}
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
	return text, isChanged
}

// wants tells whether a file is to be looked at: as in a folder not if it is in a hidden folder, or
// if the user passes it over.
func (r *imageRun) wants(name string) bool {
	name, ok := r.below(name)
	r.isRoot = r.isRoot || ok
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

package image

import (
	"archive/tar"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// Files says what to read of the final file system of an image. Names have slashes and no slash at
// the beginning: var/www/html/v3/index.json.
type Files struct {
	Wants func(name string) bool // by its name alone
	// Read gets the text of each file that is wanted, in any order: maybe twice, and maybe of one that
	// is not there at the end.
	Read  func(name, text string)
	Large func(name string, size int64) // is told of a file that is too large to be read
}

// MaxText bounds a file that is read, and maxEntries all that is in the layers of an image: no
// registry comes near them.
const (
	MaxText    = 64 << 20
	maxEntries = 500_000
)

// Found is what was found in the final file system of an image.
type Found struct {
	Names []string          // of the files that were read, as a walk through folders meets them
	Links map[string]string // the symbolic links that can be seen, and their targets

	files   map[string]foundFile   // that were read
	folders map[string]*tar.Header // of the topmost entry of each folder that has one; "." is the root
}

// foundFile is a file that was read.
type foundFile struct {
	header *tar.Header
	names  []string // that can be seen, sorted, if hard links give it several
}

// covering says what an entry of a layer hides in the layers below it.
type covering uint8

const (
	isFolder covering = 1 << iota // what is there and is no folder
	whole                         // what is there, and all below it
	below                         // all below it, but not the folder itself
)

// reading is the reading of one image: its layers, the uppermost first.
type reading struct {
	Files
	covered map[string]covering // by the layers above
	entries int
	found   Found
}

// Read reads the files of an image as a container sees them. Nothing is unpacked: each layer is
// read once, as a stream, and once more only if a hard link that is wanted stands behind its
// target. Every layer is read to its end, since its digest shows only there that it is complete.
//
// Whiteouts and opaque folders hide what is in lower layers, wherever they stand in their own. Of
// several entries of one name the last counts. Hard links are resolved in their layer; symbolic
// links are not followed, and returned.
func (i Image) Read(files Files) (Found, error) {
	layers, err := i.Layers()
	if err != nil {
		return Found{}, err
	}
	r := reading{Files: files, covered: map[string]covering{}, found: Found{
		Links: map[string]string{}, files: map[string]foundFile{}, folders: map[string]*tar.Header{},
	}}
	for n, layer := range slices.Backward(layers) {
		if err := r.layer(i.ctx, layer); err != nil {
			return Found{}, fmt.Errorf("layer %d of %d: %w", n+1, len(layers), err)
		}
	}
	slices.SortFunc(r.found.Names, byFolder)
	return r.found, nil
}

// byFolder compares names as a walk through folders meets them.
func byFolder(a, b string) int {
	for i := range min(len(a), len(b)) {
		switch {
		case a[i] == b[i]:
		case a[i] == '/':
			return -1
		case b[i] == '/':
			return 1
		default:
			return cmp.Compare(a[i], b[i])
		}
	}
	return cmp.Compare(len(a), len(b))
}

// layerEntries are the entries of one layer: of several with one name the last.
type layerEntries struct {
	kinds     map[string]byte   // by tar's type
	inodes    map[string]int    // of files, and of hard links behind their targets: the number of the file's entry
	hardLinks map[string]string // to their targets
	symLinks  map[string]string
	folders   map[string]*tar.Header
	hidden    map[string]covering    // by whiteouts and opaque folders
	read      map[string]*tar.Header // of files whose text was given to Read
}

func (r *reading) layer(ctx context.Context, layer v1.Layer) error {
	l := layerEntries{
		kinds: map[string]byte{}, inodes: map[string]int{}, hardLinks: map[string]string{},
		symLinks: map[string]string{}, folders: map[string]*tar.Header{},
		hidden: map[string]covering{}, read: map[string]*tar.Header{},
	}
	err := eachEntry(ctx, layer, func(name string, header *tar.Header, content io.Reader) error {
		if r.entries++; r.entries > maxEntries {
			return fmt.Errorf("the image has more than %d entries in its layers, which is the limit", maxEntries)
		}
		if isWhiteout, err := l.whiteout(name); isWhiteout || err != nil {
			return err
		}
		if name == "." && header.Typeflag != tar.TypeDir {
			return nil
		}
		l.forget(name)
		l.kinds[name] = header.Typeflag
		switch header.Typeflag {
		case tar.TypeDir:
			l.folders[name] = header
		case tar.TypeLink:
			target, err := cleanName(header.Linkname)
			if err != nil {
				return fmt.Errorf("the hard link %s: its target %w", name, err)
			}
			l.hardLinks[name] = target
			if inode, ok := l.inodes[target]; ok {
				l.inodes[name] = inode
			}
		case tar.TypeSymlink:
			l.symLinks[name] = header.Linkname
		case tar.TypeReg:
			l.inodes[name] = r.entries
			if r.wants(name) {
				if !l.isThere(name) {
					return fmt.Errorf("the entry %s is below a file that is no folder", name)
				}
				l.read[name] = header
				return r.read(name, header.Size, content)
			}
		}
		return nil
	})
	if err == nil {
		err = r.readHardLinks(ctx, layer, &l)
	}
	if err != nil {
		return err
	}
	r.add(&l)
	r.cover(&l)
	return nil
}

// add notes what of a layer is in the final file system.
func (r *reading) add(l *layerEntries) {
	names := r.namesOfInodes(l)
	for name, header := range l.read {
		if l.isThere(name) {
			r.found.Names = append(r.found.Names, name)
			r.found.files[name] = foundFile{header, names[l.inodes[name]]}
		}
	}
	for name, target := range l.symLinks {
		if l.isThere(name) && !r.isHidden(name) {
			r.found.Links[name] = target
		}
	}
	for name, header := range l.folders {
		if r.found.folders[name] == nil && l.isThere(name) && r.covered[name]&whole == 0 && !r.isBelowHidden(name) {
			r.found.folders[name] = header
		}
	}
}

// namesOfInodes returns the names that can be seen of the files with hard links.
func (r *reading) namesOfInodes(l *layerEntries) map[int][]string {
	names := map[int][]string{}
	if len(l.hardLinks) == 0 {
		return nil
	}
	for link := range l.hardLinks {
		if _, ok := l.inodes[link]; ok {
			continue
		}
		target := link // it stands before its target
		for range len(l.hardLinks) {
			target = l.hardLinks[target]
			if inode, ok := l.inodes[target]; ok {
				l.inodes[link] = inode
				break
			}
		}
	}
	for name, inode := range l.inodes {
		if l.isThere(name) && !r.isHidden(name) {
			names[inode] = append(names[inode], name)
		}
	}
	for _, all := range names {
		slices.SortFunc(all, byFolder)
	}
	return names
}

// forget takes away what an earlier entry has noted of a name.
func (l *layerEntries) forget(name string) {
	delete(l.inodes, name)
	delete(l.hardLinks, name)
	delete(l.symLinks, name)
	delete(l.folders, name)
	delete(l.read, name)
}

// wants tells whether a file of this name is to be read, unless a layer above hides it.
func (r *reading) wants(name string) bool { return r.Wants(name) && !r.isHidden(name) }

// isHidden tells whether a layer above hides what is no folder.
func (r *reading) isHidden(name string) bool {
	return r.covered[name]&(whole|isFolder) != 0 || r.isBelowHidden(name)
}

// isBelowHidden tells whether a layer above hides all that is in one of the folders above a name.
func (r *reading) isBelowHidden(name string) bool {
	for folder := path.Dir(name); folder != "."; folder = path.Dir(folder) {
		if r.covered[folder]&(whole|below) != 0 {
			return true
		}
	}
	return name != "." && r.covered["."]&below != 0
}

func (r *reading) read(name string, size int64, content io.Reader) error {
	if size > MaxText {
		r.Large(name, size)
		return nil
	}
	text, err := io.ReadAll(content)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	r.Read(name, string(text))
	return nil
}

// The names of whiteouts (OCI image specification, layer.md).
const (
	whiteoutPrefix = ".wh."
	opaqueName     = ".wh..wh..opq"
	aufsPrefix     = ".wh..wh." // what aufs has for itself
)

// whiteout notes what an entry hides if it is a whiteout.
func (l *layerEntries) whiteout(name string) (bool, error) {
	folder, base := path.Split(name)
	hidden, ok := strings.CutPrefix(base, whiteoutPrefix)
	switch {
	case !ok:
		return false, nil
	case base == opaqueName:
		l.hidden[path.Clean(folder)] |= below
	case strings.HasPrefix(base, aufsPrefix):
	case hidden == "" || hidden == "." || hidden == "..":
		return true, fmt.Errorf("the whiteout %s names nothing that it could hide", name)
	default:
		l.hidden[folder+hidden] |= whole
	}
	return true, nil
}

// isThere tells whether an entry is still there at the end of its layer: no later entry has put a
// file in the place of one of its folders.
func (l *layerEntries) isThere(name string) bool {
	for folder := path.Dir(name); folder != "."; folder = path.Dir(folder) {
		if kind, ok := l.kinds[folder]; ok && kind != tar.TypeDir {
			return false
		}
	}
	return true
}

// readHardLinks reads the layer again where files that are wanted are hard links: of each file that
// they lead to, what it is where the link stands.
func (r *reading) readHardLinks(ctx context.Context, layer v1.Layer, l *layerEntries) error {
	needed := map[string]bool{} // the names that wanted links lead through
	var wanted []string
	for _, name := range slices.Sorted(maps.Keys(l.hardLinks)) {
		if r.wants(name) {
			wanted = append(wanted, name)
			if err := l.follow(name, needed); err != nil {
				return err
			}
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	texts, headers := map[string][]byte{}, map[string]*tar.Header{}
	err := eachEntry(ctx, layer, func(name string, header *tar.Header, content io.Reader) error {
		switch {
		case !needed[name]:
		case header.Typeflag == tar.TypeLink:
			target, _ := cleanName(header.Linkname) // it was right before
			texts[name], headers[name] = texts[target], headers[target]
		case header.Size > MaxText:
			r.Large(name, header.Size)
		case header.Typeflag == tar.TypeReg:
			var err error
			texts[name], err = io.ReadAll(content)
			headers[name] = header
			return err
		}
		return nil
	})
	for _, name := range wanted {
		file := name
		for texts[file] == nil && l.hardLinks[file] != "" { // it stands before its target
			file = l.hardLinks[file]
		}
		if text := texts[file]; text != nil {
			l.read[name] = headers[file]
			r.Read(name, string(text))
		}
	}
	return err
}

// follow notes the names that a hard link leads through, to a file.
func (l *layerEntries) follow(link string, through map[string]bool) error {
	name := link
	for range len(l.hardLinks) {
		through[name] = true
		name = l.hardLinks[name]
		switch kind, ok := l.kinds[name]; {
		case !ok:
			return fmt.Errorf("the hard link %s: its target %s is not in its layer", link, name)
		case kind == tar.TypeReg:
			through[name] = true
			return nil
		case kind == tar.TypeSymlink: // the link is another name of it
			l.symLinks[link] = l.symLinks[name]
			return nil
		case kind != tar.TypeLink:
			return fmt.Errorf("the hard link %s: its target %s is no file", link, name)
		}
	}
	return fmt.Errorf("the hard link %s leads in a circle", link)
}

// cover notes what a layer hides in those below it.
func (r *reading) cover(l *layerEntries) {
	for name, hidden := range l.hidden {
		r.covered[name] |= hidden
		r.coverFolders(name)
	}
	for name, kind := range l.kinds {
		if kind == tar.TypeDir {
			r.covered[name] |= isFolder
		} else {
			r.covered[name] |= whole
		}
		r.coverFolders(name)
	}
}

// coverFolders notes that all above an entry are folders.
func (r *reading) coverFolders(name string) {
	for folder := path.Dir(name); folder != "." && r.covered[folder]&isFolder == 0; folder = path.Dir(folder) {
		r.covered[folder] |= isFolder
	}
}

// eachEntry visits the entries of a layer, and reads it to its end. The root folder is ".".
func eachEntry(ctx context.Context, layer v1.Layer, visit func(name string, header *tar.Header, content io.Reader) error) error {
	content, err := open(ctx, layer)
	if err != nil {
		return err
	}
	defer content.Close()
	entries := tar.NewReader(content)
	for {
		header, err := entries.Next()
		if errors.Is(err, io.EOF) {
			if _, err := io.Copy(io.Discard, content); err != nil {
				return content.explain(err)
			}
			return nil
		} else if err != nil {
			return content.explain(err)
		}
		if header.Typeflag == tar.TypeXGlobalHeader {
			continue
		}
		name, err := cleanName(header.Name)
		if err != nil {
			return fmt.Errorf("the entry %w", err)
		}
		header.Typeflag = kindOf(header)
		file := &recorded{Reader: entries}
		if err := visit(name, header, file); file.err != nil {
			return content.explain(file.err)
		} else if err != nil {
			return err
		}
	}
}

// kindOf returns the type of an entry: of all that are files tar.TypeReg. The oldest tars know
// folders by the slash at their end.
func kindOf(header *tar.Header) byte {
	switch header.Typeflag {
	case tar.TypeReg, tar.TypeGNUSparse, tar.TypeCont:
		if strings.HasSuffix(header.Name, "/") {
			return tar.TypeDir
		}
		return tar.TypeReg
	}
	return header.Typeflag
}

// cleanName returns a name of a tar as path.Clean does, without a slash at its beginning. The error
// says that it climbs out of the image.
func cleanName(name string) (string, error) {
	clean := path.Clean(strings.TrimLeft(name, "/"))
	if clean == ".." || strings.HasPrefix(clean, "../") {
		return "", fmt.Errorf("%q leads out of the image", name)
	}
	return clean, nil
}

package image

import (
	"archive/tar"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// layoutText is in the file that tells a layout from other folders.
const layoutText = `{"imageLayoutVersion":"1.0.0"}`

// writeFolder writes a tree into an OCI image layout, beside what is in it under other tags. The list
// comes last: a run that ends early leaves a layout that the next one completes.
func (c *Client) writeFolder(t *Tree, to Address) error {
	text, err := listWith(t, to)
	if err != nil {
		return err
	}
	blobs, err := blobsOf(t.root)
	if err != nil {
		return err
	}
	l := layoutFolder{path: to.place}
	err = l.write(layoutFile, blobOf(v1.Hash{}, []byte(layoutText)), c.context().Err)
	for _, b := range blobs {
		if err == nil {
			err = l.write(filepath.Join("blobs", b.digest.Algorithm, b.digest.Hex), b, c.context().Err)
		}
	}
	if err == nil {
		err = replaceFile(filepath.Join(to.place, indexFile), func(w io.Writer) error { _, err := w.Write(text); return err })
	}
	if err != nil {
		l.remove()
	}
	return err
}

// layoutFolder is a folder in which a layout is made.
type layoutFolder struct {
	path string
	made []string // its files and folders that were not there before, in their order
}

// write writes a file of the layout, unless it is there in its size.
func (l *layoutFolder) write(name string, b blob, stopped func() error) error {
	file := filepath.Join(l.path, name)
	if info, err := os.Stat(file); err == nil && info.Size() == b.size {
		return nil
	}
	if err := l.makeFolder(filepath.Dir(file)); err != nil {
		return err
	}
	if err := replaceFile(file, func(w io.Writer) error { return b.copyTo(stoppable{w, stopped}) }); err != nil {
		return err
	}
	l.made = append(l.made, file)
	return nil
}

func (l *layoutFolder) makeFolder(folder string) error {
	if _, err := os.Stat(folder); err == nil {
		return nil
	}
	if err := l.makeFolder(filepath.Dir(folder)); err != nil {
		return err
	}
	if err := os.Mkdir(folder, 0o777); err != nil {
		return err
	}
	l.made = append(l.made, folder)
	return nil
}

// remove removes what was made. A folder into which others wrote meanwhile stays.
func (l *layoutFolder) remove() {
	for _, path := range slices.Backward(l.made) {
		_ = os.Remove(path)
	}
}

// listWith returns the list of what a layout holds with a tree in it.
func listWith(t *Tree, to Address) ([]byte, error) {
	listed, err := readIndexFile(to)
	if err != nil {
		return nil, err
	}
	return withEntry(listed, t.root, to.tag)
}

// readIndexFile returns the list of what a layout holds, or nothing where there is none yet.
func readIndexFile(to Address) ([]byte, error) {
	entries, err := os.ReadDir(to.place)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0 {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(to.place, layoutFile)); err != nil {
		return nil, fmt.Errorf("the folder holds something, and is no OCI image layout: it has no file %s", layoutFile)
	}
	text, err := os.ReadFile(filepath.Join(to.place, indexFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return text, err
}

// withEntry returns the list of what a layout holds with a manifest under a tag.
func withEntry(listed []byte, m manifest, tag string) ([]byte, error) {
	if listed == nil {
		listed = []byte(`{"schemaVersion":2,"mediaType":"` + types.OCIImageIndex + `"}`)
	}
	list, err := parseObject(listed)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", indexFile, err)
	}
	var entries, others []json.RawMessage
	if err := list.get("manifests", &entries); err != nil {
		return nil, fmt.Errorf("%s: %w", indexFile, err)
	}
	for _, text := range entries {
		var d v1.Descriptor
		if err := json.Unmarshal(text, &d); err != nil {
			return nil, fmt.Errorf("%s: %w", indexFile, err)
		}
		if d.Annotations[refName] == tag {
			continue
		}
		if tag == "" || d.Annotations[refName] == "" {
			return nil, errors.New("it holds other images: give each a tag, by :TAG behind the folder")
		}
		others = append(others, text)
	}
	entry, err := entryOf(m, tag)
	if err != nil {
		return nil, err
	}
	if err := list.set("manifests", append(others, entry)); err != nil {
		return nil, err
	}
	return list.text()
}

// entryOf returns the entry of a manifest in the list of a layout.
func entryOf(m manifest, tag string) (json.RawMessage, error) {
	mediaType, err := m.MediaType()
	if err != nil {
		return nil, err
	}
	digest, err := m.Digest()
	if err != nil {
		return nil, err
	}
	size, err := m.Size()
	if err != nil {
		return nil, err
	}
	d := v1.Descriptor{MediaType: mediaType, Digest: digest, Size: size}
	if tag != "" {
		d.Annotations = map[string]string{refName: tag}
	}
	return marshal(d)
}

// writeArchive writes a tree as the tarball of an OCI image layout. The same tree has the same bytes.
func (c *Client) writeArchive(w io.Writer, t *Tree, tag string) error {
	text, err := withEntry(nil, t.root, tag)
	if err != nil {
		return err
	}
	blobs, err := blobsOf(t.root)
	if err != nil {
		return err
	}
	archive := tar.NewWriter(stoppable{w, c.context().Err})
	seen := map[v1.Hash]bool{}
	for _, b := range blobs {
		if seen[b.digest] {
			continue
		}
		seen[b.digest] = true
		header := &tar.Header{Name: "blobs/" + b.digest.Algorithm + "/" + b.digest.Hex, Mode: 0o644, Size: b.size}
		if err := archive.WriteHeader(header); err != nil {
			return err
		}
		if err := b.copyTo(archive); err != nil {
			return err
		}
	}
	for _, file := range []struct{ name, text string }{{layoutFile, layoutText}, {indexFile, string(text)}} {
		if err := archive.WriteHeader(&tar.Header{Name: file.name, Mode: 0o644, Size: int64(len(file.text))}); err != nil {
			return err
		}
		if _, err := io.WriteString(archive, file.text); err != nil {
			return err
		}
	}
	return archive.Close()
}

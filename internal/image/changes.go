package image

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// Changes are new texts of files that were found in an image.
type Changes struct {
	Found Found
	Texts map[string]string // by the names of the files that change

	kept map[string]entry // of the layer that the new one replaces
}

// dockerLayerZstd is the type of a layer that podman packs by zstd in a manifest of Docker's.
const dockerLayerZstd types.MediaType = "application/vnd.docker.image.rootfs.diff.tar.zstd"

// layerLike returns the type of a layer in an image with a manifest of this type, packed as the
// layer below it is.
func layerLike(below, manifest types.MediaType) types.MediaType {
	switch isDocker := manifest == types.DockerManifestSchema2; {
	case below == types.OCILayerZStd || below == dockerLayerZstd:
		return below
	case isDocker:
		return types.DockerLayer
	}
	return types.OCILayer
}

// layer makes a layer of the files that change, with their parent folders and the other names that
// hard links give them. Its bytes depend on nothing else. Files keep what they have beside their
// text, and so do folders: without an entry some engines give them to root.
func (c Changes) layer(mediaType types.MediaType) (*addedLayer, error) {
	added := &addedLayer{mediaType: mediaType}
	packedHash, hash := sha256.New(), sha256.New()
	packer, err := newPacker(io.MultiWriter(&added.packed, packedHash), mediaType)
	if err != nil {
		return nil, err
	}
	archive := tar.NewWriter(io.MultiWriter(packer, hash))
	if err := c.write(archive); err != nil {
		return nil, err
	}
	if err := archive.Close(); err != nil {
		return nil, err
	}
	if err := packer.Close(); err != nil {
		return nil, err
	}
	added.digest = v1.Hash{Algorithm: "sha256", Hex: fmt.Sprintf("%x", packedHash.Sum(nil))}
	added.diffID = v1.Hash{Algorithm: "sha256", Hex: fmt.Sprintf("%x", hash.Sum(nil))}
	return added, nil
}

func newPacker(w io.Writer, mediaType types.MediaType) (io.WriteCloser, error) {
	if mediaType == types.OCILayerZStd || mediaType == dockerLayerZstd {
		return zstd.NewWriter(w, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedDefault))
	}
	return gzip.NewWriterLevel(w, gzip.BestCompression)
}

// write writes the entries in the order of a walk through folders.
func (c Changes) write(archive *tar.Writer) error {
	entries, err := c.entries()
	if err != nil {
		return err
	}
	for _, name := range slices.SortedFunc(maps.Keys(entries), byFolder) {
		e := entries[name]
		if err := archive.WriteHeader(e.header); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if _, err := io.WriteString(archive, e.text); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// entry is an entry of the layer.
type entry struct {
	header *tar.Header
	text   string
}

// entriesOf returns the entries of a layer that this program has added, by their names.
func entriesOf(ctx context.Context, layer v1.Layer) (map[string]entry, error) {
	entries := map[string]entry{}
	err := eachEntry(ctx, layer, func(name string, header *tar.Header, content io.Reader) error {
		if header.Size > MaxText {
			return fmt.Errorf("%s has %d bytes, more than this program writes", name, header.Size)
		}
		text, err := io.ReadAll(content)
		full := name
		if header.Typeflag == tar.TypeDir {
			full += "/"
		}
		entries[name] = entry{like(header, full), string(text)}
		return err
	})
	return entries, err
}

// entries returns the entries by their names.
func (c Changes) entries() (map[string]entry, error) {
	entries := map[string]entry{}
	for _, name := range slices.SortedFunc(maps.Keys(c.Texts), byFolder) {
		if _, ok := entries[name]; ok { // it is another name of one before
			continue
		}
		file, ok := c.Found.files[name]
		if !ok {
			return nil, fmt.Errorf("%s was not read in the image, and cannot be changed", name)
		}
		text := c.Texts[name]
		first := ""
		for _, other := range c.sameFile(file, name) {
			if _, ok := entries[other]; ok {
				continue
			}
			if first == "" {
				first = other
				entries[other] = entry{fileHeader(file.header, other, len(text)), text}
			} else {
				entries[other] = entry{header: linkHeader(file.header, other, first)}
			}
			c.addFolders(entries, other)
		}
	}
	for name, e := range c.kept {
		if _, ok := entries[name]; !ok {
			entries[name] = e
		}
	}
	return entries, nil
}

// sameFile returns the names of a file, but those that get another text.
func (c Changes) sameFile(file foundFile, name string) []string {
	if len(file.names) == 0 {
		return []string{name}
	}
	return slices.DeleteFunc(slices.Clone(file.names), func(other string) bool {
		text, ok := c.Texts[other]
		return ok && text != c.Texts[name]
	})
}

// addFolders adds the folders above a file that have entries in the image. The root is one of them.
func (c Changes) addFolders(entries map[string]entry, name string) {
	for folder := path.Dir(name); ; folder = path.Dir(folder) {
		if header := c.Found.folders[folder]; header != nil {
			entries[folder] = entry{header: like(header, folder+"/")}
		}
		if folder == "." {
			return
		}
	}
}

func fileHeader(of *tar.Header, name string, size int) *tar.Header {
	header := like(of, name)
	header.Typeflag, header.Linkname, header.Size = tar.TypeReg, "", int64(size)
	return header
}

func linkHeader(of *tar.Header, name, target string) *tar.Header {
	header := like(of, name)
	header.Typeflag, header.Linkname, header.Size = tar.TypeLink, target, 0
	return header
}

// like returns a header with all that another has but its name. PAX holds what other formats hold,
// and parts of seconds.
func like(of *tar.Header, name string) *tar.Header {
	header := *of
	header.Name, header.Format = name, tar.FormatPAX
	return &header
}

// addedLayer is a layer that this program made. It is a v1.Layer.
type addedLayer struct {
	mediaType      types.MediaType
	digest, diffID v1.Hash
	packed         bytes.Buffer
}

func (l *addedLayer) Digest() (v1.Hash, error) { return l.digest, nil }

func (l *addedLayer) DiffID() (v1.Hash, error) { return l.diffID, nil }

func (l *addedLayer) Size() (int64, error) { return int64(l.packed.Len()), nil }

func (l *addedLayer) MediaType() (types.MediaType, error) { return l.mediaType, nil }

func (l *addedLayer) Compressed() (io.ReadCloser, error) {
	return io.NopCloser(bytes.NewReader(l.packed.Bytes())), nil
}

func (l *addedLayer) Uncompressed() (io.ReadCloser, error) {
	content, err := unpack(bytes.NewReader(l.packed.Bytes()))
	return io.NopCloser(content), err
}

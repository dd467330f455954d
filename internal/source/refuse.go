package source

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"inject-related-images/internal/access"
	"inject-related-images/internal/imageref"
	"inject-related-images/internal/quote"
)

// explain says what a path is that does not exist: people give URLs and images where files are meant.
func explain(path string, err error) error {
	_, rest, hasScheme := strings.Cut(path, ":")
	switch {
	case !errors.Is(err, fs.ErrNotExist):
		return err
	case hasScheme && strings.HasPrefix(rest, "//"):
		return fmt.Errorf("%s: a URL is not read: download it and give the file, or pipe it: "+
			"curl -fsSL %[1]s | ... --csv -", path)
	case IsImage(path):
		return fmt.Errorf("%w; for an image in a registry write docker://%s", err, path)
	}
	return err
}

// IsImage tells whether a path that does not exist is rather an image: it has a tag, a digest, or the
// host of a registry.
func IsImage(path string) bool {
	r, err := imageref.Parse(path)
	if err != nil || isText(path) {
		return false
	}
	host, _, hasFolder := strings.Cut(path, "/")
	return r.Pinned() || r.Tag() != "" || hasFolder && strings.Contains(host, ".")
}

// archives are the files that are no text, by the bytes that they have at an offset.
var archives = []struct {
	bytes  string
	at     int
	what   string
	advice string
}{
	{"\x1f\x8b", 0, "a gzip archive", unpackPacked},
	{"BZh", 0, "a bzip2 archive", unpackArchive},
	{"\xfd7zXZ\x00", 0, "an xz archive", unpackArchive},
	{"\x28\xb5\x2f\xfd", 0, "a zstd archive", unpackPacked},
	{"PK\x03\x04", 0, "a zip archive", "unzip it, and give the file or the folder that was in it"},
	{"ustar", 257, "a tar archive", unpackArchive},
	{"SQLite format 3\x00", 0, "a SQLite catalog", "write it as a file-based catalog: opm render FILE -o yaml"},
}

const (
	unpackArchive = "unpack it (tar -xf), and give the file or the folder that was in it"
	unpackPacked  = unpackArchive + ", or of an image's archive the tarball (gunzip, unzstd)"
)

// longestHead is how much of a file refuse wants.
const longestHead = 512

// Refuse says what a file is that cannot be text, by how it begins.
func Refuse(file string) error {
	opened, err := os.Open(file)
	if err != nil {
		return access.Read(file, err)
	}
	defer opened.Close()
	head := make([]byte, longestHead)
	n, err := io.ReadFull(opened, head)
	if n == 0 || err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil // whoever reads it says why
	}
	return refuse(file, head[:n])
}

// refuse says what a source is that cannot be text, by how it begins.
func refuse(name string, head []byte) error {
	if len(head) == 0 && name == stdin {
		return fmt.Errorf("%s is empty: pipe a CSV into it: kubectl get csv NAME -o yaml | ... --csv -", name)
	}
	if len(head) == 0 {
		return fmt.Errorf("%s is empty: give a CSV file, a bundle folder with one, or a file-based catalog", quote.Name(name))
	}
	for _, a := range archives {
		if len(head) > a.at && bytes.HasPrefix(head[a.at:], []byte(a.bytes)) {
			return fmt.Errorf("%s is %s: %s", quote.Name(name), a.what, a.advice)
		}
	}
	return nil
}

package source_test

import (
	"strings"
	"testing"

	"inject-related-images/internal/source"
)

func TestWhatIsNoSourceIsToldByItsName(t *testing.T) {
	for path, want := range map[string]string{
		"https://x.io/csv.yaml":            "csv: https://x.io/csv.yaml: a URL is not read: ",
		"docker://quay.io/x/y":             "csv: docker://quay.io/x/y: images are not opened here",
		"docker://":                        "csv: docker://: it names no image: write docker://REF, ",
		"quay.io/x/y":                      "no such file or directory; for an image in a registry write docker://quay.io/x/y",
		"x/y:1":                            "write docker://x/y:1",
		"y@sha256:" + digest:               "write docker://y@sha256:",
		"localhost:5000/x/y:1":             "write docker://localhost:5000/x/y:1",
		"bundle":                           "csv: stat bundle: no such file or directory",
		"registry/bundle/csv.yaml":         "csv: stat registry/bundle/csv.yaml: no such file or directory",
		"registry.io/bundle/csv.json":      "csv: stat registry.io/bundle/csv.json: no such file or directory",
		"./bundle/manifests":               "csv: stat ./bundle/manifests: no such file or directory",
		"../workspaces/bundle":             "csv: stat ../workspaces/bundle: no such file or directory",
		"Bundle:1":                         "csv: stat Bundle:1: no such file or directory",
		"-":                                "csv: stdin is not open",
		"/tmp/" + strings.Repeat("x", 1e4): "file name too long",
	} {
		_, err := source.Opener{}.CSVs(path)
		isWhole := strings.HasPrefix(want, "csv: stat ") // and nothing is added
		if err == nil || !strings.Contains(err.Error(), want) || isWhole && err.Error() != want {
			t.Errorf("%.100s: got error %.300v, want %s", path, err, want)
		}
	}
}

const digest = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

func TestWhatIsNoTextIsToldByItsContent(t *testing.T) {
	for content, want := range map[string]string{
		"":                                    "is empty: give a CSV file",
		"\x1f\x8b\x08":                        "is a gzip archive: unpack it",
		"PK\x03\x04 and more":                 "is a zip archive: unzip it",
		"BZh91AY":                             "is a bzip2 archive: unpack it",
		"\xfd7zXZ\x00\x00":                    "is an xz archive: unpack it",
		"\x28\xb5\x2f\xfd":                    "is a zstd archive: unpack it",
		strings.Repeat("\x00", 257) + "ustar": "is a tar archive: unpack it",
		"SQLite format 3\x00":                 "is a SQLite catalog: write it as a file-based catalog: opm render",
	} {
		file := write(t, t.TempDir(), "x.yaml", content)
		_, err := source.Opener{}.CSVs(file)
		_, err2 := source.Opener{Stdin: strings.NewReader(content)}.CSVs(source.Stdin)
		if err == nil || !strings.HasPrefix(err.Error(), "csv: "+file+" "+want) {
			t.Errorf("%q: got error %v, want %s", content, err, want)
		}
		if content == "" {
			want = "is empty: pipe a CSV into it"
		}
		if err2 == nil || !strings.HasPrefix(err2.Error(), "csv: stdin "+want) {
			t.Errorf("%q in stdin: got error %v, want %s", content, err2, want)
		}
	}
}

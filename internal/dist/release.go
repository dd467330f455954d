package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// release writes everything that the folder of the programs lacks for a release.
func (d dist) release(programs []program) error {
	linux := slices.DeleteFunc(slices.Clone(programs), func(p program) bool { return p.setting("GOOS") != "linux" })
	if len(linux) == 0 {
		return fmt.Errorf("no program is for Linux: there would be no image")
	}
	img, err := d.writeImage(linux)
	if err != nil {
		return err
	}
	files := []string{img.tarball}
	for _, p := range programs {
		files = append(files, p.file)
		if err := writeBOM(p.file, programBOM(p)); err != nil {
			return err
		}
	}
	bom, err := imageBOM(img, linux)
	if err != nil {
		return err
	}
	if err := writeBOM(img.tarball, bom); err != nil {
		return err
	}
	for _, file := range slices.Clone(files) {
		files = append(files, file+bomSuffix)
	}
	return writeSums(filepath.Dir(img.tarball), files)
}

// writeSums writes the checksums of files to SHA256SUMS in folder, as sha256sum -c reads them.
func writeSums(folder string, files []string) error {
	var sums bytes.Buffer
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		fmt.Fprintf(&sums, "%s  %s\n", sum(data), filepath.Base(file))
	}
	return os.WriteFile(filepath.Join(folder, "SHA256SUMS"), sums.Bytes(), 0o644)
}

func sum(data []byte) string {
	digest := sha256.Sum256(data)
	return hex.EncodeToString(digest[:])
}

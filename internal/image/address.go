package image

import (
	"fmt"
	"os"
	"strings"
)

// Address names an image, or several: docker://REF in a registry, oci:FOLDER[:TAG],
// oci-archive:FILE[:TAG], docker-archive:FILE[:TAG].
type Address struct {
	Text      string // as it was given
	transport string // docker, oci, …
	place     string // REF, FOLDER or FILE
	tag       string // "" if there is none
}

// The transports, as podman and skopeo name them (containers-transports(5)).
const (
	docker        = "docker"
	ociFolder     = "oci"
	ociArchive    = "oci-archive"
	dockerArchive = "docker-archive"
)

// ParseAddress reads the address of an image. ok is false for what is none, as the name of a file.
func ParseAddress(s string) (a Address, ok bool, err error) {
	transport, rest, ok := strings.Cut(s, ":")
	if !ok {
		return Address{}, false, nil
	}
	switch transport {
	case docker:
		if rest, ok = strings.CutPrefix(rest, "//"); !ok {
			if isFile(s) {
				return Address{}, false, nil
			}
			return Address{}, true, fmt.Errorf("%s: for an image in a registry write docker://%s",
				s, strings.Trim(rest, "/"))
		}
		a = Address{s, transport, rest, ""}
	case ociFolder, ociArchive, dockerArchive:
		a = Address{s, transport, rest, ""}
		if !isFile(rest) { // else its name has a colon, or there is no tag
			a.place, a.tag, _ = strings.Cut(rest, ":")
		}
	case "containers-storage", "docker-daemon", "dir":
		if isFile(s) {
			return Address{}, false, nil
		}
		return Address{}, true, fmt.Errorf("%s: images are not read there: copy it by skopeo or podman save, and write %s",
			s, Forms)
	default:
		return Address{}, false, nil
	}
	if a.place == "" {
		return Address{}, true, fmt.Errorf("%s: it names no image: write %s", s, Forms)
	}
	return a, true, nil
}

func isFile(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

// File returns the file or folder that the image is in, or "" of an image in a registry.
func (a Address) File() string {
	if a.transport == docker {
		return ""
	}
	return a.place
}

// Transport returns the name of the address's transport.
func (a Address) Transport() string { return a.transport }

// Show returns what messages call a file of the image: docker://REF!/var/www/html/index.json.
func (a Address) Show(name string) string { return a.Text + "!/" + name }

// Forms are what addresses look like, for messages.
const Forms = "docker://REF, oci:FOLDER[:TAG], oci-archive:FILE[:TAG] or docker-archive:FILE[:TAG]"

// ArchiveAt returns the address of the image in a file without a transport, if its content is that
// of an image's tarball.
func ArchiveAt(file string) (a Address, ok bool) {
	archive, err := openTar(file)
	if err != nil {
		return Address{}, false
	}
	defer archive.Close()
	switch {
	case archive.has(layoutFile):
		return Address{file, ociArchive, file, ""}, true
	case archive.has(dockerManifest):
		return Address{file, dockerArchive, file, ""}, true
	}
	return Address{}, false
}

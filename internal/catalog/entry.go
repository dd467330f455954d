package catalog

import (
	"path"
	"strings"

	"inject-related-images/internal/imageref"
)

// Entry is one image that a CSV offers, or a variable whose value is none.
type Entry struct {
	Name      string       `json:"name"` // of the variable, or where else in the CSV it stands
	Scheme    Scheme       `json:"scheme"`
	Image     imageref.Ref `json:"image"`    // the value
	Registry  RegistryKind `json:"registry"` // of scheme Registry
	Tag       string       `json:"tag"`      // of scheme Registry: the original tag; "" is no tag
	Tagged    bool         `json:"-"`        // of scheme Registry: Tag is known
	Original  imageref.Ref `json:"original"` // of schemes Sample and RelatedImage, where known: the original reference
	Editor    string       `json:"editor"`   // of scheme Editor: editor, version and component in one key
	Arch      string       `json:"arch"`     // the architecture that the entry is only for, as GOARCH, or ""
	CSV       string       `json:"csv"`      // the name of the CSV
	Where     string       `json:"where"`    // the deployment and container
	Note      string       `json:"note"`     // why the name tells less than its scheme promises, or ""
	Malformed bool         `json:"-"`        // it should tell more

	// Value is the text of a variable that is no image reference. Its entry has no image, decides
	// nothing, and is never written: the message of a reference that needs it quotes the value.
	Value    string `json:"value,omitempty"`
	Position string `json:"-"` // of the value, for warnings: csv.yaml:17

	general string       // of an entry of one architecture: the name of the entry that it stands for
	meant   imageref.Ref // by Value, where that is a reference behind a scheme: oci://quay.io/acme/x:1
}

// IsBad tells whether e is a variable whose value is no image reference.
func (e *Entry) IsBad() bool { return e.Value != "" }

// sameValue tells whether e and other have the same image, or the same value that is none.
func (e *Entry) sameValue(other *Entry) bool {
	return imageKey(e.Image) == imageKey(other.Image) && e.Value == other.Value
}

// original returns the reference that the entry was made for, where it is known.
func (e *Entry) original() imageref.Ref {
	if e.Tagged {
		return e.named().WithTag(e.Tag, "")
	}
	return e.Original
}

// named returns the image, or what a bad value meant by it.
func (e *Entry) named() imageref.Ref {
	if e.IsBad() {
		return e.meant
	}
	return e.Image
}

// isVariable tells whether e is a variable, and not evidence of second rank.
func (e *Entry) isVariable() bool { return e.scheme().decode != nil }

// isEvidence tells whether e is evidence of second rank.
func (e *Entry) isEvidence() bool { return !e.isVariable() }

// keys returns what a reference may say for e to decide it, besides the name of e.
func (e *Entry) keys() []key {
	if s := e.scheme(); s.keys != nil {
		return s.keys(e)
	}
	return nil
}

// StandsFor says what a reference must be for e to decide it, or why none is known, or nothing.
func (e *Entry) StandsFor() string {
	text := e.Note
	switch s := e.scheme(); {
	case text != "":
	case s.describe != nil:
		text = s.describe(e)
	default:
		text = e.original().String()
	}
	if e.Arch != "" {
		text = strings.TrimSpace(text + " on " + e.Arch)
	}
	return text
}

// RegistryKind tells plugin registries from devfile registries, whose entries may give one tag
// different digests.
type RegistryKind string

// The kinds of registries.
const (
	UnknownRegistry RegistryKind = ""
	PluginRegistry  RegistryKind = "plugin"
	DevfileRegistry RegistryKind = "devfile"
)

// RegistryOf tells the kind of the registry that a file belongs to by its slash-separated path: the
// innermost folder decides that is named for a registry, or is v3/plugins or devfiles.
func RegistryOf(file string) RegistryKind {
	folder := ""
	for rest := path.Dir(file); rest != ""; {
		rest, folder = path.Split(strings.TrimRight(rest, "/"))
		switch {
		case strings.Contains(folder, "plugin-registry"), folder == "plugins" && path.Base(rest) == "v3":
			return PluginRegistry
		case strings.Contains(folder, "devfile-registry"), folder == "devfiles":
			return DevfileRegistry
		}
	}
	return UnknownRegistry
}

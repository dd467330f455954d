package catalog

import (
	"encoding/base32"
	"encoding/base64"
	"fmt"
	"strings"

	"inject-related-images/internal/imageref"
)

// Names tells the variables that hold images by their names: by what they begin with, RELATED_IMAGE_, or end with, *_IMAGE.
type Names []string

// DefaultNames are those of Eclipse Che, and of most operators.
var DefaultNames = Names{"RELATED_IMAGE_"}

// key returns a name without what makes it one of n.
func (n Names) key(name string) (key string, ok bool) {
	for _, pattern := range n {
		suffix, isSuffix := strings.CutPrefix(pattern, "*")
		if isSuffix {
			key, ok = strings.CutSuffix(name, suffix)
		} else {
			key, ok = strings.CutPrefix(name, pattern)
		}
		if ok && key != "" {
			return key, true
		}
	}
	return "", false
}

// Has tells whether a name is one of n.
func (n Names) Has(name string) bool {
	_, ok := n.key(name)
	return ok
}

// String writes n for people: RELATED_IMAGE_*.
func (n Names) String() string {
	patterns := make([]string, len(n))
	for i, pattern := range n {
		if patterns[i] = pattern; !strings.HasPrefix(pattern, "*") {
			patterns[i] += "*"
		}
	}
	return strings.Join(patterns, " or ")
}

// The markers in variable names, after the prefix.
const (
	editorMarker        = "editor_definition_"
	sampleMarker        = "sample_"
	encodedSampleMarker = "sample_encoded_"
	registryMarker      = "registry_image_"
)

// Architectures are the values of GOARCH that operators append to names.
var Architectures = []string{"amd64", "arm64", "ppc64le", "s390x"}

// Decode reads the name of a variable, one of names: its scheme, and the original reference that the name encodes. A name that
// does not decode is no error: its entry has a Note, and counts by its image alone.
func Decode(names Names, name string, image imageref.Ref) Entry {
	e := Entry{Name: name, Scheme: Plain, Image: image}
	key, _ := names.key(name)
	for _, arch := range Architectures {
		if rest, ok := strings.CutSuffix(key, "_"+arch); ok {
			i := strings.LastIndex(name, "_"+arch)
			key, e.Arch, e.general = rest, arch, name[:i]+name[i+len("_"+arch):]
			break
		}
	}
	switch {
	case strings.HasPrefix(key, editorMarker):
		e.Scheme, e.Editor = Editor, strings.TrimPrefix(key, editorMarker)
	case strings.HasPrefix(key, encodedSampleMarker):
		e.Scheme = Sample
		e.Original, e.Note = decodeSample(strings.TrimPrefix(key, encodedSampleMarker))
	case strings.HasPrefix(key, sampleMarker):
		e.Scheme = Sample
	default:
		i := strings.LastIndex(key, registryMarker)
		if i < 0 {
			break
		}
		switch {
		case strings.HasSuffix(key[:i], "plugin_"):
			e.Registry = PluginRegistry
		case strings.HasSuffix(key[:i], "devfile_"):
			e.Registry = DevfileRegistry
		default:
			return e
		}
		e.Scheme = Registry
		e.Tag, e.Tagged, e.Note = decodeTag(key[i+len(registryMarker):])
	}
	e.Malformed = e.Note != "" && e.Note != digestInside
	return e
}

// digestInside is the Note of a name that encodes a digest in the place of a tag.
const digestInside = "the registry was built with the digest in it"

// shortNames returns the name of an entry of scheme Registry without what it encodes, shortest first: RELATED_IMAGE_x and
// RELATED_IMAGE_x_plugin_registry_image for RELATED_IMAGE_x_plugin_registry_image_GIXDCNIK.
func shortNames(e *Entry) []string {
	i := strings.LastIndex(e.Name, registryMarker)
	if e.Scheme != Registry || i < 0 {
		return nil
	}
	withKind := e.Name[:i] + strings.TrimSuffix(registryMarker, "_")
	return []string{strings.TrimSuffix(e.Name[:i], "_"+string(e.Registry)+"_"), withKind}
}

// decodeTag reads the base32 of a tag, with = written as _. ok is false when the name says nothing of a tag: because it does
// not decode, or because the registry was built with a digest already in it.
func decodeTag(encoded string) (tag string, ok bool, note string) {
	decoded, err := base32.StdEncoding.DecodeString(strings.ReplaceAll(encoded, "_", "="))
	if err != nil {
		return "", false, fmt.Sprintf("%q is not the base32 of a tag", encoded)
	}
	tag = strings.TrimSpace(string(decoded)) // the encoder is fed by echo, which ends the tag with a line feed
	switch {
	case strings.HasPrefix(tag, "@"):
		return "", false, digestInside
	case tag != "" && !imageref.IsTag(tag):
		return "", false, fmt.Sprintf("%q decodes to %q, which is not a tag", encoded, tag)
	}
	return tag, true, ""
}

// decodeSample reads the base64 of an image, with each = written as four _.
func decodeSample(encoded string) (imageref.Ref, string) {
	decoded, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(encoded, "____", "="))
	if err != nil {
		return imageref.Ref{}, fmt.Sprintf("%q is not the base64 of an image", encoded)
	}
	image, err := imageref.Parse(strings.TrimSpace(string(decoded)))
	if err != nil {
		return imageref.Ref{}, fmt.Sprintf("%q decodes to something else: %v", encoded, err)
	}
	return image, ""
}

// editorKeys returns the two spellings of an editor component's key: the operator's, which looks it up, maps every run of
// other characters to one _; that of the script that generates the CSV maps each - and . to one.
func editorKeys(editor, version, component string) []string {
	key := editor + "_" + version + "_" + component
	operator := underscored(key)
	generator := strings.NewReplacer("-", "_", ".", "_").Replace(key)
	if operator == generator {
		return []string{operator}
	}
	return []string{operator, generator}
}

// underscored returns s with a _ for every run of what are no ASCII letters and digits.
func underscored(s string) string {
	var b strings.Builder
	other := false
	for i := range len(s) {
		c := s[i]
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' {
			b.WriteByte(c)
			other = false
		} else if !other {
			b.WriteByte('_')
			other = true
		}
	}
	return b.String()
}

package catalog

import (
	"encoding/base32"
	"encoding/base64"
	"fmt"
	"regexp"
	"strings"

	"inject-related-images/internal/imageref"
)

// Prefix is what the names of the variables begin with.
const Prefix = "RELATED_IMAGE_"

// The markers in variable names, after the prefix.
const (
	editorMarker        = "editor_definition_"
	sampleMarker        = "sample_"
	encodedSampleMarker = "sample_encoded_"
	registryMarker      = "registry_image_"
)

// architectures are the values of GOARCH that operators append to names.
var architectures = []string{"amd64", "arm64", "ppc64le", "s390x"}

// tagPattern is the grammar of a tag in the OCI distribution specification.
var tagPattern = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$`)

// Decode reads the name of a variable that begins with Prefix: its scheme, and the original reference that the name encodes.
// A name that does not decode is no error: its entry has a Note, and counts by its image alone.
func Decode(name string, image imageref.Ref) Entry {
	e := Entry{Name: name, Scheme: Plain, Image: image}
	key := strings.TrimPrefix(name, Prefix)
	for _, arch := range architectures {
		if rest, ok := strings.CutSuffix(key, "_"+arch); ok {
			key, e.Arch = rest, arch
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
	case tag != "" && !tagPattern.MatchString(tag):
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

var notAlphanumeric = regexp.MustCompile(`[^a-zA-Z0-9]+`)

// editorKeys returns the two spellings of an editor component's key: the operator's, which looks it up, maps every run of
// other characters to one _; that of the script that generates the CSV maps each - and . to one.
func editorKeys(editor, version, component string) []string {
	key := editor + "_" + version + "_" + component
	operator := notAlphanumeric.ReplaceAllString(key, "_")
	generator := strings.NewReplacer("-", "_", ".", "_").Replace(key)
	if operator == generator {
		return []string{operator}
	}
	return []string{operator, generator}
}

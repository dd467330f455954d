package catalog

import (
	"encoding/base32"
	"encoding/base64"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"inject-related-images/internal/imageref"
)

// Scheme tells how an entry names an image.
type Scheme string

// The schemes of variable names, behind RELATED_IMAGE_, and the places of a CSV that are evidence
// of second rank.
const (
	Registry     Scheme = "registry"      // <name>_{plugin,devfile}_registry_image_<base32 of the tag>
	Editor       Scheme = "editor"        // editor_definition_<editor>_<version>_<component>
	Sample       Scheme = "sample"        // sample_encoded_<base64 of the image>, sample_<name>
	Plain        Scheme = "plain"         // <name>
	RelatedImage Scheme = "related-image" // spec.relatedImages, with its "# tag:" comment
	Container    Scheme = "container"     // the image of a container, or the annotation containerImage
)

// scheme is what there is to know of a Scheme. A new one is a row of schemes, before Plain, which
// takes all names, and a case of the tests. If references are known by something new, it also wants
// a keyKind, for which Find and successor in successor.go ask.
type scheme struct {
	name Scheme
	// decode reads key into the entry and tells whether it is of this scheme. The key is the name
	// of the variable without what makes it one of Names, and without the architecture. Only
	// variables have names to decode.
	decode func(e *Entry, key string) bool
	// keys returns what a reference may say for the entry to decide it, besides the variable's
	// name; nil: nothing.
	keys func(e *Entry) []key
	// describe says the same to people; nil: the original reference.
	describe func(e *Entry) string
	// stem returns the name without the tag in it, by which the next release is searched for the
	// variable; nil: names have no tag in them, and stay as they are.
	stem func(e *Entry) string
}

// schemes are in the order in which they are asked to decode a name.
var schemes = []scheme{
	{
		name:     Editor,
		decode:   decodeEditor,
		keys:     func(e *Entry) []key { return []key{{byEditor, e.Editor}} },
		describe: func(e *Entry) string { return "editor " + e.Editor },
	},
	{
		name:   Sample,
		decode: decodeSample,
		keys:   func(e *Entry) []key { return originalKeys(bySample, e) },
	},
	{
		name:     Registry,
		decode:   decodeRegistry,
		keys:     func(e *Entry) []key { return append(originalKeys(byTag, e), shortNameKeys(e)...) },
		describe: func(e *Entry) string { return fmt.Sprintf("%s (%s registry)", e.original(), e.Registry) },
		stem: func(e *Entry) string {
			return e.Name[:strings.LastIndex(e.Name, registryMarker)+len(registryMarker)]
		},
	},
	{
		name:   Plain,
		decode: func(*Entry, string) bool { return true },
	},
	{
		name: RelatedImage,
		keys: func(e *Entry) []key { return originalKeys(byRelatedImage, e) },
	},
	{
		name: Container,
	},
}

func (e *Entry) scheme() scheme {
	return schemes[slices.IndexFunc(schemes, func(s scheme) bool { return s.name == e.Scheme })]
}

// Decode reads the name of a variable, one of names: its scheme, and the original reference that
// the name encodes. A name that does not decode is no error: its entry has a Note, and counts by
// its image alone.
func Decode(names Names, name string, image imageref.Ref) Entry {
	e := Entry{Name: name, Image: image}
	key, _ := names.key(name)
	key, e.general, e.Arch = cutArchitecture(key, name)
	i := slices.IndexFunc(schemes, func(s scheme) bool { return s.decode != nil && s.decode(&e, key) })
	e.Scheme = schemes[i].name
	return e
}

// DecodeBad does the same for a variable whose value is no image reference.
func DecodeBad(names Names, name, value string) Entry {
	e := Decode(names, name, imageref.Ref{})
	e.Value, e.Note, e.Malformed = value, fmt.Sprintf("%q is not an image reference", value), false
	if _, reference, ok := strings.Cut(value, "://"); ok {
		e.meant, _ = imageref.Parse(reference) // none, if it is something else
	}
	e.Tagged = e.Tagged && !e.meant.IsZero() // of which repository is told by the value only
	return e
}

// DecodeLowered returns the entry of an image among the related images of a bundle. Build systems
// (OSBS) name it by its variable in lower case, mostly without RELATED_IMAGE_. Base32 has no
// lower-case letters and is recovered; in base64 both cases have a meaning, and what it said is
// lost.
func DecodeLowered(name string, image imageref.Ref) Entry {
	e := Entry{Name: "relatedImages: " + name, Image: image, Where: "relatedImages"}
	key, general, arch := cutArchitecture(name, e.Name)
	if i := strings.LastIndex(key, registryMarker); i >= 0 {
		i += len(registryMarker)
		key = key[:i] + strings.ToUpper(key[i:])
	}
	e.general, e.Arch = general, arch
	switch i := strings.Index(key, encodedSample); {
	case decodeRegistry(&e, key):
		if e.Tagged {
			e.Original = e.original()
		}
	case i >= 0:
		if e.Original, e.Note = decodeImage(key[i+len(encodedSample):]); e.Note != "" {
			e.Note = fmt.Sprintf("%q is base64 in lower case, which cannot be decoded", key[i+len(encodedSample):])
			e.Malformed = true
		}
	}
	e.Scheme = RelatedImage
	return e
}

// originalKeys returns the key of the original reference, if that is known.
func originalKeys(kind keyKind, e *Entry) []key {
	if original := e.original(); !original.IsZero() {
		return []key{{kind, original.Normal()}}
	}
	return nil
}

func decodeEditor(e *Entry, key string) bool {
	editor, ok := strings.CutPrefix(key, "editor_definition_")
	if ok {
		e.Editor = editor
	}
	return ok
}

// notAlphanumeric is what the operator replaces by _ in the keys of editors.
var notAlphanumeric = regexp.MustCompile(`[^a-zA-Z0-9]+`)

// editorSpellings returns the two spellings of an editor component's key: the operator's, which
// looks it up, maps every run of other characters to one _; that of the script that generates the
// CSV maps each - and . to one.
func editorSpellings(editor, version, component string) []string {
	key := editor + "_" + version + "_" + component
	operator := notAlphanumeric.ReplaceAllString(key, "_")
	generator := strings.NewReplacer("-", "_", ".", "_").Replace(key)
	if operator == generator {
		return []string{operator}
	}
	return []string{operator, generator}
}

// encodedSample is before the encoded image of a sample.
const encodedSample = "sample_encoded_"

func decodeSample(e *Entry, key string) bool {
	if encoded, isEncoded := strings.CutPrefix(key, encodedSample); isEncoded {
		e.Original, e.Note = decodeImage(encoded)
		e.Malformed = e.Note != ""
	}
	return strings.HasPrefix(key, "sample_")
}

// decodeImage reads the base64 of an image, with each = written as four _. It returns a note if it
// cannot.
func decodeImage(encoded string) (image imageref.Ref, note string) {
	decoded, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(encoded, "____", "="))
	if err != nil {
		return imageref.Ref{}, fmt.Sprintf("%q is not the base64 of an image", encoded)
	}
	image, err = imageref.Parse(strings.TrimSpace(string(decoded)))
	if err != nil {
		return imageref.Ref{}, fmt.Sprintf("%q decodes to something else: %v", encoded, err)
	}
	return image, ""
}

const registryMarker = "registry_image_"

// digestInside is the note of a name that encodes a digest in the place of a tag.
const digestInside = "the registry was built with the digest in it"

func decodeRegistry(e *Entry, key string) bool {
	i := strings.LastIndex(key, registryMarker)
	switch {
	case i >= 0 && strings.HasSuffix(key[:i], "plugin_"):
		e.Registry = PluginRegistry
	case i >= 0 && strings.HasSuffix(key[:i], "devfile_"):
		e.Registry = DevfileRegistry
	default:
		return false
	}
	e.Tag, e.Tagged, e.Note = decodeTag(key[i+len(registryMarker):])
	e.Malformed = !e.Tagged && e.Note != digestInside
	return true
}

// decodeTag reads the base32 of a tag, with = written as _. ok is false when the name says nothing
// of a tag: because it does not decode, or because the registry was built with a digest already in
// it.
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

// shortNameKeys returns the name of a variable without the tag that it encodes, shortest first:
// RELATED_IMAGE_x and RELATED_IMAGE_x_plugin_registry_image for
// RELATED_IMAGE_x_plugin_registry_image_GIXDCNIK.
func shortNameKeys(e *Entry) []key {
	i := strings.LastIndex(e.Name, registryMarker)
	if i < 0 {
		return nil
	}
	withKind := e.Name[:i] + strings.TrimSuffix(registryMarker, "_")
	return []key{{byShortName, strings.TrimSuffix(e.Name[:i], "_"+string(e.Registry)+"_")}, {byShortName, withKind}}
}

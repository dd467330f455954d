package locate

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"inject-related-images/internal/yamltext"
)

// Field is a user's own place, in the form of kustomize's FieldSpec: group, version and kind of
// objects, each of which may be left out, and the path to a field in them, spec/foo[]/image. A / in
// a key is written \/, * is any key, *Image any that ends so.
type Field struct {
	Group, Version, Kind string
	Path                 string
}

// ParseFields reads Fields: YAML documents, each a mapping with the keys of a FieldSpec, a list of
// them, or nothing but a path.
func ParseFields(source string) ([]Field, error) {
	text, err := yamltext.Parse(source, nil)
	if err != nil {
		return nil, err
	}
	var fields []Field
	for _, doc := range text.Docs {
		nodes := []*yamltext.Node{doc}
		if doc.Kind == yamltext.Sequence {
			nodes = doc.Content
		}
		for _, n := range nodes {
			f, err := parseField(n.Resolve())
			if err != nil {
				return nil, err
			}
			fields = append(fields, f)
		}
	}
	return fields, nil
}

var fieldKeys = []string{"group", "version", "kind", "path"}

func parseField(n *yamltext.Node) (Field, error) {
	switch {
	case n.IsString():
		return checkField(Field{Path: n.Value})
	case n.Kind != yamltext.Mapping:
		return Field{}, errors.New("a field is a path, spec/foo[]/image, or a mapping with group, version, kind and path")
	}
	for i := 0; i < len(n.Content); i += 2 {
		if key := n.Content[i].Resolve().Value; !slices.Contains(fieldKeys, key) {
			return Field{}, fmt.Errorf("a field has no key %q: it has %s", key, strings.Join(fieldKeys, ", "))
		}
	}
	return checkField(
		Field{Group: n.Text("group"), Version: n.Text("version"), Kind: n.Text("kind"), Path: n.Text("path")},
	)
}

func checkField(f Field) (Field, error) {
	for _, key := range f.keys() {
		if key != "[]" && selector().MatchString(key) {
			return Field{}, fmt.Errorf(
				"path %q: it can match nothing: a path has keys, and [] for all items of a list; "+
					"* is any key, *Image any that ends so",
				f.Path,
			)
		}
		if key == "" || key != "[]" && strings.Contains(key, "[]") || strings.ContainsAny(key, ", \t\n") {
			return Field{}, fmt.Errorf(
				"path %q: a path is keys with / between them, spec/foo[]/image; several are a list, each behind a dash",
				f.Path,
			)
		}
	}
	return f, nil
}

// selector matches what other paths have and ours do not: [name=x], [0], **, image*.
var selector = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\[[^\]]|.\*`) })

// keys takes the path apart: each [] is a key of its own.
func (f Field) keys() []string {
	const slash = "\x00" // in the place of \/
	var keys []string
	for key := range strings.SplitSeq(strings.ReplaceAll(strings.TrimPrefix(f.Path, "/"), `\/`, slash), "/") {
		key = strings.ReplaceAll(key, slash, "/")
		lists := 0
		for strings.HasSuffix(key, "[]") {
			key, lists = strings.TrimSuffix(key, "[]"), lists+1
		}
		if key != "" || lists == 0 {
			keys = append(keys, key)
		}
		for range lists {
			keys = append(keys, "[]")
		}
	}
	return keys
}

// String writes f as ParseFields reads it.
func (f Field) String() string {
	if f.Group+f.Version+f.Kind == "" {
		return strconv.Quote(f.Path)
	}
	var b strings.Builder
	for _, part := range [][2]string{{"group", f.Group}, {"version", f.Version}, {"kind", f.Kind}, {"path", f.Path}} {
		if part[1] != "" {
			fmt.Fprintf(&b, ", %s: %q", part[0], part[1])
		}
	}
	return "{" + strings.TrimPrefix(b.String(), ", ") + "}"
}

// pattern returns what the field matches.
func (f Field) pattern(holds Holding) pattern {
	return pattern{keys: f.keys(), group: f.Group, version: f.Version, kind: f.Kind, holds: holds}
}

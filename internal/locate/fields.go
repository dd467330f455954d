package locate

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"inject-related-images/internal/yamltext"
)

// Field is a user's own place, in the form of kustomize's FieldSpec: group, version and kind of objects, each of which may be
// left out, and the path to a field in them, spec/foo[]/image. A / in a key is written \/, * is any key.
type Field struct {
	Group, Version, Kind string
	Path                 string
}

// ParseFields reads Fields: YAML documents, each a mapping with the keys of a FieldSpec, a list of them, or nothing but a path.
func ParseFields(source string) ([]Field, error) {
	text, err := yamltext.Parse(source, nil)
	if err != nil {
		return nil, err
	}
	var fields []Field
	for _, doc := range text.Docs {
		items := []*yamltext.Node{doc}
		if doc.Kind == yamltext.Sequence {
			items = doc.Content
		}
		for _, item := range items {
			f, err := parseField(item.Resolve())
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
	return checkField(Field{Group: n.Text("group"), Version: n.Text("version"), Kind: n.Text("kind"), Path: n.Text("path")})
}

func checkField(f Field) (Field, error) {
	for _, key := range f.keys() {
		if key == "" || key != "[]" && strings.Contains(key, "[]") || strings.ContainsAny(key, ", \t\n") {
			return Field{}, fmt.Errorf("path %q: a path is keys with / between them, spec/foo[]/image; several are a list, each behind a dash", f.Path)
		}
	}
	return f, nil
}

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
	var b strings.Builder
	for _, part := range [][2]string{{"group", f.Group}, {"version", f.Version}, {"kind", f.Kind}, {"path", f.Path}} {
		if part[1] != "" {
			fmt.Fprintf(&b, ", %s: %q", part[0], part[1])
		}
	}
	return "{" + strings.TrimPrefix(b.String(), ", ") + "}"
}

// Scope says where to look beyond the Places, and where not to. The zero value is the Places.
type Scope struct {
	fields, exclude *table // nil where there are none
	isVariable      func(name string) bool
}

// NewScope returns the scope with a user's own places, and those never to touch, which go before all others. isVariable tells
// the names of variables that placeholders are of; what is in the brackets of others is none of ours.
func NewScope(fields, exclude []Field, isVariable func(name string) bool) Scope {
	return Scope{rowsOf(fields, Declared), rowsOf(exclude, Nothing), isVariable}
}

// variable returns the name in a placeholder, or "".
func (s Scope) variable(text string) string {
	if name := placeholderName(text); name != "" && s.isVariable != nil && s.isVariable(name) {
		return name
	}
	return ""
}

// rowsOf makes a table of fields, all of which hold the same.
func rowsOf(fields []Field, holds Holding) *table {
	if len(fields) == 0 {
		return nil
	}
	t := &table{}
	for _, f := range fields {
		keys := f.keys()
		slices.Reverse(keys)
		t.add(row{keys: keys, group: f.Group, version: f.Version, kind: f.Kind, holds: holds})
	}
	return t
}

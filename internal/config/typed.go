package config

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"inject-related-images/internal/yamltext"
)

// The functionConfig for those who do not want to annotate a CSV: its spec holds options, and the
// CSVs are among the items.
const (
	APIVersion = "inject-related-images/v1alpha1"
	Kind       = "InjectRelatedImages"
)

// Field is the name of an option in a spec: failOn for fail-on.
func (o Option) Field() string {
	words := strings.Split(o.Name, "-")
	for i, word := range words[1:] {
		words[i+1] = strings.ToUpper(word[:1]) + word[1:]
	}
	return strings.Join(words, "")
}

// IsConfig tells whether the object n holds nothing but options: it is of our own Kind, or a
// ConfigMap.
func IsConfig(n *yamltext.Node) bool {
	return n.Text("kind") == Kind || n.Text("kind") == "ConfigMap" && n.Text("apiVersion") == "v1"
}

// FromConfig returns the options in the object n of text: in the spec of our own Kind by their
// fields, in the data of a ConfigMap by their names. It is strict: what is no option, or no part of
// the object, is an error with the nearest name.
func FromConfig(text *yamltext.Text, n *yamltext.Node) (Values, error) {
	if n.Text("kind") == "ConfigMap" {
		return fromFields(text, n.Get("data"), "data.", inData(), func(o Option) string { return o.Name })
	}
	if version := n.Text("apiVersion"); version != APIVersion {
		return nil, fmt.Errorf("apiVersion %q: an %s is of %s", version, Kind, APIVersion)
	}
	keys := []string{"apiVersion", "kind", "metadata", "spec"}
	for i := 0; i < len(n.Content); i += 2 {
		if key := n.Content[i].Resolve().Value; !slices.Contains(keys, key) {
			return nil, fmt.Errorf("there is no field %s: did you mean %s?", key, nearest(key, keys))
		}
	}
	return fromFields(text, n.Get("spec"), "spec.", inSpec(), Option.Field)
}

// inSpec returns the options that the spec of our own Kind may have: those of the function, and
// what files hold.
func inSpec() []Option {
	return slices.DeleteFunc(slices.Clone(Table), func(o Option) bool { return !o.Inline && !slices.Contains(o.Of, Function) })
}

// fromFields returns those of the options that are in the mapping n.
func fromFields(
	text *yamltext.Text, n *yamltext.Node, prefix string, options []Option, spelling func(Option) string,
) (Values, error) {
	values := Values{}
	if n == nil || n.Kind == yamltext.Scalar && n.Value == "" {
		return values, nil
	}
	if n.Kind != yamltext.Mapping {
		return nil, fmt.Errorf("%s: found no mapping of options", strings.TrimSuffix(prefix, "."))
	}
	names := make([]string, len(options))
	for i, option := range options {
		names[i] = spelling(option)
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i].Resolve().Value, n.Content[i+1].Resolve()
		if !slices.Contains(names, key) {
			return nil, fmt.Errorf(
				"there is no field %s%s: did you mean %s? There are %s",
				prefix,
				key,
				nearest(key, names),
				strings.Join(names, ", "),
			)
		}
		for _, option := range options {
			if spelling(option) != key {
				continue
			}
			s, err := valueText(text, value, option)
			if err != nil {
				return nil, fmt.Errorf("%s%s: %w", prefix, key, err)
			}
			values[option.Name] = Value{Text: s, Given: prefix + key, Inline: option.Inline}
		}
	}
	return values, nil
}

// valueText writes the value of an option as a flag would have it.
func valueText(text *yamltext.Text, n *yamltext.Node, o Option) (string, error) {
	if n.Kind == yamltext.Scalar {
		return n.Value, nil
	}
	if o.Type == fieldsType || o.Inline {
		var v any
		if err := text.Decode(n, &v); err != nil {
			return "", err
		}
		data, err := json.Marshal(v)
		return string(data), err // JSON is YAML
	}
	if n.Kind != yamltext.Sequence || !o.isList() {
		return "", fmt.Errorf("it is %s", o.wanted())
	}
	var parts []string
	for i := range n.Content {
		item := n.Index(i)
		if item.Kind != yamltext.Scalar {
			return "", fmt.Errorf("it is %s", o.wanted())
		}
		parts = append(parts, item.Value)
	}
	return strings.Join(parts, o.Join), nil
}

const fieldsType = "FIELDS"

func (o Option) isList() bool { return strings.HasSuffix(o.Type, "...") }

func (o Option) wanted() string {
	switch {
	case o.Type == "":
		return "true or false"
	case o.isList():
		return "a text or a list of texts"
	}
	return "a text"
}

// Schema returns the JSON schema (draft 2020-12) of the functionConfig of our own Kind.
func Schema() string {
	text := func(o Option) map[string]any { // that can be one of its values, if there is an end of them
		schema := map[string]any{"type": "string"}
		if o.Values != nil {
			schema["enum"] = o.Values
		}
		return schema
	}
	field := map[string]any{
		"type": "object", "additionalProperties": false, "required": []string{"path"},
		"properties": map[string]any{
			"group": map[string]any{"type": "string"}, "version": map[string]any{"type": "string"},
			"kind": map[string]any{"type": "string"}, "path": map[string]any{"type": "string"},
		},
	}
	spec := map[string]any{}
	for _, o := range inSpec() {
		property := map[string]any{"description": o.Help}
		switch {
		case o.Inline:
			property["description"] = mapHelp
			property["type"], property["items"] = "array", map[string]any{
				"type": "object", "additionalProperties": false, "required": []string{"variable"},
				"properties": map[string]any{
					"image": map[string]any{
						"type": "string",
					}, "key": map[string]any{"type": "string"}, "variable": map[string]any{"type": "string"},
				},
			}
		case o.Type == "":
			property["type"] = "boolean"
		case o.Type == fieldsType:
			property["type"] = "array"
			property["items"] = map[string]any{"anyOf": []any{map[string]any{"type": "string"}, field}}
		case o.isList():
			property["anyOf"] = []any{map[string]any{"type": "string"}, map[string]any{"type": "array", "items": text(o)}}
		default:
			maps.Copy(property, text(o))
		}
		spec[o.Field()] = property
	}
	schema := map[string]any{
		"$schema": "https://json-schema.org/draft/2020-12/schema", "title": Kind,
		"type": "object", "additionalProperties": false,
		"required": []string{"apiVersion", "kind"},
		"properties": map[string]any{
			"apiVersion": map[string]any{
				"const": APIVersion,
			}, "kind": map[string]any{"const": Kind}, "metadata": map[string]any{"type": "object"},
			"spec": map[string]any{"type": "object", "additionalProperties": false, "properties": spec},
		},
	}
	data, _ := json.MarshalIndent(schema, "", "  ") // of nothing but texts
	return string(data) + "\n"
}

package locate

import (
	"strings"

	"inject-related-images/internal/imageref"
	"inject-related-images/internal/yamltext"
)

// Site is where a reference stands, a placeholder for one, or a text that should be one of these
// and is neither.
type Site struct {
	Text      string       // as it stands there
	Ref       imageref.Ref // what it says, unless it is a placeholder; where it is Split and Invalid, its repository
	Variable  string       // the variable that a placeholder names, or one that an Invalid text names; or ""
	Invalid   string       // why it is neither a reference nor a placeholder, and what to write; or ""
	Marker    string       // the variable that a comment beside it names, or ""
	Layer     *Layer
	Node      *yamltext.Node // the scalar it stands in; nil in a list
	From, To  int            // where it stands in the value of Node, or in the list
	Document  int            // the index of the document in the file
	Root      int            // the index of the Root that it is below
	Path      string         // from the Root: spec.containers[0].image, data["a.yaml"]#components[0].image
	Key       string         // the last key of Path, or that of a pair key=reference
	Open      bool           // it stands in a list in which anything may stand
	ByKey     bool           // only its Key can tell that it is a reference, and no other word
	Editor    *EditorKey     // for the image of a component of an editor definition
	Named     *Named         // where it stands beside the name of a variable
	Parts     *Parts         // where it is composed of texts under several keys: From and To are those of one
	NotEdited bool           // it is the value of an environment variable, which is not edited
	Known     bool           // it stands at a place for references, and not just under a key image

	Unreachable  string // why it cannot be edited, or ""
	CommentsLost bool   // as its Root says
}

// EditorKey names a component of an editor definition: metadata.name, metadata.attributes.version,
// and the component's name.
type EditorKey struct {
	Editor, Version, Component string
}

// Problem is a text that should hold references and could not be read.
type Problem struct {
	Document int
	Root     int
	Path     string
	Message  string
}

// Offset tells where the reference begins in the file.
func (s *Site) Offset() int {
	at, node, layer := s.From, s.Node, s.Layer
	for {
		if node != nil {
			start, _, err := layer.Text.Span(node, at, at+1)
			if err != nil {
				start = node.Offset
			}
			at = start
		}
		if layer.Parent == nil {
			return at
		}
		node, layer = layer.Holder, layer.Parent
	}
}

// Uncommented says why no comment can stand beside the reference, or "".
func (s *Site) Uncommented() string {
	switch {
	case s.CommentsLost:
		return "kustomize drops comments, and leaves the source as it is"
	case s.Layer.Text == nil:
		return "a list of images has no comments"
	case s.From > 0 && strings.TrimSpace(s.Node.Value[:s.From]) != "" || strings.TrimSpace(s.Node.Value[s.To:]) != "":
		return "it is one of several in a text"
	case s.Layer.JSON():
		return "JSON has no comments"
	}
	return ""
}

package locate

import (
	"regexp"
	"strings"
	"sync"

	"inject-related-images/internal/yamltext"
)

// placeholder is a variable's name in the place of an image (eclipse-che/che#19736): in one of three kinds of brackets, or bare,
// which must then look like a variable's name and not like an image. Most runs of the program have no use for it.
var placeholder = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:\$\{([A-Za-z_]\w*)\}|\$\(([A-Za-z_]\w*)\)|\{\{[ \t]*([A-Za-z_]\w*)[ \t]*\}\}|([A-Z][A-Z0-9]*_\w+))$`)
})

// placeholderName returns the name in what may be a placeholder, or "".
func placeholderName(text string) string {
	m := placeholder().FindStringSubmatch(text)
	if m == nil {
		return ""
	}
	return m[1] + m[2] + m[3] + m[4]
}

// MarkerKey begins the comment behind an image that says which variable it is from, as kpt's setters do with "kpt-set:".
const MarkerKey = "related-image:"

// Uncommented says why no comment can stand beside the site, or "".
func (s Site) Uncommented() string {
	switch {
	case s.Passing:
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

// hasMarkers tells whether there is a comment in the text that may be a marker.
func hasMarkers(source string) bool {
	for {
		i := strings.IndexByte(source, '#')
		if i < 0 {
			return false
		}
		for i < len(source) && (source[i] == '#' || source[i] == ' ' || source[i] == '\t') {
			i++
		}
		if source = source[i:]; strings.HasPrefix(source, MarkerKey) {
			return true
		}
	}
}

// marker returns the name of the variable in the comment beside the scalar n, or "".
func marker(text *yamltext.Text, n *yamltext.Node) string {
	comment, _, err := text.Comment(n)
	if err != nil {
		return ""
	}
	name, ok := strings.CutPrefix(strings.TrimLeft(comment, "# \t"), MarkerKey)
	if !ok {
		return ""
	}
	name, _, _ = strings.Cut(strings.TrimSpace(name), " ")
	return name
}

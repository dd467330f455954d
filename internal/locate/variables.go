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

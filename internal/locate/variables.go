package locate

import (
	"regexp"
	"strings"
	"sync"

	"inject-related-images/internal/yamltext"
)

// variableName matches the name of an environment variable, by Kubernetes' rule.
const variableName = `[-._A-Za-z][-._A-Za-z0-9]*`

func isNamePart(c rune) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c == '.' || c == '-'
}

// placeholder is a variable's name in the place of an image (eclipse-che/che#19736): in one of
// three kinds of brackets, or bare, which must then look like a variable's name and not like an
// image. Most runs of the program have no use for it.
var placeholder = sync.OnceValue(func() *regexp.Regexp {
	const bare = `[A-Z][A-Z0-9]*_[-._A-Za-z0-9]+`
	return regexp.MustCompile(
		strings.ReplaceAll(`^(?:\$\{(NAME)\}|\$\((NAME)\)|\{\{[ \t]*(NAME)[ \t]*\}\}|(`+bare+`))$`, "NAME", variableName),
	)
})

// template is what other tools put something in the place of: $(params.image), ${IMAGE}, $IMAGE, {{
// .Values.image }}, {image}, <image>, %IMAGE%.
var template = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\$[A-Za-z_({\[]|\{[^{}]+\}|\{\{|<[^<>]+>|%[^%]+%`)
})

func isTemplate(text string) bool {
	return strings.ContainsAny(text, "${<%") && template().MatchString(text)
}

// placeholderName returns the name in what may be a placeholder, or "".
func placeholderName(text string) string {
	m := placeholder().FindStringSubmatch(text)
	if m == nil {
		return ""
	}
	return m[1] + m[2] + m[3] + m[4]
}

// IsVariableName tells whether Kubernetes takes a name for that of an environment variable.
func IsVariableName(name string) bool {
	return name != "" && !('0' <= name[0] && name[0] <= '9') &&
		!strings.ContainsFunc(name, func(c rune) bool { return !isNamePart(c) })
}

// MarkerKey begins the comment behind an image that says which variable it is from, as kpt's
// setters do with "kpt-set:". Comments of other tools may stand before it, since they begin the
// comment, too.
const MarkerKey = "related-image:"

// marker returns the name of the variable in the comment beside the scalar n, or "".
func (f *finder) marker(text *yamltext.Text, n *yamltext.Node) string {
	comment, _, err := text.Comment(n)
	if err != nil {
		return ""
	}
	for from := 0; ; {
		i := strings.Index(comment[from:], MarkerKey)
		if i < 0 {
			return ""
		}
		before := comment[:from+i]
		from += i + len(MarkerKey)
		words := strings.Fields(comment[from:])
		if len(words) > 0 && words[0][0] != '#' && f.isMarker(before, words[0]) {
			return words[0]
		}
	}
}

// isMarker tells whether the key of a marker stands behind text for itself, and not in a sentence.
// Behind a # it does; else the name is to be a variable's.
func (f *finder) isMarker(before, name string) bool {
	separated := strings.TrimRight(before, " \t")
	return strings.HasSuffix(separated, "#") || len(separated) < len(before) && f.scope.isVariable(name)
}

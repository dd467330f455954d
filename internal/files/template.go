package files

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"inject-related-images/internal/yamltext"
)

// delimiter is what an action of a template stands between.
type delimiter struct{ opener, closer string }

// delimiters are those of Go, with it of Helm, and of Jinja; of ERB and EJS.
var delimiters = []delimiter{{"{{", "}}"}, {"{%", "%}"}, {"{#", "#}"}, {"<%", "%>"}}

// action is an action of a template: its bytes in the text, and what it begins with.
type action struct {
	start, end int
	opener     string
}

// breakingAction returns an action for which a text is no YAML. There is one if the text parses
// with its actions blanked. What takes the place of an action can be more than blanks; so there is
// one, too, if a line by itself parses only with its actions blanked. Of that, lines of block
// scalars are left out: they can be any text.
func breakingAction(source string) (action, bool) {
	actions := actionsIn(source)
	if len(actions) == 0 {
		return action{}, false
	}
	if parsesWithout(source, actions) {
		return actions[0], true
	}
	blocks, end := blockLines(source), 0
	for _, a := range actions {
		if a.start < end { // it is in the line of the one before
			continue
		}
		start := strings.LastIndexByte(source[:a.start], '\n') + 1
		if end = len(source); strings.Contains(source[a.end:], "\n") {
			end = a.end + strings.IndexByte(source[a.end:], '\n')
		}
		line := strings.TrimLeft(source[start:end], " \t")
		if !blocks[start] && !parses(line) && parsesWithout(line, actionsIn(line)) {
			return a, true
		}
	}
	return action{}, false
}

func parses(source string) bool {
	_, err := yamltext.Parse(source, nil)
	return err == nil
}

// parsesWithout tells whether a text parses with something else in the place of its actions.
func parsesWithout(source string, actions []action) bool {
	return parses(blanked(source, actions, 'x')) || parses(blanked(source, actions, ' '))
}

// actionsIn returns the actions in a text, in order.
func actionsIn(source string) []action {
	var actions []action
	open := slices.Clone(delimiters) // that can be closed
	for i := 0; i < len(source); i++ {
		at := slices.IndexFunc(open, func(d delimiter) bool { return strings.HasPrefix(source[i:], d.opener) })
		if at < 0 {
			continue
		}
		length := actionLength(source[i:], open[at])
		if length == 0 {
			open = slices.Delete(open, at, at+1)
			continue
		}
		actions = append(actions, action{i, i + length, open[at].opener})
		i += length - 1
	}
	return actions
}

// actionLength returns the length of the action that s begins with, or 0 if it has no end. What
// ends it may stand in a text between quotes, but for that in a comment, which can have any quotes.
func actionLength(s string, d delimiter) int {
	n := strings.Index(s, d.closer)
	if n < 0 {
		return 0
	}
	isComment := d.opener == "{#" || strings.HasPrefix(strings.TrimLeft(s[len(d.opener):], "- \t\r\n"), "/*")
	for i := len(d.opener); i < len(s) && !isComment; i++ {
		switch c := s[i]; {
		case strings.HasPrefix(s[i:], d.closer):
			return i + len(d.closer)
		case c == '"' || c == '\'' || c == '`':
			i += quoted(s[i:])
		}
	}
	return n + len(d.closer)
}

// quoted returns how many bytes come behind the quote that s begins with, up to the one that ends
// it; or 0 if none does on its line, as with apostrophes.
func quoted(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case s[0]:
			return i
		case '\n':
			if s[0] != '`' {
				return 0
			}
		case '\\':
			if s[0] != '`' {
				i++
			}
		}
	}
	return 0
}

// blanked returns a text with other signs for its actions, of the same length: blanks for those
// that stand apart at the end of a line, so that what is below may be the value, and others with
// part, as they can be parts of words. Line ends stay.
func blanked(source string, actions []action, part byte) string {
	b := []byte(source)
	next, isLast := len(b), true // of the action behind: where it begins, and whether blanks took its place
	for i, a := range slices.Backward(actions) {
		rest := strings.TrimLeft(source[a.end:next], " \t")
		isLast = rest == "" && isLast || rest != "" && strings.IndexByte("\r\n#", rest[0]) >= 0
		isApart := a.start == 0 || strings.IndexByte(" \t\n", source[a.start-1]) >= 0 || i > 0 && actions[i-1].end == a.start
		with := part
		if isLast = isLast && isApart; isLast {
			with = ' '
		}
		for k := a.start; k < a.end; k++ {
			if b[k] != '\n' && b[k] != '\r' {
				b[k] = with
			}
		}
		next = a.start
	}
	return string(b)
}

// blockHeader matches a line that begins a block scalar.
var blockHeader = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(^|[:?-][ \t]+([&!][^ \t]+[ \t]+)*)[|>][-+0-9]{0,2}([ \t]+#.*)?$`)
})

// blockLines returns the offsets of the lines in block scalars.
func blockLines(source string) map[int]bool {
	inside := map[int]bool{}
	isInside, indent, offset := false, 0, 0
	for line := range strings.Lines(source) {
		text := strings.TrimRight(line, " \t\r\n")
		width := len(text) - len(strings.TrimLeft(text, " "))
		if isInside && (text == "" || width > indent) {
			inside[offset] = true
		} else {
			isInside, indent = blockHeader().MatchString(text), width
		}
		offset += len(line)
	}
	return inside
}

package files

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/tidwall/jsonc"

	"inject-related-images/internal/quote"
)

// dialect is what a file is written in that by its name is YAML or JSON.
type dialect uint8

// The dialects.
const (
	standard      dialect = iota // YAML or JSON, be it right or wrong
	template                     // for another program, which makes YAML of it
	commentedJSON                // of editors and compilers
)

// unparsed says what becomes of a file that does not parse, for err.
func (done *result) unparsed(f file, source string, err error) {
	if action, ok := breakingAction(source); ok {
		line := 1 + strings.Count(source[:action.start], "\n")
		why := fmt.Sprintf("it has template actions (%s in line %d): %v", action.opener, line, err)
		done.foreign(f, template, why, "give the file that it renders to")
	} else if isCommentedJSON(source) {
		done.foreign(f, commentedJSON, fmt.Sprintf("it is JSON with comments or trailing commas: %v", err), "remove them")
	} else {
		done.err = fmt.Errorf("%s: %w", quote.Name(f.show), err)
	}
}

// foreign says why a file is passed over, or of one that is a PATH itself why it cannot be read.
func (done *result) foreign(f file, is dialect, why, advice string) {
	if f.named {
		done.err = fmt.Errorf("%s: %s: %s", quote.Name(f.show), why, advice)
		return
	}
	done.dialect = is
	done.notes = append(done.notes, fmt.Sprintf("%s: it is passed over, since %s", quote.Name(f.show), why))
}

// isCommentedJSON tells whether a text is JSON but for comments, and for commas behind last items.
func isCommentedJSON(source string) bool {
	source = strings.TrimPrefix(source, "\uFEFF")
	begin := strings.TrimLeft(source, " \t\r\n")
	return begin != "" && strings.IndexByte("{[/", begin[0]) >= 0 &&
		!json.Valid([]byte(source)) && json.Valid(jsonc.ToJSON([]byte(source)))
}

// hasComments tells whether a text is JSON but for comments. As YAML it may parse, and mean
// something else: /* a */ "image" is one key.
func hasComments(source string) bool {
	if !strings.Contains(source, "//") && !strings.Contains(source, "/*") || !isCommentedJSON(source) {
		return false
	}
	for i, c := range jsonc.ToJSON([]byte(source)) {
		if c != source[i] && source[i] != ',' {
			return true
		}
	}
	return false
}

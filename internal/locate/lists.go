package locate

import (
	"iter"
	"regexp"
	"strings"
	"sync"

	"inject-related-images/internal/imageref"
)

// lines finds the references of a list, one a line, which stands at a path, under a key.
func (f *finder) lines(list *Layer, at, key string) {
	for from, text := range linesOf(list.Source) {
		if site, ok := f.read(text, true); ok {
			site.Layer, site.From, site.Path, site.Key = list, from, at, key
			f.add(site)
		}
	}
}

// linesOf returns where the lines of a list begin, and the lines without the white space around
// them. Empty lines and comments are left out.
func linesOf(list string) iter.Seq2[int, string] {
	const mark = "\uFEFF" // the byte order mark
	return func(yield func(int, string) bool) {
		offset := 0
		for line := range strings.SplitAfterSeq(list, "\n") {
			offset += len(line)
			line = strings.TrimPrefix(line, mark)
			from, text := trim(line)
			if text != "" && text[0] != '#' && !yield(offset-len(line)+from, text) {
				return
			}
		}
	}
}

// trim returns s without the white space around it, and where that begins.
func trim(s string) (from int, text string) {
	text = strings.TrimLeft(s, " \t\r\n")
	return len(s) - len(text), strings.TrimRight(text, " \t\r\n")
}

// isLines tells a list of references, one a line, from other text by its references, each of which
// must be full. There may be placeholders among them, well written or not: by itself, the name of a
// variable may be meant as no more than that.
func (s Scope) isLines(text string) bool {
	found := false
	for _, line := range linesOf(text) {
		full := isFull(line)
		if !full && s.named(line) == "" {
			return false
		}
		found = found || full
	}
	return found
}

// isFull tells whether s has all that tells a reference from a word: a registry or organisation and
// a tag, or a digest.
func isFull(s string) bool {
	if !strings.Contains(s, "@") && !(strings.Contains(s, "/") && strings.Contains(s, ":")) {
		return false
	}
	ref, err := imageref.Parse(s)
	return err == nil && ref.String() != ref.Name()
}

// pair is a key=value of a list of such pairs.
type pair struct {
	key   string
	value string
	from  int  // where the value begins in the list
	loose bool // it is not the first value behind the key, or there is no key before it on its line
}

// quotesAndBlanks may stand between the key, the = and the value of a pair.
const quotesAndBlanks = "\"' \t"

// listWord matches a key or a value in a list of pairs. Placeholders and templates may have signs in
// them that end other words.
var listWord = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?:\{\{[^{}]*\}\}|\$\{[^{}]*\}|\$\([^()]*\)|[^\s,;='"\\])+`)
})

// isPairs tells a list of pairs from other text: each of its lines begins with a name and a =.
func isPairs(text string) bool {
	found := false
	for _, line := range linesOf(text) {
		key, _, ok := strings.Cut(strings.TrimPrefix(line, "export "), "=")
		key = strings.Trim(key, quotesAndBlanks)
		if found = ok && key != "" && !strings.ContainsFunc(key, func(c rune) bool { return !isNamePart(c) }); !found {
			return false
		}
	}
	return found
}

// pairsOf reads a list of pairs, one a line or separated by white space, commas and semicolons, as
// in files that end with .env: export KEY="value" # why. A value may be such a list in turn.
func pairsOf(list string) []pair {
	var pairs []pair
	for offset, line := range linesOf(list) {
		line = uncommented(line)
		key, end, isNext := "", 0, false // where the last word ends, and whether it is the key
		for _, at := range listWord().FindAllStringIndex(line, -1) {
			text, gap := line[at[0]:at[1]], strings.Trim(line[end:at[0]], quotesAndBlanks)
			end = at[1]
			if strings.HasPrefix(strings.TrimLeft(line[end:], quotesAndBlanks), "=") {
				key, isNext = text, true
				continue
			}
			loose := !isNext || gap != "="
			if isNext && loose { // the key has no value
				key = ""
			}
			pairs, isNext = append(pairs, pair{key, text, offset + at[0], loose}), false
		}
	}
	return pairs
}

// uncommented returns a line without the comment at its end.
func uncommented(line string) string {
	for _, mark := range []string{" #", "\t#"} {
		line, _, _ = strings.Cut(line, mark)
	}
	return line
}

// pairs finds the references of a list of pairs, which stands at a path, in an object. At a known
// place each value is one. Elsewhere the list is open, and values may be anything: those count that
// are full or placeholders, and others by their key alone.
func (f *finder) pairs(list *Layer, at string, object Named, known bool) {
	for _, p := range pairsOf(list.Source) {
		find := f.openPair
		if known {
			find = f.knownPair
		}
		site, ok := find(p)
		if !ok {
			continue
		}
		site.Layer, site.From, site.Path, site.Key, site.Open = list, p.from, at, p.key, !known
		if f.scope.isVariable(p.key) && !p.loose {
			named := object
			named.Variable = p.key
			site.Named, site.ByKey = &named, false
		}
		f.add(site)
	}
}

func (f *finder) knownPair(p pair) (site Site, ok bool) {
	site, ok = f.read(p.value, true)
	if p.loose && site.Invalid == "" {
		site.Invalid = "it has no name: write NAME=" + p.value
	}
	return site, ok
}

// openPair returns the site of a pair in an open list. The name of a variable by itself may be meant
// as no more than that.
func (f *finder) openPair(p pair) (site Site, ok bool) {
	ref, err := imageref.Parse(p.value)
	variable := f.scope.variable(p.value)
	isFull := isFull(p.value)
	switch {
	case isFull, err == nil && !p.loose:
		return Site{Text: p.value, Ref: ref, ByKey: !isFull}, true
	case variable != "" && variable != p.value:
		return Site{Text: p.value, Variable: variable}, true
	}
	return Site{}, false
}

func (p pair) isFull() bool { return isFull(p.value) }

package krm

import (
	"iter"
	"sort"
	"strings"
	"sync"

	"inject-related-images/internal/parallel"
	"inject-related-images/internal/yamltext"
)

// list is a ResourceList. Items may have been taken out of it, to be read one by one: a list of ten
// thousand takes little more memory than one of two.
//
// An item may be taken out only if it is by itself a sequence of one item, in a text that stands
// alone, and if what is kept of the list parses too. Then a parser of the whole text would have
// come to the end of each item in the state in which it began it: a quote or a bracket that goes on
// behind the item leaves a text that does not parse, and simple YAML has no anchors, tags and
// exotic line breaks, whose meaning depends on what is before them. The last item is always kept.
// So is any other that is not simple, if it is by itself a sequence of one item.
type list struct {
	envelope         // the list with the items that are kept in it
	source   string  // the whole text
	starts   []int   // of the items in source
	kept     []bool  // which of these are in the envelope
	pieces   []piece // of the envelope, in order
}

// piece says where a piece of the envelope's text begins there, and where in the source.
type piece struct{ envelope, source int }

// split takes all items but the last out of source, by their lines. It tells whether that could be
// done; whether it was right shows when the items are read.
func split(source string) (l list, ok bool) {
	const key = "items:\n"
	begin := 0
	if !strings.HasPrefix(source, key) {
		if begin = strings.Index(source, "\n"+key) + 1; begin == 0 {
			return list{}, false
		}
	}
	begin += len(key)
	column := len(source[begin:]) - len(strings.TrimLeft(source[begin:], " "))
	deeper := strings.Repeat(" ", column+1)
	var starts []int
	for at := begin; at < len(source); {
		end := len(source)
		if n := strings.IndexByte(source[at:], '\n'); n >= 0 {
			end = at + n + 1
		}
		if line := source[at:end]; !strings.HasPrefix(line, deeper) {
			text := strings.TrimLeft(line, " ")
			if len(line)-len(text) == column && strings.HasPrefix(text, "- ") {
				starts = append(starts, at)
			} else if text != "" && text != "\n" && text[0] != '#' {
				break
			}
		}
		at = end
	}
	if len(starts) < 2 || starts[0] != begin { // what comes before the first item would be in none
		return list{}, false
	}
	return list{source: source, starts: starts}.keep(nil)
}

// keep takes all items out but the last, those that were kept before, and those of the given
// indices.
func (l list) keep(indices []int) (list, bool) {
	last := len(l.starts) - 1
	kept := make([]bool, len(l.starts))
	copy(kept, l.kept)
	kept[last] = true
	for _, i := range indices {
		kept[i] = true
		if text, err := yamltext.Parse(l.item(i), nil); err != nil || !isItem(text) {
			return list{}, false
		}
	}
	var text strings.Builder
	text.WriteString(l.source[:l.starts[0]])
	l.kept, l.pieces = kept, []piece{{0, 0}}
	items := 0
	for i, isKept := range kept {
		if !isKept {
			continue
		}
		items++
		l.pieces = append(l.pieces, piece{text.Len(), l.starts[i]})
		if i < last {
			text.WriteString(l.item(i))
		}
	}
	text.WriteString(l.source[l.starts[last]:])
	var err error
	if l.envelope, err = open(text.String()); err != nil {
		return list{}, false
	}
	list := l.root.Get("items")
	column := strings.IndexByte(l.source[l.starts[0]:], '-')
	return l, list.Offset == l.starts[0]+column && len(list.Content) == items
}

// whole is the list that nothing was taken out of.
func whole(source string) (list, error) {
	e, err := open(source)
	return list{envelope: e, source: source, pieces: []piece{{0, 0}}}, err
}

// inSource returns a change of the envelope as one of the source.
func (l list) inSource(c yamltext.Change) yamltext.Change {
	return shifted(c, l.offset(c.Start)-c.Start)
}

// offset returns where in the source an offset of the envelope stands.
func (l list) offset(envelope int) int {
	p := l.pieces[sort.Search(len(l.pieces), func(i int) bool { return l.pieces[i].envelope > envelope })-1]
	return p.source - p.envelope + envelope
}

func shifted(c yamltext.Change, by int) yamltext.Change {
	return yamltext.Change{Start: c.Start + by, End: c.End + by, New: c.New}
}

// item returns the text of an item that is not the last.
func (l list) item(i int) string { return l.source[l.starts[i]:l.starts[i+1]] }

// read reads what is of interest in an item that was taken out. It tells whether the cut was right.
func (l list) read(i int, of *yamltext.Interest) (*yamltext.Text, bool) {
	text, err := yamltext.Parse(l.item(i), of)
	return text, err == nil && text.Standalone && isItem(text)
}

// isItem tells whether a text is a sequence of one item.
func isItem(text *yamltext.Text) bool {
	return len(text.Docs) == 1 && text.Docs[0].Kind == yamltext.Sequence && len(text.Docs[0].Content) == 1
}

// unsplittableError says which items must not be taken out.
type unsplittableError struct{ items []int }

func (e *unsplittableError) Error() string { return "items could not be told apart by their lines" }

// each calls visit with each item that may hold one of the words, its text, and what says where in
// the source an offset of that stands, in order. The error may be a *unsplittableError.
func (l list) each(words []string, visit func(*yamltext.Text, *yamltext.Node, func(offset int) int) error) error {
	var wrong []int
	in := l.root.Get("items").Content
	for i, isKept := range l.kept {
		var err error
		if isKept {
			err = visit(l.text, in[0].Resolve(), l.offset)
			in = in[1:]
		} else if yamltext.Spells(l.item(i), words) {
			if text, ok := l.read(i, nil); ok {
				err = visit(text, text.Docs[0].Content[0].Resolve(), func(offset int) int { return l.starts[i] + offset })
			} else {
				wrong = append(wrong, i)
			}
		}
		if err != nil {
			return err
		}
	}
	for _, n := range in { // of a list that is not cut
		if err := visit(l.text, n.Resolve(), l.offset); err != nil {
			return err
		}
	}
	if wrong != nil {
		return &unsplittableError{wrong}
	}
	return nil
}

// inject has all items injected. It returns what became of the envelope, and the parts of the list
// in the order of its items. It takes as many processors as there are. The error is a
// *unsplittableError.
func (l list) inject(in injector) (envelope part, parts []part, err error) {
	const batch = 16 // items are small
	parts = make([]part, len(l.starts))
	interest := in.engine.Scope.Interest(described...)
	var lock sync.Mutex
	var wrong []int
	parallel.Each(len(parts), batch, func(indices iter.Seq[int]) {
		for i := range indices {
			if l.kept[i] {
				continue
			}
			text, ok := l.read(i, interest)
			if !ok {
				lock.Lock()
				wrong = append(wrong, i)
				lock.Unlock()
				continue
			}
			parts[i] = in.inject(text, text.Docs[0].Content, nil)
			for j, c := range parts[i].changes {
				parts[i].changes[j] = shifted(c, l.starts[i])
			}
		}
	})
	if wrong != nil {
		return part{}, nil, &unsplittableError{wrong}
	}
	envelope = in.inject(l.text, l.root.Get("items").Content, l.root.Get("functionConfig"))
	return envelope, l.spread(envelope, parts), nil
}

// spread puts what became of the envelope's items among the parts, where they were, and the rest
// behind them.
func (l list) spread(envelope part, parts []part) []part {
	own := envelope.byItem()
	for i, isKept := range l.kept {
		if isKept {
			parts[i], own = own[0], own[1:]
		}
	}
	parts = append(parts, own...)
	all := part{templates: envelope.templates, usage: envelope.usage} // of the whole envelope, and of no item alone
	for _, c := range envelope.changes {
		all.changes = append(all.changes, l.inSource(c))
	}
	return append(parts, all)
}

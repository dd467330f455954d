package krm

import (
	"encoding/json"
	"errors"
	"io"
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
// So is any other that is not simple, if it is by itself a sequence of one item. Of a list that is
// JSON the items are told apart by a decoder of that.
type list struct {
	envelope         // the list with the items that are kept in it
	source   string  // the whole text
	flow     bool    // its items are JSON, with commas between them; else each begins a line with a dash
	starts   []int   // of the items in source
	ends     []int   // of the items; of those that begin lines where the next one begins
	kept     []bool  // which of these are in the envelope
	pieces   []piece // of the envelope, in order
}

// piece says where a piece of the envelope's text begins there, and where in the source.
type piece struct{ envelope, source int }

// split takes all items but the last out of source. It tells whether that could be done; whether it
// was right shows when the items are read.
func split(source string) (list, bool) {
	l := list{source: source}
	l.starts, l.ends = splitLines(source)
	if l.starts == nil {
		l.flow = true
		l.starts, l.ends = splitJSON(source)
	}
	if len(l.starts) < 2 {
		return list{}, false
	}
	return l.keep(nil)
}

// splitLines returns where the items begin and end by the lines of source. The last one has no end.
func splitLines(source string) (starts, ends []int) {
	begin := behindItemsKey(source)
	if begin < 0 {
		return nil, nil
	}
	column := len(source[begin:]) - len(strings.TrimLeft(source[begin:], " "))
	deeper := strings.Repeat(" ", column+1)
	for at := begin; at < len(source); {
		end := len(source)
		if n := strings.IndexByte(source[at:], '\n'); n >= 0 {
			end = at + n + 1
		}
		if line := source[at:end]; !strings.HasPrefix(line, deeper) {
			text := strings.TrimLeft(line, " ")
			if len(line)-len(text) == column && strings.HasPrefix(text, "- ") {
				starts = append(starts, at)
			} else if text = strings.TrimRight(text, "\r\n"); text != "" && text[0] != '#' {
				break
			}
		}
		at = end
	}
	if len(starts) == 0 || starts[0] != begin { // what comes before the first item would be in none
		return nil, nil
	}
	return starts, starts[1:]
}

// behindItemsKey returns the offset of the line behind the key items that is alone on its line, or
// -1.
func behindItemsKey(source string) int {
	for _, key := range []string{"items:\n", "items:\r\n"} {
		if strings.HasPrefix(source, key) {
			return len(key)
		}
		if i := strings.Index(source, "\n"+key); i >= 0 {
			return i + len("\n"+key)
		}
	}
	return -1
}

// splitJSON returns where the items begin and end of source, if that is JSON.
func splitJSON(source string) (starts, ends []int) {
	text := strings.TrimPrefix(source, "\uFEFF")
	mark := len(source) - len(text)
	if !strings.HasPrefix(strings.TrimLeft(text, " \t\r\n"), "{") {
		return nil, nil
	}
	decoder := json.NewDecoder(strings.NewReader(text))
	_, err := decoder.Token() // the brace
	var value json.RawMessage // which is read into the same memory
	for err == nil && decoder.More() {
		var key json.Token
		if key, err = decoder.Token(); err != nil {
			break
		}
		if key != "items" || starts != nil {
			err = decoder.Decode(&value)
			continue
		}
		if bracket, _ := decoder.Token(); bracket != json.Delim('[') {
			return nil, nil
		}
		for err == nil && decoder.More() {
			if err = decoder.Decode(&value); err == nil {
				end := mark + int(decoder.InputOffset())
				starts, ends = append(starts, end-len(value)), append(ends, end)
			}
		}
		if err == nil {
			_, err = decoder.Token() // the bracket
		}
	}
	if err == nil {
		_, err = decoder.Token() // the brace
	}
	if _, end := decoder.Token(); err != nil || !errors.Is(end, io.EOF) {
		return nil, nil
	}
	return starts, ends
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
		if text, err := yamltext.Parse(l.item(i), nil); err != nil || l.nodes(text) == nil {
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
			text.WriteString(l.source[l.starts[i]:l.starts[i+1]])
		}
	}
	text.WriteString(l.source[l.starts[last]:])
	var err error
	if l.envelope, err = open(text.String()); err != nil {
		return list{}, false
	}
	in := l.root.Get("items")
	if len(in.Content) != items {
		return list{}, false
	}
	if l.flow {
		return l, in.Content[0].Offset == l.starts[0]
	}
	return l, in.Offset == l.starts[0]+strings.IndexByte(l.source[l.starts[0]:], '-')
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
func (l list) item(i int) string { return l.source[l.starts[i]:l.ends[i]] }

// read reads what is of interest in an item that was taken out. It tells whether the cut was right.
func (l list) read(i int, of *yamltext.Interest) (*yamltext.Text, bool) {
	text, err := yamltext.Parse(l.item(i), of)
	return text, err == nil && text.Standalone && l.nodes(text) != nil
}

// nodes returns the only node of the text of an item, which by itself is a sequence of that item, or
// JSON; or nil of what is no item.
func (l list) nodes(text *yamltext.Text) []*yamltext.Node {
	switch {
	case len(text.Docs) != 1:
		return nil
	case l.flow:
		return text.Docs
	case text.Docs[0].Kind == yamltext.Sequence && len(text.Docs[0].Content) == 1:
		return text.Docs[0].Content
	}
	return nil
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
				err = visit(text, l.nodes(text)[0].Resolve(), func(offset int) int { return l.starts[i] + offset })
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
			parts[i] = in.inject(text, l.nodes(text), nil)
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

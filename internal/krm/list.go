package krm

import (
	"errors"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	"inject-related-images/internal/yamltext"
)

// list is a ResourceList, from which all items but the last may have been cut out, to be read one by one: a list of ten thousand
// takes little more memory than one of two.
//
// A cut is right only if each item that was cut out is by itself a sequence of one item, in the simple YAML that yamltext.ParseSimple
// reads, and if what is left of the list parses too. Then a parser of the whole text would have come to the end of each item in
// the state in which it began it: a quote or a bracket that goes on behind the cut leaves a text that does not parse, and simple
// YAML has no anchors, tags and exotic line breaks, whose meaning depends on what is before them. Where a cut is not right, the
// list is read as a whole.
type list struct {
	envelope        // the list, or what is left of it
	source   string // the whole text
	cut      string // what was cut out
	at       int    // from where in the envelope's text
	starts   []int  // of the items in cut
}

// cut cuts all items but the last out of source. It tells whether that could be done; whether it was right shows when the items
// are read.
func cut(source string) (l list, ok bool) {
	const key = "items:\n"
	begin := 0
	if !strings.HasPrefix(source, key) {
		if begin = strings.Index(source, "\n"+key) + 1; begin == 0 {
			return list{}, false
		}
	}
	begin += len(key)
	column := len(source[begin:]) - len(strings.TrimLeft(source[begin:], " "))
	last, deeper := begin, strings.Repeat(" ", column+1)
	for at := begin; at < len(source); {
		end := len(source)
		if n := strings.IndexByte(source[at:], '\n'); n >= 0 {
			end = at + n + 1
		}
		if line := source[at:end]; !strings.HasPrefix(line, deeper) {
			text := strings.TrimLeft(line, " ")
			if len(line)-len(text) == column && strings.HasPrefix(text, "- ") {
				l.starts, last = append(l.starts, at-begin), at
			} else if text != "" && text != "\n" && text[0] != '#' {
				break
			}
		}
		at = end
	}
	if len(l.starts) < 2 || l.starts[0] != 0 { // what comes before the first item would be in none
		return list{}, false
	}
	l.source, l.at, l.cut, l.starts = source, begin, source[begin:last], l.starts[:len(l.starts)-1]
	var err error
	if l.envelope, err = open(source[:begin] + source[last:]); err != nil {
		return list{}, false
	}
	return l, l.root.Get("items").Offset == begin+column
}

// whole is the list that nothing was cut out of.
func whole(source string) (list, error) {
	e, err := open(source)
	return list{envelope: e, source: source}, err
}

// offset returns the offset in the source of an offset in the text of a part.
func (l list) offset(part, offset int) int {
	switch {
	case part < len(l.starts):
		return l.at + l.starts[part] + offset
	case offset < l.at:
		return offset
	}
	return offset + len(l.cut)
}

// item returns the text of the item i that was cut out.
func (l list) item(i int) string {
	end := len(l.cut)
	if i+1 < len(l.starts) {
		end = l.starts[i+1]
	}
	return l.cut[l.starts[i]:end]
}

// read reads the item i that was cut out into the memory of arena. The error says that the cut was not right.
func (l list) read(i int, arena *yamltext.Arena) (*yamltext.Text, error) {
	arena.Reset()
	text, err := arena.ParseSimple(l.item(i))
	if err != nil {
		return nil, err
	}
	if len(text.Docs) != 1 || text.Docs[0].Kind != yamltext.Sequence || len(text.Docs[0].Content) != 1 {
		return nil, errCut
	}
	return text, nil
}

var errCut = errors.New("items could not be told apart by their lines")

// each calls visit with each item that may hold one of the words, and its text, in order. Neither lives longer than the call.
func (l list) each(words []string, visit func(*yamltext.Text, *yamltext.Node) error) error {
	var arena yamltext.Arena
	for i := range l.starts {
		if !yamltext.Spells(l.item(i), words) {
			continue
		}
		text, err := l.read(i, &arena)
		if err == nil {
			err = visit(text, text.Docs[0].Content[0].Resolve())
		}
		if err != nil {
			return err
		}
	}
	for _, n := range l.root.Get("items").Content {
		if err := visit(l.text, n.Resolve()); err != nil {
			return err
		}
	}
	return nil
}

// inject has all items injected: a part each of those that were cut out, and the last one for the envelope. It takes as many
// processors as there are.
func (l list) inject(in injector) ([]part, error) {
	const batch = 16 // items are small
	parts := make([]part, len(l.starts)+1)
	var next atomic.Int64
	var failed atomic.Bool
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), (len(l.starts)+batch-1)/batch) {
		workers.Go(func() {
			var arena yamltext.Arena
			for !failed.Load() {
				first := int(next.Add(batch)) - batch
				if first >= len(l.starts) {
					return
				}
				for i := first; i < min(first+batch, len(l.starts)); i++ {
					text, err := l.read(i, &arena)
					if err != nil {
						failed.Store(true)
						return
					}
					parts[i] = in.inject(text, text.Docs[0].Content, nil)
					parts[i].edits = nil // which are of nodes in the arena
				}
			}
		})
	}
	workers.Wait()
	if failed.Load() {
		return nil, errCut
	}
	parts[len(l.starts)] = in.inject(l.text, l.root.Get("items").Content, l.root.Get("functionConfig"))
	return parts, nil
}

// Package yamlgen writes random YAML and JSON with image references in it, in every style that has
// been thought of, and with each text the one that it must become. It is for tests, which compare
// that with what the engine makes of the text.
//
// It knows nothing of the engine, and does not parse: both texts are written at once, piece by
// piece, the same pieces but for the references. Random bytes find errors in a parser; errors in an
// editor are found by documents that mean something.
package yamlgen

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"strings"
)

// Reference is a reference and what it must become, which may be the same.
type Reference struct {
	Old, New string
}

// common tells how much of the old reference is left as it is written: what it has in common with
// the new one at its beginning, but never all of it unless they are the same.
func (r Reference) common() int {
	if r.Old == r.New {
		return len(r.Old)
	}
	n := 0
	for n < min(len(r.Old), len(r.New))-1 && r.Old[n] == r.New[n] {
		n++
	}
	return n
}

// Text is a text and what it must become.
type Text struct {
	Before, After string
	Sites         int // how many places name a reference; aliases count
}

// Generate writes a text with references taken from refs.
func Generate(r *rand.Rand, refs []Reference) Text {
	g := &generator{Rand: r, refs: refs, newline: pick(r, "\n", "\n", "\n", "\r\n", "mixed", "exotic")}
	if g.oneIn(6) {
		g.newline = "\n"
		g.json(0)
		if g.oneIn(2) {
			g.nl()
		}
		return g.text()
	}
	if g.oneIn(8) {
		g.write("\uFEFF")
	}
	if g.oneIn(8) {
		g.write(pick(r, "%YAML 1.1", "%YAML 1.1 # c", "%YAML 1.2", "%TAG !e! tag:example.com,2000:"))
		g.nl()
		g.write("---")
		g.nl()
	} else if g.oneIn(4) {
		g.write(pick(r, "---", "--- # "+g.ref().Old, "---  "))
		g.nl()
	}
	g.document(0)
	for g.oneIn(4) {
		if g.oneIn(3) {
			g.write(pick(r, "...", "... # c"))
			g.nl()
		}
		mark := ""
		if g.oneIn(3) && (g.newline == "\n" || g.newline == "\r\n") {
			mark = "\uFEFF"
		}
		before := g.oneIn(2)
		if before {
			g.write(mark)
		}
		g.write("---")
		g.nl()
		if !before {
			g.write(mark)
		}
		g.document(0)
	}
	t := g.text()
	if g.oneIn(5) {
		t.Before, t.After = strings.TrimRight(t.Before, "\r\n\u0085"), strings.TrimRight(t.After, "\r\n\u0085")
	}
	return t
}

// generator writes both texts.
type generator struct {
	*rand.Rand
	refs          []Reference
	before, after strings.Builder
	sites         int
	names         int    // for keys, anchors and the like that must not repeat
	newline       string // LF, CR LF, "mixed" of these, or "exotic"
}

func pick[T any](r *rand.Rand, options ...T) T { return options[r.IntN(len(options))] }

func (g *generator) oneIn(n int) bool { return g.IntN(n) == 0 }

func (g *generator) ref() Reference { return pick(g.Rand, g.refs...) }

func (g *generator) text() Text { return Text{g.before.String(), g.after.String(), g.sites} }

func (g *generator) write(s string) {
	g.before.WriteString(s)
	g.after.WriteString(s)
}

// both writes a reference as it is, and as it must become.
func (g *generator) both(before, after string) {
	g.before.WriteString(before)
	g.after.WriteString(after)
}

func (g *generator) nl() { g.write(g.lineBreak()) }

func (g *generator) lineBreak() string {
	switch g.newline {
	case "mixed":
		return pick(g.Rand, "\n", "\r\n")
	case "exotic":
		return pick(g.Rand, "\n", "\r\n", "\r", "\u0085")
	}
	return g.newline
}

func (g *generator) spaces(n int) string { return strings.Repeat(" ", n) }

func (g *generator) name(prefix string) string {
	g.names++
	return fmt.Sprintf("%s%d", prefix, g.names)
}

// inner returns a generator for a text that is written into this one.
func (g *generator) inner() *generator {
	return &generator{Rand: g.Rand, refs: g.refs, names: g.names, newline: "\n"}
}

// document writes a document: of no particular kind, or an object or devfile with places of its own,
// some of which hold documents in turn.
func (g *generator) document(depth int) {
	switch {
	case g.oneIn(8):
		g.environment()
	case g.oneIn(12):
		g.imageStream()
	case g.oneIn(12):
		g.catalogObject()
	case depth < 3 && g.oneIn(8):
		g.devWorkspace(depth)
	case depth < 3 && g.oneIn(3):
		g.write("apiVersion: v1")
		g.nl()
		g.write("kind: ConfigMap")
		g.nl()
		g.write("data:")
		g.nl()
		for range 1 + g.IntN(3) {
			g.write("  ")
			g.key(g.name("file") + pick(g.Rand, ".yaml", "", "-x"))
			g.embed(2, depth, true)
		}
	case depth < 3 && g.oneIn(4):
		g.write("components:")
		g.nl()
		for range 1 + g.IntN(2) {
			g.write("- " + pick(g.Rand, "kubernetes", "openshift") + ":")
			g.nl()
			g.write("    inlined:")
			g.embed(4, depth, false)
		}
	default:
		g.mapping(pick(g.Rand, 0, 0, 0, 1, 2, 3), 0)
	}
}

// key writes a key and its colon.
func (g *generator) key(name string) {
	g.write(pick(g.Rand, name+":", name+":", `"`+name+`":`, "'"+name+"':", name+" :"))
}

// mapping writes a block mapping whose keys are indented by indent.
func (g *generator) mapping(indent, depth int) {
	hasImage := false
	for range 1 + g.IntN(5) {
		switch what := g.IntN(13); {
		case what == 12:
			g.write(g.spaces(indent))
			g.key(g.name("k"))
			g.endOfLine()
			g.split(indent + 1 + g.IntN(4))
		case what < 4 && !hasImage:
			hasImage = true
			g.write(g.spaces(indent))
			g.image(indent)
		case what == 4:
			g.comment(indent)
		case what == 5:
			g.write(pick(g.Rand, "", g.spaces(g.IntN(6))))
			g.nl()
		case what == 6 && depth < 4:
			g.write(g.spaces(indent))
			g.key(g.name("k"))
			g.endOfLine()
			g.mapping(indent+1+g.IntN(4), depth+1)
		case what == 7 && depth < 4:
			g.write(g.spaces(indent))
			g.key(g.name("k"))
			g.endOfLine()
			g.sequence(indent+g.IntN(3), depth+1)
		case what == 8:
			g.write(g.spaces(indent))
			g.key(g.name("k"))
			g.write(" ")
			g.flow(indent, 0)
			g.endOfLine()
		case what == 9:
			g.shared(indent)
		default:
			g.write(g.spaces(indent))
			g.key(g.name("k"))
			g.filler(indent)
		}
	}
	g.write(g.spaces(indent) + g.name("last") + ": x")
	g.nl()
}

// sequence writes a block sequence of mappings.
func (g *generator) sequence(indent, depth int) {
	for range 1 + g.IntN(3) {
		gap := 1 + g.IntN(3)
		g.write(g.spaces(indent) + "-" + g.spaces(gap) + g.name("n") + ": x")
		g.nl()
		g.mapping(indent+1+gap, depth)
	}
}

// comment writes a comment of its own line, which may repeat a reference.
func (g *generator) comment(indent int) {
	g.write(g.spaces(g.IntN(indent+1)) + "#" + pick(g.Rand, "", " image: "+g.ref().Old, " é日", "\tx", "  \"'{["))
	g.nl()
}

// endOfLine writes what may stand behind a value, and the line break.
func (g *generator) endOfLine() {
	g.write(pick(g.Rand, "", "", "", " ", "  ", " # "+g.ref().Old, "  # image: "+g.ref().Old, " #", "\t# x", " \t"))
	g.nl()
}

// filler writes a value behind a key that is no reference, for all that it may look like one.
func (g *generator) filler(indent int) {
	in := g.lineBreak() + g.spaces(indent+1+g.IntN(4))
	old := g.ref().Old
	switch g.IntN(12) {
	case 0:
		g.write(" 'it''s " + old + in + "  é" + in + "'")
	case 1:
		g.write(" \"\\u00e9 \\\"" + in + old + "\\" + in + "\\x41\"")
	case 2:
		g.write(" plain " + old + in + "and more" + in + "image " + old)
	case 3:
		g.write(" " + pick(g.Rand, "|", "|-", "|+", "|  # "+old) + in + "image: " + old + in + "# " + old + g.lineBreak())
		return
	case 4:
		g.write(" >" + in + "see " + old + g.lineBreak() + in + "  now" + in + "# " + old)
	case 5:
		g.write(" [a, 'b c', \"d\", {e: f}]")
	case 6:
		g.write(" " + pick(g.Rand, "1.5", "~", "true", "2024-01-01", "0x1f", "null", "é💥日本"))
	case 7:
		g.write(" &" + g.name("f") + " " + pick(g.Rand, "x", "!!str 12", "'x'"))
	case 8:
		g.write(" \"a\u2028b\"")
	case 9:
		g.write(" !!str" + in + "text")
	default:
		g.write(" x" + g.name("y"))
	}
	g.endOfLine()
}

// image writes a key image with a reference. The mapping is indented by indent.
func (g *generator) image(indent int) {
	g.sites++
	if g.oneIn(20) {
		g.write("? " + pick(g.Rand, "image", "\"image\"", "!!str image"))
		g.nl()
		g.write(g.spaces(indent) + ":" + pick(g.Rand, " ", "   "))
		ref := g.ref()
		g.both(ref.Old, ref.New) // white space behind this colon may be no tab
		g.endOfLine()
		return
	}
	g.write(
		pick(
			g.Rand,
			"image:",
			"image:",
			"image:",
			"\"image\":",
			"'image':",
			"image :",
			"\"im\\x61ge\":",
			"!!str image:",
			"&"+g.name("i")+" image:",
		),
	)
	g.value(indent)
}

// value writes a reference behind a colon, in any style.
func (g *generator) value(indent int) { g.styled(g.ref(), indent) }

// styled writes what has no white space behind a colon, in any style.
func (g *generator) styled(ref Reference, indent int) {
	in := g.spaces(indent + 1 + g.IntN(5))
	g.write(pick(g.Rand, " ", " ", "  ", "   "))
	g.write(
		pick(
			g.Rand,
			"",
			"",
			"",
			"",
			"",
			"&"+g.name("a")+" ",
			"!!str ",
			"&"+g.name("a")+" !!str ",
			"!!str &"+g.name("a")+"  ",
		),
	)
	if g.oneIn(12) {
		g.endOfLine()
		g.write(in)
	}
	switch g.IntN(9) {
	case 0, 1, 2:
		g.both(ref.Old, ref.New)
	case 3:
		g.both("'"+ref.Old+"'", "'"+ref.New+"'")
	case 4:
		g.both(`"`+ref.Old+`"`, `"`+ref.New+`"`)
	case 5:
		g.write(`"`)
		g.escaped(ref, in)
		g.write(`"`)
	case 6, 7:
		g.block(ref, indent, in)
		return
	case 8:
		quote := pick(g.Rand, "'", `"`)
		g.write(quote)
		g.both(ref.Old, ref.New)
		g.write(pick(g.Rand, " ", g.lineBreak()+in) + quote) // white space around a reference is no part of it
	}
	g.endOfLine()
}

// block writes a reference as a literal or folded scalar.
func (g *generator) block(ref Reference, indent int, in string) {
	g.write(pick(g.Rand, "|", ">"))
	indicator := ""
	if g.oneIn(4) && len(in)-indent <= 9 {
		indicator = fmt.Sprint(len(in) - indent)
	}
	chomp := pick(g.Rand, "", "-", "-", "+")
	g.write(pick(g.Rand, indicator+chomp, chomp+indicator) + pick(g.Rand, "", "", " # "+ref.Old, "  "))
	g.nl()
	if g.oneIn(5) {
		g.write(pick(g.Rand, "", g.spaces(g.IntN(len(in)+1))))
		g.nl()
	}
	g.write(in)
	g.both(ref.Old, ref.New)
	g.nl()
	if g.oneIn(6) {
		g.nl()
	}
}

// parts are those of a reference that is split.
type parts struct {
	repository, tag string
	digest          Reference // which is "" where the reference has none
}

// splittable returns the parts of a reference of which no more than the digest changes.
func (g *generator) splittable() parts {
	for {
		ref := g.ref()
		old, oldDigest, _ := strings.Cut(ref.Old, "@")
		name, tag, _ := strings.Cut(old, ":")
		if newName, newDigest, _ := strings.Cut(ref.New, "@"); newName == name || ref.Old == ref.New {
			return parts{name, tag, Reference{oldDigest, newDigest}}
		}
	}
}

// split writes the keys of a block mapping under which the parts of a reference stand, as in the
// values of a chart.
func (g *generator) split(indent int) {
	p := g.splittable()
	g.sites++
	keys := []string{"repository", "digest", "pullPolicy"}
	host, path, _ := strings.Cut(p.repository, "/")
	if strings.Contains(host, ".") && g.oneIn(2) {
		keys, p.repository = append(keys, "registry"), path
	}
	if p.tag != "" || g.oneIn(2) {
		keys = append(keys, pick(g.Rand, "tag", "version"))
	}
	g.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
	for _, key := range keys {
		g.write(g.spaces(indent))
		g.key(key)
		switch key {
		case "registry":
			g.write(" " + host)
		case "repository":
			g.write(" " + p.repository)
		case "digest":
			g.digest(p.digest, indent)
			continue
		case "pullPolicy":
			g.write(" Always")
		default:
			quote := pick(g.Rand, "'", `"`)
			g.write(" " + quote + p.tag + quote)
		}
		g.endOfLine()
	}
}

// digest writes a digest behind a colon: where there is none yet, null or quotes to put one into.
func (g *generator) digest(digest Reference, indent int) {
	if digest.Old != "" {
		g.styled(digest, indent)
		return
	}
	if digest.New != "" && g.oneIn(3) {
		null := pick(g.Rand, "", " ~", "  null")
		g.both(null, cmp.Or(strings.TrimRight(null, "~nul"), " ")+digest.New)
		g.endOfLine()
		return
	}
	quote := pick(g.Rand, "'", `"`)
	g.write(pick(g.Rand, " ", "  ", " !!str ", " &"+g.name("a")+" ", " "+g.lineBreak()+g.spaces(indent+2)) + quote)
	g.both("", digest.New)
	g.write(quote)
	g.endOfLine()
}

// escaped writes a reference in double quotes with escapes. What old and new have in common at
// their beginning stays as it is written, up to the last character, and what is new is written as
// it is.
func (g *generator) escaped(ref Reference, in string) {
	common := ref.common()
	for i := range len(ref.Old) {
		c := ref.Old[i]
		if g.oneIn(25) {
			continued := "\\" + g.lineBreak() + in
			g.before.WriteString(continued)
			if i <= common {
				g.after.WriteString(continued)
			}
		}
		unit := string(c)
		switch g.IntN(12) {
		case 0:
			unit = fmt.Sprintf(`\x%02x`, c)
		case 1:
			unit = fmt.Sprintf(`\u%04X`, c)
		case 2:
			unit = fmt.Sprintf(`\U%08x`, c)
		}
		g.before.WriteString(unit)
		if i < common {
			g.after.WriteString(unit)
		}
	}
	g.after.WriteString(ref.New[common:])
}

// shared writes a reference that is behind an anchor, and places that name it by aliases and
// merges.
func (g *generator) shared(indent int) {
	anchor := g.name("s")
	if g.oneIn(2) {
		g.write(g.spaces(indent) + g.name("k") + ": &" + anchor + " ")
		ref := g.ref()
		quote := pick(g.Rand, "", "'", `"`)
		g.both(quote+ref.Old+quote, quote+ref.New+quote)
		g.endOfLine()
		for range 1 + g.IntN(2) {
			g.sites++
			g.write(
				g.spaces(indent) + g.name("k") + ": " + pick(g.Rand, "{image: *"+anchor+" }", "{ \"image\" : *"+anchor+" , x: y}"),
			)
			g.endOfLine()
		}
		return
	}
	ref := g.ref()
	g.sites++
	g.write(g.spaces(indent) + g.name("k") + ": &" + anchor + " {x: y, image: ")
	g.both(ref.Old, ref.New)
	g.write("}")
	g.endOfLine()
	switch g.IntN(3) {
	case 0:
		g.sites++
		g.write(g.spaces(indent) + g.name("k") + ": *" + anchor)
	case 1:
		g.sites++
		g.write(g.spaces(indent) + g.name("k") + ": {<<: *" + anchor + " , z: 1}")
	case 2:
		other := g.ref()
		g.sites++
		g.write(g.spaces(indent) + g.name("k") + ": {<<: [*" + anchor + "], image: ")
		g.both(other.Old, other.New)
		g.write("}")
	}
	g.endOfLine()
}

// flow writes a flow collection with a reference in it, maybe over several lines.
func (g *generator) flow(indent, depth int) {
	space := func() string {
		if g.oneIn(6) {
			return g.lineBreak() + g.spaces(indent+1+g.IntN(3))
		}
		return pick(g.Rand, "", " ", " ", "  ", " \t ")
	}
	if depth < 3 && g.oneIn(3) {
		g.write("[" + space())
		g.flow(indent, depth+1)
		g.write(space() + "," + space() + "x" + pick(g.Rand, "", ",") + space() + "]")
		return
	}
	g.sites++
	ref := g.ref()
	g.write("{" + space())
	if g.oneIn(2) {
		g.write(pick(g.Rand, "a: b,", "\"a\":\"b\",", "'é' : [1, {}],") + space())
	}
	g.write(pick(g.Rand, "image: ", "\"image\":", "\"image\" : ", "'image': "))
	switch g.IntN(4) {
	case 0:
		g.both(ref.Old, ref.New)
	case 1:
		g.both("'"+ref.Old+"'", "'"+ref.New+"'")
	case 2:
		g.both(`"`+ref.Old+`"`, `"`+ref.New+`"`)
	case 3:
		g.write(`"`)
		g.escaped(ref, g.spaces(indent+1))
		g.write(`"`)
	}
	g.write(space())
	if g.oneIn(3) {
		g.write("," + space() + "z: 'y'" + pick(g.Rand, "", " ,") + space())
	}
	g.write("}")
}

// embed writes a document, or where lists may stand a list, as the scalar behind a key that is
// indented by indent.
func (g *generator) embed(indent, depth int, lists bool) {
	inner := g.inner()
	switch {
	case g.oneIn(5):
		inner.newline = "\n"
		inner.json(1)
	case lists && g.oneIn(6):
		inner.list()
	case lists && g.oneIn(6):
		inner.pairs()
	default:
		inner.document(depth + 1)
	}
	g.scalar(indent, inner)
}

// scalar writes the text of inner as the scalar behind a key that is indented by indent.
func (g *generator) scalar(indent int, inner *generator) {
	g.names = inner.names
	g.sites += inner.sites
	text := inner.text()
	in := g.spaces(indent + 1 + g.IntN(4))
	if g.oneIn(2) && literal(text.Before) {
		g.write(" |" + map[bool]string{true: "", false: "-"}[strings.HasSuffix(text.Before, "\n")])
		g.write(pick(g.Rand, "", " # "+g.ref().Old))
		g.nl()
		g.both(indented(text.Before, in), indented(text.After, in))
		if !strings.HasSuffix(text.Before, "\n") {
			g.write("\n")
		}
		return
	}
	g.write(" ")
	separator := pick(g.Rand, "", "\\\n"+in)
	g.both(quoted(text.Before, separator), quoted(text.After, separator))
	g.endOfLine()
}

// literal tells whether text can be a literal scalar without indicators: it has no line ends of its
// own, and its first line is not indented.
func literal(text string) bool {
	return text != "" && !strings.ContainsAny(text, "\r\u0085\u2028\uFEFF") && !strings.ContainsAny(text[:1], " \n\t#%") &&
		!strings.HasSuffix(
			text,
			"\n\n",
		) && !strings.Contains(text, "\n \n") && !strings.HasSuffix(strings.TrimSuffix(text, "\n"), " ")
}

// indented writes in before each line.
func indented(text, in string) string {
	var b strings.Builder
	for _, line := range strings.SplitAfter(text, "\n") {
		if line != "" {
			b.WriteString(in + line)
		}
	}
	return b.String()
}

// quoted writes text in double quotes, with the separator behind each line.
func quoted(text, separator string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i, r := range text {
		switch {
		case r == '"' || r == '\\':
			b.WriteString("\\" + string(r))
		case r == '\n':
			b.WriteString("\\n")
			if separator != "" && i+1 < len(text) {
				b.WriteString(separator)
				if text[i+1] == ' ' || text[i+1] == '\t' {
					b.WriteByte('\\') // white space at the beginning of a line would be folded away
				}
			}
		case r == '\t':
			if strings.HasSuffix(b.String(), "\\") && !strings.HasSuffix(b.String(), "\\\\") {
				b.WriteByte('t')
			} else {
				b.WriteString("\\t")
			}
		case r < ' ' || r == 0x85 || r == 0x2028 || r == 0xFEFF:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// list writes references, one a line.
func (g *generator) list() {
	for range 1 + g.IntN(4) {
		ref := g.ref()
		g.sites++
		g.both(ref.Old+"\n", ref.New+"\n")
	}
}

// json writes JSON with references, as programs write it.
func (g *generator) json(depth int) {
	space := func() { g.write(pick(g.Rand, "", " ", "\n", "\n\t", "  ")) }
	if depth < 4 && g.oneIn(3) {
		g.write("[")
		space()
		g.json(depth + 1)
		space()
		g.write(",")
		space()
		g.write(pick(g.Rand, "1", "true", `"x"`, `{}`, `[]`))
		g.write("]")
		return
	}
	g.write("{")
	space()
	g.write(`"` + g.name("t") + `": ` + pick(g.Rand, `"\ud83d\ude00 \"x\""`, `"a\/b\n"`, "null", "1.5e3", `"é"`) + ",")
	space()
	if g.oneIn(4) {
		p := g.splittable()
		g.sites++
		g.write(`"` + g.name("v") + `":{"tag": "` + p.tag + `", "digest": "`)
		g.both(p.digest.Old, p.digest.New)
		g.write(`","repository":"` + strings.ReplaceAll(p.repository, "/", pick(g.Rand, "/", `\/`)) + `"},`)
	}
	if depth < 4 && g.oneIn(3) {
		g.write(`"` + g.name("o") + `":`)
		g.json(depth + 1)
		g.write(",")
	}
	if g.oneIn(6) {
		g.write(`"env":[{"value":"17=`)
		ref := g.ref()
		g.sites++
		g.both(ref.Old, ref.New)
		g.write(`;x=y","name":"X"}],`)
	}
	ref := g.ref()
	g.sites++
	g.write(pick(g.Rand, `"image": "`, `"image":"`, `"\u0069mage" : "`))
	common := ref.common()
	slash := pick(g.Rand, "/", `\/`)
	g.both(strings.ReplaceAll(ref.Old, "/", slash), strings.ReplaceAll(ref.New[:common], "/", slash)+ref.New[common:])
	g.write(`"`)
	space()
	g.write("}")
}

package fn_test

import (
	"cmp"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"inject-related-images/internal/catalog"
	"inject-related-images/internal/config"
	"inject-related-images/internal/engine"
	"inject-related-images/internal/olm"
	"inject-related-images/internal/yamltext"
)

var cases = flag.Int("cases", 80, "how many generated registries are injected with all combinations of options")

// mirror says where images are to be had.
type mirror struct {
	from, to string
	digests  bool // by digest only
}

var mirrors = []mirror{
	{},
	{"q.io", "local.io:5000/m", false},
	{"docker.io", "local.io:5000/hub", false},
	{"q.io/x/a", "local.io:5000/one", false},
	{"q.io", "local.io:5000/pinned", true},
}

const aliasFrom, aliasTo = "al.io/x", "q.io/x"

// options are a combination of those that decide.
type options struct {
	keepTag, record, matchRepository, alias bool
	arch                                    string
	mirror                                  mirror
}

// combinations returns all of them, simple ones first.
func combinations() []options {
	var all []options
	for _, m := range mirrors {
		for i := range 1 << 5 {
			o := options{mirror: m, keepTag: i&1 > 0, record: i&2 > 0, matchRepository: i&4 > 0, alias: i&8 > 0}
			if i&16 > 0 {
				o.arch = "arm64"
			}
			all = append(all, o)
		}
	}
	return all
}

// values writes o as it would be given.
func (o options) values() config.Values {
	values := config.Values{}
	switches := map[string]bool{"keep-tag": o.keepTag, "record": o.record, "match-repository": o.matchRepository}
	for name, is := range switches {
		if is {
			values[name] = config.Value{Text: "true"}
		}
	}
	if o.alias {
		values["alias"] = config.Value{Text: aliasFrom + "=" + aliasTo}
	}
	if o.arch != "" {
		values["arch"] = config.Value{Text: o.arch}
	}
	if o.mirror.from != "" && !o.mirror.digests {
		values["mirror"] = config.Value{Text: o.mirror.from + "=" + o.mirror.to}
	}
	return values
}

func (o options) String() string {
	var flags []string
	values := o.values()
	for _, name := range slices.Sorted(maps.Keys(values)) {
		flags = append(flags, "--"+name+"="+values[name].Text)
	}
	if o.mirror.digests {
		flags = append(flags, "ImageDigestMirrorSet:"+o.mirror.from+"="+o.mirror.to)
	}
	return strings.Join(flags, " ")
}

// parse returns the program's options.
func (o options) parse() (config.Options, error) {
	parsed, err := o.values().Parse()
	if err != nil || !o.mirror.digests {
		return parsed, err
	}
	m, err := config.ParseMirrors("apiVersion: config.openshift.io/v1\nkind: ImageDigestMirrorSet\n" +
		"spec: {imageDigestMirrors: [{source: \"" + o.mirror.from + "\", mirrors: [\"" + o.mirror.to + "\"]}]}\n")
	return parsed.WithMirrors(m), err
}

// registryCase is a file of a registry, and what it is injected with.
type registryCase struct {
	options
	variables []variable
	file      registryFile
}

// run is what became of a text.
type run struct {
	findings []engine.Finding
	text     string
}

// inject injects a text as the command does.
func inject(e engine.Engine, path, text string) (run, error) {
	context := engine.Context{Registry: catalog.RegistryOf(path), KeepsComment: true}
	out, err := e.Decide(engine.Input{Context: context, Name: path, Text: text})
	if err != nil {
		return run{}, err
	}
	text, err = yamltext.Apply(text, out.Changes)
	return run{out.Findings, text}, err
}

// comment returns the comment beside the i-th reference, in its parts.
func (r run) comment(i int, shape string) []string {
	line := r.findings[i].Line - 1
	if shape == "folded" {
		line-- // the comment stands behind the >-
	}
	return strings.Split(strings.Split(r.text, "\n")[line], " # ")[1:]
}

// outcome is what became of a case.
type outcome struct {
	first, second run
	problem       string // what is wrong, in a few words, or ""
	detail        string
}

// injectTwice injects the file of c, and what became of it. The second run has findings of the
// first one's text.
func (c registryCase) injectTwice(entries []catalog.Entry) outcome {
	parsed, err := c.parse()
	if err != nil {
		return outcome{problem: "options", detail: err.Error()}
	}
	e := parsed.Engine(olm.History{Current: []olm.Release{{Entries: entries}}})
	first, err := inject(e, c.file.path, c.file.text())
	if err != nil {
		return outcome{problem: "file", detail: err.Error()}
	}
	second, err := inject(e, c.file.path, first.text)
	if err != nil {
		return outcome{first: first, problem: "injected file", detail: err.Error()}
	}
	out := outcome{first: first, second: second}
	n := len(c.counted())
	if len(first.findings) != n || len(second.findings) != n {
		out.problem = fmt.Sprintf("%d and %d findings of %d references", len(first.findings), len(second.findings), n)
		return out
	}
	out.problem, out.detail = c.judge(out)
	return out
}

// oracle returns what judges the references of c.
func (c registryCase) oracle() oracle {
	kind := ""
	switch path := c.file.path; {
	case strings.Contains(path, "plugin"):
		kind = "plugin"
	case strings.Contains(path, "devfile-registry/"), strings.Contains(path, "devfiles/"):
		kind = "devfile"
	}
	return oracle{c.options, c.variables, kind}
}

// counted returns the references of the file that there must be findings of.
func (c registryCase) counted() []reference {
	if !c.file.isOpen() {
		return c.file.references
	}
	o := c.oracle()
	return slices.DeleteFunc(slices.Clone(c.file.references), func(r reference) bool { return !o.counts(r) })
}

// judge says what is wrong with an outcome.
func (c registryCase) judge(out outcome) (problem, detail string) {
	o := c.oracle()
	for i, r := range c.counted() {
		again := out.second.findings[i]
		if detail := o.judge(r, again.Image); detail != "" {
			return "another image than the rules say", detail
		}
		checked := run{out.second.findings, out.first.text}
		comment, marker := checked.comment(i, c.file.shape), ""
		if r.comment != "" {
			if len(comment) == 0 || comment[0] != r.comment {
				return "another tool's comment was changed", fmt.Sprintf("%q became %q", r.comment, comment)
			}
			comment = comment[1:]
		}
		if len(comment) > 0 {
			marker = strings.TrimPrefix(comment[0], "related-image: ")
		}
		if detail := o.judgeMarker(r, again.Image, marker); detail != "" || len(comment) > 1 {
			return "another marker than the rules say", cmp.Or(detail, fmt.Sprint(comment))
		}
		for _, f := range []engine.Finding{out.first.findings[i], again} {
			if f.Status == engine.Unreachable {
				return "unreachable", f.Message
			}
		}
		if again.Status == engine.Stale {
			return "check finds something stale right after inject", again.Image + " -> " + again.Proposed
		}
	}
	if out.first.text != out.second.text {
		return "a second inject changes the file", ""
	}
	return "", ""
}

// entries reads the CSV of c.
func (c registryCase) entries() ([]catalog.Entry, error) {
	text, err := yamltext.Parse(csvOf(c.variables), nil)
	if err != nil {
		return nil, err
	}
	release, err := olm.Open(olm.Document{Text: text, Node: text.Docs[0], Position: olm.InFile("csv.yaml", text.Source, 0)})
	if err == nil {
		err = release.Read(catalog.DefaultNames)
	}
	return release.Entries, err
}

// run reads the CSV and injects.
func (c registryCase) run() outcome {
	entries, err := c.entries()
	if err != nil {
		return outcome{problem: "csv", detail: err.Error()}
	}
	return c.injectTwice(entries)
}

// smallest returns the smallest case with the same problem that leaving out one thing after the
// other leads to.
func (c registryCase) smallest(problem string) registryCase {
	for {
		i := slices.IndexFunc(c.smaller(), func(s registryCase) bool { return s.run().problem == problem })
		if i < 0 {
			return c
		}
		c = c.smaller()[i]
	}
}

// smaller returns the cases with one thing less than c.
func (c registryCase) smaller() []registryCase {
	var all []registryCase
	add := func(change func(s *registryCase)) {
		s := c
		s.variables, s.file.references = slices.Clone(c.variables), slices.Clone(c.file.references)
		if change(&s); !s.equal(c) {
			all = append(all, s)
		}
	}
	for i := range c.file.references {
		if len(c.file.references) > 1 {
			add(func(s *registryCase) { s.file.references = slices.Delete(s.file.references, i, i+1) })
		}
		add(func(s *registryCase) { s.file.references[i].marker = "" })
		add(func(s *registryCase) { s.file.references[i].comment = "" })
	}
	for i := range c.variables {
		add(func(s *registryCase) { s.variables = slices.Delete(s.variables, i, i+1) })
	}
	add(func(s *registryCase) { s.keepTag = false })
	add(func(s *registryCase) { s.record = false })
	add(func(s *registryCase) { s.matchRepository = false })
	add(func(s *registryCase) { s.alias = false })
	add(func(s *registryCase) { s.arch = "" })
	add(func(s *registryCase) { s.mirror = mirror{} })
	add(func(s *registryCase) {
		if s.file.shape != "editor" && s.file.shape != "lines" && !s.file.isOpen() {
			s.file.shape = "plain"
		}
	})
	return all
}

func (c registryCase) equal(other registryCase) bool {
	return c.options == other.options && len(c.variables) == len(other.variables) && c.file.text() == other.file.text()
}

// report writes a case and its outcome for people.
func (c registryCase) report(out outcome) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n--- options\n%s\n--- variables\n", out.problem, out.detail, cmp.Or(c.String(), "none"))
	for _, v := range c.variables {
		fmt.Fprintf(&b, "%s=%s", v.name, v.value)
		if v.original.repository != "" {
			fmt.Fprintf(&b, " # tag: %s", v.original)
		} else if v.kind != "" {
			fmt.Fprintf(&b, " # tag %q of the %s registry", v.tag, v.kind)
		}
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, "--- %s\n%s--- injected\n%s--- injected again\n%s--- findings\n",
		c.file.path, c.file.text(), out.first.text, out.second.text)
	for _, result := range []run{out.first, out.second} {
		for _, f := range result.findings {
			fmt.Fprintf(&b, "%s -> %q: %s by rule %q %s", f.Image, f.Proposed, f.Status, f.Rule, f.Entry)
			fmt.Fprintln(&b, " "+f.Message)
		}
	}
	return abbreviated.Replace(b.String())
}

// abbreviated shortens digests for people.
var abbreviated = func() *strings.Replacer {
	var digests []string
	for i := range 16 {
		digests = append(digests, digestOf(i), fmt.Sprintf("sha256:%x…", i))
	}
	return strings.NewReplacer(digests...)
}()

// TestCombinedOptionsInjectWhatCheckWants injects generated registries by generated CSVs with all
// combinations of options. What becomes of each reference is what the rules say, check then finds
// nothing stale, and a second inject changes nothing.
func TestCombinedOptionsInjectWhatCheckWants(t *testing.T) {
	n := *cases
	if testing.Short() {
		n /= 4
	}
	const most = 5
	failed, reached := map[string]bool{}, coverage{map[string]int{}, map[string]int{}, map[string]int{}}
	for i := range n {
		g := caseGenerator{rand.New(rand.NewPCG(*seed, uint64(i)))}
		variables, marked := g.variables(), i%2 == 1
		c := registryCase{variables: variables, file: g.file(variables, marked)}
		entries, err := c.entries()
		if err != nil {
			t.Fatalf("case %d of seed %d: %v\n%s", i, *seed, err, csvOf(variables))
		}
		for _, c.options = range combinations() {
			out := c.injectTwice(entries)
			reached.add(c, marked, out)
			if out.problem == "" {
				continue
			}
			small := c.smallest(out.problem)
			if kind := out.problem + small.String(); !failed[kind] {
				failed[kind] = true
				t.Errorf("case %d of seed %d: %s", i, *seed, small.report(small.run()))
			}
			if len(failed) == most {
				t.FailNow()
			}
		}
	}
	if n >= 80 { // fewer do not reach everything
		reached.check(t)
	}
}

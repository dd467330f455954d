package fn_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"inject-related-images/internal/engine"
	"inject-related-images/internal/olm"
)

// valuesOf writes references as the values of a chart, a mapping each.
func valuesOf(references []reference) string {
	var b strings.Builder
	for i, r := range references {
		marker := ""
		if r.marker != "" {
			marker = " # related-image: " + r.marker
		}
		written := parseImage(r.text)
		fmt.Fprintf(&b, "v%d:\n  repository: %s\n  tag: %q\n  digest: %q%s\n", i, nameOf(r.text), written.tag, written.digest, marker)
	}
	return b.String()
}

// TestASplitReferenceIsDecidedAsAWholeOneIs injects the same references as whole ones and as the values of a chart, with
// generated CSVs and many combinations of options: they are found alike, and no more than their digests are written.
func TestASplitReferenceIsDecidedAsAWholeOneIs(t *testing.T) {
	n, found := *cases, map[engine.Status]int{}
	if testing.Short() {
		n /= 4
	}
	for i := range n {
		g := caseGenerator{rand.New(rand.NewPCG(*seed, uint64(i)))}
		c := registryCase{variables: g.variables(), file: registryFile{path: oneOf(g, folders...) + "values.yaml", shape: "plain"}}
		for range 6 {
			r := reference{text: g.spelled(g.image(c.variables))}
			if g.oneIn(6) {
				r.marker = oneOf(g, c.variables...).name
			}
			c.file.references = append(c.file.references, r)
		}
		entries, err := c.entries()
		if err != nil {
			t.Fatal(err)
		}
		for j, o := range combinations() {
			if c.options = o; (i+j)%4 > 0 {
				continue
			}
			parsed, err := c.parse()
			if err != nil {
				t.Fatal(err)
			}
			problem := compareSplit(parsed.Engine(olm.History{Current: []olm.Release{{Entries: entries}}}), c.file, found)
			if problem != "" {
				t.Fatalf("case %d of seed %d, %s: %s\n%s\n%s", i, *seed, o, problem, csvOf(c.variables), valuesOf(c.file.references))
			}
		}
	}
	t.Logf("%v", found)
	for _, status := range []engine.Status{engine.Stale, engine.Current, engine.Drifted, engine.Ambiguous, engine.Unreachable} {
		if found[status] == 0 {
			t.Errorf("no split reference is %s", status)
		}
	}
}

// compareSplit says how the findings of a file, and of its references as the values of a chart, differ, or "".
func compareSplit(e engine.Engine, f registryFile, found map[engine.Status]int) string {
	whole, err := inject(e, f.path, f.text())
	if err != nil {
		return err.Error()
	}
	split, err := inject(e, f.path, valuesOf(f.references))
	if err != nil {
		return err.Error()
	}
	var values map[string]struct{ Repository, Tag, Digest string }
	if err := yaml.Unmarshal([]byte(split.text), &values); err != nil {
		return err.Error()
	}
	findings := split.findings
	for i, r := range f.references {
		want, before := whole.findings[i], parseImage(r.text)
		proposed, digest := parseImage(want.Proposed), before.digest
		switch counts := want.Known || want.Broken; {
		case want.Status != engine.Stale:
		case proposed.repository != before.repository || proposed.digest == "":
			want.Status = engine.Unreachable
		case proposed.digest == before.digest:
			want.Status = engine.Current
		case counts:
			digest = proposed.digest
		}
		if v := values[fmt.Sprintf("v%d", i)]; v.Repository != nameOf(r.text) || v.Tag != before.tag || v.Digest != digest {
			return fmt.Sprintf("%s became %+v, want the digest %q", r.text, v, digest)
		}
		if !want.Known && !want.Broken {
			continue
		}
		if len(findings) == 0 || findings[0].Path != fmt.Sprintf("v%d.digest", i) {
			return fmt.Sprintf("%s was not found", r.text)
		}
		got := findings[0]
		findings = findings[1:]
		found[got.Status]++
		if got.Status != want.Status || got.Image != r.text || got.Rule != want.Rule || got.Entry != want.Entry {
			return fmt.Sprintf("%s is %+v, want %+v", r.text, got, want)
		}
	}
	if len(findings) > 0 {
		return fmt.Sprintf("found what does not count: %+v", findings[0])
	}
	if again, err := inject(e, f.path, split.text); err != nil || again.text != split.text {
		return fmt.Sprintf("a second inject changes the values: %v\n%s", err, again.text)
	}
	return ""
}

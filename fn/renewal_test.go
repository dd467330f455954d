package fn_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"inject-related-images/internal/engine"
	"inject-related-images/internal/olm"
)

// renewal is a file of a registry, the options, and a chain of releases of an operator.
type renewal struct {
	options
	chain    []release
	releases []olm.Release // the same, read
	file     registryFile
}

// inject injects a text with the last of releases, whose indices are given, the others being previous ones.
func (r renewal) inject(t *testing.T, text string, releases ...int) run {
	t.Helper()
	parsed, err := r.parse()
	if err != nil {
		t.Fatal(err)
	}
	var previous []olm.Release
	last := len(releases) - 1
	for _, n := range releases[:last] {
		previous = append(previous, r.releases[n])
	}
	history, err := olm.Choose([]olm.Release{r.releases[releases[last]]}, previous)
	if err != nil {
		t.Fatal(err)
	}
	result, err := inject(parsed.Engine(history), r.file.path, text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return result
}

// tags returns the file with the references by tag that last, by any of their names.
func (r renewal) tags(g caseGenerator) registryFile {
	file := r.file
	file.references = nil
	for _, i := range lasting(r.chain, r.options, r.oracle().kind) {
		file.references = append(file.references, reference{text: g.spelled(i), component: components[2]})
	}
	return file
}

func (r renewal) oracle() oracle {
	return registryCase{options: r.options, variables: r.chain[0].variables, file: r.file}.oracle()
}

// report writes a renewal for people, with what became of its texts.
func (r renewal) report(texts map[string]string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "--- options\n%s\n--- %s\n", r.options, r.file.path)
	for _, release := range r.chain {
		fmt.Fprintf(&b, "--- release %s\n", release.version)
		for _, v := range release.variables {
			fmt.Fprintf(&b, "%s=%s", v.name, v.value)
			if v.name == relatedImages {
				fmt.Fprintf(&b, " # tag: %s", v.original)
			} else if v.kind != "" {
				fmt.Fprintf(&b, " # tag %q of the %s registry", v.tag, v.kind)
			}
			b.WriteString("\n")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		fmt.Fprintf(&b, "--- %s\n%s", name, texts[name])
	}
	return abbreviated.Replace(b.String())
}

// renewals calls test with generated renewals, each by some of all combinations of options.
func renewals(t *testing.T, test func(g caseGenerator, r renewal)) {
	t.Helper()
	n := *cases
	if testing.Short() {
		n /= 4
	}
	for i := range n {
		g := caseGenerator{rand.New(rand.NewPCG(*seed, uint64(i)))}
		r := renewal{chain: g.chain()}
		r.file = g.file(r.chain[0].variables, i%2 == 1)
		for _, release := range r.chain {
			r.releases = append(r.releases, release.read(t))
		}
		for j, options := range combinations() {
			if r.options = options; (i+j)%5 == 0 {
				test(g, r)
			}
		}
	}
}

// TestARenewedRegistryIsWhatTheNextReleaseMakesOfItsTags compares what a registry is injected with
// by a release and renewed by the ones after it with what these make of its tags.
func TestARenewedRegistryIsWhatTheNextReleaseMakesOfItsTags(t *testing.T) {
	renewed, failed := 0, 0
	renewals(t, func(g caseGenerator, r renewal) {
		if r.record { // the marker has the name of the release that left it
			return
		}
		for _, last := range []int{1, 2} {
			r := r
			r.chain, r.releases = r.chain[:last+1], r.releases[:last+1]
			r.file = r.tags(g)
			tags := r.file.text()
			want := r.inject(t, tags, last).text
			pinned := r.inject(t, tags, 0).text
			first := r.inject(t, pinned, 0, 1)
			got := map[string]string{"renewed": first.text}
			if last == 2 {
				got["renewed"] = r.inject(t, first.text, 1, 2).text
				got["renewed at once"] = r.inject(t, pinned, 0, 1, 2).text
			}
			renewed += ofRule(first, "previous")
			for name, text := range got {
				if text != want {
					t.Errorf("%s: a registry that release %s pinned is not what release %s makes of its tags\n%s", name, versions[0], versions[last],
						r.report(map[string]string{"1 tags": tags, "2 pinned": pinned, "3 " + name: text, "4 want": want}))
					failed++
				}
			}
			if failed >= 5 {
				t.FailNow()
			}
		}
	})
	t.Logf("%d references were renewed by rule previous", renewed)
	if renewed == 0 {
		t.Error("no reference was renewed by rule previous")
	}
}

// TestARenewedRegistryIsSettled injects registries of all kinds of references by a release, and
// renews them: check then finds nothing stale, and a second inject changes nothing.
func TestARenewedRegistryIsSettled(t *testing.T) {
	statuses, failed := map[engine.Status]int{}, 0
	renewals(t, func(_ caseGenerator, r renewal) {
		for _, releases := range [][]int{{0, 1}, {0, 1, 2}} {
			text := r.inject(t, r.file.text(), 0).text
			first := r.inject(t, text, releases...)
			second := r.inject(t, first.text, releases...)
			for i, f := range second.findings {
				if before := first.findings[i]; before.Rule == "previous" {
					statuses[before.Status]++
				}
				if f.Status == engine.Stale || f.Status == engine.Unreachable {
					t.Errorf("%s is %s right after inject: %s: %s\n%s", f.Image, f.Status, f.Proposed, f.Message,
						r.report(map[string]string{"1 file": r.file.text(), "2 pinned": text, "3 renewed": first.text}))
					failed++
				}
			}
			if first.text != second.text {
				t.Errorf("a second inject changes the file\n%s",
					r.report(map[string]string{"1 file": r.file.text(), "2 pinned": text, "3 renewed": first.text, "4 again": second.text}))
				failed++
			}
			if failed >= 3 {
				t.FailNow()
			}
		}
	})
	t.Logf("by rule previous: %v", statuses)
	if statuses[engine.Stale] == 0 || statuses[engine.Ambiguous] == 0 {
		t.Errorf("not all statuses were reached by rule previous: %v", statuses)
	}
}

// ofRule counts the findings that a rule decided.
func ofRule(r run, rule string) int {
	n := 0
	for _, f := range r.findings {
		if f.Rule == rule {
			n++
		}
	}
	return n
}

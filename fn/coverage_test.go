package fn_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// coverage counts what the generated cases reach, so that a test of nothing fails.
type coverage struct {
	statuses map[string]int // references by rule and status
	changed  map[string]int // references that a rule changed, by combination
	classes  map[string]int // references by class, and by spelling
}

// add counts the references of a case.
func (c coverage) add(rc registryCase, marked bool, out outcome) {
	o := rc.oracle()
	for i, r := range rc.counted() {
		if i < len(out.first.findings) {
			f := out.first.findings[i]
			c.statuses[fmt.Sprintf("%-14s %s", f.Rule, f.Status)]++
		}
		v := o.verdict(r)
		if len(v.images) > 0 && (v.rule == current) == o.judgesAsIs(r) {
			c.changed[combination(rc.options, marked)+v.rule]++
		}
		if r.variable == "" && r.marker == "" && o.byPlace(r).rule == "" {
			c.classes[o.class(r)]++
			c.classes[spelling(r)]++
		}
	}
}

// judgesAsIs tells whether the reference is right as it is.
func (o oracle) judgesAsIs(r reference) bool { return r.variable == "" && o.judge(r, r.text) == "" }

func combination(o options, marked bool) string {
	return fmt.Sprintf("%s, markers %t: ", o, marked)
}

// class says what the tag and the digest of a reference are to the CSV.
func (o oracle) class(r reference) string {
	i := parseImage(r.text)
	for _, m := range mirrors[1:] {
		i, _ = i.move(m.to, m.from)
	}
	i, _ = i.move(aliasFrom, aliasTo)
	tag, digest := "unknown tag", "unknown digest"
	if i.tag == "" {
		tag = "no tag"
	}
	for _, v := range o.variables {
		own := o.kind == "" || v.kind == o.kind
		if v.value.repository != i.repository {
			continue
		}
		if v.value.digest == i.digest && digest != "its digest" {
			digest = "another digest"
		}
		if v.kind != "" && i.tag != "" && v.tag == i.tag && v.arch == "" {
			if tag != "own kind's tag" {
				tag = map[bool]string{true: "own kind's tag", false: "other kind's tag"}[own]
			}
			if v.value.digest == i.digest {
				digest = map[bool]string{true: "its digest", false: "other kind's digest"}[own]
			}
		}
	}
	if i.digest == "" {
		digest = "no digest"
	}
	return tag + ", " + digest
}

// spelling says by which of its names a reference is written.
func spelling(r reference) string {
	switch i := parseImage(r.text); {
	case strings.HasPrefix(r.text, "local.io:5000/"):
		return "at a mirror"
	case strings.HasPrefix(i.repository, aliasFrom):
		return "by an alias"
	case strings.HasPrefix(i.repository, "docker.io/") && !strings.HasPrefix(r.text, "docker.io/"):
		return "by a short name"
	}
	return "by its name"
}

// check fails where nothing was reached, and logs what was.
func (c coverage) check(t *testing.T) {
	t.Helper()
	for _, counts := range []map[string]int{c.statuses, c.classes} {
		for _, name := range slices.Sorted(maps.Keys(counts)) {
			t.Logf("%7d %s", counts[name], name)
		}
	}
	wanted := []string{"at a mirror", "by an alias", "by a short name", "by its name"}
	for tag, digests := range map[string][]string{
		"no tag":           {"no", "another", "unknown"},
		"unknown tag":      {"no", "another", "unknown"},
		"own kind's tag":   {"no", "its", "other kind's", "another", "unknown"},
		"other kind's tag": {"no", "other kind's", "another", "unknown"},
	} {
		for _, digest := range digests {
			wanted = append(wanted, tag+", "+digest+" digest")
		}
	}
	for _, name := range wanted {
		if c.classes[name] == 0 {
			t.Errorf("no reference has %s", name)
		}
	}
	for _, o := range combinations() {
		for _, marked := range []bool{false, true} {
			for _, rule := range rulesOf(o, marked) {
				if c.changed[combination(o, marked)+rule] == 0 {
					t.Errorf("%sno reference is decided by rule %s", combination(o, marked), rule)
				}
			}
		}
	}
}

// rulesOf returns the rules that a combination of options has.
func rulesOf(o options, marked bool) []string {
	rules := []string{"variable", "editor", "tag", "sample", "related-image", current}
	if marked {
		rules = append(rules, "placeholder", "marker")
	}
	if o.alias {
		rules = append(rules, "alias")
	}
	if o.matchRepository {
		rules = append(rules, repository)
	}
	return rules
}

package fn

import (
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"inject-related-images/internal/config"
)

// all has every option, each with another value than its default.
var all = Options{
	Fields:          []Field{{Group: "g", Version: "v1", Kind: "Foo", Path: `a\/b[]/c`}, {Path: "spec/image"}},
	Exclude:         []Field{{Kind: "Bar", Path: "spec/*/image"}},
	MatchRepository: true,
	Aliases:         []Alias{{"q.io/a", "q.io/b"}, {"q.io/cc", "q.io/d"}},
	Mirrors:         []Mirror{{"q.io", "local:5000"}, {"r.io", "local:5001"}},
	KeepTag:         true,
	Record:          true,
	Arch:            "arm64",
	Prefixes:        []string{"A_", "*_B"},
	FailOn:          []string{"uncovered", "-stale"},
	Skip:            []string{"charts/", "!a b.yaml"},
	Check:           true,
	Package:         "workspaces",
	Bundle:          "workspaces.v2",
	Insecure:        true,
	Root:            "/var/www/html",
}

func TestEveryOptionHasAField(t *testing.T) {
	fields := reflect.ValueOf(all)
	for i := range fields.NumField() {
		if field := fields.Type().Field(i); field.IsExported() && fields.Field(i).IsZero() {
			t.Errorf("%s has no case", field.Name)
		}
	}
	got, err := all.parse()
	if err != nil {
		t.Fatal(err)
	}
	byName := map[string]string{
		"fields":           "[{group: g, version: v1, kind: Foo, path: 'a\\/b[]/c'}, spec/image]",
		"exclude":          "{kind: Bar, path: spec/*/image}",
		"match-repository": "true",
		"alias":            "q.io/a=q.io/b,q.io/cc=q.io/d",
		"mirror":           "q.io=local:5000,r.io=local:5001",
		"keep-tag":         "true",
		"record":           "true",
		"arch":             "arm64",
		"prefix":           "A_,*_B",
		"fail-on":          "uncovered,-stale",
		"skip":             "charts/\n!a b.yaml",
		"mode":             "check",
		"package":          "workspaces",
		"bundle":           "workspaces.v2",
		"insecure":         "true",
		"root":             "/var/www/html",
	}
	var named Options
	for _, o := range config.Table {
		if o.Opens { // what names files is no option of the library
			continue
		}
		if byName[o.Name] == "" {
			t.Errorf("option %s has no case", o.Name)
		}
		named = named.With(o.Name, byName[o.Name], "--"+o.Name)
	}
	want, err := named.parse()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-by name +by field)\n%s", diff)
	}
}

func TestErrorsOfOptionsNameTheFieldAndTheValue(t *testing.T) {
	const path = "a path is keys with / between them, spec/foo[]/image; several are a list, each behind a dash"
	for want, o := range map[string]Options{
		`Options.Fields: path "": ` + path:       {Fields: []Field{{Kind: "Foo"}}},
		`Options.Exclude: path "a,b": ` + path:   {Exclude: []Field{{Path: "a,b"}}},
		`Options.Aliases: "q.io/a=" is not `:     {Aliases: []Alias{{From: "q.io/a"}}},
		`Options.Aliases: "q.io/a=b c" is sever`: {Aliases: []Alias{{From: "q.io/a", To: "b c"}}},
		`Options.Mirrors: "a=b=c" is not `:       {Mirrors: []Mirror{{From: "a=b", To: "c"}}},
		`Options.Mirrors: m.io cannot be the mirror`: {
			Mirrors: []Mirror{{From: "q.io", To: "m.io"}, {From: "r.io", To: "m.io"}},
		},
		`Options.Arch: "sparc" is none of `:     {Arch: "sparc"},
		`Options.Prefixes: "*" is what names `:  {Prefixes: []string{"*"}},
		`Options.Prefixes: "A_,B_" is several `: {Prefixes: []string{"A_,B_"}},
		`Options.FailOn: "never" is none of `:   {FailOn: []string{"stale", "never"}},
		`--keep-tags: there is no option "keep`: Options{}.With("keep-tags", "true", "--keep-tags"),
	} {
		if _, err := o.parse(); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v, want an error that begins with %s", err, want)
		}
	}
}

func TestWhatIsGivenByNameGoesBeforeFields(t *testing.T) {
	environment, err := Environment([]string{"INJECT_RELATED_IMAGES_ARCH=arm64", "INJECT_RELATED_IMAGES_KEEP_TAG=true"})
	if err != nil {
		t.Fatal(err)
	}
	environment.Arch, environment.Record = "s390x", true
	got, err := environment.With("keep-tag", "false", "--keep-tag").parse()
	if err != nil {
		t.Fatal(err)
	}
	if got.Arch != "arm64" || got.Decide.KeepTag || !got.Decide.Record {
		t.Errorf("got %+v, want arm64 of the environment, no keep-tag of With, record of the field", got)
	}
	if before, err := environment.parse(); err != nil || !before.Decide.KeepTag {
		t.Errorf("With changed the options that it was called on: %+v, %v", before, err)
	}
}

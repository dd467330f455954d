package engine_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"inject-related-images/internal/engine"
	"inject-related-images/internal/imageref"
	"inject-related-images/internal/locate"
)

func TestWhatIsOfUseInOneTextIsOfUseInAll(t *testing.T) {
	row := func(image string) engine.Assignment {
		ref, err := imageref.Parse(image)
		if err != nil {
			t.Fatal(err)
		}
		return engine.Assignment{Image: ref, Variable: "RELATED_IMAGE_a"}
	}
	fields, err := locate.ParseFields("[spec/a, spec/b, spec/c]")
	if err != nil {
		t.Fatal(err)
	}
	e := engine.Engine{
		Catalog: images(t), Scope: locate.NewScope(fields, fields[2:], nil),
		Options: engine.Options{Map: []engine.Assignment{row("q.io/x/a"), row("q.io/x/a:1"), row("q.io/y")}},
	}
	var used engine.Usage
	for _, source := range []string{"spec: {a: x}", "[]", "spec: {c: {image: q.io/x/a:2}}", "spec: {b: q.io/x/a:1}"} {
		result, err := inject(e, "x.yaml", source)
		if err != nil {
			t.Fatal(err)
		}
		used.Merge(result.Usage)
	}
	want := engine.Usage{Fields: []bool{true, true, false}, Exclude: []bool{true}, Map: []bool{true, true, false}}
	if diff := cmp.Diff(want, used, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

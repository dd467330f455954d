package engine_test

import (
	"testing"

	"inject-related-images/internal/catalog"
	"inject-related-images/internal/engine"
	"inject-related-images/internal/imageref"
	"inject-related-images/internal/locate"
)

// TestPairsCountWhereACSVOrTheMapKnowsThem has lines of a file, and the status and rule of the finding, if there is one.
func TestPairsCountWhereACSVOrTheMapKnowsThem(t *testing.T) {
	e := engineOf(t, "",
		csv{"op.v2", "server=q.io/x/server#1\nmongo_devfile_registry_image_=docker.io/library/mongo#2\nsample_encoded_eC95OjEK=q.io/x/y#3"}, // x/y:1
		csv{"op.v1", "gone=q.io/x/gone#4\nserver=q.io/x/old#5"})
	e.Scope = locate.NewScope(nil, nil, catalog.DefaultNames)
	other, err := imageref.Parse("q.io/mapped/x")
	if err != nil {
		t.Fatal(err)
	}
	e.Options.Map = []engine.Assignment{
		{Key: "mapped", Variable: "RELATED_IMAGE_server"}, {Image: other, Variable: "RELATED_IMAGE_server"},
	}
	for line, want := range map[string]string{
		"a=q.io/x/server:9":                   "uncovered",
		"a=q.io/x/server#1":                   "current",
		"a=q.io/x/server#9":                   "drifted",
		"a=x/y:1":                             "stale sample",
		"a=q.io/x/gone:9":                     "uncovered", // the CSV before has the repository
		"a=q.io/x/other:1":                    "",
		"a=q.io/x/server":                     "", // as it is written apart from a tag
		"DATABASE=mongo":                      "",
		"HOST=mongo:27017":                    "",
		"a=mongo#2":                           "current",
		"mapped=mongo":                        "stale map",
		"mapped=q.io/x/other:1":               "stale map",
		"mapped=q.io/x/server#1":              "current map",
		"mapped=-v":                           "",
		"a=q.io/mapped/x:1":                   "stale map",
		"a=q.io/mapped/x":                     "",
		"RELATED_IMAGE_server=q.io/x/server":  "stale variable",
		"RELATED_IMAGE_server=q.io/x/old:1":   "stale variable",
		"RELATED_IMAGE_server=q.io/x/other:1": "ambiguous variable",
		"RELATED_IMAGE_other=q.io/x/server#1": "current",
		"RELATED_IMAGE_other=q.io/x/other:1":  "",
		"RELATED_IMAGE_server=":               "",
		"a=${RELATED_IMAGE_server}":           "stale placeholder",
		"a=RELATED_IMAGE_server":              "",
		"a=${RELATED_IMAGE_nobody}":           "uncovered placeholder",
		"a=${RELATED_IMAGE_server:-x}":        "",
	} {
		result, err := inject(e, "x.env", pinned(line))
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, f := range result.Findings {
			if f.Broken {
				t.Errorf("%s: it is an error, want none where anything may stand", line)
			}
			if got += string(f.Status); f.Rule != "" {
				got += " " + f.Rule
			}
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", line, got, want)
		}
		again, err := inject(e, "x.env", result.Text)
		if err != nil || again.Text != result.Text || len(again.Findings) != len(result.Findings) {
			t.Errorf("%s: a second run makes %q of %q, %v", line, again.Text, result.Text, err)
		}
	}
}

// TestAPlaceholderBesideTheNameOfAnotherVariableNeedsAComment has YAML with comments, where the marker goes before the name; YAML
// whose comments are lost, which is made anew each time; and JSON, in which the next run would take the name.
func TestAPlaceholderBesideTheNameOfAnotherVariableNeedsAComment(t *testing.T) {
	e := engineOf(t, "", csv{"op.v1", "server=q.io/x/server#1\ngateway=q.io/x/server#2\nsame=q.io/x/server#1"})
	e.Scope = locate.NewScope(nil, nil, catalog.DefaultNames)
	for _, test := range []struct {
		text         string
		keepsComment bool
		want         engine.Status
	}{
		{"RELATED_IMAGE_gateway: ${RELATED_IMAGE_server}\n", true, engine.Stale},
		{"RELATED_IMAGE_gateway: ${RELATED_IMAGE_server}\n", false, engine.Stale},
		{`{"RELATED_IMAGE_gateway": "${RELATED_IMAGE_server}"}`, true, engine.Ambiguous},
		{`{"RELATED_IMAGE_same": "${RELATED_IMAGE_server}"}`, true, engine.Stale},
		{`{"RELATED_IMAGE_nobody": "${RELATED_IMAGE_server}"}`, true, engine.Stale},
	} {
		out, err := e.Decide(engine.Input{Context: engine.Context{KeepsComment: test.keepsComment}, Text: test.text})
		if err != nil || len(out.Findings) != 1 || out.Findings[0].Status != test.want {
			t.Errorf("%s: got %+v, %v, want %s", test.text, out.Findings, err, test.want)
		}
	}
}

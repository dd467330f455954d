package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"inject-related-images/fn"
	"inject-related-images/internal/config"
	"inject-related-images/internal/locate"
	"inject-related-images/internal/policy"
)

// TestTheReferenceHasTheTablesOfOptions compares them with the one that the program has.
func TestTheReferenceHasTheTablesOfOptions(t *testing.T) {
	function := "| option | value | default | |\n|---|---|---|---|\n"
	commands := "| option | value | annotation | |\n|---|---|---|---|\n"
	for _, o := range config.Table {
		value := cmp.Or(o.Type, "true or false")
		if slices.Contains(o.Of, config.Function) {
			byDefault := ""
			if o.Default != "" {
				byDefault = "`" + o.Default + "`"
			}
			function += fmt.Sprintf("| `%s` | %s | %s | %s |\n", o.Name, value, byDefault, o.Help)
			continue
		}
		annotation := "yes"
		if o.Opens || o.Selects {
			annotation = "no"
		}
		commands += fmt.Sprintf("| `%s` | %s | %s | %s |\n", o.Name, value, annotation, o.Help)
	}
	holds(t, functionREADME, "<!-- options, written by go test -update -->\n", function, "<!-- end of options -->\n")
	holds(t, functionREADME, "<!-- options of commands, written by go test -update -->\n", commands, "<!-- end of options of commands -->\n")
}

// whatPlacesHold says in words what stands at a place.
var whatPlacesHold = map[locate.Holding]string{
	locate.Nothing:         "**nothing**, nor does anything below it",
	locate.Reference:       "an image",
	locate.EditorComponent: "an image; in an editor definition, that of a component",
	locate.Split:           "an image whose tag stands beside it",
	locate.DockerImage:     "an image, where `kind` beside it is `DockerImage`",
	locate.Pairs:           "a list `name=image;…`",
	locate.EnvValue:        "the value of a variable, or a list `key=image`",
	locate.Document:        "a YAML or JSON document",
	locate.Anything:        "a document, a list of images, or a list `key=image`",
	locate.Encoded:         "**nothing**: it is in base64",
	locate.Repository:      "a repository whose tag or digest stands beside it",
	locate.Maybe:           "an image, if the CSV has its repository",
}

// TestTheReferenceHasTheTableOfPlaces compares it with the one that the program has.
func TestTheReferenceHasTheTableOfPlaces(t *testing.T) {
	table := "| place | in objects of kind | what stands there | where the shape comes from |\n|---|---|---|---|\n"
	for _, p := range locate.Places {
		holding := whatPlacesHold[p.Holds]
		if holding == "" {
			t.Fatalf("place %s holds %d: say what that is in whatPlacesHold", p.Path, p.Holds)
		}
		path, kind := "the whole object", "any"
		if p.Path != "" {
			path = "`" + p.Path + "`"
		}
		if p.Kind != "" {
			kind = "`" + p.Kind + "`"
		}
		table += fmt.Sprintf("| %s | %s | %s | %s |\n", path, kind, holding, p.Source)
	}
	holds(t, functionREADME, "<!-- places, written by go test -update -->\n", table, "<!-- end of places -->\n")
}

// TestTheReferenceNamesAll compares the first column of its tables with what the program has.
func TestTheReferenceNamesAll(t *testing.T) {
	var keys []string
	finding := reflect.TypeFor[fn.Finding]()
	for i := range finding.NumField() {
		if key, _, _ := strings.Cut(finding.Field(i).Tag.Get("json"), ","); key != "" && key != "-" {
			keys = append(keys, key)
		}
	}
	if len(keys) < 12 {
		t.Fatalf("a finding has the keys %q", keys)
	}
	for _, test := range []struct {
		heading string
		want    []string
	}{
		{"Statuses", fn.Statuses()},
		{"What fails", policy.FailOnNames()},
		{"Formats", fn.FindingsFormats()},
		{"JSON", keys},
	} {
		if got := firstColumn(t, test.heading); !slices.Equal(got, test.want) {
			t.Errorf("%s: the table has %q, want %q", test.heading, got, test.want)
		}
	}
}

var firstCell = regexp.MustCompile("(?m)^\\| `([^`]+)` \\|")

// firstColumn returns the names in the first column of the table below a heading of the reference.
func firstColumn(t *testing.T, heading string) []string {
	t.Helper()
	_, section, _ := strings.Cut(readme, "\n## "+heading+"\n")
	section, _, _ = strings.Cut(section, "\n## ")
	var names []string
	for _, match := range firstCell.FindAllStringSubmatch(section, -1) {
		names = append(names, match[1])
	}
	return names
}

// ruleExample is the example of a rule in the reference, as a diff below "### 1. `rule`". Its
// comments say what else there is: variables of the CSV, of the CSV before it, a map, flags.
type ruleExample struct {
	rule, before, after    string
	csv, previous, mapRows []string
	relatedImages, flags   []string
}

var (
	ruleSection   = regexp.MustCompile("(?s)\n### [0-9]+\\. `([a-z-]+)`\n.*?```diff\n(.*?)```")
	cutDigest     = regexp.MustCompile(`([0-9a-f])[0-9a-f]{3}…`)
	exampleHeader = regexp.MustCompile(`^# (CSV|previous CSV|relatedImages|map|flag): (.*)$`)
)

func ruleExamples(t *testing.T) []ruleExample {
	t.Helper()
	whole := cutDigest.ReplaceAllStringFunc(readme, func(s string) string { return strings.Repeat(s[:1], 64) })
	var examples []ruleExample
	for _, match := range ruleSection.FindAllStringSubmatch(whole, -1) {
		e := ruleExample{rule: match[1]}
		for line := range strings.Lines(match[2]) {
			header := exampleHeader.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
			switch {
			case header != nil:
				list := map[string]*[]string{
					"CSV": &e.csv, "previous CSV": &e.previous, "relatedImages": &e.relatedImages, "map": &e.mapRows, "flag": &e.flags,
				}[header[1]]
				*list = append(*list, header[2])
			case strings.HasPrefix(line, "-"):
				e.before += line[2:]
			case strings.HasPrefix(line, "+"):
				e.after += line[2:]
			case strings.HasPrefix(line, "  "):
				e.before, e.after = e.before+line[2:], e.after+line[2:]
			default:
				t.Errorf("rule %s: %q is no line of an example", e.rule, line)
			}
		}
		examples = append(examples, e)
	}
	return examples
}

// TestTheExamplesOfRulesInject runs the program on the example of each rule in the reference.
// TestTheReferenceHasAllRules of package engine compares their names.
func TestTheExamplesOfRulesInject(t *testing.T) {
	examples := ruleExamples(t)
	if len(examples) < 10 {
		t.Fatalf("the reference has %d examples of rules", len(examples))
	}
	for _, e := range examples {
		t.Run(e.rule, func(t *testing.T) {
			dir := t.TempDir()
			write := func(name, text string) {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			write("file.yaml", e.before)
			write("csv.yaml", exampleCSV("2.0.0", e.csv, e.relatedImages))
			args := append([]string{"inject", "--csv", "csv.yaml"}, e.flags...)
			if e.previous != nil {
				write("previous.yaml", exampleCSV("1.0.0", e.previous, nil))
				args = append(args, "--previous", "previous.yaml")
			}
			if e.mapRows != nil {
				write("map.yaml", strings.Join(e.mapRows, "\n")+"\n")
				args = append(args, "--map", "map.yaml")
			}
			cmd := exec.Command("inject-related-images", append(args, "-o", "json", "file.yaml")...)
			cmd.Dir = dir
			out, err := cmd.Output()
			if err != nil {
				t.Fatalf("%q: %v\n%s", args, err, out)
			}
			var findings []fn.Finding
			if err := json.Unmarshal(out, &findings); err != nil || len(findings) != 1 || findings[0].Rule != e.rule {
				t.Errorf("got %v and the findings %s", err, out)
			}
			if got, err := os.ReadFile(filepath.Join(dir, "file.yaml")); err != nil || string(got) != e.after {
				t.Errorf("got %v and\n%s\nwant\n%s", err, got, e.after)
			}
		})
	}
}

// exampleCSV has the variables, NAME=IMAGE, and the related images, IMAGE # tag: IMAGE.
func exampleCSV(version string, variables, relatedImages []string) string {
	csv := "apiVersion: operators.coreos.com/v1alpha1\nkind: ClusterServiceVersion\n" +
		"metadata: {name: example.v" + version + "}\nspec:\n  version: " + version + "\n  install:\n    strategy: deployment\n    spec:\n" +
		"      deployments:\n      - name: example\n        spec:\n          template:\n            spec:\n" +
		"              containers:\n              - name: example\n                env:\n"
	for _, v := range append([]string{"RELATED_IMAGE_other=quay.io/acme/other@sha256:" + strings.Repeat("9", 64)}, variables...) {
		name, image, _ := strings.Cut(v, "=")
		csv += "                - {name: " + name + ", value: '" + image + "'}\n"
	}
	if len(relatedImages) > 0 {
		csv += "  relatedImages:\n"
	}
	for i, r := range relatedImages {
		image, comment, _ := strings.Cut(r, " # ")
		csv += fmt.Sprintf("  - name: example-%d\n    image: %s\n    # %s\n", i, image, comment)
	}
	return csv
}

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"sigs.k8s.io/yaml"
)

// hostile are parts of names that would do something if they were printed as they are.
var hostile = []string{
	"x\n::error title=pwn::x\n ::set-output name=a::b", "::warning::x ##[error]x ##vso[task.complete]x",
	"\x1b[2J\x1b]0;title\a\u009b2J\u0085\u202eevil\u2066\u2028\u2029\u200b\ufeff\tb\rc\v\f\b", `"quoted" \n\ größe 日本` + "\U000e0041",
	"x\nerror: forged\nreg/a.yaml:1:1: stale: forged", "x\n--- a|victim\n+++ b|victim\n@@ -1 +1 @@\n-a\n+b",
}

var severalFiles = regexp.MustCompile(`--(previous|map|mirrors|result-file) `)

// TestNamesWriteNoLines runs all commands, in all formats, on files and objects with hostile names, and with a plain one: the output has
// as many lines, and prints no character that does more than show.
func TestNamesWriteNoLines(t *testing.T) {
	program, err := exec.LookPath("inject-related-images")
	if err != nil {
		t.Fatal(err)
	}
	for _, format := range []string{"line", "table", "json", "yaml", "list"} {
		runs := []string{
			"images --csv CSV -o " + format + " REG", "check --csv CSV -o " + format + " REG", "inject --csv CSV --to TO -o " + format + " REG",
			"images --csv CSV --previous OLD -o " + format + " REG MISSING", "images --csv CSV --map MAP --mirrors MIRRORS -o " + format + " REG/good",
		}
		switch format {
		case "line":
			runs = append(
				runs, "inject --csv CSV --diff REG", "images --csv BROKEN REG", "images --csv REG REG", "images --csv MISSING REG", "images --csv EMPTY REG",
				"images --csv CSV --previous BROKEN REG", "images --csv CSV --map BROKEN REG", "images --csv CSV --map NOMAP REG", "images --csv CSV --mirrors BROKEN REG",
				"images --csv CSV MISSING", "images --csv CSV EMPTY REG/good", "inject --csv CSV REG MISSING", "images --csv CSV --result-file stale=MISSING/x REG",
				"images --csv CSV --result-file stale=CSV REG", "images --csv CSV --result-file stale=REG/readme --result-file current=REG/../REG/readme REG",
				"images --csv CSV --result-file NAME=x REG", "images --csv CSV --result-file NAME REG", "images --csv CSV -o NAME REG", "images --csv CSV --status NAME REG",
				"images --csv CSV --fail-on NAME REG", "images --csv CSV --fields NAME REG", "images --csv CSV --exclude {path:NAME} REG", "images --csv CSV --alias NAME REG",
				"images --csv CSV --mirror NAME=NAME REG", "images --csv CSV --arch NAME REG", "images --csv CSV --prefix NAME REG", "images --csv CSV --NAME REG", "NAME", "version NAME",
				"inject --csv CSV REG", "-- <LIST", "-- <JSON", "-- <BADLIST", "-- <NOLIST",
			)
			fallthrough
		case "table", "json", "yaml":
			runs = append(runs, "catalog --csv CSV -o "+format+" REG", "catalog --csv CSV --previous OLD -o "+format)
		}
		for _, run := range runs {
			isArgument := strings.Contains(run, "NAME") // which may be what it must be, or not
			plain := runNamed(t, program, run, "plain name")
			for _, name := range hostile {
				if strings.Contains(name, "\n") && severalFiles.MatchString(run) {
					continue // the option has a file a line
				}
				got := runNamed(t, program, run, name)
				for i, stream := range []string{"stdout", "stderr"} {
					if i == 1 || !strings.Contains(run, "<") { // what the function writes is what it was given
						checkPrinted(t, fmt.Sprintf("%s with %q: %s", run, name, stream), got[i])
					}
					if lines := strings.Count(got[i], "\n"); !isArgument && format != "yaml" && lines != strings.Count(plain[i], "\n") {
						t.Errorf("%s with %q: %s has %d lines:\n%s\nwith a plain name:\n%s", run, name, stream, lines, got[i], plain[i])
					}
				}
				if got[2] != plain[2] && !isArgument {
					t.Errorf("%s with %q: got exit code %s, with a plain name %s", run, name, got[2], plain[2])
				}
				var array []any
				if format == "json" && json.Unmarshal([]byte(got[0]), &array) != nil || format == "yaml" && yaml.Unmarshal([]byte(got[0]), &array) != nil {
					t.Errorf("%s with %q: this cannot be read:\n%s", run, name, got[0])
				}
			}
		}
	}
}

// command matches what runners of CI systems obey, but in JSON and YAML.
var command = regexp.MustCompile(`^\s*::[A-Za-z]|^[^ ].*##(\[|vso\[)`)

// checkPrinted checks that an output only shows. The header of a diff may end with a tab.
func checkPrinted(t *testing.T, what, output string) {
	t.Helper()
	for line := range strings.Lines(output) {
		text := strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(text, "--- ") || strings.HasPrefix(text, "+++ ") {
			text = strings.TrimSuffix(text, "\t")
		}
		hides := func(r rune) bool { return !unicode.IsPrint(r) && !(r > 0xffff) }
		if !utf8.ValidString(text) || strings.ContainsFunc(text, hides) {
			t.Errorf("%s: printed %q", what, line)
		}
		if command.MatchString(text) {
			t.Errorf("%s: a runner obeys %q", what, line)
		}
	}
}

// runNamed runs the program on files whose names, and what is in them, have a name in them. It returns what it printed, and its exit code.
func runNamed(t *testing.T, program, run, name string) [3]string {
	t.Helper()
	dir := t.TempDir()
	quoted := strconv.QuoteToASCII // which is YAML
	const digest = "@sha256:03cead9794ae2e4e48749f81e40ccc3387c1b5f00d6c4f837e667e084e6e91bb"
	variable := func(name, value string) string {
		return fmt.Sprintf("{name: %s, value: %s}", quoted(name), quoted(value))
	}
	csv := func(release, udi string) string {
		return fmt.Sprintf(`apiVersion: operators.coreos.com/v1alpha1
kind: ClusterServiceVersion
metadata: {name: %s}
spec: {version: %s, relatedImages: [{name: %s, image: quay.io/acme/related:1}], install: {spec: {deployments: [{name: %[3]s, spec: {template: {spec: {containers: [
  {name: %[3]s, image: quay.io/acme/operator:1, env: [%[4]s]}]}}}}]}}}
`, quoted("o"+name+"."+release), quoted(strings.TrimPrefix(release, "v")), quoted(name), strings.Join([]string{
			variable("RELATED_IMAGE_udi", udi), variable("RELATED_IMAGE_"+name, "quay.io/acme/x"+digest), variable("RELATED_IMAGE_bad", name+" a"),
			variable("RELATED_IMAGE_"+name+"_a_plugin_registry_image_x", "no image "+name), variable("RELATED_IMAGE_two", "quay.io/acme/two:1"),
		}, ", "))
	}
	good := fmt.Sprintf("%[1]s: {image: quay.io/acme/udi:latest}\n"+
		"b: [{image: %[1]s}, {%[1]s: {image: quay.io/acme/x:1}}, {image: %[2]s}, {image: '${RELATED_IMAGE_bad}'}, {image: 'quay.io/acme/udi@sha256:%[3]s'}]\n"+
		"c: [{image: '${RELATED_IMAGE_none}'}, {image: '${RELATED_IMAGE_udi'}]\n"+
		"components: [{kubernetes: {inlined: \"image: quay.io/acme/udi:1\\nx: [\"}}]\n", quoted(name), quoted("${RELATED_IMAGE_x "+name+"}"), strings.Repeat("0", 64))
	list := func(csv, items string) string {
		return "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: " + items + "\nfunctionConfig:\n  " +
			strings.ReplaceAll(strings.TrimSuffix(csv, "\n"), "\n", "\n  ") + "\n"
	}
	item := fmt.Sprintf("{apiVersion: v1, kind: Pod, metadata: {name: %[1]s, namespace: %[1]s, annotations: {internal.config.kubernetes.io/path: %[1]s}}, %[1]s: {image: %[1]s}, "+
		"spec: {containers: [{image: quay.io/acme/udi:latest}, {image: %[1]s}, {image: '${RELATED_IMAGE_bad}'}]}}", quoted(name))
	lists := list(csv("v2.0.0", "quay.io/acme/udi"+digest), "["+item+"]")
	asJSON, err := yaml.YAMLToJSON([]byte(lists))
	if err != nil {
		t.Fatal(err)
	}
	file := strings.NewReplacer("/", "|", "\x00", "").Replace(name)
	files := map[string]string{
		"REG":     "",
		"CSV":     csv("v2.0.0", "quay.io/acme/udi"+digest),
		"OLD":     csv("v1.0.0", "quay.io/acme/udi@sha256:"+strings.Repeat("0", 64)),
		"MAP":     "- {image: quay.io/acme/other, variable: RELATED_IMAGE_udi}\n- {key: " + quoted(name) + ", variable: RELATED_IMAGE_udi}\n",
		"NOMAP":   "- {key: " + quoted(name) + ", variable: RELATED_IMAGE_none}\n",
		"MIRRORS": "{apiVersion: config.openshift.io/v1, kind: ImageDigestMirrorSet, metadata: {name: " + quoted(name) + "}, spec: {imageDigestMirrors: [{source: quay.io/z, mirrors: [m.example.com/z]}]}}\n",
		"BROKEN":  quoted(name) + ": {image: [\n",
		"LIST":    lists, "JSON": string(asJSON), "BADLIST": list("{kind: "+quoted(name)+"}", "["+item+"]"), "NOLIST": "{kind: " + quoted(name) + ", apiVersion: " + quoted(name) + "}\n",
	}
	names := []string{}
	for key, content := range files {
		path := filepath.Join(dir, key+file)
		names = append(names, key, key+file)
		if key == "REG" {
			for name, content := range map[string]string{"good" + file + ".yaml": good, "bad" + file + ".yaml": files["BROKEN"], "readme": "", "external_images.txt": "quay.io/a b\n"} {
				if name, content := filepath.Join(path, name), content; os.MkdirAll(path, 0o755) != nil || os.WriteFile(name, []byte(content), 0o644) != nil {
					t.Fatal(name)
				}
			}
			if err := os.Symlink("readme", filepath.Join(path, "link"+file)); err != nil {
				t.Fatal(err)
			}
		} else if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "EMPTY"+file), 0o755); err != nil {
		t.Fatal(err)
	}
	names = append(names, "/good", "/good"+file+".yaml", "MISSING", "MISSING"+file, "EMPTY", "EMPTY"+file, "TO", "TO"+file, "NAME", file)
	command, input, _ := strings.Cut(run, " <")
	cmd := exec.Command(program)
	for _, argument := range strings.Fields(command) {
		if argument != "--" {
			cmd.Args = append(cmd.Args, strings.NewReplacer(names...).Replace(argument))
		}
	}
	var out, log strings.Builder
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = dir, strings.NewReader(files[input]), &out, &log
	cmd.Env = append(os.Environ(), "COLUMNS=100000")
	_ = cmd.Run() // whose exit code is compared
	return [3]string{out.String(), log.String(), fmt.Sprint(cmd.ProcessState.ExitCode())}
}

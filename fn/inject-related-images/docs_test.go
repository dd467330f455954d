package main

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"inject-related-images/fn"
	"inject-related-images/internal/imagetest"
)

// documents returns all documents of the project, below its top folder.
func documents(t *testing.T) []string {
	t.Helper()
	found := []string{"README.md", functionREADME}
	for _, glob := range []string{".github/*.md", "examples/*.md", "examples/*/*.md"} {
		names, err := fs.Glob(os.DirFS(repository(t)), glob)
		if err != nil || len(names) == 0 {
			t.Fatalf("%s: found %v, %v, want a document", glob, names, err)
		}
		found = append(found, names...)
	}
	return found
}

// TestDocuments runs every command in the console blocks of all documents, and compares what it
// prints. A second run of the commands must leave the files as the first did.
func TestDocuments(t *testing.T) {
	top := repository(t)
	for _, name := range documents(t) {
		t.Run(name, func(t *testing.T) {
			document := filepath.Join(top, name)
			text, err := os.ReadFile(document)
			if err != nil {
				t.Fatal(err)
			}
			needTools(t, document, string(text))
			work := filepath.Join(t.TempDir(), "work")
			switch dir := filepath.Dir(name); {
			case name == functionREADME:
				copyTree(t, filepath.Join(top, "examples/kpt"), work)
			case filepath.Dir(dir) == "examples":
				copyTree(t, filepath.Join(top, dir), work)
			default:
				copyTree(t, filepath.Join(top, "examples"), filepath.Join(work, "examples"))
			}
			host := imagetest.Registry(t)
			lines := strings.Split(strings.ReplaceAll(string(text), registryHost, host), "\n")
			got := strings.ReplaceAll(strings.Join(runBlocks(work, lines), "\n"), host, registryHost)
			if *update {
				if err := os.WriteFile(document, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			} else if diff := cmp.Diff(string(text), got); diff != "" {
				t.Errorf("%s does not show what its commands print (go test -update mends it): (-document +real)\n%s", name, diff)
			}
			once := filepath.Join(t.TempDir(), "once")
			copyTree(t, work, once)
			runBlocks(work, lines)
			if out, err := exec.Command("diff", "-r", once, work).CombinedOutput(); err != nil {
				t.Errorf("a second run of the commands of %s changes files: %v\n%s", name, err, out)
			}
		})
	}
}

// registryHost is what documents call a registry on this machine. The tests have one of their own.
const registryHost = "localhost:5000"

// needTools skips the test of a document if its commands, or the scripts beside it, want a tool that is not there.
func needTools(t *testing.T, document, text string) {
	t.Helper()
	scripts, err := filepath.Glob(filepath.Join(filepath.Dir(document), "*.sh"))
	if err != nil {
		t.Fatal(err)
	}
	for _, script := range scripts {
		commands, err := os.ReadFile(script)
		if err != nil {
			t.Fatal(err)
		}
		text += "\n$ " + strings.ReplaceAll(string(commands), "\n", "\n$ ")
	}
	for _, tool := range []string{"kustomize", "kpt", "helm", "crane", "podman"} {
		if strings.Contains(text, "$ "+tool+" ") {
			need(t, tool)
		}
	}
}

// functionREADME is the function's own README, the program's help.
const functionREADME = "fn/inject-related-images/README.md"

// TestTheArgoCDPluginAnnouncesTheOptions compares its parameters with the options, but for those that mean nothing there: kustomize
// drops comments before it calls the function, and a check injects nothing.
func TestTheArgoCDPluginAnnouncesTheOptions(t *testing.T) {
	parameters := ""
	for _, o := range fn.AllOptions() {
		if !o.IsOf("") || o.Name == "record" || o.Name == "mode" {
			continue
		}
		parameters += fmt.Sprintf("      - name: %s\n        tooltip: %q\n", o.Name, o.Help)
		if o.Default != "" {
			parameters += fmt.Sprintf("        string: %q\n", o.Default)
		}
	}
	holds(t, "examples/argocd/plugin.yaml", "      # options, written by go test -update\n", parameters, "      # end of options\n")
}

// holds checks that a document has want between two of its lines, and writes it there in an update.
func holds(t *testing.T, document, begin, want, end string) {
	t.Helper()
	file := filepath.Join(repository(t), document)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), begin)
	_, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s has no place for what is generated: %s%s", document, begin, end)
	}
	want = before + begin + want + end + after
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if diff := cmp.Diff(want, string(text)); diff != "" {
		t.Errorf("%s is not up to date (go test -update mends it): (-want +%s)\n%s", document, document, diff)
	}
}

func copyTree(t *testing.T, from, to string) {
	t.Helper()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
}

// runBlocks runs the lines that begin with "$ " in console blocks, in dir, and returns the lines of the document with what the
// commands print below them. A line that ends with a backslash goes on in the next.
func runBlocks(dir string, lines []string) []string {
	var result []string
	inside := false
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		switch {
		case strings.HasPrefix(line, "```"):
			inside = line == "```console"
			result = append(result, line)
		case !inside:
			result = append(result, line)
		case strings.HasPrefix(line, "$ "):
			result = append(result, line)
			command := strings.TrimPrefix(line, "$ ")
			for strings.HasSuffix(command, "\\") {
				i++
				result = append(result, lines[i])
				command = strings.TrimSuffix(command, "\\") + lines[i]
			}
			cmd := exec.Command("bash", "-c", command)
			cmd.Dir = dir
			cmd.Env = append(os.Environ(), "COLUMNS=100") // for tables
			out, _ := cmd.CombinedOutput()                // an exit code is shown by the document, where it matters
			if text := strings.TrimSuffix(string(out), "\n"); text != "" {
				result = append(result, strings.Split(text, "\n")...)
			}
		}
	}
	return result
}

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"inject-related-images/fn"
)

// step is one of the corpus: two releases, and what a registry that the older one pinned must say by the newer one.
type step struct {
	Previous   string
	CSV        string
	References []struct{ Image, Status, Rule, Want string }
}

// TestARespinIsANewCSV renews registries that were pinned by a real release with the next one.
func TestARespinIsANewCSV(t *testing.T) {
	for _, file := range corpusFiles(t, "respin/*.json") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var s step
			if err := json.Unmarshal(data, &s); err != nil {
				t.Fatal(err)
			}
			checkStep(t, filepath.Dir(file), s)
		})
	}
}

func checkStep(t *testing.T, corpus string, s step) {
	t.Helper()
	var before, after strings.Builder
	for _, r := range s.References {
		fmt.Fprintf(&before, "- image: %s\n", r.Image)
		fmt.Fprintf(&after, "- image: %s\n", r.Want)
	}
	registry := filepath.Join(t.TempDir(), "registry.yaml")
	if err := os.WriteFile(registry, []byte(before.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	var out, log strings.Builder
	c := fn.Command{
		CSVs: []string{filepath.Join(corpus, s.CSV)}, Previous: []string{filepath.Join(corpus, s.Previous)},
		Paths: []string{registry}, Format: "json", Out: &out, Log: &log,
	}
	if err := fn.Images(c); err != nil {
		t.Fatalf("images: %v\n%s", err, &log)
	}
	var found []struct{ Image, Status, Rule, Proposed, Previous string }
	if err := json.Unmarshal([]byte(out.String()), &found); err != nil {
		t.Fatal(err)
	}
	i := 0
	for _, r := range s.References {
		if i == len(found) || found[i].Image != r.Image { // the CSV has nothing of its repository
			if !strings.Contains(r.Status, "uncovered") {
				t.Errorf("%s was not found", r.Image)
			}
			continue
		}
		f := found[i]
		i++
		if !strings.Contains(r.Status, f.Status) || r.Rule != "" && (f.Rule != r.Rule || f.Previous == "" || f.Proposed != r.Want) {
			t.Errorf("got %+v, want %+v", f, r)
		}
	}
	if err := fn.Inject(c, ""); err != nil {
		t.Fatalf("inject: %v\n%s", err, &log)
	}
	if got, _ := os.ReadFile(registry); string(got) != after.String() {
		t.Errorf("got\n%s\nwant\n%s", got, after.String())
	}
}

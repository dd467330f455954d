package rewrite_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"inject-related-images/internal/olm"
	"inject-related-images/internal/rewrite"
)

func TestTmp(t *testing.T) {
	for _, pair := range []string{"che-7.20.1", "crw-2.15", "che-7.121.0", "ds-3.16"} {
		dir := filepath.Join("../../../shared/corpus", pair)
		c, err := olm.Load(filepath.Join(dir, "csv.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		var truth []struct {
			File, Path, Old, Rule string
			CsvValue              *string
		}
		data, _ := os.ReadFile(filepath.Join(dir, "truth.json"))
		json.Unmarshal(data, &truth)
		counts := map[string]int{}
		filepath.WalkDir(filepath.Join(dir, "registry"), func(p string, d os.DirEntry, err error) error {
			if d.IsDir() || filepath.Ext(p) == ".txt" && filepath.Base(p) != "external_images.txt" {
				return nil
			}
			src, _ := os.ReadFile(p)
			rel, _ := filepath.Rel(filepath.Join(dir, "registry"), p)
			r, err := rewrite.File(c, rel, string(src))
			if err != nil {
				t.Errorf("%s: %v", p, err)
				return nil
			}
			for _, pr := range r.Problems {
				t.Logf("%s %v", rel, pr)
			}
			for _, f := range r.Findings {
				counts[string(f.Status)+" "+f.Rule]++
				if f.Status != "stale" {
					t.Logf("%+v", f)
				}
			}
			return nil
		})
		want := map[string]int{}
		for _, x := range truth {
			want[x.Rule]++
		}
		t.Log(pair, counts, want, len(truth))
	}
}

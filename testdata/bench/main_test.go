package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestEveryMeasureHasItsRow(t *testing.T) {
	var out bytes.Buffer
	record := filepath.Join(t.TempDir(), "record.txt")
	o := options{sizes: []int{1, 10, 100}, files: 20, image: 400, releases: 3, runs: 1, starts: 1, cores: 2}
	if err := run(o, record, &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"100 resources: CPU ", "100 resources: wall ", "100 resources: peak memory ", "growth 10 → 100: wall ", "growth 10 → 100: CPU ",
		"1 resource, start to finish: wall ", "20 files, check, all stale: wall ", "20 files, inject, all stale: wall ",
		"an image of 400 files, check: wall ", "an image of 400 files, check: peak memory ", "images, 3 previous CSVs: CPU ", "images, 3 previous CSVs: wall ", "20 files, inject, all current: wall ", "20 files, inject, all current  ", "binary, stripped ",
		" nodes ", " kyaml ", " images ", " hello ", " export ", " read ", " read -replace ", " copy ", " reads only ",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("got no %q in\n%s", want, &out)
		}
	}
	lines, err := os.ReadFile(record)
	if err != nil {
		t.Fatal(err)
	}
	const processes = 6 + 5 + 5 + 2 + 2 + 6
	if n := bytes.Count(lines, []byte("BenchmarkProcess/on=")); n != processes {
		t.Errorf("the record has %d runs, want one of each of %d processes:\n%s", n, processes, lines)
	}
}

func TestAProcessThatDoesNotDoItsWorkIsAnError(t *testing.T) {
	for _, p := range []*process{
		{by: "true", file: "/usr/bin/env", arguments: []string{"true"}, says: "work"},
		{by: "false", file: "/usr/bin/env", arguments: []string{"false"}},
		{by: "missing", file: filepath.Join(t.TempDir(), "missing")},
	} {
		if err := p.check(1); err == nil || !strings.Contains(err.Error(), p.by) {
			t.Errorf("%s: got %v, want an error that names it", p.by, err)
		}
	}
}

func TestFinderFindsATextThatIsWrittenInPieces(t *testing.T) {
	for _, pieces := range [][]string{{"a needle"}, {"a nee", "dle b"}, {"n", "e", "e", "d", "l", "e"}, {"needl", "needle"}} {
		f := finder{text: []byte("needle")}
		for _, piece := range pieces {
			if _, err := f.Write([]byte(piece)); err != nil {
				t.Fatal(err)
			}
		}
		if !f.found {
			t.Errorf("%q: it was not found", pieces)
		}
	}
	f := finder{text: []byte("needle")}
	if _, err := f.Write([]byte("need le")); err != nil || f.found {
		t.Errorf("found %t, %v in a text without it", f.found, err)
	}
}

func TestStateTellsOfEveryWrite(t *testing.T) {
	writes := map[string]func(dir string) error{
		"a file that is written": func(dir string) error { return os.WriteFile(filepath.Join(dir, "file"), []byte("new"), 0o600) },
		"a file that is made":    func(dir string) error { return os.WriteFile(filepath.Join(dir, "other"), nil, 0o600) },
		"a file that is removed": func(dir string) error { return os.Remove(filepath.Join(dir, "file")) },
		"a mode that is changed": func(dir string) error { return os.Chmod(filepath.Join(dir, "file"), 0o700) },
		"a file that comes and goes": func(dir string) error {
			name := filepath.Join(dir, "temporary")
			if err := os.WriteFile(name, nil, 0o600); err != nil {
				return err
			}
			return os.Remove(name)
		},
	}
	for name, write := range writes {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "file"), []byte("old"), 0o600); err != nil {
			t.Fatal(err)
		}
		long := time.Now().Add(-time.Hour)
		for _, old := range []string{filepath.Join(dir, "file"), dir} {
			if err := os.Chtimes(old, long, long); err != nil {
				t.Fatal(err)
			}
		}
		b := bench{current: dir}
		before, err := b.state()
		if err != nil {
			t.Fatal(err)
		}
		if again, err := b.state(); err != nil || again != before {
			t.Errorf("the state is another without a write: %v", err)
		}
		if err := write(dir); err != nil {
			t.Fatal(err)
		}
		if after, err := b.state(); err != nil || after == before {
			t.Errorf("%s: the state is the same: %v", name, err)
		}
	}
}

func TestRatiosAreTakenRoundByRound(t *testing.T) {
	p, reference := &process{}, &process{}
	for _, seconds := range []time.Duration{2, 20, 4} { // the machine was slow in the second round
		p.runs = append(p.runs, figures{wall: seconds * time.Second})
		reference.runs = append(reference.runs, figures{wall: seconds * time.Second / 2})
	}
	if got := wall.ratio(p, reference); got != 2 {
		t.Errorf("got %g, want 2", got)
	}
	if got, want := wall.text(p), "4.00 s (2.00 s–20.00 s)"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestJudge(t *testing.T) {
	for _, c := range []struct {
		value, must, reach float64
		want               string
	}{{1.3, 1.2, 0.5, "missed"}, {1.2, 1.2, 0.5, "met"}, {0.5, 1.2, 0.5, "reached"}, {1, 1.5, 0, "met"}, {7, 0, 0, ""}} {
		if got := judge(c.value, c.must, c.reach); got != c.want {
			t.Errorf("judge(%g, %g, %g) = %q, want %q", c.value, c.must, c.reach, got, c.want)
		}
	}
}

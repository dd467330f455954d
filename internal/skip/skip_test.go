package skip_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"inject-related-images/internal/skip"
)

// tree has folders, which end with a slash, before what is in them.
var tree = []string{
	"!bang.yaml", "#hash.yaml", "a.yaml", "charts/", "charts/app/", "charts/app/templates/", "charts/app/templates/x.yaml",
	"charts/values.yaml", "deep/", "deep/er/", "deep/er/charts/", "deep/er/charts/z.json", "foo", "foo.d/", "foo.d/foo", "qa.yaml",
	"sp ace.yaml", "star*.yaml", "sub/", "sub/a.yaml", "trail .yaml", "x1.yaml", "x[1].yaml", "ünï.yaml",
}

// TestGlobsMeanWhatGitMeansByThem asks git.
func TestGlobsMeanWhatGitMeansByThem(t *testing.T) {
	dir := t.TempDir()
	for _, name := range tree {
		file := filepath.Join(dir, name)
		if strings.HasSuffix(name, "/") {
			check(t, os.Mkdir(file, 0o755))
		} else {
			check(t, os.WriteFile(file, nil, 0o644))
		}
	}
	check(t, exec.Command("git", "-C", dir, "init", "-q").Run())
	for _, lines := range []string{
		"charts", "charts/", "/charts", "charts/app", "**/charts", "charts/**", "deep/**/charts", "deep/**/z.json", "**/er/**", "**",
		"*.yaml", "*.yaml\n!a.yaml", "!a.yaml\n*.yaml", "/*.yaml", "sub/*.yaml", "**/*.yaml", "sub/**/a.yaml", "charts/*\n!charts/app",
		"charts\n!charts/app", "*\n!*/\n!*.json", "\\!bang.yaml", "\\#hash.yaml", "sp ace.yaml", "sp\\ ace.yaml", "a.yaml  ", "trail\\ .yaml",
		"x[1].yaml", "x\\[1\\].yaml", "x[0-9].yaml", "x[!0-9].yaml", "x[[:digit:]].yaml", "q?.yaml", "star\\*.yaml", "foo", "foo/", "/foo",
		"a.yaml/", "ü*.yaml", "d**p", "./a.yaml", "sub/../a.yaml", "*.{yaml,json}",
	} {
		globs, err := skip.Parse(lines)
		if err != nil {
			t.Fatalf("%q: %v", lines, err)
		}
		check(t, os.WriteFile(filepath.Join(dir, ".gitignore"), []byte(lines+"\n"), 0o644))
		if got, want := skipped(globs), ignored(t, dir); !slices.Equal(got, want) {
			t.Errorf("%q skips %q, and git ignores %q", lines, got, want)
		}
	}
}

// skipped returns the files of the tree that globs skip.
func skipped(globs skip.Globs) (files []string) {
	skipper, folder := globs.Skipper(), "\x00"
	for _, name := range tree {
		isFolder := strings.HasSuffix(name, "/")
		skips := strings.HasPrefix(name, folder) || skipper.Skips(strings.TrimSuffix(name, "/"), isFolder)
		switch {
		case skips && !isFolder:
			files = append(files, name)
		case skips && !strings.HasPrefix(name, folder):
			folder = name
		}
	}
	return files
}

// ignored returns the files of the tree that git ignores.
func ignored(t *testing.T, dir string) []string {
	t.Helper()
	command := exec.Command("git", "-C", dir, "ls-files", "-z", "--others", "--ignored", "--exclude-per-directory=.gitignore")
	out, err := command.Output()
	check(t, err)
	files := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
	files = slices.DeleteFunc(files, func(name string) bool { return name == "" || name == ".gitignore" })
	slices.SortFunc(files, func(a, b string) int { return slices.Index(tree, a) - slices.Index(tree, b) })
	return files
}

func TestGlobsThatMatchNothingAreKnown(t *testing.T) {
	globs, err := skip.Parse("# mine\n\ncharts/\r\n!a.yaml\nnowhere/\n*.yaml\n")
	check(t, err)
	skipper := globs.Skipper()
	if !skipper.Skips("charts", true) || skipper.Skips("charts", false) || !skipper.Skips("a.yaml", false) {
		t.Error("charts/ and *.yaml must be skipped")
	}
	if got := skipper.Unmatched(); !slices.Equal(got, []string{"nowhere/"}) {
		t.Errorf("got %q, want nowhere/", got)
	}
}

func TestWhatIsNoGlobIsRefused(t *testing.T) {
	for _, text := range []string{"", "\n# only a comment\n", "a.yaml\nx[[:letter:]]"} {
		if globs, err := skip.Parse(text); err == nil {
			t.Errorf("%q: got %q, want an error", text, globs)
		}
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

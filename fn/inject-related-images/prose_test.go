package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// TestLinksLeadSomewhere follows the links of all documents to the files of the project, and to the
// headings in them.
func TestLinksLeadSomewhere(t *testing.T) {
	top := repository(t)
	for _, name := range documents(t) {
		text := readDocument(t, name)
		for _, link := range links(text) {
			if strings.HasPrefix(link, "https://") {
				continue
			}
			path, anchor, hasAnchor := strings.Cut(link, "#")
			target := name
			if path != "" {
				target = filepath.Join(filepath.Dir(name), path)
			}
			if _, err := os.Stat(filepath.Join(top, target)); err != nil || strings.HasPrefix(target, "..") {
				t.Errorf("%s: link %s leads to no file of the project", name, link)
			} else if hasAnchor && !anchors(readDocument(t, target))[anchor] {
				t.Errorf("%s: link %s: %s has no such heading", name, link, target)
			}
		}
	}
}

var (
	inlineCode = regexp.MustCompile("`[^`\n]*`")
	inlineLink = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	namedLink  = regexp.MustCompile(`(?m)^\[[^\]]+\]: (\S+)$`)
)

// links returns where the links of a document lead.
func links(text string) []string {
	prose := inlineCode.ReplaceAllString(strings.Join(proseLines(text), "\n"), "")
	var found []string
	for _, pattern := range []*regexp.Regexp{inlineLink, namedLink} {
		for _, match := range pattern.FindAllStringSubmatch(prose, -1) {
			found = append(found, match[1])
		}
	}
	return found
}

// anchors returns the names by which GitHub knows the headings of a document.
func anchors(text string) map[string]bool {
	found := map[string]bool{}
	for _, line := range proseLines(text) {
		if !strings.HasPrefix(line, "#") {
			continue
		}
		found[strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-', r == '_', unicode.IsLetter(r), unicode.IsDigit(r):
				return unicode.ToLower(r)
			}
			return -1
		}, strings.TrimSpace(strings.TrimLeft(line, "#")))] = true
	}
	return found
}

// TestLinksAndHeadingsAreFound is a test of the test.
func TestLinksAndHeadingsAreFound(t *testing.T) {
	text := "# The `--csv` of 2, again\n\n[a](b.md#c) `[x](y)` and [d][e]\n```sh\n# none\n[f](g)\n```\n\n[e]: h\n"
	if got := strings.Join(links(text), " "); got != "b.md#c h" {
		t.Errorf("links: got %s", got)
	}
	if got := anchors(text); len(got) != 1 || !got["the---csv-of-2-again"] {
		t.Errorf("headings: got %v", got)
	}
}

// proseLines returns the lines of a document that are not in blocks of code.
func proseLines(text string) []string {
	var lines []string
	inside := false
	for line := range strings.SplitSeq(text, "\n") {
		if strings.HasPrefix(line, "```") {
			inside = !inside
		} else if !inside {
			lines = append(lines, line)
		}
	}
	return lines
}

// TestProseFitsInto100Columns is of all documents, but for tables and code.
func TestProseFitsInto100Columns(t *testing.T) {
	for _, name := range documents(t) {
		for _, line := range proseLines(readDocument(t, name)) {
			if n := utf8.RuneCountInString(line); n > 100 && !strings.HasPrefix(line, "|") {
				t.Errorf("%s: a line of %d columns: %s", name, n, line)
			}
		}
	}
}

// TestTheREADMEIsShort holds it to what is read at once.
func TestTheREADMEIsShort(t *testing.T) {
	lines := strings.Split(strings.TrimSuffix(readDocument(t, "README.md"), "\n"), "\n")
	if len(lines) > 150 {
		t.Errorf("README.md has %d lines, want at most 150", len(lines))
	}
	for _, line := range lines {
		if n := utf8.RuneCountInString(line); n > 100 {
			t.Errorf("README.md: a line of %d columns: %s", n, line)
		}
	}
}

// TestEveryExampleIsListed looks for each in examples/README.md.
func TestEveryExampleIsListed(t *testing.T) {
	list := readDocument(t, "examples/README.md")
	folders, err := os.ReadDir(filepath.Join(repository(t), "examples"))
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range folders {
		if folder.IsDir() && !strings.Contains(list, "("+folder.Name()+"/README.md)") {
			t.Errorf("examples/README.md does not link to %s/README.md", folder.Name())
		}
	}
}

func readDocument(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(repository(t), name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

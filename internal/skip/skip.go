// Package skip tells which files and folders a user does not want looked at. Users say so by globs
// that mean what the lines of a .gitignore mean.
package skip

import (
	"errors"
	"fmt"
	"strings"

	"github.com/git-pkgs/gitignore"
)

// Globs are lines of a .gitignore, without comments and empty ones.
type Globs []string

// Parse reads globs, one a line.
func Parse(text string) (Globs, error) {
	var globs Globs
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if errs := matcherOf(line).Errors(); len(errs) > 0 {
			return nil, fmt.Errorf("%q is no glob of a .gitignore: %s", line, errs[0].Message)
		}
		globs = append(globs, line)
	}
	if globs == nil {
		return nil, errors.New("no glob is given: give names or paths as in a .gitignore, charts/ or *.tpl.yaml")
	}
	return globs, nil
}

func matcherOf(glob string) *gitignore.Matcher {
	matcher := new(gitignore.Matcher)
	matcher.AddPatterns([]byte(glob), "")
	return matcher
}

// Skipper applies globs to the files of a run. Each glob has a matcher of its own, since each must
// tell whether it matches anything.
type Skipper struct {
	globs    Globs
	matchers []*gitignore.Matcher
	matched  []bool
}

// Skipper returns what applies the globs.
func (g Globs) Skipper() Skipper {
	s := Skipper{globs: g, matched: make([]bool, len(g))}
	for _, glob := range g {
		s.matchers = append(s.matchers, matcherOf(glob))
	}
	return s
}

// Skips tells whether a file or folder is to be passed over. Its name is its path, with slashes,
// from the folder that the .gitignore would be in. As in git the last glob that matches decides,
// and nobody asks for what is in a folder that is passed over.
func (s *Skipper) Skips(name string, isFolder bool) bool {
	if isFolder {
		name += "/" // which tells the library
	}
	skips := false
	for i, matcher := range s.matchers {
		if found := matcher.MatchDetail(name); found.Matched {
			s.matched[i], skips = true, !found.Negate
		}
	}
	return skips
}

// Unmatched returns the globs that have matched nothing.
func (s *Skipper) Unmatched() []string {
	var globs []string
	for i, glob := range s.globs {
		if !s.matched[i] {
			globs = append(globs, glob)
		}
	}
	return globs
}

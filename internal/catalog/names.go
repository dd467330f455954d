package catalog

import "strings"

// Names tells the variables that hold images by their names: by what they begin with,
// RELATED_IMAGE_, or end with, *_IMAGE.
type Names []string

// DefaultNames are those of Eclipse Che, and of most operators.
var DefaultNames = Names{"RELATED_IMAGE_"}

// key returns a name without what makes it one of n.
func (n Names) key(name string) (key string, ok bool) {
	for _, pattern := range n {
		suffix, isSuffix := strings.CutPrefix(pattern, "*")
		if isSuffix {
			key, ok = strings.CutSuffix(name, suffix)
		} else {
			key, ok = strings.CutPrefix(name, pattern)
		}
		if ok && key != "" {
			return key, true
		}
	}
	return "", false
}

// Has tells whether a name is one of n.
func (n Names) Has(name string) bool {
	_, ok := n.key(name)
	return ok
}

// Parts returns what names begin or end with: each name has one of them in it.
func (n Names) Parts() []string {
	parts := make([]string, len(n))
	for i, pattern := range n {
		parts[i] = strings.TrimPrefix(pattern, "*")
	}
	return parts
}

// String writes n for people: RELATED_IMAGE_*.
func (n Names) String() string {
	patterns := make([]string, len(n))
	for i, pattern := range n {
		if patterns[i] = pattern; !strings.HasPrefix(pattern, "*") {
			patterns[i] += "*"
		}
	}
	return strings.Join(patterns, " or ")
}

// Architectures are the values of GOARCH that operators append to names.
var Architectures = []string{"amd64", "arm64", "ppc64le", "s390x"}

// cutArchitecture returns key without the architecture that it ends with, the name without it,
// which is that of the general variable, and the architecture.
func cutArchitecture(key, name string) (rest, general, arch string) {
	for _, arch := range Architectures {
		if rest, ok := strings.CutSuffix(key, "_"+arch); ok {
			i := strings.LastIndex(name, "_"+arch)
			return rest, name[:i] + name[i+len("_"+arch):], arch
		}
	}
	return key, "", ""
}

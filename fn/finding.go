package fn

import "inject-related-images/internal/engine"

// Status says how a reference stands to the CSV. It is a string.
type Status = engine.Status

// The statuses.
const (
	// Stale: the CSV says another image, which is proposed.
	Stale = engine.Stale
	// Injected: the reference was stale, and has been changed.
	Injected = engine.Injected
	// Current: the reference is what the CSV says.
	Current = engine.Current
	// Drifted: the reference is pinned to a digest that the CSV does not have, of a repository that
	// it has.
	Drifted = engine.Drifted
	// Ambiguous: the CSV has several images for the reference.
	Ambiguous = engine.Ambiguous
	// Uncovered: the CSV has no image for the reference.
	Uncovered = engine.Uncovered
	// Unreachable: the reference cannot be edited without touching other text.
	Unreachable = engine.Unreachable
	// Invalid: the text stands at a place of references, and is none.
	Invalid = engine.Invalid
)

// Finding is what was found out about one reference. As JSON it is what the commands write in the
// format json.
type Finding struct {
	File     string `json:"file"`     // the name of the text
	Document int    `json:"document"` // the index in a text of several YAML documents, from 0
	// Path leads to the reference in its document, as in the KRM Functions Specification:
	// spec.containers[0].image. It goes on behind # in documents within it:
	// data["devfile.yaml"]#components[0].container.image. In a list of lines it is empty.
	Path     string `json:"path"`
	Line     int    `json:"line"`     // of the reference's first character in the text, from 1
	Column   int    `json:"column"`   // of that character, in characters, from 1
	Image    string `json:"image"`    // the reference as it stood in the text
	Status   Status `json:"status"`   // how the reference stands to the CSV
	Proposed string `json:"proposed"` // what the CSV says, if that is something else
	Entry    string `json:"entry"`    // the variable, or other place in the CSV, that says it
	// Rule is the first rule that answered: placeholder, marker, variable, map, editor, tag,
	// sample, related-image, previous, alias or repository. It is empty where none did, and where
	// the reference is an image of the CSV already. The reference has a table of them.
	Rule       string   `json:"rule"`
	Candidates []string `json:"candidates"` // the images that the CSV has for it, if it is not clear which
	Message    string   `json:"message"`    // the reason for another status than Stale, Injected and Current
	CSV        string   `json:"csv"`        // the name of the CSV that decided, or empty

	Previous string `json:"previous,omitempty"` // the name of the earlier CSV by which rule previous decided

	Gone     []string `json:"-"` // the variables that had the image in an earlier CSV, and are in the CSV no more
	Known    bool     `json:"-"` // the CSV, or an earlier one, has the repository
	Unpinned bool     `json:"-"` // the image that the CSV says has no digest
	Broken   bool     `json:"-"` // it needs a variable that does not say one image
}

package engine

// Status says how a reference stands to the CSV.
type Status string

// The statuses.
const (
	Stale       Status = "stale"       // the CSV says otherwise; injecting changes it
	Injected    Status = "injected"    // it was stale, and has been changed
	Current     Status = "current"     // it is what the CSV says
	Drifted     Status = "drifted"     // pinned to a digest that the CSV does not have, of a repository that it has
	Ambiguous   Status = "ambiguous"   // the CSV has several images for it
	Uncovered   Status = "uncovered"   // the CSV has no image for it
	Unreachable Status = "unreachable" // it cannot be edited without touching other text
	Invalid     Status = "invalid"     // text at a known place that is no image reference
)

// Finding is what was found out about one reference. Its strings are its own: they keep nothing of
// the text.
type Finding struct {
	File       string   `json:"file"`
	Document   int      `json:"document"` // from 0
	Path       string   `json:"path"`     // as in the KRM Functions Specification; empty in a list of lines
	Line       int      `json:"line"`     // of the reference's first character in the file, from 1
	Column     int      `json:"column"`   // in characters, from 1
	Image      string   `json:"image"`    // as it stands in the file
	Status     Status   `json:"status"`
	Proposed   string   `json:"proposed"`   // what the CSV says, when that is something else
	Entry      string   `json:"entry"`      // the variable, or other place in the CSV, that says it
	Rule       string   `json:"rule"`       // the name of the rule that decided (see rules)
	Candidates []string `json:"candidates"` // the images that the CSV has for it, when it is not clear which
	Message    string   `json:"message"`    // the reason for anything but stale, injected and current
	CSV        string   `json:"csv"`        // the name of the CSV that decided, or empty

	Previous string `json:"previous,omitempty"` // of rule previous: the name of the earlier CSV that knew the reference

	Gone     []string `json:"-"` // the variables that it was in an earlier CSV, and that there are no more
	Known    bool     `json:"-"` // the CSV, or an earlier one, has its repository
	Unpinned bool     `json:"-"` // the CSV's image is a tag
	Broken   bool     `json:"-"` // it needs a variable that does not say which image: it is an error, whatever else
}

// Package stream runs the engine on one text that is no file: what a program writes to a pipe, on
// its way to another program.
//
// What comes out of a pipe is used at once, by kubectl apply. So all of the text is read, and must
// parse, before anything is done with it. Half of a text is an error and not a shorter text, as far
// as that can be told.
package stream

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"inject-related-images/internal/engine"
	"inject-related-images/internal/policy"
	"inject-related-images/internal/yamltext"
)

// Name is what findings and errors call the text.
const Name = "<stdin>"

// Report is what was found.
type Report struct {
	Text     string // with the images of the CSV; every other byte is as it was
	Findings []engine.Finding
	Notes    []string // what the user should know

	Templates int // how many texts are templates of other tools where a reference can stand
	Usage     engine.Usage
}

// Read reads a text to its end. A text without anything in it is an error: what should have written
// it has failed.
func Read(in io.Reader) (string, error) {
	text, err := io.ReadAll(in)
	if err == nil && strings.TrimSpace(string(text)) == "" {
		err = errors.New("it is empty: did the program that writes to the pipe fail?")
	}
	if err != nil {
		return "", fmt.Errorf("%s: %w", Name, err)
	}
	return string(text), nil
}

// Run decides the references of a text: YAML, with any number of documents, or JSON. The error says
// why the text does not parse.
func Run(e engine.Engine, text string) (Report, error) {
	context := engine.Context{KeepsComment: true}
	outcome, err := e.Decide(engine.Input{Context: context, Name: Name, Text: text})
	if err == nil {
		text, err = yamltext.Apply(text, outcome.Changes)
	}
	if err != nil {
		return Report{}, fmt.Errorf("%s: %w", Name, err)
	}
	report := Report{Text: text, Findings: outcome.Findings, Templates: outcome.Templates, Usage: outcome.Usage}
	for _, p := range outcome.Problems {
		report.Notes = append(report.Notes, fmt.Sprintf("%s: %s: %s", Name, p.Path, p.Message))
	}
	return report, nil
}

// MarkWritten records that the text was written, with all that was to be changed.
func (r Report) MarkWritten() {
	for i := range r.Findings {
		policy.MarkWritten(&r.Findings[i])
	}
}

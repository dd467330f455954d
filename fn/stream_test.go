package fn_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"inject-related-images/fn"
)

func streamed(in io.Reader, out, log io.Writer) fn.Command {
	return fn.Command{CSVs: []string{exampleBundle}, Paths: []string{fn.Stream}, Format: "line", In: in, Out: out, Log: log}
}

// TestAStreamBecomesWhatAFileBecomes has every file of the example that is no list.
func TestAStreamBecomesWhatAFileBecomes(t *testing.T) {
	engine := exampleEngine(t, fn.Options{})
	for name, text := range exampleTexts(t) {
		if strings.HasSuffix(name, ".txt") {
			continue
		}
		var out, log bytes.Buffer
		err := fn.Inject(streamed(iotest.OneByteReader(strings.NewReader(text)), &out, &log), "")
		want, wantErr := engine.Inject("<stdin>", text)
		if wantErr != nil || err != nil || out.String() != want.Text {
			t.Errorf("%s: got %v, %v\n%s\nwant\n%s", name, err, wantErr, &out, want.Text)
		}
	}
}

// TestNothingIsWrittenOfAStreamThatFails ends streams at each byte at which that shows.
func TestNothingIsWrittenOfAStreamThatFails(t *testing.T) {
	const list = `{"apiVersion": "v1", "kind": "List", "items": [{"image": "quay.io/acme/udi:latest"}]}`
	failing := map[string]io.Reader{
		"fails behind all of it": io.MultiReader(strings.NewReader(list), iotest.ErrReader(errors.New("broken pipe"))),
		"fails at once":          iotest.ErrReader(errors.New("broken pipe")),
	}
	for end := range list {
		failing["ends with "+list[:end]] = strings.NewReader(list[:end])
	}
	for name, in := range failing {
		var out, log bytes.Buffer
		err := fn.Inject(streamed(in, &out, &log), "")
		if fn.ExitCode(err) != fn.ExitFailure || out.Len() > 0 || !strings.HasPrefix(log.String(), "error: <stdin>: ") {
			t.Errorf("%s: got %v, %q, log %s", name, err, &out, &log)
		}
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func TestAStreamThatCannotBeWrittenFails(t *testing.T) {
	err := fn.Inject(streamed(strings.NewReader("image: quay.io/acme/udi:latest\n"), full{}, io.Discard), "")
	if fn.ExitCode(err) != fn.ExitFailure {
		t.Errorf("got %v, want exit code 3", err)
	}
	if err := fn.Inject(streamed(nil, io.Discard, io.Discard), ""); fn.ExitCode(err) != fn.ExitUsage {
		t.Errorf("without In: got %v, want wrong usage", err)
	}
}

package policy_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"inject-related-images/internal/engine"
	"inject-related-images/internal/policy"
)

var (
	stale       = engine.Finding{Known: true, Status: engine.Stale, Proposed: "q.io/b"}
	injected    = engine.Finding{Known: true, Status: engine.Injected, Proposed: "q.io/b"}
	current     = engine.Finding{Known: true, Status: engine.Current}
	drifted     = engine.Finding{Known: true, Status: engine.Drifted}
	ambiguous   = engine.Finding{Known: true, Status: engine.Ambiguous}
	invalid     = engine.Finding{Known: true, Status: engine.Invalid}
	unknown     = engine.Finding{Status: engine.Uncovered}
	uncovered   = engine.Finding{Known: true, Status: engine.Uncovered, Candidates: []string{"q.io/b"}}
	unreachable = engine.Finding{Known: true, Status: engine.Unreachable}
	wanted      = engine.Finding{Known: true, Status: engine.Unreachable, Proposed: "q.io/b"}
	unpinned    = engine.Finding{Known: true, Status: engine.Current, Unpinned: true}
	broken      = engine.Finding{Known: true, Status: engine.Uncovered, Broken: true}
)

// TestWhatFailsAndWhatIsAWarning has a row for each kind of finding.
func TestWhatFailsAndWhatIsAWarning(t *testing.T) {
	for _, test := range []struct {
		name     string
		finding  engine.Finding
		severity policy.Severity // where it does not fail
		fails    []policy.Command
		failOn   []string // that make it fail in each command
	}{
		{"stale", stale, policy.Info, checks, []string{"stale"}},
		{"injected", injected, policy.Info, nil, nil},
		{"current", current, policy.Info, nil, nil},
		{"drifted", drifted, policy.Warning, checks, []string{"drifted"}},
		{"ambiguous", ambiguous, policy.Warning, nil, []string{"ambiguous"}},
		{"of an unknown repository", unknown, policy.Info, nil, []string{"uncovered"}},
		{"of a known repository", uncovered, policy.Warning, nil, []string{"uncovered"}},
		{"unreachable", unreachable, policy.Warning, nil, []string{"unreachable"}},
		{"to be changed, and unreachable", wanted, policy.Warning, checks, []string{"unreachable"}},
		{"unpinned", unpinned, policy.Warning, nil, []string{"unpinned"}},
		{"invalid", invalid, policy.Warning, nil, []string{"invalid"}},
		{"of a variable that says no image", broken, policy.Info, commands, nil},
	} {
		for _, command := range commands {
			check := func(failOn policy.FailOn, fails bool) {
				t.Helper()
				p, want := policy.New(command, failOn), test.severity
				if fails {
					want = policy.Error
				}
				if got := p.Severity(&test.finding); got != want || p.Fails(&test.finding) != fails {
					t.Errorf("%s: command %d, fail-on %q: got %s, fails: %t, want %s", test.name, command, failOn, got, p.Fails(&test.finding), want)
				}
			}
			byDefault := slices.Contains(test.fails, command)
			check(nil, byDefault)
			for _, name := range policy.FailOnNames() {
				named := slices.Contains(test.failOn, name)
				check(policy.FailOn{name}, byDefault || named)
				check(policy.FailOn{"-" + name}, byDefault && !named)
				check(policy.FailOn{name, "-" + name}, byDefault && !named)
				check(policy.FailOn{"-" + name, name}, byDefault || named)
			}
		}
	}
}

var checks = []policy.Command{policy.Check, policy.FunctionCheck}

var commands = []policy.Command{policy.Images, policy.Inject, policy.Check, policy.Function, policy.FunctionCheck}

func TestFailOnKnowsItsNames(t *testing.T) {
	got, err := policy.ParseFailOn([]string{"unpinned", "-stale"})
	if want := (policy.FailOn{"unpinned", "-stale"}); err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	for _, names := range [][]string{nil, {"stale", "injected"}, {""}, {"-"}, {"--stale"}} {
		if got, err := policy.ParseFailOn(names); err == nil {
			t.Errorf("%q: got %q, want an error", names, got)
		}
	}
}

func TestStatusesAreParsed(t *testing.T) {
	got, err := policy.ParseStatuses([]string{"drifted", " stale"})
	if want := []engine.Status{engine.Drifted, engine.Stale}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	if got, err := policy.ParseStatuses(nil); got != nil || err != nil {
		t.Errorf("of no names: got %q, %v, want nil", got, err)
	}
	for _, name := range []string{"", "old", "-stale", "STALE"} {
		_, err := policy.ParseStatuses([]string{"stale", name})
		want := fmt.Sprintf("%q is none of stale, injected, current, drifted, ambiguous, uncovered, unreachable, invalid", name)
		if err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestOnlyWhatWasStaleIsInjected(t *testing.T) {
	for _, status := range policy.Statuses() {
		f, want := engine.Finding{Status: status}, status
		if status == engine.Stale {
			want = engine.Injected
		}
		if policy.MarkWritten(&f); f.Status != want {
			t.Errorf("what was %s and is written: got %s, want %s", status, f.Status, want)
		}
	}
}

func TestHowARunEnds(t *testing.T) {
	for _, test := range []struct {
		command  policy.Command
		failOn   policy.FailOn
		findings []engine.Finding
		code     int
		says     string
	}{
		{policy.Check, nil, []engine.Finding{current, ambiguous, unknown}, policy.ExitFine, ""},
		{policy.Check, nil, []engine.Finding{current, stale}, policy.ExitFindings, "1 of 2 references are not what the CSV says: run inject"},
		{policy.Check, policy.FailOn{"-stale"}, []engine.Finding{current, stale}, policy.ExitFine, ""},
		{
			policy.Check, nil,
			[]engine.Finding{wanted, stale, current},
			policy.ExitFindings,
			"2 of 3 references fail: 1 stale: run inject; 1 unreachable: edit them by hand, as their messages say",
		},
		{
			policy.Inject, nil,
			[]engine.Finding{injected, broken},
			policy.ExitFindings,
			"1 of 2 references fail: 1 without a variable that says an image: mend them as their messages say",
		},
		{
			policy.Check, nil,
			[]engine.Finding{drifted, stale},
			policy.ExitFindings,
			"2 of 2 references fail: 1 stale: run inject; " +
				"1 drifted: give the CSV of the release that pinned them by --previous, or correct them by hand",
		},
		{
			policy.Check, nil,
			[]engine.Finding{unknown, unknown},
			policy.ExitFindings,
			"the CSV has the repository of none of the 2 references: is it the right CSV? (--fail-on=-foreign allows it)",
		},
		{policy.Check, policy.FailOn{"-foreign"}, []engine.Finding{unknown}, policy.ExitFine, ""},
		{policy.Inject, nil, []engine.Finding{unknown}, policy.ExitFine, ""},
		{policy.Inject, nil, nil, policy.ExitFine, ""},
		{policy.Function, nil, nil, policy.ExitFine, ""},
		{policy.Function, nil, []engine.Finding{injected, broken}, policy.ExitFindings, "1 of 2 references fail: see the errors above"},
		{policy.FunctionCheck, nil, []engine.Finding{stale}, policy.ExitFindings, "1 of 1 references fail: see the errors above"},
	} {
		err := policy.New(test.command, test.failOn).Count(test.findings).Verdict()
		says := ""
		if err != nil {
			says = err.Error()
		}
		if code := policy.ExitCode(err); says != test.says || code != test.code {
			t.Errorf("command %d, fail-on %q, %+v: got %d, %q, want %d, %q", test.command, test.failOn, test.findings, code, says, test.code, test.says)
		}
	}
	if code := policy.ExitCode(fmt.Errorf("stdin: %w", errors.New("broken"))); code != policy.ExitFailure {
		t.Errorf("an error that is no verdict: got %d, want %d", code, policy.ExitFailure)
	}
}

// TestAVariableWithoutAnImageFailsIfFailOnSaysSo is of the CSV, whatever the references are.
func TestAVariableWithoutAnImageFailsIfFailOnSaysSo(t *testing.T) {
	failOn := policy.FailOn{policy.BadVariable}
	for _, test := range []struct {
		command   policy.Command
		failOn    policy.FailOn
		finding   engine.Finding
		variables int
		says      string
	}{
		{policy.Inject, nil, current, 2, ""},
		{policy.Check, failOn, current, 0, ""},
		{policy.Check, failOn, current, 1, "1 variable of the CSV without an image: see the errors above"},
		{policy.Images, failOn, broken, 2, "1 of 1 references fail: 1 without a variable that says an image: mend them as their messages say"},
		{policy.Function, failOn, current, 2, "2 variables of the CSV without an image: see the errors above"},
	} {
		p := policy.New(test.command, test.failOn)
		test.finding.Known = true
		counts := p.Count([]engine.Finding{test.finding})
		counts.AddBadVariables(test.variables)
		err, says := counts.Verdict(), ""
		if err != nil {
			says = err.Error()
		}
		severity, code := policy.Warning, policy.ExitFine
		if test.failOn != nil {
			severity = policy.Error
		}
		if says != "" {
			code = policy.ExitFindings
		}
		if got := p.VariableSeverity(); says != test.says || got != severity || policy.ExitCode(err) != code {
			t.Errorf("command %d, fail-on %q: got %q, %s, %d, want %q", test.command, test.failOn, says, got, policy.ExitCode(err), test.says)
		}
	}
}

func TestTheSummaryCountsEveryStatus(t *testing.T) {
	var all []engine.Finding
	for i, status := range policy.Statuses() {
		all = append(all, slices.Repeat([]engine.Finding{{Status: status}}, i+1)...)
	}
	for _, test := range []struct {
		findings []engine.Finding
		places   int
		want     string
	}{
		{nil, 2, "no image references in 2 files"},
		{[]engine.Finding{stale}, 1, "1 reference in 1 file: 1 stale"},
		{all, 3, "36 references in 3 files: 1 stale, 2 injected, 3 current, 4 drifted, 5 ambiguous, 6 uncovered, 7 unreachable, 8 invalid"},
	} {
		if got := policy.New(policy.Images, nil).Count(test.findings).Summary(test.places, "file"); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}

func TestTextThatIsNoReferenceDoesNotMakeACSVForeign(t *testing.T) {
	invalid := engine.Finding{Status: engine.Invalid}
	unknown := engine.Finding{Status: engine.Uncovered}
	for _, test := range []struct {
		findings []engine.Finding
		foreign  bool
	}{
		{[]engine.Finding{invalid}, false},
		{[]engine.Finding{invalid, unknown}, true},
		{[]engine.Finding{invalid, unknown, {Status: engine.Current, Known: true}}, false},
	} {
		counts := policy.New(policy.Check, nil).Count(test.findings)
		if counts.IsForeign() != test.foreign {
			t.Errorf("%+v: foreign %t, want %t", test.findings, counts.IsForeign(), test.foreign)
		}
		const want = "does not have the repository of the reference:"
		if warnings := counts.Warnings(); test.foreign && !strings.Contains(warnings[0], want) {
			t.Errorf("got %q, want it to count the reference only", warnings)
		}
	}
}

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

var tenths = flag.Int("tenths", 1, "how much to kill, interrupt, disturb and break, in tenths of what make soak does")

const (
	udi   = "quay.io/acme/udi"
	csv   = "examples/registry/bundle/manifests/workspaces-operator.clusterserviceversion.yaml"
	first = "sha256:03cead9794ae2e4e48749f81e40ccc3387c1b5f00d6c4f837e667e084e6e91bb" // of udi in that CSV
)

// registry is a folder of files that are all alike, and two CSVs that have other images for them.
type registry struct {
	*testing.T
	dir   string
	files []string
	text  string // of each file, with the image :latest
}

func newRegistry(t *testing.T, files int) registry {
	t.Helper()
	if testing.Short() {
		t.Skip("it takes long")
	}
	t.Parallel()
	r := registry{T: t, dir: t.TempDir(), text: strings.Repeat("image: "+udi+":latest\n# some text\n", 100)}
	text, err := os.ReadFile(filepath.Join(repository(t), csv))
	if err != nil {
		t.Fatal(err)
	}
	r.write("one.yaml", string(text))
	r.write("two.yaml", strings.ReplaceAll(string(text), first, second))
	for i := range files {
		r.files = append(r.files, fmt.Sprintf("reg/%d/%d.yaml", i%10, i))
	}
	return r
}

const second = "sha256:1111111111111111111111111111111111111111111111111111111111111111"

func (r registry) path(name string) string { return filepath.Join(r.dir, name) }

func (r registry) write(name, text string) {
	r.Helper()
	err := errors.Join(
		os.MkdirAll(filepath.Dir(r.path(name)), 0o755),
		os.WriteFile(r.path(name), []byte(text), 0o644),
	)
	if err != nil {
		r.Fatal(err)
	}
}

// reset writes all files as they were.
func (r registry) reset() {
	r.Helper()
	for _, name := range r.files {
		r.write(name, r.text)
	}
}

// injected is the text of a file that has a digest.
func (r registry) injected(digest string) string {
	return strings.ReplaceAll(r.text, ":latest", "@"+digest)
}

// command returns the program, to be run in the registry's folder, or another program that runs it.
func (r registry) command(args ...string) *exec.Cmd {
	r.Helper()
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = r.dir
	return cmd
}

func injects(csv string, flags ...string) []string {
	return append([]string{"inject-related-images", "inject", "--csv", csv, "reg"}, flags...)
}

// holds returns the files that hold a text. All others must hold what they were reset to.
func (r registry) holds(text string) (names []string) {
	r.Helper()
	for _, name := range r.files {
		switch got, err := os.ReadFile(r.path(name)); {
		case err != nil:
			r.Errorf("%s is lost: %v", name, err)
		case string(got) == text:
			names = append(names, name)
		case string(got) != r.text:
			r.Errorf("%s is torn: %d bytes, %.80q", name, len(got), got)
		}
	}
	slices.Sort(names)
	return names
}

// left returns what is in the folders beside the files.
func (r registry) left() (names []string) {
	r.Helper()
	err := fs.WalkDir(os.DirFS(r.dir), "reg", func(name string, _ fs.DirEntry, err error) error {
		if err == nil && !slices.Contains(r.files, name) && !regexp.MustCompile(`^reg(/\d)?$`).MatchString(name) {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		r.Error(err)
	}
	return names
}

// mends checks that the next run does all that an earlier one has not done, and leaves nothing.
func (r registry) mends() {
	r.Helper()
	if out, err := r.command(injects("one.yaml", "-q")...).CombinedOutput(); err != nil {
		r.Errorf("the next run: %v\n%s", err, out)
	}
	if done, left := r.holds(r.injected(first)), r.left(); len(done) != len(r.files) || len(left) > 0 {
		r.Errorf("the next run left %d of %d files as they were, and beside them %q", len(r.files)-len(done), len(r.files), left)
	}
}

// duration returns how long it takes to inject into all files.
func (r registry) duration() time.Duration {
	r.reset()
	begin := time.Now()
	r.mends()
	return time.Since(begin)
}

// TestWritesSurviveKills kills the program at random moments.
func TestWritesSurviveKills(t *testing.T) {
	r := newRegistry(t, 300)
	took, halfway, left := r.duration(), 0, 0
	for range 30 * *tenths {
		r.reset()
		r.end(r.command(injects("one.yaml", "-q")...), syscall.SIGKILL, took)
		if n := len(r.holds(r.injected(first))); n > 0 && n < len(r.files) {
			halfway++
		}
		left += len(r.left())
		r.mends()
	}
	t.Logf("of %d kills, %d were between the first and the last file; they left %d files and folders, which the next runs removed",
		30**tenths, halfway, left)
	if halfway == 0 {
		t.Error("no kill was between the first and the last file")
	}
}

// end starts a command and sends it a signal within the time that it may take, and returns how it ended.
func (r registry) end(cmd *exec.Cmd, signal syscall.Signal, took time.Duration) syscall.WaitStatus {
	r.Helper()
	if err := cmd.Start(); err != nil {
		r.Fatal(err)
	}
	time.Sleep(rand.N(took))
	_ = cmd.Process.Signal(signal) // unless it has ended already
	_ = cmd.Wait()
	return cmd.ProcessState.Sys().(syscall.WaitStatus)
}

// TestWritesSurviveSignals interrupts the program at random moments.
func TestWritesSurviveSignals(t *testing.T) {
	r := newRegistry(t, 300)
	took, halfway := r.duration(), 0
	for i := range 10 * *tenths {
		r.reset()
		signal := []syscall.Signal{syscall.SIGINT, syscall.SIGTERM}[i%2]
		var out bytes.Buffer
		cmd := r.command(injects("one.yaml", "-o", "json")...)
		cmd.Stdout = &out
		status := r.end(cmd, signal, took)
		done := r.holds(r.injected(first))
		early := status.Signaled() && status.Signal() == signal && len(done) == 0 // before the program knew of signals
		if status.ExitStatus() != 128+int(signal) && !early && (status.ExitStatus() != 0 || len(done) < len(r.files)) {
			t.Errorf("%v: %d files are done, and it ended with %v, code %d", signal, len(done), status, status.ExitStatus())
		}
		if left := r.left(); len(left) > 0 {
			t.Errorf("%v: left: %q", signal, left)
		}
		if claimed := claims(out.Bytes()); len(done) > 0 && !slices.Equal(claimed, done) {
			t.Errorf("%v: it says that %d files are injected, and %d are: %q", signal, len(claimed), len(done), &out)
		}
		if len(done) > 0 && len(done) < len(r.files) {
			halfway++
		}
		r.mends()
	}
	t.Logf("of %d signals, %d came between the first and the last file", 10**tenths, halfway)
}

// claims returns the files that a report in JSON says are injected.
func claims(report []byte) (names []string) {
	var findings []struct{ File, Status string }
	if err := json.Unmarshal(report, &findings); err != nil {
		return nil
	}
	for _, f := range findings {
		if f.Status == "injected" {
			names = append(names, f.File)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// TestWritesOfTwoRuns has two runs inject different images into the same files at once. None of
// them knows the other's image, and so no file can be injected by both.
func TestWritesOfTwoRuns(t *testing.T) {
	r := newRegistry(t, 200)
	shared := 0
	for range 20 * *tenths {
		r.reset()
		var one, two bytes.Buffer
		a, b := r.command(injects("one.yaml", "-o", "json")...), r.command(injects("two.yaml", "-o", "json")...)
		a.Stdout, b.Stdout = &one, &two
		if err := errors.Join(a.Start(), b.Start()); err != nil {
			t.Fatal(err)
		}
		_, _ = a.Wait(), b.Wait() // what they could not write fails them
		byOne, byTwo := claims(one.Bytes()), claims(two.Bytes())
		if len(byOne) > 0 && len(byTwo) > 0 {
			shared++
		}
		for _, name := range r.files {
			text, err := os.ReadFile(r.path(name))
			isOne, isTwo := slices.Contains(byOne, name), slices.Contains(byTwo, name)
			if err != nil || isOne == isTwo || isOne != (string(text) == r.injected(first)) || isTwo != (string(text) == r.injected(second)) {
				t.Errorf("%s: claimed by the first run: %t, by the second: %t, it holds %.80q, %v", name, isOne, isTwo, text, err)
			}
		}
		if left := r.left(); len(left) > 0 {
			t.Errorf("left: %q", left)
		}
	}
	t.Logf("of %d pairs of runs, %d shared the files", 20**tenths, shared)
}

// TestWritesOfOthers has the test rename files over those that the program is writing, or remove them.
func TestWritesOfOthers(t *testing.T) {
	r := newRegistry(t, 100)
	r.disturb(5**tenths, injects("one.yaml", "-q"))
}

// TestWritesOfOthersInSlowExchanges does so where some milliseconds are before and behind the
// system call that exchanges files.
func TestWritesOfOthersInSlowExchanges(t *testing.T) {
	need(t, "strace")
	r := newRegistry(t, 100)
	r.disturb(*tenths, append([]string{
		"strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=renameat2",
		"-e", "inject=renameat2:delay_enter=3000:delay_exit=3000",
	}, injects("one.yaml", "-q")...))
}

// disturb edits each file once in each round, while the program runs.
func (r registry) disturb(rounds int, command []string) {
	r.reset()
	begin, told := time.Now(), 0
	if out, err := r.command(command...).CombinedOutput(); err != nil {
		r.Fatalf("%v\n%s", err, out)
	}
	took := time.Since(begin)
	for round := range rounds {
		r.reset()
		var log bytes.Buffer
		cmd := r.command(command...)
		cmd.Stderr = &log
		if err := cmd.Start(); err != nil {
			r.Fatal(err)
		}
		want := map[string]string{}
		for _, i := range rand.Perm(len(r.files)) {
			time.Sleep(rand.N(2 * took / time.Duration(len(r.files))))
			want[r.files[i]] = r.edit(r.files[i], fmt.Sprintf("# edit %d of round %d\n", i, round))
		}
		_ = cmd.Wait()
		told += strings.Count(log.String(), "another process has changed it")
		for name, edit := range want {
			text, err := os.ReadFile(r.path(name))
			if removed := errors.Is(err, fs.ErrNotExist); removed != (edit == "") || !strings.HasSuffix(string(text), edit) {
				r.Errorf("%s ends with %.80q, %v, want %q", name, text[max(0, len(text)-40):], err, edit)
			}
		}
		if left := r.left(); len(left) > 0 {
			r.Errorf("left: %q", left)
		}
	}
	r.Logf("of %d edits, the program gave way to %d", rounds*len(r.files), told)
}

// edit renames a file over another, or sometimes removes it, and returns how it ends.
func (r registry) edit(name, edit string) string {
	r.Helper()
	if rand.N(10) == 0 {
		if err := os.Remove(r.path(name)); err != nil {
			r.Error(err)
		}
		return ""
	}
	r.write("edit", r.text+edit)
	if err := os.Rename(r.path("edit"), r.path(name)); err != nil {
		r.Error(err)
	}
	return edit
}

// TestWritesSurviveFaults has system calls fail, or kill the program.
func TestWritesSurviveFaults(t *testing.T) {
	need(t, "strace")
	r := newRegistry(t, 6)
	type fault struct {
		call, errors string
		calls        int  // of each thread, in which it may fail
		mayCrash     bool // Go's runtime panics where it cannot write to itself
	}
	for _, f := range []fault{
		{call: "write", calls: 16, errors: "EIO ENOSPC EDQUOT", mayCrash: true},
		{call: "fsync", calls: 4, errors: "EIO ENOSPC"},
		{call: "openat", calls: 64, errors: "EMFILE EIO EACCES"},
		{call: "fchmod", calls: 4, errors: "EPERM EIO"},
		{call: "getdents64", calls: 16, errors: "EIO"},
		{call: "mkdirat", calls: 3, errors: "ENOSPC EACCES"},
		{call: "flock", calls: 3, errors: "ENOLCK"},
		{call: "renameat", calls: 4, errors: "EIO EACCES"},
		{call: "renameat2", calls: 4, errors: "EIO ENOSPC"},
		{call: "unlinkat", calls: 8, errors: "EIO"},
		{call: "newfstatat", calls: 64, errors: "EIO"},
		{call: "flistxattr", calls: 8, errors: "EIO"},
	} {
		kinds := []string{"signal=KILL"}
		for _, name := range strings.Fields(f.errors) {
			kinds = append(kinds, "error="+name)
		}
		broke := 0
		for i := range 5 * *tenths {
			when := fmt.Sprint(1 + rand.N(f.calls))
			if rand.N(4) == 0 {
				when += "+" // and from then on
			}
			kind := kinds[i%len(kinds)]
			if r.survives(f.call, kind+":when="+when, f.mayCrash) {
				broke++
			}
		}
		t.Logf("%s: of %d runs, %d were broken", f.call, 5**tenths, broke)
	}
}

// survives runs the program with a fault, and tells whether the fault broke it.
func (r registry) survives(call, fault string, mayCrash bool) bool {
	r.Helper()
	r.reset()
	var report, log bytes.Buffer
	cmd := r.command(append([]string{"strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=" + call, "-e", "inject=" + call + ":" + fault},
		injects("one.yaml", "-o", "json")...)...)
	cmd.Stdout, cmd.Stderr = &report, &log
	_ = cmd.Run()
	status := cmd.ProcessState.Sys().(syscall.WaitStatus)
	done := r.holds(r.injected(first))
	killed := strings.HasPrefix(fault, "signal=KILL") && status.Signaled()
	unloaded := strings.Contains(log.String(), "error while loading shared libraries") // it has not even begun
	switch code := status.ExitStatus(); {
	case code == 0 && len(done) == len(r.files), code == 3, killed, unloaded, mayCrash && code == 2:
	default:
		r.Errorf("%s:%s: %d of %d files are done, and it ended with %v, code %d\n%s", call, fault, len(done), len(r.files), status, code, &log)
	}
	for _, name := range claims(report.Bytes()) {
		if !slices.Contains(done, name) {
			r.Errorf("%s:%s: it says that %s is injected, and it is not", call, fault, name)
		}
	}
	r.mends()
	return status != 0
}

// TestWritesWithoutExchange has the program do without the system call that exchanges files.
func TestWritesWithoutExchange(t *testing.T) {
	need(t, "strace")
	r := newRegistry(t, 6)
	for _, fault := range []string{"error=ENOSYS", "error=EINVAL", "error=EPERM"} {
		if r.survives("renameat2", fault, false) {
			t.Errorf("%s: it failed", fault)
		}
	}
}

package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"inject-related-images/internal/imagetest"
)

var update = flag.Bool("update", false, "rewrite the expected output in scripts and documents")

func TestMain(m *testing.M) {
	testscript.Main(tests{m}, map[string]func(){"inject-related-images": main})
}

// tests are all tests. Testscript runs this binary as the program as well, and then none of them.
type tests struct{ *testing.M }

// Run runs the tests and says at last what they compared.
func (t tests) Run() int {
	code := t.M.Run()
	if compared != "" {
		fmt.Println(compared)
	}
	return code
}

// repository is the project's top folder.
func repository(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// need skips the test where a tool is missing, but fails it in CI.
func need(t *testing.T, tool string) {
	t.Helper()
	if _, err := exec.LookPath(tool); err == nil {
		return
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is missing (make tools builds kustomize, helm and crane)", tool)
	}
	t.Skipf("%s is not on this machine", tool)
}

// TestScripts drives the program. EXAMPLES is the folder of that name, CSV the bundle in examples/registry,
// REGISTRY the host of a registry.
func TestScripts(t *testing.T) {
	testscript.Run(t, scripts(t, "../../testdata/script"))
}

func scripts(t *testing.T, dir string) testscript.Params {
	examples := filepath.Join(repository(t), "examples")
	registry := imagetest.Registry(t)
	return testscript.Params{
		Dir:                 dir,
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("EXAMPLES", examples)
			env.Setenv("REGISTRY", registry)
			env.Setenv("CSV", filepath.Join(examples, "registry", "bundle"))
			env.Setenv("GORACE", os.Getenv("GORACE")) // see make race
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":  exits,
			"crlf":   edit(func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n")) }),
			"chomp":  edit(func(b []byte) []byte { return bytes.TrimRight(b, "\r\n") }),
			"latin1": edit(func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("é"), []byte{0xe9}) }),
			"mkfifo": func(ts *testscript.TestScript, _ bool, args []string) {
				ts.Check(syscall.Mkfifo(ts.MkAbs(args[0]), 0o644))
			},
			"mode":  mode,
			"image": makeImage,
		},
	}
}

// exits runs a program and checks its exit code: exits 3 inject-related-images …
func exits(ts *testscript.TestScript, neg bool, args []string) {
	want, err := strconv.Atoi(args[0])
	if err != nil || neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE program [args...]")
	}
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("%s: exit code %d, want %d", strings.Join(args[1:], " "), got, want)
	}
}

// edit makes a command that changes the files that are its arguments.
func edit(change func([]byte) []byte) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, _ bool, args []string) {
		for _, name := range args {
			ts.Check(os.WriteFile(ts.MkAbs(name), change([]byte(ts.ReadFile(name))), 0o644))
		}
	}
}

// mode checks the permissions of a file: mode 640 file
func mode(ts *testscript.TestScript, _ bool, args []string) {
	info, err := os.Stat(ts.MkAbs(args[1]))
	ts.Check(err)
	if got := strconv.FormatUint(uint64(info.Mode().Perm()), 8); got != args[0] {
		ts.Fatalf("%s has mode %s, want %s", args[1], got, args[0])
	}
}

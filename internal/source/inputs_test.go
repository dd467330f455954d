package source

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestInputsAreFilesThatAreNamedAndCSVsInFolders(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"b/csv.yaml": "apiVersion: operators.coreos.com/v1alpha1\nkind: ClusterServiceVersion\n", "b/crd.yaml": "kind: CustomResourceDefinition", "mirrors.yaml": "",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	got, want := Opener{}.Inputs("b", "mirrors.yaml"), []string{"b/csv.yaml", "mirrors.yaml"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAFileOfAFolderThatHasBecomeAPipeIsNotWaitedFor(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "csv.yaml")
	if err := syscall.Mkfifo(pipe, 0o644); err != nil {
		t.Fatal(err)
	}
	read := make(chan error, 1)
	go func() {
		_, err := Opener{}.file(pipe, false)
		read <- err
	}()
	select {
	case err := <-read:
		if err == nil || !strings.Contains(err.Error(), "something other than a regular file") {
			t.Errorf("got %v, want it to say that it is no regular file", err)
		}
	case <-time.After(time.Minute):
		t.Error("it is still waited for")
	}
}

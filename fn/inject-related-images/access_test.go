package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// other is a user that owns files, and is neither root nor the one that runs the program.
const other = 12345

// stranger is the user that runs the program: somebody else where root runs the test, since root may do everything.
func stranger() int {
	if uid := os.Getuid(); uid != 0 {
		return uid
	}
	return 65534
}

// own is an owner and a mode to give to a file or folder of a test.
type own struct {
	name string
	uid  int
	mode fs.FileMode
	gid  int // 0 stands for that of the user's number
}

// TestErrorsSayWhoOwnsWhatIsRefused runs the program as a user that may not do what it is asked to. %ME in the wanted output stands
// for that user, %UID for his number.
func TestErrorsSayWhoOwnsWhatIsRefused(t *testing.T) {
	const asOther = "belongs to user 12345 and group 12345, mode "
	const runAs = ", and this process is %ME: run as that user (in Kubernetes securityContext.runAsUser), or as a group that may "
	const runAsBoth = ", and this process is %ME, to whom a new file would belong: run as that user and group " +
		"(in Kubernetes securityContext.runAsUser and runAsGroup), or write to another folder with --to"
	me := stranger()
	for _, test := range []struct {
		name  string
		owned []own // besides all that is the stranger's
		args  string
		code  int
		want  []string
		reads string // what reg/a.yaml is to hold in the end; stale where empty
	}{
		{
			name: "a file that its mode closes is reported and the rest done", owned: []own{{"reg/a.yaml", me, 0, 0}}, args: "images reg", code: 3,
			want: []string{"error: reg/a.yaml: permission denied: it belongs to %ME, mode ----------, and this process is %ME: allow its owner to read it, by chmod", "b.yaml:1", "stale"},
		},
		{
			name: "another's file that only he may read", owned: []own{{"reg/a.yaml", other, 0o600, 0}}, args: "images reg", code: 3,
			want: []string{"error: reg/a.yaml: permission denied: it " + asOther + "-rw-------" + runAs + "read it (fsGroup)", "b.yaml:1", "stale"},
		},
		{
			name: "another's folder that only he may read", owned: []own{{"reg", other, 0o700, 0}}, args: "images reg", code: 3,
			want: []string{"permission denied: the folder reg " + asOther + "drwx------" + runAs + "read it (fsGroup)"},
		},
		{
			name: "another's CSV", owned: []own{{"bundle/csv.yaml", other, 0o600, 0}}, args: "images reg", code: 3,
			want: []string{"error: csv: open bundle/csv.yaml: permission denied: it " + asOther + "-rw-------" + runAs + "read it (fsGroup)"},
		},
		{
			name: "another's files and folder", owned: []own{{"reg", other, 0o755, 0}, {"reg/a.yaml", other, 0o644, 0}}, args: "inject reg", code: 3,
			want: []string{"error: reg/a.yaml: a new file could not be put in its place: ", "permission denied: it " + asOther + "-rw-r--r--" + runAsBoth},
		},
		{
			name: "the same to another folder", owned: []own{{"reg", other, 0o755, 0}, {"reg/a.yaml", other, 0o644, 0}}, args: "inject --to out reg", code: 0,
			want: []string{"2 injected"},
		},
		{
			name: "files in another's folder", owned: []own{{"reg", other, 0o755, 0}}, args: "inject reg", code: 3,
			want: []string{"permission denied: the folder reg " + asOther + "drwxr-xr-x" + runAs + "write it (fsGroup), or write to another folder with --to"},
		},
		{
			name: "another's file in an open folder, whose owner would change", owned: []own{{"reg", other, 0o777, 0}, {"reg/a.yaml", other, 0o666, 0}}, args: "inject reg", code: 3,
			want: []string{"error: reg/a.yaml: a new file could not be put in its place: ", "operation not permitted: it " + asOther + "-rw-rw-rw-" + runAsBoth, "1 stale, 1 injected"},
		},
		{
			name: "a file of another group, which would change", owned: []own{{"reg/a.yaml", me, 0o644, other}}, args: "inject reg", code: 3,
			want: []string{"operation not permitted: it belongs to user %UID and group 12345, mode -rw-r--r--" + runAsBoth, "1 stale, 1 injected"},
		},
		{
			name: "another's folder for the output", owned: []own{{"out", other, 0o755, 0}}, args: "inject --to out reg", code: 3,
			want: []string{"permission denied: the folder out " + asOther + "drwxr-xr-x" + runAs + "write it (fsGroup)\n"},
		},
		{
			name: "another's folder for the results", owned: []own{{"out", other, 0o755, 0}}, args: "inject --result-file stale=out/stale reg", code: 3,
			want: []string{"error: --result-file stale=out/stale: open out/stale: permission denied: the folder out " + asOther + "drwxr-xr-x" + runAs + "write it (fsGroup)\n"}, reads: "injected",
		},
		{
			name: "a folder that its mode closes", owned: []own{{"reg", me, 0o555, 0}}, args: "inject reg", code: 3,
			want: []string{"permission denied: the folder reg belongs to %ME, mode dr-xr-xr-x, and this process is %ME: allow its owner to write it, by chmod, or write to another folder with --to"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := inStrangersHands(t, test.owned)
			cmd := exec.Command(filepath.Join(dir, "inject-related-images"), strings.Fields(test.args)...)
			cmd.Args = append(cmd.Args, "--csv", "bundle")
			cmd.Dir = dir
			group := os.Getgid()
			if os.Getuid() == 0 {
				group = me
				cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(me), Gid: uint32(me)}}
			}
			out, err := cmd.CombinedOutput()
			if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != test.code {
				t.Errorf("%s: got %v, want exit code %d", test.args, err, test.code)
			}
			for _, want := range test.want {
				want = strings.NewReplacer("%ME", fmt.Sprintf("user %d and group %d", me, group), "%UID", strconv.Itoa(me)).Replace(want)
				if !strings.Contains(string(out), want) {
					t.Errorf("%s: got no %q in\n%s", test.args, want, out)
				}
			}
			if text, err := os.ReadFile(filepath.Join(dir, "reg/a.yaml")); os.Getuid() == 0 && (err != nil || strings.Contains(string(text), "udi:latest") != (test.reads == "")) {
				t.Errorf("%s: reg/a.yaml is %q, %v", test.args, text, err)
			}
			if left, err := filepath.Glob(filepath.Join(dir, "reg/.*")); err != nil || len(left) > 0 {
				t.Errorf("%s: left in the folder: %v, %v", test.args, left, err)
			}
		})
	}
}

// inStrangersHands returns a folder with the program, a bundle, a registry and an empty folder out, of the user stranger except for
// what is owned otherwise.
func inStrangersHands(t *testing.T, owned []own) string {
	t.Helper()
	if o := owned[len(owned)-1]; os.Getuid() != 0 && (o.uid == other || o.gid == other) {
		t.Skip("only root can give a file to another user: run the test as root")
	}
	dir := t.TempDir()
	program, err := exec.LookPath("inject-related-images")
	if err != nil {
		t.Fatal(err)
	}
	const image = "image: quay.io/acme/udi:latest\n"
	for _, name := range []string{"reg", "bundle", "out"} {
		err = errors.Join(err, os.Mkdir(filepath.Join(dir, name), 0o755))
	}
	if err := errors.Join(err,
		copyFile(program, filepath.Join(dir, "inject-related-images"), 0o755),
		copyFile(filepath.Join(repository(t), "examples/registry/bundle/manifests/workspaces-operator.clusterserviceversion.yaml"), filepath.Join(dir, "bundle/csv.yaml"), 0o644),
		os.WriteFile(filepath.Join(dir, "reg/a.yaml"), []byte(image), 0o644),
		os.WriteFile(filepath.Join(dir, "reg/b.yaml"), []byte(image), 0o644),
	); err != nil {
		t.Fatal(err)
	}
	if os.Getuid() == 0 {
		for d := filepath.Dir(dir); d != os.TempDir() && len(d) > 1; d = filepath.Dir(d) {
			err = errors.Join(err, os.Chmod(d, 0o755))
		}
		err = errors.Join(err, filepath.WalkDir(dir, func(name string, _ fs.DirEntry, err error) error {
			return errors.Join(err, os.Chown(name, stranger(), stranger()))
		}))
	}
	for _, o := range owned {
		name := filepath.Join(dir, o.name)
		if os.Getuid() == 0 {
			err = errors.Join(err, os.Chown(name, o.uid, cmp.Or(o.gid, o.uid)))
		}
		err = errors.Join(err, os.Chmod(name, o.mode))
		t.Cleanup(func() { _ = os.Chmod(name, 0o755) }) // or the folder cannot be removed
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func copyFile(from, to string, mode fs.FileMode) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, data, mode)
}

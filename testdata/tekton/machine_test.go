package tekton_test

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"log"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"

	v1 "github.com/tektoncd/pipeline/pkg/apis/pipeline/v1"
	corev1 "k8s.io/api/core/v1"
)

// machine runs steps: in containers of the image IMAGE by ENGINE, or where that is unset as processes.
type machine struct {
	engine, image string
	program       string // what processes run
	network       string // of containers; "" is none
}

// volume is a folder of this machine, and where a step has it.
type volume struct {
	host, path string
	readOnly   bool
}

// newMachine returns the machine that the environment asks for.
func newMachine(t *testing.T) machine {
	t.Helper()
	m := machine{engine: os.Getenv("ENGINE"), image: os.Getenv("IMAGE")}
	if m.image != "" {
		if _, err := exec.LookPath(m.engine); err != nil {
			t.Fatalf("IMAGE is %s, and ENGINE is %q: name podman or docker there: %v", m.image, m.engine, err)
		}
		return m
	}
	t.Log("IMAGE is unset: the command lines run as processes of this machine; make test-container runs them in containers")
	m.program = os.Getenv(programVariable)
	return m
}

// programVariable is the environment variable in which TestMain leaves the name of the program for the tests.
const programVariable = "PROGRAM"

// TestMain builds the program, once for all tests, unless they run an image.
func TestMain(m *testing.M) {
	if os.Getenv("IMAGE") != "" {
		os.Exit(m.Run())
	}
	dir, err := os.MkdirTemp("", "tekton")
	if err == nil {
		err = os.Chmod(dir, 0o755) // other users run it
	}
	if err != nil {
		log.Fatal(err)
	}
	program := filepath.Join(dir, "inject-related-images")
	build := exec.Command("go", "build", "-o", program, "./fn/inject-related-images")
	build.Dir, build.Env = "../..", append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		log.Fatalf("go build: %v\n%s", err, out)
	}
	if err := os.Setenv(programVariable, program); err != nil {
		log.Fatal(err)
	}
	code := m.Run()
	if err := os.RemoveAll(dir); err != nil {
		log.Fatal(err)
	}
	os.Exit(code)
}

// contained tells whether steps run in containers.
func (m machine) contained() bool { return m.image != "" }

// at returns where a step has a folder of this machine: processes have it where it is.
func (m machine) at(host, path string, readOnly bool) volume {
	if !m.contained() {
		path = host
	}
	return volume{host, path, readOnly}
}

// run runs a step and returns what it prints and its exit code.
func (m machine) run(step v1.Step, volumes []volume) (string, int, error) {
	confined, err := confine(step.SecurityContext)
	if err != nil {
		return "", 0, err
	}
	cmd := m.process(step)
	if m.contained() {
		cmd = m.container(step, confined, volumes)
	}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err = cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		err = nil
	}
	if err != nil || cmd.ProcessState.ExitCode() >= 125 { // what the engine has to say for itself
		return "", 0, fmt.Errorf("%v: %w\n%s", cmd.Args, err, out.String())
	}
	return out.String(), cmd.ProcessState.ExitCode(), nil
}

// process is the command line of a step without a container: of its securityContext it keeps the user, where root runs the test.
func (m machine) process(step v1.Step) *exec.Cmd {
	cmd := exec.Command(m.program, step.Args...)
	cmd.Dir, cmd.Env = step.WorkingDir, []string{}
	for _, e := range step.Env {
		cmd.Env = append(cmd.Env, e.Name+"="+e.Value)
	}
	if os.Getuid() == 0 {
		uid, gid := user(step.SecurityContext)
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	}
	return cmd
}

// container is the command line of a step in a container that is confined so.
func (m machine) container(step v1.Step, confined []string, volumes []volume) *exec.Cmd {
	args := append([]string{"run", "--rm", "--pull=never", "--network=" + cmp.Or(m.network, "none"), "--workdir=" + step.WorkingDir}, confined...)
	if os.Getuid() != 0 && filepath.Base(m.engine) == "podman" {
		args = append(args, "--userns=keep-id") // without root, podman has the user's files belong to another one else
	}
	if memory, ok := step.ComputeResources.Limits[corev1.ResourceMemory]; ok {
		args = append(args, "--memory="+strconv.FormatInt(memory.Value(), 10))
	}
	for _, e := range step.Env {
		args = append(args, "--env="+e.Name+"="+e.Value)
	}
	for _, v := range volumes {
		mode := "z" // for machines with SELinux
		if v.readOnly {
			mode += ",ro"
		}
		args = append(args, "--volume="+v.host+":"+v.path+":"+mode)
	}
	args = append(args, "--entrypoint="+step.Command[0], step.Image)
	return exec.Command(m.engine, slices.Concat(args, step.Command[1:], step.Args)...)
}

// confine returns the flags of podman and docker for a securityContext. It must be what Kubernetes' pod security standard
// "restricted" asks for; what it says beyond that, and has no flag here, is an error.
func confine(sc *corev1.SecurityContext) ([]string, error) {
	if sc == nil || sc.RunAsNonRoot == nil || !*sc.RunAsNonRoot || sc.RunAsUser == nil || *sc.RunAsUser == 0 || sc.RunAsGroup == nil ||
		sc.ReadOnlyRootFilesystem == nil || !*sc.ReadOnlyRootFilesystem || sc.AllowPrivilegeEscalation == nil || *sc.AllowPrivilegeEscalation ||
		sc.Capabilities == nil || len(sc.Capabilities.Add) > 0 || !slices.Equal(sc.Capabilities.Drop, []corev1.Capability{"ALL"}) ||
		sc.SeccompProfile == nil || sc.SeccompProfile.Type != corev1.SeccompProfileTypeRuntimeDefault {
		return nil, fmt.Errorf("securityContext %v is not as restricted as it should be", sc)
	}
	known := &corev1.SecurityContext{
		RunAsNonRoot: sc.RunAsNonRoot, RunAsUser: sc.RunAsUser, RunAsGroup: sc.RunAsGroup, ReadOnlyRootFilesystem: sc.ReadOnlyRootFilesystem,
		AllowPrivilegeEscalation: sc.AllowPrivilegeEscalation, Capabilities: sc.Capabilities, SeccompProfile: sc.SeccompProfile,
	}
	if sc.String() != known.String() {
		return nil, fmt.Errorf("securityContext %v has more than this test knows", sc)
	}
	uid, gid := user(sc)
	// The engines' own seccomp profile is RuntimeDefault.
	return []string{fmt.Sprintf("--user=%d:%d", uid, gid), "--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges"}, nil
}

// user returns the user and the group that a step runs as: those of the securityContext, for whom root can make files; any other
// user can make files only for himself, and the step runs as he.
func user(sc *corev1.SecurityContext) (int, int) {
	if os.Getuid() != 0 {
		return os.Getuid(), os.Getgid()
	}
	return int(*sc.RunAsUser), int(*sc.RunAsGroup)
}

// give makes a folder and all in it belong to a user, where root runs the test.
func give(dir string, uid, gid int) error {
	if os.Getuid() != 0 {
		return nil
	}
	return filepath.WalkDir(dir, func(name string, _ os.DirEntry, err error) error {
		return errors.Join(err, os.Lchown(name, uid, gid))
	})
}

// scratch returns a folder that other users can get into, unlike those of t.TempDir.
func scratch(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "tekton")
	if err == nil {
		err = os.Chmod(dir, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// snapshot is the files of a folder: what they hold, and which they are, since a file that is written again is another one.
func snapshot(t *testing.T, dir string) (texts, files map[string]string) {
	t.Helper()
	texts, files = map[string]string{}, map[string]string{}
	err := filepath.WalkDir(dir, func(name string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		short, err := filepath.Rel(dir, name)
		stat := info.Sys().(*syscall.Stat_t)
		texts[short] = string(text)
		files[short] = fmt.Sprintf("inode %d of %d:%d, %s, written %s", stat.Ino, stat.Uid, stat.Gid, info.Mode(), info.ModTime())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return texts, files
}

// replaced returns texts with what a map says replaced in each of them.
func replaced(texts map[string]string, byFile map[string]map[string]string) map[string]string {
	texts = maps.Clone(texts)
	for file, pairs := range byFile {
		for from, to := range pairs {
			texts[file] = string(bytes.ReplaceAll([]byte(texts[file]), []byte(from), []byte(to)))
		}
	}
	return texts
}

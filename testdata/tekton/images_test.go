package tekton_test

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	v1 "github.com/tektoncd/pipeline/pkg/apis/pipeline/v1"
)

// crane runs crane with a text on its standard input, and returns what it prints.
func crane(t *testing.T, stdin string, args ...string) string {
	t.Helper()
	cmd := exec.Command("crane", args...)
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %v\n%s", args, err, out)
	}
	return string(out)
}

// newRegistry starts a registry on this machine, and returns its host.
func newRegistry(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("crane"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("crane is missing (make tools builds it)")
		}
		t.Skip("crane is not on this machine")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	host := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	server := exec.Command("crane", "registry", "serve", "--address", host)
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait() // it was killed
	})
	for range 100 {
		if conn, err := net.Dial("tcp", host); err == nil {
			_ = conn.Close()
			return host
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("the registry does not start")
	return ""
}

// pushFolder makes an image of a folder, and returns its address.
func pushFolder(t *testing.T, folder, reference string) string {
	t.Helper()
	archive, err := exec.Command("tar", "-c", "-C", folder, ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	crane(t, string(archive), "append", "--oci-empty-base", "-f", "-", "-t", reference)
	return "docker://" + reference
}

// TestThePipelineRespinsRegistryImages runs the Pipeline for a release, and again for its result.
func TestThePipelineRespinsRegistryImages(t *testing.T) {
	m, docs, host := newMachine(t), load(t), newRegistry(t)
	m.network = "host"
	dir := claim(t)
	if err := os.WriteFile(filepath.Join(dir, "config.json"), []byte("{}"), 0o644); err != nil {
		t.Fatal(err)
	}
	bundle := pushFolder(t, filepath.Join(dir, "bundle"), host+"/acme/bundle:2.15.0")
	crane(t, "", "mutate", "-l", "operators.operatorframework.io.bundle.manifests.v1=/", "-t", host+"/acme/bundle:2.15.0", host+"/acme/bundle:2.15.0")
	folders := map[string]string{"plugin-registry": "plugin-registry", "devfile-registry": "devfile-registry", "dashboard": "editors-definitions"}
	params := append(m.imageParam(), param("csv", bundle))
	for name, folder := range folders {
		source := pushFolder(t, filepath.Join(dir, "registry", folder), host+"/acme/"+name+":source")
		params = append(params, param(name, source), param(name+"-destination", "docker://"+host+"/acme/"+name+":2.15.0"))
	}
	run := &v1.PipelineRun{Spec: v1.PipelineRunSpec{PipelineRef: &v1.PipelineRef{Name: "respin-registry-images"}}}
	var digests [2][]string
	for i := range digests {
		r := pipelineRun{machine: m, docs: docs, run: run, params: params, folder: dir}
		if err := r.execute(); err != nil {
			t.Fatal(err)
		}
		if r.failed != nil {
			t.Fatalf("exit code %d\n%s", r.failed.code, r.failed.output)
		}
		digests[i] = r.results["digests"].ArrayVal
		for n, name := range []string{"plugin-registry", "devfile-registry", "dashboard"} {
			if got := strings.TrimSpace(crane(t, "", "digest", host+"/acme/"+name+":2.15.0")); got != digests[i][n] {
				t.Errorf("%s: got digest %s, and its result is %s", name, got, digests[i][n])
			}
		}
	}
	if strings.Join(digests[0], " ") != strings.Join(digests[1], " ") {
		t.Errorf("a second run gives %v, the first gave %v", digests[1], digests[0])
	}
}

// TestTheResultsOfAnImageAreThoseOfTektonChains runs the Task by itself.
func TestTheResultsOfAnImageAreThoseOfTektonChains(t *testing.T) {
	m, docs, host := newMachine(t), load(t), newRegistry(t)
	m.network = "host"
	dir := claim(t)
	source := pushFolder(t, filepath.Join(dir, "registry/plugin-registry"), host+"/acme/plugin-registry:source")
	r := &taskRun{
		machine: m, docs: docs, spec: docs.tasks["inject-registry-image"].Spec, workspaces: map[string]string{"dockerconfig": filepath.Join(dir, "bundle")},
		params: append(m.imageParam(), param("csv", m.at(filepath.Join(dir, "bundle"), "/workspace/dockerconfig", true).path), param("source", source),
			param("destination", "docker://"+host+"/acme/plugin-registry:2.15.0"), array("flags", "--root=/v3")),
	}
	if err := r.run(); err != nil {
		t.Fatal(err)
	}
	if r.code != 0 || r.results["IMAGE_URL"] != host+"/acme/plugin-registry:2.15.0" || !regexp.MustCompile(`^sha256:[0-9a-f]{64}$`).MatchString(r.results["IMAGE_DIGEST"]) {
		t.Errorf("got exit code %d, results %v\n%s", r.code, r.results, r.output)
	}
}

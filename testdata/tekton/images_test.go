package tekton_test

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
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

// pushBundle makes the image of a bundle whose manifests are in a folder, and returns its address.
func pushBundle(t *testing.T, folder, reference string) string {
	t.Helper()
	address := pushFolder(t, folder, reference)
	crane(t, "", "mutate", "-l", "operators.operatorframework.io.bundle.manifests.v1=/", "-t", reference, reference)
	return address
}

// locked serves a registry under another host to those who have the password, and returns that host
// and a folder with the login.
func locked(t *testing.T, host string) (string, string) {
	t.Helper()
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: host})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if name, password, _ := r.BasicAuth(); name != "user" || password != "secret" {
			w.Header().Set("WWW-Authenticate", `Basic realm="acme"`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	host = strings.TrimPrefix(server.URL, "http://")
	login := fmt.Sprintf(`{"auths": {%q: {"auth": "dXNlcjpzZWNyZXQ="}}}`, host) // user:secret
	dir := scratch(t)
	if err := os.WriteFile(filepath.Join(dir, "config.json"), []byte(login), 0o644); err != nil {
		t.Fatal(err)
	}
	return host, dir
}

// newImageRun returns a run of a Task that uses the network.
func newImageRun(m machine, docs documents, name string, params ...v1.Param) *taskRun {
	m.network = "host"
	return &taskRun{machine: m, docs: docs, spec: docs.tasks[name].Spec, params: append(params, m.imageParam()...), workspaces: map[string]string{}}
}

// wantResult runs the Task that injects an image, and compares its results with what was pushed.
func (r *taskRun) wantResult(t *testing.T, reference, pushed string) (digest string) {
	t.Helper()
	if err := r.run(); err != nil {
		t.Fatal(err)
	}
	digest = r.results["IMAGE_DIGEST"]
	if r.code != 0 || r.results["IMAGE_URL"] != reference || digest != strings.TrimSpace(crane(t, "", "digest", pushed)) {
		t.Errorf("got exit code %d, results %v\n%s", r.code, r.results, r.output)
	}
	return digest
}

// TestThePipelineRespinsRegistryImages runs the Pipeline for a release, and again for its result.
func TestThePipelineRespinsRegistryImages(t *testing.T) {
	m, docs, host := newMachine(t), load(t), newRegistry(t)
	m.network = "host"
	dir := claim(t)
	if err := os.WriteFile(filepath.Join(dir, "config.json"), []byte("{}"), 0o644); err != nil {
		t.Fatal(err)
	}
	bundle := pushBundle(t, filepath.Join(dir, "bundle"), host+"/acme/bundle:2.15.0")
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

// TestAnImageIsPushedWithCredentials pushes to a registry that wants a login, without one and with it.
func TestAnImageIsPushedWithCredentials(t *testing.T) {
	m, docs, open, dir := newMachine(t), load(t), newRegistry(t), claim(t)
	host, login := locked(t, open)
	bundle := pushBundle(t, filepath.Join(dir, "bundle"), open+"/acme/bundle:2.15.0")
	source := pushFolder(t, filepath.Join(dir, "registry/plugin-registry"), open+"/acme/plugin-registry:source")
	destination := "/acme/plugin-registry:2.15.0"
	newRun := func() *taskRun {
		return newImageRun(m, docs, "inject-registry-image", param("csv", bundle), param("source", source),
			param("destination", "docker://"+host+destination), array("flags", "--root=/v3"))
	}

	r := newRun()
	r.want(t, 3, map[string]string{"IMAGE_URL": "", "IMAGE_DIGEST": ""})
	if !strings.Contains(r.output, "the registry wants credentials") {
		t.Errorf("the output does not say that credentials are missing:\n%s", r.output)
	}
	if tags := crane(t, "", "ls", open+"/acme/plugin-registry"); tags != "source\n" {
		t.Errorf("tags without a login: %q", tags)
	}

	r = newRun()
	r.workspaces["dockerconfig"] = login
	r.wantResult(t, host+destination, open+destination)
}

// TestTheTaskRespinsWhatEarlierReleasesPinned gives the Task an image that was injected by the release
// before the last. The result is what it would be had the image never been injected.
func TestTheTaskRespinsWhatEarlierReleasesPinned(t *testing.T) {
	const pinned = "sidecar-java@sha256:bf4f8c2b990d9ee31417be1a3b02fa88feee58cc958895bc99efda8d35daefed"
	m, docs, host := newMachine(t), load(t), newRegistry(t)
	releases, oldest := filepath.Join(example, "../respin-image"), scratch(t)
	last := filepath.Join(releases, "2.15.0/manifests")
	csv, err := os.ReadFile(filepath.Join(last, "workspaces-operator.clusterserviceversion.yaml"))
	if err != nil || !bytes.Contains(csv, []byte(pinned)) {
		t.Fatalf("%v\n%s", err, csv)
	}
	csv = bytes.ReplaceAll(csv, []byte("2.15.0"), []byte("2.14.0"))
	csv = bytes.ReplaceAll(csv, []byte(pinned), []byte("sidecar-java@sha256:"+strings.Repeat("7", 64)))
	if err := os.WriteFile(filepath.Join(oldest, "csv.yaml"), csv, 0o644); err != nil {
		t.Fatal(err)
	}
	bundle := host + "/acme/bundle:"
	previous := pushBundle(t, last, bundle+"2.15.0") + "\n" + pushBundle(t, oldest, bundle+"2.14.0")
	pushBundle(t, filepath.Join(releases, "2.16.0/manifests"), bundle+"2.16.0")
	pushFolder(t, filepath.Join(releases, "plugin-registry"), host+"/acme/plugin-registry:source")
	respin := func(from, to, release string, more ...v1.Param) string {
		t.Helper()
		destination := host + "/acme/plugin-registry:" + to
		r := newImageRun(m, docs, "inject-registry-image", append(more, param("csv", "docker://"+bundle+release),
			param("source", "docker://"+host+"/acme/plugin-registry:"+from), param("destination", "docker://"+destination))...)
		return r.wantResult(t, destination, destination)
	}
	first := respin("source", "2.14.0", "2.14.0")
	got := respin("2.14.0", "2.16.0", "2.16.0", param("previous", previous))
	if want := respin("source", "direct", "2.16.0"); got != want || got == first {
		t.Errorf("by way of an earlier release, %s, the result is %s, want %s", first, got, want)
	}
}

// TestImagesThatNobodyInjectedFailTheCheck runs the Task that checks.
func TestImagesThatNobodyInjectedFailTheCheck(t *testing.T) {
	m, docs, host, dir := newMachine(t), load(t), newRegistry(t), claim(t)
	bundle := pushBundle(t, filepath.Join(dir, "bundle"), host+"/acme/bundle:2.15.0")
	plugins := pushFolder(t, filepath.Join(dir, "registry/plugin-registry"), host+"/acme/plugin-registry:1")
	devfiles := pushFolder(t, filepath.Join(dir, "registry/devfile-registry"), host+"/acme/devfile-registry:1")
	newImageRun(m, docs, "check-images", param("csv", bundle), array("images", plugins, devfiles)).
		want(t, 1, map[string]string{"references": "4", "stale": "3"})
}

// Package argocd_test has Argo CD itself read examples/argocd and build its application. It is a module of its own, since Argo CD
// is a thousand packages.
package argocd_test

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/argoproj/argo-cd/v3/cmpserver"
	"github.com/argoproj/argo-cd/v3/cmpserver/plugin"
	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/argoproj/argo-cd/v3/util/app/discovery"
	"github.com/argoproj/argo-cd/v3/util/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

const (
	example = "../../examples/argocd"
	inPod   = "/home/argocd/cmp-server/config" // where the sidecar has plugin.yaml and generate.sh
)

// TestArgoCDBuildsTheApplication sends the example to Argo CD's plugin server as its repo-server does.
func TestArgoCDBuildsTheApplication(t *testing.T) {
	config := serve(t)
	application := decode[v1alpha1.Application](t, filepath.Join(example, "application.yaml"))
	source := application.Spec.Source
	if source.Plugin.Name != config.Metadata.Name {
		t.Errorf("application.yaml: got plugin %q, want %q", source.Plugin.Name, config.Metadata.Name)
	}
	for _, parameter := range source.Plugin.Parameters {
		if !slices.Contains(names(config), parameter.Name) {
			t.Errorf("application.yaml has the parameter %s, plugin.yaml only %v", parameter.Name, names(config))
		}
	}
	environ, err := source.Plugin.Parameters.Environ()
	if err != nil {
		t.Fatal(err)
	}
	digests := []string{
		"acme/sidecar-java@sha256:bf4f8c2b990d9ee31417be1a3b02fa88feee58cc958895bc99efda8d35daefed",
		"acme/udi@sha256:03cead9794ae2e4e48749f81e40ccc3387c1b5f00d6c4f837e667e084e6e91bb",
	}
	for _, c := range []struct {
		name, registry string
		environ        []string
	}{
		{"without parameters", "quay.io/", nil},
		{"with the parameters of application.yaml", "registry.example.com:5000/", environ},
	} {
		t.Run(c.name, func(t *testing.T) {
			manifests, err := build(t, example, source.Path, c.environ)
			if err != nil {
				t.Fatal(err)
			}
			if len(manifests) != 1 {
				t.Fatalf("got %d manifests, want the Deployment:\n%s", len(manifests), strings.Join(manifests, "\n"))
			}
			for _, digest := range digests {
				if want := `"` + c.registry + digest + `"`; !strings.Contains(manifests[0], want) {
					t.Errorf("got no image %s in\n%s", want, manifests[0])
				}
			}
			if again, err := build(t, example, source.Path, c.environ); err != nil || !slices.Equal(again, manifests) {
				t.Errorf("a second time: got %v, %v, want the same manifests", again, err)
			}
		})
	}
	t.Run("a parameter that is no option fails", func(t *testing.T) {
		_, err := build(t, example, source.Path, []string{"PARAM_MIROR=a=b"})
		if err == nil || !strings.Contains(err.Error(), "did you mean INJECT_RELATED_IMAGES_MIRROR?") {
			t.Errorf("got %v, want an error about PARAM_MIROR", err)
		}
	})
	t.Run("an application without the transformer fails", func(t *testing.T) {
		repository := t.TempDir()
		if err := os.CopyFS(repository, os.DirFS(example)); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(repository, source.Path, "kustomization.yaml"), []byte("resources: [deployment.yaml]\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := build(t, repository, source.Path, nil)
		if err == nil || !strings.Contains(err.Error(), "the images of the CSV were not injected") {
			t.Errorf("got %v, want an error about the transformer", err)
		}
	})
	t.Run("other applications are not for the plugin", func(t *testing.T) {
		_, err := build(t, example, source.Path+"/bundle", nil)
		if err == nil || !strings.Contains(err.Error(), "could not find cmp-server plugin") {
			t.Errorf("got %v, want that the plugin does not support it", err)
		}
	})
}

// TestTheSidecarFitsTheRepoServer patches the Deployment of Argo CD's own manifests.
func TestTheSidecarFitsTheRepoServer(t *testing.T) {
	module, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/argoproj/argo-cd/v3").Output()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, from := range map[string]string{
		"deployment.yaml": filepath.Join(strings.TrimSpace(string(module)), "manifests/base/repo-server/argocd-repo-server-deployment.yaml"),
		"sidecar.yaml":    filepath.Join(example, "sidecar.yaml"),
	} {
		data, err := os.ReadFile(from)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), data, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "kustomization.yaml"), []byte("resources: [deployment.yaml]\npatches: [{path: sidecar.yaml}]\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	patched, err := exec.Command("kustomize", "build", "-o", filepath.Join(dir, "patched.yaml"), dir).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, patched)
	}
	decode[appsv1.Deployment](t, filepath.Join(example, "sidecar.yaml"))
	pod := decode[appsv1.Deployment](t, filepath.Join(dir, "patched.yaml")).Spec.Template.Spec
	i := slices.IndexFunc(pod.Containers, func(c corev1.Container) bool { return c.Name == "inject-related-images" })
	if len(pod.Containers) != 2 || i < 0 {
		t.Fatalf("got the containers %v, want the repo-server and the sidecar", pod.Containers)
	}
	for _, mount := range pod.Containers[i].VolumeMounts {
		if !slices.ContainsFunc(pod.Volumes, func(v corev1.Volume) bool { return v.Name == mount.Name }) {
			t.Errorf("the sidecar mounts %s, of which the pod has no volume", mount.Name)
		}
	}
}

// serve runs Argo CD's plugin server with plugin.yaml, and with this machine's generate.sh, program and kustomize.
func serve(t *testing.T) plugin.PluginConfig {
	t.Helper()
	sockets, err := os.MkdirTemp("", "cmp") // t.TempDir() is too long for the path of a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(sockets) })
	t.Setenv("ARGOCD_PLUGINSOCKFILEPATH", sockets)
	t.Setenv("ARGOCD_CMP_WORKDIR", t.TempDir())
	decode[plugin.PluginConfig](t, filepath.Join(example, "plugin.yaml")) // it is strict, Argo CD's own is not
	config, err := plugin.ReadPluginConfig(example)
	if err != nil {
		t.Fatal(err)
	}
	folder, err := filepath.Abs(example)
	if err != nil {
		t.Fatal(err)
	}
	for i, word := range config.Spec.Generate.Command {
		config.Spec.Generate.Command[i] = strings.Replace(word, inPod, folder, 1)
	}
	server, err := cmpserver.NewServer(plugin.CMPServerInitConstants{PluginConfig: *config})
	if err != nil {
		t.Fatal(err)
	}
	grpcServer, err := server.CreateGRPC()
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("unix", config.Address())
	if err != nil {
		t.Fatal(err)
	}
	go grpcServer.Serve(listener)
	t.Cleanup(grpcServer.Stop)
	return *config
}

// build has the server build an application of a repository.
func build(t *testing.T, repository, application string, environ []string) ([]string, error) {
	t.Helper()
	folder := filepath.Join(repository, application)
	conn, client, err := discovery.DetectConfigManagementPlugin(t.Context(), folder, repository, "inject-related-images", environ, nil)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	stream, err := client.GenerateManifest(t.Context())
	if err != nil {
		return nil, err
	}
	if err := cmp.SendRepoStream(t.Context(), folder, repository, stream, environ, nil); err != nil {
		return nil, err
	}
	response, err := stream.CloseAndRecv()
	return response.GetManifests(), err
}

func names(config plugin.PluginConfig) []string {
	var names []string
	for _, parameter := range config.Spec.Parameters.Static {
		names = append(names, parameter.Name)
	}
	return names
}

// decode reads a file that must have no other fields than T.
func decode[T any](t *testing.T, file string) T {
	t.Helper()
	var value T
	data, err := os.ReadFile(file)
	if err == nil {
		err = yaml.UnmarshalStrict(data, &value)
	}
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return value
}

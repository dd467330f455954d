package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// container returns the engine and the image that make test-container gives, and skips the test where it does not run.
func container(t *testing.T) (engine, image string) {
	t.Helper()
	image = os.Getenv("IMAGE")
	if image == "" {
		t.Skip("IMAGE is not set: make test-container runs the tests of containers")
	}
	engine, err := exec.LookPath(os.Getenv("ENGINE"))
	if err != nil {
		t.Fatalf("ENGINE: %v: set it to docker or podman, as make test-container does", err)
	}
	return engine, image
}

// TestContainers runs the scripts with the image. Whoever runs docker or podman in them, kustomize and kpt too, starts containers
// under all restrictions: testdata/container/bin/engine sees to that, and notes in RUNS what it was asked for.
func TestContainers(t *testing.T) {
	engine, image := container(t)
	wrapper := filepath.Join(repository(t), "testdata/container/bin/engine")
	// kpt takes a name without a slash for one of its own catalog.
	name := fmt.Sprintf("localhost/inject-related-images:test-%d", os.Getpid())
	if out, err := exec.Command(engine, "tag", image, name).CombinedOutput(); err != nil {
		t.Fatalf("%s tag %s: %v\n%s", engine, image, err, out)
	}
	t.Cleanup(func() { exec.Command(engine, "rmi", name).Run() })
	params := scripts(t, "../../testdata/container")
	setup := params.Setup
	params.Setup = func(env *testscript.Env) error {
		bin := filepath.Join(env.WorkDir, ".bin")
		if err := os.Mkdir(bin, 0o755); err != nil {
			return err
		}
		for _, command := range []string{"docker", "podman"} {
			if err := os.Symlink(wrapper, filepath.Join(bin, command)); err != nil {
				return err
			}
		}
		env.Setenv("PATH", bin+string(filepath.ListSeparator)+env.Getenv("PATH"))
		env.Setenv("ENGINE", engine)
		env.Setenv("IMAGE", name)
		env.Setenv("RUNS", filepath.Join(env.WorkDir, ".runs"))
		env.Setenv("KPT_FN_RUNTIME", filepath.Base(engine))                                            // until kpt 1.0.0-beta.56
		env.Setenv("KRM_FN_RUNTIME", filepath.Base(engine))                                            // later
		for _, variable := range []string{"HOME", "XDG_RUNTIME_DIR", "DOCKER_HOST", "DOCKER_CONFIG"} { // where engines find themselves
			if value, ok := os.LookupEnv(variable); ok {
				env.Setenv(variable, value)
			}
		}
		return setup(env)
	}
	testscript.Run(t, params)
}

// TestAThousandDeploymentsInAContainerOf64MiB is the promise of how much memory the function needs.
func TestAThousandDeploymentsInAContainerOf64MiB(t *testing.T) {
	engine, image := container(t)
	csv, err := os.ReadFile(filepath.Join(repository(t), "examples/registry/bundle/manifests/workspaces-operator.clusterserviceversion.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	list := resourceList(1000, string(csv))
	run := func(memory string) ([]byte, error) {
		cmd := exec.Command(engine, "run", "--rm", "-i", "--read-only", "--cap-drop=ALL", "--user", "nobody", "--network", "none",
			"--memory", memory, "--memory-swap", memory, image)
		cmd.Dir = t.TempDir() // podman's monitor leaves a file "oom" behind where it runs
		cmd.Stdin = strings.NewReader(list)
		return cmd.Output()
	}
	got, err := run("64m")
	if err != nil {
		t.Fatalf("a list of %d bytes in 64 MiB: %v (137 is the kernel's answer to too much memory)", len(list), err)
	}
	if _, err := run("8m"); err == nil {
		t.Error("8 MiB are enough as well: this engine does not hold the limit")
	}
	program, err := exec.LookPath("inject-related-images")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program)
	cmd.Stdin = strings.NewReader(list)
	want, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("the container's output is not that of the program")
	}
	if n := bytes.Count(got, []byte("image: quay.io/acme/udi@sha256:03cead9794ae")); n < 1000 {
		t.Errorf("%d images were injected, want one in each of the 1,000 Deployments", n)
	}
}

// resourceList returns a ResourceList as kustomize writes it: n Deployments of 2.4 kB, with two containers and an init container.
func resourceList(n int, csv string) string {
	var environment strings.Builder
	for i := range 17 {
		fmt.Fprintf(&environment, "          - name: WORKSPACE_SETTING_%02d\n            value: a value of ordinary length\n", i)
	}
	var list strings.Builder
	list.WriteString("apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n")
	for i := range n {
		fmt.Fprintf(&list, deployment, i, &environment)
	}
	list.WriteString("functionConfig:\n")
	for line := range strings.Lines(csv) {
		list.WriteString("  " + line)
	}
	return list.String()
}

const deployment = `- apiVersion: apps/v1
  kind: Deployment
  metadata:
    labels:
      app.kubernetes.io/name: workspace-%[1]d
    name: workspace-%[1]d
    namespace: acme-workspaces
  spec:
    replicas: 1
    selector:
      matchLabels:
        app.kubernetes.io/name: workspace-%[1]d
    template:
      metadata:
        labels:
          app.kubernetes.io/name: workspace-%[1]d
      spec:
        containers:
        - env:
%[2]s          image: quay.io/acme/udi:2.15
          name: tools
          resources:
            limits:
              cpu: 500m
              memory: 2Gi
          volumeMounts:
          - mountPath: /projects
            name: projects
        - image: registry.example.com/library/proxy:1.%[1]d
          name: proxy
        initContainers:
        - command:
          - /entrypoint-init-container.sh
          image: quay.io/acme/code:next
          name: injector
        volumes:
        - emptyDir: {}
          name: projects
`

package olm

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	"inject-related-images/internal/yamltext"
)

const install = `strategy: deployment
spec:
  deployments:
  - name: operator
    label: {a: b}
    spec:
      replicas: 1
      template:
        spec:
          initContainers:
          - name: prepare
            image: quay.io/acme/prepare:1
          containers:
          - name: manager
            image: quay.io/acme/operator:1
            env:
            - name: RELATED_IMAGE_x
              value: quay.io/acme/x:1
            - name: POD
              valueFrom:
                fieldRef: {fieldPath: metadata.name}
            - name: EMPTY
            - &v {name: V, value: "1"}
  - name: second
    spec: {template: {spec: {containers: [{name: c, env: [{name: RELATED_IMAGE_y, value: 'quay.io/acme/y:1'}]}]}}}
`

// TestPlainDeploymentsAreThoseOfTheDecoder changes values and keys at random: what is read without the decoder must be what it reads.
func TestPlainDeploymentsAreThoseOfTheDecoder(t *testing.T) {
	values := []string{"1", "true", "null", "''", "{}", "[]", "[{}]", "{name: x}", "[{name: x, value: y}]", "*v", "!!str 1", "!!binary eA==", "2026-11-22", "|\n                  x"}
	keys := []string{"name", "value", "valueFrom", "env", "containers", "initContainers", "spec", "template", "Name", "<<"}
	plainly := 0
	for i := range 4_000 {
		r := rand.New(rand.NewPCG(1, uint64(i)))
		lines := strings.Split(install, "\n")
		for range r.IntN(3) {
			n := r.IntN(len(lines) - 1)
			key, value, _ := strings.Cut(lines[n], ":")
			if r.IntN(2) == 0 {
				lines[n] = key + ": " + values[r.IntN(len(values))]
			} else {
				lines[n] = key[:len(key)-len(strings.TrimLeft(key, " -"))] + keys[r.IntN(len(keys))] + ":" + value
			}
		}
		source := strings.Join(lines, "\n")
		text, err := yamltext.Parse(source)
		if err != nil || text.Docs[0].Kind != yamltext.Mapping {
			continue
		}
		got, ok := plainDeployments(text.Docs[0])
		if !ok {
			continue
		}
		plainly++
		var want struct {
			Spec struct {
				Deployments []deployment `json:"deployments"`
			} `json:"spec"`
		}
		reader := csvReader{text: text}
		if err := reader.decode(text.Docs[0], &want); err != nil && unread(err) {
			continue
		} else if err != nil {
			t.Fatalf("the decoder fails: %v\n%s", err, source)
		}
		onlyThere := cmp.Transformer("onlyThere", func(s *corev1.EnvVarSource) bool { return s != nil })
		nothing := cmp.Transformer("nothing", func(s []deployment) []deployment { return append([]deployment{}, s...) })
		if diff := cmp.Diff(want.Spec.Deployments, got, onlyThere, cmp.FilterValues(func(a, b []deployment) bool { return len(a) == 0 && len(b) == 0 }, nothing)); diff != "" {
			t.Fatalf("(-decoder +plain)\n%s\n%s", diff, source)
		}
	}
	if t.Logf("%d were plain", plainly); plainly < 1_000 {
		t.Errorf("%d of 4000 were plain: the test compares little", plainly)
	}
}

// unread tells whether an error of the decoder is about what the program does not read.
func unread(err error) bool {
	return strings.Contains(err.Error(), "valueFrom.") || strings.Contains(err.Error(), "already defined") || strings.Contains(err.Error(), "map merge")
}

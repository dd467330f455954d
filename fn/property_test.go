package fn_test

import (
	"encoding/base64"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"inject-related-images/internal/catalog"
	"inject-related-images/internal/engine"
	"inject-related-images/internal/imageref"
	"inject-related-images/internal/krm"
	"inject-related-images/internal/yamlgen"
	"inject-related-images/internal/yamltext"
)

var (
	texts = flag.Int("texts", 20_000, "how many generated texts the property test looks at")
	seed  = flag.Uint64("seed", 1, "the first of the seeds that they are generated from")
)

// other is a digest that begins as digest does.
var other = strings.Replace(digest, "2222", "4444", 1)

// variables are what the generated texts are injected with.
var variables = [][2]string{
	{"RELATED_IMAGE_a_devfile_registry_image_GE______", "q.io/x/a@" + digest},                                     // tag 1
	{"RELATED_IMAGE_a_devfile_registry_image_GI______", "q.io/x/a@" + strings.Replace(digest, "2222", "3333", 1)}, // tag 2
	{"RELATED_IMAGE_b_devfile_registry_image_GE______", "docker.io/x/b@" + digest},
	{"RELATED_IMAGE_sample_encoded_cS5pby94L3M6MQo____", "other.io/y/t:2"}, // q.io/x/s:1
	{"RELATED_IMAGE_sample_encoded_" + base64.StdEncoding.EncodeToString([]byte("q.io/x/z@"+other)), "q.io/x/z@" + digest},
}

// references are what stands in them.
var references = []yamlgen.Reference{
	{Old: "q.io/x/a:1", New: "q.io/x/a@" + digest},
	{Old: "q.io/x/a:2", New: "q.io/x/a@" + strings.Replace(digest, "2222", "3333", 1)},
	{Old: "x/b:1", New: "x/b@" + digest},
	{Old: "q.io/x/s:1", New: "other.io/y/t:2"},
	{Old: "q.io/x/z@" + other, New: "q.io/x/z@" + digest},
	{Old: "q.io/x/a@" + digest, New: "q.io/x/a@" + digest},                                                   // current
	{Old: "q.io/x/a:next", New: "q.io/x/a:next"},                                                             // ambiguous
	{Old: "q.io/x/a@sha512:" + strings.Repeat("0a", 64), New: "q.io/x/a@sha512:" + strings.Repeat("0a", 64)}, // drifted
}

func newEngine(t *testing.T) engine.Engine {
	t.Helper()
	var entries []catalog.Entry
	for _, v := range variables {
		ref, err := imageref.Parse(v[1])
		if err != nil {
			t.Fatal(err)
		}
		entries = append(entries, catalog.Decode(catalog.DefaultNames, v[0], ref))
	}
	return engine.Engine{Catalog: catalog.New(entries, "")}
}

// TestGeneratedTextsBecomeWhatTheyMust is the engine's proof: texts in every style, each injected in exactly its references, in
// a file and in a ResourceList, each reference with one finding; injecting again changes nothing.
func TestGeneratedTextsBecomeWhatTheyMust(t *testing.T) {
	n := *texts
	if testing.Short() {
		n /= 20
	}
	e, failed, sites, unreachable := newEngine(t), 0, 0, 0
	for i := range n {
		text := yamlgen.Generate(rand.New(rand.NewPCG(*seed, uint64(i))), references)
		sites += text.Sites
		found, problem := checkText(e, text)
		unreachable += found
		if problem == "" && i%10 == 0 {
			problem = checkFunction(text)
		}
		if problem != "" {
			t.Errorf("text %d of seed %d: %s\n--- before\n%s\n--- must become\n%s", i, *seed, problem, text.Before, text.After)
			if failed++; failed == 5 {
				t.FailNow()
			}
		}
	}
	t.Logf("%d texts, %d references, %d of them unreachable", n, sites, unreachable)
	if unreachable > 0 {
		t.Errorf("%d of %d references are unreachable: no style of the generator may be", unreachable, sites)
	}
}

// checkText returns how many references are unreachable, and what is wrong, or "".
func checkText(e engine.Engine, text yamlgen.Text) (unreachable int, problem string) {
	result, err := e.Decide(engine.Input{Name: "x.yaml", Text: text.Before})
	if err != nil {
		return 0, err.Error()
	}
	after, err := yamltext.Apply(text.Before, result.Changes)
	if err != nil {
		return 0, err.Error()
	}
	for _, f := range result.Findings {
		if f.Status == engine.Unreachable {
			unreachable++
			problem = f.Message
		}
	}
	switch again, err := e.Decide(engine.Input{Name: "x.yaml", Text: after}); {
	case problem != "":
	case text.Sites > 0 && !e.Scope.MayFind("x.yaml", text.Before):
		problem = "files with the text would not be parsed"
	case len(result.Findings) != text.Sites:
		problem = fmt.Sprintf("%d findings for %d references, problems %v", len(result.Findings), text.Sites, result.Problems)
	case after != text.After:
		problem = cmp.Diff(text.After, after)
	case err != nil:
		problem = "again: " + err.Error()
	case len(again.Changes) > 0 || len(again.Findings) != len(result.Findings):
		problem = fmt.Sprintf("again: %d findings, changes %v", len(again.Findings), again.Changes)
	}
	return unreachable, problem
}

// checkFunction compares what the KRM function makes of it: of the text as a value of a ConfigMap, written by a YAML library in its own style.
func checkFunction(text yamlgen.Text) string {
	var env []any
	for _, v := range variables {
		env = append(env, map[string]any{"name": v[0], "value": v[1]})
	}
	pod := map[string]any{"containers": []any{map[string]any{"name": "m", "env": env}}}
	in, err := yaml.Marshal(map[string]any{
		"apiVersion": "config.kubernetes.io/v1", "kind": "ResourceList",
		"items": []any{map[string]any{"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "x"}, "data": map[string]any{"x.yaml": text.Before}}},
		"functionConfig": map[string]any{
			"apiVersion": "operators.coreos.com/v1alpha1", "kind": "ClusterServiceVersion", "metadata": map[string]any{"name": "v1"},
			"spec": map[string]any{"install": map[string]any{"strategy": "deployment", "spec": map[string]any{"deployments": []any{
				map[string]any{"name": "op", "spec": map[string]any{"template": map[string]any{"spec": pod}}},
			}}}},
		},
	})
	if err != nil {
		return err.Error()
	}
	out, err := krm.Run(string(in), nil)
	if err != nil {
		return "KRM: " + err.Error()
	}
	var list struct {
		Items []struct{ Data map[string]string }
	}
	if err := yaml.NewDecoder(strings.NewReader(out.String())).Decode(&list); err != nil && err != io.EOF {
		return "KRM: " + err.Error()
	}
	if diff := cmp.Diff(text.After, list.Items[0].Data["x.yaml"]); diff != "" {
		return "KRM: " + diff
	}
	return ""
}

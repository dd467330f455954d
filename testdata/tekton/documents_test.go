// Package tekton_test holds the example for Tekton to what Tekton itself says of it, and runs its steps.
//
// Tekton's API types, defaults, validation and substitution are those of github.com/tektoncd/pipeline, which is heavy: hence the
// module of its own.
package tekton_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	v1 "github.com/tektoncd/pipeline/pkg/apis/pipeline/v1"
	"github.com/tektoncd/pipeline/pkg/apis/pipeline/v1beta1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"knative.dev/pkg/apis"
	"sigs.k8s.io/yaml"
)

const example = "../../examples/tekton"

// documents are the objects of the example by name, as Tekton has them after defaulting.
type documents struct {
	tasks       map[string]*v1.Task
	stepActions map[string]*v1beta1.StepAction
	pipelines   map[string]*v1.Pipeline
	runs        map[string]*v1.PipelineRun // by generateName
	taskRuns    map[string]*v1.TaskRun     // by generateName
}

// read returns the files of the example, by name.
func read(t *testing.T) map[string]string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(example, "*.yaml"))
	if err != nil || len(names) == 0 {
		t.Fatalf("%s: no documents: %v", example, err)
	}
	files := map[string]string{}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files[filepath.Base(name)] = string(text)
	}
	return files
}

// load returns the documents of the example.
func load(t *testing.T) documents {
	t.Helper()
	docs, err := parse(read(t))
	if err != nil {
		t.Fatal(err)
	}
	return docs
}

// parse reads files of one object each, and says what is wrong with them, alone and together.
func parse(files map[string]string) (documents, error) {
	docs := documents{
		map[string]*v1.Task{}, map[string]*v1beta1.StepAction{}, map[string]*v1.Pipeline{}, map[string]*v1.PipelineRun{}, map[string]*v1.TaskRun{},
	}
	var errs []error
	for name, text := range files {
		if err := docs.add(text); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", name, err))
		}
	}
	if errs == nil { // what is not all there cannot be compared
		errs = docs.check()
	}
	return docs, errors.Join(errs...)
}

// object is what Tekton's webhooks default and validate.
type object interface {
	metav1.ObjectMetaAccessor
	apis.Defaultable
	apis.Validatable
}

func (d documents) add(text string) error {
	var kind struct{ APIVersion, Kind string }
	if err := yaml.Unmarshal([]byte(text), &kind); err != nil {
		return err
	}
	var o object
	var keep func()
	switch kind.APIVersion + " " + kind.Kind {
	case "tekton.dev/v1 Task":
		task := &v1.Task{}
		o, keep = task, func() { d.tasks[task.Name] = task }
	case "tekton.dev/v1beta1 StepAction":
		action := &v1beta1.StepAction{}
		o, keep = action, func() { d.stepActions[action.Name] = action }
	case "tekton.dev/v1 Pipeline":
		pipeline := &v1.Pipeline{}
		o, keep = pipeline, func() { d.pipelines[pipeline.Name] = pipeline }
	case "tekton.dev/v1 PipelineRun":
		run := &v1.PipelineRun{}
		o, keep = run, func() { d.runs[run.GenerateName] = run }
	case "tekton.dev/v1 TaskRun":
		run := &v1.TaskRun{}
		o, keep = run, func() { d.taskRuns[run.GenerateName] = run }
	default:
		return fmt.Errorf("%s %s is no kind that the example has", kind.APIVersion, kind.Kind)
	}
	if strings.Contains(text, "\n---") {
		return errors.New("it holds several documents, of which only one would be read")
	}
	if err := yaml.UnmarshalStrict([]byte(text), o); err != nil {
		return err
	}
	if meta := o.GetObjectMeta(); meta.GetName() == "" {
		meta.SetName(meta.GetGenerateName() + "x7k2p") // as the API server does before it asks webhooks
	}
	o.SetDefaults(context.Background())
	if err := o.Validate(context.Background()); err != nil { // a typed nil where all is well
		return err
	}
	keep()
	return nil
}

package tekton_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/tektoncd/pipeline/pkg/apis/pipeline"
	v1 "github.com/tektoncd/pipeline/pkg/apis/pipeline/v1"
	"github.com/tektoncd/pipeline/pkg/container"
	"github.com/tektoncd/pipeline/pkg/reconciler/pipeline/dag"
)

// Tekton's controller puts values in the place of variables; its own code for that is used here, but for the names of variables,
// which the controller gathers in packages that bring a Kubernetes client with them.

// values are what variables stand for.
type values struct {
	strings map[string]string
	arrays  map[string][]string
}

// paramValues are the params that are given, and the defaults of others.
func paramValues(specs v1.ParamSpecs, given v1.Params) values {
	v := values{map[string]string{}, map[string][]string{}}
	for _, spec := range specs {
		if spec.Default != nil {
			v.set("params."+spec.Name, *spec.Default)
		}
	}
	for _, param := range given {
		v.set("params."+param.Name, param.Value)
	}
	return v
}

func (v values) set(name string, value v1.ParamValue) {
	if value.Type == v1.ParamTypeArray {
		v.arrays[name] = value.ArrayVal
		return
	}
	v.strings[name] = value.StringVal
}

// taskRun is a run of a Task: what its pod is to have, and what became of it.
type taskRun struct {
	machine    machine
	docs       documents
	spec       v1.TaskSpec
	params     v1.Params
	workspaces map[string]string // folders of this machine
	readOnly   bool              // the workspaces are mounted to be read only, whatever the Task says

	output  string // of all steps
	code    int    // of the step that failed, or 0
	results map[string]string
}

// run runs the steps until one fails. An error is what Tekton would not have let happen.
func (r *taskRun) run() error {
	volatile, err := os.MkdirTemp("", "pod")
	if err != nil {
		return err
	}
	defer os.RemoveAll(volatile)
	if err := os.Chmod(volatile, 0o755); err != nil {
		return err
	}
	v, volumes := r.values(volatile)
	steps, err := r.steps(v, volatile)
	if err != nil {
		return err
	}
	for _, volume := range volumes { // Kubernetes' emptyDirs are open to everybody
		if strings.HasPrefix(volume.host, volatile) {
			if err := open(volume.host); err != nil {
				return err
			}
		}
	}
	for _, step := range steps {
		if err := open(r.stepResults(volatile, step.Name).host); err != nil {
			return err
		}
		if left := used([]any{step.Image, step.Command, step.Args, step.Env, step.WorkingDir}); len(left) > 0 {
			return fmt.Errorf("step %s: %v would go to the program as it is", step.Name, left)
		}
		out, code, err := r.machine.run(step, volumes)
		if err != nil {
			return err
		}
		r.output += out
		if r.code = code; code != 0 {
			break
		}
	}
	return r.readResults(volatile)
}

func open(dir string) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	return os.Chmod(dir, 0o777)
}

// values gathers params, workspaces and results, and the volumes of the last two.
func (r *taskRun) values(volatile string) (values, []volume) {
	v := paramValues(r.spec.Params, r.params)
	results := r.machine.at(filepath.Join(volatile, "results"), pipeline.DefaultResultPath, false)
	volumes := []volume{results, r.machine.at(filepath.Join(volatile, "steps"), pipeline.StepsDir, false)}
	for _, result := range r.spec.Results {
		v.strings["results."+result.Name+".path"] = path.Join(results.path, result.Name)
	}
	for _, declared := range r.spec.Workspaces {
		host, bound := r.workspaces[declared.Name]
		w := r.machine.at(host, declared.GetMountPath(), declared.ReadOnly || r.readOnly && declared.Name != "output")
		if bound {
			volumes = append(volumes, w)
		} else {
			w.path = ""
		}
		v.strings["workspaces."+declared.Name+".path"] = w.path
		v.strings["workspaces."+declared.Name+".bound"] = fmt.Sprint(bound)
	}
	return v, volumes
}

// stepResults is where a step leaves results of its own.
func (r *taskRun) stepResults(volatile, step string) volume {
	folder := path.Join("step-"+step, "results")
	return r.machine.at(filepath.Join(volatile, "steps", folder), path.Join(pipeline.StepsDir, folder), false)
}

// steps returns the steps with StepActions and values in their places.
func (r *taskRun) steps(v values, volatile string) ([]v1.Step, error) {
	var steps []v1.Step
	for _, step := range r.spec.DeepCopy().Steps {
		if step.Ref != nil {
			action := r.docs.stepActions[step.Ref.Name].Spec
			of := action.DeepCopy().ToStep()
			params := step.Params.ReplaceVariables(v.strings, v.arrays, nil)
			inner := paramValues(action.Params, params)
			container.ApplyStepReplacements(of, inner.strings, inner.arrays)
			of.Name, of.ComputeResources = step.Name, step.ComputeResources
			step = *of
		}
		for _, result := range step.Results {
			v.strings["step.results."+result.Name+".path"] = path.Join(r.stepResults(volatile, step.Name).path, result.Name)
		}
		container.ApplyStepReplacements(&step, v.strings, v.arrays)
		steps = append(steps, step)
	}
	return v1.MergeStepsWithStepTemplate(r.spec.StepTemplate, steps)
}

// readResults reads what the steps have left. A result that is not there has not been written, which Tekton allows.
func (r *taskRun) readResults(volatile string) error {
	r.results = map[string]string{}
	size := 0
	for _, result := range r.spec.Results {
		file := filepath.Join(volatile, "results", result.Name)
		if result.Value != nil { // $(steps.NAME.results.RESULT)
			parts := strings.Split(strings.Trim(result.Value.StringVal, "$()"), ".")
			file = filepath.Join(r.stepResults(volatile, parts[1]).host, parts[3])
		}
		text, err := os.ReadFile(file)
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			return err
		}
		r.results[result.Name] = string(text)
		size += len(result.Name) + len(text)
	}
	// All results of a Task go into one termination message of 4096 bytes, as JSON with a name and a type each.
	if size > 200 {
		return fmt.Errorf("the results take %d bytes, which is much: %q", size, r.results)
	}
	return nil
}

// pipelineRun is a run of a Pipeline, with one folder for all workspaces that are named in the run.
type pipelineRun struct {
	machine machine
	docs    documents
	run     *v1.PipelineRun
	params  v1.Params // besides those of the run
	folder  string

	tasks   []string // that ran, in order
	failed  *taskRun
	results map[string]v1.ParamValue
}

// execute runs the tasks in Tekton's order until one fails.
func (r *pipelineRun) execute() error {
	spec := r.docs.pipelines[r.run.Spec.PipelineRef.Name].Spec
	v := paramValues(spec.Params, slices.Concat(r.run.Spec.Params, r.params))
	graph, err := dag.Build(v1.PipelineTaskList(spec.Tasks), v1.PipelineTaskList(spec.Tasks).Deps())
	if err != nil {
		return err
	}
	for {
		next, err := dag.GetCandidateTasks(graph, r.tasks...)
		if err != nil {
			return err
		}
		if len(next) == 0 || r.failed != nil {
			break
		}
		i := slices.IndexFunc(spec.Tasks, func(t v1.PipelineTask) bool { return t.Name == next.List()[0] })
		runs, err := r.task(spec.Tasks[i], v)
		if err != nil {
			return fmt.Errorf("task %s: %w", spec.Tasks[i].Name, err)
		}
		r.tasks = append(r.tasks, spec.Tasks[i].Name)
		r.collect(spec.Tasks[i], runs, v)
	}
	r.results = map[string]v1.ParamValue{}
	for _, result := range spec.Results {
		value := result.Value.DeepCopy()
		value.ApplyReplacements(v.strings, v.arrays, nil)
		r.results[result.Name] = *value
	}
	return nil
}

// task runs a task of the Pipeline: once, or for every combination of its matrix, all at a time as Tekton does.
func (r *pipelineRun) task(task v1.PipelineTask, v values) ([]*taskRun, error) {
	params := task.Params.ReplaceVariables(v.strings, v.arrays, nil)
	combinations := []v1.Params{nil}
	if task.IsMatrixed() {
		matrix := task.Matrix.DeepCopy()
		matrix.Params = matrix.Params.ReplaceVariables(v.strings, v.arrays, nil)
		for i := range matrix.Include {
			matrix.Include[i].Params = matrix.Include[i].Params.ReplaceVariables(v.strings, v.arrays, nil)
		}
		combinations = matrix.FanOut()
	}
	called := (documents{tasks: r.docs.tasks}).called(&problems{}, task)
	if called == nil {
		return nil, fmt.Errorf("there is no such Task")
	}
	called.SetDefaults(context.Background())
	runs, errs := make([]*taskRun, len(combinations)), make([]error, len(combinations))
	var all sync.WaitGroup
	for i, combination := range combinations {
		runs[i] = &taskRun{machine: r.machine, docs: r.docs, spec: *called.DeepCopy(), params: slices.Concat(params, combination), workspaces: map[string]string{}}
		for _, w := range task.Workspaces {
			runs[i].workspaces[w.Name] = filepath.Join(r.folder, w.SubPath)
		}
		all.Go(func() { errs[i] = runs[i].run() })
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return runs, nil
}

// collect takes the results of a task into values, and what failed. Of a matrix, a result is the array of all.
func (r *pipelineRun) collect(task v1.PipelineTask, runs []*taskRun, v values) {
	for _, run := range runs {
		if run.code != 0 && r.failed == nil {
			r.failed = run
		}
		for _, name := range slices.Sorted(maps.Keys(run.results)) {
			variable := "tasks." + task.Name + ".results." + name
			if task.IsMatrixed() {
				v.arrays[variable] = append(v.arrays[variable], run.results[name])
			} else {
				v.strings[variable] = run.results[name]
			}
		}
	}
}

package tekton_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	v1 "github.com/tektoncd/pipeline/pkg/apis/pipeline/v1"
	"github.com/tektoncd/pipeline/pkg/apis/pipeline/v1beta1"
	"github.com/tektoncd/pipeline/pkg/workspace"
	corev1 "k8s.io/api/core/v1"
)

// Tekton's validation lets pass what nobody declares: results and workspaces in the arguments of steps, params that a Task does
// not have. Some of it fails when it runs; the rest arrives at the program as text in dollar and brackets.

// variable is a name in $(…).
var variable = regexp.MustCompile(`\$\(([^()]+)\)`)

// used returns the variables in an object.
func used(object any) []string {
	text, err := json.Marshal(object)
	if err != nil {
		panic(err) // the types are Tekton's, which are made for JSON
	}
	var names []string
	for _, match := range variable.FindAllStringSubmatch(string(text), -1) {
		names = append(names, match[1])
	}
	return names
}

// problems collects what is wrong with an object.
type problems struct {
	where string
	errs  []error
}

func (p *problems) add(format string, args ...any) {
	p.errs = append(p.errs, fmt.Errorf("%s: %s", p.where, fmt.Sprintf(format, args...)))
}

// variables finds those that an object uses and that are not declared, and those that must be used and are not.
func (p *problems) variables(object any, declared, needed []string) {
	names := used(object)
	for _, name := range names {
		if !slices.Contains(declared, name) {
			p.add("$(%s) is not declared", name)
		}
	}
	for _, name := range needed {
		if !slices.Contains(names, name) {
			p.add("$(%s) is declared and not used", name)
		}
	}
}

// check says what is wrong with the documents together.
func (d documents) check() []error {
	var errs []error
	for name, task := range d.tasks {
		errs = append(errs, d.task("Task "+name, &task.Spec)...)
	}
	for name, action := range d.stepActions {
		errs = append(errs, d.stepAction("StepAction "+name, &action.Spec)...)
	}
	for name, pipeline := range d.pipelines {
		errs = append(errs, d.pipeline("Pipeline "+name, &pipeline.Spec)...)
	}
	for name, run := range d.runs {
		errs = append(errs, d.pipelineRun("PipelineRun "+name, &run.Spec)...)
	}
	for name, run := range d.taskRuns {
		p := problems{where: "TaskRun " + name}
		p.variables(run.Spec, nil, nil)
		if called := d.called(&p, v1.PipelineTask{TaskRef: run.Spec.TaskRef}); called != nil {
			p.params(called.Params, run.Spec.Params, nil)
			p.workspaces(called.Workspaces, run.Spec.Workspaces)
		}
		errs = append(errs, p.errs...)
	}
	return errs
}

func (d documents) stepAction(where string, spec *v1beta1.StepActionSpec) []error {
	p := problems{where: where}
	declared := params(spec.Params)
	for _, result := range spec.Results {
		declared = append(declared, "step.results."+result.Name+".path")
	}
	p.variables(spec, declared, declared)
	p.program(*spec.ToStep())
	return p.errs
}

func (d documents) pipelineRun(where string, spec *v1.PipelineRunSpec) []error {
	p := problems{where: where}
	p.variables(spec, nil, nil)
	pipeline := d.pipelines[spec.PipelineRef.Name]
	if pipeline == nil {
		p.add("there is no Pipeline %q", spec.PipelineRef.Name)
		return p.errs
	}
	p.params(pipeline.Spec.Params, spec.Params, nil)
	var declared []v1.WorkspaceDeclaration
	for _, w := range pipeline.Spec.Workspaces {
		declared = append(declared, v1.WorkspaceDeclaration{Name: w.Name, Optional: w.Optional})
	}
	p.workspaces(declared, spec.Workspaces)
	return p.errs
}

// params returns the variables that params declare: an array is only ever used whole.
func params(specs v1.ParamSpecs) []string {
	var names []string
	for _, spec := range specs {
		name := "params." + spec.Name
		if spec.Type == v1.ParamTypeArray {
			name += "[*]"
		}
		names = append(names, name)
	}
	return names
}

func (d documents) task(where string, spec *v1.TaskSpec) []error {
	p := problems{where: where}
	declared, needed := params(spec.Params), params(spec.Params)
	for _, w := range spec.Workspaces {
		declared = append(declared, "workspaces."+w.Name+".path", "workspaces."+w.Name+".bound")
		if !w.Optional {
			needed = append(needed, "workspaces."+w.Name+".path")
		}
	}
	for _, result := range spec.Results {
		if result.Value == nil {
			declared, needed = append(declared, "results."+result.Name+".path"), append(needed, "results."+result.Name+".path")
		}
	}
	for _, step := range spec.Steps {
		results := step.Results
		if step.Ref != nil {
			action := d.stepActions[step.Ref.Name]
			if action == nil {
				p.add("step %s: there is no StepAction %q", step.Name, step.Ref.Name)
				continue
			}
			results = action.Spec.Results
			of := problems{where: where + ": step " + step.Name}
			of.params(action.Spec.Params, step.Params, nil)
			p.errs = append(p.errs, of.errs...)
		} else {
			p.program(step)
		}
		for _, result := range results {
			declared = append(declared, "steps."+step.Name+".results."+result.Name)
		}
	}
	p.variables(spec, declared, needed)
	return p.errs
}

// program finds steps that an image without a shell cannot run.
func (p *problems) program(step v1.Step) {
	if step.Script != "" || len(step.Command) != 1 || !path.IsAbs(step.Command[0]) {
		p.add("step %s: script %q, command %q: the image has no shell and no PATH", step.Name, step.Script, step.Command)
	}
}

func (d documents) pipeline(where string, spec *v1.PipelineSpec) []error {
	p := problems{where: where}
	declared := params(spec.Params)
	needed := slices.Clone(declared)
	for _, task := range spec.Tasks {
		of := problems{where: where + ": task " + task.Name}
		called := d.called(&of, task)
		if called != nil {
			for _, result := range called.Results {
				name := "tasks." + task.Name + ".results." + result.Name
				if task.IsMatrixed() {
					name += "[*]"
				}
				declared = append(declared, name)
			}
			of.params(called.Params, task.Params, task.Matrix)
			var bindings []v1.WorkspaceBinding
			for _, w := range task.Workspaces {
				bindings = append(bindings, v1.WorkspaceBinding{Name: w.Name, EmptyDir: &corev1.EmptyDirVolumeSource{}})
			}
			of.workspaces(called.Workspaces, bindings)
		}
		p.errs = append(p.errs, of.errs...)
	}
	outside := spec.DeepCopy()
	for i := range outside.Tasks {
		outside.Tasks[i].TaskSpec = nil // it has variables of its own
	}
	p.variables(outside, declared, needed)
	return p.errs
}

// called returns the Task that a task of a pipeline runs, or nil where there is none.
func (d documents) called(p *problems, task v1.PipelineTask) *v1.TaskSpec {
	if task.TaskSpec != nil {
		p.errs = append(p.errs, d.task(p.where, &task.TaskSpec.TaskSpec)...)
		return &task.TaskSpec.TaskSpec
	}
	if called := d.tasks[task.TaskRef.Name]; called != nil {
		return &called.Spec
	}
	p.add("there is no Task %q, only %v", task.TaskRef.Name, slices.Sorted(maps.Keys(d.tasks)))
	return nil
}

// params finds params that are given and not declared, of the wrong type, or missing. Those of a matrix are given one by one.
func (p *problems) params(declared v1.ParamSpecs, given v1.Params, matrix *v1.Matrix) {
	types := map[string]v1.ParamType{}
	for _, param := range given {
		types[param.Name] = param.Value.Type
		if strings.HasSuffix(param.Value.StringVal, "[*])") {
			types[param.Name] = v1.ParamTypeArray
		}
	}
	if matrix != nil {
		for _, param := range matrix.Params {
			types[param.Name] = v1.ParamTypeString
		}
		for _, include := range matrix.Include {
			for _, param := range include.Params {
				types[param.Name] = v1.ParamTypeString
			}
		}
	}
	for _, spec := range declared {
		kind, ok := types[spec.Name]
		if !ok && spec.Default == nil {
			p.add("param %s has no default and is not given", spec.Name)
		}
		if ok && kind != spec.Type {
			p.add("param %s is given as %s and is of type %s", spec.Name, kind, spec.Type)
		}
		delete(types, spec.Name)
	}
	for _, name := range slices.Sorted(maps.Keys(types)) {
		p.add("param %s is given and not declared", name)
	}
}

func (p *problems) workspaces(declared []v1.WorkspaceDeclaration, bindings []v1.WorkspaceBinding) {
	if err := workspace.ValidateBindings(context.Background(), declared, bindings); err != nil {
		p.add("%v", err)
	}
	// Tekton's affinity assistant refuses a pod with two claims.
	if err := workspace.ValidateOnlyOnePVCIsUsed(bindings); err != nil {
		p.add("%v", err)
	}
}

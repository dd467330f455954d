package tekton_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	v1 "github.com/tektoncd/pipeline/pkg/apis/pipeline/v1"

	"github.com/google/go-cmp/cmp"
)

func TestTheExampleIsValid(t *testing.T) {
	docs := load(t)
	if len(docs.tasks) != 4 || len(docs.stepActions) != 2 || len(docs.pipelines) != 3 || len(docs.runs) != 2 || len(docs.taskRuns) != 1 {
		t.Errorf("got %d Tasks, %d StepActions, %d Pipelines, %d PipelineRuns and %d TaskRuns", len(docs.tasks), len(docs.stepActions), len(docs.pipelines), len(docs.runs), len(docs.taskRuns))
	}
}

// TestWhatIsBrokenIsRefused breaks the example in one place at a time: what the checks let pass, they do not check.
func TestWhatIsBrokenIsRefused(t *testing.T) {
	for _, test := range []struct{ name, file, old, new, want string }{
		{"unknown field", "task.yaml", "workingDir:", "workDir:", `unknown field "workDir"`},
		{"unknown field, deep", "task.yaml", "runAsNonRoot:", "runAsNoRoot:", `unknown field "runAsNoRoot"`},
		{"unknown field of a StepAction", "stepaction.yaml", "  image: $(params.image)", "  image: $(params.image)\n  computeResources: {}", `unknown field "computeResources"`},
		{"undeclared param", "task.yaml", "- $(params.command)", "- $(params.commnd)", `non-existent variable`},
		{"undeclared param in the environment", "task.yaml", "value: $(params.alias)", "value: $(params.aliases)", `non-existent variable`},
		{"unused param", "task.yaml", "value: $(params.alias)", "value: $(params.mirror)", "$(params.alias) is declared and not used"},
		{"array within an argument", "task.yaml", "- $(params.paths[*])", "- ./$(params.paths[*])", "params.paths[*]"},
		{"undeclared result", "task.yaml", "$(results.stale.path)", "$(results.old.path)", "$(results.old.path) is not declared"},
		{"result that is not written", "task.yaml", "$(results.stale.path)", "$(results.injected.path)", "$(results.stale.path) is declared and not used"},
		{"undeclared workspace", "task.yaml", "$(workspaces.bundle.path)", "$(workspaces.bundel.path)", "$(workspaces.bundel.path) is not declared"},
		{"no such thing of a workspace", "task.yaml", "$(workspaces.registry.path)", "$(workspaces.registry.dir)", "$(workspaces.registry.dir) is not declared"},
		{"script", "task.yaml", "command: [/inject-related-images]", "script: inject", "the image has no shell"},
		{"command that needs PATH", "stepaction.yaml", "command: [/inject-related-images]", "command: [inject-related-images]", "the image has no shell and no PATH"},
		{"undeclared result of a StepAction", "stepaction.yaml", "$(step.results.stale.path)", "$(step.results.old.path)", "$(step.results.old.path) is not declared"},
		{"result of no step", "task-inject-and-check.yaml", "$(steps.check.results.stale)", "$(steps.chek.results.stale)", "$(steps.chek.results.stale) is not declared"},
		{"result that the step does not have", "task-inject-and-check.yaml", "$(steps.check.results.stale)", "$(steps.check.results.old)", "$(steps.check.results.old) is not declared"},
		{"param that the StepAction does not have", "task-inject-and-check.yaml", "{name: fail-on, value", "{name: failon, value", "param failon is given and not declared"},
		{"param that the StepAction needs", "task-inject-and-check.yaml", "- {name: registry, value: $(workspaces.registry.path)}\n        - {name: path, value: $(params.path)}\n        - {name: fail-on", "- {name: fail-on", "step check: param registry has no default and is not given"},
		{"no such StepAction", "stepaction.yaml", "name: inject-related-images\n  labels", "name: inject\n  labels", `there is no StepAction "inject-related-images"`},
		{"no such Task", "pipeline.yaml", "runAfter: [inject]\n      taskRef: {name: inject-related-images}", "runAfter: [inject]\n      taskRef: {name: check}", `there is no Task "check"`},
		{"runs after nothing", "pipeline.yaml", "runAfter: [inject]", "runAfter: [injekt]", "injekt"},
		{"result that the Task does not have", "pipeline.yaml", "$(tasks.check.results.stale)", "$(tasks.check.results.old)", "$(tasks.check.results.old) is not declared"},
		{"result of no task", "pipeline.yaml", "$(tasks.check.results.stale)", "$(tasks.chek.results.stale)", "nonexistent task"},
		{"param that the Task does not have", "pipeline.yaml", "{name: fail-on, value", "{name: failon, value", "param failon is given and not declared"},
		{"param of another type", "pipeline.yaml", "{name: fail-on, value: $(params.fail-on)}", "{name: fail-on, value: [stale]}", "param fail-on is given as array"},
		{"undeclared param of a Pipeline", "pipeline.yaml", "{name: fail-on, value: $(params.fail-on)}", "{name: fail-on, value: $(params.fail)}", "params.fail"},
		{"undeclared workspace of an inline Task", "pipeline.yaml", "--csv=$(workspaces.bundle.path)", "--csv=$(workspaces.csv.path)", "$(workspaces.csv.path) is not declared"},
		{"workspace that the Task does not have", "pipeline.yaml", "{name: bundle, workspace: source, subPath: bundle}\n      taskSpec", "{name: bundle, workspace: source, subPath: bundle}\n        - {name: csv, workspace: source}\n      taskSpec", `"csv" does not match any declared workspace`},
		{"workspace that the Task needs", "pipeline-matrix.yaml", "        - {name: registry, workspace: source, subPath: registry}\n", "", `declared workspace "registry" is required`},
		{"workspace that the Pipeline does not have", "pipeline-matrix.yaml", "{name: bundle, workspace: source,", "{name: bundle, workspace: bundle,", `expects workspace with name "bundle"`},
		{"matrix over a param that the Task does not have", "pipeline-matrix.yaml", "{name: path, value: \"$(params", "{name: registry, value: \"$(params", "param registry is given and not declared"},
		{"matrixed result taken for one", "pipeline-matrix.yaml", "$(tasks.registries.results.stale[*])", "$(tasks.registries.results.stale)", "tasks.registries.results.stale"},
		{"param that the Pipeline needs", "pipelinerun-matrix.yaml", "    - name: registries\n", "    - name: registry\n", "param registries has no default and is not given"},
		{"no such Pipeline", "pipelinerun.yaml", "pipelineRef: {name: inject-related-images}", "pipelineRef: {name: inject}", `there is no Pipeline "inject"`},
		{"workspace of a run", "pipelinerun.yaml", "- name: source", "- name: sources", `declared workspace "source" is required`},
		{"param that the Task of a TaskRun does not have", "taskrun.yaml", "- name: fail-on", "- name: failon", "param failon is given and not declared"},
		{"two claims in a pod", "taskrun.yaml", "configMap: {name: bundle}", "persistentVolumeClaim: {claimName: bundle}", "more than one PersistentVolumeClaim is bound"},
	} {
		t.Run(test.name, func(t *testing.T) {
			files := maps.Clone(read(t))
			if n := strings.Count(files[test.file], test.old); n != 1 {
				t.Fatalf("%s has %q %d times, want once", test.file, test.old, n)
			}
			files[test.file] = strings.Replace(files[test.file], test.old, test.new, 1)
			if _, err := parse(files); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%s with %q for %q: got %v, want an error with %q", test.file, test.new, test.old, err, test.want)
			}
		})
	}
}

// TestTheStepActionIsTheStepOfTheTask compares the two, which Tekton has no way to share without a StepAction in every cluster.
func TestTheStepActionIsTheStepOfTheTask(t *testing.T) {
	docs := load(t)
	task, action := docs.tasks["inject-related-images"].Spec, docs.stepActions["inject-related-images"].Spec
	step := task.Steps[0]
	step.Name, step.ComputeResources = "", v1.Step{}.ComputeResources // which a StepAction does not have
	text := strings.NewReplacer("$(step.results.", "$(results.", "$(params.bundle)", "$(workspaces.bundle.path)/$(params.csv)", "$(params.registry)", "$(workspaces.registry.path)")
	of := *action.ToStep()
	of.Results, of.WorkingDir, of.Args = nil, text.Replace(of.WorkingDir), slices.Clone(of.Args)
	for i := range of.Args {
		of.Args[i] = text.Replace(of.Args[i])
	}
	if diff := cmp.Diff(step, of); diff != "" {
		t.Errorf("(-Task +StepAction)\n%s", diff)
	}
	defaults := func(specs v1.ParamSpecs) map[string]v1.ParamValue {
		values := map[string]v1.ParamValue{}
		for _, spec := range specs {
			if spec.Default != nil && spec.Name != "csv" {
				values[spec.Name] = *spec.Default
			}
		}
		return values
	}
	if diff := cmp.Diff(defaults(task.Params), defaults(action.Params)); diff != "" {
		t.Errorf("params: (-Task +StepAction)\n%s", diff)
	}
	for i, result := range task.Results {
		if i >= len(action.Results) || result.Name != action.Results[i].Name {
			t.Errorf("results: got %v of the StepAction, want %v", action.Results, task.Results)
		}
	}
}

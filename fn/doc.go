// Package fn is inject-related-images as a library: a KRM function that makes every image reference in registry manifests,
// devfiles and Kubernetes objects say what an operator's ClusterServiceVersion (CSV) says, and the same for folders of files.
//
// Function is the program that kustomize and kpt call, with streams; Processor is the same for programs that are composed of
// kyaml functions; Inject, Check, Images and Catalog are its commands for folders. How CSVs name images and how a reference
// is decided is told by the project's README. All of them return an *ExitError that says how the program would end.
package fn

import "inject-related-images/internal/policy"

// The exit codes of the program.
const (
	ExitFine     = policy.ExitFine     // 0
	ExitFindings = policy.ExitFindings // 1: findings that fail
	ExitUsage    = policy.ExitUsage    // 2: wrong usage
	ExitFailure  = policy.ExitFailure  // 3: something could not be read, parsed or written
)

// ExitError is an error with the exit code that it ends the program with.
type ExitError struct {
	Code int
	Err  error // what is still to be told, or nil when all has been told
}

func (e *ExitError) Error() string {
	if e.Err == nil {
		return ""
	}
	return e.Err.Error()
}

func (e *ExitError) Unwrap() error { return e.Err }

// Package fn writes the images of an operator's ClusterServiceVersion (CSV) into other files that
// name the same images.
//
// The release of an operator pins its images to digests in one place, the variables of the CSV's
// containers:
//
//	env:
//	- name: RELATED_IMAGE_udi_devfile_registry_image_GIXDCNIK
//	  value: quay.io/acme/udi@sha256:03cead9794ae...
//
// The same images stand in plugins, devfiles, editor definitions, ConfigMaps and Deployments, which
// are released apart from the operator. They say quay.io/acme/udi:2.15, or the digest of an earlier
// release. A new digest should need a new CSV and nothing else, but somebody has to change all the
// others: https://github.com/eclipse-che/che/issues/19736. Searching and replacing gets this wrong.
// The tag 2.1 is a part of 2.11. Many images of one repository differ only by a tag that is encoded
// in the name of their variable: GIXDCNIK is 2.15. References stand in documents within documents,
// in every style of YAML.
//
// This package decodes the CSV, finds the references, and decides each of them by rules in a fixed
// order, of which the first that answers counts. It never guesses: a reference that the CSV does
// not decide stays as it is, and its Finding has the reason and the candidates. Bytes outside of
// the references that change are never changed.
//
// # Where to begin
//
// An [Engine] decides the references of one text, without opening or writing any file. [Function]
// is what kustomize and kpt call, with streams; [Processor] is the same for programs of kyaml
// functions. [Inject], [Check], [Diff], [Images] and [Catalog] are the commands of the program, for
// files and folders. All of them take [Options].
//
// # Errors
//
// Every error of this package is an [*ExitError]: it has the code that the program would exit with.
// What is wrong with a reference is no error but a [Finding]. That findings fail is an error with
// the code [ExitFindings].
//
// CSVs are described at https://olm.operatorframework.io/docs/concepts/crds/clusterserviceversion/.
package fn

import "inject-related-images/internal/policy"

// The exit codes of the program.
const (
	ExitFine     = policy.ExitFine     // 0
	ExitFindings = policy.ExitFindings // 1: findings that fail
	ExitUsage    = policy.ExitUsage    // 2: wrong usage, and nothing was written
	ExitFailure  = policy.ExitFailure  // 3: something could not be read, parsed or written
)

// ExitError is an error with the exit code that it ends the program with.
type ExitError struct {
	Code int   // ExitFindings, ExitUsage or ExitFailure
	Err  error // what is still to be told, or nil when a command has told all in its log
}

// Error returns what is still to be told, or "".
func (e *ExitError) Error() string {
	if e.Err == nil {
		return ""
	}
	return e.Err.Error()
}

// Unwrap returns what is still to be told, or nil.
func (e *ExitError) Unwrap() error { return e.Err }

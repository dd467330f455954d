package main

import (
	_ "embed"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// The catalog's README is also the help of the program, and with that what kpt fn doc prints: there
// is no second copy to drift.
//
//go:embed README.md
var readme string

// help returns a section of the README, between the markers of the kpt catalog's mdtogo,
// <!--mdtogo:Long--> and <!--mdtogo-->, as text for a terminal: code is indented, headings end with
// a colon.
func help(section string) string {
	_, text, _ := strings.Cut(readme, "<!--mdtogo:"+section+"-->")
	text, _, _ = strings.Cut(text, "<!--mdtogo-->")
	var lines []string
	code := false
	for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		switch {
		case strings.HasPrefix(line, "```"):
			code = !code
			continue
		case code:
			line = "  " + line
		case strings.HasPrefix(line, "#"):
			line = strings.TrimLeft(line, "# ") + ":"
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// helpWidth is how many columns the help takes at most.
const helpWidth = 100

// usage writes what the help of a command has below its description. Unlike cobra's it wraps flags.
func usage(cmd *cobra.Command) error {
	w := cmd.OutOrStderr()
	fmt.Fprintf(w, "Usage:\n  %s\n", cmd.UseLine())
	if cmd.HasAvailableSubCommands() {
		fmt.Fprintf(w, "  %s COMMAND\n\nCommands:\n", cmd.CommandPath())
		for _, c := range cmd.Commands() {
			if c.IsAvailableCommand() {
				fmt.Fprintf(w, "  %-11s %s\n", c.Name(), c.Short)
			}
		}
	}
	if cmd.HasExample() {
		fmt.Fprintf(w, "\nExamples:\n%s\n", cmd.Example)
	}
	if cmd.HasAvailableLocalFlags() {
		fmt.Fprintf(w, "\nFlags:\n%s", cmd.LocalFlags().FlagUsagesWrapped(helpWidth))
	}
	if cmd.HasAvailableSubCommands() {
		fmt.Fprintf(w, "\n%s COMMAND --help says more of a command.\n", cmd.CommandPath())
	}
	return nil
}

const sourcesHelp = `

SOURCE is a CSV, or a list of them; the operator's Deployment; a bundle folder; a file-based
catalog, of which --package and --bundle choose; an image of one of these; or - for stdin.
An image is docker://REF, oci:FOLDER[:TAG], oci-archive:FILE[:TAG] or docker-archive:FILE[:TAG].`

const statusesHelp = `

Statuses:
  stale        it is not what the CSV says: inject changes it
  injected     it was stale, and inject has changed it
  current      it is what the CSV says
  drifted      it is pinned to a digest that the CSV does not have
  ambiguous    it could be several images of the CSV, which are listed
  uncovered    the CSV has no image for it
  unreachable  it cannot be changed without changing other text
  invalid      it is no image reference`

const exitCodesHelp = `

Exit codes:
  0  fine
  1  findings that fail
  2  wrong usage: nothing was written
  3  something could not be read, parsed or written; no PATH holds a reference
  130, 143  ended by SIGINT or SIGTERM`

const injectHelp = `Makes the image references in files say what the CSV says, and changes no other byte.

A PATH is a file or a folder. In a folder, inject reads the files that end with .yaml, .yml, .json
or .env, and external_images.txt. It opens all PATHs before it writes anything. If another process
changes a file at the same time, inject leaves that file alone. After a signal it finishes the files
that it is writing.

PATH - is a stream: inject reads the text from stdin and writes it to stdout, and the findings to
stderr. It writes nothing to stdout unless it could read and parse all of the text.

A PATH may also be an image. Then --to docker://REF says where to write the result, which has one
more layer with the changed files. The last lines of the report are the digests of both images.

In a folder, inject passes over hidden folders and what --skip names. It also passes over templates
that are no YAML and JSON with comments, and warns of each. A file that is a PATH itself must parse.

It fails if a reference needs a variable that the CSV does not have, or whose value is no image.
--fail-on adds to that.` + sourcesHelp + statusesHelp + exitCodesHelp

const injectExamples = `  # what would change, as a patch
  inject-related-images inject --csv bundle --diff plugin-registry
  # change it in place
  inject-related-images inject --csv bundle plugin-registry devfile-registry
  # leave the registry as it is, and write a copy
  inject-related-images inject --csv bundle --to injected plugin-registry
  # between what renders and what applies
  helm template chart | inject-related-images inject --csv bundle - | kubectl apply -f -
  # make the registry's image of a release of that of the release before
  inject-related-images inject --csv docker://quay.io/acme/bundle:2 \
    --previous docker://quay.io/acme/bundle:1 \
    docker://quay.io/acme/plugins:1 --to docker://quay.io/acme/plugins:2
  # renew what an earlier release has pinned
  inject-related-images inject --csv bundle --previous old-bundle plugin-registry`

const checkHelp = `Fails if a reference is not what the CSV says, and writes nothing: a gate for pipelines.

It fails on stale and drifted references, and on unreachable ones where the CSV says another image.
It also fails if the CSV knows the repository of no reference at all: it may be the wrong CSV.
--fail-on adds to that, or takes away. A PATH may be an image: check reads the files in it that it
would read in a folder.` +
	sourcesHelp + statusesHelp + exitCodesHelp

const checkExamples = `  inject-related-images check --csv bundle plugin-registry
  # as a table, whatever stdout is
  inject-related-images check --csv bundle -o table plugin-registry
  # on ambiguous references, too, but not on drifted ones
  inject-related-images check --csv bundle --fail-on ambiguous,-drifted plugin-registry
  # the images that ship registries, by the image that ships the truth
  inject-related-images check --csv docker://quay.io/acme/bundle:1 docker://quay.io/acme/plugins:1
  # the number of stale references for a pipeline
  inject-related-images check --csv bundle --result-file stale=/tekton/results/stale plugin-registry`

const imagesHelp = `Lists every reference, also those that are current, and writes nothing.

It fails if a reference needs a variable that the CSV does not have, or whose value is no image.
--fail-on adds to that. A PATH may be an image: images reads the files in it that it would read in a
folder.` +
	sourcesHelp + statusesHelp + exitCodesHelp

const imagesExamples = `  inject-related-images images --csv bundle plugin-registry
  # each image once, for auditors
  inject-related-images images --csv bundle -o list plugin-registry
  # why some of them are not decided, with their candidates
  inject-related-images images --csv bundle --status ambiguous,uncovered plugin-registry
  inject-related-images images --csv bundle -o json plugin-registry | jq '.[].candidates'`

const catalogHelp = `Lists what the CSV offers: its variables with the references that their names stand for, its
relatedImages, and the images of its containers. With --previous it says what the release changed,
and with PATHs how many references each image decides.` + sourcesHelp + exitCodesHelp

const catalogExamples = `  inject-related-images catalog --csv bundle
  # what a respin touches, before it
  inject-related-images catalog --csv bundle --previous old/bundle plugin-registry
  # of an operator whose variables have other names
  inject-related-images catalog --csv deployment.yaml --prefix OPERAND_IMAGE_,*_IMAGE
  # of what is installed, and of the newest bundle in a catalog
  kubectl get csv -o yaml | inject-related-images catalog --csv -
  inject-related-images catalog --csv catalog.yaml --package workspaces`

// Package olm reads what an operator's ClusterServiceVersion (CSV) says of images into the entries
// of a catalog.
//
// The literal variables of the containers and init containers of every deployment are the truth;
// spec.relatedImages with the "# tag:" comments that the CSV's generator writes, the images of the
// containers and the annotation containerImage are evidence of second rank. The package reads text
// that is parsed already; what opens files is package source.
package olm

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/operator-framework/api/pkg/operators/v1alpha1"

	"inject-related-images/internal/catalog"
	"inject-related-images/internal/imageref"
	"inject-related-images/internal/yamltext"
)

// Kind is the kind of a CSV.
const Kind = v1alpha1.ClusterServiceVersionKind

const (
	deploymentKind       = "Deployment"
	deploymentAPIVersion = "apps/v1"
)

// Accepted says which object the images are taken from, for errors about any other.
const Accepted = "a " + Kind + " of " + v1alpha1.ClusterServiceVersionAPIVersion +
	", or the operator's " + deploymentKind + " of " + deploymentAPIVersion

// IsCSV tells whether the object n is a ClusterServiceVersion, of any version.
func IsCSV(n *yamltext.Node) bool {
	return n.Text("kind") == Kind && strings.HasPrefix(n.Text("apiVersion"), v1alpha1.GroupName+"/")
}

// IsSource tells whether images can be taken from the object n: a CSV, or the Deployment of an
// operator that is installed without.
func IsSource(n *yamltext.Node) bool { return IsCSV(n) || isDeployment(n) }

func isDeployment(n *yamltext.Node) bool {
	return n.Text("kind") == deploymentKind && n.Text("apiVersion") == deploymentAPIVersion
}

// Describe names the object n for errors: its kind and apiVersion.
func Describe(n *yamltext.Node) string {
	switch {
	case n == nil || n.Kind == yamltext.Scalar && n.Value == "":
		return "nothing"
	case n.Kind != yamltext.Mapping:
		return "no object"
	case n.Text("kind") == "":
		return "an object without a kind"
	}
	return fmt.Sprintf("a %s of %s", n.Text("kind"), n.Text("apiVersion"))
}

// ErrNoVariables says that an operator does not list its images in variables.
var ErrNoVariables = errors.New("no container has a variable")

// Read returns what n says of its release, a CSV or a Deployment in text. Its entries are in the
// order of n: variables of the given names first, then the evidence of second rank. Errors name the
// object, the deployment, the container and the variable, and begin with position and the line.
func Read(position string, text *yamltext.Text, n *yamltext.Node, names catalog.Names) (Release, error) {
	r := reader{position: position, lines: yamltext.NewLines(text.Source), text: text, names: names}
	r.name = n.Get("metadata").Text("name")
	name := cmp.Or(r.name, "without a name")
	switch {
	case isDeployment(n):
		r.object = "deployment " + name
		r.deployment(n)
	case n.Text("kind") == Kind && n.Text("apiVersion") == v1alpha1.ClusterServiceVersionAPIVersion:
		r.object = "csv " + name
		r.csv(n)
	default:
		return Release{}, fmt.Errorf("%s: found %s: give %s", r.line(n), Describe(n), Accepted)
	}
	if len(r.errs) == 0 && len(r.variables) == 0 {
		r.fail(n, "%w %s: give an operator that lists its images there, or their prefix", ErrNoVariables, r.names)
	}
	spec, annotations := n.Get("spec"), n.Get("metadata").Get("annotations")
	release := Release{
		Name: r.name, Version: spec.Text("version"), Replaces: spec.Text("replaces"), SkipRange: annotations.Text("olm.skipRange"),
		Substitute: annotations.Text("olm.substitutesFor"), Where: r.line(n), Entries: append(r.variables, r.evidence...),
		Deployments: r.deployments,
	}
	for i := 0; spec.Get("skips").Index(i) != nil; i++ {
		release.Skips = append(release.Skips, spec.Get("skips").Index(i).Value)
	}
	return release, errors.Join(r.errs...)
}

// reader collects the entries and the errors of an object.
type reader struct {
	position  string
	object    string // its kind and name, for errors
	name      string
	names     catalog.Names
	lines     *yamltext.Lines
	text      *yamltext.Text
	variables []catalog.Entry
	evidence  []catalog.Entry // of second rank

	deployments []string
	errs        []error
}

// line is where the node n stands.
func (r *reader) line(n *yamltext.Node) string {
	line := 1
	if n != nil {
		line, _ = r.lines.At(n.Offset)
	}
	return fmt.Sprintf("%s:%d", r.position, line)
}

func (r *reader) fail(n *yamltext.Node, format string, args ...any) {
	r.errs = append(r.errs, fmt.Errorf("%s: %s: %w", r.line(n), r.object, fmt.Errorf(format, args...)))
}

// deployment is what is read of a Deployment: in the CSV v1alpha1.StrategyDeploymentSpec, by itself
// appsv1.Deployment, whose name is in its metadata. Their other parts, and the types of those, are
// none of the program's business.
type deployment struct {
	Name string `yaml:"name"`
	Spec struct {
		Template struct {
			Spec struct {
				InitContainers []container `yaml:"initContainers"`
				Containers     []container `yaml:"containers"`
			} `yaml:"spec"`
		} `yaml:"template"`
	} `yaml:"spec"`
}

// container is what is read of a corev1.Container.
type container struct {
	Name  string `yaml:"name"`
	Image string `yaml:"image"`
	Env   []struct {
		Name      string `yaml:"name"`
		Value     string `yaml:"value"`
		ValueFrom any    `yaml:"valueFrom"`
	} `yaml:"env"`
}

func (r *reader) deployment(n *yamltext.Node) {
	var d deployment
	if err := r.text.Decode(n, &d); err != nil {
		r.fail(n, "%w", err)
		return
	}
	d.Name = r.name
	r.pod(d, n)
}

func (r *reader) csv(n *yamltext.Node) {
	if install := n.Get("spec").Get("install"); install == nil {
		r.fail(n, "spec.install is missing: give a CSV that deploys its operator")
	} else {
		r.install(install)
	}
	if list := n.Get("spec").Get("relatedImages"); list != nil {
		r.relatedImages(list)
	}
	if image := n.Get("metadata").Get("annotations").Get("containerImage"); image != nil {
		r.addEvidence(catalog.Entry{Name: "metadata.annotations.containerImage", Scheme: catalog.Container}, image.Value)
	}
}

func (r *reader) install(n *yamltext.Node) {
	var strategy struct { // of v1alpha1.NamedInstallStrategy
		Spec struct {
			Deployments []deployment `yaml:"deployments"`
		} `yaml:"spec"`
	}
	if err := r.text.Decode(n, &strategy); err != nil {
		r.fail(n, "spec.install: %w", err)
		return
	}
	if len(strategy.Spec.Deployments) == 0 {
		r.fail(n, "spec.install.spec.deployments is empty: give a CSV that deploys its operator")
	}
	nodes := n.Get("spec").Get("deployments")
	for i, d := range strategy.Spec.Deployments {
		r.pod(d, nodes.Index(i))
	}
}

// pod reads the containers of a Deployment, whose node is n.
func (r *reader) pod(d deployment, n *yamltext.Node) {
	r.deployments = append(r.deployments, d.Name)
	spec, node := d.Spec.Template.Spec, n.Get("spec").Get("template").Get("spec")
	r.containers(d.Name, spec.InitContainers, node.Get("initContainers"))
	r.containers(d.Name, spec.Containers, node.Get("containers"))
}

func (r *reader) containers(deployment string, containers []container, nodes *yamltext.Node) {
	for i, c := range containers {
		where := fmt.Sprintf("deployment %s: container %s", deployment, c.Name)
		for j, variable := range c.Env {
			if !r.names.Has(variable.Name) || variable.ValueFrom != nil {
				continue
			}
			value := nodes.Index(i).Get("env").Index(j).Get("value")
			image, err := imageref.Parse(variable.Value)
			if err == nil && !value.IsString() { // Kubernetes takes no number for text
				err = &imageref.Error{Text: variable.Value}
			}
			if err != nil {
				r.fail(value, "%s: %s: %w", strings.TrimPrefix(where, r.object+": "), variable.Name, err)
				continue
			}
			e := catalog.Decode(r.names, variable.Name, image)
			e.CSV, e.Where = r.name, where
			r.variables = append(r.variables, e)
		}
		r.addEvidence(catalog.Entry{Name: where + ": image", Scheme: catalog.Container, Where: where}, c.Image)
	}
}

func (r *reader) relatedImages(list *yamltext.Node) {
	var images []v1alpha1.RelatedImage
	if err := r.text.Decode(list, &images); err != nil {
		r.fail(list, "spec.relatedImages: %w", err)
		return
	}
	for i, related := range images {
		e := catalog.Entry{Name: "relatedImages: " + related.Name, Scheme: catalog.RelatedImage}
		e.Original = tagOf(r.commentsOf(list.Index(i)))
		r.addEvidence(e, related.Image)
	}
}

// addEvidence adds an entry of second rank. What is no reference is no evidence: bundles are
// shipped with names to be replaced.
func (r *reader) addEvidence(e catalog.Entry, image string) {
	var err error
	if e.Image, err = imageref.Parse(image); err == nil {
		e.CSV = r.name
		r.evidence = append(r.evidence, e)
	}
}

// commentsOf returns the lines of the mapping item, and the comments on the lines below it until
// something else begins.
func (r *reader) commentsOf(item *yamltext.Node) string {
	if item == nil {
		return ""
	}
	end := item.Offset
	for _, c := range item.Content {
		if c.Kind == yamltext.Scalar && c.Value != "" {
			if _, e, err := r.text.Span(c, 0, len(c.Value)); err == nil {
				end = max(end, e)
			}
		}
	}
	rest := r.text.Source[end:]
	line, rest, _ := strings.Cut(rest, "\n")
	comments := r.text.Source[item.Offset:end] + line
	for strings.HasPrefix(strings.TrimLeft(rest, " \t"), "#") {
		line, rest, _ = strings.Cut(rest, "\n")
		comments += "\n" + line
	}
	return comments
}

// tagOf finds the comment "# tag: REFERENCE" in the text of an item of relatedImages: Che's
// generator writes the reference as it was before it was pinned below the image.
func tagOf(text string) imageref.Ref {
	for line := range strings.Lines(text) {
		if before, comment, ok := strings.Cut(line, "#"); ok && (before == "" || strings.TrimRight(before, " \t") != before) {
			if tag, ok := strings.CutPrefix(strings.TrimLeft(comment, " \t"), "tag:"); ok {
				ref, _ := imageref.Parse(strings.TrimSpace(tag)) // none, if it is something else
				return ref
			}
		}
	}
	return imageref.Ref{}
}

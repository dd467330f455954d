// Package olm reads what an operator's ClusterServiceVersion (CSV) says of images into the entries
// of a catalog.
//
// The literal variables of the containers and init containers of every deployment are the truth;
// spec.relatedImages with the "# tag:" comments that the CSV's generator writes, the images of the
// containers and the annotation containerImage are evidence of second rank. CSVs travel by
// themselves, in lists, and in file-based catalogs, whose bundles may hold nothing of theirs but
// the related images. The package reads text that is parsed already; what opens files is package
// source.
package olm

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/operator-framework/api/pkg/operators/v1alpha1"

	"inject-related-images/internal/catalog"
	"inject-related-images/internal/imageref"
	"inject-related-images/internal/quote"
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
	case itemsOf(n) != nil:
		return fmt.Sprintf("an empty %s of %s", n.Text("kind"), n.Text("apiVersion"))
	}
	return fmt.Sprintf("a %s of %s", n.Text("kind"), n.Text("apiVersion"))
}

// Document is an object in a text.
type Document struct {
	Text     *yamltext.Text
	Node     *yamltext.Node
	Where    string                  // it is from, for messages: csv.yaml:1
	Position func(offset int) string // of a byte of the text, for messages: csv.yaml:17
}

// InFile returns what names the position of a byte of a file by its line. The text source is all of
// the file, or what is behind its first lines.
func InFile(name, source string, linesBefore int) func(offset int) string {
	lines := sync.OnceValue(func() *yamltext.Lines { return yamltext.NewLines(source) })
	return func(offset int) string {
		line, _ := lines().At(offset)
		return fmt.Sprintf("%s:%d", quote.Name(name), linesBefore+line)
	}
}

// ErrNoVariables says that an operator does not list its images in variables.
var ErrNoVariables = errors.New("no container has a variable")

// Open returns what d, a CSV or a Deployment, says of its release, but for the images: how their
// variables are called can be an annotation of it.
func Open(d Document) (Release, error) {
	r := Release{Where: d.Where, document: d}
	spec := d.Node.Get("spec")
	switch {
	case isDeployment(d.Node):
	case d.Node.Text("kind") == Kind && d.Node.Text("apiVersion") == v1alpha1.ClusterServiceVersionAPIVersion:
	default:
		return Release{}, fmt.Errorf("%s: found %s: give %s", d.Position(offset(d.Node)), Describe(d.Node), Accepted)
	}
	r.Name, r.Version, r.Replaces = d.Node.Get("metadata").Text("name"), spec.Text("version"), spec.Text("replaces")
	r.Annotations = Annotations(d.Node)
	r.SkipRange, r.Substitute = r.Annotations["olm.skipRange"], r.Annotations["olm.substitutesFor"]
	for i := 0; spec.Get("skips").Index(i) != nil; i++ {
		r.Skips = append(r.Skips, spec.Get("skips").Index(i).Value)
	}
	return r, nil
}

// Annotations returns the annotations of the object n.
func Annotations(n *yamltext.Node) map[string]string {
	return texts(n.Get("metadata").Get("annotations"))
}

// texts returns the scalars of a mapping.
func texts(mapping *yamltext.Node) map[string]string {
	found := map[string]string{}
	if mapping == nil || mapping.Kind != yamltext.Mapping {
		return found
	}
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		key, value := mapping.Content[i].Resolve(), mapping.Content[i+1].Resolve()
		if value.Kind == yamltext.Scalar {
			found[key.Value] = value.Value
		}
	}
	return found
}

// Read reads the images of a release that was opened. Its entries are in the order of the object:
// variables of the given names first, then the evidence of second rank. A variable whose value is
// no image has an entry without one, which is an error only if no other has any. Errors name the
// object, the deployment, the container and the variable, and begin with the position.
func (r *Release) Read(names catalog.Names) error {
	n := r.document.Node
	reader := reader{Document: r.document, name: r.Name, names: names}
	switch name := cmp.Or(r.Name, "without a name"); {
	case isDeployment(n):
		reader.object = "deployment " + name
		reader.deployment(n)
	case r.HasNoCSV:
		reader.object = "bundle " + name
		reader.bundle(n)
	default:
		reader.object = "csv " + name
		reader.csv(n)
	}
	if len(reader.errs) == 0 && reader.good == 0 && !r.HasNoCSV {
		reader.failWithoutImages(n)
	}
	r.Entries, r.Deployments = append(reader.variables, reader.evidence...), reader.deployments
	r.document = Document{} // which takes much more memory
	return errors.Join(reader.errs...)
}

// reader collects the entries and the errors of an object.
type reader struct {
	Document
	object    string // its kind and name, for errors
	name      string
	names     catalog.Names
	variables []catalog.Entry
	evidence  []catalog.Entry // of second rank

	deployments []string
	errs        []error

	good  int     // variables with images
	empty int     // those that are not set
	bad   []error // what is wrong with the values of the others
}

// offset is where the node n stands.
func offset(n *yamltext.Node) int {
	if n == nil {
		return 0
	}
	return n.Offset
}

// at names the object, and where the node n in it stands.
func (r *reader) at(n *yamltext.Node) string { return r.Position(offset(n)) + ": " + r.object }

func (r *reader) fail(n *yamltext.Node, format string, args ...any) {
	r.errs = append(r.errs, fmt.Errorf("%s: %w", r.at(n), fmt.Errorf(format, args...)))
}

// failWithoutImages says why no variable of the object n has an image.
func (r *reader) failWithoutImages(n *yamltext.Node) {
	switch {
	case len(r.bad) > 0:
		r.errs = r.bad
	case r.empty > 0:
		r.fail(n, "%w %s with a value: all %d are empty: give the CSV of a release", ErrNoVariables, r.names, r.empty)
	default:
		r.fail(n, "%w %s: give an operator that lists its images there, or their prefix", ErrNoVariables, r.names)
	}
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
	if err := r.Text.Decode(n, &d); err != nil {
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
	if err := r.Text.Decode(n, &strategy); err != nil {
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
			r.variable(where, variable.Name, variable.Value, value)
		}
		r.addEvidence(catalog.Entry{Name: where + ": image", Scheme: catalog.Container, Where: where}, c.Image)
	}
}

// variable reads a variable whose value stands at node. A variable that is empty is not set.
func (r *reader) variable(where, name, value string, node *yamltext.Node) {
	image, err := imageref.Parse(value)
	var e catalog.Entry
	switch {
	case value == "":
		r.empty++
		return
	case err == nil && node.IsString():
		r.good++
		e = catalog.Decode(r.names, name, image)
	default: // Kubernetes takes no number for text
		r.bad = append(r.bad, fmt.Errorf("%s: %s: %s: %w", r.at(node), strings.TrimPrefix(where, r.object+": "), name,
			&imageref.Error{Text: value}))
		e = catalog.DecodeBad(r.names, name, value)
		e.Position = r.Position(offset(node))
	}
	e.CSV, e.Where = r.name, where
	r.variables = append(r.variables, e)
}

func (r *reader) relatedImages(list *yamltext.Node) {
	for i, related := range r.imagesOf(list, "spec.relatedImages") {
		e := catalog.Entry{Name: "relatedImages: " + related.Name, Scheme: catalog.RelatedImage}
		e.Original = tagOf(r.commentsOf(list.Index(i)))
		r.addEvidence(e, related.Image)
	}
}

// imagesOf returns the items of a list of related images.
func (r *reader) imagesOf(list *yamltext.Node, field string) []v1alpha1.RelatedImage {
	var images []v1alpha1.RelatedImage
	if err := r.Text.Decode(list, &images); err != nil {
		r.fail(list, "%s: %w", field, err)
	}
	return images
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
			if _, e, err := r.Text.Span(c, 0, len(c.Value)); err == nil {
				end = max(end, e)
			}
		}
	}
	rest := r.Text.Source[end:]
	line, rest, _ := strings.Cut(rest, "\n")
	comments := r.Text.Source[item.Offset:end] + line
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

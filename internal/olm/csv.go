// Package olm reads what an operator's ClusterServiceVersion (CSV) says of images into the entries of a catalog.
//
// The literal variables of the containers and init containers of every deployment are the truth; spec.relatedImages with the
// "# tag:" comments that the CSV's generator writes, the images of the containers and the annotation containerImage are
// evidence of second rank. The types of operator-framework/api say what a CSV is; only the parts that name images are
// decoded. Comments are read from the text: no type has them.
package olm

import (
	stdjson "encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/operator-framework/api/pkg/operators/v1alpha1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/json"

	"inject-related-images/internal/catalog"
	"inject-related-images/internal/imageref"
	"inject-related-images/internal/yamltext"
)

// Accepted says which object the images are taken from, for errors about any other.
const Accepted = "a " + Kind + " of " + v1alpha1.ClusterServiceVersionAPIVersion +
	", or the operator's Deployment of apps/v1"

// Kind is the kind of a CSV.
const Kind = v1alpha1.ClusterServiceVersionKind

// IsCSV tells whether the object n is a ClusterServiceVersion, of any version.
func IsCSV(n *yamltext.Node) bool {
	return n.Text("kind") == Kind && strings.HasPrefix(n.Text("apiVersion"), v1alpha1.GroupName+"/")
}

// IsSource tells whether images can be taken from the object n: a CSV, or the Deployment of an operator that is installed without.
func IsSource(n *yamltext.Node) bool { return IsCSV(n) || isDeployment(n) }

func isDeployment(n *yamltext.Node) bool {
	return n.Text("kind") == "Deployment" && n.Text("apiVersion") == appsv1.SchemeGroupVersion.String()
}

// Describe names the object n for errors: its kind and apiVersion.
func Describe(n *yamltext.Node) string {
	switch {
	case n == nil || n.Kind == yamltext.Scalar && n.Value == "":
		return "missing"
	case n.Kind != yamltext.Mapping:
		return "no mapping"
	case n.Text("kind") == "":
		return "an object without a kind"
	}
	return fmt.Sprintf("a %s of %s", n.Text("kind"), n.Text("apiVersion"))
}

// Entries returns the images that n offers, a CSV or a Deployment in text, in its order: variables of the given names first, then
// the evidence of second rank. Errors name the object, the deployment, the container and the variable, and begin with position
// and the line.
func Entries(position string, text *yamltext.Text, n *yamltext.Node, names catalog.Names) ([]catalog.Entry, error) {
	r := csvReader{position: position, lines: yamltext.NewLines(text.Source), text: text, name: n.Get("metadata").Text("name"), names: names}
	if isDeployment(n) {
		r.deployment(n)
		return r.result(n)
	}
	if n.Text("kind") != Kind || n.Text("apiVersion") != v1alpha1.ClusterServiceVersionAPIVersion {
		return nil, r.errorf(n, "it is %s: give %s", Describe(n), Accepted)
	}
	r.deployments(n)
	r.relatedImages(n.Get("spec").Get("relatedImages"))
	if image := n.Get("metadata").Get("annotations").Get("containerImage"); image != nil {
		r.evidence(catalog.Entry{Name: "metadata.annotations.containerImage", Scheme: catalog.Container}, image.Value)
	}
	return r.result(n)
}

func (r *csvReader) result(n *yamltext.Node) ([]catalog.Entry, error) {
	if len(r.errs) == 0 && len(r.variables) == 0 {
		return nil, r.errorf(n, "none of its containers has a variable %s: give an operator that lists its images there, or their prefix", r.names)
	}
	return append(r.variables, r.second...), errors.Join(r.errs...)
}

// deployment is what is read of a Deployment: in the CSV v1alpha1.StrategyDeploymentSpec, by itself appsv1.Deployment, whose name is
// in its metadata. Their other parts, and the types of those, are none of the program's business, and take longer to decode than
// all the rest.
type deployment struct {
	Name string `json:"name"`
	Spec struct {
		Template struct {
			Spec struct {
				InitContainers []container `json:"initContainers"`
				Containers     []container `json:"containers"`
			} `json:"spec"`
		} `json:"template"`
	} `json:"spec"`
}

// container is what is read of a corev1.Container.
type container struct {
	Name  string          `json:"name"`
	Image string          `json:"image"`
	Env   []corev1.EnvVar `json:"env"`
}

// deployment reads a Deployment at the node n.
func (r *csvReader) deployment(n *yamltext.Node) {
	var d deployment
	if err := r.decode(n, &d); err != nil {
		r.fail(n, "%w", err)
		return
	}
	d.Name = n.Get("metadata").Text("name")
	r.pod(d, n)
}

type csvReader struct {
	position  string
	name      string
	names     catalog.Names
	lines     *yamltext.Lines
	text      *yamltext.Text
	variables []catalog.Entry
	second    []catalog.Entry // the evidence of second rank
	errs      []error
}

// errorf makes an error at the node n, or at no particular line where that is nil.
func (r *csvReader) errorf(n *yamltext.Node, format string, args ...any) error {
	line := 1
	if n != nil {
		line, _ = r.lines.At(n.Offset)
	}
	name := r.name
	if name == "" {
		name = "without a name"
	}
	return fmt.Errorf("%s:%d: csv %s: %w", r.position, line, name, fmt.Errorf(format, args...))
}

func (r *csvReader) fail(n *yamltext.Node, format string, args ...any) {
	r.errs = append(r.errs, r.errorf(n, format, args...))
}

func (r *csvReader) deployments(csv *yamltext.Node) {
	install := csv.Get("spec").Get("install")
	if install == nil {
		r.fail(csv, "it has no spec.install: give a CSV that deploys its operator")
		return
	}
	deployments, ok := plainDeployments(install)
	if !ok {
		var strategy struct { // of v1alpha1.NamedInstallStrategy
			Spec struct {
				Deployments []deployment `json:"deployments"`
			} `json:"spec"`
		}
		if err := r.decode(install, &strategy); err != nil {
			r.fail(install, "spec.install: %w", err)
			return
		}
		deployments = strategy.Spec.Deployments
	}
	if len(deployments) == 0 {
		r.fail(install, "spec.install.spec.deployments is empty: give a CSV that deploys its operator")
		return
	}
	nodes := install.Get("spec").Get("deployments")
	for i, d := range deployments {
		r.pod(d, nodes.Index(i))
	}
}

// pod reads the containers of a Deployment, whose node is n.
func (r *csvReader) pod(d deployment, n *yamltext.Node) {
	spec, node := d.Spec.Template.Spec, n.Get("spec").Get("template").Get("spec")
	r.containers(d.Name, spec.InitContainers, node.Get("initContainers"))
	r.containers(d.Name, spec.Containers, node.Get("containers"))
}

func (r *csvReader) containers(deployment string, containers []container, nodes *yamltext.Node) {
	for i, c := range containers {
		where := fmt.Sprintf("deployment %s: container %s", deployment, c.Name)
		for j, variable := range c.Env {
			if !r.names.Has(variable.Name) || variable.ValueFrom != nil {
				continue
			}
			image, err := imageref.Parse(variable.Value)
			if err != nil {
				r.fail(nodes.Index(i).Get("env").Index(j).Get("value"), "%s: %s: %w", where, variable.Name, err)
				continue
			}
			e := catalog.Decode(r.names, variable.Name, image)
			e.CSV, e.Where = r.name, where
			r.variables = append(r.variables, e)
		}
		r.evidence(catalog.Entry{Name: where + ": image", Scheme: catalog.Container, Where: where}, c.Image)
	}
}

// tagOf finds the comment "# tag: REFERENCE" in the text of an item of relatedImages: Che's generator writes the reference as it
// was before it was pinned below the image.
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

func (r *csvReader) relatedImages(list *yamltext.Node) {
	if list == nil {
		return
	}
	images, ok := plainRelatedImages(list)
	if !ok {
		images = nil
		if err := r.decode(list, &images); err != nil {
			r.fail(list, "spec.relatedImages: %w", err)
			return
		}
	}
	for i, related := range images {
		e := catalog.Entry{Name: "relatedImages: " + related.Name, Scheme: catalog.RelatedImage}
		e.Original = tagOf(r.commentsOf(list.Index(i)))
		r.evidence(e, related.Image)
	}
}

// commentsOf returns the lines of the mapping item, and the comments on the lines below it until something else begins.
func (r *csvReader) commentsOf(item *yamltext.Node) string {
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

// evidence adds an entry of second rank. What is no reference is no evidence: bundles are shipped with names to be replaced.
func (r *csvReader) evidence(e catalog.Entry, image string) {
	var err error
	if e.Image, err = imageref.Parse(image); err == nil {
		e.CSV = r.name
		r.second = append(r.second, e)
	}
}

// decode decodes n into v by v's JSON form, which is how Kubernetes' types are defined, and as Kubernetes does: keys in their
// own case.
func (r *csvReader) decode(n *yamltext.Node, v any) error {
	var plain any
	if err := r.text.Decode(n, &plain); err != nil {
		return err
	}
	data, err := stdjson.Marshal(withTextKeys(plain))
	if err != nil {
		return err
	}
	return json.UnmarshalCaseSensitivePreserveInts(data, v)
}

// withTextKeys makes the keys of mappings text, which they are in JSON and need not be in YAML.
func withTextKeys(v any) any {
	switch v := v.(type) {
	case map[any]any:
		m := make(map[string]any, len(v))
		for key, value := range v {
			m[fmt.Sprint(key)] = withTextKeys(value)
		}
		return m
	case map[string]any:
		for key, value := range v {
			v[key] = withTextKeys(value)
		}
	case []any:
		for i, value := range v {
			v[i] = withTextKeys(value)
		}
	}
	return v
}

// Package input makes what the benchmarks run on: ResourceLists as kustomize and kpt send them,
// folders of registry files, and the CSV for both. The same call makes the same bytes, on every
// machine.
//
// A resource, or a file, has three references. The CSV has an image for one of them.
package input

import (
	"bufio"
	"embed"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/template"
)

// References is how many references a resource, or a file, has; one of them is the CSV's to decide.
const References = 3

//go:embed templates
var files embed.FS

var templates = template.Must(template.ParseFS(files, "templates/*.yaml"))

// Orchestrator is who writes a ResourceList.
type Orchestrator uint8

// The orchestrators.
const (
	Kustomize Orchestrator = iota // keys sorted, no comments, an annotation with the identity of each resource
	Kpt                           // comments and quotes as in the files, annotations with their paths
)

// resource is what the templates of resources and files write.
type resource struct {
	Name, Group, Version, Kind string
	Number, ID                 int
	Kpt                        bool
	Editor                     bool // it is an editor definition
	Images                     []string
	Devfile                    string // indented, of a ConfigMap
}

// WriteList writes a ResourceList of so many items of about 2.4 kB: two thirds Deployments, the
// rest ConfigMaps with an embedded devfile, every fourth of which is an editor definition, and
// DevWorkspaceTemplates. Its functionConfig is the CSV.
func WriteList(w io.Writer, resources int, by Orchestrator) error {
	o := newOperator()
	o.Comments = by == Kpt
	covered := o.covered()
	out := bufio.NewWriter(w)
	items := "items:\n"
	if resources == 0 {
		items = "items: []\n"
	}
	fmt.Fprint(out, "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n", items)
	for i := range resources {
		r := resource{Name: fmt.Sprintf("shop-%05d", i), Number: i, ID: i + 1, Kpt: by == Kpt}
		r.Images = images(i, covered, func(r reference) string { return r.before })
		item, err := r.item()
		if err != nil {
			return err
		}
		fmt.Fprint(out, "- ", strings.TrimPrefix(indent(item, "  "), "  "))
	}
	csv, err := execute("csv.yaml", o)
	if err != nil {
		return err
	}
	fmt.Fprint(out, "functionConfig:\n", indent(csv, "  "))
	return out.Flush()
}

// item returns the YAML of the resource.
func (r resource) item() (string, error) {
	switch {
	case r.Number%3 < 2:
		r.Group, r.Version, r.Kind = "apps", "v1", "Deployment"
		return execute("deployment.yaml", r)
	case r.Number%2 == 0:
		r.Group, r.Version, r.Kind = "workspace.devfile.io", "v1alpha2", "DevWorkspaceTemplate"
		return execute("devworkspacetemplate.yaml", r)
	}
	devfile := r
	if configMap := r.Number / 6; configMap%4 == 0 {
		devfile.Editor, devfile.Name = true, editors[configMap/4%len(editors)]
		devfile.Images = []string{"quay.io/acme/editor-runtime:latest", uncovered[configMap%len(uncovered)], uncovered[(configMap+1)%len(uncovered)]}
	}
	text, err := execute("devfile.yaml", devfile)
	if err != nil {
		return "", err
	}
	r.Version, r.Kind, r.Devfile = "v1", "ConfigMap", indent(text, "    ")
	return execute("configmap.yaml", r)
}

// images returns the references of the resource or file i, in turn one of the three covered by the
// CSV.
func images(i int, covered []reference, side func(reference) string) []string {
	images := make([]string, References)
	for k := range images {
		images[k] = uncovered[(i*References+k)%len(uncovered)]
	}
	images[i/3%References] = side(covered[i%len(covered)])
	return images
}

// WriteCSV writes the CSV to a file, as it was released.
func WriteCSV(file string) error {
	o := newOperator()
	o.Comments = true
	csv, err := execute("csv.yaml", o)
	if err != nil {
		return err
	}
	return os.WriteFile(file, []byte(csv), 0o666)
}

// WriteFolder writes a registry of so many files of about 4 kB, devfiles and meta.yaml in turn, and
// the folders for them. In a current one the references are what the CSV says.
func WriteFolder(dir string, files int, current bool) error {
	o := newOperator()
	o.Comments = true
	covered := o.covered()
	side := func(r reference) string { return r.before }
	if current {
		side = func(r reference) string { return r.after }
	}
	for i := range files {
		r := resource{Name: fmt.Sprintf("shop-%05d", i), Number: i, Images: images(i, covered, side)}
		kind, folder, name := "registry-devfile.yaml", "devfile-registry/devfiles", "devfile.yaml"
		if i%2 == 1 {
			kind, folder, name = "registry-meta.yaml", "plugin-registry/v3/plugins", "meta.yaml"
		}
		text, err := execute(kind, r)
		if err != nil {
			return err
		}
		file := filepath.Join(dir, filepath.FromSlash(folder), fmt.Sprintf("team-%02d", i/100), fmt.Sprintf("%s-%s", r.Name, name))
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			return err
		}
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			return err
		}
	}
	return nil
}

// WriteKustomization writes what tells kustomize's images transformer of the CSV's images: it knows
// repositories and no tags, so that of several digests of a repository the last counts.
func WriteKustomization(file string) error {
	var b strings.Builder
	b.WriteString("apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nimages:\n")
	digests := map[string]string{}
	var names []string
	for _, c := range newOperator().covered() {
		name := c.before[:strings.LastIndexByte(c.before, ':')]
		if digests[name] == "" {
			names = append(names, name)
		}
		digests[name] = c.after
	}
	for _, name := range names {
		repository, digest, _ := strings.Cut(digests[name], "@")
		fmt.Fprintf(&b, "- name: %s\n  newName: %s\n  digest: %s\n", name, repository, digest)
	}
	return os.WriteFile(file, []byte(b.String()), 0o666)
}

func execute(name string, data any) (string, error) {
	var b strings.Builder
	err := templates.ExecuteTemplate(&b, name, data)
	return b.String(), err
}

// indent puts prefix before every line that is not empty.
func indent(text, prefix string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if line != "\n" {
			b.WriteString(prefix)
		}
		b.WriteString(line)
	}
	return b.String()
}

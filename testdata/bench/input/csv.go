package input

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"fmt"
	"strings"
)

// Entries is how many images the CSV offers, all in all.
const Entries = 120

// variable is a variable of the operator, and the reference that its name encodes, where it does.
type variable struct {
	Name, Image, original string
}

// related is an entry of spec.relatedImages.
type related struct {
	Name, Image, Original string
}

// operator is what the CSV says.
type operator struct {
	Operator  string // its own image
	Variables []variable
	Related   []related
	Comments  bool // the CSV is as it was released: kustomize drops comments
}

// editors are the editor definitions that the CSV has an image for, of the component runtime.
var editors = []string{
	"acme-code", "acme-idea", "acme-goland", "acme-pycharm", "acme-rider", "acme-clion",
	"acme-theia", "acme-vim", "acme-emacs", "acme-jupyter", "acme-eclipse", "acme-webstorm",
}

var (
	languages  = strings.Fields("java python node go php dotnet rust ruby cpp scala kotlin swift terraform ansible maven gradle redis postgresql mongodb nginx")
	tags       = strings.Fields("1.4.0 2.15 next")
	frameworks = strings.Fields("quarkus spring-boot vertx express django flask rails laravel gin actix micronaut fastapi")
	components = strings.Fields("server gateway dashboard jwt-proxy exec machine-exec pvc-jobs backup single-host kube-rbac header-rewrite metrics")
)

// newOperator makes the CSV: 60 images that registries were built with, 12 of editors, 12 of
// samples and 16 of the operator itself, 19 related images, and the operator's own.
func newOperator() operator {
	o := operator{Operator: pinned("quay.io/acme/workspaces-operator", "")}
	for i, language := range languages {
		for _, tag := range tags {
			kind := "plugin"
			if i%2 == 1 {
				kind = "devfile"
			}
			repository := "quay.io/acme/sidecar-" + language
			encoded := strings.ReplaceAll(base32.StdEncoding.EncodeToString([]byte(tag+"\n")), "=", "_")
			o.Variables = append(o.Variables, variable{
				"RELATED_IMAGE_sidecar_" + language + "_" + kind + "_registry_image_" + encoded, pinned(repository, tag), repository + ":" + tag,
			})
		}
	}
	for _, editor := range editors {
		o.Variables = append(o.Variables, variable{
			Name:  "RELATED_IMAGE_editor_definition_" + strings.ReplaceAll(editor, "-", "_") + "_latest_runtime",
			Image: pinned("quay.io/acme/editor-runtime", editor),
		})
	}
	for _, framework := range frameworks {
		original := "registry.example.com/samples/" + framework + ":latest"
		encoded := strings.ReplaceAll(base64.StdEncoding.EncodeToString([]byte(original+"\n")), "=", "____")
		o.Variables = append(o.Variables, variable{"RELATED_IMAGE_sample_encoded_" + encoded, pinned("quay.io/acme/sample-"+framework, ""), original})
	}
	for i, component := range components {
		repository := "quay.io/acme/" + component
		name := "RELATED_IMAGE_" + strings.ReplaceAll(component, "-", "_")
		o.Variables = append(o.Variables, variable{Name: name, Image: pinned(repository, "")})
		if i%3 == 0 {
			o.Variables = append(o.Variables, variable{Name: name + "_arm64", Image: pinned(repository, "arm64")})
		}
	}
	for i := range 19 {
		repository := fmt.Sprintf("registry.example.com/rhel8/tool-%d", i)
		o.Related = append(o.Related, related{fmt.Sprintf("tool-%d-2.15", i), pinned(repository, "2.15"), repository + ":2.15"})
	}
	return o
}

// pinned returns the image of repository with a digest that nothing else has.
func pinned(repository, tag string) string {
	return fmt.Sprintf("%s@sha256:%x", repository, sha256.Sum256([]byte(repository+":"+tag)))
}

// reference is a reference, and what the CSV makes of it.
type reference struct {
	before, after string
}

// covered returns the references that the CSV decides without an editor definition around them.
func (o operator) covered() []reference {
	var covered []reference
	for _, v := range o.Variables {
		if v.original == "" {
			continue
		}
		covered = append(covered, reference{v.original, v.Image})
	}
	if o.Comments {
		for _, r := range o.Related {
			covered = append(covered, reference{r.Original, r.Image})
		}
	}
	return covered
}

// uncovered are references of repositories that the CSV does not know.
var uncovered = func() []string {
	var images []string
	for i, name := range strings.Fields("redis postgres nginx httpd haproxy memcached rabbitmq kafka keycloak grafana prometheus envoy") {
		images = append(images,
			fmt.Sprintf("docker.io/bitnami/%s:%d.2", name, i+5),
			fmt.Sprintf("%s:%d-alpine", name, i+5),
			fmt.Sprintf("registry.example.com/team-%d/%s:v1.%d.0", i, name, i),
			pinned("registry.k8s.io/shop/"+name, "1"))
	}
	return images
}()

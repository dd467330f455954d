package fn_test

import (
	"encoding/base32"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// image is a reference that has been taken apart, with its repository in normal form.
type image struct{ repository, tag, digest string }

// parseImage takes a valid reference apart. It is the test's own, so that an error of the engine's
// parser shows.
func parseImage(s string) image {
	name, digest, _ := strings.Cut(s, "@")
	i := image{name, "", digest}
	if colon := strings.LastIndex(name, ":"); colon > strings.LastIndex(name, "/") {
		i.repository, i.tag = name[:colon], name[colon+1:]
	}
	i.repository = strings.TrimPrefix(i.repository, "index.")
	switch host, _, ok := strings.Cut(i.repository, "/"); {
	case !ok:
		i.repository = "docker.io/library/" + i.repository
	case !strings.ContainsAny(host, ".:"):
		i.repository = "docker.io/" + i.repository
	}
	return i
}

func (i image) String() string {
	if i.tag != "" {
		i.repository += ":" + i.tag
	}
	if i.digest != "" {
		i.repository += "@" + i.digest
	}
	return i.repository
}

// move replaces from by to in the name of i. It returns false if i's repository is neither from nor
// below it.
func (i image) move(from, to string) (image, bool) {
	rest, ok := strings.CutPrefix(i.repository+"/", from+"/")
	if ok {
		i.repository = strings.TrimSuffix(to+"/"+rest, "/")
	}
	return i, ok
}

// is tells whether i and other are one image: a digest decides over any tag.
func (i image) is(other image) bool {
	return i.repository == other.repository && i.digest == other.digest && (i.digest != "" || i.tag == other.tag)
}

// variable is a variable of the CSV, or with a name "relatedImages" an item of that list.
type variable struct {
	name     string
	value    image
	kind     string // plugin or devfile: it is of scheme registry
	tag      string // of scheme registry: what the name encodes
	original image  // of scheme sample, and in relatedImages
	editor   string // of scheme editor: what the name ends with
	arch     string // it is for this architecture only
	general  string // the variable that it stands for there
}

const relatedImages = "relatedImages"

var (
	repositories = []string{"q.io/x/a", "q.io/x/a", "q.io/x/b", "docker.io/library/mongo", "docker.io/x/p"}
	tags         = []string{"1", "latest"}
	components   = []component{
		{"ed", "1", "run", []string{"ed_1_run"}},
		{"ed-x", "2.0", "a--b", []string{"ed_x_2_0_a_b", "ed_x_2_0_a__b"}},
		{"ed", "1", "walk", nil},
	}
)

// component is one of an editor definition, with the ends of the variables that are its own.
type component struct {
	editor, version, name string
	keys                  []string
}

// digestOf returns one of sixteen digests.
func digestOf(n int) string { return "sha256:" + strings.Repeat(fmt.Sprintf("%x", n), 64) }

const unknown = 9 // the digest that no CSV has

// caseGenerator makes CSVs and files of registries. It takes all from few repositories, tags and
// digests, so that every kind of conflict is common.
type caseGenerator struct{ *rand.Rand }

func (g caseGenerator) oneIn(n int) bool { return g.IntN(n) == 0 }

func oneOf[T any](g caseGenerator, options ...T) T { return options[g.IntN(len(options))] }

func (g caseGenerator) digest() string { return digestOf(1 + g.IntN(4)) }

func (g caseGenerator) tagged() image { return image{oneOf(g, repositories...), oneOf(g, tags...), ""} }

// value is a pinned image, or one with tag and digest, or a tag.
func (g caseGenerator) value() image {
	i := image{oneOf(g, repositories...), "", g.digest()}
	switch g.IntN(8) {
	case 0:
		i.tag = oneOf(g, tags...)
	case 1:
		i.tag, i.digest = oneOf(g, "next", "next", oneOf(g, tags...)), ""
	}
	return i
}

// variables returns those of a CSV. No name is there twice, and no sample leads back to itself.
func (g caseGenerator) variables() []variable {
	var variables []variable
	names := map[string]bool{}
	for range 3 + g.IntN(8) {
		v := g.variable(variables)
		if names[v.name] || v.sampled() && v.leadsBack(variables) {
			continue
		}
		names[v.name] = true
		variables = append(variables, v)
		if v.name == relatedImages {
			names[v.name] = false
			continue
		}
		for _, arch := range []string{"arm64", "s390x"} {
			if variant := v; g.oneIn(6) {
				variant.name, variant.general, variant.arch = v.name+"_"+arch, v.name, arch
				variant.value = image{oneOf(g, v.value.repository, oneOf(g, repositories...)), "", g.digest()}
				variables = append(variables, variant)
			}
		}
	}
	return variables
}

// variable returns one more, often of the same repository and tag as another one.
func (g caseGenerator) variable(others []variable) variable {
	v := variable{value: g.value(), tag: oneOf(g, "", "1", "latest")}
	if len(others) > 0 && g.oneIn(2) {
		other := oneOf(g, others...)
		v.value.repository, v.tag = other.value.repository, oneOf(g, v.tag, other.tag)
	}
	switch g.IntN(10) {
	case 0, 1, 2, 8, 9:
		v.kind = oneOf(g, "plugin", "devfile")
		v.name = v.registryName(oneOf(g, "\n", ""))
	case 3:
		v.editor = oneOf(g, append(components[0].keys, components[1].keys...)...)
		v.name = "RELATED_IMAGE_editor_definition_" + v.editor
	case 4, 5:
		v.original = g.tagged()
		code := base64.StdEncoding.EncodeToString([]byte(v.original.String() + "\n"))
		v.name = "RELATED_IMAGE_sample_encoded_" + strings.ReplaceAll(code, "=", "____")
	case 6:
		v.name = fmt.Sprintf("RELATED_IMAGE_plain%d", len(others))
	case 7:
		v.name, v.value = relatedImages, image{v.value.repository, "", g.digest()}
		v.original = image{v.value.repository, oneOf(g, tags...), ""}
	}
	if v.kind == "" {
		v.tag = ""
	}
	return v
}

// registryName returns the name of a registry's variable. The script that makes it ends the tag
// with a line feed, or did.
func (v variable) registryName(end string) string {
	base := v.value.repository[strings.LastIndex(v.value.repository, "/")+1:]
	code := base32.StdEncoding.EncodeToString([]byte(v.tag + end))
	return "RELATED_IMAGE_" + base + "_" + v.kind + "_registry_image_" + strings.ReplaceAll(code, "=", "_")
}

func (v variable) sampled() bool { return v.name != relatedImages && v.original.repository != "" }

// leadsBack tells whether the value of a sample is the original of one, so that there could be no
// end.
func (v variable) leadsBack(variables []variable) bool {
	for _, other := range append(variables, v) {
		if other.sampled() && (other.original == v.value || v.original == other.value) {
			return true
		}
	}
	return false
}

// shortNames are the names of a registry's variable without what it encodes.
func (v variable) shortNames() []string {
	base, _, _ := strings.Cut(v.name, "_"+v.kind+"_registry_image_")
	if v.kind == "" {
		return nil
	}
	return []string{base, base + "_" + v.kind + "_registry_image"}
}

// csvOf writes the CSV. It has one variable more, since none at all is an error.
func csvOf(variables []variable) string {
	env, related := "", ""
	operator := variable{name: "RELATED_IMAGE_operator", value: image{"other.io/op", "", digestOf(1)}}
	for _, v := range append(variables, operator) {
		if v.name == relatedImages {
			related += fmt.Sprintf("  - name: x-%s\n    image: %s\n", v.original.tag, v.value)
			related += fmt.Sprintf("    # tag: %s\n", v.original)
		} else {
			env += fmt.Sprintf("                - name: %s\n                  value: %s\n", v.name, v.value)
		}
	}
	if related != "" {
		related = "  relatedImages:\n" + related
	}
	return `apiVersion: operators.coreos.com/v1alpha1
kind: ClusterServiceVersion
metadata:
  name: op.v1
spec:
  install:
    spec:
      deployments:
      - name: op
        spec:
          template:
            spec:
              containers:
              - name: op
                env:
` + env + related
}

// registryFile is a file of a registry: where it lies, what it is, and the references in it.
type registryFile struct {
	path, shape string
	references  []reference
}

// reference is a reference in a file.
type reference struct {
	text      string
	variable  string    // it is a placeholder for this
	comment   string    // of another tool beside it
	marker    string    // the variable in the comment beside it
	component component // in an editor definition
	key       string    // in a list of pairs
}

var (
	folders = []string{"v3/plugins/x/", "devfiles/x/", "x/plugin-registry-2/", "devfile-registry/x/", "x/"}
	shapes  = []string{
		"plain", "quoted", "folded", "flow", "editor", "editor", "editor", "ConfigMap", "JSON", "lines", "pairs",
		"annotation", "ImageStream", "env file", "env file", "env value",
	}
)

// comments are those of other tools, which begin the comment, and of people.
var comments = []string{"kpt-set: ${image}:${tag}", `{"$imagepolicy": "acme:udi"}`, "why this related-image: is here"}

// commented tells whether a comment can stand beside a reference.
func (f registryFile) commented() bool {
	return !slices.Contains([]string{"JSON", "lines", "pairs", "env file", "env value"}, f.shape)
}

// isOpen tells whether the file is a list in which anything may stand beside references.
func (f registryFile) isOpen() bool { return f.shape == "env file" || f.shape == "env value" }

// file returns a file, with markers and placeholders if it is to be marked.
func (g caseGenerator) file(variables []variable, marked bool) registryFile {
	f := registryFile{path: oneOf(g, folders...) + "devfile.yaml", shape: oneOf(g, shapes...)}
	switch f.shape {
	case "lines":
		f.path = strings.Replace(f.path, "devfile.yaml", "external_images.txt", 1)
	case "env file":
		f.path = strings.Replace(f.path, "devfile.yaml", "params.env", 1)
	}
	for i := range 6 {
		r := reference{text: g.spelled(g.image(variables))}
		if f.isOpen() {
			r.key = fmt.Sprintf("name%d", i)
			if v := oneOf(g, variables...); g.oneIn(2) {
				r.key, r.text = v.name, oneOf(g, r.text, g.spelled(image{v.value.repository, oneOf(g, tags...), ""}))
			}
		}
		if marked && g.oneIn(3) {
			g.mark(&r, f, oneOf(g, variables...))
		}
		if f.shape == "editor" {
			r.component = oneOf(g, components...)
		}
		if f.commented() && i%2 == 1 { // not drawn, which would make other cases of the seeds
			r.comment = comments[i/2]
		}
		f.references = append(f.references, r)
	}
	return f
}

// image returns an image of the pool, mostly one that a variable says something of.
func (g caseGenerator) image(variables []variable) image {
	i := g.tagged()
	if !g.oneIn(4) {
		v := oneOf(g, variables...)
		i = image{v.value.repository, oneOf(g, v.tag, v.tag, v.value.tag, oneOf(g, tags...)), ""}
		if v.sampled() {
			i = v.original
		}
	}
	if g.oneIn(8) {
		i.tag = oneOf(g, "", "nope")
	}
	switch g.IntN(6) {
	case 0:
		i.digest = g.digest()
	case 1:
		i.digest = digestOf(unknown)
	case 2:
		isOther := func(v variable) bool { return v.value.repository != i.repository }
		known := slices.DeleteFunc(slices.Clone(variables), isOther)
		if len(known) > 0 && i.tag != "nope" {
			i.digest = oneOf(g, known...).value.digest
		}
	}
	return i
}

// spelled writes i by one of its names: its own, a short one of Docker Hub, one at a mirror, one at
// what an alias is for.
func (g caseGenerator) spelled(i image) string {
	if g.oneIn(3) {
		m := oneOf(g, mirrors[1:]...)
		i, _ = i.move(m.from, m.to)
	} else if g.oneIn(4) {
		i, _ = i.move(aliasTo, aliasFrom)
	}
	s := i.String()
	if rest, ok := strings.CutPrefix(s, "docker.io/"); ok {
		s = oneOf(g, s, "index."+s, rest, strings.TrimPrefix(rest, "library/"))
	}
	return s
}

// mark makes a placeholder of r, or puts a marker beside it, maybe both.
func (g caseGenerator) mark(r *reference, f registryFile, v variable) {
	name := oneOf(g, append(v.shortNames(), v.name, v.name)...)
	if v.name == relatedImages || g.oneIn(10) {
		name = "RELATED_IMAGE_nobody"
	}
	if f.commented() {
		r.marker = name
	}
	if g.oneIn(3) || !f.commented() {
		r.variable, r.text = name, oneOf(g, "${"+name+"}", "$("+name+")", name)
		if g.oneIn(4) {
			r.variable, r.text = "RELATED_IMAGE_other", "$(RELATED_IMAGE_other)"
		}
		r.marker = oneOf(g, "", r.marker)
	}
}

// text writes the file.
func (f registryFile) text() string {
	var b strings.Builder
	switch f.shape {
	case "JSON":
		b.WriteString(`{"containers": [`)
	case "pairs":
		b.WriteString("apiVersion: che.eclipse.org/v1alpha1\nkind: KubernetesImagePuller\nspec:\n  images: ")
	case "ConfigMap":
		b.WriteString("apiVersion: v1\nkind: ConfigMap\ndata:\n  devfile.yaml: |\n    components:\n")
	case "annotation":
		b.WriteString("metadata:\n  annotations:\n   che.eclipse.org/devfile: |\n    components:\n")
	case "ImageStream":
		b.WriteString("apiVersion: image.openshift.io/v1\nkind: ImageStream\nspec:\n  tags:\n")
	case "env value":
		b.WriteString("env:\n- name: LIST\n  value: \"")
	case "flow", "plain", "quoted", "folded":
		b.WriteString("components:\n")
	}
	for i, r := range f.references {
		comment := ""
		if r.comment != "" {
			comment = " # " + r.comment
		}
		if r.marker != "" {
			comment += " # related-image: " + r.marker
		}
		switch f.shape {
		case "JSON":
			fmt.Fprintf(&b, "%s\n{\"image\": %q}", strings.Repeat(",", min(i, 1)), r.text)
		case "lines":
			fmt.Fprintln(&b, r.text)
		case "pairs":
			fmt.Fprintf(&b, "name%d=%s;", i, r.text)
		case "env file":
			fmt.Fprintf(&b, []string{"%s=%s\n", "%s = %q\n", "export %s='%s'\n"}[i%3], r.key, r.text)
		case "env value":
			fmt.Fprintf(&b, []string{"%s=%s;", "%s=%s ", "%s=%s, "}[i%3], r.key, r.text)
		case "ImageStream":
			fmt.Fprintf(&b, "  - from: {kind: DockerImage, name: %q}%s\n", r.text, comment)
		case "ConfigMap", "annotation":
			fmt.Fprintf(&b, "    - container:\n        image: %s%s\n", r.text, comment)
		case "flow":
			fmt.Fprintf(&b, "- {container: {image: %q}}%s\n", r.text, comment)
		case "plain":
			fmt.Fprintf(&b, "- container:\n    image: %s%s\n", r.text, comment)
		case "quoted":
			fmt.Fprintf(&b, "- container:\n    image: '%s'%s\n", r.text, comment)
		case "folded":
			fmt.Fprintf(&b, "- container:\n    image: >-%s\n      %s\n", comment, r.text)
		case "editor":
			c := r.component
			fmt.Fprintf(&b, "---\nmetadata: {name: %s, attributes: {version: '%s'}}\n", c.editor, c.version)
			fmt.Fprintf(&b, "components:\n- name: %s\n  container:\n    image: %s%s\n", c.name, r.text, comment)
		}
	}
	switch f.shape {
	case "JSON":
		b.WriteString("]}\n")
	case "env value":
		b.WriteString("\"\n")
	case "pairs":
		b.WriteString("\n")
	}
	return b.String()
}

package locate

import (
	"slices"
	"strings"
)

// Place is a row of the table of places: where a reference, or a text that holds references, stands.
//
// Path is a path of keys from the object that it is in, [] for any index, * for any key; a leading **. stands for any keys
// before, also none. The object is the nearest mapping with an apiVersion and a kind, or the document.
type Place struct {
	Path   string
	Kind   string // of the object; "" is any, and a document without a kind
	Holds  Holding
	Source string // where the shape comes from
}

// Holding tells what a scalar at a Place is.
type Holding uint8

// What scalars hold.
const (
	Reference Holding = iota // one image reference
	Pairs                    // name=reference;name=reference
	Document                 // YAML or JSON
	Anything                 // a document, a list of references, one a line, or Pairs
	Nothing                  // no reference, whatever it looks like, and nothing below it
)

// Places are all places, but for the rule behind most of them: a scalar under a key image is a reference wherever it stands,
// unless a row with Nothing says otherwise.
var Places = []Place{
	{"attributes.containerImage", "", Reference, "the oldest meta.yaml of che-plugin-registry"},
	{"**.volumes[].image.reference", "", Reference, "Kubernetes: ImageVolumeSource"},
	{"spec.images", "KubernetesImagePuller", Pairs, "kubernetes-image-puller-operator"},
	{"spec.components.imagePuller.spec.images", "CheCluster", Pairs, "che-operator: CheCluster v2"},
	{"**.components[].referenceContent", "", Document, "devfile 1: components of type kubernetes and openshift"},
	{"**.components[].kubernetes.inlined", "", Document, "devfile 2: Kubernetes component"},
	{"**.components[].openshift.inlined", "", Document, "devfile 2: OpenShift component"},
	{"data.*", "ConfigMap", Anything, "che-operator: editor definitions and samples in ConfigMaps; image lists"},
	{"**.metadata.annotations", "", Nothing, "Kubernetes: free text, and copies of other versions of the object"},
	{"**.variables", "", Nothing, "devfile 2: values of a devfile's own templates"},
	{"**.rbd.image", "", Nothing, "Kubernetes: RBDVolumeSource, the name of a disk"},
	{"", "ClusterServiceVersion", Nothing, "the CSV is the truth, wherever it travels"},
	{"", "Kptfile", Nothing, "kpt: the images of functions, not of a registry"},
}

// row is a Place whose path has been taken apart, last key first.
type row struct {
	Place
	keys     []string
	anywhere bool
}

// rows are the Places by their last key; those that end with * are under "*".
var rows = func() map[string][]row {
	byKey := map[string][]row{}
	for _, place := range Places {
		path, anywhere := strings.CutPrefix(place.Path, "**.")
		var keys []string
		if path != "" {
			keys = strings.Split(strings.ReplaceAll(path, "[]", ".[]"), ".")
			slices.Reverse(keys)
		}
		last := ""
		if len(keys) > 0 {
			last = keys[0]
		}
		byKey[last] = append(byKey[last], row{place, keys, anywhere})
	}
	return byKey
}()

// holdingAt tells what stands at the end of path, whose last step is a key, in an object of the given kind that begins at
// step object. ok is false where no row says it.
func holdingAt(path []step, object int, kind string) (holding Holding, ok bool) {
	key := ""
	if len(path) > object {
		key = path[len(path)-1].key
	}
	for _, candidates := range [2][]row{rows[key], rows["*"]} {
		for _, r := range candidates {
			if r.matches(path, object, kind) {
				return r.Holds, true
			}
		}
	}
	return Reference, key == "image"
}

func (r row) matches(path []step, object int, kind string) bool {
	start := object
	if r.anywhere {
		start = 0
	}
	if r.Kind != "" && r.Kind != kind || len(path)-start < len(r.keys) || !r.anywhere && len(path)-start != len(r.keys) {
		return false
	}
	for i, key := range r.keys {
		s := path[len(path)-1-i]
		if key == "[]" && !s.indexed || key != "[]" && (s.indexed || key != "*" && key != s.key) {
			return false
		}
	}
	return true
}

package locate

import (
	"slices"
	"strings"
)

// Place is a row of the table of places: where a reference, or a text that holds references, stands.
//
// Path is a path of keys from the object that it is in: [] is any index, * any key, *Image any key that ends so; a leading **.
// stands for any keys before, also none. The object is the nearest mapping with an apiVersion and a kind, or the document.
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
	Split                    // an image reference whose tag stands under another key, named like it with Tag behind
	Pairs                    // name=reference;name=reference
	Document                 // YAML or JSON
	Anything                 // a document, a list of references, one a line, or Pairs
	Declared                 // one image reference, or Anything: what a user says holds references
	Encoded                  // base64
	Nothing                  // no reference, whatever it looks like, and nothing below it
)

// Places are the places that are known. A scalar under a key image is a reference wherever it stands, unless a row with Nothing
// says otherwise; a row makes it a known one, of which it is worth telling that the CSV has no image for it.
var Places = []Place{
	{"**.containers[].image", "", Reference, "Kubernetes: Container; meta.yaml of che-plugin-registry; che-editors.yaml v1; CheCluster v2"},
	{"**.initContainers[].image", "", Reference, "Kubernetes: Container; meta.yaml of che-plugin-registry"},
	{"**.ephemeralContainers[].image", "", Reference, "Kubernetes: EphemeralContainer"},
	{"**.container-overrides.image", "", Reference, "devfile 2: attributes for the container of a component"},
	{"**.volumes[].image.reference", "", Reference, "Kubernetes: ImageVolumeSource"},
	{"**.steps[].image", "", Reference, "Tekton: Step"},
	{"**.sidecars[].image", "", Reference, "Tekton: Sidecar"},
	{"**.stepTemplate.image", "", Reference, "Tekton: StepTemplate"},
	{"spec.image", "StepAction", Reference, "Tekton: StepAction"},
	{"attributes.containerImage", "", Reference, "the oldest meta.yaml of che-plugin-registry"},
	{"sidecar.image", "", Reference, "che-theia-plugin.yaml"},
	{"plugins[].sidecar.image", "", Reference, "che-theia-plugins.yaml, che-plugins.yaml"},
	{"**.components[].image", "", Reference, "devfile 1: components of type dockerimage"},
	{"**.components[].container.image", "", Reference, "devfile 2: container component; editor definitions; DevWorkspace and DevWorkspaceTemplate"},
	{"**.components[].referenceContent", "", Document, "devfile 1: components of type kubernetes and openshift"},
	{"**.components[].kubernetes.inlined", "", Document, "devfile 2: Kubernetes component"},
	{"**.components[].openshift.inlined", "", Document, "devfile 2: OpenShift component"},
	{"spec.images", "KubernetesImagePuller", Pairs, "kubernetes-image-puller-operator"},
	{"spec.components.imagePuller.spec.images", "CheCluster", Pairs, "che-operator: CheCluster v2"},
	{"spec.imagePuller.spec.images", "CheCluster", Pairs, "che-operator: CheCluster v1"},
	{"spec.devEnvironments.defaultComponents[].container.image", "CheCluster", Reference, "che-operator: CheCluster v2"},
	{"spec.devEnvironments.gatewayContainer.image", "CheCluster", Reference, "che-operator: CheCluster v2"},
	{"spec.server.cheImage", "CheCluster", Split, "che-operator: CheCluster v1, with cheImageTag"},
	{"spec.server.*Image", "CheCluster", Reference, "che-operator: CheCluster v1, registries, dashboard and gateways"},
	{"spec.auth.*Image", "CheCluster", Reference, "che-operator: CheCluster v1, identity provider and gateways"},
	{"spec.database.postgresImage", "CheCluster", Reference, "che-operator: CheCluster v1"},
	{"spec.storage.pvcJobsImage", "CheCluster", Reference, "che-operator: CheCluster v1"},
	{"data.*", "ConfigMap", Anything, "che-operator: editor definitions and samples in ConfigMaps; image lists"},
	{"binaryData.*", "ConfigMap", Encoded, "Kubernetes: bytes in base64, which are left alone"},
	{"**.metadata.annotations", "", Nothing, "Kubernetes: free text, and copies of other versions of the object"},
	{"**.variables", "", Nothing, "devfile 2: values of a devfile's own templates"},
	{"**.rbd.image", "", Nothing, "Kubernetes: RBDVolumeSource, the name of a disk"},
	{"", "ClusterServiceVersion", Nothing, "the CSV is the truth, wherever it travels"},
	{"", "Kptfile", Nothing, "kpt: the images of functions, not of a registry"},
}

// row is a Place, or a user's Field, whose path has been taken apart, last key first.
type row struct {
	keys     []string // [] is any index, * any key
	suffix   string   // of the last key, where that is * and a suffix
	anywhere bool
	group    string // of the object's apiVersion, "" any; so version and kind
	version  string
	kind     string
	holds    Holding
}

// table holds rows by their last key: "[]" for an index, "*" for any key, "" for the object itself. Most keys are those of no row,
// which their first byte and their length tell.
type table struct {
	rows    map[string][]row
	lengths [256]uint64 // of the keys that begin with a byte, a bit each
	any     []row
	kinds   []string // of the objects that the rows of any key are for
}

func (t *table) add(r row) {
	last := ""
	if len(r.keys) > 0 {
		last = r.keys[0]
	}
	switch {
	case last == "*":
		t.any = append(t.any, r)
		if !slices.Contains(t.kinds, r.kind) {
			t.kinds = append(t.kinds, r.kind)
		}
		return
	case last != "":
		t.lengths[last[0]] |= lengthBit(last)
	}
	if t.rows == nil {
		t.rows = map[string][]row{}
	}
	t.rows[last] = append(t.rows[last], r)
}

// places is the table of Places.
var places = func() *table {
	t := &table{}
	for _, place := range Places {
		path, anywhere := strings.CutPrefix(place.Path, "**.")
		r := row{anywhere: anywhere, kind: place.Kind, holds: place.Holds}
		if path != "" {
			r.keys = strings.Split(strings.ReplaceAll(path, "[]", ".[]"), ".")
			slices.Reverse(r.keys)
			if suffix, ok := strings.CutPrefix(r.keys[0], "*"); ok {
				r.keys[0], r.suffix = "*", suffix
			}
		}
		t.add(r)
	}
	return t
}()

// object is the object that a walker is in, and how many steps lead to it.
type object struct {
	depth                int
	group, version, kind string
}

func newObject(depth int, apiVersion, kind string) object {
	group, version, ok := strings.Cut(apiVersion, "/")
	if !ok {
		group, version = "", apiVersion
	}
	return object{depth, group, version, kind}
}

// find returns what the rows say of the end of path, in an object.
func (t *table) find(path []step, o object) (holding Holding, ok bool) {
	if t == nil {
		return 0, false
	}
	key := ""
	if len(path) > o.depth {
		if key = path[len(path)-1].key; path[len(path)-1].indexed {
			key = "[]"
		}
	}
	if t.mayHave(key) {
		if h, ok := find(t.rows[key], path, o); ok {
			return h, true
		}
	}
	if t.hasAny(o.kind) {
		return find(t.any, path, o)
	}
	return 0, false
}

// knows tells whether there may be a row for a key in objects of a kind.
func (t *table) knows(key, kind string) bool { return t.mayHave(key) || t.hasAny(kind) }

// mayHave tells whether there may be a row for a last key.
func (t *table) mayHave(key string) bool { return key == "" || t.lengths[key[0]]&lengthBit(key) != 0 }

// lengthBit is a bit for the length of a key. Long ones share it.
func lengthBit(key string) uint64 { return 1 << (len(key) & 63) }

// hasAny tells whether there is a row of any key for objects of a kind.
func (t *table) hasAny(kind string) bool {
	for _, k := range t.kinds {
		if k == "" || k == kind {
			return true
		}
	}
	return false
}

func find(rows []row, path []step, o object) (holding Holding, ok bool) {
	above := "" // the key before the last
	if len(path) > 1 {
		if above = path[len(path)-2].key; path[len(path)-2].indexed {
			above = "[]"
		}
	}
	for i := range rows {
		r := &rows[i]
		if len(r.keys) > 1 && r.keys[1] != above && r.keys[1] != "*" { // as almost all
			continue
		}
		if r.matches(path, o) {
			return r.holds, true
		}
	}
	return 0, false
}

func (r *row) matches(path []step, o object) bool {
	start := o.depth
	if r.anywhere {
		start = 0
	}
	if r.kind != "" && r.kind != o.kind || r.group != "" && r.group != o.group || r.version != "" && r.version != o.version ||
		len(path)-start < len(r.keys) || !r.anywhere && len(path)-start != len(r.keys) {
		return false
	}
	for i, key := range r.keys {
		s := path[len(path)-1-i]
		if key == "[]" && !s.indexed || key != "[]" && (s.indexed || key != "*" && key != s.key) {
			return false
		}
	}
	return r.suffix == "" || strings.HasSuffix(path[len(path)-1].key, r.suffix)
}

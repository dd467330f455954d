package locate

import "strings"

// Place is a row of the table of places: where an image reference stands, or a text that holds
// references.
//
// Path is a path of keys from the object that the place is in: [] is any index, * is any key,
// *Image is any key that ends so; **. at the beginning stands for any keys, also for none. A dot in
// a key is written \. there. The object is the nearest mapping with an apiVersion and a kind around
// the place, or with a schema of file-based catalogs: that has the kind olm.*. Where there is none,
// it is the document.
type Place struct {
	Path   string
	Kind   string // of the object, GROUP/KIND where other groups have one of that name; "" is any kind, or none
	Holds  Holding
	Source string // where the shape comes from
}

// catalogKind is the kind of the objects of a file-based catalog, which have a schema instead: the
// prefix catalogSchema and more.
const (
	catalogKind   = "olm.*"
	catalogSchema = "olm."
)

// Holding tells what a scalar at a place is.
type Holding uint8

// What scalars hold.
const (
	Unknown         Holding = iota // it is at no place of the table
	Nothing                        // no reference, whatever it looks like; nor does anything below a mapping
	Reference                      // one image reference
	EditorComponent                // one image reference; in an editor definition that of a component
	Split                          // one image reference without its tag, which stands under the same key with Tag behind
	DockerImage                    // one image reference, if the kind beside it is DockerImage
	Pairs                          // a list key=reference
	EnvValue                       // a list key=reference, or the value of a variable
	Document                       // YAML or JSON
	Anything                       // a document, a list of references, one a line, or a list key=reference
	Declared                       // one image reference, or Anything: what users say holds references
	Encoded                        // base64
	Repository                     // the repository of one image reference, with a tag or digest beside it
	Maybe                          // one image reference, a Repository, or a word that means something else: a disk, a brand
)

// Places is the table of places. The first row that matches tells what is there. Below a mapping
// that holds Nothing, only the rows before that row count.
var Places = []Place{
	{"", "ClusterServiceVersion", Nothing, "the CSV is the truth, wherever it travels"},
	{"", "ClusterServiceVersionList", Nothing, "Kubernetes: its items need not say their kind"},
	{"", catalogKind, Nothing, "OLM: file-based catalogs hold copies of CSVs, the truth of their releases"},
	{"", "Kptfile", Nothing, "kpt: the images of functions, not of a registry"},
	{
		`**.metadata.annotations.che\.eclipse\.org/devfile`, "", Document,
		"che-devfile-registry: the devfile that a DevWorkspace is made of",
	},
	{"**.metadata.annotations", "", Nothing, "Kubernetes: free text, and copies of other versions of the object"},
	{"**.variables", "", Nothing, "devfile 2: values of a devfile's own templates"},
	{"**.rbd.image", "", Nothing, "Kubernetes: RBDVolumeSource, the name of a disk"},
	{
		"**.containers[].image", "", Reference,
		"Kubernetes: Container; meta.yaml of che-plugin-registry; che-editors.yaml v1; CheCluster v2",
	},
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
	{
		"**.components[].container.image", "", EditorComponent,
		"devfile 2: container component; editor definitions; DevWorkspace and DevWorkspaceTemplate",
	},
	{"**.components[].referenceContent", "", Document, "devfile 1: components of type kubernetes and openshift"},
	{"**.components[].kubernetes.inlined", "", Document, "devfile 2: Kubernetes component"},
	{"**.components[].openshift.inlined", "", Document, "devfile 2: OpenShift component"},
	{"images[].name", "kustomize.config.k8s.io/Kustomization", Repository, "kustomize: with newTag and digest beside it"},
	{"images[].newName", "kustomize.config.k8s.io/Kustomization", Repository, "kustomize: the same, in the place of name"},
	{"images[].name", "kustomize.config.k8s.io/Component", Repository, "kustomize"},
	{"images[].newName", "kustomize.config.k8s.io/Component", Repository, "kustomize"},
	{"spec.images[].name", "kustomize.toolkit.fluxcd.io/Kustomization", Repository, "Flux: the images of kustomize"},
	{"spec.images[].newName", "kustomize.toolkit.fluxcd.io/Kustomization", Repository, "Flux"},
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
	{"**.env[].value", "", EnvValue, "Kubernetes: EnvVar; the image lists of Strimzi"},
	{"spec.tags[].from.name", "ImageStream", DockerImage, "OpenShift: TagReference"},
	{"**.from.name", "BuildConfig", DockerImage, "OpenShift: build strategies, image sources and triggers"},
	{"data.*", "ConfigMap", Anything, "che-operator: editor definitions and samples in ConfigMaps; image lists"},
	{"binaryData.*", "ConfigMap", Encoded, "Kubernetes: bytes in base64, which are left alone"},
	{"**.repository", "", Repository, "Helm: values of a chart, with registry, image, tag, version and digest beside it"},
	{"**.image", "", Maybe, "whatever has an image: a reference that the CSV has nothing of is not worth telling"},
}

// pattern returns what the place matches.
func (p Place) pattern() pattern {
	path, anywhere := strings.CutPrefix(p.Path, "**.")
	found := pattern{anywhere: anywhere, kind: p.Kind, holds: p.Holds}
	if path == "" {
		return found
	}
	const dot = "\x00" // in the place of \.
	path = strings.ReplaceAll(strings.ReplaceAll(path, `\.`, dot), "[]", ".[]")
	for key := range strings.SplitSeq(path, ".") {
		found.keys = append(found.keys, strings.ReplaceAll(key, dot, "."))
	}
	return found
}

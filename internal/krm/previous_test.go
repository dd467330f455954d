package krm_test

import (
	"fmt"
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/kyaml/fn/framework"

	"inject-related-images/internal/krm"
)

// releaseItem is a CSV among the items, or the functionConfig.
type releaseItem struct {
	name, version string
	image         string // q.io/udi by a digest of this digit; "" it has no variables
	annotations   string // in braces
	file          string // that it is from, or ""
}

func (r releaseItem) String() string {
	annotations := strings.Trim(r.annotations, "{}")
	if r.file != "" {
		annotations = strings.TrimPrefix(annotations+", internal.config.kubernetes.io/path: "+r.file, ", ")
	}
	variable := "RELATED_IMAGE_udi"
	if r.image == "" {
		variable = "OTHER"
	}
	return fmt.Sprintf("{apiVersion: operators.coreos.com/v1alpha1, kind: ClusterServiceVersion, metadata: {name: %s, annotations: {%s}}, "+
		"spec: {version: %s, install: {strategy: deployment, spec: {deployments: [{name: op, spec: {template: {spec: "+
		"{containers: [{name: m, env: [{name: %s, value: %q}]}]}}}}]}}}}", r.name, annotations, r.version, variable, udi(r.image))
}

func udi(digit string) string { return "q.io/udi@sha256:" + strings.Repeat(digit, 64) }

// broken is a CSV that cannot be read.
func broken(name string) string {
	return strings.Replace(releaseItem{name: name, image: "9"}.String(), `"q.io/udi@`, `"not one`, 1)
}

const typed = "{apiVersion: inject-related-images/v1alpha1, kind: InjectRelatedImages}"

func TestPreviousCSVsAreItems(t *testing.T) {
	o1, o2 := releaseItem{name: "o.v1", version: "1.0.0", image: "1"}, releaseItem{name: "o.v2", version: "2.0.0", image: "2"}
	annotated := releaseItem{name: "o.v3", version: "3.0.0", image: "1", annotations: `{inject-related-images/previous: "true"}`}
	fromFile := releaseItem{name: "o.v1", version: "1.0.0", image: "1", file: "csv/old.yaml"}
	for name, test := range map[string]struct {
		config string
		items  []string
		image  string // digits of what udi@1 becomes, or stays, or of what is wrong
		log    string // a part of what is told, or ""
	}{
		"of the package of the functionConfig": {
			o2.String(),
			[]string{o1.String()},
			"2", "[info]: the images are those of o.v2 (functionConfig); previous releases: o.v1",
		},
		"of its package, from a file": {
			o2.String(),
			[]string{fromFile.String()},
			"2", "[info]: the images are those of o.v2 (functionConfig); previous releases: o.v1 (csv/old.yaml)",
		},
		"the functionConfig is the truth, whatever its version": {
			releaseItem{name: "o.v0", version: "0.1.0", image: "2"}.String(), []string{o1.String()}, "2", "those of o.v0 (functionConfig)",
		},
		"the functionConfig is among the items, too": {
			o2.String(), []string{o2.String(), o1.String()}, "2", "previous releases: o.v1",
		},
		"the functionConfig alone": {o2.String(), []string{o2.String()}, "1", ""},
		"none of its package": {
			o2.String(), []string{releaseItem{name: "p.v1", version: "1.0.0", image: "1"}.String(), broken("q.v1")}, "1", "",
		},
		"annotated, of another package": {
			o2.String(),
			[]string{strings.Replace(annotated.String(), "o.v3", "old-name.v3", 1), broken("q.v1")},
			"2", "previous releases: old-name.v3",
		},
		"annotated as none, of another package": {
			o2.String(), []string{releaseItem{name: "p.v1", image: "1", annotations: `{inject-related-images/previous: "false"}`}.String()}, "1", "",
		},
		"before the operator had variables": {
			o2.String(), []string{o1.String(), releaseItem{name: "o.v0", version: "0.1.0"}.String()}, "2", "previous releases: o.v1",
		},
		"a broken one": {o2.String(), []string{broken("o.v1")}, "error", `RELATED_IMAGE_udi: "not onesha256:`},
		"an annotation that is neither": {
			o2.String(),
			[]string{releaseItem{name: "o.v1", image: "1", annotations: `{inject-related-images/previous: "yes"}`}.String()},
			"error", `items: csv o.v1: inject-related-images/previous: "yes" is neither true nor false`,
		},
		"in a circle": {
			o2.String(),
			[]string{
				strings.Replace(o1.String(), "version: 1.0.0", "replaces: o.v0", 1),
				strings.NewReplacer("o.v1", "o.v0", "version: 1.0.0", "replaces: o.v1").Replace(o1.String()),
			},
			"error", "previous: the CSVs o.v1, o.v0 replace each other in a circle: give one of them only",
		},

		"without a CSV as functionConfig, the older": {
			typed, []string{o1.String(), o2.String()}, "2", "[info]: the images are those of o.v2; previous releases: o.v1",
		},
		"without a CSV as functionConfig, annotated": {
			typed, []string{annotated.String(), o2.String()}, "2", "the images are those of o.v2; previous releases: o.v3",
		},
		"without a CSV as functionConfig, of a ConfigMap": {
			"{apiVersion: v1, kind: ConfigMap}", []string{o2.String(), fromFile.String()}, "2", "previous releases: o.v1 (csv/old.yaml)",
		},
		"without a CSV as functionConfig, of two packages": {
			typed,
			[]string{o2.String(), o1.String(), releaseItem{name: "p.v1", image: "3"}.String()},
			"2",
			"the images are those of o.v2, p.v1; previous releases: o.v1",
		},
		"without a CSV as functionConfig, and without versions": {
			typed,
			[]string{releaseItem{name: "o.v1", image: "1"}.String(), releaseItem{name: "o.v2", image: "2", file: "b.yaml"}.String()},
			"error", `o.v1 (spec.version "") and o.v2 (b.yaml) (spec.version "") is newer cannot be told by their versions: ` +
				`give the newest alone, and the others by --previous, or annotated inject-related-images/previous: "true" among the items`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			for _, separator := range []string{"\n- ", ", "} { // the former is cut into items
				begin, end := "\n- ", "\n"
				if separator == ", " {
					begin, end = " [", "]\n"
				}
				items := begin + strings.Join(append(test.items, "{image: "+udi("1")+"}"), separator) + end
				source := "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:" + items + "functionConfig: " + test.config + "\n"
				output, err := krm.Run(source, nil)
				if output == nil {
					t.Fatal(err)
				}
				var log strings.Builder
				for r := range output.Log() {
					fmt.Fprintln(&log, r)
				}
				want := strings.Replace(source, "{image: "+udi("1")+"}", "{image: "+udi(test.image)+"}", 1)
				if test.image == "error" {
					want = source
					if err == nil || !strings.Contains(err.Error(), test.log) {
						t.Errorf("got error %v, want %q", err, test.log)
					}
				} else if err != nil || !strings.Contains(log.String(), test.log) {
					t.Errorf("got %v and log %q, want %q", err, &log, test.log)
				}
				if test.log == "" && strings.Contains(log.String(), string(framework.Info)) {
					t.Errorf("got log %q, want nothing about releases", &log)
				}
				if got := output.String(); !strings.HasPrefix(got, want) {
					t.Errorf("got %s, want %s", got, want)
				}
			}
		})
	}
}

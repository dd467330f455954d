package locate_test

import (
	"fmt"
	"strings"
	"testing"

	"inject-related-images/internal/catalog"
	"inject-related-images/internal/locate"
)

// named is the scope in which names with a prefix, or with a suffix behind a *, are those of variables.
func named(pattern string) locate.Scope { return locate.NewScope(nil, nil, catalog.Names{pattern}) }

func TestPlaceholdersHaveNamesAsKubernetesHas(t *testing.T) {
	for text, want := range map[string]string{
		"${RELATED_IMAGE_server}":              "RELATED_IMAGE_server",
		"$(RELATED_IMAGE_acme-gateway)":        "RELATED_IMAGE_acme-gateway",
		"{{ RELATED_IMAGE_acme.gateway-1 }}":   "RELATED_IMAGE_acme.gateway-1",
		"{{RELATED_IMAGE_server}}":             "RELATED_IMAGE_server",
		"RELATED_IMAGE_acme-gateway.v1":        "RELATED_IMAGE_acme-gateway.v1",
		" ${RELATED_IMAGE_server}\n":           "RELATED_IMAGE_server",
		"${RELATED_IMAGE_server-q.io}":         "RELATED_IMAGE_server-q.io",
		"${related_image_server}":              "",
		"$(params.RELATED_IMAGE_server)":       "",
		"{{ .Values.RELATED_IMAGE_server }}":   "",
		"{{ inputs.params.RELATED_IMAGE_x }}":  "",
		"${OTHER}":                             "",
		"{{ RELATED_IMAGE_server | quote }}":   "", // invalid
		"$$(RELATED_IMAGE_server)":             "",
		"quay.io/acme/RELATED_IMAGE_server:1":  "",
		"$(RELATED_IMAGE_a)$(RELATED_IMAGE_b)": "",
	} {
		found := findIn(t, named("RELATED_IMAGE_"), "x.yaml", fmt.Sprintf("containers: [{image: %q}]", text))
		got := ""
		if len(found.Sites) == 1 && found.Sites[0].Invalid == "" {
			got = found.Sites[0].Variable
		}
		if got != want {
			t.Errorf("%q: got %q, want a placeholder for %q", text, got, want)
		}
	}
}

func TestTextThatNamesAVariableIsInvalid(t *testing.T) {
	for _, test := range []struct{ pattern, text, name string }{
		{"RELATED_IMAGE_", "$RELATED_IMAGE_server", "RELATED_IMAGE_server"},
		{"RELATED_IMAGE_", "${RELATED_IMAGE_server:=x}", "RELATED_IMAGE_server"},
		{"RELATED_IMAGE_", "${RELATED_IMAGE_server:-quay.io/acme/server:1}", "RELATED_IMAGE_server"},
		{"RELATED_IMAGE_", "${RELATED_IMAGE_server}:latest", "RELATED_IMAGE_server"},
		{"RELATED_IMAGE_", "docker://${RELATED_IMAGE_server}", "RELATED_IMAGE_server"},
		{"RELATED_IMAGE_", "{{ .RELATED_IMAGE_server }}", "RELATED_IMAGE_server"},
		{"RELATED_IMAGE_", "{{ RELATED_IMAGE_server | quote }}", "RELATED_IMAGE_server"},
		{"RELATED_IMAGE_", "%RELATED_IMAGE_x%", "RELATED_IMAGE_x"},
		{"RELATED_IMAGE_", "<RELATED_IMAGE_acme-gateway>", "RELATED_IMAGE_acme-gateway"},
		{"RELATED_IMAGE_", "$$(RELATED_IMAGE_server)", "RELATED_IMAGE_server"},
		{"RELATED_IMAGE_", "quay.io/acme/RELATED_IMAGE_server:1", "RELATED_IMAGE_server"},
		{"RELATED_IMAGE_", "$(RELATED_IMAGE_a)$(RELATED_IMAGE_b)", "RELATED_IMAGE_a"},
		{"*_IMAGE", "$SERVER_IMAGE", "SERVER_IMAGE"},
		{"*_IMAGE", "{{ .SERVER_IMAGE }}", "SERVER_IMAGE"},
	} {
		for _, place := range []string{"containers: [{image: %q}]", "chart: {image: %q}", "apiVersion: v1\nkind: ConfigMap\ndata: {list: %q}"} {
			text := test.text
			if strings.Contains(place, "list") {
				text = "q.io/a/b:1\n" + text
			}
			found := findIn(t, named(test.pattern), "x.yaml", fmt.Sprintf(place, text))
			if len(found.Sites) == 0 || found.Templates > 0 || len(found.Problems) > 0 {
				t.Errorf("%s: got %+v, want a site", fmt.Sprintf(place, text), found)
				continue
			}
			s := found.Sites[len(found.Sites)-1]
			want := "it names " + test.name + " in a form that is no placeholder: write ${" + test.name + "}, and nothing else"
			if s.Text != test.text || s.Variable != test.name || s.Invalid != want {
				t.Errorf("%s: got %q, variable %q, %s", test.text, s.Text, s.Variable, s.Invalid)
			}
		}
	}
}

func TestTemplatesOfOtherToolsAreCounted(t *testing.T) {
	for _, text := range []string{
		"$(params.image)", "${IMAGE}", "$IMAGE", "{{ image }}", "{{ .Values.image }}:{{ .Values.tag }}", "quay.io/acme/udi:${TAG}", "docker://${IMAGE}", "{image}",
		"<image>", "%IMAGE%", "$(params.SERVER_IMAGE)", "{{ .Values.SERVER_IMAGE }}", "$[[ inputs.image ]]",
	} {
		for _, place := range []string{"containers: [{image: %q}]", "chart: {image: %q}"} {
			found := findIn(t, named("*_IMAGE"), "x.yaml", fmt.Sprintf(place, text))
			if len(found.Sites)+len(found.Problems) > 0 || found.Templates != 1 {
				t.Errorf("%s: got %+v, want it counted as a template", fmt.Sprintf(place, text), found)
			}
		}
	}
	found := findIn(t, locate.Scope{}, "v3/external_images.txt", "{{ image }}\n${IMAGE}\n")
	if len(found.Sites) > 0 || found.Templates != 2 {
		t.Errorf("in a list: got %+v, want two templates", found)
	}
}

func TestAMarkerIsReadWhereverItStandsInTheComment(t *testing.T) {
	for comment, want := range map[string]string{
		"# related-image: RELATED_IMAGE_x":                                      "RELATED_IMAGE_x",
		"#related-image:RELATED_IMAGE_x":                                        "RELATED_IMAGE_x",
		"# related-image: RELATED_IMAGE_acme-x.y  # why":                        "RELATED_IMAGE_acme-x.y",
		"# related-image:\tRELATED_IMAGE_x\twhy":                                "RELATED_IMAGE_x",
		"# related-image: OTHER_x":                                              "OTHER_x", // which the CSV does not have
		"# kpt-set: ${image}:${tag} # related-image: RELATED_IMAGE_x":           "RELATED_IMAGE_x",
		"# kpt-set: ${image}:${tag} # related-image: OTHER_x":                   "OTHER_x",
		"# {\"$imagepolicy\": \"a:b\"} # related-image: RELATED_IMAGE_x":        "RELATED_IMAGE_x",
		"# {\"$imagepolicy\": \"a:b\"} related-image: RELATED_IMAGE_x # why":    "RELATED_IMAGE_x",
		"# what related-image: means # related-image: RELATED_IMAGE_x":          "RELATED_IMAGE_x",
		"# related-image: # related-image: RELATED_IMAGE_x":                     "RELATED_IMAGE_x",
		"# related-image: RELATED_IMAGE_x # related-image: RELATED_IMAGE_y":     "RELATED_IMAGE_x",
		"# see related-image: it is a marker":                                   "",
		"# unrelated-image: RELATED_IMAGE_x":                                    "",
		"# related-image:":                                                      "",
		"# related-image: ":                                                     "",
		"# see https://acme.example/related-image:RELATED_IMAGE_x for the rest": "",
	} {
		for _, place := range []string{"containers:\n- image: q.io/a:1 %s\n", "containers: [{image: 'q.io/a:1'}] %s\n", "containers:\n- image: >- %s\n    q.io/a:1\n"} {
			found := findIn(t, named("RELATED_IMAGE_"), "x.yaml", fmt.Sprintf(place, comment))
			if len(found.Sites) != 1 || found.Sites[0].Marker != want {
				t.Errorf("%s: got %+v, want the marker %q", fmt.Sprintf(place, comment), found.Sites, want)
			}
		}
	}
}

func TestVariablesHaveNamesAsKubernetesHas(t *testing.T) {
	for name, want := range map[string]bool{
		"RELATED_IMAGE_x": true, "RELATED_IMAGE_acme-gateway": true, "a.b": true, "-x": true, ".x": true, "_": true, "x1": true,
		"": false, "1x": false, "RELATED_IMAGE_a b": false, "RELATED_IMAGE_#": false, "RELATED_IMAGE_é": false, "a:b": false, "a\n": false,
	} {
		if got := locate.IsVariableName(name); got != want {
			t.Errorf("IsVariableName(%q) = %t", name, got)
		}
	}
}

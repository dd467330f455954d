package catalog_test

import (
	"encoding/base32"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"inject-related-images/internal/catalog"
	"inject-related-images/internal/imageref"
)

func ref(t *testing.T, s string) imageref.Ref {
	t.Helper()
	r, err := imageref.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func digest(c string) string { return "@sha256:" + strings.Repeat(c, 64) }

// A naming scheme has a case or more here: what its names decode to, and what that stands for, or the note.
func TestDecodeReadsTheOriginalReferenceFromTheName(t *testing.T) {
	image := ref(t, "quay.io/x/y"+digest("a"))
	for name, test := range map[string]struct {
		want      catalog.Entry
		standsFor string // or the note
	}{
		"RELATED_IMAGE_che_server":       {catalog.Entry{Scheme: catalog.Plain}, ""},
		"RELATED_IMAGE_plugin_registry":  {catalog.Entry{Scheme: catalog.Plain}, ""},
		"RELATED_IMAGE_che_server_s390x": {catalog.Entry{Scheme: catalog.Plain, Arch: "s390x"}, "on s390x"},
		"RELATED_IMAGE_x_plugin_registry_image_G4XDGNBOGI______": {
			catalog.Entry{Scheme: catalog.Registry, Registry: catalog.PluginRegistry, Tag: "7.34.2", Tagged: true},
			"quay.io/x/y:7.34.2 (plugin registry)",
		},
		"RELATED_IMAGE_x_devfile_registry_image_GIXDCNIK": {
			catalog.Entry{Scheme: catalog.Registry, Registry: catalog.DevfileRegistry, Tag: "2.15", Tagged: true},
			"quay.io/x/y:2.15 (devfile registry)",
		},
		"RELATED_IMAGE_x_plugin_registry_image_": {
			catalog.Entry{Scheme: catalog.Registry, Registry: catalog.PluginRegistry, Tagged: true},
			"quay.io/x/y (plugin registry)",
		},
		"RELATED_IMAGE_x_plugin_registry_image_BI______": {
			catalog.Entry{Scheme: catalog.Registry, Registry: catalog.PluginRegistry, Tagged: true},
			"quay.io/x/y (plugin registry)",
		},
		"RELATED_IMAGE_x_plugin_registry_image_GIXDCNIK_ppc64le": {
			catalog.Entry{Scheme: catalog.Registry, Registry: catalog.PluginRegistry, Tag: "2.15", Tagged: true, Arch: "ppc64le"},
			"quay.io/x/y:2.15 (plugin registry) on ppc64le",
		},
		"RELATED_IMAGE_x_plugin_registry_image_1": {
			catalog.Entry{Scheme: catalog.Registry, Registry: catalog.PluginRegistry, Malformed: true},
			`"1" is not the base32 of a tag`,
		},
		"RELATED_IMAGE_x_plugin_registry_image_EERA____": {
			catalog.Entry{Scheme: catalog.Registry, Registry: catalog.PluginRegistry, Malformed: true},
			`"EERA____" decodes to "!\"", which is not a tag`,
		},
		"RELATED_IMAGE_x_plugin_registry_image_IBZWQYJSGU3DU_1___": {
			catalog.Entry{Scheme: catalog.Registry, Registry: catalog.PluginRegistry, Malformed: true},
			`"IBZWQYJSGU3DU_1___" is not the base32 of a tag`,
		},
		"RELATED_IMAGE_x_plugin_registry_image_IBZWQYJSGU3DUYLC": {
			catalog.Entry{Scheme: catalog.Registry, Registry: catalog.PluginRegistry},
			"the registry was built with the digest in it",
		},
		"RELATED_IMAGE_registry_image_devfile_registry_image_NZSXQ5A_": {
			catalog.Entry{Scheme: catalog.Registry, Registry: catalog.DevfileRegistry, Tag: "next", Tagged: true},
			"quay.io/x/y:next (devfile registry)",
		},
		"RELATED_IMAGE_other_registry_image_GIXDCNIK": {catalog.Entry{Scheme: catalog.Plain}, ""},
		"RELATED_IMAGE_editor_definition_che_code_latest_che_code": {
			catalog.Entry{Scheme: catalog.Editor, Editor: "che_code_latest_che_code"}, "editor che_code_latest_che_code",
		},
		"RELATED_IMAGE_editor_definition_che_code_latest_x_arm64": {
			catalog.Entry{Scheme: catalog.Editor, Editor: "che_code_latest_x", Arch: "arm64"},
			"editor che_code_latest_x on arm64",
		},
		"RELATED_IMAGE_sample_go_tools": {catalog.Entry{Scheme: catalog.Sample}, ""},
		"RELATED_IMAGE_sample_encoded_cmVnaXN0cnkucmVkaGF0LmlvL3Joc2NsL21vbmdvZGItMzYtcmhlbDc6MS01MAo____": {
			catalog.Entry{Scheme: catalog.Sample, Original: ref(t, "registry.redhat.io/rhscl/mongodb-36-rhel7:1-50")},
			"registry.redhat.io/rhscl/mongodb-36-rhel7:1-50",
		},
		"RELATED_IMAGE_sample_encoded_cXVheS5pby94Cg________": {
			catalog.Entry{Scheme: catalog.Sample, Original: ref(t, "quay.io/x")},
			"quay.io/x",
		},
		"RELATED_IMAGE_sample_encoded_!": {
			catalog.Entry{Scheme: catalog.Sample, Malformed: true},
			`"!" is not the base64 of an image`,
		},
		"RELATED_IMAGE_sample_encoded_IQ________": {
			catalog.Entry{Scheme: catalog.Sample, Malformed: true},
			`"IQ________" decodes to something else: "!" is not an image reference`,
		},
	} {
		want := test.want
		want.Name, want.Image = name, image
		got := catalog.Decode(catalog.DefaultNames, name, image)
		if got.Note != "" {
			want.Note = test.standsFor
		}
		sameRef := cmp.Comparer(func(a, b imageref.Ref) bool { return a == b })
		if diff := cmp.Diff(want, got, sameRef, cmpopts.IgnoreUnexported(catalog.Entry{})); diff != "" {
			t.Errorf("Decode(%q): (-want +got)\n%s", name, diff)
		}
		if got.StandsFor() != test.standsFor {
			t.Errorf("Decode(%q).StandsFor: got %q, want %q", name, got.StandsFor(), test.standsFor)
		}
	}
}

func TestEvidenceStandsForTheReferenceThatItsCommentNames(t *testing.T) {
	for _, test := range []struct {
		entry catalog.Entry
		want  string
	}{
		{catalog.Entry{Scheme: catalog.RelatedImage, Original: ref(t, "quay.io/x/y:1")}, "quay.io/x/y:1"},
		{catalog.Entry{Scheme: catalog.RelatedImage}, ""},
		{catalog.Entry{Scheme: catalog.Container}, ""},
	} {
		if got := test.entry.StandsFor(); got != test.want {
			t.Errorf("%s: got %q, want %q", test.entry.Scheme, got, test.want)
		}
	}
}

func TestANameInLowerCaseStandsForTheTagInItsBase32(t *testing.T) {
	image := ref(t, "quay.io/x/y"+digest("a"))
	for name, want := range map[string]struct {
		standsFor string // or the note
		malformed bool
	}{
		"server": {"", false},
		"":       {"", false},
		"related_image_x_plugin_registry_image_g4xdgnbogi______": {"quay.io/x/y:7.34.2", false},
		"x_devfile_registry_image_gixdcnik":                      {"quay.io/x/y:2.15", false},
		"RELATED_IMAGE_x_devfile_registry_image_GIXDCNIK":        {"quay.io/x/y:2.15", false},
		"x_devfile_registry_image_gixdcnik_s390x":                {"quay.io/x/y:2.15 on s390x", false},
		"x_plugin_registry_image_":                               {"quay.io/x/y", false},
		"x_plugin_registry_image_1":                              {`"1" is not the base32 of a tag`, true},
		"x_registry_image_gixdcnik":                              {"", false},
		"RELATED_IMAGE_sample_encoded_cXVheS5pby94L3k6MQo____":   {"quay.io/x/y:1", false},
		"sample_encoded_cxvhes5pby94l3k6mqo____":                 {`"cxvhes5pby94l3k6mqo____" is base64 in lower case, which cannot be decoded`, true},
		"sample_python_runtime":                                  {"", false},
	} {
		e := catalog.DecodeLowered(name, image)
		if got := e.StandsFor(); got != want.standsFor || e.Malformed != want.malformed || e.Scheme != catalog.RelatedImage || e.Name != "relatedImages: "+name {
			t.Errorf("%s: got %q, malformed %t, of %+v, want %q, %t", name, got, e.Malformed, e, want.standsFor, want.malformed)
		}
	}
}

func TestARelatedImageIsFoundByTheTagAndTheKindOfItsRegistry(t *testing.T) {
	plugin := catalog.DecodeLowered("x_plugin_registry_image_gixdcnik", ref(t, "quay.io/x/y"+digest("a")))
	devfile := catalog.DecodeLowered("x_devfile_registry_image_gixdcnik", ref(t, "quay.io/x/y"+digest("b")))
	other := catalog.DecodeLowered("x_devfile_registry_image_gixdcnik_s390x", ref(t, "quay.io/x/y"+digest("c")))
	c := catalog.New([]catalog.Entry{plugin, devfile, other}, "")
	for kind, want := range map[catalog.RegistryKind]string{catalog.PluginRegistry: plugin.Name, catalog.DevfileRegistry: devfile.Name} {
		if m := c.ByRelatedImage(ref(t, "quay.io/x/y:2.15"), kind); m.Entry == nil || m.Entry.Name != want {
			t.Errorf("%s registry: got %+v, want %s", kind, m, want)
		}
	}
	if m := c.ByRelatedImage(ref(t, "quay.io/x/y:2.15"), catalog.UnknownRegistry); len(m.Candidates) != 2 {
		t.Errorf("unknown registry: got %+v, want two candidates", m)
	}
	c = catalog.New([]catalog.Entry{plugin, devfile, other}, "s390x")
	if m := c.ByRelatedImage(ref(t, "quay.io/x/y:2.15"), catalog.DevfileRegistry); m.Entry == nil || m.Entry.Name != other.Name {
		t.Errorf("on s390x: got %+v, want %s", m, other.Name)
	}
}

func build(t *testing.T, variables ...string) *catalog.Catalog {
	t.Helper()
	var entries []catalog.Entry
	for i := 0; i < len(variables); i += 2 {
		entries = append(entries, catalog.Decode(catalog.DefaultNames, variables[i], ref(t, variables[i+1])))
	}
	return catalog.New(entries, "")
}

func TestByTagPrefersItsOwnRegistryAndIsAmbiguousWhereTheKindIsUnknown(t *testing.T) {
	const repository = "quay.io/x/y"
	c := build(t,
		"RELATED_IMAGE_y_plugin_registry_image_GIXDCNIK", repository+digest("a"),
		"RELATED_IMAGE_y_devfile_registry_image_GIXDCNIK", repository+digest("b"),
		"RELATED_IMAGE_y_devfile_registry_image_NZSXQ5A_", repository+digest("c"),
		"RELATED_IMAGE_z_devfile_registry_image_NZSXQ5A_", "docker.io/library/z"+digest("d"),
		"RELATED_IMAGE_w_devfile_registry_image_NZSXQ5A_", "quay.io/x/w:next",
	)
	for _, test := range []struct {
		image      string
		kind       catalog.RegistryKind
		want       string
		candidates int
	}{
		{repository + ":2.15", catalog.PluginRegistry, digest("a"), 0},
		{repository + ":2.15", catalog.DevfileRegistry, digest("b"), 0},
		{repository + ":2.15", catalog.UnknownRegistry, "", 2},
		{repository + ":next", catalog.PluginRegistry, digest("c"), 0},
		{repository + ":next", catalog.UnknownRegistry, digest("c"), 0},
		{"z:next", catalog.UnknownRegistry, digest("d"), 0},
		{repository + ":2.1", catalog.PluginRegistry, "", 0},
		{repository, catalog.PluginRegistry, "", 0},
		{repository + ":2.15" + digest("f"), catalog.PluginRegistry, "", 0},
		{"quay.io/x/w:next", catalog.PluginRegistry, "", 0},
	} {
		got := c.ByTag(ref(t, test.image), test.kind)
		found := ""
		if got.Entry != nil {
			found = "@" + got.Entry.Image.Digest()
		}
		if found != test.want || len(got.Candidates) != test.candidates {
			t.Errorf("ByTag(%s, %q): got %q and %d candidates, want %q and %d", test.image, test.kind, found, len(got.Candidates), test.want, test.candidates)
		}
	}
}

func TestByEditorAcceptsBothSpellings(t *testing.T) {
	c := build(t,
		"RELATED_IMAGE_editor_definition_che_code_2022_10_a_b", "quay.io/x/y"+digest("a"),
		"RELATED_IMAGE_editor_definition_x__y_latest_c", "quay.io/x/y"+digest("b"),
		"RELATED_IMAGE_editor_definition_p_q_1_c", "quay.io/x/y"+digest("c"),
		"RELATED_IMAGE_editor_definition_p__q_1_c", "quay.io/x/y"+digest("d"),
	)
	for _, test := range []struct {
		editor, version, component, want string
		candidates                       int
	}{
		{"che-code", "2022.10", "a.b", digest("a"), 0},
		{"che.code", "2022-10", "a--b", digest("a"), 0},
		{"x--y", "latest", "c", digest("b"), 0},
		{"x-y", "latest", "c", "", 0},
		{"p--q", "1", "c", "", 2},
		{"che-code", "2022.1", "a.b", "", 0},
	} {
		got := c.ByEditor(test.editor, test.version, test.component)
		found := ""
		if got.Entry != nil {
			found = "@" + got.Entry.Image.Digest()
		}
		if found != test.want || len(got.Candidates) != test.candidates {
			t.Errorf("ByEditor(%s, %s, %s): got %q and %d candidates, want %q and %d",
				test.editor, test.version, test.component, found, len(got.Candidates), test.want, test.candidates)
		}
	}
}

func TestArchitectureVariantsAnswerOnlyForTheirDigest(t *testing.T) {
	c := build(t, "RELATED_IMAGE_y_plugin_registry_image_GIXDCNIK_s390x", "quay.io/x/y"+digest("a"))
	if got := c.ByTag(ref(t, "quay.io/x/y:2.15"), catalog.PluginRegistry); got.Entry != nil {
		t.Errorf("ByTag: got %v, want nothing for no particular architecture", got.Entry)
	}
	if got := c.ByImage(ref(t, "quay.io/x/y"+digest("a"))); got == nil {
		t.Error("ByImage: got nothing, want the variant")
	}
}

func TestRepeatedVariablesAreToleratedAndConflictsReported(t *testing.T) {
	c := build(t,
		"RELATED_IMAGE_a", "nginx:1", "RELATED_IMAGE_a", "docker.io/library/nginx:1",
		"RELATED_IMAGE_y_plugin_registry_image_GIXDCNIK", "quay.io/x/y"+digest("a"),
		"RELATED_IMAGE_y_plugin_registry_image_GIXDCNIK", "quay.io/x/y"+digest("b"),
	)
	conflicts := c.Warnings()
	if len(conflicts) != 1 || !strings.HasPrefix(conflicts[0], "RELATED_IMAGE_y_plugin_registry_image_GIXDCNIK ") || len(c.Entries()) != 3 {
		t.Errorf("got conflicts %q and %d entries, want the one of y and 3 entries", conflicts, len(c.Entries()))
	}
	if got := c.ByTag(ref(t, "quay.io/x/y:2.15"), catalog.PluginRegistry); len(got.Candidates) != 2 {
		t.Errorf("ByTag of the conflict: got %+v, want 2 candidates", got)
	}
}

// TestAVariableWithoutAnImageIsFoundByItsNameAndWhatThatEncodes has a look-up of each kind.
func TestAVariableWithoutAnImageIsFoundByItsNameAndWhatThatEncodes(t *testing.T) {
	const (
		java   = "RELATED_IMAGE_java_devfile_registry_image_GE______"
		goTag  = "RELATED_IMAGE_go_devfile_registry_image_GE______"
		editor = "RELATED_IMAGE_editor_definition_ed_1_run"
		sample = "RELATED_IMAGE_sample_encoded_cS5pby94L3M6MQo____" // q.io/x/s:1
	)
	entries := []catalog.Entry{catalog.Decode(catalog.DefaultNames, "RELATED_IMAGE_java_devfile_registry_image_GI______", ref(t, "q.io/x/java"+digest("2")))}
	for _, v := range [][2]string{
		{"RELATED_IMAGE_server", "check release"},
		{java, "oci://q.io/x/java:1"},
		{goTag, "check release"},
		{editor, "oci://q.io/x/ed:1"},
		{sample, "http://q.io/x/s"},
		{"RELATED_IMAGE_y_s390x", "none"},
	} {
		entries = append(entries, catalog.DecodeBad(catalog.DefaultNames, v[0], v[1]))
	}
	entries = append(entries, catalog.Decode(catalog.DefaultNames, "RELATED_IMAGE_y", ref(t, "q.io/x/y"+digest("3"))))
	c := catalog.New(entries, "")
	for what, test := range map[string]struct {
		got  catalog.Match
		want string
	}{
		"name":                      {c.ByName("RELATED_IMAGE_server"), "RELATED_IMAGE_server"},
		"short name":                {c.ByName("RELATED_IMAGE_go"), goTag},
		"short name of two":         {c.ByName("RELATED_IMAGE_java"), java},
		"editor key":                {c.ByEditor("ed", "1", "run"), editor},
		"tag key":                   {c.ByTag(ref(t, "q.io/x/java:1"), catalog.DevfileRegistry), java},
		"sample key":                {c.BySample(ref(t, "q.io/x/s:1")), sample},
		"tag key of no repository":  {c.ByTag(ref(t, "q.io/x/go:1"), catalog.DevfileRegistry), ""},
		"variant of no consequence": {c.ByName("RELATED_IMAGE_y"), ""},
	} {
		got := ""
		if test.got.Bad != nil {
			got = test.got.Bad.Name
		}
		if got != test.want || got != "" && (test.got.Entry != nil || test.got.Candidates != nil) {
			t.Errorf("%s: got %+v, want the variable %q without an image", what, test.got, test.want)
		}
	}
	if m := catalog.New(entries, "s390x").ByName("RELATED_IMAGE_y"); m.Bad == nil || m.Bad.Name != "RELATED_IMAGE_y_s390x" {
		t.Errorf("on s390x: got %+v, want the variant without an image", m)
	}
	if got := c.ByRepository(ref(t, "q.io/x/java")); len(got) != 1 || c.ByImage(ref(t, "q.io/x/java:1")) != nil {
		t.Errorf("got images %v, want only the one that there is", got)
	}
	if got := c.BadVariables(); len(got) != 6 || !strings.Contains(got[0], `RELATED_IMAGE_server: "check release" is not an image reference`) {
		t.Errorf("got warnings %q, want one of each", got)
	}
	if got := c.Warnings(); len(got) != 0 {
		t.Errorf("got other warnings %q", got)
	}
}

// TestOfTwoValuesOneIsNoImage has a variable that two containers set.
func TestOfTwoValuesOneIsNoImage(t *testing.T) {
	c := catalog.New([]catalog.Entry{
		catalog.Decode(catalog.DefaultNames, "RELATED_IMAGE_a", ref(t, "nginx:1")),
		catalog.DecodeBad(catalog.DefaultNames, "RELATED_IMAGE_a", "oci://nginx:1"),
	}, "")
	if m := c.ByName("RELATED_IMAGE_a"); m.Bad == nil || m.Entry != nil {
		t.Errorf("got %+v, want the value that is no image", m)
	}
	if got := c.Warnings(); len(got) != 1 || !strings.Contains(got[0], "oci://nginx:1") {
		t.Errorf("got conflicts %q, want one with both values", got)
	}
}

func TestRegistryOfIsToldByTheInnermostFolder(t *testing.T) {
	for file, want := range map[string]catalog.RegistryKind{
		"plugin-registry/v3/plugins/a/b/meta.yaml":        catalog.PluginRegistry,
		"src/v3/plugins/a/meta.yaml":                      catalog.PluginRegistry,
		"che-plugin-registry-release/external_images.txt": catalog.PluginRegistry,
		"devfile-registry/devfiles/go/devfile.yaml":       catalog.DevfileRegistry,
		"x/devfiles/go/devfile.yaml":                      catalog.DevfileRegistry,
		"plugin-registry/tests/devfiles/go.yaml":          catalog.DevfileRegistry,
		"plugins/a/meta.yaml":                             catalog.UnknownRegistry,
		"plugin-registry.yaml":                            catalog.UnknownRegistry,
		"v3/./plugins/x.yaml":                             catalog.PluginRegistry,
		"devfile-registry/../x.yaml":                      catalog.UnknownRegistry,
		"/plugin-registry//x.yaml":                        catalog.PluginRegistry,
		"":                                                catalog.UnknownRegistry,
	} {
		if got := catalog.RegistryOf(file); got != want {
			t.Errorf("RegistryOf(%q): got %q, want %q", file, got, want)
		}
	}
}

// FuzzDecode checks that a tag is what the end of its name encodes, and that a name is either understood or noted.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		"RELATED_IMAGE_x_plugin_registry_image_G4XDGNBOGI______", "RELATED_IMAGE_x_devfile_registry_image_BI______", "RELATED_IMAGE_sample_encoded_cXVheS5pby94Cg________",
		"RELATED_IMAGE_editor_definition_che_code_latest_x_arm64", "RELATED_IMAGE_sample_encoded_", "RELATED_IMAGE_plugin_registry_image__s390x", "RELATED_IMAGE_",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		e := catalog.Decode(catalog.DefaultNames, name, imageref.Ref{})
		if e.Tagged {
			suffix := name[strings.LastIndex(name, "registry_image_")+len("registry_image_"):]
			if e.Arch != "" {
				suffix = strings.TrimSuffix(suffix, "_"+e.Arch)
			}
			decoded, err := base32.StdEncoding.DecodeString(strings.ReplaceAll(suffix, "_", "="))
			if err != nil || strings.TrimSpace(string(decoded)) != e.Tag {
				t.Errorf("Decode(%q): got tag %q, which %q does not encode", name, e.Tag, suffix)
			}
		}
		if !e.Original.IsZero() && e.Note != "" {
			t.Errorf("Decode(%q): got both an original %v and the note %q", name, e.Original, e.Note)
		}
	})
}

func TestTheVariantOfTheArchitectureWins(t *testing.T) {
	var entries []catalog.Entry
	for _, v := range [][2]string{
		{"RELATED_IMAGE_y_plugin_registry_image_GIXDCNIK", "quay.io/x/y" + digest("a")},
		{"RELATED_IMAGE_y_plugin_registry_image_GIXDCNIK_s390x", "quay.io/x/y-s390x" + digest("b")},
		{"RELATED_IMAGE_y_plugin_registry_image_GIXDCNIK_arm64", "quay.io/x/y" + digest("c")},
		{"RELATED_IMAGE_editor_definition_e_1_c", "quay.io/x/e" + digest("d")},
		{"RELATED_IMAGE_editor_definition_e_1_c_s390x", "quay.io/x/e" + digest("e")},
	} {
		entries = append(entries, catalog.Decode(catalog.DefaultNames, v[0], ref(t, v[1])))
	}
	for arch, want := range map[string][2]string{"": {"a", "d"}, "amd64": {"a", "d"}, "s390x": {"b", "e"}, "arm64": {"c", "d"}} {
		c := catalog.New(entries, arch)
		tag, editor := c.ByTag(ref(t, "quay.io/x/y:2.15"), catalog.PluginRegistry), c.ByEditor("e", "1", "c")
		if tag.Entry == nil || "@"+tag.Entry.Image.Digest() != digest(want[0]) || editor.Entry == nil || "@"+editor.Entry.Image.Digest() != digest(want[1]) {
			t.Errorf("on %q: got %+v and %+v, want digests of %v", arch, tag, editor, want)
		}
	}
}

func TestNamesArePrefixesAndSuffixes(t *testing.T) {
	names := catalog.Names{"OPERAND_IMAGE_", "*_IMAGE"}
	for name, want := range map[string]bool{"OPERAND_IMAGE_x": true, "PROXY_IMAGE": true, "RELATED_IMAGE_x": false, "_IMAGE": false, "OPERAND_IMAGE_": false, "IMAGE": false} {
		if got := names.Has(name); got != want {
			t.Errorf("Has(%q): got %t, want %t", name, got, want)
		}
	}
	if got := names.String(); got != "OPERAND_IMAGE_* or *_IMAGE" {
		t.Errorf("got %q", got)
	}
	e := catalog.Decode(names, "OPERAND_IMAGE_y_plugin_registry_image_GIXDCNIK", ref(t, "quay.io/x/y"+digest("a")))
	if e.Tag != "2.15" || e.Scheme != catalog.Registry {
		t.Errorf("got %+v, want the tag 2.15", e)
	}
}

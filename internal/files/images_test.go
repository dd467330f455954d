package files_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"

	"inject-related-images/internal/catalog"
	"inject-related-images/internal/engine"
	"inject-related-images/internal/files"
	"inject-related-images/internal/image"
	"inject-related-images/internal/imageref"
	"inject-related-images/internal/imagetest"
	"inject-related-images/internal/locate"
	"inject-related-images/internal/skip"
)

// acme is an engine whose CSV knows quay.io/acme/a:1 of both kinds of registries, by other digests.
func acme(t *testing.T) engine.Engine {
	t.Helper()
	var entries []catalog.Entry
	for kind, digest := range map[string]string{"plugin": "a", "devfile": "b"} {
		ref, err := imageref.Parse("quay.io/acme/a@sha256:" + strings.Repeat(digest, 64))
		if err != nil {
			t.Fatal(err)
		}
		entries = append(entries, catalog.Decode(catalog.DefaultNames, "RELATED_IMAGE_a_"+kind+"_registry_image_GE______", ref))
	}
	return engine.Engine{Catalog: catalog.New(entries, ""), Scope: locate.NewScope(nil, nil, catalog.DefaultNames)}
}

const stale = "components: [{image: 'quay.io/acme/a:1'}]"

// look returns what is found in an image: the files with their statuses and the digit of their
// digest, without the address; then notes, counts and errors.
func look(t *testing.T, made mutate.Appendable, root string, globs ...string) string {
	t.Helper()
	a, _, err := image.ParseAddress(imagetest.Layout(t, made))
	if err != nil {
		t.Fatal(err)
	}
	var client image.Client
	report := files.RunImages(acme(t), &client, []image.Address{a}, files.Options{Root: root, Skip: skip.Globs(globs)})
	var got []string
	for _, found := range report.Findings {
		for _, f := range found {
			_, digest, _ := strings.Cut(f.Proposed, "sha256:")
			got = append(got, fmt.Sprintf("%s %s %.1s %s", strings.TrimPrefix(f.File, a.Text+"!/"), f.Status, digest, f.Message))
		}
	}
	for _, note := range report.Notes {
		got = append(got, "note "+strings.ReplaceAll(note, a.Text, "A"))
	}
	for _, glob := range report.Unmatched {
		got = append(got, "unmatched "+glob)
	}
	for _, err := range report.Errs {
		got = append(got, "error "+strings.ReplaceAll(err.Error(), a.Text, "A"))
	}
	got = append(got, report.Passed...)
	return strings.Join(got, "\n") + fmt.Sprintf("\n%d", report.Files)
}

func TestTheFilesOfAnImageAreThoseOfAFolder(t *testing.T) {
	for name, test := range map[string]struct {
		entries []string
		root    string
		globs   []string
		want    string
	}{
		"what folders read": {
			[]string{"v3/plugins/x/meta.yaml=" + stale, "devfiles/d.json=" + stale, "a.txt=" + stale, ".hidden/b.yaml=" + stale, ".c.yaml=" + strings.Replace(stale, "acme", "other", 1)},
			"", nil,
			".c.yaml uncovered  the CSV has no image of this repository\n" +
				"devfiles/d.json stale b \nv3/plugins/x/meta.yaml stale a \n1 hidden folder (.hidden)\n[3]",
		},
		"below a root": {
			[]string{"v3/plugins/a.yaml=" + stale, "devfiles/d.yaml=" + stale, "v3b/plugins/a.yaml=" + stale},
			"/v3/", nil, "v3/plugins/a.yaml stale a \n[1]",
		},
		"below a root that is hidden": {
			[]string{".v3/plugins-plugin-registry/a.yaml=" + stale, ".v3/.x/a.yaml=" + stale},
			".v3", nil, ".v3/plugins-plugin-registry/a.yaml stale a \n1 hidden folder (.x)\n[1]",
		},
		"below a root behind links": {
			[]string{"var/www->/srv/html", "srv/html->real", "srv/real/devfiles/a.yaml=" + stale, "srv/real/b.yaml->x"},
			"/var/www", nil, "srv/real/devfiles/a.yaml stale b \nnote A: symbolic links that were not followed: 1\n[1]",
		},
		"a root that leads in a circle": {[]string{"a->b", "b->/a", "c.yaml=" + stale}, "a", nil, "error A: the symbolic link a leads in a circle\n[-1]"},
		"a root that leads out":         {[]string{"a->../../b"}, "/a/c", nil, "error A: the symbolic link a leads out of the image\n[-1]"},
		"a root that is not there":      {[]string{"a.yaml=" + stale}, "/b", nil, "note A: it has no file below /b: check --root\n[0]"},
		"skipped": {
			[]string{"devfiles/a.yaml=" + stale, "devfiles/b.yaml=" + stale, "devfiles/x/c.yaml=" + stale},
			"",
			[]string{"b.yaml", "x/", "none"},
			"devfiles/a.yaml stale b \nunmatched none\n1 folder by --skip\n1 file by --skip\n[1]",
		},
		"what does not parse is told": {
			[]string{"a.yaml=image: [", "b.yaml={{ if x }}\nimage: y\n{{ end }}", "c.yaml=a: ["},
			"", nil,
			"note A!/a.yaml: line 1: did not find expected node content: it is passed over\n" +
				"note A!/b.yaml: it is passed over, since it has template actions ({{ in line 1): line 1: did not find expected <document start>\n" +
				"1 file with template actions\n[3]",
		},
		"below a root it is an error": {
			[]string{"v3/a.yaml=image: [", "b.yaml=image: ["},
			"v3", nil, "error A!/v3/a.yaml: line 1: did not find expected node content\n[1]",
		},
	} {
		got := look(t, imagetest.Image(t, imagetest.Layer(t, test.entries...)), test.root, test.globs...)
		if strings.TrimSpace(got) != strings.TrimSpace(test.want) {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, test.want)
		}
	}
}

func TestWhatPlatformsShareIsReportedOnce(t *testing.T) {
	same, other := "devfiles/same.yaml="+stale, "devfiles/other.yaml="+stale
	of := func(architecture string, entries ...string) v1.Image {
		return imagetest.For(t, imagetest.Image(t, imagetest.Layer(t, entries...)), architecture)
	}
	index := imagetest.Index(t, of("amd64", same, other), of("arm64", same, other+"\n"), of("s390x", same, other, "devfiles/more.yaml="+stale))
	const want = "devfiles/other.yaml stale b \ndevfiles/same.yaml stale b \n" +
		"devfiles/other.yaml stale b in the image for linux/arm64\n" +
		"devfiles/more.yaml stale b in the image for linux/s390x\n[3]"
	if got := look(t, index, ""); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestAttestationsAreLeftOutAndTold(t *testing.T) {
	made := imagetest.Image(t, imagetest.Layer(t, "devfiles/a.yaml="+stale))
	index := mutate.AppendManifests(imagetest.Index(t, imagetest.For(t, made, "amd64")), mutate.IndexAddendum{
		Add:        imagetest.Image(t, imagetest.Layer(t, "statement=x")),
		Descriptor: v1.Descriptor{Annotations: map[string]string{"vnd.docker.reference.type": "attestation-manifest"}},
	})
	from, _, err := image.ParseAddress(imagetest.Layout(t, index))
	if err != nil {
		t.Fatal(err)
	}
	to, _, err := image.ParseAddress("oci:" + t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	var client image.Client
	report, err := files.RespinImage(acme(t), &client, from, to, files.Options{})
	want := from.Text + ": attestations left out, since they are of the source's digest: 1"
	if err != nil || len(report.Errs) > 0 || !slices.Equal(report.Notes, []string{want}) {
		t.Errorf("got %v, %v, %q, want %q", err, report.Errs, report.Notes, want)
	}
}

// TestTheRegistryIsToldByTheImage has the repository's name where no folder tells.
func TestTheRegistryIsToldByTheImage(t *testing.T) {
	for address, want := range map[string]catalog.RegistryKind{
		"docker://quay.io/eclipse/che-plugin-registry:7.86!/var/www/html/x.yaml":             catalog.PluginRegistry,
		"docker://quay.io/eclipse/che-devfile-registry@sha256:0!/x.yaml":                     catalog.DevfileRegistry,
		"docker://quay.io/eclipse/che-dashboard:1!/public/dashboard/devfile-registry/x.json": catalog.DevfileRegistry,
		"docker://quay.io/eclipse/che-plugin-registry:7!/devfiles/x.yaml":                    catalog.DevfileRegistry,
		"docker://quay.io/eclipse/che-operator:7!/tmp/editors-definitions/x.yaml":            catalog.UnknownRegistry,
	} {
		if got := catalog.RegistryOf(address); got != want {
			t.Errorf("%s: got %q, want %q", address, got, want)
		}
	}
}

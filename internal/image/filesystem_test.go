package image_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"inject-related-images/internal/image"
	"inject-related-images/internal/imagetest"
)

var (
	layerOf = imagetest.Layer
	imageOf = imagetest.Image
)

// opened is an image that was opened somewhere.
func opened(t testing.TB, made v1.Image) image.Image {
	t.Helper()
	a, _, err := image.ParseAddress(imagetest.Layout(t, made))
	if err != nil {
		t.Fatal(err)
	}
	images, err := new(image.Client).Open(a)
	if err != nil {
		t.Fatal(err)
	}
	return images[0]
}

// read returns the files of an image that end with .yaml, as NAME=TEXT, and its symbolic links.
func read(made image.Image) (files, links []string, err error) {
	texts := map[string]string{}
	found, err := made.Read(image.Files{
		Wants: func(name string) bool { return strings.HasSuffix(name, ".yaml") },
		Read:  func(name, text string) { texts[name] = text },
		Large: func(name string, size int64) { texts[name] = fmt.Sprint("large: ", size) },
	})
	for _, name := range found.Names {
		files = append(files, name+"="+texts[name])
	}
	for _, name := range slices.Sorted(maps.Keys(found.Links)) {
		links = append(links, name+"->"+found.Links[name])
	}
	return files, links, err
}

func TestTheFilesAreThoseThatAContainerSees(t *testing.T) {
	for name, test := range map[string]struct {
		layers [][]string // the lowest first
		want   string
	}{
		"one layer":                           {[][]string{{"b.yaml=2", "a/x.yaml=1", "a/y.txt=no"}}, "a/x.yaml=1 b.yaml=2"},
		"as a walk through folders":           {[][]string{{"a-b/x.yaml=1", "a/x.yaml=2", "a.yaml=3"}}, "a/x.yaml=2 a-b/x.yaml=1 a.yaml=3"},
		"./ and / before names":               {[][]string{{"./a.yaml=1", "/b.yaml=2", "a/../c.yaml=3", "./"}}, "a.yaml=1 b.yaml=2 c.yaml=3"},
		"an upper file":                       {[][]string{{"a.yaml=1"}, {"a.yaml=2"}, {"b=x"}}, "a.yaml=2"},
		"a whiteout":                          {[][]string{{"a.yaml=1", "b.yaml=1"}, {".wh.a.yaml="}}, "b.yaml=1"},
		"a whiteout of a folder":              {[][]string{{"d/e/a.yaml=1", "dd/b.yaml=1"}, {".wh.d="}}, "dd/b.yaml=1"},
		"a whiteout is for lower layers":      {[][]string{{"a.yaml=1"}, {"a.yaml=2", ".wh.a.yaml="}}, "a.yaml=2"},
		"made again above a whiteout":         {[][]string{{"a.yaml=1"}, {".wh.a.yaml="}, {"a.yaml=3"}}, "a.yaml=3"},
		"a whiteout below what is made again": {[][]string{{"d/a.yaml=1", "d/b.yaml=1"}, {".wh.d="}, {"d/b.yaml=3"}}, "d/b.yaml=3"},
		"an opaque folder":                    {[][]string{{"d/a.yaml=1", "d/e/b.yaml=1", "c.yaml=1"}, {"d/c.yaml=2", "d/.wh..wh..opq="}}, "c.yaml=1 d/c.yaml=2"},
		"an opaque root":                      {[][]string{{"d/a.yaml=1", "c.yaml=1"}, {".wh..wh..opq=", "b.yaml=2"}}, "b.yaml=2"},
		"what aufs has for itself":            {[][]string{{"a.yaml=1"}, {".wh..wh.plnk=", ".wh..wh.aufs="}}, "a.yaml=1"},
		"a file in the place of a folder":     {[][]string{{"d/a.yaml=1"}, {"d=x"}}, ""},
		"a folder in the place of a file":     {[][]string{{"d.yaml=1"}, {"d.yaml/"}}, ""},
		"a folder that was a file between":    {[][]string{{"d/a.yaml=1"}, {"d=x"}, {"d/b.yaml=3"}}, "d/b.yaml=3"},
		"folders without entries":             {[][]string{{"d->/e", "e/a.yaml=1"}, {"d/b.yaml=2"}}, "d/b.yaml=2 e/a.yaml=1"},
		"folders are merged":                  {[][]string{{"d/", "d/a.yaml=1"}, {"d/", "d/b.yaml=2"}}, "d/a.yaml=1 d/b.yaml=2"},
		"the last of one name":                {[][]string{{"a.yaml=1", "a.yaml=2"}}, "a.yaml=2"},
		"a file, then a folder of one name":   {[][]string{{"a.yaml=1", "a.yaml/"}}, ""},
		"a folder, then a file of one name":   {[][]string{{"d/a.yaml=1", "d=x"}}, ""},
		"a link in the place of a folder":     {[][]string{{"d/a.yaml=1"}, {"d->/e"}}, ""},
		"a hard link":                         {[][]string{{"a.yaml=1", "b.yaml=>a.yaml"}}, "a.yaml=1 b.yaml=1"},
		"a hard link to what is not wanted":   {[][]string{{"a=1", "b.yaml=>a", "c.yaml=>/b.yaml"}}, "b.yaml=1 c.yaml=1"},
		"a hard link before its target":       {[][]string{{"b.yaml=>a", "a=1"}}, "b.yaml=1"},
		"a hard link to what is replaced":     {[][]string{{"a.yaml=1", "b.yaml=>a.yaml"}, {"a.yaml=2"}}, "a.yaml=2 b.yaml=1"},
		"and in its own layer":                {[][]string{{"a.yaml=1", "b.yaml=>a.yaml", "a.yaml=2"}}, "a.yaml=2 b.yaml=1"},
		"a hard link that is hidden":          {[][]string{{"a.yaml=1", "b.yaml=>none"}, {".wh.b.yaml="}}, "a.yaml=1"},
		"a hard link to a symbolic link":      {[][]string{{"a.yaml=1", "s->a.yaml", "b.yaml=>s"}}, "a.yaml=1, b.yaml->a.yaml s->a.yaml"},
		"a symbolic link":                     {[][]string{{"a.yaml=1", "b.yaml->a.yaml", "c->d"}, {".wh.c="}}, "a.yaml=1, b.yaml->a.yaml"},
	} {
		var layers []v1.Layer
		for _, entries := range test.layers {
			layers = append(layers, layerOf(t, entries...))
		}
		files, links, err := read(opened(t, imageOf(t, layers...)))
		got := strings.Join(files, " ")
		if test.want == got && len(links) > 0 && !strings.Contains(test.want, "->") {
			links = nil
		}
		if len(links) > 0 {
			got += ", " + strings.Join(links, " ")
		}
		if err != nil || got != test.want {
			t.Errorf("%s: got %q, %v, want %q", name, got, err, test.want)
		}
	}
}

func TestALayerThatIsDamagedIsAnError(t *testing.T) {
	for name, test := range map[string]struct {
		entries []string
		want    string
	}{
		"a name that climbs out":      {[]string{"a/../../b.yaml=1"}, `layer 1 of 1: the entry "a/../../b.yaml" leads out of the image`},
		"a hard link that leads out":  {[]string{"b.yaml=>../../etc/passwd"}, `layer 1 of 1: the hard link b.yaml: its target "../../etc/passwd" leads out of the image`},
		"a hard link to nothing":      {[]string{"b.yaml=>a"}, "layer 1 of 1: the hard link b.yaml: its target a is not in its layer"},
		"a hard link to a folder":     {[]string{"a/", "b.yaml=>a"}, "layer 1 of 1: the hard link b.yaml: its target a is no file"},
		"hard links in a circle":      {[]string{"a=>b.yaml", "b.yaml=>a"}, "layer 1 of 1: the hard link b.yaml leads in a circle"},
		"a hard link to itself":       {[]string{"b.yaml=>b.yaml"}, "layer 1 of 1: the hard link b.yaml leads in a circle"},
		"a file below a file":         {[]string{"d=x", "d/e/a.yaml=1"}, "layer 1 of 1: the entry d/e/a.yaml is below a file that is no folder"},
		"a file below a link":         {[]string{"d->e", "d/a.yaml=1"}, "layer 1 of 1: the entry d/a.yaml is below a file that is no folder"},
		"a whiteout of nothing":       {[]string{"d/.wh.="}, "layer 1 of 1: the whiteout d/.wh. names nothing that it could hide"},
		"a whiteout of the folder":    {[]string{"d/.wh..="}, "layer 1 of 1: the whiteout d/.wh.. names nothing"},
		"a whiteout of what is above": {[]string{"d/.wh...="}, "layer 1 of 1: the whiteout d/.wh... names nothing"},
	} {
		if _, _, err := read(opened(t, imageOf(t, layerOf(t, test.entries...)))); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got error %v, want %s", name, err, test.want)
		}
	}
}

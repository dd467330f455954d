package internal_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "inject-related-images/"

// fastyaml and syntax are the insides of yamltext: nothing else may import them.
const (
	fastyaml = "internal/yamltext/internal/fastyaml"
	syntax   = "internal/yamltext/internal/syntax"
)

// layers are all packages, and what each may import of ours: the flow goes one way, from text and CSV to findings and text.
var layers = map[string][]string{
	"internal/access":          {},
	"internal/imageref":        {},
	"internal/yamltext":        {fastyaml, syntax},
	fastyaml:                   {syntax},
	syntax:                     {},
	"internal/parallel":        {},
	"internal/replace":         {},
	"internal/quote":           {},
	"internal/sidefile":        {},
	"internal/skip":            {},
	"internal/yamlgen":         {}, // for tests
	"internal/catalog":         {"internal/imageref"},
	"internal/olm":             {"internal/catalog", "internal/imageref", "internal/quote", "internal/yamltext"}, // yamltext: comments and lines are in no type
	"internal/source":          {"internal/access", "internal/catalog", "internal/image", "internal/imageref", "internal/olm", "internal/parallel", "internal/quote", "internal/replace", "internal/yamltext"},
	"internal/image":           {},
	"internal/imagetest":       {}, // for tests
	"internal/locate":          {"internal/imageref", "internal/yamltext"},
	"internal/engine":          {"internal/catalog", "internal/imageref", "internal/locate", "internal/yamltext"},
	"internal/policy":          {"internal/engine"},
	"internal/config":          {"internal/catalog", "internal/engine", "internal/imageref", "internal/locate", "internal/olm", "internal/policy", "internal/skip", "internal/yamltext"},
	"internal/report":          {"internal/catalog", "internal/engine", "internal/policy", "internal/quote"}, // catalog: the command of that name prints it
	"internal/krm":             {"internal/catalog", "internal/config", "internal/engine", "internal/locate", "internal/olm", "internal/parallel", "internal/policy", "internal/quote", "internal/report", "internal/yamltext"},
	"internal/files":           {"internal/access", "internal/catalog", "internal/engine", "internal/image", "internal/locate", "internal/parallel", "internal/policy", "internal/quote", "internal/replace", "internal/skip", "internal/yamltext"},
	"internal/stream":          {"internal/engine", "internal/policy", "internal/yamltext"},
	"fn":                       {"internal/access", "internal/catalog", "internal/config", "internal/engine", "internal/files", "internal/image", "internal/krm", "internal/locate", "internal/olm", "internal/policy", "internal/quote", "internal/report", "internal/sidefile", "internal/source", "internal/stream", "internal/yamltext"},
	"fn/inject-related-images": {"fn", "internal/quote"},
	"internal/dist":            {}, // makes releases of what was built

	"examples/respin-image/server": {}, // what the image of that example runs
}

// alone are heavy dependencies, each of which may be imported by one package of the program only, and its insides.
var alone = map[string]string{
	"github.com/operator-framework/api/":      "internal/olm",
	"github.com/distribution/reference":       "internal/imageref",
	"github.com/google/go-containerregistry/": "internal/image",
	"github.com/CycloneDX/":                   "internal/dist",
	"go.yaml.in/yaml/":                        "internal/yamltext",
	"github.com/spf13/cobra":                  "fn/inject-related-images",
	"github.com/jedib0t/go-pretty/":           "internal/report",
	"github.com/git-pkgs/gitignore":           "internal/skip",
}

// TestImportsFollowTheLayers parses the sources itself: go vet's answers may come from a cache.
func TestImportsFollowTheLayers(t *testing.T) {
	top := os.DirFS("..")
	seen := map[string]bool{}
	err := fs.WalkDir(top, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (entry.Name() == "testdata" || entry.Name() != "." && strings.HasPrefix(entry.Name(), ".")) {
			return fs.SkipDir
		}
		if path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		dir := path.Dir(name)
		seen[dir] = true
		allowed, known := layers[dir]
		if !known {
			t.Errorf("package %s is in no layer", dir)
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", name), nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if ours, ok := strings.CutPrefix(imported, module); ok && !slices.Contains(allowed, ours) {
				t.Errorf("%s imports %s: %s may import %v", name, ours, dir, allowed)
			}
			for prefix, only := range alone {
				if strings.HasPrefix(imported, prefix) && dir != only && dir != "internal/dist" && dir != "internal/imagetest" && !strings.HasPrefix(dir, only+"/internal/") {
					t.Errorf("%s imports %s, which only %s may", name, imported, only)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for dir := range layers {
		if !seen[dir] {
			t.Errorf("layer %s has no package", dir)
		}
	}
}

package fn_test

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// parseFiles parses the files of this package whose names match, or do not match, *_test.go.
func parseFiles(t *testing.T, tests bool) []*ast.File {
	t.Helper()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") != tests {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	return files
}

// identifier is what the package exports.
type identifier struct {
	name     string // Options, Options.Arch, Options.With
	doc      string // the comment above or beside it
	callable bool
	types    []ast.Expr // those that a caller has to know
}

func (id *identifier) comment(groups ...*ast.CommentGroup) {
	for _, g := range groups {
		id.doc += g.Text()
	}
}

// exported returns what the package exports: functions, methods, types, their fields, constants and
// variables.
func exported(t *testing.T) []identifier {
	var all []identifier
	for _, file := range parseFiles(t, false) {
		for _, decl := range file.Decls {
			switch decl := decl.(type) {
			case *ast.FuncDecl:
				all = append(all, function(decl)...)
			case *ast.GenDecl:
				for _, spec := range decl.Specs {
					switch spec := spec.(type) {
					case *ast.ValueSpec:
						all = append(all, identifiers("", spec.Names, spec.Type, spec.Doc, spec.Comment)...)
					case *ast.TypeSpec:
						names := []*ast.Ident{spec.Name}
						if len(decl.Specs) == 1 && spec.Doc == nil {
							spec.Doc = decl.Doc
						}
						all = append(all, identifiers("", names, nil, spec.Doc, spec.Comment)...)
						if s, ok := spec.Type.(*ast.StructType); ok && spec.Name.IsExported() {
							for _, f := range s.Fields.List {
								all = append(all, identifiers(spec.Name.Name+".", f.Names, f.Type, f.Doc, f.Comment)...)
							}
						}
					}
				}
			}
		}
	}
	return all
}

// function returns a function or method if it is exported.
func function(decl *ast.FuncDecl) []identifier {
	id := identifier{name: decl.Name.Name, callable: true}
	if decl.Recv != nil {
		receiver := decl.Recv.List[0].Type
		if pointer, ok := receiver.(*ast.StarExpr); ok {
			receiver = pointer.X
		}
		name := receiver.(*ast.Ident)
		if !name.IsExported() {
			return nil
		}
		id.name = name.Name + "." + id.name
	}
	if !decl.Name.IsExported() {
		return nil
	}
	id.comment(decl.Doc)
	for _, fields := range []*ast.FieldList{decl.Type.Params, decl.Type.Results} {
		if fields != nil {
			for _, f := range fields.List {
				id.types = append(id.types, f.Type)
			}
		}
	}
	return []identifier{id}
}

// identifiers returns those of the names that are exported.
func identifiers(prefix string, names []*ast.Ident, of ast.Expr, comments ...*ast.CommentGroup) []identifier {
	var all []identifier
	for _, name := range names {
		if !name.IsExported() {
			continue
		}
		id := identifier{name: prefix + name.Name}
		id.comment(comments...)
		if of != nil {
			id.types = append(id.types, of)
		}
		all = append(all, id)
	}
	return all
}

func TestEverythingThatIsExportedIsDocumented(t *testing.T) {
	all := exported(t)
	if len(all) < 50 {
		t.Fatalf("found %d exported identifiers, want all", len(all))
	}
	for _, id := range all {
		if id.doc == "" {
			t.Errorf("%s has no comment", id.name)
		}
	}
}

func TestEveryFunctionHasAnExampleThatIsRun(t *testing.T) {
	run := map[string]bool{}
	for _, example := range doc.Examples(parseFiles(t, true)...) {
		run[example.Name] = example.Output != ""
	}
	for _, id := range exported(t) {
		if name := strings.ReplaceAll(id.name, ".", "_"); id.callable && !run[name] {
			t.Errorf("%s: Example%s is missing, or has no output and is not run", id.name, name)
		}
	}
}

// A caller cannot name the types of internal packages. Aliases of them are types of this package.
func TestNoSignatureNeedsAnInternalPackage(t *testing.T) {
	internal := map[string]bool{}
	for _, file := range parseFiles(t, false) {
		for _, spec := range file.Imports {
			if path := strings.Trim(spec.Path.Value, `"`); strings.Contains(path, "/internal/") {
				internal[path[strings.LastIndex(path, "/")+1:]] = true
			}
		}
	}
	if len(internal) == 0 {
		t.Fatal("found no import of an internal package")
	}
	for _, id := range exported(t) {
		for _, of := range id.types {
			ast.Inspect(of, func(n ast.Node) bool {
				if selector, ok := n.(*ast.SelectorExpr); ok {
					if name, ok := selector.X.(*ast.Ident); ok && internal[name.Name] {
						t.Errorf("%s is of type %s.%s, which callers cannot name", id.name, name, selector.Sel)
					}
				}
				return true
			})
		}
	}
}

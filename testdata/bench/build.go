package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// program is the name of what is measured; the others are the references.
const program = "inject-related-images"

var references = []string{"copy", "export", "hello", "images", "kyaml", "nodes", "read"}

// build builds the program and the references, stripped and static as the program is released, and
// returns their files by name.
func build(o options) (map[string]string, error) {
	bin, err := filepath.Abs(filepath.Join(o.dir, "bin"))
	if err != nil {
		return nil, err
	}
	files := map[string]string{}
	for _, name := range references {
		files[name] = filepath.Join(bin, name)
	}
	if err := compile(".", bin, "./reference/..."); err != nil {
		return nil, err
	}
	if o.program != "" {
		files[program], err = filepath.Abs(o.program)
		return files, err
	}
	// In its own module: this one chooses other versions of what both depend on.
	module, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", program).Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w: run it in testdata/bench, as make bench does", err)
	}
	files[program] = filepath.Join(bin, program)
	return files, compile(strings.TrimSpace(string(module)), bin, "./fn/inject-related-images")
}

func compile(module, bin, packages string) error {
	command := exec.Command("go", "build", "-C", module, "-trimpath", "-ldflags=-s -w", "-o", bin+string(filepath.Separator), packages)
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", command, err, output)
	}
	return nil
}

package main

import (
	"bytes"
	"debug/buildinfo"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// unversioned is the version of a program that was built without git's history.
const unversioned = "(devel)"

// program is a file that Go has built.
type program struct {
	file string
	data []byte
	info *buildinfo.BuildInfo
}

func (p program) version() string  { return p.info.Main.Version }
func (p program) platform() string { return p.setting("GOOS") + "/" + p.setting("GOARCH") }

// created is when the commit was made that the program was built from; where that is not known,
// 1970.
func (p program) created() (created time.Time, known bool) {
	created, err := time.Parse(time.RFC3339, p.setting("vcs.time"))
	if err != nil {
		return time.Unix(0, 0).UTC(), false
	}
	return created, true
}

func (p program) setting(key string) string {
	for _, s := range p.info.Settings {
		if s.Key == key {
			return s.Value
		}
	}
	return ""
}

// readPrograms reads the programs of one release: one for each platform, in one folder, of one
// version, and static, since an image has no libraries.
func readPrograms(files []string) ([]program, error) {
	var programs []program
	for _, file := range files {
		p, err := readProgram(file)
		if err != nil {
			return nil, err
		}
		for _, other := range programs {
			switch {
			case p.platform() == other.platform():
				return nil, fmt.Errorf(
					"%s and %s are both for %s: give one program for each platform",
					other.file,
					p.file,
					p.platform(),
				)
			case filepath.Dir(p.file) != filepath.Dir(other.file):
				return nil, fmt.Errorf(
					"%s and %s lie in different folders: put them in one, where the release is written to",
					other.file,
					p.file,
				)
			case p.version() != other.version() || p.setting("vcs.revision") != other.setting("vcs.revision"):
				return nil, fmt.Errorf(
					"%s has version %s and %s has %s: build them anew, from one commit",
					other.file,
					other.version(),
					p.file,
					p.version(),
				)
			}
		}
		programs = append(programs, p)
	}
	return programs, nil
}

func readProgram(file string) (program, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return program{}, err
	}
	info, err := buildinfo.Read(bytes.NewReader(data))
	if err != nil {
		return program{}, fmt.Errorf("%s: %w: give a program that go build has written", file, err)
	}
	p := program{file: file, data: data, info: info}
	if p.setting("CGO_ENABLED") != "0" {
		return program{}, fmt.Errorf("%s may need libraries: build it with CGO_ENABLED=0", file)
	}
	return p, nil
}

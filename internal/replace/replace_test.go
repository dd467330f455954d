package replace

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// scene is a folder with a file that was read.
type scene struct {
	*testing.T
	dir    string
	folder *os.Root
	read   Version
}

const file = "file.yaml"

func newScene(t *testing.T) scene {
	s := scene{T: t, dir: t.TempDir()}
	s.write(file, "old")
	var err error
	if s.folder, err = os.OpenRoot(s.dir); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.folder.Close() })
	if s.read, err = look(s.folder, file); err != nil {
		t.Fatal(err)
	}
	return s
}

// write has another process rename a new file over the one with that name.
func (s scene) write(name, text string) {
	s.Helper()
	temporary := filepath.Join(s.dir, "temporary")
	s.check(os.WriteFile(temporary, []byte(text), 0o640))
	s.check(os.Rename(temporary, filepath.Join(s.dir, name)))
}

// writeInto has another process write into the file.
func (s scene) writeInto(text string) {
	s.Helper()
	s.check(os.WriteFile(filepath.Join(s.dir, file), []byte(text), 0o640))
}

func (s scene) remove() {
	s.Helper()
	s.check(os.Remove(filepath.Join(s.dir, file)))
}

func (s scene) check(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// holds checks what the file holds, "" if it must not be there, and what else is in the folder.
func (s scene) holds(text string, others ...string) {
	s.Helper()
	got, err := os.ReadFile(filepath.Join(s.dir, file))
	if string(got) != text || err != nil && text != "" {
		s.Errorf("the file holds %q, %v, want %q", got, err, text)
	}
	entries, err := os.ReadDir(s.dir)
	s.check(err)
	var names []string
	for _, e := range entries {
		if e.Name() != file {
			names = append(names, e.Name())
		}
	}
	if strings.Join(names, " ") != strings.Join(others, " ") {
		s.Errorf("the folder also holds %q, want %q", names, others)
	}
}

// written returns an exchange that is about to happen.
func (s scene) written() (exchange, Version) {
	s.Helper()
	stage, err := newStage(s.Context(), s.folder)
	s.check(err)
	old, _, err := OpenRegular(s.folder, file)
	s.check(err)
	s.Cleanup(func() { old.Close() })
	unfinished, info, err := stage.write(file, "new", old, true)
	s.check(err)
	e := exchange{stage: stage, target: file, entry: entryOf(unfinished, "old", "new"), old: old, read: s.read}
	s.check(stage.Rename(unfinished, e.entry))
	return e, Version{info, "new"}
}

// TestWhatOthersWriteIsNotReplaced changes the file at each moment before it is exchanged.
func TestWhatOthersWriteIsNotReplaced(t *testing.T) {
	changes := map[string]struct {
		change func(scene)
		want   string
	}{
		"another file":              {func(s scene) { s.write(file, "theirs") }, "theirs"},
		"written into":              {func(s scene) { s.writeInto("theirs") }, "theirs"},
		"written into, as long":     {func(s scene) { s.writeInto("OLD") }, "OLD"},
		"removed":                   {scene.remove, ""},
		"another mode":              {func(s scene) { s.check(os.Chmod(filepath.Join(s.dir, file), 0o600)) }, "old"},
		"written into, with a date": {func(s scene) { s.writeInto("OLD"); s.keepTime() }, "OLD"},
	}
	for name, test := range changes {
		t.Run("before writing: "+name, func(t *testing.T) {
			s := newScene(t)
			test.change(s)
			var w Writer
			if err := w.Replace(s.Context(), s.folder, file, "new", s.read); !errors.Is(err, ErrChanged) {
				t.Errorf("got %v, want ErrChanged", err)
			}
			s.holds(test.want)
		})
		t.Run("before exchanging: "+name, func(t *testing.T) {
			s := newScene(t)
			e, written := s.written()
			test.change(s)
			if err := e.replace(written); !errors.Is(err, ErrChanged) {
				t.Errorf("got %v, want ErrChanged", err)
			}
			e.close()
			s.holds(test.want)
		})
		t.Run("after comparing: "+name, func(t *testing.T) {
			s := newScene(t)
			e, written := s.written()
			test.change(s)
			switch err := e.swap(); {
			case errors.Is(err, errors.ErrUnsupported):
				t.Skipf("%s cannot exchange files", t.TempDir())
			case err == nil:
				if err := e.checkRead(e.Root, e.entry); !errors.Is(err, ErrChanged) {
					t.Errorf("got %v, want ErrChanged", err)
				}
				if err := e.giveBack(written, ErrChanged); !errors.Is(err, ErrChanged) {
					t.Errorf("got %v, want ErrChanged", err)
				}
			case test.want != "":
				t.Error(err)
			}
			e.close()
			s.holds(test.want)
		})
		t.Run("where files cannot be exchanged: "+name, func(t *testing.T) {
			s := newScene(t)
			e, _ := s.written()
			test.change(s)
			if err := e.compareAndRename(); !errors.Is(err, ErrChanged) {
				t.Errorf("got %v, want ErrChanged", err)
			}
			e.close()
			s.holds(test.want)
		})
	}
}

// keepTime gives the file the time that it had when it was read.
func (s scene) keepTime() {
	s.check(os.Chtimes(filepath.Join(s.dir, file), s.read.Info.ModTime(), s.read.Info.ModTime()))
}

// TestWhatOthersWriteMeanwhileIsGivenBack changes the file once more, between the exchanges.
func TestWhatOthersWriteMeanwhileIsGivenBack(t *testing.T) {
	stage := stagePrefix + uid()
	for name, test := range map[string]struct {
		change func(scene)
		want   string
		kept   string
	}{
		"nothing":      {func(scene) {}, "theirs", ""},
		"another file": {func(s scene) { s.write(file, "newer") }, "newer", ""},
		"removed":      {scene.remove, "", ""},
		"written into": {func(s scene) { s.writeInto("newer") }, "theirs", "newer"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			e, written := s.written()
			s.write(file, "theirs")
			if err := e.swap(); errors.Is(err, errors.ErrUnsupported) {
				t.Skipf("%s cannot exchange files", s.dir)
			}
			test.change(s)
			err := e.giveBack(written, ErrChanged)
			if !errors.Is(err, ErrChanged) {
				t.Errorf("got %v, want ErrChanged", err)
			}
			e.close()
			if test.kept == "" {
				s.holds(test.want)
				return
			}
			s.holds(test.want, stage)
			path := filepath.Join(s.dir, stage, e.entry)
			if text, _ := os.ReadFile(path); string(text) != test.kept || !strings.Contains(err.Error(), path) {
				t.Errorf("%s holds %q, want %q; the error is %v", path, text, test.kept, err)
			}
			for range 2 { // later runs leave it alone, and say so
				if err := Sweep(s.folder, stage); err == nil || !strings.Contains(err.Error(), path) {
					t.Errorf("Sweep says %v, want it to name %s", err, path)
				}
				if s.read, err = look(s.folder, file); err != nil {
					t.Fatal(err)
				}
				if err := new(Writer).Replace(s.Context(), s.folder, file, "new", s.read); err == nil || !strings.Contains(err.Error(), path) {
					t.Errorf("Replace says %v, want it to name %s", err, path)
				}
			}
			s.holds(test.want, stage)
		})
	}
}

// TestWhatCannotBeExchangedBackIsRenamed has the exchange back fail.
func TestWhatCannotBeExchangedBackIsRenamed(t *testing.T) {
	for name, test := range map[string]struct {
		change func(scene)
		want   string
		kept   bool
	}{
		"nothing":      {func(scene) {}, "theirs", false},
		"another file": {func(s scene) { s.write(file, "newer") }, "newer", true},
	} {
		s := newScene(t)
		e, written := s.written()
		s.write(file, "theirs")
		if err := e.swap(); errors.Is(err, errors.ErrUnsupported) {
			t.Skipf("%s cannot exchange files", s.dir)
		}
		test.change(s)
		s.check(e.directory.Close())
		if err := e.giveBack(written, ErrChanged); !errors.Is(err, ErrChanged) || strings.Contains(err.Error(), e.entry) != test.kept {
			t.Errorf("%s: got %v, want it to be ErrChanged, and to name what is kept: %t", name, err, test.kept)
		}
		e.close()
		if !test.kept {
			s.holds(test.want)
			continue
		}
		s.holds(test.want, e.name)
		if text, err := os.ReadFile(filepath.Join(s.dir, e.name, e.entry)); string(text) != "theirs" {
			t.Errorf("%s: it keeps %q, %v, want theirs", name, text, err)
		}
	}
}

// TestAFileMayGetAnotherNumber moves the file as an overlay does, which copies it then.
func TestAFileMayGetAnotherNumber(t *testing.T) {
	s := newScene(t)
	e, _ := s.written()
	if err := e.swap(); errors.Is(err, errors.ErrUnsupported) {
		t.Skipf("%s cannot exchange files", s.dir)
	}
	s.check(os.Remove(filepath.Join(s.dir, e.name, e.entry)))
	s.write(filepath.Join(e.name, e.entry), "old")
	s.check(e.checkRead(e.Root, e.entry))
	s.write(filepath.Join(e.name, e.entry), "OLD")
	if err := e.checkRead(e.Root, e.entry); !errors.Is(err, ErrChanged) {
		t.Errorf("got %v, want ErrChanged", err)
	}
	s.check(os.Remove(filepath.Join(s.dir, e.name, e.entry)))
}

func TestARunWaitsForAnother(t *testing.T) {
	s := newScene(t)
	e, _ := s.written()
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(io.EOF)
	if err := new(Writer).Replace(ctx, s.folder, file, "new", s.read); !errors.Is(err, io.EOF) {
		t.Errorf("got %v, want the cause that the context ended", err)
	}
	s.holds("old", e.name)
	time.AfterFunc(10*time.Millisecond, e.close)
	s.check(new(Writer).Replace(t.Context(), s.folder, file, "new", s.read))
	s.holds("new")
}

func TestAFileThatIsOpenForWritingIsLeftAlone(t *testing.T) {
	s := newScene(t)
	editor, err := os.OpenFile(filepath.Join(s.dir, file), os.O_WRONLY|os.O_APPEND, 0)
	s.check(err)
	if !isOpenForWriting(editor) {
		t.Skipf("whether a file in %s is open for writing cannot be told here", s.dir)
	}
	var w Writer
	if err := w.Replace(s.Context(), s.folder, file, "new", s.read); !errors.Is(err, ErrOpen) {
		t.Errorf("got %v, want ErrOpen", err)
	}
	_, err = editor.WriteString(" and theirs")
	s.check(errors.Join(err, editor.Close()))
	s.holds("old and theirs")
	if s.read, err = look(s.folder, file); err != nil {
		t.Fatal(err)
	}
	s.check(w.Replace(s.Context(), s.folder, file, "new", s.read))
	s.holds("new")
}

// TestWhatKilledProcessesLeaveIsRemoved leaves a stage as it is at each step.
func TestWhatKilledProcessesLeaveIsRemoved(t *testing.T) {
	for name, step := range map[string]func(scene, exchange){
		"an empty stage":    func(_ scene, e exchange) { _ = e.Remove(e.entry) },
		"a half-written":    func(_ scene, e exchange) { _ = e.Rename(e.entry, sum(file)) },
		"a finished one":    func(scene, exchange) {},
		"an exchanged one":  func(_ scene, e exchange) { _ = e.swap() },
		"a stage and links": func(s scene, e exchange) { s.check(os.Symlink("../"+file, filepath.Join(s.dir, e.name, "link"))) },
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			e, _ := s.written()
			step(s, e)
			text, err := os.ReadFile(filepath.Join(s.dir, file))
			s.check(err)
			s.check(Sweep(s.folder, e.name)) // it is locked
			s.holds(string(text), e.name)
			e.unlock()
			names, err := Stages(s.folder)
			if err != nil || len(names) != 1 || names[0] != e.name {
				t.Errorf("Stages says %q, %v, want %q", names, err, e.name)
			}
			s.check(Sweep(s.folder, e.name))
			s.holds(string(text))
		})
	}
}

func TestAStageThatIsNoFolderIsInTheWay(t *testing.T) {
	s := newScene(t)
	elsewhere := t.TempDir()
	stage := filepath.Join(s.dir, stagePrefix+uid())
	s.check(os.Symlink(elsewhere, stage))
	err := new(Writer).Replace(s.Context(), s.folder, file, "new", s.read)
	if err == nil || !strings.Contains(err.Error(), stage+" is in the way") {
		t.Errorf("got %v, want it to name %s", err, stage)
	}
	s.check(Sweep(s.folder, filepath.Base(stage)))
	s.holds("old", filepath.Base(stage))
	if entries, err := os.ReadDir(elsewhere); err != nil || len(entries) > 0 {
		t.Errorf("the link was followed: %v, %v", entries, err)
	}
}

func TestNamesMayBeAsLongAsTheFileSystemHasThem(t *testing.T) {
	s := newScene(t)
	long := strings.Repeat("n", 250) + ".yaml"
	s.write(long, "old")
	var err error
	if s.read, err = look(s.folder, long); err != nil {
		t.Fatal(err)
	}
	s.check(new(Writer).Replace(s.Context(), s.folder, long, "new", s.read))
	text, err := os.ReadFile(filepath.Join(s.dir, long))
	if string(text) != "new" || err != nil {
		t.Errorf("the file holds %q, %v", text, err)
	}
}

// acl is an access control list as the kernel has it: tags, permissions and numbers of users.
func acl(entries ...[3]uint32) []byte {
	list := binary.LittleEndian.AppendUint32(nil, 2)
	for _, e := range entries {
		list = binary.LittleEndian.AppendUint16(list, uint16(e[0]))
		list = binary.LittleEndian.AppendUint16(list, uint16(e[1]))
		list = binary.LittleEndian.AppendUint32(list, e[2])
	}
	return list
}

const none = 0xffffffff

// another user may read, the group may not: its bits in the mode are those of the mask.
var theirs = acl([3]uint32{1, 6, none}, [3]uint32{2, 4, 12345}, [3]uint32{4, 0, none}, [3]uint32{16, 4, none}, [3]uint32{32, 0, none})

// attribute sets an extended attribute, or skips the test where the file system has none.
func (s scene) attribute(path, name string, value []byte) {
	s.Helper()
	err := unix.Setxattr(path, name, value, 0)
	if errors.Is(err, errors.ErrUnsupported) {
		s.Skipf("the file system of %s has no attribute %s", s.dir, name)
	}
	s.check(err)
}

func (s scene) hasAttribute(name, want string) {
	s.Helper()
	buffer := make([]byte, 1024)
	n, err := unix.Getxattr(filepath.Join(s.dir, file), name, buffer)
	if got := string(buffer[:max(n, 0)]); got != want {
		s.Errorf("%s is %q, %v, want %q", name, got, err, want)
	}
}

func TestAttributesAndAccessAreKept(t *testing.T) {
	for name, replace := range map[string]func(scene) error{
		"replaced": func(s scene) error { return new(Writer).Replace(s.Context(), s.folder, file, "new", s.read) },
		"copied": func(s scene) error {
			like, _, err := OpenRegular(s.folder, file)
			s.check(err)
			defer like.Close()
			return new(Writer).Copy(s.Context(), s.folder, file, "new", like)
		},
	} {
		t.Run(name+": attributes", func(t *testing.T) {
			s := newScene(t)
			path := filepath.Join(s.dir, file)
			s.attribute(path, "user.origin", []byte("https://example.com"))
			s.attribute(path, "user.empty", nil)
			s.check(replace(s))
			s.hasAttribute("user.origin", "https://example.com")
			s.hasAttribute("user.empty", "")
			s.holds("new")
		})
		t.Run(name+": a list of its own", func(t *testing.T) {
			s := newScene(t)
			s.attribute(filepath.Join(s.dir, file), accessList, theirs)
			s.read, _ = look(s.folder, file)
			s.check(replace(s))
			s.hasAttribute(accessList, string(theirs))
		})
		t.Run(name+": none from the folder", func(t *testing.T) {
			s := newScene(t)
			s.attribute(s.dir, "system.posix_acl_default", theirs)
			s.check(replace(s))
			s.hasAttribute(accessList, "")
			if info, err := os.Stat(filepath.Join(s.dir, file)); err != nil || info.Mode() != 0o640 {
				t.Errorf("the mode is %v, %v, want -rw-r-----", info.Mode(), err)
			}
		})
		t.Run(name+": a mode that umask forbids", func(t *testing.T) {
			s := newScene(t)
			path := filepath.Join(s.dir, file)
			s.check(os.Chmod(path, 0o667|os.ModeSetuid))
			s.read, _ = look(s.folder, file)
			s.check(replace(s))
			if info, err := os.Stat(path); err != nil || info.Mode() != 0o667|os.ModeSetuid {
				t.Errorf("the mode is %v, %v, want urw-rw-rwx", info.Mode(), err)
			}
		})
	}
}

func uid() string { return strconv.Itoa(os.Geteuid()) }

// TestOneOfTwoWritersReplacesAFile has two writers, as two processes have them, replace the same
// files at once.
func TestOneOfTwoWritersReplacesAFile(t *testing.T) {
	s := newScene(t)
	const files = 40
	var read [files]Version
	for i := range files {
		name := strconv.Itoa(i)
		s.write(name, "old")
		var err error
		read[i], err = look(s.folder, name)
		s.check(err)
	}
	var replaced [2][files]error
	var all sync.WaitGroup
	for w := range replaced {
		var writer Writer
		for i := range files {
			all.Go(func() {
				replaced[w][i] = writer.Replace(t.Context(), s.folder, strconv.Itoa(i), "new "+strconv.Itoa(w), read[i])
			})
		}
	}
	all.Wait()
	for i := range files {
		by := slices.IndexFunc(replaced[:], func(errs [files]error) bool { return errs[i] == nil })
		if by < 0 || !errors.Is(replaced[1-by][i], ErrChanged) {
			t.Fatalf("file %d: got %v and %v, want nil and ErrChanged", i, replaced[0][i], replaced[1][i])
		}
		text, err := os.ReadFile(filepath.Join(s.dir, strconv.Itoa(i)))
		if want := "new " + strconv.Itoa(by); string(text) != want || err != nil {
			t.Errorf("file %d holds %q, %v, want %q", i, text, err, want)
		}
		s.check(os.Remove(filepath.Join(s.dir, strconv.Itoa(i))))
	}
	s.holds("old")
}

package replace

import (
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// accessList is the attribute that holds an access control list of POSIX on Linux.
const accessList = "system.posix_acl_access"

// keepAttributes gives a new file the owner, the mode, the access control list and the extended
// attributes of the file like. A copy, of which not all is to be kept, may lose the owner and
// attributes, but no access control list: others could read it then.
func keepAttributes(f, like *os.File, all bool) error {
	info, err := like.Stat()
	if err != nil {
		return err
	}
	if err := keepOwner(f, info); err != nil && all {
		return err
	}
	if err := keepExtended(f, like, all); err != nil {
		return err
	}
	const special = fs.ModeSetuid | fs.ModeSetgid | fs.ModeSticky
	return f.Chmod(info.Mode() & (fs.ModePerm | special)) // last: a new owner takes set-user-ID away
}

func keepOwner(f *os.File, like fs.FileInfo) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	is, ok1 := info.Sys().(*syscall.Stat_t)
	want, ok2 := like.Sys().(*syscall.Stat_t)
	if !ok1 || !ok2 || is.Uid == want.Uid && is.Gid == want.Gid {
		return nil
	}
	return f.Chown(int(want.Uid), int(want.Gid))
}

// keepExtended keeps extended attributes, of which an access control list is one. A new file may
// have got a list from its folder, which it loses.
func keepExtended(f, like *os.File, all bool) error {
	wanted, err := extended(like)
	if err != nil {
		return err
	}
	for _, name := range wanted {
		if err := copyExtended(f, like, name); err != nil && (name == accessList || all && !isSystems(name)) {
			return &fs.PathError{Op: "keep the attribute " + name + " of", Path: like.Name(), Err: err}
		}
	}
	has, err := extended(f)
	if err != nil || slices.Contains(wanted, accessList) || !slices.Contains(has, accessList) {
		return err
	}
	return unix.Fremovexattr(int(f.Fd()), accessList)
}

// isSystems tells whether an attribute is one of the system itself, labels and the like, which may
// refuse to have it copied.
func isSystems(name string) bool {
	return strings.HasPrefix(name, "security.") || strings.HasPrefix(name, "trusted.")
}

// extended returns the names of a file's extended attributes that can be copied: all but what seals
// the content, which is another one in the new file.
func extended(f *os.File) ([]string, error) {
	list, err := grown(func(buffer []byte) (int, error) { return unix.Flistxattr(int(f.Fd()), buffer) })
	if errors.Is(err, errors.ErrUnsupported) {
		return nil, nil
	}
	names := strings.FieldsFunc(list, func(r rune) bool { return r == 0 })
	return slices.DeleteFunc(names, func(name string) bool { return name == "security.ima" || name == "security.evm" }), err
}

func copyExtended(f, like *os.File, name string) error {
	value, err := grown(func(buffer []byte) (int, error) { return unix.Fgetxattr(int(like.Fd()), name, buffer) })
	if err != nil {
		return err
	}
	return unix.Fsetxattr(int(f.Fd()), name, []byte(value), 0)
}

// grown returns what get writes to a buffer. Without a buffer it says how much that is.
func grown(get func(buffer []byte) (int, error)) (string, error) {
	for {
		n, err := get(nil)
		if err != nil || n == 0 {
			return "", err
		}
		buffer := make([]byte, n)
		n, err = get(buffer)
		if !errors.Is(err, unix.ERANGE) { // else it has grown since
			return string(buffer[:max(n, 0)]), err
		}
	}
}

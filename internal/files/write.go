package files

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"inject-related-images/internal/access"
	"inject-related-images/internal/replace"
)

// rewriteFile puts content in the place of a file, if that is still what was read.
func rewriteFile(ctx context.Context, w *replace.Writer, f file, content string, read replace.Version) error {
	folder, err := f.root.OpenRoot(path.Dir(f.name))
	if err == nil {
		defer folder.Close()
		err = w.Replace(ctx, folder, path.Base(f.name), content, read)
	} else if errors.Is(err, fs.ErrNotExist) {
		err = replace.ErrChanged
	}
	return access.Replace(read.Info, filepath.Join(f.root.Name(), path.Dir(f.name)), err,
		", or write to another folder with --to")
}

// copyFile makes a file in output, with its folders, unless it is there with that content. A copy
// may belong to who makes it.
func copyFile(ctx context.Context, w *replace.Writer, output *root, f file, content string) error {
	for dir := path.Dir(f.name); dir != "."; dir = path.Dir(dir) {
		if info, err := output.Lstat(dir); err == nil && info.Mode()&fs.ModeSymlink != 0 {
			return fmt.Errorf("%s is a symbolic link there, and none is followed: remove it, or choose another folder", dir)
		}
	}
	err := output.MkdirAll(path.Dir(f.name), 0o777)
	if err == nil {
		err = copyTo(ctx, w, output, f, content)
	}
	return access.Write(filepath.Join(output.Name(), path.Dir(f.name)), err, "")
}

func copyTo(ctx context.Context, w *replace.Writer, output *root, f file, content string) error {
	folder, err := output.OpenRoot(path.Dir(f.name))
	if err != nil {
		return err
	}
	defer folder.Close()
	if holds(folder, path.Base(f.name), content) {
		return nil
	}
	from, err := f.root.OpenRoot(path.Dir(f.name))
	if err != nil {
		return err
	}
	defer from.Close()
	like, _, err := replace.OpenRegular(from, path.Base(f.name))
	if err != nil {
		return err
	}
	defer like.Close()
	return w.Copy(ctx, folder, path.Base(f.name), content, like)
}

// holds tells whether there is a file with that content already.
func holds(folder *os.Root, name, content string) bool {
	f, _, err := replace.OpenRegular(folder, name)
	if err != nil {
		return false
	}
	defer f.Close()
	text, err := replace.ReadAll(f)
	return err == nil && text == content
}

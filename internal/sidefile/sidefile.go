// Package sidefile writes the files that a command writes beside its output: a number for a
// pipeline.
//
// A user names them, and a name says little: /dev/stdout may be a log that somebody else writes,
// and a link may lead to the CSV. Files are opened once, before the command writes anything, and
// compared as the system does. What is in them stays until they are written, and what other
// programs write to this process's own streams stays for good.
package sidefile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"golang.org/x/sys/unix"
)

// File is a file that is open to be written.
type File struct {
	file     *os.File
	info     fs.FileInfo
	isStream bool // what is written goes behind what is there
	isNew    bool // Open has made it
}

// Open opens the file of a name, and makes it if there is none. A file that is a stream of this
// process, whatever its name, is not opened again: only the stream knows where its end is.
func Open(name string) (*File, error) {
	info, err := os.Stat(name)
	isNew := errors.Is(err, fs.ErrNotExist)
	if err == nil {
		if file := stream(info); file != nil {
			return &File{file: file, info: info, isStream: true}, nil
		}
	}
	// It is written in place: what is to hold it may be a folder in which nothing new can be put.
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	if info, err = file.Stat(); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &File{file: file, info: info, isNew: isNew}, nil
}

// Info describes the file as it was opened.
func (f *File) Info() fs.FileInfo { return f.info }

// Is tells whether info is of the same file.
func (f *File) Is(info fs.FileInfo) bool { return os.SameFile(f.info, info) }

// Write writes the text, and nothing else, to a file, or behind what a stream has, and closes it.
func (f *File) Write(text string) error {
	var err error
	if !f.isStream && f.info.Mode().IsRegular() {
		err = f.file.Truncate(0)
	}
	if err == nil {
		_, err = f.file.WriteString(text)
	}
	return errors.Join(err, f.file.Close())
}

// Discard closes the file as it was, and removes it if Open has made it.
func (f *File) Discard() error {
	err := f.file.Close()
	if !f.isNew {
		return err
	}
	name, err2 := filepath.EvalSymlinks(f.file.Name()) // it may be what a link names
	if info, err := os.Lstat(name); err2 != nil || err != nil || !f.Is(info) {
		return err // it has been moved away
	}
	return errors.Join(err, os.Remove(name))
}

// stream returns the stream of this process that writes to the file of info, or nil: standard output
// and error, and others that it was started with, as /dev/fd/3. It is to be closed, and the stream
// stays open.
func stream(info fs.FileInfo) *os.File {
	descriptors := []int{unix.Stdout, unix.Stderr}
	entries, _ := os.ReadDir("/dev/fd") // where there is none, nobody can name others
	for _, entry := range entries {
		if n, err := strconv.Atoi(entry.Name()); err == nil {
			descriptors = append(descriptors, n)
		}
	}
	slices.Sort(descriptors)
	for _, n := range descriptors {
		flags, err := unix.FcntlInt(uintptr(n), unix.F_GETFL, 0)
		if err != nil || flags&unix.O_ACCMODE == unix.O_RDONLY {
			continue
		}
		copied, err := unix.FcntlInt(uintptr(n), unix.F_DUPFD_CLOEXEC, 0)
		if err != nil {
			continue
		}
		file := os.NewFile(uintptr(copied), "/dev/fd/"+strconv.Itoa(n))
		if is, err := file.Stat(); err == nil && os.SameFile(is, info) {
			return file
		}
		_ = file.Close() // nothing was written to it
	}
	return nil
}

//go:build !linux

package replace

import "os"

// isOpenForWriting cannot be told here.
func isOpenForWriting(*os.File) bool { return false }

// isImmutable is not told here.
func isImmutable(*os.Root, string) bool { return false }

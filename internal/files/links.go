package files

import (
	"fmt"
	"syscall"

	"inject-related-images/internal/quote"
)

// otherNames says which files that were replaced have other names, hard links, that keep the old
// text: what is in the place of a file is a new one.
func otherNames(files []file, results []result) (notes []string) {
	names, replaced := map[identity]int{}, map[identity]int{}
	for _, done := range results {
		if stat, ok := done.stat(); ok {
			id := identity{uint64(stat.Dev), stat.Ino}
			names[id] = max(names[id], int(stat.Nlink)) // less where one of them was replaced before this was read
			replaced[id]++
		}
	}
	for i, done := range results {
		stat, ok := done.stat()
		if !ok {
			continue
		}
		id := identity{uint64(stat.Dev), stat.Ino}
		if n := names[id] - replaced[id]; n > 0 {
			notes = append(notes, fmt.Sprintf("%s: other names of the file (hard links) that keep the old text: %d",
				quote.Name(files[i].show), n))
			delete(names, id)
		}
	}
	return notes
}

// stat returns what is known of the file that was replaced, if one was.
func (done result) stat() (*syscall.Stat_t, bool) {
	if done.replaced == nil {
		return nil, false
	}
	stat, ok := done.replaced.Sys().(*syscall.Stat_t)
	return stat, ok
}

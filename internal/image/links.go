package image

import (
	"fmt"
	"path"
	"strings"
)

// ResolveLinks returns what a name in an image is without the symbolic links that it leads through,
// of those that Read returned.
func ResolveLinks(links map[string]string, name string) (string, error) {
	const most = 40 // as Linux has it
	for range most {
		link := name
		for link != "." && link != "" && links[link] == "" {
			link = path.Dir(link)
		}
		target := links[link]
		if target == "" {
			return name, nil
		}
		if !path.IsAbs(target) {
			target = path.Join(path.Dir(link), target)
		}
		if target == ".." || strings.HasPrefix(target, "../") {
			return "", fmt.Errorf("the symbolic link %s leads out of the image", link)
		}
		name = CleanName(path.Join(target, strings.TrimPrefix(name, link)))
	}
	return "", fmt.Errorf("the symbolic link %s leads in a circle", name)
}

// CleanName returns a name in an image without slashes around it.
func CleanName(name string) string { return strings.Trim(path.Clean("/"+name), "/") }

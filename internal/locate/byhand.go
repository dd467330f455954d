package locate

import (
	"cmp"
	"strings"

	"inject-related-images/internal/imageref"
)

// Written returns what is to stand at s for an image: that, or where s has Parts the digest.
func (s *Site) Written(image string) string {
	if s.Parts == nil {
		return image
	}
	_, digest, _ := strings.Cut(image, "@")
	return digest
}

// Refusal says why an image cannot be written at s. It is "" if the image can be.
func (s *Site) Refusal(image string) string {
	if s.Parts == nil || s.Unreachable != "" || image == "" {
		return s.Unreachable
	}
	ref, err := imageref.Parse(image)
	switch {
	case err == nil && ref.Repository() != s.Ref.Repository():
		return "only its digest can be replaced, and the CSV says an image of another repository"
	case err == nil && !ref.Pinned():
		return "only its digest can be replaced, and the CSV says a tag"
	}
	return ""
}

// ByHand says what to write by hand where an image cannot be written at s, or "" where that is no
// other text than the image.
func (s *Site) ByHand(image string) string {
	ref, err := imageref.Parse(image)
	if s.Parts == nil || err != nil {
		return ""
	}
	return s.Parts.byHand(s.Ref, ref)
}

// byHand says what to write so that the reference becomes an image.
func (p *Parts) byHand(ref, image imageref.Ref) string {
	var lines []string
	if image.Repository() != ref.Repository() {
		lines = p.rename(image)
	}
	tag := p.retag(ref, image)
	if tag != "" {
		lines = append(lines, cmp.Or(p.tag, "tag")+": "+tag)
	}
	if p.digest != "" && image.Pinned() {
		lines = append(lines, p.digest+": "+image.Digest())
	}
	text := strings.Join(lines, " and ")
	switch {
	case p.digest != "" && ref.Pinned() && !image.Pinned():
		text += ", and no " + p.digest
	case p.tag == "newTag" && ref.Tag() != "" && image.Tag() == "":
		text += " in the place of newTag: " + ref.Tag()
	case (p.tag == "tag" || p.tag == "version") && strings.Contains(tag, "@"):
		text += ", which most charts take"
	}
	return text
}

// retag returns what to write under the key of the tag, or "" if that can stay: a digest where it
// has no key of its own. The tag before it is not asked for.
func (p *Parts) retag(ref, image imageref.Ref) string {
	switch {
	case !image.Pinned():
		return cmp.Or(image.Tag(), "latest")
	case p.digest != "" && image.Tag() == ref.Tag():
		return ""
	case p.digest != "":
		return image.Tag()
	case ref.Pinned() && ref.Tag() == "":
		return image.Digest()
	}
	return cmp.Or(image.Tag(), ref.Tag(), "latest") + "@" + image.Digest()
}

// rename returns the lines that name the repository of an image.
func (p *Parts) rename(image imageref.Ref) []string {
	keys, name := p.names, image.Name()
	if keys[0] == "name" {
		keys = []string{"newName"}
	}
	var lines []string
	if keys[0] == "registry" {
		registry, path, _ := strings.Cut(image.Repository(), "/")
		keys, name, lines = keys[1:], path, []string{"registry: " + registry}
	}
	if i := strings.LastIndexByte(name, '/'); len(keys) > 1 && i >= 0 {
		lines = append(lines, keys[0]+": "+name[:i])
		keys, name = keys[1:], name[i+1:]
	}
	return append(lines, keys[len(keys)-1]+": "+name)
}

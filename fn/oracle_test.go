package fn_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// oracle says what a reference in a file must become, by the rules in their order: simply, by
// looking at all variables each time.
type oracle struct {
	options
	variables []variable
	kind      string // of the file's registry, or ""
}

// verdict is what a reference may become. There is more than one image where the rules do not say
// which of a digest's tags is written, or whether one is.
type verdict struct {
	rule   string  // that answered; "" none did
	images []image // none: it must stay, since there are several answers, or the variable is not there
	stays  bool    // it must stay as it is where its mirror, if any, has it already
	may    bool    // it may stay as it is, too
	named  bool    // the repository's name stays as it is written
}

const (
	current    = "current"
	repository = "repository"
)

// verdict asks all rules, and has the images at their mirrors.
func (o oracle) verdict(r reference) verdict {
	v := o.byPlace(r)
	if v.rule == "" && r.variable == "" {
		written := parseImage(r.text)
		v = o.byReference(written)
		if original, ok := o.original(written); ok && v.rule == "" {
			v = o.byReference(original)
		}
	}
	v.images = slices.Clone(v.images)
	for i, image := range v.images {
		v.images[i] = o.relocate(image)
	}
	return v
}

// byPlace asks the rules that look at where the reference stands.
func (o oracle) byPlace(r reference) verdict {
	var written image
	if r.variable == "" {
		written = parseImage(r.text)
		if original, ok := o.original(written); ok {
			written = original
		}
	}
	rule := "marker"
	if r.variable != "" {
		rule = "placeholder"
	}
	switch {
	case r.variable != "" && r.marker != "" && r.variable != r.marker:
		return verdict{rule: rule}
	case r.variable != "" || r.marker != "":
		v := o.whole(rule, o.byName(cmp.Or(r.variable, r.marker)), written)
		if v.rule = rule; r.variable != "" && !o.agrees(v, r.key) {
			v.images = nil // once it is an image, the key would decide
		}
		return v
	}
	if v, ok := o.byKey(r.key, parseImage(r.text)); ok {
		return v
	}
	isEditor := func(v variable) bool { return slices.Contains(r.component.keys, v.editor) }
	return o.whole("editor", o.stands(isEditor), written)
}

// byKey asks rule variable: the key beside the reference decides where it is a variable's name in
// full, and the reference is of the repository that the CSV has for it.
func (o oracle) byKey(key string, written image) (verdict, bool) {
	if !o.isFullName(key) {
		return verdict{}, false
	}
	found, original := o.byName(key), written
	if at, ok := o.original(written); ok {
		original = at
	}
	if repository := found[0].value.repository; repository != written.repository && repository != original.repository {
		return verdict{rule: "variable"}, true
	}
	return o.whole("variable", found, original), true
}

// agrees tells whether the variable whose name in full a key is, if it is one, is the image of a
// verdict.
func (o oracle) agrees(v verdict, key string) bool {
	if !o.isFullName(key) || len(v.images) == 0 {
		return true
	}
	value := o.byName(key)[0].value
	return slices.ContainsFunc(v.images, value.is)
}

func (o oracle) isFullName(key string) bool {
	return slices.ContainsFunc(o.variables, func(v variable) bool { return v.name == key && key != relatedImages })
}

// counts tells whether a reference in an open list is one: a placeholder that is more than a name,
// else what looks like a reference or stands beside a variable's name, and the CSV knows something
// of.
func (o oracle) counts(r reference) bool {
	switch {
	case r.variable != "":
		return r.variable != r.text
	case !r.looksLikeOne() && !strings.HasPrefix(r.key, "RELATED_IMAGE_"):
		return false
	}
	names := []image{parseImage(r.text)}
	if original, ok := o.original(names[0]); ok {
		names = append(names, original)
	}
	if moved, ok := names[0].move(aliasFrom, aliasTo); ok && o.alias {
		names = append(names, moved)
	}
	return o.verdict(r).rule != "" || slices.ContainsFunc(names, func(i image) bool {
		return slices.ContainsFunc(o.variables, func(v variable) bool { return v.value.repository == i.repository })
	})
}

// looksLikeOne tells a reference from a word.
func (r reference) looksLikeOne() bool {
	i := parseImage(r.text)
	return r.variable == "" && (i.digest != "" || i.tag != "" && strings.Contains(r.text, "/"))
}

// byReference asks the rules that look at what the reference is.
func (o oracle) byReference(r image) verdict {
	v := o.exactly(r)
	if moved, ok := r.move(aliasFrom, aliasTo); v.rule == "" && ok && o.alias {
		if v = o.exactly(moved); v.rule == "" {
			v = o.byRepository(moved)
		}
		if v.rule != "" {
			v = o.aliased(v)
		}
	}
	if v.rule == "" {
		v = o.byRepository(r)
	}
	return v
}

// byTag asks the registries' variables for the tag: those of the file's kind first. The tag of a
// pinned reference decides if tags are kept, unless the CSV has it with this digest.
func (o oracle) byTag(r image) verdict {
	if r.digest != "" && (!o.keepTag || r.tag == "" || slices.Contains(o.ownTags(r, true), r.tag)) {
		return verdict{}
	}
	tag := image{r.repository, r.tag, ""}
	found := o.stands(func(v variable) bool { return v.kind != "" && image{v.value.repository, v.tag, ""} == tag })
	found = slices.DeleteFunc(found, func(v variable) bool { return v.value.digest == "" })
	own := slices.DeleteFunc(slices.Clone(found), func(v variable) bool { return v.kind != o.kind })
	if len(own) > 0 {
		found = own
	}
	v := o.digestOnly(o.whole("tag", found, r), r)
	if v.rule != "" && r.digest != "" && slices.Contains(o.ownTags(r, false), r.tag) {
		// A sample, relatedImages or another architecture's variable has this tag with this digest:
		// whether they count is not said.
		v.may, v.images = true, append(v.images, o.mirrored(r)...)
	}
	return v
}

// exactly asks the rules that need nothing but the CSV.
func (o oracle) exactly(r image) verdict {
	if v := o.byTag(r); v.rule != "" {
		return v
	}
	if r.digest == "" {
		sampled := func(v variable) bool { return v.sampled() && v.original == r }
		if v := o.whole("sample", o.stands(sampled), r); v.rule != "" {
			return v
		}
		related := func(v variable) bool { return v.name == relatedImages && v.original == r }
		if v := o.whole("related-image", o.stands(related), r); v.rule != "" {
			return o.digestOnly(v, r)
		}
	}
	if slices.ContainsFunc(o.variables, func(v variable) bool { return v.value.is(r) }) {
		return verdict{rule: current, images: o.mirrored(r), stays: true}
	}
	return verdict{}
}

// mirrored returns what r may be written as where nothing but its repository changes: a wrong tag
// does not come along.
func (o oracle) mirrored(r image) []image {
	if r.digest == "" {
		return []image{r}
	}
	bare := image{r.repository, "", r.digest}
	images := o.withTags(bare, r)
	if !slices.Contains(o.ownTags(r, true), r.tag) {
		images = append(images, bare)
	}
	return images
}

// aliased is a verdict on a reference by the name that its repository is an alias of: the whole
// image is replaced. Whether it comes with its tag is not said.
func (o oracle) aliased(v verdict) verdict {
	v.rule, v.stays, v.named = "alias", false, false
	v.images = o.anyTag(v.images)
	return v
}

// anyTag returns images with all tags that may stand beside their digests: their own if tags are
// kept, those of values, and none.
func (o oracle) anyTag(images []image) []image {
	all := slices.Clone(images)
	for _, i := range images {
		all = append(all, o.withTags(i, image{})...)
		for _, v := range o.variables {
			if v.value.is(i) {
				all = append(all, v.value)
			}
		}
	}
	return all
}

// byRepository takes the only digest of the repository.
func (o oracle) byRepository(r image) verdict {
	if !o.matchRepository {
		return verdict{}
	}
	var found []variable
	for _, v := range o.variables {
		if v.value.repository == r.repository && v.value.digest != "" {
			found = append(found, v)
		}
	}
	if len(distinct(found)) != 1 {
		return verdict{}
	}
	return o.digestOnly(o.whole(repository, found, r), r)
}

// whole is a verdict of a rule that found variables, the images of which replace the reference r.
func (o oracle) whole(rule string, found []variable, r image) verdict {
	switch found = distinct(found); len(found) {
	case 0:
		return verdict{}
	case 1:
		v := verdict{rule: rule, images: o.withTags(found[0].value, r)}
		if value := found[0].value; value.digest == "" { // the CSV may say of this tag in turn which digest it is
			v.images = append(v.images, o.anyTag(o.exactly(value).images)...)
		}
		return v
	}
	return verdict{rule: rule}
}

// digestOnly has the digest alone replaced, where the repository is the same.
func (o oracle) digestOnly(v verdict, r image) verdict {
	if len(v.images) == 0 || v.images[0].repository != r.repository {
		return v
	}
	v.named = true
	if !o.keepTag {
		v.images = []image{{r.repository, "", v.images[0].digest}}
	}
	return v
}

// withTags returns value once for each tag that may be written beside its digest, when value
// replaces r.
func (o oracle) withTags(value, r image) []image {
	if value.digest == "" {
		return []image{value}
	}
	own, surely := o.ownTags(value, false), o.ownTags(value, true)
	bare := image{value.repository, "", value.digest}
	same := r.repository == value.repository
	if !o.keepTag {
		images := []image{bare, value}
		if same && r.digest != "" && slices.Contains(own, r.tag) { // it was there before
			images = append(images, image{value.repository, r.tag, value.digest})
		}
		return images
	}
	var images []image
	for _, tag := range own {
		images = append(images, image{value.repository, tag, value.digest})
	}
	if !same || r.tag == "" || len(surely) == 0 {
		images = append(images, bare)
	}
	return images
}

// ownTags returns the tags that the CSV gives the digest of i in its repository; with surely, only
// those that decide a tag or stand in a value.
func (o oracle) ownTags(i image, surely bool) []string {
	var own []string
	for _, v := range o.variables {
		if !v.value.is(image{i.repository, "", i.digest}) {
			continue
		}
		sameRepository := true
		for _, g := range o.variables {
			sameRepository = sameRepository && (g.name != v.general || g.value.repository == i.repository)
		}
		if v.kind != "" && sameRepository && (!surely || o.decides(v)) {
			own = append(own, v.tag)
		}
		if v.original.repository == i.repository && !surely {
			own = append(own, v.original.tag)
		}
		if !surely || o.decides(v) {
			own = append(own, v.value.tag)
		}
	}
	return slices.DeleteFunc(own, func(tag string) bool { return tag == "" })
}

// stands returns the variables that decide for those of which is tells: the variant for the
// architecture, where there is one.
func (o oracle) stands(is func(variable) bool) []variable {
	var found []variable
	for _, v := range o.variables {
		if v.arch == "" && is(v) {
			found = append(found, o.standIn(v)...)
		}
		if v.arch != "" && o.decides(v) && o.isOrphan(v) && is(v) {
			found = append(found, v)
		}
	}
	return found
}

// standIn returns v, or its variant for the architecture.
func (o oracle) standIn(v variable) []variable {
	for _, variant := range o.variables {
		if variant.general == v.name && o.arch == variant.arch {
			return []variable{variant}
		}
	}
	return []variable{v}
}

func (o oracle) isOrphan(v variable) bool {
	return !slices.ContainsFunc(o.variables, func(g variable) bool { return g.name == v.general })
}

// decides tells whether v is what a reference is decided by on the architecture.
func (o oracle) decides(v variable) bool {
	if v.arch != "" {
		return v.arch == o.arch
	}
	return o.standIn(v)[0].name == v.name
}

// byName returns what the variable of a name stands for: its full name, or its short one.
func (o oracle) byName(name string) []variable {
	for _, v := range o.variables {
		if v.name == name && v.arch != "" {
			return []variable{v} // whoever names it in full means it
		}
	}
	found := o.stands(func(v variable) bool { return v.name == name && name != relatedImages })
	if len(found) == 0 {
		found = o.stands(func(v variable) bool { return slices.Contains(v.shortNames(), name) })
	}
	return found
}

// nameOf returns the repository as it is written.
func nameOf(text string) string {
	name, _, _ := strings.Cut(text, "@")
	return strings.TrimSuffix(name, ":"+parseImage(text).tag)
}

// distinct returns a variable for each image.
func distinct(variables []variable) []variable {
	var found []variable
	for _, v := range variables {
		if !slices.ContainsFunc(found, func(f variable) bool { return f.value.is(v.value) }) {
			found = append(found, v)
		}
	}
	return found
}

// judge says what is wrong with what became of r, or "".
func (o oracle) judge(r reference, after string) string {
	v := o.verdict(r)
	var written image
	if r.variable == "" {
		written = parseImage(r.text)
	}
	isOne := slices.ContainsFunc(v.images, written.is)
	switch stays := len(v.images) == 0 || v.stays && isOne; {
	case r.text == after && (v.may || isOne || len(v.images) == 0):
		return ""
	case stays:
		return fmt.Sprintf("%s became %s: it must stay, by rule %q", r.text, after, v.rule)
	case r.text == after || !slices.Contains(v.images, parseImage(after)):
		return fmt.Sprintf("%s became %s: it must be one of %v, by rule %q", r.text, after, v.images, v.rule)
	case v.named && parseImage(after).repository == written.repository && nameOf(r.text) != nameOf(after):
		return fmt.Sprintf("%s became %s: its repository has another spelling", r.text, after)
	}
	return ""
}

// judgeMarker says what is wrong with the marker beside what became of r, or "".
func (o oracle) judgeMarker(r reference, after, marker string) string {
	switch {
	case marker == r.marker:
		return ""
	case r.marker != "" || r.variable == "" && !o.record || r.variable != "" && r.variable != marker:
		return fmt.Sprintf("the marker %q of %s became %q", r.marker, r.text, marker)
	}
	v := o.verdict(reference{text: after, marker: marker})
	if !slices.ContainsFunc(v.images, parseImage(after).is) {
		return fmt.Sprintf("%s became %s with the marker %s, which is %v", r.text, after, marker, v.images)
	}
	return ""
}

// relocate returns i at its mirror, original what an image at a mirror is one of.
func (o oracle) relocate(i image) image {
	if m := o.mirror; m.from != "" && !(m.digests && i.digest == "") {
		i, _ = i.move(m.from, m.to)
	}
	return i
}

func (o oracle) original(i image) (image, bool) {
	if o.mirror.from == "" {
		return i, false
	}
	return i.move(o.mirror.to, o.mirror.from)
}

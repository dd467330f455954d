package engine

import (
	"fmt"
	"slices"
	"strings"

	"inject-related-images/internal/catalog"
	"inject-related-images/internal/locate"
)

// markers returns the comment that each site is to have: placeholders, and with Record all that is
// injected or current, leave the name of their variable behind, so that the next CSV finds it. Of
// none it is nil. Where no comment can stand, or several variables have the image, the finding says
// so.
func (e Engine) markers(sites []locate.Site, findings []Finding, deciding []*catalog.Entry) []string {
	var markers []string
	for i := range sites {
		site, f := &sites[i], &findings[i]
		isResolved := site.Variable != "" && f.Status == Stale
		isRecorded := e.Options.Record &&
			(f.Status == Stale || f.Status == Current && site.Unreachable == "" && !mayShare(site))
		if site.Marker != "" || !isResolved && !isRecorded {
			continue
		}
		name := site.Variable
		if name == "" {
			name = e.recordable(f, deciding[i])
		}
		if name == "" {
			continue
		}
		if !locate.IsVariableName(name) {
			f.note(fmt.Sprintf("the name of its variable is not kept: %q is not what Kubernetes allows", name))
			continue
		}
		if reason := site.Uncommented(); reason != "" {
			f.note("the name of its variable is not kept: " + reason)
			continue
		}
		if markers == nil {
			markers = make([]string, len(sites))
		}
		markers[i] = locate.MarkerKey + " " + name
	}
	return markers
}

// certain are the rules that name a variable.
var certain = []string{"placeholder", "marker", "map", "editor", "tag", "sample"}

// recordable returns the name of the variable that decides a reference, if it is certain: a marker
// goes before all other rules from then on. It is "" if the rule names none and several variables
// have the image, which the finding then lists.
func (e Engine) recordable(f *Finding, entry *catalog.Entry) string {
	if entry == nil {
		return ""
	}
	if !slices.Contains(certain, f.Rule) {
		variables := e.Catalog.Variables(entry.Image)
		switch len(variables) {
		case 0:
			f.note("nothing is recorded, since no variable has this image")
			return ""
		case 1:
			entry = variables[0]
		default:
			f.note("its variable is not recorded, since several have this image: " + names(variables))
			return ""
		}
	}
	return e.Catalog.VariableName(entry)
}

// note adds to the message.
func (f *Finding) note(text string) {
	f.Message = strings.TrimPrefix(f.Message+"; "+text, "; ")
}

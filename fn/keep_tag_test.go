package fn_test

import (
	"cmp"
	"testing"
)

// TestATagStandsBesideADigestOnlyIfItIsItsOwn has the examples of issue 12.
func TestATagStandsBesideADigestOnlyIfItIsItsOwn(t *testing.T) {
	registry := func(kind, repository, tag string, digest int) variable {
		v := variable{kind: kind, value: image{repository, "", digestOf(digest)}, tag: tag}
		v.name = v.registryName("")
		return v
	}
	const udi, mongo = "quay.io/devfile/udi", "docker.io/library/mongo"
	udis := []variable{registry("plugin", udi, "2.15", 1), registry("devfile", udi, "2.15", 2)}
	bare, tagged := image{mongo, "", digestOf(4)}, image{mongo, "4", digestOf(4)}
	four, latest := registry("devfile", mongo, "4", 4), registry("devfile", mongo, "latest", 4)
	related := variable{name: relatedImages, value: bare, original: image{mongo, "4", ""}}
	plain := func(i image) variable { return variable{name: "RELATED_IMAGE_mongo", value: i} }
	of := func(v ...variable) []variable { return v }
	keep, match := options{keepTag: true}, options{matchRepository: true}
	both := options{keepTag: true, matchRepository: true}
	at := func(name string, digest int) string { return name + "@" + digestOf(digest) }
	for name, test := range map[string]struct {
		options
		variables     []variable
		before, after string // the latter is "" where it is the former
		status        string
	}{
		"a digest of the other registry":                 {options{}, udis, at(udi+":latest", 2), "", "current"},
		"an unknown tag leaves it to the digest":         {keep, udis, at(udi+":latest", 2), "", "current"},
		"an unknown tag, an unknown digest":              {keep, udis, at(udi+":latest", 9), "", "drifted"},
		"tag and digest of the other registry":           {keep, udis, at(udi+":2.15", 2), "", "current"},
		"the tag decides":                                {keep, udis, at(udi+":2.15", 9), at(udi+":2.15", 1), "stale"},
		"the tag does not decide, unless it is kept":     {options{}, udis, at(udi+":2.15", 9), "", "drifted"},
		"the tag, of its own registry first":             {keep, udis, udi + ":2.15", at(udi+":2.15", 1), "stale"},
		"by the repository, no tag is kept":              {match, of(four), "mongo:1", at("mongo", 4), "stale"},
		"by the repository, the digest's own tag":        {both, of(four), "mongo:1", at("mongo:4", 4), "stale"},
		"by the repository, the tag of the value":        {both, of(plain(tagged)), "mongo:1", at("mongo:4", 4), "stale"},
		"by the repository, the tag of relatedImages":    {both, of(related), "mongo:1", at("mongo:4", 4), "stale"},
		"by the repository, a digest without a tag":      {both, of(plain(bare)), "mongo:1", at("mongo", 4), "stale"},
		"by the repository, a tag beside another digest": {both, of(four), at("mongo:1", 9), at("mongo:4", 4), "stale"},
		"one of several tags of a digest":                {keep, of(four, latest), "mongo:latest", at("mongo:latest", 4), "stale"},
		"one of several tags of a digest, beside it":     {keep, of(four, latest), at("mongo:latest", 4), "", "current"},
	} {
		t.Run(name, func(t *testing.T) {
			references := []reference{{text: test.before}}
			c := registryCase{test.options, test.variables, registryFile{"v3/plugins/a.yaml", "plain", references}}
			out := c.run()
			if out.problem != "" {
				t.Fatal(c.report(out))
			}
			after, status := out.second.findings[0].Image, string(out.first.findings[0].Status)
			if after != cmp.Or(test.after, test.before) || status != test.status {
				t.Errorf("%s became %s and is %s, want %s and %s", test.before, after, status, test.after, test.status)
			}
		})
	}
}

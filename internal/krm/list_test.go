package krm_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"inject-related-images/internal/krm"
)

// pieces are items, and texts that look like items, or end in what could go on in the next one.
var pieces = []string{
	"- image: q.io/udi:1\n",
	"- image: 'q.io/udi:1' # - image: q.io/udi:1\n",
	"- apiVersion: v1\n  kind: ConfigMap\n  metadata:\n    name: x\n  data:\n    a.yaml: |\n      - image: q.io/udi:1\n      - image: q.io/udi:2\n",
	"- kind: ConfigMap\n  apiVersion: v1\n  data:\n    a: |-\n\n      image: q.io/udi:1\n\n\n",
	"- text: |+\n    image: q.io/udi:1\n\n  image: q.io/udi:1\n\n\n",
	"- metadata: {name: y, annotations: {internal.config.kubernetes.io/path: devfiles/a.yaml, internal.config.kubernetes.io/index: '1'}}\n  image: q.io/udi:1\n",
	"# - image: q.io/udi:1\n",
	"\n",
	"-\n  image: q.io/udi:1\n",
	"- - image: q.io/udi:1\n  - image: q.io/udi:next\n",
	"- image: q.io/udi@sha256:" + strings.Repeat("0", 64) + "\n  kind: X\n  metadata: {name: z}\n",
	"- {image: q.io/udi:1}\n",
	"- [{image: q.io/udi:1}]\n",
	"- null\n",
	"- text\n",
	"- image: ${RELATED_IMAGE_udi}\n",
	"- image: ${RELATED_IMAGE_nobody}\n",
	"- apiVersion: config.openshift.io/v1\n  kind: ImageDigestMirrorSet\n  spec: {imageDigestMirrors: [{source: q.io, mirrors: [m.io/q]}]}\n",
	"- apiVersion: config.openshift.io/v1\n  kind: \"ImageDigest\\x4dirrorSet\"\n  spec: {imageDigestMirrors: [{source: q.io, mirrors: [m.io/q]}]}\n",
	"- " + csv + "\n",
	"- image: q.io/udi:1\r\n",
	"- image: 💥q.io/udi:1\n",
	// What is not of the simple kind of YAML.
	"- a: !!str text\n  image: q.io/udi:1\n",
	"- &a {image: q.io/udi:1}\n",
	"- b: &a q.io/udi:1\n  image: *a\n",
	"- b: &a q.io/other:1\n",
	"- image: q.io/udi:1 # c\r...\n",
	"# c\r- image: q.io/udi:1\n",
	"# \xff\n",
	"- image: !int q.io/udi:1\n",
	"- kind: \"ImageDigest\\\u2028MirrorSet\"\n",
	"  x\n",
	// What goes on behind its end, if anything like an end follows.
	"- a: \"text\n",
	"- text\"\n",
	"- image: 'q.io/udi:1\n",
	"- b'\n",
	"- {image: q.io/udi:1,\n",
	"- c: d}\n",
	"- image: q.io/udi:1\n    - image: q.io/udi:1\n",
	"- image: *a\n",
	"- <<: *a\n",
	"  - image: q.io/udi:1\n",
	"---\n",
	"...\n",
	"%YAML 1.1\n",
	"- ? a\n  : image: q.io/udi:1\n",
	"- |\n image: q.io/udi:1\n",
	"- >-\n  image:\n  q.io/udi:1\n",
	"items:\n",
	"- a: |\n    x",
	"-\timage: q.io/udi:1\n",
	"kind: ResourceList\n",
}

// good is how many of the pieces are items, or comments.
const good = 22

// TestItemsThatAreCutOutBecomeWhatTheyBecomeInTheirList compares both ways to read a list: texts, results and errors must be the same.
func TestItemsThatAreCutOutBecomeWhatTheyBecomeInTheirList(t *testing.T) {
	n := 10_000
	if testing.Short() {
		n /= 10
	}
	configs := []string{
		"functionConfig: " + csv + "\n",
		"functionConfig:\n  apiVersion: inject-related-images/v1alpha1\n  kind: InjectRelatedImages\n  spec: {failOn: [drifted]}\n",
		"functionConfig: {apiVersion: inject-related-images/v1alpha1, kind: InjectRelatedImages, spec: {mode: check}}\n",
		"functionConfig: null\n",
	}
	cut, windows := 0, 0
	for i := range n {
		r := rand.New(rand.NewPCG(1, uint64(i)))
		var items strings.Builder
		for range 1 + r.IntN(8) {
			kinds := good
			if r.IntN(8) == 0 {
				kinds = len(pieces)
			}
			items.WriteString(pieces[r.IntN(kinds)])
		}
		head, body, config := "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n", "items:\n"+items.String(), configs[min(r.IntN(8), len(configs)-1)*r.IntN(2)]
		if r.IntN(4) == 0 {
			body = strings.ReplaceAll(strings.TrimSuffix(body, "\n"), "\n", "\n  ") + "\n"
		}
		if r.IntN(20) == 0 {
			head = "note: &a q.io/udi:1\n" + head
		}
		if r.IntN(20) == 0 {
			head += "text: \"\nitems:\n- image: q.io/udi:1\n- image: q.io/udi:1\n- x\"\n"
		}
		source := head + body + config
		switch r.IntN(6) {
		case 0:
			source = head + config + body
		case 1:
			source = head + body + config + "results:\n- message: old\n"
		case 2:
			source = body + config + head
		}
		if r.IntN(4) == 0 {
			source = strings.ReplaceAll(source, "\n", "\r\n")
			if krm.WasSplit(source) {
				windows++
			}
		}
		if compareWays(t, source) {
			cut++
		}
	}
	if t.Logf("%d of %d lists were cut, %d of them with CRLF", cut, n, windows); cut < n/5 || windows < n/20 {
		t.Errorf("%d of %d lists were cut, %d of them with CRLF: the test compares little", cut, n, windows)
	}
}

// compareWays runs the function on a list in both ways, and tells whether it was cut.
func compareWays(t *testing.T, source string) bool {
	t.Helper()
	if diff := cmp.Diff(outcome(krm.RunWhole(source, nil)), outcome(krm.Run(source, nil))); diff != "" {
		t.Fatalf("(-as a whole +cut)\n%s\n%s", diff, source)
	}
	return krm.WasSplit(source)
}

// jsonPieces are items in JSON, and behind those what is no item of it, or not of any list.
var jsonPieces = []string{
	`{"image": "q.io/udi:1"}`,
	`{"image": "q.io\/udi:1", "b": [{"image": "q.io/udi:next"}], "c": {}}`,
	`{"image":"q.io/udi:1","kind":"X","metadata":{"name":"z","annotations":{"internal.config.kubernetes.io/path":"devfiles/a.json"}}}`,
	`{"apiVersion": "v1", "kind": "ConfigMap", "data": {"a.json": "[{\"image\": \"q.io/udi:1\"}]", "b": "}, {"}}`,
	`{"apiVersion": "config.openshift.io/v1", "kind": "ImageDigest\u004dirrorSet", "spec": {"imageDigestMirrors": [{"source": "q.io", "mirrors": ["m.io/q"]}]}}`,
	`[{"image": "q.io/udi:1"}]`, `"q.io/udi:1"`, `""`, `null`, `1.50`, `true`, `[]`, `{}`,
	"{\n  \"image\":\r\n\t\"q.io/udi:1\" }", `{"image": "💥q.io/udi:1"}`, `{"items": [{"image": "q.io/udi:1"}]}`,
	"{\"image\": \"q.io/udi:1\", \"" + strings.Repeat("k", 1100) + "\": \"\x7f\"}",
	`{"image": 'q.io/udi:1'}`, `{image: q.io/udi:1}`, `&a {"image": "q.io/udi:1"}`, "{\"image\": \"q.io/udi:1\xff\"}", `{"image": "q.io/udi:1"`, `}`, `]`, ``,
	"# c\n{}", `{"a": "b"} {"a": "b"}`, `{"a": "\ud800"}`, `01`, `{"image": "q.io/udi:1",}`,
}

// TestJSONItemsThatAreCutOutBecomeWhatTheyBecomeInTheirList does the same for lists in JSON.
func TestJSONItemsThatAreCutOutBecomeWhatTheyBecomeInTheirList(t *testing.T) {
	const good, n, config = 17, 3_000, `{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "o"}, "spec": {"template": {"spec": ` +
		`{"containers": [{"name": "c", "env": [{"name": "RELATED_IMAGE_udi", "value": "q.io/udi@sha256:`
	digest := strings.Repeat("1", 64) + `"}]}]}}}}`
	cut := 0
	for i := range n {
		r := rand.New(rand.NewPCG(3, uint64(i)))
		kinds := good
		if r.IntN(6) == 0 {
			kinds = len(jsonPieces)
		}
		items := make([]string, 1+r.IntN(5))
		for i := range items {
			items[i] = jsonPieces[r.IntN(kinds)]
		}
		space := []string{"", " ", "\n  ", "\r\n\t"}[r.IntN(4)]
		members := []string{
			`"apiVersion": "config.kubernetes.io/v1"`, `"kind": "ResourceList"`, `"functionConfig": ` + config + digest,
			`"items": [` + space + strings.Join(items, ","+space) + space + "]",
		}
		if r.IntN(8) == 0 {
			members = append(members, []string{`"results": [{"message": "old"}]`, members[3], `"items": 1`, `"x": {"items": []}`, `x: y`}[r.IntN(5)])
		}
		r.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
		source := []string{"", "\uFEFF", "\n", "# c\n"}[max(0, r.IntN(16)-12)] + "{" + space + strings.Join(members, ","+space) + space + "}" +
			[]string{"", "\n", "\n# c\n", "}", "\n---\n"}[max(0, r.IntN(16)-11)]
		if compareWays(t, source) {
			cut++
		}
	}
	if t.Logf("%d of %d lists were cut", cut, n); cut < n/3 {
		t.Errorf("%d of %d lists were cut: the test compares little", cut, n)
	}
}

// TestManyItemsAtATime has several workers at a list, which the race detector watches.
func TestManyItemsAtATime(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 0))
	var source strings.Builder
	source.WriteString("apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nfunctionConfig: " + csv + "\nitems:\n")
	source.WriteString(pieces[0])
	for range 1000 {
		source.WriteString(pieces[r.IntN(8)])
	}
	if !krm.WasSplit(source.String()) {
		t.Error("the list was not cut")
	}
	if diff := cmp.Diff(outcome(krm.RunWhole(source.String(), nil)), outcome(krm.Run(source.String(), nil))); diff != "" {
		t.Errorf("(-as a whole +cut)\n%s", diff)
	}
}

// outcome is all that comes of a run.
func outcome(output *krm.Output, err error) []string {
	all := []string{""}
	if output != nil {
		all[0] = output.String()
		for result := range output.Results() {
			all = append(all, result.String())
		}
	}
	if err != nil {
		all = append(all, err.Error())
	}
	return all
}

package files

import (
	"errors"
	"strings"
	"testing"
)

const broken = "a: b\n  c: d\n"

func TestActionsAreFoundThatMakeATemplateNoYAML(t *testing.T) {
	for name, source := range map[string]string{
		"in a value":                      "image: {{ .Values.repository }}:{{ .Values.tag }}\n",
		"quotes in quotes":                "image: \"{{ .Values.image | default \"quay.io/a/b:1\" }}\"\n",
		"lines of control":                "a: 1\n{{- if .Values.b }}\nb: 1\n{{- else }}\nb: 2\n{{- end }}\n",
		"a value of several lines":        "metadata:\n  labels: {{- include \"labels\" . | nindent 4 }}\n    more: x\nimage: {{ .i }}/x\n",
		"an action of several lines":      "a:\n  {{- include \"labels\" (dict\n    \"a\" 1\n    \"b\" \"}}\") | nindent 2 }}\n  b: c\n",
		"a comment of several lines":      "{{/* it's\n  a: b: c\n*/}}\na: 1\n",
		"keys":                            "{{ $key }}-x: {{ $value }}\n",
		"beside a list":                   "a:\n  {{- range .b }}\n  - name: {{ .name }}\n    image: {{ .image }}\n  {{- end }}\n",
		"Jinja's":                         "a:\n{% for i in images %}\n  - image: {{ i }}\n{% endfor %}\n",
		"Jinja's comment":                 "{# don't #}\nimage: {{ x }}\n",
		"ERB's":                           "<% images.each do |i| %>\n- image: <%= i %>\n<% end %>\n",
		"what is left is no YAML, either": "{{- if .a }}\n  a: 1\n{{- end }}\nb: 1\n",
		"left of a block scalar":          "a: |\n  text\n{{- if .b }}\n  more\n{{- end }}\n",
		"with CRLF":                       "a: 1\r\n{{- if .Values.b }}\r\nb: 1\r\n{{- end }}\r\n",
		"several in a line":               "a: {{ .b }}{{ .c }}: {{ .d }}\n{{ if .x }} {{ end }}\n",
		"more items of a list":            "a: [1{{ more }}]\n  b: c\nimage: x\n",
		"without an end of line":          "a: 1\n{% include 'b' %}",
	} {
		if parses(source) {
			t.Errorf("%s: it parses, and is no case\n%s", name, source)
		}
		if _, ok := breakingAction(source); !ok {
			t.Errorf("%s: no action was found; without them it is\n%s", name, blanked(source, actionsIn(source), 'x'))
		}
	}
}

func TestOtherErrorsAreNotThoseOfActions(t *testing.T) {
	for name, source := range map[string]string{
		"no action":             broken,
		"in quotes":             "image: \"{{ .x }}\"\nother: '{{ y }}'\n" + broken,
		"in a comment":          "# {{ if .x }}\n" + broken,
		"in a block scalar":     "x: |\n  {{- if .x }}\n  y\n\n  {{ end }}\ny: >-\n  {% if %}\n" + broken,
		"a mapping in a flow":   "x: {a: {b: c}}\n" + broken,
		"a mapping as a key":    "x: {{ y }}\n" + broken,
		"GitHub's":              "run: ${{ x }}\n" + broken,
		"without an end":        "image: {{ .x\n" + broken,
		"text that is no UTF-8": "image: \xe9 {{ .x }}\n",
	} {
		if parses(source) {
			t.Errorf("%s: it parses, and is no case\n%s", name, source)
		}
		if a, ok := breakingAction(source); ok {
			t.Errorf("%s: got the action %s\n%s", name, source[a.start:a.end], source)
		}
	}
}

// TestManyOpenersTakeNoTime has what would take minutes if each was looked at to the end of the text.
func TestManyOpenersTakeNoTime(*testing.T) {
	breakingAction(strings.Repeat("{{", 1<<19) + strings.Repeat("{%", 1<<19))
	breakingAction(strings.Repeat("{{ x }}", 1<<16) + ":")
}

func TestJSONWithCommentsIsTold(t *testing.T) {
	for source, want := range map[string][2]bool{ // whether it is JSON but for comments or commas, and has comments
		"{\n  // c\n  \"image\": \"q.io/a:1\"\n}\n": {true, true},
		"// c\n[1, 2]\n":                         {true, true},
		"\uFEFF{\"a\": 1, /* c */ \"b\": [2,],}": {true, true},
		"{\"a\": [1, 2,],}":                      {true, false},
		"{\"a\": \"https://x.io/*\"}":            {false, false},
		"{\"a\": \"https://x.io\",}":             {true, false},
		"{\"a\": 1 // c\n":                       {false, false},
		"{a: https://x.io}":                      {false, false},
		"a: 1 // c\n":                            {false, false},
		"":                                       {false, false},
	} {
		if got := [2]bool{isCommentedJSON(source), hasComments(source)}; got != want {
			t.Errorf("%q: got %v, want %v", source, got, want)
		}
	}
}

func TestOnlyDialectsArePassedOver(t *testing.T) {
	const tpl, commented = "a: 1\n{{ if .b }}\n", "{/* c */}"
	for _, c := range []struct {
		source string
		named  bool
		want   string // part of the note, or behind an ! of the error
	}{
		{tpl, false, "x.yaml: it is passed over, since it has template actions ({{ in line 2): line 2: y"},
		{tpl, true, "!x.yaml: it has template actions ({{ in line 2): line 2: y: give the file that it renders to"},
		{commented, false, "x.yaml: it is passed over, since it is JSON with comments or trailing commas: line 2: y"},
		{commented, true, "!x.yaml: it is JSON with comments or trailing commas: line 2: y: remove them"},
		{broken, false, "!x.yaml: line 2: y"},
		{broken, true, "!x.yaml: line 2: y"},
	} {
		var done result
		done.unparsed(file{show: "x.yaml", named: c.named}, c.source, errors.New("line 2: y"))
		got := strings.Join(done.notes, "\n")
		if done.err != nil {
			got = "!" + done.err.Error()
		}
		if !strings.HasPrefix(got, c.want) || (done.err == nil) != (done.dialect != standard) {
			t.Errorf("named %t: got %s (%v), want %s\n%s", c.named, got, done.dialect, c.want, c.source)
		}
	}
}

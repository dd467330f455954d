package krm

import (
	"bufio"
	"bytes"
	"encoding/json"
	"iter"
	"strconv"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/fn/framework"

	"inject-related-images/internal/report"
)

// write writes results as they are at the place.
func (p place) write(b *bufio.Writer, results iter.Seq[*framework.Result]) {
	_, _ = b.WriteString(p.before)
	if p.block {
		writeBlock(b, results, p.indent)
	} else {
		writeFlow(b, results)
	}
	_, _ = b.WriteString(p.after)
}

// text returns what write writes.
func (p place) text(results iter.Seq[*framework.Result]) string {
	var s strings.Builder
	b := bufio.NewWriter(&s)
	p.write(b, results)
	_ = b.Flush() // a Builder takes everything
	return s.String()
}

// writeFlow writes results as JSON that is YAML, too.
func writeFlow(b *bufio.Writer, results iter.Seq[*framework.Result]) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	separator := ""
	_ = b.WriteByte('[')
	for r := range results {
		text.Reset()
		_ = encoder.Encode(r) // which nothing in a result can prevent
		_, _ = b.WriteString(separator)
		_, _ = b.Write(report.Printable(bytes.TrimSpace(text.Bytes())))
		separator = ","
	}
	_ = b.WriteByte(']')
}

// writeBlock writes results as a block sequence, from its first dash on, without a line break at
// the end. There are as many of them as references, and the function takes 2.7 times as long with
// go.yaml.in/yaml/v3, and 5 times with sigs.k8s.io/yaml.
func writeBlock(b *bufio.Writer, results iter.Seq[*framework.Result], indent string) {
	line := func(key, value string) {
		for _, s := range []string{"\n", indent, key, value} {
			_, _ = b.WriteString(s)
		}
	}
	text := func(key, value string) {
		if value != "" {
			line(key, doubleQuoted(value))
		}
	}
	separator := ""
	for r := range results {
		_, _ = b.WriteString(separator)
		_, _ = b.WriteString("- message: ")
		_, _ = b.WriteString(doubleQuoted(r.Message))
		separator = "\n" + indent
		line("  severity: ", string(r.Severity))
		if ref := r.ResourceRef; ref != nil {
			line("  resourceRef:", "")
			text("    apiVersion: ", ref.APIVersion)
			text("    kind: ", ref.Kind)
			text("    name: ", ref.Name)
			text("    namespace: ", ref.Namespace)
		}
		if f := r.Field; f != nil {
			line("  field:", "")
			line("    path: ", doubleQuoted(f.Path))
			current, _ := f.CurrentValue.(string)
			proposed, _ := f.ProposedValue.(string)
			text("    currentValue: ", current)
			text("    proposedValue: ", proposed)
		}
		if f := r.File; f != nil {
			line("  file:", "")
			line("    path: ", doubleQuoted(f.Path))
			if f.Index != 0 {
				line("    index: ", strconv.Itoa(f.Index))
			}
		}
	}
}

// doubleQuoted puts s in double quotes. The escapes of Go are YAML's, too. It looks first whether there
// are any to make: with strconv alone the function takes 10 % longer.
func doubleQuoted(s string) string {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return strconv.Quote(s)
		}
	}
	return `"` + s + `"`
}

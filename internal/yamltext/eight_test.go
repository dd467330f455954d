package yamltext

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// TestEightBytesAtOnce compares what looks at eight bytes at once with what looks at each.
func TestEightBytesAtOnce(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	pieces := []string{" ", " ", "a", ":", "\n", "\t", "#", "é", "\x7f", "\x00", "\x1f", "!", "9", ";", "~", "日", "        ", "abcdefgh", strings.Repeat("x", 40)}
	for range 100_000 {
		var b strings.Builder
		for range r.IntN(30) {
			b.WriteString(pieces[r.IntN(len(pieces))])
		}
		s := b.String()
		from := r.IntN(len(s) + 1)
		if got, want := spaces(s, from), len(s)-len(strings.TrimLeft(s[from:], " ")); got != want {
			t.Fatalf("spaces(%q, %d): got %d, want %d", s, from, got, want)
		}
		for _, most := range []byte{' ' - 1, ' '} {
			want := from
			for want < len(s) && s[want] > most && s[want] != ':' {
				want++
			}
			if got := textEnd(s, from, most); got != want {
				t.Fatalf("textEnd(%q, %d, %d): got %d, want %d", s, from, most, got, want)
			}
		}
		isPrintable := func(c byte) bool { return ' ' <= c && c <= '~' || c == '\n' }
		if all := !strings.ContainsFunc(s, func(r rune) bool { return r > '~' || !isPrintable(byte(r)) }); all && len(s) >= 8 && printable(s) < len(s) {
			t.Fatalf("printable(%q): got %d, want all %d", s, printable(s), len(s))
		}
		for i, n := 0, printable(s); i < n; i++ {
			if !isPrintable(s[i]) {
				t.Fatalf("printable(%q): got %d, but %q is not", s, n, s[i])
			}
		}
	}
}

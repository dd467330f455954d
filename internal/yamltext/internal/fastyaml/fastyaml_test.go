package fastyaml

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// TestEightBytesAreLookedAtAsEach compares what looks at eight bytes at once with what looks at each.
func TestEightBytesAreLookedAtAsEach(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	unusual := []string{"\n", " ", "~", "\t", "\x7f", "\x00", "\x1f", "\x0b", "\xc3", "\xff", "\x80", "\x8a"}
	for range 100_000 {
		s := []byte(strings.Repeat("a b\n:x#y ", 4)[:r.IntN(36)])
		for range r.IntN(3) {
			if len(s) > 0 {
				s[r.IntN(len(s))] = unusual[r.IntN(len(unusual))][0]
			}
		}
		want := 0
		for want < len(s) && (' ' <= s[want] && s[want] <= '~' || s[want] == '\n') {
			want++
		}
		if got := printable(string(s)); got != want/8*8 {
			t.Fatalf("printable(%q): got %d, want %d", s, got, want/8*8)
		}
	}
}

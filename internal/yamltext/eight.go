package yamltext

import "math/bits"

// The functions here look at eight bytes of a text at once. Of each byte of a word of eight, the highest bit of a sum or difference tells
// how the byte compares with another. Where a difference borrows from the next byte, that one may be told wrong, but never the first.

const (
	every   = 0x0101010101010101 // times a byte: eight of them
	highest = 0x8080808080808080
)

func eight(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 | uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// spaces returns the offset behind the spaces at offset i of s.
func spaces(s string, i int) int {
	for ; i+8 <= len(s); i += 8 {
		if x := eight(s[i:i+8]) ^ ' '*every; x != 0 {
			return i + bits.TrailingZeros64(x)/8
		}
	}
	for i < len(s) && s[i] == ' ' {
		i++
	}
	return i
}

// textEnd returns the offset of the first byte of s from offset i on that is a colon, or not greater than most.
func textEnd(s string, i int, most byte) int {
	least := (uint64(most) + 1) * every
	for ; i+8 <= len(s); i += 8 {
		x := eight(s[i : i+8])
		colon := x ^ ':'*every
		if found := ((x-least)&^x | (colon-every)&^colon) & highest; found != 0 {
			return i + bits.TrailingZeros64(found)/8
		}
	}
	for i < len(s) && s[i] > most && s[i] != ':' {
		i++
	}
	return i
}

// simpleText tells whether s has no characters that YAML forbids, or takes for line breaks that others do not.
func simpleText(s string) bool {
	for i := 0; i < len(s); i++ {
		if i += printable(s[i:]); i == len(s) {
			break
		}
		switch c := s[i]; {
		case 0x20 <= c && c < 0x7f || c == '\n' || c == '\t':
		case c == '\r':
			if i+1 == len(s) || s[i+1] != '\n' {
				return false
			}
		case c < 0x80:
			return false
		case c == 0xC2:
			if s[i+1] < 0xA0 {
				return false
			}
		case c == 0xE2:
			if s[i+1] == 0x80 && (s[i+2] == 0xA8 || s[i+2] == 0xA9) {
				return false
			}
		case c == 0xEF:
			if i > 0 && s[i+1] == 0xBB && s[i+2] == 0xBF || s[i+1] == 0xBF && s[i+2] >= 0xBE {
				return false
			}
		}
	}
	return true
}

// printable returns how many bytes at the beginning of s are printable ASCII or line feeds, or some less, but all where all are, unless
// those are less than eight.
func printable(s string) int {
	n := 0
	for ; len(s)-n >= 32; n += 32 {
		at := s[n : n+32]
		if (unprintable(eight(at[:8]))|unprintable(eight(at[8:16]))|unprintable(eight(at[16:24]))|unprintable(eight(at[24:])))&highest != 0 {
			break
		}
	}
	for ; len(s)-n >= 8; n += 8 {
		if unprintable(eight(s[n:]))&highest != 0 {
			return n
		}
	}
	if len(s) >= 8 && unprintable(eight(s[len(s)-8:]))&highest == 0 {
		return len(s)
	}
	return n
}

// unprintable sets the highest bits of the bytes of x that are neither printable ASCII nor line feeds.
func unprintable(x uint64) uint64 {
	fromSpace, fromDelete, notLineFeed := x+(0x80-0x20)*every, x+(0x80-0x7f)*every, x^'\n'*every+0x7f*every
	return x | ^fromSpace&notLineFeed | fromDelete
}

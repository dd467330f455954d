package syntax

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// ByteOrderMark may begin a text, and is no part of it.
const ByteOrderMark = "\uFEFF"

// IsBlank tells whether c is white space in a line.
func IsBlank(c byte) bool { return c == ' ' || c == '\t' }

// LineBreak returns the length of the line break that s begins with, or 0. YAML 1.1 ends lines at
// CR LF, LF, CR, U+0085, U+2028 and U+2029.
func LineBreak(s string) int {
	switch {
	case s == "":
		return 0
	case s[0] == '\n':
		return 1
	case s[0] == '\r':
		if len(s) > 1 && s[1] == '\n' {
			return 2
		}
		return 1
	case s[0] == 0xC2 && strings.HasPrefix(s, "\u0085"):
		return 2
	case s[0] == 0xE2 && (strings.HasPrefix(s, "\u2028") || strings.HasPrefix(s, "\u2029")):
		return 3
	}
	return 0
}

// LineLength returns how many bytes of s come before its first line break.
func LineLength(s string) int {
	for i := range len(s) {
		if LineBreak(s[i:]) > 0 {
			return i
		}
	}
	return len(s)
}

// Fold reads white space that includes a line break, as in plain and quoted scalars (YAML 1.2,
// section 6.5): one break is a space, each further one a line feed, but U+2028 and U+2029 are kept.
// It returns the text that it stands for, and its length.
func Fold(s string) (text string, length int, ok bool) {
	i := 0
	var breaks []byte
	for i < len(s) {
		if n := LineBreak(s[i:]); n == len("\u2028") {
			breaks = append(breaks, s[i:i+n]...)
			i += n
		} else if n > 0 {
			breaks = append(breaks, '\n')
			i += n
		} else if IsBlank(s[i]) {
			i++
		} else {
			break
		}
	}
	switch string(breaks) {
	case "":
		return "", 0, false
	case "\n":
		return " ", i, true
	}
	return strings.TrimPrefix(string(breaks), "\n"), i, true
}

// escapes are those of one letter, YAML 1.2 section 5.7; JSON's are among them.
var escapes = map[byte]string{
	'0': "\x00", 'a': "\a", 'b': "\b", 't': "\t", '\t': "\t", 'n': "\n", 'v': "\v", 'f': "\f", 'r': "\r", 'e': "\x1b",
	' ': " ",
	'"': `"`, '/': "/", '\\': `\`, '\'': "'", 'N': "\u0085", '_': "\u00a0", 'L': "\u2028", 'P': "\u2029",
}

// Unescape reads the escape that s begins with, and returns the text it stands for and its length.
func Unescape(s string) (text string, length int, ok bool) {
	if len(s) < 2 {
		return "", 0, false
	}
	if n := LineBreak(s[1:]); n > 0 { // an escaped line break is nothing; the breaks after it are kept
		text, more, _ := Fold(s[1:])
		if s[1] == 0xE2 {
			text = text[n:]
		} else if text == " " {
			text = ""
		}
		return text, 1 + more, true
	}
	digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[s[1]]
	if digits == 0 {
		text, ok = escapes[s[1]]
		return text, 2, ok
	}
	if len(s) < 2+digits {
		return "", 0, false
	}
	code, err := strconv.ParseUint(s[2:2+digits], 16, 32)
	if err != nil {
		return "", 0, false
	}
	length = 2 + digits
	if s[1] == 'u' && utf16.IsSurrogate(rune(code)) {
		text, length = surrogate(s, rune(code))
		return text, length, true
	}
	return string(rune(code)), length, utf8.ValidRune(rune(code))
}

// surrogate reads the escape of a surrogate that s begins with. JSON writes U+10000 and more as two
// of them. One alone stands for no character: as in Go, it reads as U+FFFD.
func surrogate(s string, high rune) (text string, length int) {
	if len(s) >= 12 && s[6] == '\\' && s[7] == 'u' {
		low, err := strconv.ParseUint(s[8:12], 16, 32)
		if r := utf16.DecodeRune(high, rune(low)); err == nil && r != utf8.RuneError {
			return string(r), 12
		}
	}
	return string(utf8.RuneError), 6
}

// Contains tells whether s contains one of the words.
func Contains(s string, words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(s, w) })
}

// Respelling is what the escapes begin with, behind their backslash, by which a scalar can spell a
// word otherwise than it is: those of characters, and of line breaks.
const Respelling = "xuU\r\n\xC2\xE2"

// HasEscape tells whether there is a backslash before one of the given bytes in s.
func HasEscape(s, bytes string) bool {
	for {
		_, behind, found := strings.Cut(s, `\`)
		if !found || behind == "" {
			return false
		}
		if strings.IndexByte(bytes, behind[0]) >= 0 {
			return true
		}
		s = behind
	}
}

package yamltext

import "strings"

// Spells tells whether a scalar of the YAML text source, or of a text in it, can have one of the words in its value. It does not
// parse.
func Spells(source string, words []string) bool {
	return contains(source, words) || isEscaped(source, otherwise)
}

func contains(source string, words []string) bool {
	for _, w := range words {
		if strings.Contains(source, w) {
			return true
		}
	}
	return false
}

// otherwise is what the escapes begin with, behind their backslash, by which a scalar may spell a word otherwise than it is: those of
// characters, and of line breaks.
const otherwise = "xuU\r\n\xC2\xE2"

// isEscaped tells whether there is a backslash before one of the given bytes in the YAML text source.
func isEscaped(source, bytes string) bool {
	for i := 0; ; {
		n := strings.IndexByte(source[i:], '\\')
		if n < 0 || i+n+1 == len(source) {
			return false
		}
		if i += n + 1; strings.IndexByte(bytes, source[i]) >= 0 {
			return true
		}
	}
}

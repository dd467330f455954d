package yamltext

import "strings"

// Spells tells whether a scalar of the YAML text source, or of a text in it, can have one of the words in its value. It does not
// parse.
func Spells(source string, words []string) bool {
	return contains(source, words) || spellsOtherwise(source)
}

func contains(source string, words []string) bool {
	for _, w := range words {
		if strings.Contains(source, w) {
			return true
		}
	}
	return false
}

// spellsOtherwise tells whether a scalar of the YAML text source may spell a word otherwise than it is: by escapes of characters, or of line
// breaks, and by nothing else.
func spellsOtherwise(source string) bool {
	for i := 0; ; {
		n := strings.IndexByte(source[i:], '\\')
		if n < 0 || i+n+1 == len(source) {
			return false
		}
		if i += n + 1; strings.IndexByte("xuU\r\n\xC2\xE2", source[i]) >= 0 {
			return true
		}
	}
}

// Package quote writes names where people read them.
//
// A name of a file, an image, a variable or an object may hold line ends, escapes of terminals,
// characters that turn the text around, or bytes that are not UTF-8. Printed as it is, it could
// forge lines, commands of CI systems and patches. Name writes it as git writes the names of files
// in diffs, which git apply and GNU patch read back; Text makes sure of a whole message.
package quote

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Name returns a name as it is, or if it holds anything to escape, a quote or a backslash, in double
// quotes with the escapes of C: "a\tb", "\033[31m".
func Name(name string) string {
	if escaped := escape(name, `"\`); escaped != name {
		return `"` + escaped + `"`
	}
	return name
}

// Text returns a message with the same escapes, on one line. Names that Name has quoted stay as
// they are.
func Text(message string) string { return escape(message, "") }

// Lines returns the message of err as Text does, or the messages of the errors that were joined in
// it, each with what stands before them.
func Lines(err error) []string {
	switch e := err.(type) {
	case interface{ Unwrap() []error }:
		var lines, messages []string
		for _, joined := range e.Unwrap() {
			lines, messages = append(lines, Lines(joined)...), append(messages, joined.Error())
		}
		if err.Error() == strings.Join(messages, "\n") {
			return lines
		}
	case interface{ Unwrap() error }:
		inner := e.Unwrap()
		if inner == nil {
			break
		}
		if before, ok := strings.CutSuffix(err.Error(), inner.Error()); ok {
			lines := Lines(inner)
			for i := range lines {
				lines[i] = Text(before) + lines[i]
			}
			return lines
		}
	}
	return []string{Text(err.Error())}
}

// escape returns s with the characters escaped that special has, that are not printed, or that
// begin a command of a CI system, and with the bytes escaped that are not UTF-8.
func escape(s, special string) string {
	var b strings.Builder
	done := 0 // of s, in b
	for at := 0; at < len(s); {
		if isLetterOfNames(s[at]) { // most are
			at++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[at:])
		isByte := r == utf8.RuneError && size == 1
		if isByte || !unicode.IsPrint(r) || strings.ContainsRune(special, r) || isCommand(s, at) {
			b.WriteString(s[done:at])
			writeEscaped(&b, s[at:at+size])
			done = at + size
		}
		at += size
	}
	return b.String() + s[done:]
}

// isLetterOfNames tells whether c is a letter, a digit or a sign that is never escaped.
func isLetterOfNames(c byte) bool {
	return 'a' <= c && c <= 'z' || '-' <= c && c <= '9' || 'A' <= c && c <= 'Z' || c == '_' || c == ' '
}

// writeEscaped writes a character as C does: by its letter, or byte by byte in octal.
func writeEscaped(b *strings.Builder, char string) {
	const controls, letters = "\a\b\t\n\v\f\r\"\\", `abtnvfr"\`
	if i := strings.Index(controls, char); i >= 0 {
		b.WriteString(`\` + letters[i:i+1])
		return
	}
	for i := range len(char) {
		fmt.Fprintf(b, `\%03o`, char[i])
	}
}

// isCommand tells whether the second character of what begins a command stands at an offset of s:
// GitHub's runner obeys ::error at the begin of a line and ##[error] anywhere, that of Azure
// ##vso[task.
func isCommand(s string, at int) bool {
	before, after := s[:at], s[at:]
	switch {
	case strings.HasSuffix(before, ":") && len(after) > 1 && after[0] == ':':
		letter := after[1] | 0x20
		return letter >= 'a' && letter <= 'z'
	case strings.HasSuffix(before, "#"):
		return strings.HasPrefix(after, "#[") || strings.HasPrefix(after, "#vso[")
	}
	return false
}

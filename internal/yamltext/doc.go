// Package yamltext finds scalars in YAML and JSON text with the bytes they stand in, and changes them.
//
// YAML libraries read what a document means and write it again in their own hand: folded scalars are joined, quotes and
// comments move, line ends change. Registry files are reviewed and compared by people, so here nothing is written again.
// Bytes outside an edit are never changed: splicing no edits returns the text as it came, and after every splice what could
// read otherwise is parsed again and compared, so that exactly the intended values have changed or nothing has. In simple
// YAML that is the scalar and the rest of its line, which the parser comes to in the state in which it was before, and must
// leave as it did; else it is the whole text.
//
// The meaning of a text is decided by go.yaml.in/yaml/v3, the parser of kustomize and kpt. It gives lines and columns where
// scalars begin, but not where they end nor which byte of the text holds which byte of a value; that is this package's
// work. It reads a scalar's source again in step with its value, so that a position that is not understood is found out
// and never written to. Most texts are not read by yaml.v3 at all but by a parser that is ten times as fast, and unsure
// of whatever is not plain (fastParser). Whoever wants only some of a text says so (Interest), and gets nodes of that alone.
//
// Refused, with an *UneditableError, is only
//
//   - a value that begins or ends inside an escape or a folded line break, as none does that is ASCII without white space;
//   - two edits of the same bytes;
//   - text in a place where yaml.v3 gives a wrong column: behind a byte order mark inside of the text, and behind an anchor
//     whose name ends with a colon or question mark;
//   - an edit after which the text would not read as it must, for whatever reason.
package yamltext

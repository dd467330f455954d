// Package yamltext finds scalars in YAML and JSON text with the bytes they stand in, and changes
// them.
//
// YAML libraries read what a document means and write it again in their own hand: folded scalars
// are joined, quotes and comments move, line ends change. Registry files are reviewed and compared
// by people, so here nothing is written again. Bytes outside of an edit are never changed, and no
// value changes but those that are edited. An edit that could do more is tried: the new text is
// parsed and compared with the old one.
//
// The meaning of a text is decided by go.yaml.in/yaml/v3, the parser of kustomize and kpt. It gives
// lines and columns where scalars begin, but neither where they end nor which byte of the text
// holds which byte of a value. That is this package's work: it reads a scalar's source again in
// step with its value, so that a scalar that it does not understand is never written to. A faster
// parser, below this package, reads most texts; it gives what yaml.v3 gives or says that it is
// unsure.
//
// Refused, with an *UneditableError, is only
//
//   - a value that begins or ends inside of an escape or a folded line break (a value of ASCII
//     without white space never does);
//   - two edits of the same bytes;
//   - text in a place where yaml.v3 gives a wrong column: behind a byte order mark inside of a
//     line, and behind an anchor whose name ends with a colon or question mark;
//   - an edit after which the text would not read as it must, for whatever reason.
//
// The files are in layers: lines and changes, the nodes of a text, parsing, source maps of scalars,
// spans, verifying, splicing.
package yamltext

package krm

// RunWhole is Run without cutting items out, and WasSplit tells whether Run does.
var (
	RunWhole = runWhole
	WasSplit = func(source string) bool {
		output, _ := runSplit(source, nil)
		return output != nil
	}
)

// Quote is doubleQuoted.
var Quote = doubleQuoted

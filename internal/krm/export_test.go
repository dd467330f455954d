package krm

// RunWhole is Run without cutting items out, and WasSplit tells whether Run does.
var (
	RunWhole = runWhole
	WasSplit = func(source string) bool {
		output, _ := runSplit(source, nil)
		return output != nil
	}
)

// Quote is quote.
var Quote = quote

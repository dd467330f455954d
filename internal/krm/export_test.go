package krm

// RunWhole is Run without cutting items out, and WasCut tells whether Run does.
var (
	RunWhole = runWhole
	WasCut   = func(source string) bool {
		output, _ := runCut(source, nil)
		return output != nil
	}
)

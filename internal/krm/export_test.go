package krm

// RunWhole is Run without cutting items out, and WasCut tells whether Run does.
var (
	RunWhole = runWhole
	WasCut   = func(source string) bool {
		l, ok := cut(source)
		if !ok {
			return false
		}
		_, err := l.run(nil)
		return err == nil
	}
)

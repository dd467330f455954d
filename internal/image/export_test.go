package image

import "time"

// Hurry has registries waited for so long only, and returns what undoes that.
func Hurry(answer, wait time.Duration) (undo func()) {
	a, least, most := answerTime, minWait, maxWait
	answerTime, minWait, maxWait = answer, wait, wait
	return func() { answerTime, minWait, maxWait = a, least, most }
}

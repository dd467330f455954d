package parallel_test

import (
	"iter"
	"sync/atomic"
	"testing"

	"inject-related-images/internal/parallel"
)

func TestEachIndexIsWorkedOnOnce(t *testing.T) {
	for _, n := range []int{0, 1, 15, 16, 17, 1000} {
		counts := make([]atomic.Int32, n)
		parallel.Each(n, 16, func(indices iter.Seq[int]) {
			for i := range indices {
				counts[i].Add(1)
			}
		})
		for i := range counts {
			if got := counts[i].Load(); got != 1 {
				t.Errorf("of %d, index %d was worked on %d times, want once", n, i, got)
			}
		}
	}
}

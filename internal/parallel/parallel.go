// Package parallel shares work out among as many goroutines as there are processors. Each of them
// keeps what it works with, such as memory or an open folder, from one piece of the work to the
// next.
package parallel

import (
	"iter"
	"runtime"
	"sync"
	"sync/atomic"
)

// Each calls worker on several goroutines, with the indices that are its share of those below n:
// batches of neighbours, until none are left. It returns when all have returned.
func Each(n, batch int, worker func(indices iter.Seq[int])) {
	var next atomic.Int64
	indices := func(yield func(int) bool) {
		for first := int(next.Add(int64(batch))) - batch; first < n; first = int(next.Add(int64(batch))) - batch {
			for i := first; i < min(first+batch, n); i++ {
				if !yield(i) {
					return
				}
			}
		}
	}
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), (n+batch-1)/batch) {
		workers.Go(func() { worker(indices) })
	}
	workers.Wait()
}

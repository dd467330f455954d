package fn

import (
	"context"
	"errors"
)

func (c Command) context() context.Context {
	if c.Context == nil {
		return context.Background()
	}
	return c.Context
}

// hasEnded tells whether an error is that c.Context has ended.
func (c Command) hasEnded(err error) bool {
	return err != nil && c.context().Err() != nil && errors.Is(err, context.Cause(c.context()))
}

func (c Command) interrupted() error { return &ExitError{ExitFailure, context.Cause(c.context())} }

// orEnd returns what read returns, or the cause if the context ends first: what is read may be a
// pipe that nobody writes to.
func orEnd[T any](ctx context.Context, read func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		value, err := read()
		done <- result{value, err}
	}()
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
		var none T
		return none, context.Cause(ctx)
	}
}

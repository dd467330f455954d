//go:build !linux && !darwin

package replace

import "errors"

// swap cannot be done here.
func (exchange) swap() error { return errors.ErrUnsupported }

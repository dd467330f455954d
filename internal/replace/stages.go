package replace

import (
	"context"
	"errors"
	"os"
	"slices"
	"sync"
)

// stages are those that a process has open. The files that it writes in one folder share one.
type stages struct {
	mutex sync.Mutex
	all   []*sharedStage
}

// sharedStage is a stage, and how many files need it.
type sharedStage struct {
	in    os.FileInfo // the folder
	users int

	once sync.Once
	*stage
	err error // why there is none
}

// open returns the stage in a folder.
func (s *stages) open(ctx context.Context, folder *os.Root) (*sharedStage, error) {
	in, err := folder.Stat(".")
	if err != nil {
		return nil, err
	}
	shared := s.enter(in)
	shared.once.Do(func() { shared.err = shared.make(ctx, folder) })
	if shared.err != nil {
		s.close(shared)
		return nil, shared.err
	}
	return shared, nil
}

// make makes the stage. It has the folder open for itself: whoever came first may be ready first.
func (shared *sharedStage) make(ctx context.Context, folder *os.Root) error {
	folder, err := folder.OpenRoot(".")
	if err != nil {
		return err
	}
	if shared.stage, err = newStage(ctx, folder); err != nil {
		_ = folder.Close()
	}
	return err
}

// enter counts one who needs the stage in a folder.
func (s *stages) enter(in os.FileInfo) *sharedStage {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for _, shared := range s.all {
		if os.SameFile(shared.in, in) {
			shared.users++
			return shared
		}
	}
	shared := &sharedStage{in: in, users: 1}
	s.all = append(s.all, shared)
	return shared
}

// close removes a stage when nobody needs it any more.
func (s *stages) close(shared *sharedStage) {
	if s.leave(shared) && shared.stage != nil {
		shared.stage.close()
		_ = shared.folder.Close()
	}
}

// leave tells whether there is nobody left who needs the stage.
func (s *stages) leave(shared *sharedStage) bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if shared.users--; shared.users > 0 || errors.Is(shared.err, errBusy) { // nobody else need wait as long
		return false
	}
	s.all = slices.DeleteFunc(s.all, func(other *sharedStage) bool { return other == shared })
	return true
}

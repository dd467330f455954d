package image

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// A layer that unpacks to more than this, and to more than so many times its size, is a gzip bomb.
const (
	bombSize  = 1 << 30
	bombRatio = 100
)

// open returns what is in a layer, unpacked. It ends with an error when the context does, or when
// the layer is a bomb.
func open(ctx context.Context, layer v1.Layer) (*guarded, error) {
	mediaType, err := layer.MediaType()
	if err != nil {
		return nil, err
	}
	packed, size, err := stored(layer)
	if err != nil {
		return nil, err
	}
	g := &guarded{Closer: packed, source: &recorded{Reader: packed}, mediaType: mediaType, ctx: ctx, packed: size}
	if g.Reader, err = unpack(g.source); err != nil {
		return nil, errors.Join(g.explain(err), packed.Close())
	}
	return g, nil
}

// stored returns a layer as it is stored.
func stored(layer v1.Layer) (io.ReadCloser, int64, error) {
	if l, ok := layer.(archivedLayer); ok {
		return l.asItIs()
	}
	size, err := layer.Size()
	if err != nil {
		return nil, 0, err
	}
	content, err := layer.Compressed()
	return content, size, err
}

// unpack unpacks what gzip or zstd has packed. The library would do it, too, by Go's own gzip, which
// takes half as long again.
func unpack(packed io.Reader) (io.Reader, error) {
	buffered := bufio.NewReaderSize(packed, 64<<10)
	magic, err := buffered.Peek(4)
	switch {
	case bytes.HasPrefix(magic, []byte("\x1f\x8b")):
		return gzip.NewReader(buffered)
	case bytes.Equal(magic, []byte("\x28\xb5\x2f\xfd")):
		return zstd.NewReader(buffered, zstd.WithDecoderConcurrency(1))
	case err != nil && !errors.Is(err, io.EOF):
		return nil, err
	}
	return buffered, nil
}

// recorded is a reader that keeps its error.
type recorded struct {
	io.Reader
	err error // but the end
}

func (r *recorded) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		r.err = err
	}
	return n, err
}

// guarded reads an unpacked layer. It ends with an error when the context does, or if the layer
// is a bomb.
type guarded struct {
	io.Reader
	io.Closer
	source    *recorded // what is packed
	mediaType types.MediaType
	ctx       context.Context
	packed    int64
	unpacked  int64
	err       error // why it was not read further
}

func (g *guarded) Read(p []byte) (int, error) {
	if g.err = g.ctx.Err(); g.err != nil {
		return 0, g.err
	}
	n, err := g.Reader.Read(p)
	if g.unpacked += int64(n); g.unpacked > bombSize && g.unpacked > bombRatio*g.packed {
		g.err = fmt.Errorf("it unpacks to more than %d times its %d bytes: it is left alone", bombRatio, g.packed)
		return 0, g.err
	}
	return n, err
}

// explain says why a layer cannot be read, for what came of it: it does not come whole, or is
// damaged, as its digest shows at its end, or is no archive.
func (g *guarded) explain(err error) error {
	if g.err == nil && g.source.err == nil {
		_, _ = io.Copy(io.Discard, g.source) // its error is kept
	}
	switch {
	case g.err != nil:
		return g.err
	case errors.Is(g.source.err, io.ErrUnexpectedEOF):
		return errors.New("it is cut off: try again later")
	case g.source.err != nil:
		return explain(g.source.err)
	}
	return fmt.Errorf("it is no tar archive packed by gzip or zstd, or a damaged one (its type is %s): %w", g.mediaType, err)
}

package image

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	v1 "github.com/google/go-containerregistry/pkg/v1"
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
func open(ctx context.Context, layer v1.Layer) (io.ReadCloser, error) {
	packed, size, err := stored(layer)
	if err != nil {
		return nil, err
	}
	content, err := unpack(packed)
	if err != nil {
		return nil, errors.Join(err, packed.Close())
	}
	return &guarded{Reader: content, Closer: packed, ctx: ctx, packed: size}, nil
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

// guarded is what is in a layer.
type guarded struct {
	io.Reader
	io.Closer
	ctx      context.Context
	packed   int64
	unpacked int64
}

func (g *guarded) Read(p []byte) (int, error) {
	if err := g.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := g.Reader.Read(p)
	if g.unpacked += int64(n); g.unpacked > bombSize && g.unpacked > bombRatio*g.packed {
		return 0, fmt.Errorf("it unpacks to more than %d times its %d bytes: it is left alone", bombRatio, g.packed)
	}
	return n, err
}

package image

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/hashicorp/go-retryablehttp"
	"github.com/schollz/progressbar/v3"
	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// Registries says how registries are asked.
type Registries struct {
	CAs      []string  // files with certificates of authorities to trust beside the system's
	Insecure bool      // ask by plain HTTP where HTTPS does not answer, also beyond this machine
	Progress io.Writer // a terminal on which to show how much has come, or nil

	once     sync.Once
	puller   *remote.Puller
	pusher   *remote.Pusher
	err      error
	progress *progressbar.ProgressBar // once something has come, or nil
}

// A request that fails for a reason that passes is made again, a few times.
const maxRetries = 4

// How long a registry is waited for.
var (
	answerTime = 30 * time.Second // until an answer begins, and from one byte to the next
	minWait    = time.Second      // between two tries, twice as long each time
	maxWait    = 30 * time.Second // whatever the registry asks for
)

// reference reads the name of an image in a registry.
func (r *Registries) reference(s string) (name.Reference, error) {
	var options []name.Option
	if r.Insecure {
		options = append(options, name.Insecure)
	}
	ref, err := name.ParseReference(s, options...)
	if err != nil {
		return nil, fmt.Errorf("%q is no image reference: write docker://REGISTRY/REPOSITORY:TAG, or @sha256:DIGEST, "+
			"and the repository in lower case", s)
	}
	return ref, nil
}

// connect makes what asks registries, once.
func (r *Registries) connect() error {
	r.once.Do(func() {
		var options []remote.Option
		if options, r.err = r.remoteOptions(); r.err != nil {
			return
		}
		if r.puller, r.err = remote.NewPuller(options...); r.err != nil {
			return
		}
		r.pusher, r.err = remote.NewPusher(options...)
	})
	return r.err
}

// pull returns what a reference names in a registry.
func (r *Registries) pull(ctx context.Context, ref name.Reference) (manifest, error) {
	if err := r.connect(); err != nil {
		return nil, err
	}
	d, err := r.puller.Get(ctx, ref)
	switch {
	case err != nil:
		return nil, err
	case d.MediaType.IsIndex():
		return d.ImageIndex()
	case d.MediaType == types.DockerManifestSchema1 || d.MediaType == types.DockerManifestSchema1Signed:
		return nil, errors.New("it has a manifest of Docker's schema 1, which nothing pulls any more: push it again")
	}
	return d.Image()
}

func (r *Registries) remoteOptions() ([]remote.Option, error) {
	roots, err := r.roots()
	if err != nil {
		return nil, err
	}
	direct := http.DefaultTransport.(*http.Transport).Clone()
	direct.TLSClientConfig = &tls.Config{RootCAs: roots}
	direct.ResponseHeaderTimeout = answerTime
	dialer := &net.Dialer{Timeout: answerTime}
	patience := answerTime
	direct.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dialer.DialContext(ctx, network, address)
		return impatient{conn, patience}, err
	}
	client := retryablehttp.NewClient()
	client.HTTPClient = &http.Client{Transport: direct, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse // the library above follows them, without credentials
	}}
	client.Logger = slog.New(slog.DiscardHandler)
	client.RetryMax, client.RetryWaitMin, client.RetryWaitMax = maxRetries, minWait, maxWait
	client.Backoff = func(least, most time.Duration, attempt int, response *http.Response) time.Duration {
		return min(retryablehttp.DefaultBackoff(least, most, attempt, response), maxWait)
	}
	client.CheckRetry = func(ctx context.Context, response *http.Response, err error) (bool, error) {
		if err != nil && !passes(err) {
			return false, err
		}
		return retryablehttp.DefaultRetryPolicy(ctx, response, err)
	}
	client.ErrorHandler = retryablehttp.PassthroughErrorHandler
	return []remote.Option{
		remote.WithAuthFromKeychain(credentials()),
		remote.WithTransport(r.showing(retrying{&retryablehttp.RoundTripper{Client: client}, direct})),
		remote.WithRetryPredicate(isOfUpload),
		remote.WithRetryBackoff(remote.Backoff{Duration: minWait, Factor: 2, Steps: maxRetries + 1}),
		remote.WithRetryStatusCodes(),
		remote.WithUserAgent("inject-related-images"),
	}, nil
}

// passes tells whether a request may be answered when it is made again. Whoever says nothing for
// long has been waited for.
func passes(err error) bool {
	var unknown *net.DNSError
	var network net.Error
	isUnknown := errors.As(err, &unknown) && unknown.IsNotFound
	isSlow := errors.As(err, &network) && network.Timeout()
	isPlain := errors.Is(err, http.ErrSchemeMismatch) || errors.As(err, new(tls.RecordHeaderError)) // asked by TLS
	return !isUnknown && !isSlow && !isPlain && !errors.Is(err, syscall.ECONNREFUSED)
}

// showing returns transport, or where progress is shown one that shows what comes.
func (r *Registries) showing(transport http.RoundTripper) http.RoundTripper {
	if r.Progress == nil {
		return transport
	}
	const unknown, pause = -1, 100 * time.Millisecond
	r.progress = progressbar.NewOptions(unknown,
		progressbar.OptionSetWriter(r.Progress), progressbar.OptionSetDescription("from registries"),
		progressbar.OptionShowBytes(true), progressbar.OptionShowCount(), progressbar.OptionThrottle(pause),
		progressbar.OptionClearOnFinish(),
		progressbar.OptionSetSpinnerChangeInterval(0)) // else it has a goroutine that reads what others write
	return counted{transport, r.progress}
}

// counted shows how much the answers to requests hold.
type counted struct {
	http.RoundTripper
	progress *progressbar.ProgressBar
}

func (c counted) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := c.RoundTripper.RoundTrip(request)
	if err == nil {
		body := progressbar.NewReader(response.Body, c.progress)
		response.Body = &body
	}
	return response, err
}

// impatient is a connection that ends when nothing comes for long, unless something goes.
type impatient struct {
	net.Conn
	patience time.Duration
}

func (c impatient) Read(p []byte) (int, error) {
	if err := c.SetReadDeadline(time.Now().Add(c.patience)); err != nil {
		return 0, err
	}
	return c.Conn.Read(p)
}

// Write puts off the end of a Read that waits for the answer.
func (c impatient) Write(p []byte) (int, error) {
	if err := c.SetDeadline(time.Now().Add(c.patience)); err != nil {
		return 0, err
	}
	return c.Conn.Write(p)
}

// roots returns the certificates of the authorities to trust: those of the system, and of CAs. Where
// the system has none, as an image from scratch, they are Mozilla's.
func (r *Registries) roots() (*x509.CertPool, error) {
	roots, err := x509.SystemCertPool()
	if err != nil || roots.Equal(x509.NewCertPool()) {
		roots = x509.NewCertPool()
		for root := range bundle.Roots() {
			certificate, err := x509.ParseCertificate(root.Certificate)
			if err != nil {
				return nil, err
			}
			if root.Constraint == nil {
				roots.AddCert(certificate)
			} else {
				roots.AddCertWithConstraint(certificate, root.Constraint)
			}
		}
	}
	for _, file := range r.CAs {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("ca: %s: %w", file, plain(err))
		}
		if !roots.AppendCertsFromPEM(text) {
			return nil, fmt.Errorf("ca: %s: it has no certificate in PEM: -----BEGIN CERTIFICATE-----", file)
		}
	}
	return roots, nil
}

// explain says what went wrong at a registry, and what to do.
func explain(err error) error {
	var answer *transport.Error
	var network net.Error
	var certificate *tls.CertificateVerificationError
	var unreachable *net.OpError
	switch {
	case errors.As(err, &certificate):
		return fmt.Errorf("the registry's certificate is not trusted: %w: name a file with that of its authority by --ca",
			certificate.Err)
	case errors.As(err, &answer):
		return explainAnswer(answer)
	case errors.As(err, &network) && network.Timeout():
		return fmt.Errorf("the registry does not answer within %v: try again later", answerTime)
	case errors.As(err, &unreachable):
		return fmt.Errorf("the registry cannot be reached: %w", unreachable)
	}
	return err
}

func explainAnswer(answer *transport.Error) error {
	said := fmt.Sprintf("the registry answers %d %s", answer.StatusCode, http.StatusText(answer.StatusCode))
	switch answer.StatusCode {
	case http.StatusUnauthorized:
		return errors.New("the registry wants credentials, or refuses those that it got: log in by podman login or docker login")
	case http.StatusForbidden:
		if isPush(answer) {
			return errors.New("the registry forbids a push with these credentials: " +
				"log in as somebody who may push to the repository")
		}
		return errors.New("the registry forbids a pull with these credentials: log in as somebody who may pull the image")
	case http.StatusNotFound:
		if isPush(answer) {
			return errors.New("the registry has no such repository to push to: check its name, or create it")
		}
		return errors.New("the registry has no such image: check repository and tag")
	case http.StatusTooManyRequests:
		return fmt.Errorf("%s, also after %d tries: wait, or log in", said, maxRetries+1)
	}
	for _, d := range answer.Errors {
		said += fmt.Sprintf(": %s", d)
	}
	if answer.StatusCode >= http.StatusInternalServerError {
		said += fmt.Sprintf(", also after %d tries: try again later", maxRetries+1)
	}
	return errors.New(said)
}

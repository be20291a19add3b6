package loadprofiles

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"os"
	"syscall"

	"github.com/snapcert/snapcert/fixtures/snap"
)

// failureOf says why there is no answer.
func failureOf(ctx context.Context, err error, inBody bool) (snap.FailureKind, string) {
	var network net.Error
	var op *net.OpError
	var dns *net.DNSError
	var handshake *handshakeError
	switch {
	case errors.Is(context.Cause(ctx), errSlow):
		return snap.FailureTimeout, errSlow.Error()
	case ctx.Err() != nil:
		return snap.FailureCanceled, "interrupted before the answer was whole"
	case errors.As(err, &handshake), isTLS(err):
		return snap.FailureTLS, err.Error()
	case errors.As(err, &dns), errors.As(err, &op) && op.Op == "dial":
		return snap.FailureConnect, err.Error()
	case errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return snap.FailureTimeout, err.Error()
	case errors.Is(err, errHuge):
		return snap.FailureProtocol, err.Error()
	case inBody && errors.Is(err, io.ErrUnexpectedEOF):
		return snap.FailureProtocol, "the body is shorter than announced"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, io.EOF),
		errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return snap.FailureReset, "the connection broke before the answer was whole: " + err.Error()
	}
	return snap.FailureProtocol, err.Error()
}

func isTLS(err error) bool {
	var record tls.RecordHeaderError
	var alert tls.AlertError
	var certificate *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	return errors.As(err, &record) || errors.As(err, &alert) || errors.As(err, &certificate) || errors.As(err, &authority)
}

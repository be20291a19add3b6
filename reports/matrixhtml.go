package reports

import "io"

// WriteMatrixHTML is a stub.
func WriteMatrixHTML(w io.Writer, m *Matrix) error { return nil }

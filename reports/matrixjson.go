package reports

import (
	"encoding/json"
	"fmt"
	"io"
)

// WriteMatrixJSON writes the matrix for machines.
func WriteMatrixJSON(w io.Writer, m *Matrix) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(m); err != nil {
		return fmt.Errorf("writing the matrix: %w", err)
	}
	return nil
}

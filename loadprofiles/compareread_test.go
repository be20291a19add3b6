package loadprofiles

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/snapcert/snapcert/reports"
)

func TestReadRuns(t *testing.T) {
	dir := t.TempDir()
	if _, err := ReadRuns(dir); err == nil {
		t.Error("an empty folder has runs")
	}
	write := func(name string, l *reports.Load) {
		t.Helper()
		var b bytes.Buffer
		path := filepath.Join(dir, name)
		if err := reports.WriteLoadJSON(&b, l); err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 3 {
		l := summarised([]float64{1, 2}, 1)
		l.Run.Repeat = 3 - i
		write(fmt.Sprintf("run-%02d/%s", 3-i, LoadFile), l)
	}
	runs, err := ReadRuns(dir)
	if err != nil || len(runs) != 3 || runs[0].Run.Repeat != 1 {
		t.Errorf("%d runs, %v", len(runs), err)
	}
	write("run-02/"+LoadFile, &reports.Load{Schema: "9.0"})
	if _, err := ReadRuns(dir); err == nil || !strings.Contains(err.Error(), "run-02") {
		t.Errorf("a report of another schema: %v", err)
	}
}

package reports

import (
	"bytes"
	"os"
	"strconv"
	"testing"
)

func page1(t *testing.T, d *Dossier, o HTMLOptions) string {
	t.Helper()
	var b bytes.Buffer
	if err := WriteHTML(&b, d, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
func TestShow(t *testing.T) {
	if os.Getenv("N") == "" {
		t.Skip()
	}
	for _, n := range []int{0, 1, 200} {
		os.WriteFile("/tmp/f/r"+strconv.Itoa(n)+".html", []byte(page1(t, dossier(n), HTMLOptions{})), 0o644)
	}
	d := dossier(1)
	d.Lang = Indonesian
	os.WriteFile("/tmp/f/id.html", []byte(page1(t, d, HTMLOptions{})), 0o644)
	os.WriteFile("/tmp/f/hostile.html", []byte(page1(t, hostileDossier(), HTMLOptions{})), 0o644)
}

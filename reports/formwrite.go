package reports

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
)

// WriteFormCSV writes lampiran-7c.csv: title and head fields, an empty line, the columns, the rows.
func WriteFormCSV(w io.Writer, d *Dossier) error {
	s := fill(d)
	c := csv.NewWriter(w)
	c.UseCRLF = true
	out := [][]string{{formTitle}}
	for _, h := range s.head {
		out = append(out, []string{h[0], cell(h[1])})
	}
	out = append(out, []string{""}, formColumns[:])
	for _, row := range s.rows {
		cells := make([]string, len(row))
		for i, text := range row {
			cells[i] = cell(text)
		}
		out = append(out, cells)
	}
	if err := c.WriteAll(out); err != nil {
		return fmt.Errorf("writing lampiran-7c.csv: %w", err)
	}
	return nil
}

const formSheet = "Lampiran 7.C"

// WriteFormXLSX writes lampiran-7c.xlsx. Every cell is text: no cell of the sheet is a formula or a link.
func WriteFormXLSX(w io.Writer, d *Dossier) (err error) {
	s := fill(d)
	f := excelize.NewFile()
	defer func() {
		if closing := f.Close(); err == nil && closing != nil {
			err = fmt.Errorf("writing lampiran-7c.xlsx: %w", closing)
		}
	}()
	b := &book{f: f}
	b.do(f.SetSheetName(f.GetSheetName(0), formSheet))
	title := b.style(&excelize.Style{Font: &excelize.Font{Bold: true, Size: 14}})
	bold := b.style(&excelize.Style{Font: &excelize.Font{Bold: true}})
	border := []excelize.Border{{Type: "left", Color: "808080", Style: 1}, {Type: "right", Color: "808080", Style: 1}, {Type: "top", Color: "808080", Style: 1}, {Type: "bottom", Color: "808080", Style: 1}}
	wrap := &excelize.Alignment{Vertical: "top", WrapText: true}
	head := b.style(&excelize.Style{Font: &excelize.Font{Bold: true}, Border: border, Alignment: wrap, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"E7ECF2"}}})
	// 49 is the built-in text format: what is typed over a cell stays text too.
	body := b.style(&excelize.Style{Border: border, Alignment: wrap, NumFmt: 49, Font: &excelize.Font{Size: 9}})
	b.text(1, 1, formTitle, title)
	for i, h := range s.head {
		b.text(1, i+2, h[0], bold)
		b.text(3, i+2, h[1], 0)
	}
	top := len(s.head) + 3
	for i, name := range formColumns {
		b.text(i+1, top, name, head)
	}
	for r, row := range s.rows {
		for i, text := range row {
			b.text(i+1, top+1+r, text, body)
		}
		b.do(f.SetRowHeight(formSheet, top+1+r, heightOf(row)))
	}
	for i, width := range formWidths {
		name, err := excelize.ColumnNumberToName(i + 1)
		b.do(err)
		b.do(f.SetColWidth(formSheet, name, name, width))
	}
	below, err := excelize.CoordinatesToCellName(1, top+1)
	b.do(err)
	b.do(f.SetPanes(formSheet, &excelize.Panes{Freeze: true, YSplit: top, TopLeftCell: below, ActivePane: "bottomLeft"}))
	landscape, a4, wide, tall := "landscape", 9, 1, 0
	b.do(f.SetPageLayout(formSheet, &excelize.PageLayoutOptions{Orientation: &landscape, Size: &a4, FitToWidth: &wide, FitToHeight: &tall}))
	margin := 0.4
	b.do(f.SetPageMargins(formSheet, &excelize.PageLayoutMarginsOptions{Left: &margin, Right: &margin, Top: &margin, Bottom: &margin}))
	fit := true
	b.do(f.SetSheetProps(formSheet, &excelize.SheetPropsOptions{FitToPage: &fit}))
	b.do(f.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", RefersTo: fmt.Sprintf("'%s'!$%d:$%d", formSheet, top, top), Scope: formSheet}))
	// The file carries the run's date, not the machine's, so the same run gives the same form.
	day := d.Report.Run.Ended.UTC().Format("2006-01-02T15:04:05Z")
	b.do(f.SetDocProps(&excelize.DocProperties{Title: formTitle, Creator: cell(d.Report.Tool.Name), Created: day, Modified: day}))
	if err := errors.Join(b.errs...); err != nil {
		return fmt.Errorf("writing lampiran-7c.xlsx: %w", err)
	}
	if err := f.Write(w); err != nil {
		return fmt.Errorf("writing lampiran-7c.xlsx: %w", err)
	}
	return nil
}

// formWidths are the columns' widths in characters: together they can still be read on A4 on its side.
var formWidths = [8]float64{6, 14, 23, 16, 47, 40, 10, 27}

// heightOf is the height of a row in points at which all of its text shows, as far as a sheet allows. Programs do not work
// it out by themselves for cells that wrap.
func heightOf(row [8]string) float64 {
	const line, most = 12, 409 // points; the second is the limit of the format
	lines := 1
	for i, text := range row {
		n := 0
		for part := range strings.Lines(text) {
			n += 1 + utf8.RuneCountInString(strings.TrimRight(part, "\n"))/int(formWidths[i])
		}
		lines = max(lines, n)
	}
	return float64(min(most, lines*line+4))
}

// book gathers errors, so that the sheet reads as a list of what is in it.
type book struct {
	f    *excelize.File
	errs []error
}

func (b *book) do(err error) {
	if err != nil {
		b.errs = append(b.errs, err)
	}
}

func (b *book) style(s *excelize.Style) int {
	id, err := b.f.NewStyle(s)
	b.do(err)
	return id
}

func (b *book) text(column, row int, text string, style int) {
	at, err := excelize.CoordinatesToCellName(column, row)
	b.do(err)
	b.do(b.f.SetCellStr(formSheet, at, cell(text)))
	if style != 0 {
		b.do(b.f.SetCellStyle(formSheet, at, at, style))
	}
}

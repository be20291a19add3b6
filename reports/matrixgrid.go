package reports

import (
	"fmt"
	"html/template"
	"slices"
	"strings"
)

// matrixGrid is the drawing: a row for each rule that was broken, a column for each check.
type matrixGrid struct {
	Width, Height, Left, Top, Side, Cell int
	Bands                                []matrixBand
	Cells                                []matrixCell
}

// matrixBand is the line under one endpoint's rows, and the one beside its columns.
type matrixBand struct {
	Name                               string
	X1, X2, Y, V, Y1, Y2, TextX, TextY int
}

type matrixCell struct {
	X, Y                 int
	Class, Title, Anchor string
}

const (
	gridCell  = 4
	gridLeft  = 290
	gridSpace = 8
)

// newMatrixGrid draws only the cells that hold something. A hit in a rule that was not broken in this run has no column.
func newMatrixGrid(m *Matrix) matrixGrid {
	side := gridCell * len(m.Rows)
	g := matrixGrid{Width: gridLeft + side + gridSpace, Height: side + 2*gridSpace, Left: gridLeft, Top: gridSpace, Side: side, Cell: gridCell}
	place := map[string]int{}
	for i := range m.Rows {
		place[m.Rows[i].ID] = i
	}
	first := 0
	for i := range m.Rows {
		r := &m.Rows[i]
		if i+1 == len(m.Rows) || m.Rows[i+1].Endpoint != r.Endpoint {
			end := gridCell * (i + 1)
			g.Bands = append(g.Bands, matrixBand{
				Name: r.Endpoint, X1: gridLeft, X2: gridLeft + side, Y: gridSpace + end, V: gridLeft + end, Y1: gridSpace, Y2: gridSpace + side,
				TextX: gridLeft - gridSpace, TextY: gridSpace + gridCell*(first+i+1)/2 + gridCell,
			})
			first = i + 1
		}
		g.row(r, i, place)
	}
	return g
}

func (g *matrixGrid) row(r *MatrixRow, at int, place map[string]int) {
	cell := func(column int, class, title string) {
		g.Cells = append(g.Cells, matrixCell{gridLeft + gridCell*column, gridSpace + gridCell*at, class, title, r.ID})
	}
	switch {
	case r.Untouched != "" || r.Pending():
		cell(at, "open", r.Ref+" "+r.ID+": not broken")
	case slices.ContainsFunc(r.Breaks, func(b MatrixBreak) bool { return !b.Seen() }):
		cell(at, "missed", r.Ref+" "+r.ID+": not every break was seen")
	default:
		cell(at, "own", fmt.Sprintf("%s %s: %s, all seen", r.Ref, r.ID, plural(len(r.Breaks), "break")))
	}
	drawn := map[string]bool{}
	for _, stray := range []bool{true, false} { // the worse of two hits in one check is the one to show
		for i := range r.Breaks {
			for _, h := range r.Breaks[i].Hits {
				column, known := place[h.ID]
				if !known || drawn[h.ID] || (h.Tie == "") != stray {
					continue
				}
				drawn[h.ID] = true
				if stray {
					cell(column, "stray", fmt.Sprintf("%s broken by %s shows in %s too, undeclared", r.Ref, r.Breaks[i].Mode, h.Ref))
				} else {
					cell(column, "tied", fmt.Sprintf("%s broken by %s shows in %s too: %s", r.Ref, r.Breaks[i].Mode, h.Ref, h.Tie))
				}
			}
		}
	}
}

// tiesOf brings the declared hits together by their reasons, in the order in which they first come up.
func tiesOf(m *Matrix) []matrixTies {
	var all []matrixTies
	for i := range m.Rows {
		for j := range m.Rows[i].Breaks {
			for _, h := range m.Rows[i].Breaks[j].Hits {
				if h.Tie == "" {
					continue
				}
				at := slices.IndexFunc(all, func(t matrixTies) bool { return t.Reason == h.Tie })
				if at < 0 {
					at = len(all)
					all = append(all, matrixTies{Reason: h.Tie})
				}
				pair := m.Rows[i].Ref + " → " + h.Ref
				if !slices.Contains(all[at].Pairs, pair) {
					all[at].Pairs = append(all[at].Pairs, pair)
				}
			}
		}
	}
	return all
}

func matrixFuncs() template.FuncMap {
	return template.FuncMap{
		"show":      func(s string) string { return visible(s, false) },
		"ways":      (*MatrixRow).ways,
		"seen":      (*MatrixRow).summary,
		"tone":      func(r *MatrixRow) string { tone, _ := r.result(); return tone },
		"word":      func(r *MatrixRow) string { _, word := r.result(); return word },
		"standtone": func(s Standing) string { return tones[string(s)].class },
	}
}

// ways are the modes by which the row's rule was broken, each once.
func (r *MatrixRow) ways() string {
	var names []string
	for i := range r.Breaks {
		if !slices.Contains(names, r.Breaks[i].Mode) {
			names = append(names, r.Breaks[i].Mode)
		}
	}
	return strings.Join(names, ", ")
}

// result is the row's colour class and its outcome in words.
func (r *MatrixRow) result() (tone, word string) {
	switch {
	case r.Excused:
		return "soft", "– not broken"
	case r.Pending():
		return "soft", "○ not reached"
	case r.Killed():
		return "good", "✓ proven"
	}
	return "bad", "✗ not proven"
}

func (r *MatrixRow) summary() string {
	seen := 0
	for i := range r.Breaks {
		if r.Breaks[i].Seen() {
			seen++
		}
	}
	asked := "by all answers"
	if r.Cases > 0 {
		asked = "by " + plural(r.Cases, "case")
	}
	return fmt.Sprintf("%d of %s seen, %s", seen, plural(len(r.Breaks), "break"), asked)
}

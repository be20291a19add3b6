package reports

import (
	"slices"
	"strings"
)

// figure is one plot of load.html: drawn twice, for a wide window and a narrow one, with its data as a table.
type figure struct {
	ID, Title string
	Caption   string // how to read it
	Desc      string // what it shows, for those who do not see it
	Views     []*view
	Table     dataTable
}

// dataTable is the data of a figure.
type dataTable struct {
	Caption string
	Head    []string
	Rows    [][]string
}

// view is a drawing. All of it is paths and texts, so that the template needs no arithmetic and numbers are formatted in
// one place.
type view struct {
	ID, Class, Title, Desc   string
	Narrow                   bool
	Grid                     bool // lines up from the marks below
	Bare                     bool // no axes
	W, H                     px
	Left, Right, Top, Bottom px // of the area for data
	Up, Across               []mark
	UpName, AcrossName       string
	Shapes                   []shape // from back to front
	Texts                    []label
}

// shape is a path with a class that says how it looks, and a text that appears when it is pointed at.
type shape struct{ Class, D, Tip string }

// label is a text within a drawing.
type label struct {
	Class  string
	X, Y   px
	Anchor string
	Text   string
}

// plane makes an empty drawing. margin is the room for labels right of the data.
func plane(id string, narrow bool, height, margin px) *view {
	v := &view{ID: id, Class: "wide", W: 920, H: height, Left: 64, Top: 26}
	if narrow {
		v = &view{ID: id + "-narrow", Class: "narrow", Narrow: true, W: 400, H: height * 0.9, Left: 60, Top: 26}
		margin = 16
	}
	v.Right, v.Bottom = v.W-margin, v.H-44
	return v
}

// both draws a figure wide and narrow.
func (f *figure) both(draw func(narrow bool) *view) {
	for _, narrow := range []bool{false, true} {
		v := draw(narrow)
		v.Title, v.Desc = f.Title, f.Desc
		f.Views = append(f.Views, v)
	}
}

// pen builds the outline of a shape.
type pen struct {
	b    strings.Builder
	down bool // a line is being drawn
}

func (p *pen) to(x, y px) {
	if p.down {
		p.b.WriteByte('L')
	} else {
		p.b.WriteByte('M')
	}
	p.down = true
	p.b.WriteString(x.String() + " " + y.String())
}

func (p *pen) lift() { p.down = false }

func (p *pen) box(x0, y0, x1, y1 px) {
	p.lift()
	p.to(x0, y0)
	p.b.WriteString("H" + x1.String() + "V" + y1.String() + "H" + x0.String() + "Z")
	p.lift()
}

func (p *pen) String() string { return p.b.String() }

func (v *view) shape(class, d, tip string) {
	if d != "" {
		v.Shapes = append(v.Shapes, shape{class, d, tip})
	}
}

func (v *view) text(class string, x, y px, anchor, text string) {
	v.Texts = append(v.Texts, label{class, x, y, anchor, text})
}

// ending is a name to be written at the right end of a line.
type ending struct {
	class, text string
	at          px
}

// endings writes names beside the ends of lines, moved apart where they would cover each other, with a stroke to the end
// that each belongs to. A narrow drawing has no room there; it gets a key under the axis.
func (v *view) endings(list []ending) {
	if v.Narrow {
		v.lineKey(list)
		return
	}
	const apart = 15
	slices.SortStableFunc(list, func(a, b ending) int {
		switch {
		case a.at < b.at:
			return -1
		case a.at > b.at:
			return 1
		}
		return 0
	})
	places := make([]px, len(list))
	for i, e := range list {
		places[i] = e.at
		if i > 0 {
			places[i] = max(places[i], places[i-1]+apart)
		}
	}
	// What was pushed beyond the edge comes back, and pushes the ones before it up.
	floor := v.Bottom
	for i := len(places) - 1; i >= 0; i-- {
		places[i] = min(places[i], floor)
		floor = places[i] - apart
	}
	for i, e := range list {
		var p pen
		p.to(v.Right+2, e.at)
		p.to(v.Right+9, places[i])
		v.shape("leader "+e.class, p.String(), "")
		v.text("lab "+e.class, v.Right+12, places[i]+4, "start", e.text)
	}
}

// lineKey names lines under the axis, beside a piece of each.
func (v *view) lineKey(list []ending) {
	x, y := v.Left, v.Bottom+56
	for _, e := range list {
		room := px(len([]rune(e.text)))*7.5 + 44
		if x > v.Left && x+room > v.W {
			x, y = v.Left, y+19
		}
		var p pen
		p.to(x, y-4)
		p.to(x+24, y-4)
		v.shape("line "+e.class, p.String(), "")
		v.text("lab "+e.class, x+30, y, "start", e.text)
		x += room
	}
	v.H = y + 8
}

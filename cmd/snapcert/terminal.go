package main

import (
	"io"
	"os"
	"strconv"

	"golang.org/x/term"
)

// defaultWidth is that of text for no terminal in particular.
const defaultWidth = 100

// isTerminal reports whether somebody watches what is written there and cursor movements work.
func (a *app) isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd())) && a.variable("TERM") != "dumb"
}

// bars reports whether progress may be drawn.
func (a *app) bars() bool { return a.isTerminal(a.err) && a.variable("CI") == "" }

// colors reports whether the result is coloured: as asked, else for a terminal that does not object.
func (a *app) colors() bool {
	switch a.color {
	case "always":
		return true
	case "never":
		return false
	}
	if a.variable("NO_COLOR") != "" {
		return false
	}
	if force := a.variable("CLICOLOR_FORCE"); force != "" && force != "0" || a.variable("FORCE_COLOR") != "" {
		return true
	}
	return a.isTerminal(a.out)
}

// width is how many columns the result may take.
func (a *app) width() int {
	if f, ok := a.out.(*os.File); ok {
		if columns, _, err := term.GetSize(int(f.Fd())); err == nil && columns > 0 {
			return columns
		}
	}
	if columns, err := strconv.Atoi(a.variable("COLUMNS")); err == nil && columns > 20 {
		return columns
	}
	return defaultWidth
}

func (a *app) variable(name string) string {
	value, _ := a.env(name)
	return value
}

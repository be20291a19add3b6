package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/snapcert/snapcert/fixtures/contract"
)

// What the process ends with. A certification's own codes are in package reports and are the same numbers.
const (
	exitOK          = 0
	exitBroken      = 1   // the provider breaks a rule
	exitUsage       = 2   // the command line, or a file it names, is wrong
	exitUnknown     = 3   // could not tell: unreachable, credentials refused, inconclusive
	exitIncomplete  = 4   // nothing selected, or not everything reached
	exitBug         = 70  // our own fault
	exitInterrupted = 105 // stopped from outside
)

// exitError is an error that knows the exit code it stands for. Said means the user has been told already.
type exitError struct {
	code int
	err  error
	said bool
}

func (e *exitError) Error() string { return e.err.Error() }

func (e *exitError) Unwrap() error { return e.err }

func usage(format string, args ...any) error {
	return &exitError{code: exitUsage, err: fmt.Errorf(format, args...)}
}

func withCode(code int, err error) error {
	if err == nil {
		return nil
	}
	return &exitError{code: code, err: err}
}

// quietly ends with a code and says nothing more: the output has said it.
func quietly(code int) error {
	if code == exitOK {
		return nil
	}
	return &exitError{code: code, err: fmt.Errorf("exit code %d", code), said: true}
}

// exitCode is what an error of a command that had begun its work stands for.
func exitCode(err error) int {
	var coded *exitError
	var faults contract.Faults
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &coded):
		return coded.code
	case errors.As(err, &faults):
		return exitUsage
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	}
	return exitUnknown
}

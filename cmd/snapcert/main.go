// Command snapcert certifies and load-tests the payment-provider endpoints of Indonesia's SNAP open-API standard.
//
// Results go to standard output, progress and messages to standard error. The exit code tells what happened, see the
// constants in exit.go.
package main

import "os"

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

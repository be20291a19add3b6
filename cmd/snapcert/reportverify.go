package main

import (
	"github.com/spf13/cobra"

	"github.com/snapcert/snapcert/reports"
)

func (a *app) verifyReport() *cobra.Command {
	var key string
	command := &cobra.Command{
		Use:   "verify DIR --key PUBLIC.pem",
		Short: "Check the signature of a report folder and every file in it",
		Args:  cobra.ExactArgs(1),
		Long: `Check the signature of a report folder with a public key, and the digest of every file. What was changed, removed or
added since is named. It needs neither credentials nor traffic.

Exit codes: 0 all is as it was signed; 1 something is not; 2 the folder is not signed, or the key cannot be read.`,
		Example: "  snapcert report verify snapcert-report --key public.pem",
		RunE: func(_ *cobra.Command, args []string) error {
			if key == "" {
				return usage("whose signature? name the public key with --key")
			}
			text, err := readText(key)
			if err != nil {
				return usage("--key: %w", err)
			}
			public, err := reports.ParseVerifyingKey([]byte(text))
			if err != nil {
				return usage("--key: %s: %w", key, err)
			}
			v, err := reports.Verify(args[0], public, a.clock.Now())
			if err != nil {
				return withCode(exitUsage, err)
			}
			if err := v.WriteText(a.out); err != nil {
				return err
			}
			if !v.OK() {
				return quietly(exitBroken)
			}
			return nil
		},
	}
	command.Flags().StringVar(&key, "key", "", "public key in PEM, as openssl pkey -pubout writes it")
	return command
}

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/snapcert/snapcert/fixtures"
)

func (a *app) init() *cobra.Command {
	var provider, dir, file string
	var force bool
	command := &cobra.Command{
		Use:     "init --provider NAME",
		Short:   "Write a commented target file to fill in",
		GroupID: "prepare",
		Args:    noArgument("; a provider is named with --provider ARG"),
		Example: "  snapcert init --provider paydia\n  snapcert init --provider gopay --file gopay.yaml",
		RunE: func(*cobra.Command, []string) error {
			providers, err := a.providers(dir)
			if err != nil {
				return err
			}
			if provider == "" {
				return usage("which provider? name it with --provider: %s", realNames(providers))
			}
			p, err := fixtures.Provider(providers, provider)
			if err != nil || p.Reference {
				return usage("no provider is named %q; there are %s", provider, realNames(providers))
			}
			text := targetTemplate(p)
			if file == "-" {
				_, err := fmt.Fprint(a.out, text)
				return err
			}
			if err := writeNew(file, []byte(text), 0o644, force); err != nil {
				return withCode(exitUsage, err)
			}
			a.note("wrote %s; fill it in, then: snapcert certify --target %s", file, file)
			return nil
		},
	}
	flags := command.Flags()
	flags.StringVar(&provider, "provider", "", "whose endpoints the target has: paydia, gopay, ayoconnect")
	flags.StringVar(&dir, "providers", "", "folder with provider folders of your own")
	flags.StringVarP(&file, "file", "o", "target.yaml", "file to write, - for standard output")
	flags.BoolVar(&force, "force", false, "write over a file that is there")
	return command
}

// writeNew writes a file, and over an old one only when told to.
func writeNew(path string, data []byte, mode fs.FileMode, force bool) error {
	how := os.O_WRONLY | os.O_CREATE | os.O_EXCL
	if force {
		how = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	}
	f, err := os.OpenFile(path, how, mode)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already; --force writes over it", path)
	}
	if err != nil {
		return fmt.Errorf("write file: %w", err)
	}
	if err := f.Chmod(mode); err != nil { // an old file keeps its mode otherwise, and this may be a secret
		return errors.Join(fmt.Errorf("write file: %w", err), f.Close())
	}
	if _, err := f.Write(data); err != nil {
		return errors.Join(fmt.Errorf("write file: %w", err), f.Close())
	}
	return f.Close()
}

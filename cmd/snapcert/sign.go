package main

import (
	"crypto/rsa"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/snapcert/snapcert/fixtures"
	"github.com/snapcert/snapcert/fixtures/contract"
	"github.com/snapcert/snapcert/fixtures/snap"
)

// signFlags is what the sign command was told.
type signFlags struct {
	provider, providers, target, endpoint string
	secretEnv, secretFile                 string
	keyEnv, keyFile                       string
	tokenEnv, tokenFile                   string
	clientKey, timestamp, verify, format  string
	token                                 bool
	method, data                          string
	headers                               []string
	leaveOut, renew                       []string
}

func (a *app) sign() *cobra.Command {
	var f signFlags
	command := &cobra.Command{
		Use:     "sign [REQUEST.json | URL]",
		Short:   "Sign a request, or say why a signature is wrong",
		GroupID: "prepare",
		Args:    cobra.MaximumNArgs(1),
		Long: `Print the string-to-sign, the hash of the body and the signature of a request.

The request is a JSON file {"method", "path", "query", "headers", "body"} ("-" for standard input), or is given as to curl
(-X, -H, -d and a URL), or is the good request of an endpoint (--endpoint). A body that is a JSON text is taken byte for
byte as it stands in the file; a body that is a string is that string. The provider says how its signatures are written.

With --verify the signature is checked instead, and what is wrong with it is said; the right one is not shown.
Secrets come from the environment, a file or a target file, never from the command line.`,
		Example: `  snapcert sign request.json --provider paydia --secret-env CLIENT_SECRET
  snapcert sign -X POST -H 'NAME: VALUE' -d @body.json https://HOST/PATH --provider gopay --secret-file secret.txt --token-env TOKEN
  snapcert sign --target target.yaml --endpoint paydia.access-token --format curl
  snapcert sign --target target.yaml --endpoint paydia.access-token --format config | curl -sS -K -
  snapcert sign request.json --provider paydia --secret-env CLIENT_SECRET --verify 'nQx…'`,
		RunE: func(c *cobra.Command, args []string) error {
			s, err := a.signer(&f)
			if err != nil {
				return err
			}
			call, err := a.call(&f, s, args)
			if err != nil {
				return err
			}
			if c.Flags().Changed("verify") {
				return a.verify(s, call, f.verify)
			}
			return a.writeSigned(s, call, f.format)
		},
	}
	flags := command.Flags()
	flags.StringVar(&f.provider, "provider", "", "whose way of signing: paydia, gopay, ayoconnect")
	flags.StringVar(&f.providers, "providers", "", "folder with provider folders of your own")
	flags.StringVar(&f.target, "target", "", "target file to take credentials from")
	flags.StringVar(&f.endpoint, "endpoint", "", "sign the good request of this endpoint, as provider.endpoint")
	flags.BoolVar(&f.token, "token-call", false, "sign as the access-token call, with the private key")
	flags.StringVar(&f.secretEnv, "secret-env", "", "environment variable that holds the client secret")
	flags.StringVar(&f.secretFile, "secret-file", "", "file that holds the client secret")
	flags.StringVar(&f.keyEnv, "key-env", "", "environment variable that holds the private key, for the token call")
	flags.StringVar(&f.keyFile, "key-file", "", "file that holds the private key, for the token call; to verify, the public key will do")
	flags.StringVar(&f.tokenEnv, "token-env", "", "environment variable that holds the access token")
	flags.StringVar(&f.tokenFile, "token-file", "", "file that holds the access token")
	flags.StringVar(&f.clientKey, "client-key", "", "client key of the token call, when the request does not carry it")
	flags.StringVar(&f.timestamp, "timestamp", "", "timestamp to sign, when the request does not carry one; now by default")
	flags.StringVar(&f.verify, "verify", "", "check this signature and say what is wrong with it")
	flags.StringVar(&f.format, "format", "text", "text, json, curl, config for curl -K, or signature for nothing but it")
	flags.StringVarP(&f.method, "request", "X", "", "method, as curl takes it")
	flags.StringArrayVarP(&f.headers, "header", "H", nil, "header, as curl takes it; repeatable")
	flags.StringVarP(&f.data, "data", "d", "", "body, as curl takes it; @FILE reads a file")
	flags.StringArrayVar(&f.leaveOut, "leave-out", nil, "sign as if this header were there, and leave it out; repeatable")
	flags.StringArrayVar(&f.renew, "renew", nil, "put another value of the same form in place of this one before signing; repeatable")
	return command
}

// signer is everything a signature is made with.
type signer struct {
	provider  *contract.Provider
	target    *fixtures.Target // nil when none was named
	secret    snap.Secret
	key       *rsa.PrivateKey
	public    *rsa.PublicKey
	token     string
	clientKey string
	now       time.Time
}

func (a *app) signer(f *signFlags) (*signer, error) {
	providers, err := a.providers(f.providers)
	if err != nil {
		return nil, err
	}
	s := &signer{now: a.clock.Now(), clientKey: f.clientKey}
	if f.target != "" {
		if s.target, err = fixtures.OpenTarget(f.target, a.env); err != nil {
			return nil, withCode(exitUsage, err)
		}
		s.secret, s.key = s.target.ClientSecret, s.target.PrivateKey
		if f.provider != "" && f.provider != s.target.Provider { // one provider's secret is none of another's
			return nil, usage("%s is of %s, and --provider says %s", f.target, s.target.Provider, f.provider)
		}
		f.provider = s.target.Provider
		if s.clientKey == "" {
			s.clientKey = s.target.ClientKey
		}
	}
	if f.provider == "" && f.endpoint != "" {
		e, err := fixtures.Endpoint(providers, f.endpoint)
		if err != nil {
			return nil, withCode(exitUsage, err)
		}
		f.provider = e.Provider.Provider
	}
	if f.provider == "" {
		return nil, usage("whose signature? name the provider with --provider, --endpoint or --target")
	}
	if s.provider, err = fixtures.Provider(providers, f.provider); err != nil {
		return nil, withCode(exitUsage, err)
	}
	if s.target != nil {
		if err := s.target.Apply(s.provider); err != nil {
			return nil, withCode(exitUsage, err)
		}
	}
	return s, a.credentials(f, s)
}

// credentials puts what the flags name over what the target file gave.
func (a *app) credentials(f *signFlags, s *signer) error {
	secret, err := a.kept("--secret", f.secretEnv, f.secretFile)
	if err != nil {
		return err
	}
	if secret != "" {
		s.secret = snap.NewSecret(secret)
	}
	if s.token, err = a.kept("--token", f.tokenEnv, f.tokenFile); err != nil {
		return err
	}
	text, err := a.kept("--key", f.keyEnv, f.keyFile)
	if err != nil || text == "" {
		return err
	}
	key, err := snap.ParsePrivateKey([]byte(text))
	if err == nil {
		s.key = key
		return nil
	}
	public, publicErr := snap.ParsePublicKey([]byte(text))
	if publicErr != nil || f.verify == "" {
		return withCode(exitUsage, err)
	}
	s.public = public
	return nil
}

// kept reads a secret from where it is kept: an environment variable or a file.
func (a *app) kept(flag, env, file string) (string, error) {
	switch {
	case env != "" && file != "":
		return "", usage("%s-env and %s-file are two answers to one question", flag, flag)
	case env != "":
		value, set := a.env(env)
		if !set || value == "" {
			return "", usage("%s-env: environment variable %s is not set", flag, env)
		}
		return value, nil
	case file != "":
		value, err := readText(file)
		if err != nil {
			return "", usage("%s-file: %w", flag, err)
		}
		return value, nil
	}
	return "", nil
}

func (s *signer) publicKey() *rsa.PublicKey {
	if s.public == nil && s.key != nil {
		return &s.key.PublicKey
	}
	return s.public
}

var errNoSecret = errors.New("the client secret is needed: --secret-env, --secret-file or --target")

// readText reads a small regular file without the line break at its end.
func readText(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "", fmt.Errorf("%s is no regular file", path)
	}
	if info.Size() > largestRead {
		return "", fmt.Errorf("%s has more than %d MiB", path, largestRead>>20)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	for len(data) > 0 && (data[len(data)-1] == '\n' || data[len(data)-1] == '\r') {
		data = data[:len(data)-1]
	}
	return string(data), nil
}

// largestRead is far above any request, key or token.
const largestRead = 16 << 20

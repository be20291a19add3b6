package reports

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
)

// envelope is a DSSE envelope.
type envelope struct {
	Payload     string        `json:"payload"`
	PayloadType string        `json:"payloadType"`
	Signatures  []signatureOf `json:"signatures"`
}

type signatureOf struct {
	Sig string `json:"sig"`
}

// seal is the one way an envelope is written, so that any changed byte of the file shows.
func seal(e envelope) []byte {
	var b bytes.Buffer
	j := json.NewEncoder(&b)
	j.SetIndent("", "  ")
	_ = j.Encode(e) // text members only: it cannot fail
	return b.Bytes()
}

// pae is the text that DSSE signs: its version, the payload type and the payload, each preceded by its length.
func pae(payload []byte) []byte {
	return fmt.Appendf(nil, "DSSEv1 %d %s %d %s", len(payloadType), payloadType, len(payload), payload)
}

var errKeyKind = errors.New("the key is neither Ed25519 nor ECDSA P-256")

// ParseSigningKey reads a private key in PEM: PKCS#8, or SEC 1 for ECDSA. Make one with "openssl genpkey -algorithm
// ed25519".
func ParseSigningKey(text []byte) (crypto.Signer, error) {
	for {
		var block *pem.Block
		block, text = pem.Decode(text)
		if block == nil {
			return nil, errors.New("no private key in PEM form")
		}
		var key any
		var err error
		switch block.Type {
		case "PRIVATE KEY":
			key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
		case "EC PRIVATE KEY":
			key, err = x509.ParseECPrivateKey(block.Bytes)
		case "ENCRYPTED PRIVATE KEY":
			return nil, errors.New("the private key is encrypted: decrypt it with openssl pkey first")
		case "PUBLIC KEY":
			return nil, errors.New("this is a public key; signing needs the private one")
		default: // parameters before an EC key
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("reading the private key: %w", err)
		}
		signer, ok := key.(crypto.Signer)
		if !ok || !usable(signer.Public()) {
			return nil, errKeyKind
		}
		return signer, nil
	}
}

// ParseVerifyingKey reads a public key in PEM (PKIX), as "openssl pkey -pubout" writes it.
func ParseVerifyingKey(text []byte) (crypto.PublicKey, error) {
	block, _ := pem.Decode(text)
	if block == nil || block.Type != "PUBLIC KEY" {
		return nil, errors.New("no public key in PEM form; openssl pkey -pubout makes it from the private one")
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("reading the public key: %w", err)
	}
	if !usable(key) {
		return nil, errKeyKind
	}
	return key, nil
}

func usable(key crypto.PublicKey) bool {
	switch k := key.(type) {
	case ed25519.PublicKey:
		return true
	case *ecdsa.PublicKey:
		return k.Curve == elliptic.P256()
	}
	return false
}

// KeyID is "sha256:" and the digest of the public key's DER form, as "openssl pkey -pubin -outform DER | sha256sum" gives.
func KeyID(key crypto.PublicKey) (string, error) {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return "", fmt.Errorf("naming the key: %w", err)
	}
	sum := sha256.Sum256(der)
	return "sha256:" + hex.EncodeToString(sum[:]), nil
}

// signBytes signs text: Ed25519 over the text itself, ECDSA over its SHA-256 in ASN.1 form.
func signBytes(random io.Reader, key crypto.Signer, text []byte) ([]byte, error) {
	if _, ok := key.Public().(ed25519.PublicKey); ok {
		return key.Sign(random, text, crypto.Hash(0))
	}
	if !usable(key.Public()) {
		return nil, errKeyKind
	}
	sum := sha256.Sum256(text)
	return key.Sign(random, sum[:], crypto.SHA256)
}

// signed tells whether the signature is the key's over the text.
func signed(key crypto.PublicKey, text, signature []byte) bool {
	switch k := key.(type) {
	case ed25519.PublicKey:
		return ed25519.Verify(k, text, signature)
	case *ecdsa.PublicKey:
		sum := sha256.Sum256(text)
		return usable(k) && ecdsa.VerifyASN1(k, sum[:], signature)
	}
	return false
}

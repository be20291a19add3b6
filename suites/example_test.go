package suites_test

import (
	"os"
	"testing"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"

	"github.com/snapcert/snapcert/fixtures"
	"github.com/snapcert/snapcert/suites"
)

// The certification as part of one's own Ginkgo suite: everything before suites.Register says against what.
func ExampleRegister() {
	_ = func(t *testing.T) {
		providers, err := fixtures.Builtin()
		if err != nil {
			t.Fatal(err)
		}
		target, err := fixtures.OpenTarget("mine.yaml", os.LookupEnv)
		if err != nil {
			t.Fatal(err)
		}
		gomega.RegisterFailHandler(ginkgo.Fail)
		suites.Register(suites.Options{Providers: providers, Targets: []*fixtures.Target{target}})
		ginkgo.RunSpecs(t, "my provider")
	}
}

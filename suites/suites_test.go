package suites_test

import (
	"flag"
	"os"
	"testing"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"
	"github.com/onsi/gomega"

	"github.com/snapcert/snapcert/fixtures"
	"github.com/snapcert/snapcert/fixtures/sandbox"
	"github.com/snapcert/snapcert/suites"
)

// What the command line asked of Ginkgo. Runs inside other tests have their own configuration, and Ginkgo remembers the
// last one it was given.
var (
	suiteConfig    types.SuiteConfig
	reporterConfig types.ReporterConfig
)

func TestMain(m *testing.M) {
	flag.Parse()
	suiteConfig, reporterConfig = ginkgo.GinkgoConfiguration()
	suiteConfig.FailOnEmpty = true
	if suiteConfig.ParallelTotal > 1 { // several processes share the specs; the other tests need to run in none of them
		if err := flag.Set("test.run", "^TestSuites$"); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

// TestSuites is the certification itself, one spec a rule, against an embedded sandbox or the target whose file
// SNAPCERT_TARGET names:
//
//	go test ./suites -run TestSuites -ginkgo.label-filter 'level:must && !kind:signed'
//	SNAPCERT_TARGET=paydia.yaml ginkgo -p ./suites
func TestSuites(t *testing.T) {
	gomega.RegisterFailHandler(ginkgo.Fail)
	suites.Register(options(t))
	ginkgo.RunSpecs(t, "snapcert", suiteConfig, reporterConfig)
}

func options(t *testing.T) suites.Options {
	t.Helper()
	providers, err := fixtures.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	o := suites.Options{Providers: providers, Seed: 1}
	file := os.Getenv("SNAPCERT_TARGET")
	if file == "" {
		clock := suites.NewLeapClock()
		box, err := sandbox.New(sandbox.Options{Providers: providers, Clock: clock, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		o.Targets, o.Transport, o.Clock = box.Targets("http://sandbox.invalid"), box.Transport(), clock
		return o
	}
	target, err := fixtures.OpenTarget(file, os.LookupEnv)
	if err != nil {
		t.Fatal(err)
	}
	provider, err := fixtures.Provider(providers, target.Provider)
	if err != nil {
		t.Fatal(err)
	}
	if err := target.Apply(provider); err != nil {
		t.Fatal(err)
	}
	o.Targets = []*fixtures.Target{target}
	for _, e := range provider.Endpoints {
		if !e.Token && target.Selects(e) {
			o.Selection.Endpoints = append(o.Selection.Endpoints, e.Name())
		}
	}
	return o
}

package reports

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

func written(t *testing.T, r *Report) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := WriteJSON(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestReportSurvivesWritingAndReading(t *testing.T) {
	want := sample(5)
	want.Waivers = []Waiver{{"P-001", "", "qa", "late", "T-1", "2026-12-31", WaiverUsed}}
	first := written(t, want)
	got, err := ReadJSON("report.json", bytes.NewReader(first))
	if err != nil {
		t.Fatal(err)
	}
	if second := written(t, got); !bytes.Equal(first, second) {
		t.Fatal("written, read and written again, the report differs")
	}
	if !reflect.DeepEqual(got.Results, want.Results) {
		t.Fatal("results differ after reading")
	}
}

func TestReportFitsItsSchema(t *testing.T) {
	for name, r := range map[string]*Report{"none": sample(0), "many": sample(50), "hostile": hostile(), "empty": {Standing: IncompleteRun}} {
		t.Run(name, func(t *testing.T) { fits(t, JSONSchema(), written(t, r)) })
	}
}

// TestSchemaKnowsEveryMember keeps the schema and the types together: a member that is added to one must be in the other.
func TestSchemaKnowsEveryMember(t *testing.T) {
	var schema struct {
		Properties map[string]any `json:"properties"`
		Defs       map[string]struct {
			Properties map[string]any `json:"properties"`
		} `json:"$defs"`
	}
	if err := json.Unmarshal(JSONSchema(), &schema); err != nil {
		t.Fatal(err)
	}
	names := map[string]any{"Report": Report{}, "tool": Tool{}, "run": Run{}, "target": Target{}, "parties": Parties{}, "contract": Contract{},
		"endpoint": Endpoint{}, "result": Result{}, "finding": Finding{}, "case": Case{}, "cause": Cause{}, "waiver": Waiver{}, "check": Check{}}
	for name, v := range names {
		properties := schema.Defs[name].Properties
		if name == "Report" {
			properties = schema.Properties
		}
		typ := reflect.TypeOf(v)
		for i := range typ.NumField() {
			member, _, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
			if properties[member] == nil {
				t.Errorf("schema of %s does not know %q", name, member)
			}
		}
		if len(properties) != typ.NumField() {
			t.Errorf("%s has %d members, its schema %d", name, typ.NumField(), len(properties))
		}
	}
}

func TestReadRefuses(t *testing.T) {
	good := string(written(t, sample(5)))
	for _, c := range []struct{ name, old, new, want string }{
		{"nothing", good, "", "report.json:1:1: not JSON"},
		{"an array", good, "[]", "should be"},
		{"no report", good, "{}", `no "schema" member`},
		{"half a report", good, good[:len(good)/2], "not JSON"},
		{"another major", `"schema": "1.0"`, `"schema": "2.0"`, "reads 1.x"},
		{"a nonsense version", `"schema": "1.0"`, `"schema": "new"`, "no version"},
		{"an unknown member", `"seed": 42`, `"seed": 42, "sead": 43`, `report.json:10:17: unknown member "sead"`},
		{"a wrong type", `"seed": 42`, `"seed": "42"`, `"run.seed" should be int64, not string`},
		{"an unknown verdict", `"verdict": "skip"`, `"verdict": "skipped"`, `verdict "skipped" is none of`},
		{"an unknown cause", `"cause": "c1"`, `"cause": "c9"`, `cause "c9" is not listed`},
		{"text after the end", good, good + "{}", "after top-level value"},
		{"no standing", `"standing": "not-conformant"`, `"standing": ""`, "no standing"},
		{"a doubled rule", `"id": "alpha.binding.body.field1.max"`, `"id": "alpha.account-creation.body.field0.max"`, "the same rule as results[0]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := ReadJSON("report.json", strings.NewReader(strings.Replace(good, c.old, c.new, 1)))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("error is %v, should contain %q", err, c.want)
			}
		})
	}
}

func TestNewerMinorVersionIsRead(t *testing.T) {
	text := strings.Replace(string(written(t, sample(1))), `"schema": "1.0"`, `"schema": "1.7", "weather": "fair"`, 1)
	if _, err := ReadJSON("report.json", strings.NewReader(text)); err != nil {
		t.Fatal(err)
	}
}

// fits checks a document against a JSON Schema.
func fits(t *testing.T, schema, document []byte) {
	t.Helper()
	s, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("mem:schema.json", s); err != nil {
		t.Fatal(err)
	}
	compiled, err := c.Compile("mem:schema.json")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(document))
	if err != nil {
		t.Fatal(err)
	}
	if err := compiled.Validate(doc); err != nil {
		t.Fatal(err)
	}
}

package loadprofiles

import (
	"encoding/json"
	"testing"
)

func TestScanCode(t *testing.T) {
	for _, c := range []struct {
		body, want string
	}{
		{`{"responseCode":"2000600"}`, "2000600"},
		{` { "a" : [1,{"responseCode":"1"}] , "responseCode" : 2000600 , "b":2}`, "2000600"},
		{`{"a":"responseCode","b":{"responseCode":"4000000"},"responseCode":"2000600"}`, "2000600"},
		{`{"a":"\"responseCode\":\"4000000\"","responseCode":"2000600"}`, "2000600"},
		{`{"a\\":"x","responseCode":"2000600"}`, "2000600"},
		{`{"a":"]}{[","responseCode":"2000600"}`, "2000600"},
		{`{"a":null,"b":true,"c":-1.5e3,"responseCode":"2000600"}`, "2000600"},
		{`{"responseCode":"200060"}`, ""},
		{`{"responseCode":"2000600"`, ""}, {`{"responseCode":"2000600","a`, ""}, {`{"responseCode":"2000600","a":[1,`, ""},
		{`{"responseCode":"2000600"}{`, ""}, {`{"responseCode":"2000600",}`, ""}, {`{"responseCode":}`, ""}, {`{"responseCode":"2000600"} ` + "\n", "2000600"},
		{`{"responseCode":"20006000"}`, ""},
		{`{"responseCode":"20006x0"}`, ""},
		{`{"responseCode":null}`, ""},
		{`{"responseCode"}`, ""},
		{`{"responsecode":"2000600"}`, ""},
		{`{"a":{"responseCode":"2000600"}}`, ""},
		{`[{"responseCode":"2000600"}]`, ""},
		{`{"a":"unclosed,"responseCode":"2000600"}`, ""},
		{`{`, ""}, {``, ""}, {`{}`, ""}, {`{"`, ""}, {`{"a`, ""}, {`{"a":`, ""}, {`{"a":{`, ""}, {`{"a":"\`, ""},
	} {
		code, ok := scanCode([]byte(c.body))
		if got := string(code[:]); ok != (c.want != "") || ok && got != c.want {
			t.Errorf("%s: got %q, %v; want %q", c.body, got, ok, c.want)
		}
	}
}

// FuzzScanCode holds the scanner against a whole JSON decoder, for texts without the same member twice.
func FuzzScanCode(f *testing.F) {
	f.Add([]byte(`{"responseCode":"2000600","a":[{"b":"\""}]}`))
	f.Add([]byte(`{"a":{"responseCode":1234567},"responseCode":1234567}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		code, ok := scanCode(body)
		var members map[string]json.RawMessage
		if json.Unmarshal(body, &members) != nil {
			return // only that it ends without a panic
		}
		var text string
		var want string
		raw := members[codeMember]
		if json.Unmarshal(raw, &text) == nil {
			want = text
		} else {
			want = string(raw)
		}
		_, valid := readCode([]byte(want))
		escaped := valid && string(raw) != want && string(raw) != `"`+want+`"`
		if !escaped && ok && string(code[:]) != want && len(body) < 200 && countMembers(body) == len(members) {
			t.Errorf("%s: got %q, want %q", body, code, want)
		}
	})
}

// countMembers is how many members the outermost object has, repeated ones included.
func countMembers(body []byte) int {
	n, depth := 0, 0
	for i := 0; i < len(body); i++ {
		switch body[i] {
		case '"':
			end := stringEnd(body, i)
			if end < 0 {
				return -1
			}
			i = end - 1
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case ':':
			if depth == 1 {
				n++
			}
		}
	}
	return n
}

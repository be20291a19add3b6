package reports

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestBeside(t *testing.T) {
	good := Exchange{Method: "POST", URL: "https://x/a?one=1&two=2", RequestHeader: []Header{{"X-A", "1"}, {"X-TIME", "t1"}}, RequestBody: `{"ref":"r1","name":"n","inner":{"a":1,"b":[1,2]}}`}
	for _, c := range []struct {
		name   string
		change func(*Exchange)
		want   string
	}{
		{"nothing", func(*Exchange) {}, ""},
		{"what is always new is not marked", func(x *Exchange) {
			x.RequestHeader[1].Value, x.RequestBody = "t2", strings.Replace(x.RequestBody, "r1", "r2", 1)
		}, ""},
		{"unless it is what changed", func(x *Exchange) {
			x.RequestBody, x.Changed = strings.Replace(x.RequestBody, "r1", "r2", 1), []string{"ref"}
		}, `-"ref": "r1", +"ref": "r2",`},
		{"or the words name it", func(x *Exchange) {
			x.RequestBody, x.Change = strings.Replace(x.RequestBody, "r1", "r2", 1), "body.ref: too long"
		}, `-"ref": "r1", +"ref": "r2",`},
		{"words with a longer name do not", func(x *Exchange) {
			x.RequestBody, x.Change = strings.Replace(x.RequestBody, "r1", "r2", 1), "body.refer: too long"
		}, ""},
		{"a header left out", func(x *Exchange) { x.RequestHeader = x.RequestHeader[1:] }, "-X-A: 1"},
		{"a header in another case of letters", func(x *Exchange) { x.RequestHeader[0].Name = "x-a" }, "-X-A: 1 +x-a: 1"},
		{"a parameter", func(x *Exchange) { x.URL = "https://x/a?two=2" }, "-?one=1"},
		{"a method", func(x *Exchange) { x.Method = "PUT" }, "-POST https://x/a +PUT https://x/a"},
		{"a member left out", func(x *Exchange) { x.RequestBody = strings.Replace(x.RequestBody, `"name":"n",`, "", 1) }, `-"name": "n",`},
		{"the last member left out", func(x *Exchange) { x.RequestBody = strings.Replace(x.RequestBody, `,"b":[1,2]`, "", 1) }, `-"b": [ -1, -2 -]`},
		{"another type", func(x *Exchange) { x.RequestBody = strings.Replace(x.RequestBody, `"n"`, `7`, 1) }, `-"name": "n", +"name": 7,`},
		{"no JSON", func(x *Exchange) { x.RequestBody = "{" }, `-"ref": "r1", -"name": "n", -"inner": { -"a": 1, -"b": [ -1, -2 -] -} -}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := good
			x.RequestHeader, x.Fresh = slices.Clone(good.RequestHeader), []string{"x-time", "ref"}
			c.change(&x)
			var got []string
			for _, m := range beside(&x, &good) {
				if m.Mark == added || m.Mark == gone {
					got = append(got, map[lineMark]string{added: "+", gone: "-"}[m.Mark]+strings.TrimSpace(m.Text))
				}
			}
			if s := strings.Join(got, " "); s != c.want {
				t.Errorf("marked is %s\nshould be %s", s, c.want)
			}
		})
	}
}

func TestFreshValuesAreFoundFromGoodRequests(t *testing.T) {
	var good []*Exchange
	for i := range 3 {
		good = append(good, &Exchange{URL: fmt.Sprintf("https://x/a?nonce=%d&scope=s", i), RequestHeader: []Header{{"X-ID", fmt.Sprint(i)}, {"X-A", "1"}}, RequestBody: fmt.Sprintf(`{"name":"n","ref":"%d"}`, i)})
	}
	if got := freshOf(good); strings.Join(got, " ") != "nonce X-ID ref" {
		t.Errorf("found are %v", got)
	}
}

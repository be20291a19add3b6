package suites

import (
	"encoding/json"
	"net/url"
	"strconv"
	"strings"

	"github.com/snapcert/snapcert/fixtures/contract"
	"github.com/snapcert/snapcert/fixtures/snap"
)

// member is one place of an answer that a row speaks of: the path's own, or one element of it when the path holds "[]".
type member struct {
	path  string // as found: "additionalInfo.paymentOptions[1].name"
	value any
	there bool // false: the object that should hold it is there, and it is not
}

// membersAt follows a dotted path, "[]" through each element of an array. A path whose containers are missing, or are of
// another type, yields nothing: that is for the containers' own rows to tell.
func membersAt(body map[string]any, path string) []member {
	if body == nil {
		return nil
	}
	found := []member{{value: body, there: true}}
	for _, name := range strings.Split(path, ".") {
		each := strings.HasSuffix(name, "[]")
		name = strings.TrimSuffix(name, "[]")
		var next []member
		for _, m := range found {
			object, ok := m.value.(map[string]any)
			if !ok {
				continue
			}
			here := name
			if m.path != "" {
				here = m.path + "." + name
			}
			value, there := object[name]
			if !each {
				next = append(next, member{here, value, there})
				continue
			}
			next = append(next, elements(here, value)...)
		}
		found = next
	}
	return found
}

func elements(path string, value any) []member {
	list, ok := value.([]any)
	if !ok {
		return nil
	}
	all := make([]member, len(list))
	for i, v := range list {
		all[i] = member{path + "[" + strconv.Itoa(i) + "]", v, true}
	}
	return all
}

// typeOf names the JSON type of a decoded value.
func typeOf(value any) string {
	switch value.(type) {
	case nil:
		return "null"
	case string:
		return "string"
	case bool:
		return "boolean"
	case json.Number:
		return "number"
	case []any:
		return "array"
	}
	return "object"
}

// sentValue is the value an item had in the request as sent and masked. A member that is not a string is given as its
// JSON text.
func sentValue(sent *snap.Sent, address contract.Address) (string, bool) {
	where, name, _ := strings.Cut(string(address), ".")
	switch contract.Where(where) {
	case contract.InHeader:
		return sent.HeaderValue(name)
	case contract.InQuery:
		return queryValue(sent.URL, name)
	case contract.InBody:
		value, err := parseJSON(sent.Body)
		if err != nil {
			return "", false
		}
		body, _ := value.(map[string]any)
		for _, m := range membersAt(body, name) {
			if text, ok := m.value.(string); ok {
				return text, true
			}
			if m.there {
				return spell(m.value), true
			}
		}
	}
	return "", false
}

func queryValue(address, name string) (string, bool) {
	_, query, _ := strings.Cut(address, "?")
	for _, part := range strings.Split(query, "&") {
		key, value, _ := strings.Cut(part, "=")
		if percentDecoded(key) == name {
			return percentDecoded(value), true
		}
	}
	return "", false
}

// percentDecoded decodes once, and leaves alone what is not encoded rightly.
func percentDecoded(text string) string {
	plain, err := url.QueryUnescape(text)
	if err != nil {
		return text
	}
	return plain
}

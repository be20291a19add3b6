package loadprofiles

import "bytes"

// codeMember is the member of every answer that holds its code; the standard gives it this name.
const codeMember = "responseCode"

// codeLength is that of a code: HTTP status, service, case.
const codeLength = 7

// scanCode finds the code among the members of the outermost object, a text or a number of seven digits, and looks whether
// that object is all of the body: half an answer has no code, even if it begins with one. It checks no more than that;
// what an answer is worth as a whole is judged on the sampled ones.
func scanCode(body []byte) (code [codeLength]byte, ok bool) {
	i := skipSpace(body, 0)
	if i >= len(body) || body[i] != '{' {
		return code, false
	}
	for found := false; ; {
		i = skipSpace(body, i+1)
		if i >= len(body) || body[i] != '"' {
			return code, false
		}
		end := stringEnd(body, i)
		if end < 0 {
			return code, false
		}
		wanted := !found && string(body[i+1:end-1]) == codeMember
		i = skipSpace(body, end)
		if i >= len(body) || body[i] != ':' {
			return code, false
		}
		i = skipSpace(body, i+1)
		end = valueEnd(body, i)
		if end <= i {
			return code, false
		}
		if wanted {
			code, ok = readCode(body[i:end])
			found = true
		}
		i = skipSpace(body, end)
		switch {
		case i < len(body) && body[i] == ',':
		case i < len(body) && body[i] == '}':
			return code, ok && skipSpace(body, i+1) == len(body)
		default:
			return code, false
		}
	}
}

func readCode(value []byte) (code [codeLength]byte, ok bool) {
	if len(value) == codeLength+2 && value[0] == '"' {
		value = value[1 : codeLength+1]
	}
	if len(value) != codeLength {
		return code, false
	}
	for _, c := range value {
		if c < '0' || c > '9' {
			return code, false
		}
	}
	copy(code[:], value)
	return code, true
}

func skipSpace(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\t' || b[i] == '\r') {
		i++
	}
	return i
}

// stringEnd is the index behind the closing quote of the string that begins at i, -1 when it does not end.
func stringEnd(b []byte, i int) int {
	for i++; i < len(b); {
		stop := bytes.IndexByte(b[i:], '"')
		if stop < 0 {
			return -1
		}
		end := i + stop
		slashes := 0
		for k := end - 1; k >= i && b[k] == '\\'; k-- {
			slashes++
		}
		i = end + 1
		if slashes%2 == 0 {
			return i
		}
	}
	return -1
}

// valueEnd is the index behind the value that begins at i, -1 when it does not end.
func valueEnd(b []byte, i int) int {
	if i >= len(b) {
		return -1
	}
	switch b[i] {
	case '"':
		return stringEnd(b, i)
	case '{', '[':
		depth := 0
		for i < len(b) {
			switch b[i] {
			case '"':
				if i = stringEnd(b, i); i < 0 {
					return -1
				}
				continue
			case '{', '[':
				depth++
			case '}', ']':
				if depth--; depth == 0 {
					return i + 1
				}
			}
			i++
		}
		return -1
	}
	for i < len(b) && b[i] != ',' && b[i] != '}' && b[i] > ' ' {
		i++
	}
	return i
}

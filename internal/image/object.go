package image

import (
	"bytes"
	"encoding/json"
)

// object is a JSON object of a manifest or a configuration. What is not changed in it is kept, also
// what this program does not know. Written again, its keys are sorted.
type object map[string]json.RawMessage

func parseObject(text []byte) (object, error) {
	o := object{}
	err := json.Unmarshal(text, &o)
	return o, err
}

// text returns the object as JSON.
func (o object) text() ([]byte, error) { return marshal(o) }

// marshal returns JSON that says & and < as they are, as those do who write manifests.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// get reads the value of a key into a variable, and leaves that alone if there is none.
func (o object) get(key string, into any) error {
	if o[key] == nil {
		return nil
	}
	return json.Unmarshal(o[key], into)
}

func (o object) set(key string, value any) error {
	text, err := marshal(value)
	o[key] = text
	return err
}

// setEntries sets the entries of an object in the object. An empty value takes its entry away. An
// object without entries goes, too.
func (o object) setEntries(key string, entries map[string]string) error {
	inner := object{}
	if err := o.get(key, &inner); err != nil {
		return err
	}
	if inner == nil { // it was null
		inner = object{}
	}
	for name, value := range entries {
		if value == "" {
			delete(inner, name)
		} else if err := inner.set(name, value); err != nil {
			return err
		}
	}
	if len(inner) == 0 {
		delete(o, key)
		return nil
	}
	return o.set(key, inner)
}

// point makes the descriptor point to other content. Content that is embedded in it goes.
func (o object) point(digest string, size int64) error {
	delete(o, "data")
	delete(o, "urls")
	if err := o.set("digest", digest); err != nil {
		return err
	}
	return o.set("size", size)
}

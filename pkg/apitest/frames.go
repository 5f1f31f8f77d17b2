package apitest

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/sixseat/sixseat/pkg/apidocs"
)

// Frame is a STOMP frame of either side. Headers are as they were meant, without escapes.
type Frame struct {
	Command string
	Headers map[string]string
	Body    string
}

// Frames checks the STOMP frames of one session against the AsyncAPI document. Its zero
// value is ready. It may be used by any goroutine.
type Frames struct {
	mu   sync.Mutex // guards what follows
	sent map[string]Frame
}

// Sent remembers a frame of the client that asked for a receipt: only what was done must
// be one of the document, tests send others as well.
func (s *Frames) Sent(f Frame) {
	id, asked := f.Headers["receipt"]
	if !asked {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sent == nil {
		s.sent = map[string]Frame{}
	}
	s.sent[id] = f
}

// Got checks a frame of the server, and with a RECEIPT the frame that it answers.
func (s *Frames) Got(f Frame) error {
	if err := checkFrame(f); err != nil {
		return err
	}
	if f.Command != "RECEIPT" {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	done, known := s.sent[f.Headers["receipt-id"]]
	if !known {
		return nil
	}
	if err := checkFrame(done); err != nil {
		return fmt.Errorf("it was receipted, and is no frame of the document: %w", err)
	}
	return nil
}

// checkFrame holds a frame against the message of the document that it must be.
func checkFrame(f Frame) error {
	m, err := stomp().find(f.Command, f.Headers["destination"])
	if err != nil {
		return err
	}
	if err := m.headers.Validate(asJSON(f.Headers)); err != nil {
		return fmt.Errorf("headers of %s: %w", f.Command, err)
	}
	if _, keyed := f.Headers["idempotency-key"]; keyed && f.Command == "SEND" {
		return nil // a known key is answered whatever the body (contract)
	}
	if m.body == nil {
		if f.Body != "" {
			return fmt.Errorf("%s at %q has a body: %.100q", f.Command, f.Headers["destination"], f.Body)
		}
		return nil
	}
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(f.Body))
	if err != nil {
		return fmt.Errorf("body of %s: %w", f.Command, err)
	}
	if err := m.body.Validate(value); err != nil {
		return fmt.Errorf("body of %s: %w", f.Command, err)
	}
	return nil
}

func asJSON(headers map[string]string) map[string]any {
	object := make(map[string]any, len(headers))
	for name, value := range headers {
		object[name] = value
	}
	return object
}

// conversation is the AsyncAPI document, ready to be asked.
type conversation struct{ channels []stompChannel }

type stompChannel struct {
	address  []string // by its parts; nil: frames without a destination
	messages map[string]stompMessage
}

type stompMessage struct {
	headers, body *jsonschema.Schema // body nil: there is none
}

// find is the message that a command means at a destination.
func (c conversation) find(command, destination string) (stompMessage, error) {
	for _, withDestination := range []bool{true, false} { // UNSUBSCRIBE of 1.0 has one as well
		for _, channel := range c.channels {
			if m, has := channel.messages[command]; has && (channel.address != nil) == withDestination && (!withDestination || channel.is(destination)) {
				return m, nil
			}
		}
	}
	return stompMessage{}, fmt.Errorf("there is no %s at %q", command, destination)
}

func (c stompChannel) is(destination string) bool {
	return slices.EqualFunc(c.address, strings.Split(destination, "/"), func(part, given string) bool {
		return part == given || strings.HasPrefix(part, "{") && given != ""
	})
}

var stomp = sync.OnceValue(func() conversation {
	c, err := loadStomp()
	if err != nil {
		panic("apitest: " + err.Error())
	}
	return c
})

func loadStomp() (conversation, error) {
	schemas, trees, err := compiler()
	if err != nil {
		return conversation{}, err
	}
	var doc struct {
		Channels map[string]struct {
			Address  string
			Messages map[string]struct {
				Ref string `json:"$ref"`
			}
		}
		Components struct {
			Messages map[string]struct {
				Name    string
				Payload any
			}
		}
	}
	text, err := json.Marshal(trees[apidocs.ChatAsyncAPI])
	if err != nil {
		return conversation{}, err
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		return conversation{}, err
	}
	compiled := map[string]stompMessage{}
	for name, m := range doc.Components.Messages {
		at := base + apidocs.ChatAsyncAPI + "#/components/messages/" + name
		var made stompMessage
		var wrong error
		made.headers, wrong = schemas.Compile(at + "/headers")
		if m.Payload != nil {
			var bad error
			made.body, bad = schemas.Compile(at + "/payload")
			wrong = errors.Join(wrong, bad)
		}
		if wrong != nil {
			return conversation{}, wrong
		}
		compiled[name] = made
	}
	var c conversation
	for _, channel := range doc.Channels {
		made := stompChannel{messages: map[string]stompMessage{}}
		if channel.Address != "" {
			made.address = strings.Split(channel.Address, "/")
		}
		for _, m := range channel.Messages {
			name := m.Ref[strings.LastIndexByte(m.Ref, '/')+1:]
			made.messages[doc.Components.Messages[name].Name] = compiled[name]
		}
		c.channels = append(c.channels, made)
	}
	return c, nil
}

// base is where the compiler takes the documents to be, so that they can refer to each
// other by name.
const base = "file:///"

// compiler knows all documents, closed.
func compiler() (*jsonschema.Compiler, map[string]map[string]any, error) {
	c, trees := jsonschema.NewCompiler(), map[string]map[string]any{}
	for _, name := range []string{apidocs.MatchOpenAPI, apidocs.ChatOpenAPI, apidocs.ChatAsyncAPI} {
		tree, err := closedTree(name)
		if err != nil {
			return nil, nil, err
		}
		trees[name] = tree
		if err := c.AddResource(base+name, any(tree)); err != nil {
			return nil, nil, err
		}
	}
	return c, trees, nil
}

// Package apitest holds what the running services say against the documents of
// pkg/apidocs. Test clients send their requests through Transport and show their STOMP
// frames to Frames, so that every test checks the documents besides what it is about.
//
// It is stricter than a client may be: a field or header of an answer that the document
// does not have is an error here.
package apitest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/goccy/go-yaml"

	"github.com/sixseat/sixseat/pkg/apidocs"
	"github.com/sixseat/sixseat/pkg/fault"
)

// Client is one that Transport checks, for tests that need nothing else of a client and
// reach both services.
var Client = &http.Client{Transport: Transport{}}

// Transport makes requests and checks them and their answers. What is answered with
// success must be a request that the document allows; each answer must be one that it
// names. An answer that is none is an error of the request.
type Transport struct {
	Base     http.RoundTripper // nil: http.DefaultTransport
	Document string            // of the one service that is asked, by its name in apidocs; "": by the request's path
}

// RoundTrip implements http.RoundTripper.
func (t Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	r, sent, err := drain(r)
	if err != nil {
		return nil, err
	}
	base := t.Base
	if base == nil {
		base = http.DefaultTransport
	}
	resp, err := base.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if err := t.check(r, sent, resp); err != nil {
		return nil, errors.Join(fmt.Errorf("not as documented: %s %s: %s: %w", r.Method, r.URL.Path, resp.Status, err), resp.Body.Close())
	}
	return resp, nil
}

// drain reads a request's body and returns the same request with it. One without a body
// stays without: http.Transport would look for one in another goroutine.
func drain(r *http.Request) (*http.Request, []byte, error) {
	if r.Body == nil || r.Body == http.NoBody {
		return r, nil, nil
	}
	body, err := io.ReadAll(r.Body)
	if err = errors.Join(err, r.Body.Close()); err != nil {
		return nil, nil, err
	}
	again := r.WithContext(r.Context())
	again.Body = io.NopCloser(bytes.NewReader(body))
	return again, body, nil
}

// documented is a service's OpenAPI document, ready to be asked.
type documented struct {
	doc    *openapi3.T
	router routers.Router
}

var (
	matchHTTP = sync.OnceValue(func() documented { return mustLoad(apidocs.MatchOpenAPI) })
	chatHTTP  = sync.OnceValue(func() documented { return mustLoad(apidocs.ChatOpenAPI) })
)

func mustLoad(name string) documented {
	d, err := load(name)
	if err != nil {
		panic("apitest: " + err.Error())
	}
	return d
}

// load reads a document and closes its objects.
func load(name string) (documented, error) {
	tree, err := closedTree(name)
	if err != nil {
		return documented{}, err
	}
	paths := tree["paths"].(map[string]any)
	for path, item := range paths { // a file may lie in folders, for which the router needs a pattern
		if folder, ok := strings.CutSuffix(path, "/{file}"); ok {
			delete(paths, path)
			paths[folder+"/{file:.*}"] = item
		}
	}
	text, err := yaml.MarshalWithOptions(tree, yaml.JSON())
	if err != nil {
		return documented{}, err
	}
	openapi3filter.RegisterBodyDecoder("application/jsonl", jsonLines)
	doc, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		return documented{}, fmt.Errorf("%s: %w", name, err)
	}
	router, err := gorillamux.NewRouter(doc)
	return documented{doc, router}, err
}

// closedTree reads a document whose objects have no other fields than those it names,
// unless it says so itself. Clients shall pass over new fields; tests shall find them.
func closedTree(name string) (map[string]any, error) {
	text, err := apidocs.Files.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var tree map[string]any
	if err := yaml.Unmarshal(text, &tree); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	closeObjects(tree)
	return tree, nil
}

func closeObjects(node any) {
	switch node := node.(type) {
	case map[string]any:
		_, isObject := node["properties"].(map[string]any)
		if _, said := node["additionalProperties"]; isObject && !said {
			node["additionalProperties"] = false
		}
		for _, v := range node {
			closeObjects(v)
		}
	case []any:
		for _, v := range node {
			closeObjects(v)
		}
	}
}

// check holds a request and its answer against the document.
func (t Transport) check(r *http.Request, sent []byte, resp *http.Response) error {
	d, ours := t.documented(r.URL.Path)
	if !ours || fromLoadBalancer(resp) || r.Method == http.MethodOptions {
		return nil
	}
	// The router of the document goes by paths alone, and so does not mind which host was asked.
	asked := r.Clone(context.Background())
	asked.URL.Scheme, asked.URL.Host, asked.Host = "", "", ""
	asked.Body = io.NopCloser(bytes.NewReader(sent))
	if asked.Header.Get("Content-Type") == "" { // as the documents say, it is not looked at
		asked.Header.Set("Content-Type", "application/json")
	}
	route, parameters, err := d.router.FindRoute(asked)
	if err != nil {
		return d.checkNowhere(err, resp)
	}
	input := &openapi3filter.RequestValidationInput{Request: asked, Route: route, PathParams: parameters, Options: &openapi3filter.Options{
		IncludeResponseStatus: true, RejectWhenRequestBodyNotSpecified: true, AuthenticationFunc: hasToken,
	}}
	if resp.StatusCode < http.StatusMultipleChoices {
		if err := openapi3filter.ValidateRequest(context.Background(), input); err != nil {
			return fmt.Errorf("it was answered with success, and is no request of the document: %w", err)
		}
	}
	if media := route.Operation.Responses.Status(resp.StatusCode); media != nil && strings.HasPrefix(resp.Header.Get("Content-Type"), "text/event-stream") {
		events, err := newEvents(media.Value, resp.Body)
		if err != nil {
			return err
		}
		resp.Body = events
		input.Options.ExcludeResponseBody = true
		return openapi3filter.ValidateResponse(context.Background(), &openapi3filter.ResponseValidationInput{
			RequestValidationInput: input, Status: resp.StatusCode, Header: resp.Header, Options: input.Options,
		})
	}
	body, err := reread(resp)
	if err != nil {
		return err
	}
	return openapi3filter.ValidateResponse(context.Background(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input, Status: resp.StatusCode, Header: resp.Header, Options: input.Options,
		Body: io.NopCloser(bytes.NewReader(body)),
	})
}

// documented is the document of the service that is asked.
func (t Transport) documented(path string) (d documented, ours bool) {
	switch {
	case t.Document == apidocs.MatchOpenAPI:
		return matchHTTP(), true
	case t.Document == apidocs.ChatOpenAPI:
		return chatHTTP(), true
	case strings.HasPrefix(path, "/match"):
		return matchHTTP(), true
	case strings.HasPrefix(path, "/chat"), path == "/ws":
		return chatHTTP(), true
	}
	return documented{}, false
}

// fromLoadBalancer reports answers that no service gave: those of a load balancer that
// reached none are pages.
func fromLoadBalancer(resp *http.Response) bool {
	return resp.StatusCode >= http.StatusBadGateway && strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html")
}

// hasToken is whether a request that needs a member token has one; which are good is the
// service's business.
func hasToken(_ context.Context, in *openapi3filter.AuthenticationInput) error {
	if !strings.HasPrefix(in.RequestValidationInput.Request.Header.Get("Authorization"), "Bearer ") {
		return errors.New("no member token")
	}
	return nil
}

// checkNowhere checks the answer at an address or of a method that no document has.
func (d documented) checkNowhere(why error, resp *http.Response) error {
	want := http.StatusNotFound
	if errors.Is(why, routers.ErrMethodNotAllowed) {
		want = http.StatusMethodNotAllowed
	}
	if resp.StatusCode != want && resp.StatusCode != http.StatusForbidden {
		return fmt.Errorf("the document does not have it (%w), so it must be %d", why, want)
	}
	body, err := reread(resp)
	if err != nil {
		return err
	}
	if got := resp.Header.Get("Content-Type"); got != fault.ContentType {
		return fmt.Errorf("a failure of type %q", got)
	}
	if resp.Request != nil && resp.Request.Method == http.MethodHead {
		return nil
	}
	return validateJSON(d.doc.Components.Schemas["Problem"], body)
}

// reread reads an answer's body and puts it back.
func reread(resp *http.Response) ([]byte, error) {
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	if err := resp.Body.Close(); err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return body, nil
}

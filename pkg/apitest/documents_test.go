package apitest

import (
	"cmp"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	gocmp "github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/sixseat/sixseat/pkg/apidocs"
	"github.com/sixseat/sixseat/pkg/chatapi"
	"github.com/sixseat/sixseat/pkg/fault"
)

func TestOpenAPI_isValidAndItsExamplesAreReal(t *testing.T) {
	for _, name := range []string{apidocs.MatchOpenAPI, apidocs.ChatOpenAPI} {
		text, err := apidocs.Files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := openapi3.NewLoader().LoadFromData(text)
		if err != nil {
			t.Fatal(err)
		}
		if err := doc.Validate(t.Context()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		closed, err := load(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := closed.doc.Validate(t.Context(), openapi3.EnableExamplesValidation()); err != nil {
			t.Errorf("%s, closed: %v", name, err)
		}
	}
}

// testdata/asyncapi-3.0.0.json.gz is schemas/3.0.0.json of the package @asyncapi/specs
// 6.11.1, as it is; its licence lies beside it.
func TestAsyncAPI_isValid(t *testing.T) {
	file, err := os.Open("testdata/asyncapi-3.0.0.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	schema, err := jsonschema.UnmarshalJSON(unzipped)
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("asyncapi.json", schema); err != nil {
		t.Fatal(err)
	}
	compiled, err := c.Compile("asyncapi.json")
	if err != nil {
		t.Fatal(err)
	}
	document := tree(t, apidocs.ChatAsyncAPI)
	if err := compiled.Validate(document); err != nil {
		t.Error(err)
	}
	document["operations"].(map[string]any)["say"].(map[string]any)["action"] = "shout"
	if compiled.Validate(document) == nil {
		t.Error("an operation may be anything")
	}
}

func tree(t *testing.T, name string) map[string]any {
	t.Helper()
	tree, err := closedTree(name)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// Each $ref and each example beside a schema, wherever it stands.
func TestDocuments_referencesLeadSomewhereAndExamplesAreReal(t *testing.T) {
	c, trees, err := compiler()
	if err != nil {
		t.Fatal(err)
	}
	references, examples := 0, 0
	for name, tree := range trees {
		walk(tree, "", func(at string, node map[string]any) {
			if ref, ok := node["$ref"].(string); ok {
				references++
				file, pointer, _ := strings.Cut(ref, "#")
				if file = strings.TrimPrefix(file, "./"); file == "" {
					file = name
				}
				if find(trees[file], pointer) == nil {
					t.Errorf("%s%s: %s leads nowhere", name, at, ref)
				}
			}
			list, ok := node["examples"].([]any)
			if !ok {
				return
			}
			for _, example := range list {
				whole, ofMessage := example.(map[string]any)
				if ofMessage = ofMessage && node["headers"] != nil; !ofMessage && (node["type"] != nil || node["oneOf"] != nil) {
					examples++
					holds(t, c, name+"#"+at, example)
				}
				if ofMessage {
					examples++
					holds(t, c, name+"#"+at+"/headers", whole["headers"])
					if whole["payload"] != nil {
						holds(t, c, name+"#"+at+"/payload", whole["payload"])
						hasLength(t, name+"#"+at, whole)
					}
				}
			}
		})
	}
	if references < 100 || examples < 15 {
		t.Errorf("looked at %d references and %d examples: this test finds nothing", references, examples)
	}
}

func holds(t *testing.T, c *jsonschema.Compiler, at string, example any) {
	t.Helper()
	s, err := c.Compile(base + at)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(example); err != nil {
		t.Errorf("%s: %v", at, err)
	}
}

// hasLength checks an example's content-length, if it has one, against its body.
func hasLength(t *testing.T, at string, example map[string]any) {
	t.Helper()
	body, err := json.Marshal(example["payload"])
	if err != nil {
		t.Fatal(err)
	}
	if said, given := example["headers"].(map[string]any)["content-length"]; given && said != fmt.Sprint(len(body)) {
		t.Errorf("%s: content-length %s of %d octets", at, said, len(body))
	}
}

// walk calls do for each object with its JSON pointer.
func walk(node any, at string, do func(at string, node map[string]any)) {
	switch node := node.(type) {
	case map[string]any:
		do(at, node)
		for key, v := range node {
			walk(v, at+"/"+strings.NewReplacer("~", "~0", "/", "~1").Replace(key), do)
		}
	case []any:
		for i, v := range node {
			walk(v, fmt.Sprint(at, "/", i), do)
		}
	}
}

type problemType struct {
	Type          string
	Status, Close uint64
}

// Both documents have all types of problems, with their status and close code.
func TestOpenAPI_hasAllProblems(t *testing.T) {
	var want []problemType
	for _, k := range fault.Kinds() {
		want = append(want, problemType{fault.TypePrefix + k.String(), uint64(k.Status()), uint64(k.CloseCode())})
	}
	for slug, k := range fault.Slugs {
		want = append(want, problemType{fault.TypePrefix + slug, uint64(k.Status()), uint64(k.CloseCode())})
	}
	for _, name := range []string{apidocs.MatchOpenAPI, apidocs.ChatOpenAPI} {
		var got []problemType
		for _, one := range find(tree(t, name), "/components/schemas/ProblemType/oneOf").([]any) {
			one := one.(map[string]any)
			got = append(got, problemType{one["const"].(string), one["x-status"].(uint64), one["x-close"].(uint64)})
		}
		for _, list := range [][]problemType{want, got} {
			slices.SortFunc(list, func(a, b problemType) int { return cmp.Compare(a.Type, b.Type) })
		}
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Errorf("%s: x-status, x-close or type of problems differ from pkg/fault (-) :\n%s", name, diff)
		}
	}
}

// What both services speak of looks the same in both documents.
func TestOpenAPI_sharedSchemasAreTheSame(t *testing.T) {
	match, chat := tree(t, apidocs.MatchOpenAPI), tree(t, apidocs.ChatOpenAPI)
	for _, name := range []string{"Problem", "ProblemType", "Seat", "MemberId", "RoomId", "Nickname", "Time"} {
		at := "/components/schemas/" + name
		if diff := gocmp.Diff(find(match, at), find(chat, at)); diff != "" || find(match, at) == nil {
			t.Errorf("%s: match (-) and chat (+) differ:\n%s", name, diff)
		}
	}
}

func TestAsyncAPI_hasAllCloseCodes(t *testing.T) {
	var want []any
	for _, c := range fault.CloseCodes {
		want = append(want, map[string]any{"code": uint64(c.Code), "means": c.Means, "advises": c.Advises})
	}
	if diff := gocmp.Diff(want, find(tree(t, apidocs.ChatAsyncAPI), "/info/x-close-codes")); diff != "" {
		t.Errorf("pkg/fault (-) and the document (+) differ:\n%s", diff)
	}
}

func TestAsyncAPI_hasAllDestinationsAndEvents(t *testing.T) {
	doc := tree(t, apidocs.ChatAsyncAPI)
	const room = "{roomId}"
	want := []string{
		"", chatapi.TopicPrefix + room, chatapi.SubPrefix + room, chatapi.TopicPrefix + room + chatapi.EventsSuffix, chatapi.ErrorsQueue,
		chatapi.ChatPrefix + room, chatapi.TypingPrefix + room, chatapi.ReadPrefix + room, chatapi.RefreshSession,
	}
	var got []string
	for _, c := range doc["channels"].(map[string]any) {
		address, _ := c.(map[string]any)["address"].(string)
		got = append(got, address)
	}
	same(t, "destinations", want, got)
	same(t, "events", []string{chatapi.Online, chatapi.Offline, chatapi.Typing, chatapi.Read}, consts(doc, "/components/schemas/Event/properties/event/oneOf"))
	same(t, "message types", []string{chatapi.Text, chatapi.Enter, chatapi.Leave, "IMAGE"}, consts(tree(t, apidocs.ChatOpenAPI), "/components/schemas/Message/properties/type/oneOf"))
	for at, header := range map[string]string{
		"SubscribeRoom": chatapi.HeaderLastSeq, "Say": chatapi.HeaderIdempotencyKey, "RoomMessage": chatapi.HeaderSeq,
		"Receipt": chatapi.HeaderMessageID, "Refresh": chatapi.HeaderAuthorization,
	} {
		if find(doc, "/components/messages/"+at+"/headers/properties/"+header) == nil {
			t.Errorf("%s lacks the header %s", at, header)
		}
	}
}

func consts(doc any, at string) (list []string) {
	for _, one := range find(doc, at).([]any) {
		list = append(list, one.(map[string]any)["const"].(string))
	}
	return list
}

func same(t *testing.T, what string, want, got []string) {
	t.Helper()
	slices.Sort(want)
	slices.Sort(got)
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("%s: the code (-) and the document (+) differ:\n%s", what, diff)
	}
}

// Each frame of the document is part of an operation, so that it is said who sends it.
func TestAsyncAPI_operationsUseAllMessages(t *testing.T) {
	doc := tree(t, apidocs.ChatAsyncAPI)
	unused := map[string]bool{}
	for name, c := range doc["channels"].(map[string]any) {
		for m := range c.(map[string]any)["messages"].(map[string]any) {
			unused["#/channels/"+name+"/messages/"+m] = true
		}
	}
	walk(doc["operations"], "", func(_ string, node map[string]any) {
		if ref, ok := node["$ref"].(string); ok {
			delete(unused, ref)
		}
	})
	if len(unused) > 0 {
		t.Errorf("nobody sends %v", slices.Sorted(maps.Keys(unused)))
	}
}

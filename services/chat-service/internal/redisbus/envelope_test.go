package redisbus

import (
	"bytes"
	"reflect"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"
)

var here, there = uuid.New(), uuid.New()

// TestPack_keepsEachRoomsOrder packs anything and unpacks it elsewhere.
func TestPack_keepsEachRoomsOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sizes := rapid.SampledFrom([]int{0, 1, 127, 128, maxEnvelope / 3, maxEnvelope, 2 * maxEnvelope})
		items := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) item {
			return item{
				roomID:  rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "room"),
				kind:    rapid.Byte().Draw(t, "kind"),
				payload: bytes.Repeat([]byte{rapid.Byte().Draw(t, "octet")}, sizes.Draw(t, "size")),
			}
		}), 0, 30).Draw(t, "items")
		want, got := map[string][]item{}, map[string][]item{}
		for _, i := range items {
			want[i.roomID] = append(want[i.roomID], i)
		}

		for _, e := range pack(there, items) {
			unpacked, err := unpack(here, string(e.bytes))
			if err != nil || len(unpacked) != e.items {
				t.Fatalf("%d of %d items, %v", len(unpacked), e.items, err)
			}
			if e.items > 1 && len(e.bytes) > maxEnvelope+16*e.items {
				t.Fatalf("an envelope of %d items has %d octets", e.items, len(e.bytes))
			}
			for _, i := range unpacked {
				i.roomID = e.roomID
				got[e.roomID] = append(got[e.roomID], i)
			}
		}

		if !reflect.DeepEqual(got, want) { // cmp takes minutes over so many octets
			t.Fatal("what was unpacked is not what was packed, in its order")
		}
	})
}

func TestPack_sendsABatchOfOneRoomAtOnce(t *testing.T) {
	batch := []item{{"a", 'm', []byte("1")}, {"b", 'm', []byte("2")}, {"a", 'm', []byte("3")}, {"a", 'e', []byte("4")}}
	if n := len(pack(here, batch)); n != 2 {
		t.Errorf("%d envelopes for two rooms", n)
	}
}

func TestUnpack_skipsItsOwn(t *testing.T) {
	own := pack(here, []item{{"a", 'm', []byte("1")}})[0].bytes
	if items, err := unpack(here, string(own)); err != nil || len(items) != 0 {
		t.Errorf("%v, %v", items, err)
	}
}

func TestUnpack_refusesWhatIsMalformed(t *testing.T) {
	good := pack(there, []item{{"a", 'm', []byte("text")}})[0].bytes
	other := bytes.Clone(good)
	other[0]++
	for what, data := range map[string][]byte{
		"empty":                      nil,
		"a header cut off":           good[:headerSize-1],
		"another version":            other,
		"a payload cut off":          good[:len(good)-1],
		"no length":                  good[:headerSize+1],
		"a length beyond 64 bits":    append(bytes.Clone(good[:headerSize+1]), bytes.Repeat([]byte{0xff}, 11)...),
		"a length beyond the memory": append(bytes.Clone(good[:headerSize+1]), 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f),
		"something after the end":    append(bytes.Clone(good), 'm'),
	} {
		if items, err := unpack(here, string(data)); err == nil {
			t.Errorf("%s: got %v; want an error", what, items)
		}
	}
}

package erd

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
)

func sample() []table {
	rooms := table{name: "rooms", columns: []column{{name: "id", kind: "uuid"}, {name: "title", kind: "text"}}}
	rooms.index(true, true, false, "(id)", []string{"id"})
	seats := table{name: "seats", columns: []column{{name: "room_id", kind: "uuid"}, {name: "join_id", kind: "text"}, {name: "left_at", kind: "timestamptz", nullable: true}}}
	seats.index(false, true, false, "(join_id)", []string{"join_id"})
	seats.index(false, true, true, "(room_id) WHERE (left_at IS NULL)", []string{"room_id"})
	return []table{rooms, seats}
}

func TestDraw_isXMLAndNamesEverything(t *testing.T) {
	svg := draw("<&>", sample(), []relation{{"seats", "room_id", "rooms", "id", true}})

	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("%v in\n%s", err, svg)
		}
	}
	for _, part := range []string{">rooms<", ">title<", ">room_id<", ">left_at?<", ">PK<", ">U<", ">unique (room_id) WHERE (left_at IS NULL)<", "&lt;&amp;&gt;", `class="relation"`} {
		if !strings.Contains(svg, part) {
			t.Errorf("it lacks %s", part)
		}
	}
	if strings.Contains(svg, `class="relation unenforced"`) {
		t.Error("a foreign key is dashed")
	}
}

func TestPlace_referringTablesStandToTheRightAndNothingOverlaps(t *testing.T) {
	tables := append(sample(), table{name: "entries", columns: []column{{name: "room_id"}}})

	boxes, width, height := place(tables, []relation{{from: "seats", to: "rooms"}, {from: "entries", to: "rooms"}})

	rooms, seats, entries := boxes["rooms"], boxes["seats"], boxes["entries"]
	if seats.x < rooms.x+rooms.width+gap || entries.x != seats.x || entries.y < seats.y+seats.height() {
		t.Errorf("rooms %+v, seats %+v, entries %+v", rooms, seats, entries)
	}
	if width < seats.x+seats.width || height < entries.y+entries.height() {
		t.Errorf("%dx%d holds not all of it", width, height)
	}
}

func TestByName_findsWhatNoForeignKeySays(t *testing.T) {
	tables := append(sample(), table{name: "entries", columns: []column{{name: "room_id"}, {name: "join_id"}, {name: "id"}}})

	found := byName(tables, []relation{{"seats", "room_id", "rooms", "id", true}})

	want := []relation{{"entries", "room_id", "rooms", "id", false}, {"entries", "join_id", "seats", "join_id", false}}
	if len(found) != 2 || found[0] != want[0] || found[1] != want[1] {
		t.Errorf("got %v, want %v", found, want)
	}
}

// Package costs is what one of each thing that people do costs, as `capacity measure`
// found it: CPU of each process, octets on the wire and on disk, memory of what stays open.
package costs

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/sixseat/sixseat/infra/capacity/internal/report"
	"github.com/sixseat/sixseat/infra/capacity/internal/strict"
)

// Schema names the format of Costs; it changes when a field changes its meaning.
const Schema = "sixseat-capacity-costs/1"

// Op is one thing that happens.
type Op string

// What happens on a visit, in its order.
const (
	SignIn           Op = "signIn"           // POST of a member, on a connection of its own
	FilmsPage        Op = "filmsPage"        // GET of a page of films
	Stream           Op = "stream"           // an event stream is opened, and closed at its end
	StreamSecond     Op = "streamSecond"     // it stays open for a second
	Join             Op = "join"             // PUT to the queue, and what those who wait there hear of it
	Room             Op = "room"             // six are matched and told
	Enter            Op = "enter"            // POST of the ticket
	Connect          Op = "connect"          // a WebSocket is opened, subscribes to three destinations, and is closed at its end
	ConnectionSecond Op = "connectionSecond" // it stays open for a second, with heart-beats
	Message          Op = "message"          // SEND, stored, receipted
	Hear             Op = "hear"             // one more chat node, besides the one that stored it, hears of a message and shows it
	NodeSecond       Op = "nodeSecond"       // a room is open on one more chat node for a second: each asks who is there, and for its head
	Delivery         Op = "delivery"         // a message reaches one member
	Signal           Op = "signal"           // one frame of typing, in or out
	HistoryPage      Op = "historyPage"      // GET of a page of messages, on a connection of its own
	Leave            Op = "leave"            // DELETE of a membership, for good
)

// Processes whose CPU is known.
const (
	Chat, Match, Postgres, Redis = "chat", "match", "postgres", "redis"
)

// Ops are all of them.
var Ops = []Op{SignIn, FilmsPage, Stream, StreamSecond, Join, Room, Enter, Connect, ConnectionSecond, Message, Hear, NodeSecond, Delivery, Signal, HistoryPage, Leave}

// Costs is what a measurement found.
type Costs struct {
	Schema   string            `json:"schema"`
	Date     time.Time         `json:"date"`
	Commit   string            `json:"commit"`
	Machine  report.Machine    `json:"machine"`
	Settings map[string]string `json:"settings"` // flags of the run by name
	Length   float64           `json:"-"`        // of a message, in characters: settings.length as it was read
	Each     map[Op]Unit       `json:"each"`
	Memory   Memory            `json:"memory"`
	Idle     map[string]Idle   `json:"idle"`             // by process: what it takes when nothing happens
	Doubts   []string          `json:"doubts,omitempty"` // what did not behave as a plan takes it to
}

// Unit is what one of something costs.
type Unit struct {
	Chat       float64 `json:"chatMicros"` // microseconds of CPU, as those below
	Match      float64 `json:"matchMicros"`
	Postgres   float64 `json:"postgresMicros"`
	Redis      float64 `json:"redisMicros"`
	ToPeople   float64 `json:"bytesToPeople"` // on the wire to clients
	FromPeople float64 `json:"bytesFromPeople"`
	WAL        float64 `json:"walBytes"`  // of PostgreSQL
	Disk       float64 `json:"diskBytes"` // likewise, for good
	Kept       float64 `json:"redisBytes"`
	Bus        float64 `json:"busBytes"` // that Redis sends to our services
}

// CPU is the microseconds of a process.
func (u Unit) CPU(process string) float64 {
	return map[string]float64{Chat: u.Chat, Match: u.Match, Postgres: u.Postgres, Redis: u.Redis}[process]
}

// Plus adds v so many times.
func (u Unit) Plus(v Unit, times float64) Unit {
	for name, to := range u.at() {
		*to += times * v.value(name)
	}
	return u
}

// Middle takes of each figure the middle one of some, or the lower of two in the middle.
func Middle(units []Unit) (middle Unit) {
	for name, to := range middle.at() {
		var values []float64
		for _, u := range units {
			values = append(values, u.value(name))
		}
		slices.Sort(values)
		*to = values[(len(values)-1)/2]
	}
	return middle
}

// Of is the same as a cost of op: without what is below zero, and without the CPU of
// processes that have no part in op. Both are noise.
func (u Unit) Of(op Op) Unit {
	for _, to := range u.at() {
		*to = max(0, *to)
	}
	switch op {
	case SignIn, FilmsPage, Stream, StreamSecond, Join, Room:
		u.Chat = 0
	case Delivery, Signal: // once for each member, on a node; the stores see a message once
		u.Match, u.Postgres = 0, 0
	case Hear: // members and PostgreSQL take the same part in a message, on however many nodes they are
		u = Unit{Chat: u.Chat, Redis: u.Redis, Bus: u.Bus}
	case NodeSecond: // nothing is said
		u = Unit{Chat: u.Chat, Postgres: u.Postgres, Redis: u.Redis, Bus: u.Bus}
	case Connect, ConnectionSecond, Message, HistoryPage:
		u.Match = 0 // Enter and Leave are told to match-service as well
	}
	return u
}

// Memory is what is held in memory for as long as something is open, in octets.
type Memory struct {
	Connected  float64 `json:"chatPerConnection"`           // of chat-service, by a connection that has not subscribed
	Subscribed float64 `json:"chatPerSubscribedConnection"` // likewise, by one that has, the same part included
	Stream     float64 `json:"matchPerStream"`              // of match-service
	Waiting    float64 `json:"redisPerWaiting"`             // of Redis, by a member in the queue
	Presence   float64 `json:"redisPerConnection"`          // of Redis, by a connection to chat-service
}

// Idle is what a process takes when nothing happens.
type Idle struct {
	RSS   float64 `json:"rssBytes"` // after it has worked
	Cores float64 `json:"cores"`
}

// maxBytes is the longest file: a measurement has some 5 KiB.
const maxBytes = 64 << 10

// maxLength is the longest message in the contract, in characters.
const maxLength = 2000

// most bounds a value that was measured: a minute of CPU, 60 MB. Beyond it somebody has
// mistaken the unit.
const most = 60e6

// needed are values that cannot be zero: without them a plan would be too small.
var needed = map[Op][]string{
	SignIn: {"matchMicros", "bytesToPeople"}, FilmsPage: {"matchMicros", "bytesToPeople"}, Stream: {"matchMicros"},
	Join: {"matchMicros", "postgresMicros", "redisMicros", "diskBytes"}, Enter: {"chatMicros", "postgresMicros", "diskBytes"},
	Connect: {"chatMicros"}, Message: {"postgresMicros", "walBytes", "diskBytes", "bytesFromPeople"},
	Hear: {"busBytes"}, Delivery: {"chatMicros", "bytesToPeople"}, HistoryPage: {"chatMicros", "postgresMicros", "bytesToPeople"},
	Leave: {"chatMicros", "postgresMicros"},
}

// optional are things that a measurement may leave out, and one of before does; what they
// count as then. optionalField is the like of each thing, and counts as nothing.
var optional = map[Op]struct {
	as    Op
	doubt string
}{
	Hear:       {"", "what a chat node takes to hear of a message on another was not measured (capacity measure -node), and is in no plan"},
	NodeSecond: {"", "what a room takes that is open on one more chat node was not measured either"},
	Leave:      {Enter, "what it takes to leave a room was not measured, and counts as entering does"},
}

const optionalField = "busBytes"

// ReadFile reads what a measurement wrote; errors name the file, line and field.
func ReadFile(name string) (*Costs, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	c, err := Read(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return c, nil
}

// Read reads what a measurement wrote.
func Read(from io.Reader) (*Costs, error) {
	c := &Costs{Settings: map[string]string{}, Each: map[Op]Unit{}, Idle: map[string]Idle{}}
	err := strict.Document(from, maxBytes, func(r *strict.Reader, n *yaml.Node) { c.read(r, n) })
	return c, err
}

func (c *Costs) read(r *strict.Reader, n *yaml.Node) {
	m := &c.Machine
	fields := strict.Fields{
		"schema": func(n *yaml.Node, path string) {
			if c.Schema = n.Value; c.Schema != Schema {
				r.Problem(n, path, "must be %q, is %q: measure again", Schema, n.Value)
			}
		},
		"date":   r.Date(&c.Date),
		"commit": r.Text(&c.Commit),
		"machine": func(n *yaml.Node, path string) {
			var memory float64
			r.Mapping(n, path, strict.Fields{
				"os": r.Text(&m.OS), "arch": r.Text(&m.Arch), "cpu": r.Text(&m.CPU), "cpus": r.Integer(&m.CPUs, 1, 1<<16),
				"memoryBytes": r.Number(&memory, 0, 1e15), "go": r.Text(&m.Go),
			}, "cpu", "cpus")
			m.Memory = int64(memory)
		},
		"settings": func(n *yaml.Node, path string) {
			r.Each(n, path, func(key string) strict.Field {
				return func(n *yaml.Node, path string) {
					if c.Settings[key] = n.Value; key == "length" { // the only one that a plan asks for
						r.Number(&c.Length, 1, maxLength)(n, path)
					}
				}
			}, "length")
		},
		"doubts": func(n *yaml.Node, path string) {
			if n.Kind != yaml.SequenceNode {
				r.Problem(n, path, "must be a list")
			}
			for i, doubt := range n.Content {
				var text string
				r.Text(&text)(doubt, fmt.Sprintf("%s[%d]", path, i))
				c.Doubts = append(c.Doubts, text)
			}
		},
		"each":   func(n *yaml.Node, path string) { c.readEach(r, n, path) },
		"memory": func(n *yaml.Node, path string) { c.readMemory(r, n, path) },
		"idle":   func(n *yaml.Node, path string) { c.readIdle(r, n, path) },
	}
	r.Mapping(n, "", fields, "schema", "date", "commit", "machine", "settings", "each", "memory", "idle")
}

func (c *Costs) readEach(r *strict.Reader, n *yaml.Node, path string) {
	var names []string
	known := strict.Fields{}
	for _, op := range Ops {
		if _, may := optional[op]; !may {
			names = append(names, string(op))
		}
		known[string(op)] = func(n *yaml.Node, path string) {
			var u Unit
			fields, all := u.fields(r)
			r.Mapping(n, path, fields, all...)
			for _, name := range needed[op] {
				if u.value(name) == 0 {
					r.Problem(n, path+"."+name, "must not be 0")
				}
			}
			c.Each[op] = u
		}
	}
	r.Mapping(n, path, known, names...)
	for _, op := range Ops {
		missing, may := optional[op]
		if _, measured := c.Each[op]; measured || !may {
			continue
		}
		c.Doubts = append(c.Doubts, missing.doubt)
		if u, known := c.Each[missing.as]; known {
			c.Each[op] = u
		}
	}
}

func (u *Unit) at() map[string]*float64 {
	return map[string]*float64{
		"chatMicros": &u.Chat, "matchMicros": &u.Match, "postgresMicros": &u.Postgres, "redisMicros": &u.Redis,
		"bytesToPeople": &u.ToPeople, "bytesFromPeople": &u.FromPeople, "walBytes": &u.WAL, "diskBytes": &u.Disk, "redisBytes": &u.Kept, "busBytes": &u.Bus,
	}
}

func (u *Unit) value(field string) float64 { return *u.at()[field] }

func (u *Unit) fields(r *strict.Reader) (fields strict.Fields, all []string) {
	fields = strict.Fields{}
	for name, to := range u.at() {
		fields[name] = r.Number(to, 0, most)
		if name != optionalField {
			all = append(all, name)
		}
	}
	return fields, all
}

func (c *Costs) readMemory(r *strict.Reader, n *yaml.Node, path string) {
	m := &c.Memory
	r.Mapping(n, path, strict.Fields{
		"chatPerConnection": r.Number(&m.Connected, 0, most), "chatPerSubscribedConnection": r.Number(&m.Subscribed, 1, most),
		"matchPerStream": r.Number(&m.Stream, 0, most), "redisPerWaiting": r.Number(&m.Waiting, 1, most), "redisPerConnection": r.Number(&m.Presence, 0, most),
	}, "chatPerConnection", "chatPerSubscribedConnection", "matchPerStream", "redisPerWaiting", "redisPerConnection")
}

func (c *Costs) readIdle(r *strict.Reader, n *yaml.Node, path string) {
	known := strict.Fields{}
	for _, process := range []string{Chat, Match, Postgres, Redis} {
		known[process] = func(n *yaml.Node, path string) {
			var idle Idle
			r.Mapping(n, path, strict.Fields{"rssBytes": r.Number(&idle.RSS, 1, 1e12), "cores": r.Number(&idle.Cores, 0, 1000)}, "rssBytes", "cores")
			c.Idle[process] = idle
		}
	}
	r.Mapping(n, path, known, Chat, Match, Postgres, Redis)
}

// Write writes the costs as Read reads them.
func (c *Costs) Write(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", " ")
	return enc.Encode(c)
}

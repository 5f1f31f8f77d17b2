//go:build integration

package main

import (
	"debug/buildinfo"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/sixseat/sixseat/pkg/matchapi"
	"github.com/sixseat/sixseat/pkg/testenv"
)

// peerServer is a chat server that is not ours. peers/install puts it on this machine.
type peerServer struct {
	name, dialect string
	version       func() (string, error) // an error: it is not installed
	start         func(t *testing.T) (*testenv.Server, error)
}

var peers = []peerServer{
	{"Centrifugo", "centrifugo", centrifugoVersion, startCentrifugo},
	{"Socket.IO", "socketio", socketIOVersion, startSocketIO},
	{"RabbitMQ Web STOMP", "stomp", rabbitVersion, startRabbit},
}

var installed = filepath.Join("..", "..", ".cache", "peers")

var errNotInstalled = errors.New("not installed: infra/capacity/peers/install says why it cannot be")

// flags say where a peer is and what it speaks.
func (p peerServer) flags(s *testenv.Server) []string {
	return []string{"-dialect", p.dialect, "-target", s.URL, "-process", p.dialect + "=" + s.URL[strings.LastIndex(s.URL, ":"):]}
}

func centrifugoVersion() (string, error) {
	info, err := buildinfo.ReadFile(filepath.Join(installed, "centrifugo"))
	if err != nil {
		return "", errNotInstalled
	}
	return strings.TrimPrefix(info.Main.Version, "v"), nil
}

// startCentrifugo starts one node in memory that keeps a history and lets members recover
// from it, as ours does; nothing of it outlives the process. Nobody needs a token.
func startCentrifugo(t *testing.T) (*testenv.Server, error) {
	port := testenv.FreePort(t)
	config, err := json.Marshal(map[string]any{
		"http_server": map[string]any{"address": "127.0.0.1", "port": strconv.Itoa(port)},
		"client":      map[string]any{"allow_anonymous_connect_without_token": true, "ping_interval": "10s"},
		"channel": map[string]any{"without_namespace": map[string]any{
			"allow_subscribe_for_anonymous": true, "allow_subscribe_for_client": true,
			"allow_publish_for_anonymous": true, "allow_publish_for_client": true,
			"history_size": 100, "history_ttl": "5m", "force_recovery": true,
		}},
		"usage_stats": map[string]any{"disabled": true},
		"log":         map[string]any{"level": "warn"},
	})
	if err != nil {
		return nil, err
	}
	file := filepath.Join(t.TempDir(), "centrifugo.json")
	if err := os.WriteFile(file, config, 0o600); err != nil {
		return nil, err
	}
	return testenv.StartProgram(t, "Centrifugo", fmt.Sprintf("http://127.0.0.1:%d", port), func() *exec.Cmd {
		return exec.Command(filepath.Join(installed, "centrifugo"), "-c", file)
	})
}

func socketIOVersion() (string, error) {
	text, err := os.ReadFile(filepath.Join(installed, "socketio", "node_modules", "socket.io", "package.json"))
	if err != nil {
		return "", errNotInstalled
	}
	var about struct{ Version string }
	return about.Version, json.Unmarshal(text, &about)
}

// startSocketIO starts peers/socketio: one process, which is one thread, stores nothing.
func startSocketIO(t *testing.T) (*testenv.Server, error) {
	port := testenv.FreePort(t)
	return testenv.StartProgram(t, "Socket.IO", fmt.Sprintf("http://127.0.0.1:%d", port), func() *exec.Cmd {
		return exec.Command("node", filepath.Join(installed, "socketio", "server.mjs"), strconv.Itoa(port))
	})
}

// rabbitServer starts the node in the foreground as whoever calls it; the one on PATH
// becomes the system's user and writes into the system's folders.
const rabbitServer = "/usr/lib/rabbitmq/bin/rabbitmq-server"

func rabbitVersion() (string, error) {
	found, err := filepath.Glob("/usr/lib/rabbitmq/lib/rabbitmq_server-*")
	if _, serr := os.Stat(rabbitServer); err != nil || serr != nil || len(found) == 0 {
		return "", errNotInstalled
	}
	_, version, _ := strings.Cut(filepath.Base(found[len(found)-1]), "-")
	return version, nil
}

const rabbitConfig = `
listeners.tcp.1 = 127.0.0.1:%d
stomp.listeners.tcp.1 = 127.0.0.1:%d
web_stomp.tcp.listener = 127.0.0.1:%d
log.console = true
log.console.level = warning
log.file = false
`

// startRabbit starts a node of its own: with its own folder, cookie, ports, and its own
// epmd, Erlang's directory of nodes, which would go on for ever if the node started it.
func startRabbit(t *testing.T) (*testenv.Server, error) {
	dir := t.TempDir()
	amqp, stomp, web, dist, epmd := testenv.FreePort(t), testenv.FreePort(t), testenv.FreePort(t), testenv.FreePort(t), testenv.FreePort(t)
	for name, text := range map[string]string{
		"rabbitmq.conf": fmt.Sprintf(rabbitConfig, amqp, stomp, web), "enabled_plugins": "[rabbitmq_web_stomp].\n", "env.conf": "",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return nil, err
		}
	}
	env := append(os.Environ(), "HOME="+dir, "ERL_EPMD_PORT="+strconv.Itoa(epmd), "ERL_EPMD_ADDRESS=127.0.0.1",
		"RABBITMQ_NODENAME=sixseat-bench@localhost", "RABBITMQ_DIST_PORT="+strconv.Itoa(dist),
		"RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=-kernel inet_dist_use_interface {127,0,0,1}",
		"RABBITMQ_MNESIA_BASE="+filepath.Join(dir, "mnesia"), "RABBITMQ_LOG_BASE="+filepath.Join(dir, "log"),
		"RABBITMQ_CONF_ENV_FILE="+filepath.Join(dir, "env.conf"), "RABBITMQ_CONFIG_FILE="+filepath.Join(dir, "rabbitmq.conf"),
		"RABBITMQ_ENABLED_PLUGINS_FILE="+filepath.Join(dir, "enabled_plugins"), "RABBITMQ_PID_FILE="+filepath.Join(dir, "pid"),
		"RUNNING_UNDER_SYSTEMD=1") // the script becomes the node, instead of waiting for it
	_, err := testenv.StartProgram(t, "epmd", fmt.Sprintf("http://127.0.0.1:%d", epmd), func() *exec.Cmd {
		cmd := exec.Command("epmd")
		cmd.Env = env
		return cmd
	})
	if err != nil {
		return nil, err
	}
	return testenv.StartProgram(t, "RabbitMQ", fmt.Sprintf("http://127.0.0.1:%d", web), func() *exec.Cmd {
		cmd := exec.Command(rabbitServer)
		cmd.Env, cmd.Dir = env, dir
		return cmd
	})
}

// The same small chat on each peer that is here, and each delivery judged.
func TestPeers_small(t *testing.T) {
	for _, p := range peers {
		t.Run(p.dialect, func(t *testing.T) {
			version, err := p.version()
			if err != nil {
				t.Skip(err)
			}
			server, err := p.start(t)
			if err != nil {
				t.Fatal(err)
			}
			t.Log(p.name, version)
			w := &world{T: t}
			r := w.result("chat", append(p.flags(server), "-connections", "40", "-ramp", "200", "-opening", "20", "-duration", "2s", "-beat", "1s", "-rate", "60,120")...)
			if r.Sent != 360 || r.Delivered != matchapi.Seats*r.Sent || r.Latency["receipt"].Count != r.Sent || r.Connections != 36 {
				t.Errorf("%d connections, %d sent, %d delivered, %d receipts", r.Connections, r.Sent, r.Delivered, r.Latency["receipt"].Count)
			}
			if s := r.Seconds[len(r.Seconds)-1].Usage[p.dialect]; s.RSS == 0 || s.CPU == 0 {
				t.Errorf("nothing is known of its use: %+v", s)
			}
		})
	}
}

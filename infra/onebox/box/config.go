package box

import "time"

// Config is what onebox reads from its environment.
type Config struct {
	Addr      string `env:"ADDR" envDefault:"127.0.0.1:8080" help:"where the load balancer listens, host:port"`
	DataDir   string `env:"DATA_DIR" envDefault:".sixseat" help:"folder of the databases, the pictures, the archive of silent rooms and the signing key; it is made if it is not there"`
	S3Addr    string `env:"S3_ADDR" envDefault:"127.0.0.1:0" help:"where browsers put pictures and find them, host:port; port 0: a free one, the same at each start"`
	Members   int    `env:"LIMIT_MEMBERS_PER_ADDRESS" envDefault:"0" help:"new members per minute and client address; 0, no limit, since here everybody comes from one address"`
	LogFormat string `env:"LOG_FORMAT" envDefault:"text" help:"json or text"`
	LogLevel  string `env:"LOG_LEVEL" envDefault:"warn" help:"debug, info, warn or error"`
}

const (
	// drainWindow is over how long Ctrl-C closes sockets and streams: nobody waits for a
	// load balancer here, but clients still get their goodbye.
	drainWindow = 500 * time.Millisecond

	// readyTimeout is how long the services may take to be healthy behind the load
	// balancer at start.
	readyTimeout = 30 * time.Second

	// stopTimeout bounds the load balancer's own stop once the services are gone.
	stopTimeout = 2 * time.Second
)

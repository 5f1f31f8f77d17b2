package plan

import (
	"errors"
	"fmt"
	"io"
	"math"
	"text/template"
)

// tfvars are variables of infra/terraform. Those that say who and where, and the images,
// stand in a file beside.
var tfvars = template.Must(template.New("tfvars").Parse(`# Sizes for {{.Users}} users, made by capacity plan.
{{range .Basis}}# {{.}}
{{end}}{{range .Notes}}# {{.}}
{{end}}
zones = {{.Zones}}

chat = {
  cpu            = {{.Chat.CPU}}
  memory         = {{.Chat.Memory}}
  min            = {{.Chat.Tasks}} # for the busiest time, and what a zone's loss leaves carries it
  max            = {{.Chat.Most}}
  sockets        = {{.Sockets}}
  deploy_percent = 150
}

match = {
  cpu            = {{.Match.CPU}}
  memory         = {{.Match.Memory}}
  min            = {{.Match.Tasks}}
  max            = {{.Match.Most}}
  requests       = {{.Requests}}
  deploy_percent = 200
}

database = {
  class           = "{{.Class}}"
  storage         = {{.Disk}}
  max_storage     = {{.MostDisk}}
  multi_az        = true
  backup_days     = 30
  max_connections = {{.MaxConnections}}
}

cache = {
  node_type = "{{.Cache.Type}}"
  replicas  = {{.Cache.Replicas}}
}

# Not planned, as in production.tfvars.
log_days  = 90
protected = true
`))

// WriteTfvars writes the sizes for infra/terraform, or says why the stack as written
// cannot have them.
func (p *Plan) WriteTfvars(w io.Writer, b Basis) error {
	var beyond []error
	for _, e := range p.Beyond() {
		beyond = append(beyond, fmt.Errorf("%s is at %.0f %% of what there can be; it takes %s", e.What, 100*e.Share, e.Then))
	}
	if len(beyond) > 0 {
		return fmt.Errorf("the stack as written cannot carry %s users: %w", short(p.Traffic.Users), errors.Join(beyond...))
	}
	return tfvars.Execute(w, struct {
		*Plan
		Users       string
		Basis       []string
		Chat, Match Service
		Sockets     int
		Requests    int
	}{p, short(p.Traffic.Users), b.lines(), p.Services[0], p.Services[1], p.sockets(), p.requests()})
}

// sockets is what a chat task may hold: as many as what binds first carries when it is
// strained, whether they come or not. Target tracking makes another task at three quarters
// of it (service_chat.tf), which is where a plan leaves a task that is busy.
func (p *Plan) sockets() int {
	s := p.Services[0]
	n := strained * p.Traffic.Sockets / float64(s.Tasks) / most(s.Uses)
	return int(min(socketsOf(taskSize{s.CPU, s.Memory}), max(leastSockets, n)))
}

// requests is how many a match task gets in a minute when its most used resource is at what
// a plan allows.
func (p *Plan) requests() int {
	s := p.Services[1]
	return max(1, int(busy*p.Demand.MatchRequests*60/float64(s.Tasks)/most(s.Uses)))
}

// most is the largest share that is used of anything.
func most(uses []Use) (share float64) {
	for _, u := range uses {
		share = math.Max(share, u.Share)
	}
	return share
}

package rules

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// The resource types that make a load balancer; others belong to the rest of
// the stack and are left alone.
const (
	typeLoadBalancer = "aws_lb"
	typeListener     = "aws_lb_listener"
	typeRule         = "aws_lb_listener_rule"
	typeTargetGroup  = "aws_lb_target_group"
)

// harmlessTypes are load balancer resources that change nothing about routing,
// timing or health.
var harmlessTypes = map[string]bool{
	"aws_lb_listener_certificate": true,
}

// LoadDir is Load for a folder on disk. Its problems name files as an editor opens them.
func LoadDir(dir string) (*Config, error) {
	cfg, err := Load(folder(dir))
	refused := (*Error)(nil)
	switch {
	case errors.As(err, &refused):
		for i, p := range refused.Problems {
			refused.Problems[i].File = filepath.Join(dir, p.File)
		}
	case err != nil:
		return nil, fmt.Errorf("load %s: %w", dir, err)
	}
	return cfg, err
}

// folder is os.DirFS, but that ".." leads out of it, as in the source of a module.
type folder string

// Open is part of fs.FS.
func (f folder) Open(name string) (fs.File, error) {
	return os.Open(filepath.Join(string(f), filepath.FromSlash(name)))
}

// Load reads every .tf file in the root of fsys, as Terraform does. It returns
// an *Error with all problems if the files were read but cannot be run.
func Load(fsys fs.FS) (*Config, error) {
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, fmt.Errorf("list terraform files: %w", err)
	}
	l := &loader{parser: hclparse.NewParser(), found: map[string][]resource{}, followed: map[string]bool{".": true}}
	for _, e := range entries {
		if e.IsDir() {
			continue
		}
		if err := l.readFile(fsys, e.Name()); err != nil {
			return nil, err
		}
	}
	cfg := l.decode()
	if err := l.out.err(); err != nil {
		return nil, err
	}
	return cfg, nil
}

// resource is one block of a type we know, not yet decoded.
type resource struct {
	address string
	block   *hclsyntax.Block
}

type loader struct {
	parser   *hclparse.Parser
	out      problems
	found    map[string][]resource // by canonical type, in the order of the files
	followed map[string]bool       // folders of modules
}

// readFile takes the resources out of one file in the root.
func (l *loader) readFile(fsys fs.FS, name string) error {
	if name == "override.tf" || strings.HasSuffix(name, "_override.tf") {
		l.refuseFile(name)
		return nil
	}
	blocks, err := l.parse(fsys, name)
	if err != nil {
		return err
	}
	for _, b := range blocks {
		l.collect(b)
		if err := l.followModule(fsys, ".", b); err != nil {
			return err
		}
	}
	return nil
}

// parse gives the blocks of a .tf file; what else Terraform would read is refused.
func (l *loader) parse(fsys fs.FS, name string) (hclsyntax.Blocks, error) {
	if strings.HasSuffix(name, ".tf.json") {
		l.refuseFile(name)
		return nil, nil
	}
	if !strings.HasSuffix(name, ".tf") {
		return nil, nil
	}
	src, err := readLimited(fsys, name)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	f, diags := l.parser.ParseHCL(src, name)
	if diags.HasErrors() {
		l.out.addDiagnostics(diags)
		return nil, nil
	}
	body, ok := f.Body.(*hclsyntax.Body)
	if !ok {
		return nil, fmt.Errorf("read %s: unexpected syntax tree %T", name, f.Body)
	}
	return body.Blocks, nil
}

func (l *loader) refuseFile(name string) {
	l.out.list = append(l.out.list, Problem{name, 1, "override files and JSON syntax are not read by localalb, but Terraform would read this file"})
}

// followModule refuses load balancer resources in the local module that b, a block of a
// file in dir, calls, and in the modules that one calls: Terraform would apply them, and
// nobody here reads them. A module that is not in fsys, as in the files that are built
// into onebox, was looked into by "localalb check".
func (l *loader) followModule(fsys fs.FS, dir string, b *hclsyntax.Block) error {
	source, ok := b.Body.Attributes["source"]
	if b.Type != "module" || !ok {
		return nil
	}
	v, diags := source.Expr.Value(nil)
	if diags.HasErrors() || v.Type() != cty.String || v.IsNull() {
		return nil // Terraform refuses it, too
	}
	if from := v.AsString(); !strings.HasPrefix(from, "./") && !strings.HasPrefix(from, "../") {
		return nil // of a registry
	}
	module := path.Join(dir, v.AsString())
	if l.followed[module] {
		return nil
	}
	l.followed[module] = true
	entries, err := fs.ReadDir(fsys, module)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrInvalid) { // ErrInvalid: ".." where it leads nowhere
		return nil
	}
	if err != nil {
		return fmt.Errorf("list module %s: %w", module, err)
	}
	for _, e := range entries {
		if e.IsDir() {
			continue
		}
		blocks, err := l.parse(fsys, path.Join(module, e.Name()))
		if err != nil {
			return err
		}
		for _, b := range blocks { // what else a module holds is its own business
			l.refuseInModule(b)
			if err := l.followModule(fsys, module, b); err != nil {
				return err
			}
		}
	}
	return nil
}

func (l *loader) refuseInModule(b *hclsyntax.Block) {
	if b.Type != "resource" || len(b.Labels) != 2 {
		return
	}
	if kind := canonicalType(b.Labels[0]); kind == typeLoadBalancer || strings.HasPrefix(kind, typeLoadBalancer+"_") {
		l.out.add(b.DefRange(), "%s is in a module, which localalb does not read; write it beside the other rules", kind)
	}
}

func readLimited(fsys fs.FS, name string) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close() // nothing was written, so closing cannot lose anything
	src, err := io.ReadAll(io.LimitReader(f, maxFileBytes+1))
	if err != nil {
		return nil, err
	}
	if len(src) > maxFileBytes {
		return nil, fmt.Errorf("more than %d bytes", maxFileBytes)
	}
	return src, nil
}

// collect keeps the load balancer resources and refuses their relatives that
// would change behaviour unseen.
func (l *loader) collect(b *hclsyntax.Block) {
	if b.Type != "resource" || len(b.Labels) != 2 {
		return
	}
	kind := canonicalType(b.Labels[0])
	switch kind {
	case typeLoadBalancer, typeListener, typeRule, typeTargetGroup:
	default:
		if strings.HasPrefix(kind, typeLoadBalancer+"_") && !harmlessTypes[kind] {
			l.out.add(b.DefRange(), "%s is not implemented by localalb", kind)
		}
		return
	}
	address := kind + "." + b.Labels[1]
	for _, earlier := range l.found[kind] {
		if earlier.address == address {
			l.out.add(b.DefRange(), "%s is already defined at %s:%d", address,
				earlier.block.DefRange().Filename, earlier.block.DefRange().Start.Line)
			return
		}
	}
	l.found[kind] = append(l.found[kind], resource{address, b})
}

// canonicalType maps the provider's alias aws_alb… to aws_lb….
func canonicalType(t string) string {
	if t == "aws_alb" || strings.HasPrefix(t, "aws_alb_") {
		return "aws_lb" + strings.TrimPrefix(t, "aws_alb")
	}
	return t
}

func (l *loader) decode() *Config {
	cfg := &Config{
		LoadBalancers: map[string]*LoadBalancer{},
		Listeners:     map[string]*Listener{},
		TargetGroups:  map[string]*TargetGroup{},
	}
	names := map[string]string{}
	for _, res := range l.found[typeLoadBalancer] {
		cfg.LoadBalancers[res.address] = readLoadBalancer(l.open(res), res.address, names)
	}
	names = map[string]string{}
	for _, res := range l.found[typeTargetGroup] {
		cfg.TargetGroups[res.address] = readTargetGroup(l.open(res), res.address, names)
	}
	for _, res := range l.found[typeListener] {
		cfg.Listeners[res.address] = readListener(l.open(res), res.address, cfg)
	}
	for _, res := range l.found[typeRule] {
		readRule(l.open(res), res.address, cfg)
	}
	if len(l.out.list) == 0 { // half-read rules would only give misleading follow-ups
		var listeners []*Listener
		for _, res := range l.found[typeListener] {
			listeners = append(listeners, cfg.Listeners[res.address])
		}
		checkShared(listeners, &l.out)
		for _, listener := range listeners {
			checkListener(listener, &l.out)
		}
	}
	return cfg
}

// open starts reading a resource. What multiplies or hides resources is
// refused; what only steers Terraform is ignored.
func (l *loader) open(res resource) *reader {
	r := newReader(res.block, res.address, &l.out)
	for _, name := range []string{"count", "for_each"} {
		if r.has(name) {
			r.refuse(name, "%s cannot be evaluated here; write the resources out", name)
		}
		r.opaque(name)
	}
	r.opaque("depends_on", "lifecycle", "provider", "timeouts", "tags", "tags_all", "region")
	return r
}

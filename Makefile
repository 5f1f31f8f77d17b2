# `make` alone lists the targets.
SHELL := /bin/bash -o pipefail
BIN := $(CURDIR)/.cache/bin
MODULES := pkg infra/terraform infra/localalb infra/onebox infra/capacity services/chat-service services/match-service docker/integration
PACKAGES := $(MODULES:%=./%/...)
SERVICE_PACKAGES := ./pkg/... ./services/chat-service/... ./services/match-service/... ./infra/onebox/... ./infra/capacity/...
GOTEST := go test -race -shuffle=on -count=1
STATICCHECK := $(BIN)/staticcheck-0.8.2
ACTIONLINT := $(BIN)/actionlint-1.7.12
GOVULNCHECK := $(BIN)/govulncheck-1.9.0
SYFT := $(BIN)/syft-1.57.0
GRYPE := $(BIN)/grype-0.121.3
VERSITYGW := $(BIN)/versitygw-1.8.0
WEB := services/match-service/internal/web

.PHONY: help run test check fmt lint arrows docs build unit integration migrations web screenshots vendor actions rules terraform tflint alerts bench-match bench-alb bench-go load measure plan board bench deps fuzz race soak vuln images sbom scan up down e2e clean

help: ## list the targets
	@grep -E '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

run: ## the whole system on this machine, at http://127.0.0.1:8080 (ADDR, DATA_DIR)
	@go build -o $(BIN)/onebox ./infra/onebox && exec $(BIN)/onebox

check: fmt lint arrows actions docs rules terraform build unit web ## the quick part: no server, no browser

test: SIZES := production small
test: deps check tflint alerts integration migrations e2e ## everything that CI runs

fmt: ## every Go file is formatted
	@files="$$(gofmt -l $(MODULES) .ci)"; test -z "$$files" || { echo "gofmt these: $$files"; exit 1; }

lint: $(STATICCHECK) ## go vet and staticcheck
	go vet -tags integration,bench,e2e $(PACKAGES)
	.ci/staticcheck $(STATICCHECK) -tags integration,bench,e2e $(PACKAGES)
	cd .ci && GOWORK=off go vet ./... && GOWORK=off ./staticcheck $(STATICCHECK) ./...
	cd infra/terraform/check/provider && GOWORK=off go vet ./... && GOWORK=off $(CURDIR)/.ci/staticcheck $(STATICCHECK) ./...

$(STATICCHECK):
	GOBIN=$(BIN) go install honnef.co/go/tools/cmd/staticcheck@v0.8.2
	mv $(BIN)/staticcheck $@

arrows: ## who may import whom
	cd .ci && GOWORK=off go test ./... && GOWORK=off go run ./arrows ..

actions: $(ACTIONLINT) ## the workflows: actionlint, with shellcheck where it is installed, and rules of ours
	$(ACTIONLINT)
	cd .ci && GOWORK=off go run ./workflows ..

$(ACTIONLINT):
	GOBIN=$(BIN) go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.12
	mv $(BIN)/actionlint $@

docs: ## what the READMEs say is there, is there
	cd .ci && GOWORK=off go run ./docs ..

rules: ## the listener rules are ones that AWS would take
	go run ./infra/localalb check infra/terraform

alerts: ## the alert rules, each in a world in which it fires and in one in which it must not
	.ci/promtool check config infra/observability/prometheus.yaml
	.ci/promtool test rules infra/observability/alerts_test.yaml

SIZES ?= production
terraform: ## the production stack: format, validate, terraform test (SIZES="production small")
	cd infra/terraform/check/provider && GOWORK=off go test ./...
	infra/terraform/check/run $(SIZES)

tflint: ## AWS's names of classes and types; builds tflint at the first time, about 9 minutes of CPU
	infra/terraform/check/tflint

build: ## each module builds on its own, as its image will
	@for m in $(MODULES); do echo "build $$m"; (cd $$m && GOWORK=off CGO_ENABLED=0 go build ./...) || exit 1; done

unit: ## tests that need nothing but Go, one journey through the whole system included
	$(GOTEST) $(PACKAGES)

integration: ## the same and more on real PostgreSQL and Redis, and the page in Chromium
	$(GOTEST) -tags integration -timeout 20m $(SERVICE_PACKAGES)

migrations: ## the program of before works on the schema of now (BASE=COMMIT, SERVICES)
	@.ci/migrations $(or $(SERVICES),chat-service match-service)

web: ## the page's own logic in Node, and the types in its comments by tsc
	@.ci/web

SCREENS := services/match-service/docs/screens
screenshots: deps ## pictures of each screen of the page, which services/match-service/README.md shows
	@bash .ci/deps pngquant
	@rm -rf $(SCREENS) && mkdir -p $(SCREENS)
	go test -tags integration -count=1 -run '^TestScreenshots$$' ./infra/onebox/browser -screenshots $(CURDIR)/$(SCREENS)
	@pngquant --force --strip --speed 1 --quality 60-95 --ext .png $(SCREENS)/*.png && du -ch $(SCREENS)/*.png | tail -1

vendor: ## fetches the page's library anew, as services/match-service/internal/web/vendor names it
	@$(WEB)/vendor

images: ## the containers' images (BASES=upstream or offline), in Docker
	@docker/images

IMAGES := localalb chat-service match-service
sbom: $(SYFT) ## what is in each image that make images built: .cache/sbom
	@mkdir -p .cache/sbom
	@for i in $(IMAGES); do $(SYFT) scan -q docker:sixseat/$$i:$(or $(TAG),dev) -o spdx-json=.cache/sbom/$$i.spdx.json || exit 1; echo ".cache/sbom/$$i.spdx.json"; done

scan: $(GRYPE) ## known vulnerabilities in those images; fails for high ones that a newer version mends
	@for i in $(IMAGES); do echo "scan $$i"; $(GRYPE) docker:sixseat/$$i:$(or $(TAG),dev) --only-fixed --fail-on high || exit 1; done

$(SYFT) $(GRYPE):
	name=$$(basename $@ | cut -d- -f1) && version=$$(basename $@ | cut -d- -f2) && \
	GOBIN=$(BIN) go install github.com/anchore/$$name/cmd/$$name@v$$version && mv $(BIN)/$$name $@

up: images ## the whole system in containers, as it is deployed; ends with its URL
	@docker/up

down: ## stop and forget what make up started, its data included
	@COMPOSE_PROFILES=observability docker/compose down -v --remove-orphans -t 2

e2e: ## the containers behind the load balancer, while they are killed, cut off and replaced
	@docker/e2e

bench-match: deps ## the queue: joins/s, CPU per join, against a bare Redis
	go test -tags integration,bench -count=1 -run TestBench -v ./services/match-service/app

bench-alb: ## localalb against nginx: requests/s, added latency, memory and CPU of 5,000 WebSockets
	@bash .ci/deps nginx
	go test -tags bench -count=1 -run TestBench -v ./infra/localalb

COUNT ?= 6
bench-go: deps ## Go benchmarks of the hot paths, for benchstat (COUNT, BENCH=REGEXP)
	@go test -tags integration -run '^$$' -bench '$(or $(BENCH),.)' -count $(COUNT) \
		./services/chat-service/internal/stomp ./services/chat-service/internal/gateway ./services/chat-service/internal/hub \
		./services/chat-service/internal/store ./services/chat-service/internal/archive ./infra/localalb/rules

LOAD ?= chat
load: deps ## load on services of its own, on PostgreSQL that syncs; LOAD="SCENARIO flags", see infra/capacity
	@mkdir -p .cache
	@COMMIT=$$(git describe --always --dirty --abbrev=12) go test -tags integration,bench -count=1 -timeout 7h -run '^TestLoad$$' -v ./infra/capacity -load '$(LOAD)' -out $(CURDIR)/.cache/load

measure: deps ## what one of each thing costs, for capacity plan: .cache/costs.json, about 11 minutes (MEASURE="flags", OUT)
	@mkdir -p .cache
	@COMMIT=$$(git describe --always --dirty --abbrev=12) go test -tags integration,bench -count=1 -timeout 1h -run '^TestMeasure$$' -v ./infra/capacity -measure '$(MEASURE)' -costs $(abspath $(or $(OUT),.cache/costs.json))

plan: ## what users need, with the costs that are stored: the table in infra/capacity/README.md
	go test -count=1 -run '^TestPlan_isWhatTheReadmeShows$$' ./infra/capacity -update

board: ## new reasons of infra/capacity/reasons.yaml, with the table and page of the run that is kept
	go test -count=1 -run '^TestReadme_hasTheNewestBoard$$' ./infra/capacity -update

bench: deps ## every figure beside its goal; PARTS="chat storm" for some, whose board goes to .cache
	$(if $(filter alb,$(or $(PARTS),alb)),@bash .ci/deps nginx)
	$(if $(filter peers,$(or $(PARTS),peers)),@infra/capacity/peers/install)
	@COMMIT=$$(git describe --always --dirty --abbrev=12) go test -tags integration,bench -count=1 -timeout 2h -run '^TestBench$$' -v ./infra/capacity -parts '$(PARTS)' \
	  $(if $(PARTS),-kept $(CURDIR)/.cache,-kept $(CURDIR)/infra/capacity/reports -readme $(CURDIR)/infra/capacity/README.md)

deps: $(VERSITYGW) ## what the tests need besides Go; installed when this is Debian and we are root
	@bash .ci/deps

# The S3 server of tests. Under its own name when it is whole, so that its version is seen.
$(VERSITYGW):
	GOBIN=$(BIN) go install github.com/versity/versitygw/cmd/versitygw@v1.8.0
	mv $(BIN)/versitygw $@

fuzz: ## each fuzz target for FUZZTIME (default 30s)
	@bash .ci/fuzz $(or $(FUZZTIME),30s) $(MODULES)

race: ## all tests TIMES times (20), on real stores too, with the race detector (MODULES)
	go test -race -shuffle=on -count=$(or $(TIMES),20) -timeout 5h -tags integration $(PACKAGES)

soak: ## members chat on nodes that live for SOAK (30m); their memory and goroutines are printed
	go test -tags integration -count=1 -timeout 6h -run TestSoak -v ./services/chat-service/cluster -soak $(or $(SOAK),30m)

vuln: $(GOVULNCHECK) ## known vulnerabilities in what is called; asks vuln.go.dev
	@for m in $(MODULES) .ci; do echo "vuln $$m"; (cd $$m && GOWORK=off $(GOVULNCHECK) ./...) || exit 1; done

$(GOVULNCHECK):
	GOBIN=$(BIN) go install golang.org/x/vuln/cmd/govulncheck@v1.9.0
	mv $(BIN)/govulncheck $@

clean: ## forget what make run and the tools keep here
	rm -rf .cache .sixseat

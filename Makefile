# make demo shows what the program does; make test runs all tests.

BIN := .bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
GO_FILES := $(shell find fn internal -name '*.go') fn/inject-related-images/README.md go.mod go.sum
DEMO := demo
# Tekton's API is heavy, and what the benchmarks measure against is no dependency of the program: they have modules of their own.
MODULES := testdata/tekton testdata/bench

.PHONY: build demo test test-argocd test-container race soak bench bench-go lint tools clean

build: $(BIN)/inject-related-images

$(BIN)/inject-related-images: $(GO_FILES)
	CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o $@ ./fn/inject-related-images

demo: build
	rm -rf $(DEMO)
	cp -r examples/registry $(DEMO)
	inject-related-images inject --csv $(DEMO)/bundle --diff $(DEMO)
	inject-related-images inject --csv $(DEMO)/bundle $(DEMO)
	inject-related-images images --csv $(DEMO)/bundle $(DEMO)

test: $(BIN)/kustomize
	go test -count=1 ./...
	for module in $(MODULES); do (cd $$module && go test -count=1 ./...) || exit 1; done

IMAGE ?= inject-related-images
ENGINE ?= podman
test-container:
	cd testdata/tekton && ENGINE=$(ENGINE) IMAGE=$(IMAGE) go test -count=1 ./...

# Argo CD's plugin server builds examples/argocd. It takes two minutes to compile, once.
test-argocd: build $(BIN)/kustomize
	cd testdata/argocd && go test -count=1 ./...

race: $(BIN)/kustomize
	go test -count=1 -short -race ./...

# A million generated texts, and each fuzzer for a while.
FUZZTIME := 2m
soak:
	go test ./fn -run TestGeneratedTexts -count=1 -timeout 0 -v -texts 1000000 -seed $$(date +%s)
	go test ./internal/yamltext -run '^$$' -fuzz FuzzFastParser -fuzztime $(FUZZTIME)
	go test ./internal/yamltext -run '^$$' -fuzz FuzzSplice -fuzztime $(FUZZTIME)
	go test ./internal/imageref -run '^$$' -fuzz FuzzParse -fuzztime $(FUZZTIME)
	go test ./internal/catalog -run '^$$' -fuzz FuzzDecode -fuzztime $(FUZZTIME)
	go test ./internal/krm -run '^$$' -fuzz FuzzRun -fuzztime $(FUZZTIME)

# Whole processes beside references, in one run: the ratios are what counts. For flags, also to record runs for benchstat: go run . -h
BENCHFLAGS :=
bench:
	cd testdata/bench && go run . $(BENCHFLAGS)

# The engine in one process. For a profile, in testdata/bench:
#   go test -run '^$$' -bench Function/resources=1000/from=kustomize/by=function -cpuprofile cpu.out -memprofile mem.out .
#   go tool pprof -top cpu.out; go tool pprof -top -sample_index=alloc_space mem.out
BENCHCOUNT := 6
bench-go:
	mkdir -p $(BIN)
	cd testdata/bench && go test -run '^$$' -bench . -benchtime 0.5s -count $(BENCHCOUNT) . >../../$(BIN)/bench.txt
	cd testdata/bench && go tool benchstat -filter .name:Function -col /by ../../$(BIN)/bench.txt
	cd testdata/bench && go tool benchstat -filter -.name:Function ../../$(BIN)/bench.txt

lint: $(BIN)/staticcheck $(BIN)/gofumpt
	go vet ./... && staticcheck ./...
	for module in $(MODULES); do (cd $$module && go vet ./... && staticcheck ./...) || exit 1; done
	@unformatted=$$(gofumpt -l fn internal testdata); test -z "$$unformatted" || { echo "not formatted by gofumpt: $$unformatted"; exit 1; }

# The tools have a module of their own, so that go.mod holds only what the program links.
tools: $(BIN)/kustomize $(BIN)/staticcheck $(BIN)/gofumpt

$(BIN)/kustomize $(BIN)/staticcheck $(BIN)/gofumpt: testdata/tools/go.mod
	mkdir -p $(BIN)
	cd testdata/tools && go build -o ../../$(BIN)/ sigs.k8s.io/kustomize/kustomize/v5 honnef.co/go/tools/cmd/staticcheck mvdan.cc/gofumpt

clean:
	rm -rf $(BIN) $(DEMO)

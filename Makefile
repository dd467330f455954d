# make demo shows what the program does; make test runs all tests.

BIN := .bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
GO_FILES := $(shell find fn internal -name '*.go') fn/inject-related-images/README.md go.mod go.sum
DEMO := demo

.PHONY: build demo test test-argocd test-container race soak lint tools clean

build: $(BIN)/inject-related-images

$(BIN)/inject-related-images: $(GO_FILES)
	CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o $@ ./fn/inject-related-images

demo: build
	rm -rf $(DEMO)
	cp -r examples/registry $(DEMO)
	inject-related-images inject --csv $(DEMO)/bundle --diff $(DEMO)
	inject-related-images inject --csv $(DEMO)/bundle $(DEMO)
	inject-related-images images --csv $(DEMO)/bundle $(DEMO)

# Tekton's API module is heavy, so what is tested with it has a module of its own.
test: $(BIN)/kustomize
	go test -count=1 ./...
	cd testdata/tekton && go test -count=1 ./...

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

lint: $(BIN)/staticcheck $(BIN)/gofumpt
	go vet ./... && staticcheck ./...
	cd testdata/tekton && go vet ./... && staticcheck ./...
	@unformatted=$$(gofumpt -l fn internal testdata/tekton); test -z "$$unformatted" || { echo "not formatted by gofumpt: $$unformatted"; exit 1; }

# The tools have a module of their own, so that go.mod holds only what the program links.
tools: $(BIN)/kustomize $(BIN)/staticcheck $(BIN)/gofumpt

$(BIN)/kustomize $(BIN)/staticcheck $(BIN)/gofumpt: testdata/tools/go.mod
	mkdir -p $(BIN)
	cd testdata/tools && go build -o ../../$(BIN)/ sigs.k8s.io/kustomize/kustomize/v5 honnef.co/go/tools/cmd/staticcheck mvdan.cc/gofumpt

clean:
	rm -rf $(BIN) $(DEMO)

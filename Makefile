# make demo shows what the program does; make test runs all tests.

BIN := .bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
GO_FILES := $(shell find fn internal -name '*.go') go.mod go.sum
DEMO := demo

.PHONY: build demo test race lint tools clean

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

race: $(BIN)/kustomize
	go test -count=1 -race ./...

lint: $(BIN)/staticcheck $(BIN)/gofumpt
	go vet ./...
	staticcheck ./...
	@unformatted=$$(gofumpt -l fn internal); test -z "$$unformatted" || { echo "not formatted by gofumpt: $$unformatted"; exit 1; }

# The tools have a module of their own, so that go.mod holds only what the program links.
tools: $(BIN)/kustomize $(BIN)/staticcheck $(BIN)/gofumpt

$(BIN)/kustomize $(BIN)/staticcheck $(BIN)/gofumpt: testdata/tools/go.mod
	mkdir -p $(BIN)
	cd testdata/tools && go build -o ../../$(BIN)/ sigs.k8s.io/kustomize/kustomize/v5 honnef.co/go/tools/cmd/staticcheck mvdan.cc/gofumpt

clean:
	rm -rf $(BIN) $(DEMO)

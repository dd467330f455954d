# make demo shows what the program does; make test runs all tests.

BIN := .bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
GO_FILES := $(shell find fn internal -name '*.go') fn/inject-related-images/README.md go.mod go.sum
DEMO := demo
# Static, the same bytes in every folder, and with the version in it where there is a git clone.
GO_BUILD = CGO_ENABLED=0 go build -trimpath -buildvcs=auto -ldflags='-s -w' -o $@ ./fn/inject-related-images
# Tekton's API is heavy, and what the benchmarks measure against is no dependency of the program: they have modules of their own.
MODULES := testdata/tekton testdata/bench

.PHONY: build demo test test-corpus test-argocd test-container race soak bench bench-go lint tools clean engine image oci dist FORCE

build: $(BIN)/inject-related-images

$(BIN)/inject-related-images: $(GO_FILES)
	$(GO_BUILD)

demo: build
	rm -rf $(DEMO)
	cp -r examples/registry $(DEMO)
	inject-related-images inject --csv $(DEMO)/bundle --diff $(DEMO)
	inject-related-images inject --csv $(DEMO)/bundle $(DEMO)
	inject-related-images images --csv $(DEMO)/bundle $(DEMO)

test: $(BIN)/kustomize $(BIN)/helm $(BIN)/crane
	go test -count=1 ./...
	for module in $(MODULES); do (cd $$module && go test -count=1 ./...) || exit 1; done
	@$(MAKE) -s test-corpus

# The last line says how many references were compared, which go test does not show of packages that pass.
test-corpus:
	go test -c -o $(BIN)/corpus.test ./fn/inject-related-images
	cd fn/inject-related-images && $(CURDIR)/$(BIN)/corpus.test -test.run Corpus

# Argo CD's plugin server builds examples/argocd. It takes two minutes to compile, once.
test-argocd: build $(BIN)/kustomize
	cd testdata/argocd && go test -count=1 ./...

# By itself the race detector waits for a second at the end of each program, and the tests run thousands.
race: $(BIN)/kustomize $(BIN)/helm $(BIN)/crane
	GORACE=atexit_sleep_ms=10 go test -count=1 -short -race ./...

# The image, by the first engine that works; a docker command may be there without one, or without buildx, and then lacks build
# contexts. Without any engine it is left as an OCI layout, and as a tarball of that.
IMAGE ?= inject-related-images
ENGINE ?= $(shell if docker info && docker buildx version; then echo docker >&3; \
	elif podman info; then echo podman >&3; elif buildah info; then echo buildah >&3; fi 3>&1 >/dev/null 2>&1)
DIST = go run ./internal/dist -image $(IMAGE) $(if $(SOURCE),-source $(SOURCE))

engine:
	@echo $(ENGINE)

# What the stage of the Dockerfile builds is built by this machine's Go: nothing is pulled, and it is the program of make dist.
image: $(BIN)/stage/image/inject-related-images
	@engine=$(ENGINE); if [ -z "$$engine" ]; then \
	  $(MAKE) oci && echo 'docker, podman and buildah are missing, or do not work: the image is dist/inject-related-images.oci.tar'; \
	else \
	  $$engine build --build-context build=$(BIN)/stage $$($(DIST) labels $<) -t $(IMAGE) .; \
	fi

$(BIN)/stage/image/inject-related-images: FORCE
	rm -rf $(BIN)/stage
	GOOS=linux $(GO_BUILD)
	cp -r internal/dist/etc $(BIN)/stage/image/etc
	chmod -R u=rwX,go=rX $(BIN)/stage/image

# A release: static programs, the image for their Linux platforms, bills of materials, checksums. SOURCE is the address of the
# repository, for the labels of the image. Programs are always built: another commit is another version.
PLATFORMS := linux-amd64 linux-arm64 linux-s390x linux-ppc64le darwin-amd64 darwin-arm64
PROGRAMS := $(PLATFORMS:%=dist/inject-related-images-%)

dist: $(PROGRAMS)
	$(DIST) release $^

oci: $(filter dist/inject-related-images-linux-%,$(PROGRAMS))
	$(DIST) image $^

dist/inject-related-images-%: FORCE
	GOOS=$(word 1,$(subst -, ,$*)) GOARCH=$(word 2,$(subst -, ,$*)) $(GO_BUILD)

# The image where it is used, under all restrictions: by itself, in kustomize, in kpt, as the steps of examples/tekton.
test-container: image $(BIN)/kustomize $(BIN)/crane
	@case '$(ENGINE)' in docker|podman) ;; *) echo 'docker or podman is needed to run containers, and neither works' >&2; exit 1;; esac
	ENGINE=$(ENGINE) IMAGE=$(IMAGE) go test -count=1 -run Container ./fn/inject-related-images ./internal/dist
	cd testdata/tekton && ENGINE=$(ENGINE) IMAGE=$(IMAGE) go test -count=1 ./...

# A million generated texts, 20,000 generated CSVs with all options, 300 kills, 5,000 edits by others and more while files are
# written, and each fuzzer for a while. By default fuzzers spend most of it on minimising: FuzzRun made 38 executions a minute, 49,076 without.
FUZZTIME := 2m
FUZZ = go test -run '^$$' -fuzztime $(FUZZTIME) -fuzzminimizetime 1x -fuzz
soak:
	go test ./fn -run TestGeneratedTexts -count=1 -timeout 0 -v -texts 1000000 -seed $$(date +%s)
	go test ./fn -run 'TestCombinedOptions|TestARenewedRegistry' -count=1 -timeout 0 -v -cases 20000 -seed $$(date +%s)
	go test ./fn/inject-related-images -run TestWrites -count=1 -timeout 0 -v -tenths 10
	$(FUZZ) FuzzFastParser ./internal/yamltext
	$(FUZZ) FuzzSplice ./internal/yamltext
	$(FUZZ) FuzzParse ./internal/imageref
	$(FUZZ) FuzzDecode ./internal/catalog
	$(FUZZ) FuzzRun ./internal/krm

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

lint: $(BIN)/staticcheck $(BIN)/gofumpt $(BIN)/actionlint $(BIN)/revive $(BIN)/misspell
	go vet ./... && staticcheck ./...
	revive -config .revive.toml ./fn/... ./internal/...
	misspell -error $$(git ls-files '*.go' '*.md')
	for module in $(MODULES); do (cd $$module && go vet ./... && staticcheck ./...) || exit 1; done
	actionlint .github/workflows/*.yaml
	@unformatted=$$(gofumpt -l fn internal testdata); test -z "$$unformatted" || { echo "not formatted by gofumpt: $$unformatted"; exit 1; }

# The tools have a module of their own, so that go.mod holds only what the program links.
TOOLS := $(addprefix $(BIN)/,kustomize staticcheck gofumpt actionlint crane revive misspell)
tools: $(TOOLS) $(BIN)/helm

$(TOOLS): testdata/tools/go.mod
	mkdir -p $(BIN)
	cd testdata/tools && go build -o ../../$(BIN)/ sigs.k8s.io/kustomize/kustomize/v5 honnef.co/go/tools/cmd/staticcheck mvdan.cc/gofumpt \
	  github.com/rhysd/actionlint/cmd/actionlint github.com/google/go-containerregistry/cmd/crane \
	  github.com/mgechev/revive github.com/client9/misspell/cmd/misspell

# Helm chooses other versions of what others depend on.
$(BIN)/helm: testdata/helm/go.mod
	mkdir -p $(BIN)
	cd testdata/helm && go build -ldflags='-s -w' -o ../../$(BIN)/ helm.sh/helm/v3/cmd/helm

clean:
	rm -rf $(BIN) $(DEMO) dist

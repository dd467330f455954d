# The program and the user nobody, nothing else: no shell, no libraries, no certificates. `make image` puts a folder with what
# this machine's Go has built in the place of the stage build, so that nothing is pulled.
FROM --platform=$BUILDPLATFORM docker.io/library/golang:1.26.8@sha256:0f063af2d465d8dcae54cce04278ada488b96f77b42449c8d071e47d016cc65a AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG TARGETOS
ARG TARGETARCH
RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -trimpath -ldflags='-s -w' -o /image/inject-related-images ./fn/inject-related-images \
 && cp -r internal/dist/etc /image/etc \
 && chmod -R u=rwX,go=rX /image

FROM scratch
LABEL org.opencontainers.image.title="inject-related-images" \
      org.opencontainers.image.description="KRM function and command that injects the images of an operator's CSV into registries and Kubernetes resources" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /image/ /
# nobody, by number: of a name, Kubernetes cannot tell whether it is root (runAsNonRoot).
USER 65534:65534
ENTRYPOINT ["/inject-related-images"]

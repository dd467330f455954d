# Makes an image of each bundle and of the registry beside this file, and pushes it: sh push.sh REGISTRY
set -eu
registry=$1

image=$registry/acme/plugin-registry:source
built=$(mktemp -d)
trap 'rm -rf "$built"' EXIT
CGO_ENABLED=0 GOOS=linux go build -o "$built/server" server/main.go
touch -t 202601010000 "$built/server" # so that the image has the same digest each time
tar -c -C plugin-registry . -C "$built" server | crane append --oci-empty-base -f - -t "$image"
crane mutate --entrypoint /server --user 1001 --set-platform "linux/$(go env GOARCH)" -t "$image" "$image"
for version in 2.15.0 2.16.0; do
  bundle=$registry/acme/bundle:$version
  tar -c -C $version . | crane append --oci-empty-base -f - -t "$bundle"
  crane mutate -l operators.operatorframework.io.bundle.manifests.v1=manifests/ -t "$bundle" "$bundle"
done

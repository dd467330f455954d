# Makes an image of each bundle and of the registry beside this file, and pushes it: sh push.sh REGISTRY
set -eu
registry=$1

tar -c -C plugin-registry . | crane append --oci-empty-base -f - -t "$registry/acme/plugin-registry:source"
for version in 2.15.0 2.16.0; do
  bundle=$registry/acme/bundle:$version
  tar -c -C $version . | crane append --oci-empty-base -f - -t "$bundle"
  crane mutate -l operators.operatorframework.io.bundle.manifests.v1=manifests/ -t "$bundle" "$bundle"
done

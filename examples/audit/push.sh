# Makes an image of each folder beside this file, and pushes it: sh push.sh REGISTRY
set -eu
registry=$1

for name in bundle plugin-registry devfile-registry; do
  tar -c -C $name . | crane append --oci-empty-base -f - -t "$registry/acme/$name:v1"
done

# By this label OLM, and check, know in which folder of a bundle the CSV is.
bundle=$registry/acme/bundle:v1
crane mutate -l operators.operatorframework.io.bundle.manifests.v1=manifests/ -t "$bundle" "$bundle"

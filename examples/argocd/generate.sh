#!/bin/sh
# Prints the manifests of the application in this folder, with the images of the CSV that ./inject has.
set -eu

# A parameter of the Application is an option of the program. One that the program does not have is an error of it.
for option in $(env | sed -n 's/^PARAM_\([A-Z0-9_]*\)=.*/\1/p'); do
  eval "export INJECT_RELATED_IMAGES_$option=\"\$PARAM_$option\""
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/manifests"
kustomize build --enable-alpha-plugins --enable-exec . > "$work/manifests/all.yaml"

# kustomize skips a function in silence where a flag is missing, and knows none where the transformer is. So the function is
# called once more, without kustomize and with the same configuration: there is nothing left for it to do, or the build fails.
kustomize build inject > "$work/csv.yaml"
if ! kustomize cfg cat "$work/manifests" --wrap-kind ResourceList --wrap-version config.kubernetes.io/v1 \
  --function-config "$work/csv.yaml" | inject-related-images --mode check --fail-on stale > /dev/null; then
  echo "the images of the CSV were not injected: kustomization.yaml wants transformers: [inject], kustomize --enable-exec" >&2
  exit 1
fi
cat "$work/manifests/all.yaml"

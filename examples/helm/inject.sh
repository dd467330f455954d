#!/bin/sh
# Helm's post-renderer: what the chart rendered comes from stdin, and what is to be installed goes to stdout.
exec inject-related-images inject --csv "$(dirname "$0")/bundle" "$@" -

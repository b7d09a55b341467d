#!/usr/bin/env bash
# Builds the images for tests/it/images_real.rs into a folder, and first installs what that needs.
#
#   tests/images/up.sh FOLDER
#
# Ends with 3, and says why, where that cannot be done; down.sh ends and removes what was started.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cannot() { echo "skipped: built images: $*"; exit 3; }

[ "$(uname -s)" = Linux ] || cannot 'this is not Linux'
[ "$(id -u)" = 0 ] || cannot 'only root can build them'
missing=()
for tool in buildah skopeo docker-registry busybox tini-static; do
  command -v "$tool" >/dev/null || missing+=("$tool")
done
if [ ${#missing[@]} -gt 0 ]; then
  command -v apt-get >/dev/null || cannot "there is no ${missing[*]}, and no apt-get"
  export DEBIAN_FRONTEND=noninteractive
  install=(apt-get install -y -qq --no-install-recommends)
  { apt-get update -qq && "${install[@]}" buildah skopeo docker-registry busybox-static tini; } >"$1/apt.log" 2>&1 \
    || cannot "apt-get cannot install ${missing[*]}: $(tail -n 1 "$1/apt.log")"
  # An engine is one form more; where it is not to be had, the others are tested all the same.
  command -v dockerd >/dev/null || "${install[@]}" docker.io >>"$1/apt.log" 2>&1 || true
fi
if ! "$here/build.sh" "$1"; then
  tail -n 20 "$1/build.log" "$1/registry.log" || true
  exit 1
fi

#!/usr/bin/env bash
# Times `plimsoll image` on made-up images: how fast layers are read, and how much memory many images take at once.
#
#   benches/images.sh [MEGABYTES] [PLIMSOLL]     MEGABYTES of the large layer, unpacked (500); a built program
#
# Prints CPU seconds (user + system), MB of layer per CPU second, and the peak of memory. Layers are made in a temporary
# folder, twice MEGABYTES of it: a third of their bytes cannot be packed, the rest is text. Needs tar, gzip and GNU time;
# zstd and dockle (DOCKLE) are skipped where they are not found.
set -euo pipefail
cd "$(dirname "$0")/.."
source=$PWD

megabytes=${1:-500}
plimsoll=${2:-}
if [ -z "$plimsoll" ]; then
  cargo build --quiet --locked --profile dist
  plimsoll=$PWD/target/dist/plimsoll
fi
plimsoll=$(realpath "$plimsoll")
timer=$(command -v gtime || echo /usr/bin/time)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

digest() { sha256sum "$1" | cut -d ' ' -f 1; }

# An archive as `docker save` writes it: its name, then pairs of a layer as stored and its unpacked digest.
archive() {
  local name=$1 ids='' layers=''
  shift
  while [ $# -gt 0 ]; do
    layers+="${layers:+,}\"$1\"" ids+="${ids:+,}\"sha256:$2\""
    files+=("$1")
    shift 2
  done
  printf '{"architecture":"amd64","os":"linux","config":{"User":"10001"},"rootfs":{"type":"layers","diff_ids":[%s]}}' \
    "$ids" >config.json
  printf '[{"Config":"config.json","RepoTags":["example/%s:1"],"Layers":[%s]}]' "$name" "$layers" >manifest.json
  tar -cf "$name.tar" manifest.json config.json "${files[@]}"
  files=()
}
files=()

# CPU seconds, peak in MB and exit status of one call; findings do not matter.
measure() {
  "$timer" -f '%U %S %M %x' -o measured "$@" >/dev/null 2>errors || true
  tail -n 1 measured | awk '{ printf "%.2f %.1f %d\n", $1 + $2, $3 / 1024, $4 }'
}
row() { # name, megabytes or 0, seconds, peak, status
  awk -v n="$1" -v b="$2" -v s="$3" -v p="$4" -v x="$5" 'BEGIN {
    rate = b > 0 && s > 0 ? sprintf("%8.0f MB/s", b / s) : sprintf("%13s", "")
    printf "%-44s %8.2f s CPU %s %8.1f MB peak%s\n", n, s, rate, p, (x > 1 ? "   exit " x : "") }'
}
judged() { # name, megabytes, images
  local name=$1 size=$2
  shift 2
  # shellcheck disable=SC2046
  row "$name" "$size" $(measure "$plimsoll" image "$@" --pack recommended --format json)
}

echo "layers of $megabytes MB"
mkdir -p root/app root/etc
echo 'app:x:10001:10001::/app:/bin/sh' >root/etc/passwd
head -c "$((megabytes * 1000000 / 3))" /dev/urandom | split -a 4 -b 1000000 - root/app/model-
text=$((megabytes * 2000000 / 3))
# Lines of the program itself, in another order each time.
while [ "$(stat -c %s text 2>/dev/null || echo 0)" -lt "$text" ]; do find "$source/src" -name '*.rs' -exec cat {} + | shuf >>text; done
head -c "$text" text | split -a 4 -b 200000 - root/app/text-
rm text
tar -cf layer.tar -C root .
rm -rf root
id=$(digest layer.tar)
gzip -c layer.tar >layer.tgz
packed=(layer.tar layer.tgz)
if command -v zstd >/dev/null; then
  zstd -q -c layer.tar >layer.tzst
  packed+=(layer.tzst)
fi
for layer in "${packed[@]}"; do
  archive "${layer#layer.}" "$layer" "$id"
  judged "${layer#layer.}, $(($(stat -c %s "$layer") / 1000000)) MB stored" "$megabytes" "docker-archive:${layer#layer.}.tar"
  if [ "$layer" = layer.tar ] && dockle=$(command -v "${DOCKLE:-dockle}"); then
    # shellcheck disable=SC2046
    row "dockle, ${layer#layer.}" "$megabytes" $(measure "$dockle" --input tar.tar)
  fi
done
rm -f layer.* t*.tar

# Empty files: many paths, few bytes.
entries() { # folder, count
  mkdir -p "$1"
  (cd "$1" && seq -f 'd%.0f' 1 "$(($2 / 1000))" | xargs mkdir -p &&
    for folder in d*; do (cd "$folder" && seq -f 'file-of-some-name-%.0f' 1 1000 | xargs touch); done)
}
images=()
entries many 200000
tar -cf many.layer many
rm -rf many
for at in $(seq 16); do
  echo "$at" >number
  cp many.layer "m$at.layer"
  tar -rf "m$at.layer" number
  archive "many-$at" "m$at.layer" "$(digest "m$at.layer")"
  rm "m$at.layer"
  images+=("docker-archive:many-$at.tar")
done
judged "1 image of 200,000 entries" 0 "${images[0]}"
judged "16 different images of 200,000 entries" 0 "${images[@]}"
rm -rf many*

# Images of one base in one OCI layout.
blob() { # file: moves it to its place and prints how manifests describe it
  local id size
  id=$(digest "$1") size=$(stat -c %s "$1")
  mv "$1" "layout/blobs/sha256/$id"
  printf '"digest":"sha256:%s","size":%d' "$id" "$size"
}
images=() index=''
oci=application/vnd.oci.image
mkdir -p layout/blobs/sha256 own
entries base 20000
tar -cf base.layer base
base=$(blob base.layer)
for at in $(seq 200); do
  echo "$at" >own/number
  tar -cf own.layer own
  own=$(blob own.layer)
  printf '{"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":[%s,%s]}}' \
    "$(cut -d '"' -f 4 <<<"$base" | sed 's/.*/"&"/')" "$(cut -d '"' -f 4 <<<"$own" | sed 's/.*/"&"/')" >config
  printf '{"schemaVersion":2,"mediaType":"%s.manifest.v1+json","config":{"mediaType":"%s.config.v1+json",%s},"layers":[{"mediaType":"%s.layer.v1.tar",%s},{"mediaType":"%s.layer.v1.tar",%s}]}' \
    $oci $oci "$(blob config)" $oci "$base" $oci "$own" >manifest
  index+="${index:+,}{\"mediaType\":\"$oci.manifest.v1+json\",$(blob manifest),\"annotations\":{\"org.opencontainers.image.ref.name\":\"v$at\"}}"
  images+=("oci:layout:v$at")
done
echo '{"imageLayoutVersion":"1.0.0"}' >layout/oci-layout
echo "{\"schemaVersion\":2,\"manifests\":[$index]}" >layout/index.json
judged "200 images of one base of 20,000 entries" 0 "${images[@]}"
command -v "${DOCKLE:-dockle}" >/dev/null || echo "skipped: dockle is not found (DOCKLE says where it is)"

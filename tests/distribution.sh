#!/usr/bin/env bash
# Holds what is shipped against those who take it: the crate, the wheel, completions and manual, the image on `scratch`.
#
#   tests/distribution.sh FOLDER [musl]
#
# Takes the release build of target/, or that of PLIMSOLL_PROFILE, and makes it when it is not there. With `musl` the image
# holds the program as the Dockerfile builds it, which compiles everything once more; else the same program linked statically
# with the C library that is here. What cannot be had is said ("skipped: …"); ends with 1 when something is wrong.
set -uo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$1"
work=$(cd "$1" && pwd)
libc=${2:-here}
cd "$root" || exit 2
target=${CARGO_TARGET_DIR:-$root/target}
profile=${PLIMSOLL_PROFILE:-release}
built=$target/${profile/#dev/debug}/plimsoll
failed=0
wrong() { echo "distribution.sh: $*"; failed=1; }

# The crate: what is needed to build it and to read about it, and nothing of the tests.
crate() {
  cargo package --list --locked --allow-dirty >"$work/crate.txt" 2>"$work/crate.log" || { wrong 'cargo package lists nothing'; return; }
  local name
  for name in Cargo.toml Cargo.lock README.md CHANGELOG.md LICENSE-APACHE LICENSE-MIT src/main.rs schemas/aim-manifest.schema.json \
    rules/user/runtime-user.md rules/packs/recommended.toml; do
    grep -qxF "$name" "$work/crate.txt" || wrong "the crate lacks $name"
  done
  if grep -E '^(tests|testdata|benches|target|\.github|\.ci)/' "$work/crate.txt"; then wrong 'the crate holds what nobody needs'; fi
  local bytes
  bytes=$(grep -vxE 'Cargo.toml.orig|.cargo_vcs_info.json' "$work/crate.txt" | tr '\n' '\0' | xargs -0 cat | wc -c)
  [ "$bytes" -lt 10000000 ] || wrong "the crate has $bytes bytes"
  cargo metadata --no-deps --format-version 1 --locked 2>/dev/null | python3 -c '
import json, sys
package = json.load(sys.stdin)["packages"][0]
missing = [key for key in ("description", "license", "keywords", "categories", "readme", "rust_version") if not package.get(key)]
sys.exit(f"Cargo.toml lacks {missing}" if missing or len(package["keywords"]) > 5 else 0)' || wrong 'the metadata of the crate is not complete'
  echo "distribution.sh: the crate has $(wc -l <"$work/crate.txt") files, $((bytes / 1000)) kB"
}

# The wheel: built from the release build, installed without a network, run.
wheel() {
  if ! command -v python3 >/dev/null || ! python3 -m venv "$work/maturin" >/dev/null 2>&1 \
    || ! "$work/maturin/bin/pip" install --quiet --disable-pip-version-check maturin==1.16.0 >"$work/pip.log" 2>&1; then
    echo 'skipped: maturin cannot be installed'
    return
  fi
  rm -rf "$work/wheels"
  # As it is built for people, but for the profile: the release build is there already.
  "$work/maturin/bin/maturin" build --profile "$profile" --locked --strip false --compatibility linux --out "$work/wheels" \
    >"$work/wheel.log" 2>&1 || { tail -n 20 "$work/wheel.log"; wrong 'the wheel cannot be built'; return; }
  python3 - "$work"/wheels/*.whl <<'PYTHON' || wrong 'the wheel is not as it should be'
import email, sys, zipfile
wheel = zipfile.ZipFile(sys.argv[1])
names = wheel.namelist()
program = [name for name in names if name.endswith(".data/scripts/plimsoll")]
assert len(program) == 1, names
assert wheel.getinfo(program[0]).external_attr >> 16 & 0o111, "the program cannot be run"
assert not [name for name in names if name.endswith(".py") or "testdata" in name], names
info = email.message_from_bytes(wheel.read(next(name for name in names if name.endswith(".dist-info/METADATA"))))
for key in ("Name", "Version", "Summary", "License-Expression", "Requires-Python", "Keywords"):
    assert info[key], f"no {key}"
assert info["License-Expression"] == "MIT OR Apache-2.0" and len(info.get_all("License-File")) == 2, info.items()
assert info.get_payload().lstrip().startswith("# plimsoll"), "the description is not the README"
assert not info.get_all("Requires-Dist"), "the wheel needs other packages"
PYTHON
  python3 -m venv "$work/user" && "$work/user/bin/pip" install --quiet --disable-pip-version-check --no-index --no-deps "$work"/wheels/*.whl \
    || { wrong 'the wheel cannot be installed'; return; }
  local program=$work/user/bin/plimsoll
  [ "$("$program" --version)" = "plimsoll $version" ] || wrong 'the program of the wheel says another version'
  "$program" check --quiet testdata/fleets/blueprint || wrong 'the program of the wheel finds something in the fleet in order'
  if "$program" check --quiet testdata/fleets/blueprint-broken >/dev/null; then wrong 'the program of the wheel finds nothing'; fi
  echo "distribution.sh: $(basename "$work"/wheels/*.whl) has $(($(cat "$work"/wheels/*.whl | wc -c) / 1000)) kB"
}

# Completions are scripts that their shells read, the manual is roff that the formatter has nothing to say about.
texts() {
  local shell
  for shell in bash zsh fish elvish powershell; do
    "$program" completions $shell >"$work/completion.$shell" || wrong "no completions for $shell"
    grep -q validate-fleet "$work/completion.$shell" || wrong "the completions for $shell lack a command"
    case $shell in bash | zsh | fish)
      if ! command -v $shell >/dev/null; then
        echo "not read: completions for $shell, which is not installed"
      elif ! $shell -n "$work/completion.$shell"; then
        wrong "$shell cannot read its completions"
      fi ;;
    esac
  done
  local page
  for page in '' check image validate-fleet 'plan show' init man; do
    # shellcheck disable=SC2086
    "$program" man $page >"$work/manual.1" || wrong "no manual of \`$page\`"
    if command -v groff >/dev/null; then
      groff -man -Tutf8 -ww -z "$work/manual.1" 2>&1 | tee "$work/groff.log"
      [ ! -s "$work/groff.log" ] || wrong "groff warns about the manual of \`$page\`"
    fi
  done
  command -v groff >/dev/null || echo 'skipped: groff is not installed'
}

# A program that needs nothing else on the machine.
static() {
  if [ "$libc" = musl ]; then
    CC_x86_64_unknown_linux_musl=musl-gcc cargo build --locked --profile "$profile" --bin plimsoll --target x86_64-unknown-linux-musl \
      >"$work/static.log" 2>&1 && cp "${built/#$target/$target/x86_64-unknown-linux-musl}" "$work/image/plimsoll"
    return
  fi
  # Only the last step differs from the release build, and is done again afterwards. What is not there is linked anew.
  local code=0
  rm -f "$built"
  cargo rustc --locked --profile "$profile" --bin plimsoll -- -C target-feature=+crt-static >"$work/static.log" 2>&1 \
    && cp "$built" "$work/image/plimsoll" || code=1
  rm -f "$built"
  cargo build --locked --profile "$profile" --bin plimsoll >>"$work/static.log" 2>&1 || code=1
  return $code
}

# The image: the Dockerfile's last stage around that program, judged as built, and run with nothing beside it.
image() {
  if [ "$(uname -sm)" != 'Linux x86_64' ] || [ "$(id -u)" != 0 ]; then
    echo 'skipped: the image is built by root on Linux on x86_64 only'
    return
  fi
  if ! command -v buildah >/dev/null && command -v apt-get >/dev/null; then
    { apt-get update -qq; DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends buildah; } >"$work/apt.log" 2>&1 || true
  fi
  command -v buildah >/dev/null || { echo 'skipped: buildah cannot be had'; return; }
  mkdir -p "$work/image"
  static || { tail -n 20 "$work/static.log"; wrong 'no static program can be built'; return; }
  if readelf -l "$work/image/plimsoll" 2>/dev/null | grep -q INTERP; then wrong 'the program needs a loader'; fi
  awk '/^FROM scratch/ { on = 1 } on { sub(/--from=builder \/plimsoll/, "plimsoll"); print }' Dockerfile >"$work/image/Dockerfile"
  local driver=overlay
  storage() { buildah --root "$work/storage" --runroot "$work/run" --storage-driver "$driver" "$@"; }
  export BUILDAH_ISOLATION=chroot
  # Whether buildah works here at all is asked with an image of one small file. After that every failure is one of ours.
  mkdir -p "$work/probe"
  printf 'FROM scratch\nCOPY Dockerfile /\n' >"$work/probe/Dockerfile"
  probe() { (cd "$work/probe" && storage bud -q -t localhost/probe -f Dockerfile .) >"$work/probe.log" 2>&1; }
  if ! probe; then
    rm -rf "$work/storage" "$work/run"
    driver=vfs
    probe || { tail -n 5 "$work/probe.log"; echo 'skipped: buildah cannot build here'; return; }
  fi
  local revision=0123456789abcdef0123456789abcdef01234567
  rm -rf "$work/layout"
  (cd "$work/image" && storage bud -q --build-arg REVISION=$revision --build-arg SOURCE=https://git.example.com/plimsoll \
    -t localhost/plimsoll -f Dockerfile . && storage push -q localhost/plimsoll "oci:$work/layout:$version") >"$work/image.log" 2>&1 \
    || { tail -n 20 "$work/image.log"; wrong 'the image cannot be built'; return; }
  "$program" image "oci:$work/layout:$version" --pack strict --fail-on note --quiet || wrong 'the image breaks the strict pack'
  local container mounted said
  container=$(storage from localhost/plimsoll) && mounted=$(storage mount "$container") || { wrong 'the image cannot be mounted'; return; }
  said=$(find "$mounted" -type f | sed "s|^$mounted||" | tr '\n' ' ')
  [ "$said" = '/plimsoll ' ] || wrong "the image holds $said"
  # As a container: the image's user, and nothing in sight but the image and a fleet.
  mkdir -p "$mounted/work" && cp -r testdata/fleets/blueprint/. "$mounted/work/"
  storage umount "$container" >/dev/null
  alone() { storage run "$container" -- /plimsoll "$@"; }
  [ "$(alone --version)" = "plimsoll $version" ] || wrong 'the program of the image says another version'
  alone check --quiet /work || wrong 'the program of the image finds something in the fleet in order'
  said=$(alone check --pack strict --quiet /work/services 2>&1 | wc -l)
  [ "$said" -gt 10 ] || wrong 'the program of the image finds nothing'
  storage rm "$container" >/dev/null
  storage rmi -a -f >/dev/null 2>&1 || true
  echo "distribution.sh: the image ($libc) has one file of $(($(wc -c <"$work/image/plimsoll") / 1000)) kB"
  echo 'not built: the builder stage of the Dockerfile, whose base image comes from a registry'
}

[ -x "$built" ] || cargo build --locked --profile "$profile" || exit 2
program=$work/plimsoll
cp "$built" "$program"
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1)
crate
texts
wheel
image
if [ "$failed" = 0 ]; then echo 'distribution.sh: crate, wheel, completions, manual and image are in order'; fi
exit "$failed"

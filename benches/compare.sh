#!/usr/bin/env bash
# Times `plimsoll check` on a folder of Dockerfiles against a bare read-and-parse loop and against other linters.
#
#   benches/compare.sh FOLDER [ROUNDS]       FOLDER holds *.Dockerfile; ROUNDS defaults to 3
#   PLIMSOLL_CORPUS=DIR benches/compare.sh   unpacks DIR/dockerfiles.tar.gz
#
# Prints CPU seconds (user + system), the median of the rounds; wall time says little on a shared machine.
# Tools that are not installed are skipped.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
folder=${1:-}
rounds=${2:-3}
if [ -z "$folder" ]; then
  archive=${PLIMSOLL_CORPUS:?give a folder, or set PLIMSOLL_CORPUS}/dockerfiles.tar.gz
  folder=$work/corpus
  mkdir "$folder"
  tar xzf "$archive" -C "$folder"
fi
folder=$(cd "$folder" && pwd)

cargo build --quiet --locked --profile dist
floor=$(cargo bench --quiet --locked --profile dist --bench floor --no-run --message-format=json |
  sed -n 's/.*"executable":"\([^"]*floor-[^"]*\)".*/\1/p' | tail -n 1)
plimsoll=$PWD/target/dist/plimsoll

# A program that is found through a shim is timed without the shim.
real() {
  local found
  found=$(command -v "$1") || return 1
  if command -v pyenv >/dev/null && [[ $found == *shims* ]]; then
    found=$(pyenv which "$1") || return 1
  fi
  printf '%s\n' "$found"
}

find "$folder" -type f -name '*Dockerfile' | sort >"$work/all"
count=$(wc -l <"$work/all")
head -n 200 "$work/all" >"$work/few"
# One file alone, as a pre-commit hook sees it: the folder around it is not part of what is measured.
mkdir "$work/one" "$work/empty"
cp "$(head -n 1 "$work/all")" "$work/one/Dockerfile"
first=$work/one/Dockerfile

# CPU seconds of one call; what it prints and how it ends does not matter.
seconds() {
  local TIMEFORMAT='%U %S'
  { time "$@" >/dev/null 2>&1 || true; } 2>&1 | awk '{ printf "%.3f\n", $1 + $2 }'
}
median() {
  local round
  for ((round = 0; round < rounds; round++)); do seconds "$@"; done | sort -n | sed -n "$(((rounds + 1) / 2))p"
}
row() { # name, files, seconds
  awk -v n="$1" -v f="$2" -v s="$3" -v c="$(cat "$work/floor" 2>/dev/null || echo "$3")" \
    'BEGIN { u = s * 1e6 / f; printf "%-34s %6d files %9.3f s CPU %10.1f us/file %9.2fx floor\n", n, f, s, u, (c > 0 ? u / c : 0) }'
}
version() { "$1" --version 2>/dev/null | head -n 1; }
in_empty() { (cd "$work/empty" && "$@"); }

echo "$count Dockerfiles; $rounds rounds; $(nproc) processors"
echo "The lists of rules are not equal: hadolint and tally run ShellCheck, and plimsoll has no ShellCheck-class analysis."
echo
s=$(median "$floor" "$folder")
awk -v s="$s" -v f="$count" 'BEGIN { print s * 1e6 / f }' >"$work/floor"
row "read and parse (parse-dockerfile)" "$count" "$s"
for jobs in 1 2; do
  s=$(median "$plimsoll" check "$folder" --pack recommended --format text --jobs "$jobs")
  row "plimsoll check --jobs $jobs" "$count" "$s"
done

if hadolint=$(real hadolint); then
  mapfile -t few <"$work/few"
  s=$(median "$hadolint" --no-fail "${few[@]}")
  row "hadolint ($(version "$hadolint"))" "${#few[@]}" "$s"
fi
if tally=$(real tally); then
  mapfile -t few <"$work/few"
  s=$(median "$tally" lint --slow-checks=off "${few[@]}")
  row "tally, slow checks off" "${#few[@]}" "$s"
fi

# Starting costs less than the clock's grain: a hundred starts are timed, a few where one takes long.
starts() { # calls, command
  local calls=$1 at
  shift
  for ((at = 0; at < calls; at++)); do "$@" || true; done
}
start() { # name, calls, command
  local name=$1 calls=$2
  shift 2
  s=$(median starts "$calls" "$@")
  awk -v n="$name" -v s="$s" -v c="$calls" 'BEGIN { printf "%-34s %10.2f ms CPU a call\n", n, s * 1e3 / c }'
}
echo
start "plimsoll --version" 100 "$plimsoll" --version
start "plimsoll check, one file" 100 in_empty "$plimsoll" check "$first" --pack recommended
if [ -n "${hadolint:-}" ]; then
  start "hadolint --version" 20 "$hadolint" --version
  start "hadolint, one file" 10 "$hadolint" --no-fail "$first"
fi
if [ -n "${tally:-}" ]; then
  start "tally, one file" 3 "$tally" lint --slow-checks=off "$first"
fi

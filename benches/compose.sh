#!/usr/bin/env bash
# Times `plimsoll check` on compose files against a bare YAML-to-tree pass and against dclint.
#
#   benches/compose.sh FOLDER [ROUNDS]      FOLDER holds compose files of any name; ROUNDS defaults to 3
#   PLIMSOLL_COMPOSE=DIR benches/compose.sh
#
# Each file is put into a folder of its own as compose.yaml, copies of all of them until there are 500. Prints CPU
# seconds (user + system), the median of the rounds. dclint is skipped where it is neither found
# on the path nor named by DCLINT.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
folder=${1:-${PLIMSOLL_COMPOSE:?give a folder, or set PLIMSOLL_COMPOSE}}
rounds=${2:-3}
wanted=500

cargo build --quiet --locked --profile dist
floor=$(cargo bench --quiet --locked --profile dist --bench yaml_floor --no-run --message-format=json |
  sed -n 's/.*"executable":"\([^"]*yaml_floor-[^"]*\)".*/\1/p' | tail -n 1)
plimsoll=$PWD/target/dist/plimsoll

mapfile -t files < <(find "$folder" -maxdepth 1 -type f \( -name '*.yml' -o -name '*.yaml' \) | sort)
[ "${#files[@]}" -gt 0 ] || { echo "no compose file in $folder" >&2; exit 2; }
for ((at = 0; at < wanted; at++)); do
  mkdir -p "$work/all/$at"
  cp "${files[$((at % ${#files[@]}))]}" "$work/all/$at/compose.yaml"
done

seconds() {
  local TIMEFORMAT='%U %S'
  { time "$@" >/dev/null 2>&1 || true; } 2>&1 | awk '{ printf "%.3f\n", $1 + $2 }'
}
median() {
  local round
  for ((round = 0; round < rounds; round++)); do seconds "$@"; done | sort -n | sed -n "$(((rounds + 1) / 2))p"
}
row() { # name, seconds
  awk -v n="$1" -v s="$2" -v c="$(cat "$work/floor" 2>/dev/null || echo "$2")" \
    'BEGIN { printf "%-34s %9.3f s CPU %9.2fx floor\n", n, s, (c > 0 ? s / c : 0) }'
}

echo "$wanted compose files (${#files[@]} different ones); $rounds rounds"
# The clock's grain is too coarse for one pass: ten of them are timed.
ten() { local at; for ((at = 0; at < 10; at++)); do "$@" || true; done; }
s=$(median ten "$floor" "$work/all" | awk '{ print $1 / 10 }')
echo "$s" >"$work/floor"
row "YAML to tree" "$s"
s=$(median ten "$plimsoll" check "$work/all" --pack recommended --format text --jobs 1 | awk '{ print $1 / 10 }')
row "plimsoll check" "$s"
if dclint=$(command -v "${DCLINT:-dclint}"); then
  s=$(median "$dclint" -r "$work/all")
  row "dclint $("$dclint" --version)" "$s"
else
  echo "skipped: dclint is not found (npm install dclint; DCLINT says where it is)"
fi

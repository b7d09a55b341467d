#!/usr/bin/env bash
# Opens HTML reports in headless Chromium and uses them as a reader does: matrix, filters, keys, narrow screens, light and dark.
#
#   tests/browser.sh FOLDER
#
# Leaves the reports and their pictures in FOLDER. PLIMSOLL names the program, else it is the release build. Chromium is
# installed from Debian's packages when it is missing and this is root. What cannot be had is said ("skipped: …"); ends with 1
# when something is wrong.
set -uo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mkdir -p "$1" && cd "$1" && pwd)
plimsoll=$(realpath "${PLIMSOLL:-$root/target/release/plimsoll}")

if ! command -v python3 >/dev/null || ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))'; then
  echo 'skipped: the HTML report needs Python 3.10 to be tried in a browser'
  exit 0
fi
if ! command -v chromium >/dev/null && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  { apt-get update -qq; DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium; } \
    >"$work/apt.log" 2>&1 || true
fi
chromium=$(command -v chromium || true)
if [ -z "$chromium" ]; then
  echo 'skipped: Chromium cannot be had'
  exit 0
fi

reports=$work/reports
mkdir -p "$reports"
report() { # name, folder, further arguments
  local code=0 name=$1 folder=$2
  shift 2
  (cd "$folder" && "$plimsoll" check . "$@" --format html) >"$reports/$name.html" 2>"$work/$name.log" || code=$?
  # 1 means findings.
  if [ "$code" -gt 1 ]; then
    echo "browser.sh: the report of $name ends with $code"
    cat "$work/$name.log"
    exit 1
  fi
}
fleets=$root/testdata/fleets
report broken "$fleets/blueprint-broken"
report harbour "$fleets/harbour"
report knative "$fleets/knative-broken"
report clean "$fleets/blueprint"
# A running fleet, as a test of the program writes it.
cp "$root/testdata/live/reports/html.html" "$reports/live.html"

# Names and texts that a page could take for markup.
hostile=$(mktemp -d)
trap 'rm -rf "$hostile"' EXIT
name='"><script>owned=1<'
mkdir -p "$hostile/$name" "$hostile/javascript:owned=1"
# shellcheck disable=SC2016
printf 'FROM debian\nLABEL a="</script><img src=x onerror=owned=1>"\nUSER "</style><script>owned=1</script>\x27\nRUN sudo -- "<iframe src=javascript:owned=1>"\n' \
  >"$hostile/$name/Dockerfile"
printf 'FROM debian:\xe2\x80\xae<b>\nWORKDIR x\nRUN pip install a"]=<script>\n' >"$hostile/javascript:owned=1/Dockerfile"
printf 'extends = ["recommended"]\n[user]\nuid = 10001\n' >"$hostile/plimsoll.toml"
report hostile "$hostile"

# A report as long as reports get.
many=$hostile/many
mkdir "$many"
printf 'extends = ["recommended"]\n' >"$many/plimsoll.toml"
{
  echo 'FROM python:3.12.1-slim'
  for at in $(seq 5200); do echo "RUN pip install pkg-$at"; done
} >"$many/Dockerfile"
report many "$many"

echo "blueprint-broken: $(wc -c <"$reports/broken.html") bytes; 5,000 findings: $(wc -c <"$reports/many.html") bytes"
python3 "$root/tests/browser/check.py" "$chromium" "$reports" "$work"

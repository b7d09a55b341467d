#!/usr/bin/env bash
# The steps of action.yml. Everything that the caller says comes in through the environment, and nothing of it is ever read
# as shell text; what the tool says of the repository reaches the log only as escaped commands, or with commands switched off.
set -euo pipefail

# The arguments `NAME VALUE` as an output of the step.
output() { printf '%s=%s\n' "$1" "$2" >>"$GITHUB_OUTPUT"; }

# The lines of a text that are not blank, without blanks around them, into the array `lines`.
split() {
  lines=()
  local line
  while IFS= read -r line || [ -n "$line" ]; do
    line=${line#"${line%%[![:space:]]*}"}
    line=${line%"${line##*[![:space:]]}"}
    if [ -n "$line" ]; then lines+=("$line"); fi
  done <<<"$1"
}

# A failure before the check, as an annotation without anything that the caller wrote.
stop() {
  printf '::error title=plimsoll::%s\n' "$1"
  exit 2
}

version() {
  if [ -n "${PLIMSOLL_BINARY:-}" ]; then
    output folder ''
    return
  fi
  local key
  key=$(cd "$GITHUB_ACTION_PATH" && find Cargo.toml Cargo.lock src rules schemas -type f -print0 | LC_ALL=C sort -z \
    | xargs -0 cat | { sha256sum 2>/dev/null || shasum -a 256; } | cut -c1-32)
  output folder "$RUNNER_TEMP/plimsoll-$key"
  output key "$key"
}

build() {
  command -v cargo >/dev/null || stop 'cargo is needed to build plimsoll; install Rust, or give the input binary'
  cargo install --locked --quiet --path "$GITHUB_ACTION_PATH" --root "$PLIMSOLL_FOLDER"
}

check() {
  local binary=${PLIMSOLL_BINARY:-$PLIMSOLL_FOLDER/bin/plimsoll}
  # Seen from where the job is, whatever the working directory of the check.
  case $binary in
    /*) ;;
    */*) binary=$PWD/$binary ;;
  esac
  cd -- "$PLIMSOLL_WORKING_DIRECTORY"
  local reports
  reports=$(mktemp -d "$RUNNER_TEMP/plimsoll-XXXXXX")
  local arguments=(check --fail-on "$PLIMSOLL_FAIL_ON" --output "sarif=$reports/plimsoll.sarif" --output "json=$reports/plimsoll.json")
  if [ "$PLIMSOLL_SUMMARY" = true ]; then arguments+=(--output "markdown=$reports/summary.md"); fi
  if [ -n "$PLIMSOLL_PLAN" ]; then arguments+=("--plan=$PLIMSOLL_PLAN"); fi
  case $PLIMSOLL_SINCE in -*) stop 'the input since is no revision' ;; esac
  if [ -n "$PLIMSOLL_SINCE" ]; then arguments+=("--since=$PLIMSOLL_SINCE"); fi
  # With --since the tool reads it as that revision has it, so that a pull request cannot add to it.
  if [ -n "$PLIMSOLL_BASELINE" ]; then arguments+=("--baseline=$PLIMSOLL_BASELINE"); fi
  if [ -n "$PLIMSOLL_CATEGORY" ]; then arguments+=("--sarif-category=$PLIMSOLL_CATEGORY"); fi
  local format=concise
  if [ "$PLIMSOLL_ANNOTATIONS" = true ]; then format=github; fi
  local lines
  split "$PLIMSOLL_ARGS"
  arguments+=(${lines[@]+"${lines[@]}"})
  split "$PLIMSOLL_PATHS"
  arguments+=(--format "$format" -- ${lines[@]+"${lines[@]}"})

  # Only escaped commands may command: of everything else commands are switched off, by a word that nobody can guess.
  local code=0 word
  word=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  "$binary" "${arguments[@]}" >"$reports/log" 2>"$reports/errors" || code=$?
  if [ "$format" = github ]; then cat "$reports/log"; fi
  printf '::stop-commands::%s\n' "$word"
  if [ "$format" != github ]; then cat "$reports/log"; fi
  cat "$reports/errors"
  printf '::%s::\n' "$word"

  if [ -s "$reports/summary.md" ]; then cat "$reports/summary.md" >>"$GITHUB_STEP_SUMMARY"; fi
  # A program that cannot be started at all could not finish either.
  if [ "$code" -gt 2 ]; then code=2; fi
  output exit-code "$code"
  output sarif-file "$([ -s "$reports/plimsoll.sarif" ] && printf '%s' "$reports/plimsoll.sarif")"
  local errors warnings notes
  errors=$(count errors "$reports/plimsoll.json")
  warnings=$(count warnings "$reports/plimsoll.json")
  notes=$(count notes "$reports/plimsoll.json")
  output errors "$errors"
  output findings "$((errors + warnings + notes))"
}

# A count of the summary, which stands at the end of the report and holds no text of the repository.
count() {
  [ -s "$2" ] || { echo 0; return; }
  tail -c 400 "$2" | tr -d ' \n' | sed -n 's/.*"summary":{\([^}]*\).*/,\1/p' | sed -n "s/.*,\"$1\":\([0-9]*\).*/\1/p" | grep . || echo 0
}

gate() {
  case ${PLIMSOLL_EXIT_CODE:-2} in
    0) ;;
    1)
      echo '::error title=plimsoll::there are findings at or above fail-on'
      exit 1
      ;;
    *) stop 'plimsoll could not finish; its words are above' ;;
  esac
}

case ${1:-} in
  version | build | check | gate) "$1" ;;
  *) stop 'unknown step' ;;
esac

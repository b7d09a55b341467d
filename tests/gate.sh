#!/usr/bin/env bash
# Holds the action, the workflows and the hooks against the tools that read them: their schemas, an audit, ShellCheck, and
# pre-commit itself on a toy repository.
#
#   tests/gate.sh FOLDER
#
# Tools that are missing are installed into FOLDER from PyPI, and ShellCheck from Debian's packages when root. What cannot be
# had is said ("skipped: …"); ends with 1 when something is wrong.
set -uo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(cd "$1" && pwd)
cd "$root" || exit 2
failed=0
wrong() { echo "gate.sh: $*"; failed=1; }

if ! command -v python3 >/dev/null || ! python3 -m venv "$work/venv" >/dev/null 2>&1 \
  || ! "$work/venv/bin/pip" install --quiet --disable-pip-version-check check-jsonschema==0.39.0 pre-commit==4.7.0 zizmor==1.32.0 \
    >"$work/pip.log" 2>&1; then
  echo 'skipped: check-jsonschema, zizmor and pre-commit cannot be installed'
  exit 0
fi
tools=$work/venv/bin

"$tools/check-jsonschema" --builtin-schema vendor.github-actions action.yml || wrong 'action.yml is no action'
"$tools/check-jsonschema" --builtin-schema vendor.github-workflows .github/workflows/*.yml || wrong 'a workflow is none'
"$tools/zizmor" --offline --strict-collection --no-progress --persona auditor --min-severity medium action.yml .github/workflows \
  || wrong 'the audit finds something of medium severity or higher'

# What `init` writes into a repository is held to the same: a workflow that the audit passes, a hook that pre-commit takes.
new=$work/new
mkdir -p "$new/web"
printf 'FROM debian:12.5\nUSER 10001:10001\nCMD ["sleep", "1"]\n' >"$new/web/Dockerfile"
(cd "$new" && git init -q && git remote add origin https://github.com/example/fleet.git && git add -A)
if "${CARGO_TARGET_DIR:-$root/target}/release/plimsoll" init "$new" >"$work/init.log"; then
  "$tools/check-jsonschema" --builtin-schema vendor.github-workflows "$new/.github/workflows/plimsoll.yml" \
    || wrong 'the workflow that init writes is none'
  "$tools/zizmor" --offline --strict-collection --no-progress --persona auditor --min-severity medium "$new/.github/workflows" \
    || wrong 'the audit finds something in the workflow that init writes'
  (cd "$new" && git add -A && PATH=${CARGO_TARGET_DIR:-$root/target}/release:$PATH PRE_COMMIT_HOME=$work/pre-commit \
    "$tools/pre-commit" run --all-files) >"$work/hook.log" 2>&1 || { tail -n 20 "$work/hook.log"; wrong 'the hook that init writes fails'; }
  grep -q 'plimsoll.*Passed' "$work/hook.log" || wrong 'the hook that init writes does not run'
else
  cat "$work/init.log"
  wrong 'init fails in a new repository'
fi

if ! command -v shellcheck >/dev/null && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  { apt-get update -qq; DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends shellcheck; } \
    >"$work/apt.log" 2>&1 || true
fi
if command -v shellcheck >/dev/null; then
  shellcheck --severity warning action.sh .ci/run tests/*.sh tests/*/*.sh benches/*.sh || wrong 'ShellCheck finds something'
else
  echo 'skipped: ShellCheck cannot be had'
fi

# The hooks as a team would use them: the last commit, in a repository of their own. Each call that needs a hook in Rust builds
# the program, so there is one such call, and what passes is shown by the hook that takes the program from the release build.
export PRE_COMMIT_HOME=$work/pre-commit
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$root/target}
export PATH=$CARGO_TARGET_DIR/release:$PATH
"$tools/pre-commit" validate-manifest .pre-commit-hooks.yaml || wrong 'the manifest of hooks is none'
# Whatever a plan reads starts the hook for the whole fleet.
"$tools/python" - <<'PYTHON' || wrong 'the hook for the fleet does not start where it should'
import re, yaml
hook = next(hook for hook in yaml.safe_load(open(".pre-commit-hooks.yaml")) if hook["id"] == "plimsoll-fleet")
starts = lambda name: bool(re.search(hook["files"], name))
wanted = ["Dockerfile", "web/api.Dockerfile", "web/Dockerfile.dockerignore", ".dockerignore", "Containerfile.dev", "docs/plan.md", "plimsoll.toml",
          "compose.yaml", "deploy/docker-compose.prod.yml", "deploy/list.json", "requirements.txt", "requirements/web-dev.txt"]
others = ["src/main.rs", "notes.txt", "pyproject.toml", "mydockerfiles/x.py", "plan.md.bak"]
missed, more = [name for name in wanted if not starts(name)], [name for name in others if starts(name)]
assert not missed and not more, (missed, more)
PYTHON
toy=$work/toy
mkdir -p "$toy/web" "$toy/bad"
printf 'extends = ["recommended"]\n[user]\nuid = 10001\n' >"$toy/plimsoll.toml"
printf 'FROM debian:12.5\nUSER 10001:10001\nCMD ["sleep", "1"]\n' >"$toy/web/Dockerfile"
(cd "$toy" && git init -q && git add -A)
try() { # exit code, words of the output, then arguments of try-repo
  local code=0 expected=$1 words=$2
  shift 2
  (cd "$toy" && "$tools/pre-commit" try-repo "$root" "$@" --all-files --verbose) >"$work/try.log" 2>&1 || code=$?
  if [ "$code" != "$expected" ] || ! grep -q "$words" "$work/try.log"; then
    wrong "pre-commit try-repo $* ends with $code, expected $expected and the words \`$words\`"
    tail -n 40 "$work/try.log"
  fi
}
try 0 'no findings in 1 file' plimsoll-system
printf 'FROM debian:12.5\nUSER 0\nCMD ["sleep", "1"]\n' >"$toy/bad/Dockerfile"
printf '*\n' >"$toy/bad/Dockerfile.dockerignore"
(cd "$toy" && git add -A)
try 1 'runtime-user'
[ "$(grep -c 'bad/Dockerfile:2' "$work/try.log")" = 3 ] || wrong 'not every hook blocks the bad file'
if grep -q 'web/Dockerfile:' "$work/try.log"; then wrong 'a hook blocks the good file'; fi
if [ "$failed" = 0 ]; then echo 'gate.sh: the action, the workflows and the hooks are in order'; fi
exit "$failed"

#!/usr/bin/env bash
# Ends what build.sh started, and removes the folder.
#
#   tests/images/down.sh FOLDER
set -u
for file in "$1/registry.pid" "$1/secure/pid" "$1/engine.pid"; do
  [ -f "$file" ] || continue
  pid=$(cat "$file")
  kill "$pid" 2>/dev/null
  for _ in $(seq 100); do
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.1
  done
done
for mounted in $(awk -v below="$1/" 'index($2, below) == 1 { print $2 }' /proc/mounts | sort -r); do
  umount "$mounted"
done
rm -rf "$1"

#!/usr/bin/env bash
# Ends the engine that up.sh started with everything in it, and removes the folder.
#
#   tests/live/down.sh FOLDER
set -u
[ -d "$1" ] || exit 0
out=$(cd "$1" && pwd)
if [ -S "$out/docker.sock" ] && command -v docker >/dev/null; then
  export DOCKER_HOST=unix://$out/docker.sock
  # Without its networks an engine leaves no bridge behind.
  timeout 30 docker ps -aq 2>/dev/null | xargs -r -n 1 -P 8 timeout 30 docker rm -f >/dev/null 2>&1
  timeout 30 docker network ls -q --filter type=custom 2>/dev/null | xargs -r timeout 30 docker network rm >/dev/null 2>&1
fi
if [ -f "$out/dockerd.pid" ]; then
  pid=$(cat "$out/dockerd.pid")
  # A number that is another's by now is left alone.
  if grep -qs "$out/docker.sock" "/proc/$pid/cmdline"; then
    kill "$pid"
    for _ in $(seq 200); do
      kill -0 "$pid" 2>/dev/null || break
      sleep 0.1
    done
  fi
fi
# An engine that was killed leaves its containers running, each below a process that names the folder, and its bridges.
thaw() {
  # shellcheck disable=SC2013
  for group in $(cut -d: -f2- "/proc/$1/cgroup"); do
    case $group in
      freezer:*) echo THAWED >"/sys/fs/cgroup/freezer${group#freezer:}/freezer.state" ;;
      :*) echo 0 >"/sys/fs/cgroup${group#:}/cgroup.freeze" ;;
    esac
  done
}
for process in /proc/[0-9]*; do
  command=$(tr '\0' ' ' <"$process/cmdline")
  case $command in *containerd*"$out/exec"*) ;; *) continue ;; esac
  for child in $(cat "$process"/task/*/children); do
    cut -d: -f3- "/proc/$child/cgroup" | grep '[0-9a-f]\{64\}$' >>"$out/groups"
    kill -9 "$child"
    thaw "$child"
  done
  kill -9 "${process#/proc/}"
done 2>/dev/null
sort -u "$out/groups" 2>/dev/null | while read -r group; do
  # Version 1 has a tree for each controller, version 2 one for all.
  rmdir "/sys/fs/cgroup$group" /sys/fs/cgroup/*"$group"
done 2>/dev/null
while read -r bridge; do
  if [ -d "/sys/class/net/$bridge" ]; then ip link delete "$bridge"; fi
done 2>/dev/null <"$out/bridges"
for _ in $(seq 20); do
  awk -v below="$out/" 'index($2, below) == 1 { print $2 }' /proc/mounts | sort -r | while read -r mounted; do
    umount "$mounted"
  done
  rm -rf "$out" 2>/dev/null && break
  sleep 0.1
done

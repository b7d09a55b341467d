#!/usr/bin/env bash
# Starts a Docker Engine of its own in a folder, with the containers that tests/it/live_real.rs judges.
#
#   tests/live/up.sh FOLDER
#
# Ends with 3, and says why, where that cannot be done; down.sh ends and removes everything. Afterwards there are
#
#   docker.sock, dockerd.pid   the engine; it knows nothing of one that the system runs
#   plimsoll.toml              the plan
#
# Traffic stays on this machine: ports are published on 127.0.0.1, and the networks of the containers lead nowhere else.
set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
out=$(cd "$1" && pwd)
cannot() { echo "skipped: running containers: $*"; exit 3; }

[ "$(uname -s)" = Linux ] || cannot 'this is not Linux'
[ "$(id -u)" = 0 ] || cannot 'only root can start an engine'
command -v rustc >/dev/null || cannot 'there is no rustc'
missing=()
for tool in dockerd docker docker-init tini-static iptables; do
  command -v "$tool" >/dev/null || missing+=("$tool")
done
if [ ${#missing[@]} -gt 0 ]; then
  command -v apt-get >/dev/null || cannot "there is no ${missing[*]}, and no apt-get"
  export DEBIAN_FRONTEND=noninteractive
  { apt-get update -qq && apt-get install -y -qq --no-install-recommends docker.io iptables tini; } >"$out/apt.log" 2>&1 \
    || cannot "apt-get cannot install ${missing[*]}: $(tail -n 1 "$out/apt.log")"
fi

# No bridge and no rules of the machine's own: the networks below are the engine's, and end with it.
export DOCKER_HOST=unix://$out/docker.sock
rm -f "$out/dockerd.pid"
dockerd -H "$DOCKER_HOST" --data-root "$out/data" --exec-root "$out/exec" -p "$out/dockerd.pid" --bridge none \
  --iptables=false --ip-forward=false --ip-masq=false --default-address-pool base=10.213.0.0/16,size=24 \
  >"$out/dockerd.log" 2>&1 &
# What waits below waits for containers.
disown
for _ in $(seq 150); do
  docker version >/dev/null 2>&1 && break
  sleep 0.1
done
docker version >/dev/null 2>&1 || cannot "no Docker Engine can run here: $(tail -n 1 "$out/dockerd.log")"

# One image: the service, an init, and the files that accounts and users are looked up in.
root=$out/rootfs
mkdir -p "$root"/{bin,usr/bin,etc}
rustc -O -C target-feature=+crt-static -C strip=symbols -o "$root/bin/serve" "$here/serve.rs" >"$out/build.log" 2>&1 \
  || cannot "the service cannot be built: $(tail -n 1 "$out/build.log")"
cp "$(command -v tini-static)" "$root/usr/bin/tini"
printf 'root:x:0:0:root:/root:/bin/sh\nappuser:x:10001:10001::/:/bin/sh\n' >"$root/etc/passwd"
printf 'root:x:0:\nappuser:x:10001:\n' >"$root/etc/group"
tag=20260101-abcdef0
tar -C "$root" -c . >"$out/rootfs.tar"
# Names of its own, so that down.sh finds what an engine that was killed left behind.
for network in one two; do
  bridge=plm$(printf %04x $((RANDOM)))$network
  echo "$bridge" >>"$out/bridges"
  docker network create -o "com.docker.network.bridge.name=$bridge" "$network" >>"$out/build.log"
done

# start NAME REPOSITORY PID1 WORDS [OPTION...]: a container, and the image that says all of it but the options.
start() {
  local name=$1 image=live.example.com/$2:$tag entry=$3 words=$4
  shift 4
  docker import -c 'USER 10001:10001' -c 'WORKDIR /' -c "ENTRYPOINT [\"${entry// /\", \"}\"]" -c "CMD [\"${words// /\", \"}\"]" \
    -c 'HEALTHCHECK --interval=1s --timeout=2s --retries=1 CMD ["/bin/serve", "check"]' \
    "$out/rootfs.tar" "$image" >>"$out/run.log" 2>&1 \
    && docker run -d --name "$name" "$@" "$image" >>"$out/run.log" 2>&1 || echo "$name" >>"$out/failed"
}
tini='/usr/bin/tini -- /bin/serve'
# What every container should have, and where it should listen, by its health port; the service port is below it.
usual() { echo --env "HEALTH=127.0.0.1:$1" --label "health_check_port=$1"; }
at() { echo "${2:-0.0.0.0}:$(($1 - 1000)) ${2:-0.0.0.0}:$1"; }
# good NAME PORT [OPTION...]: one where nothing is wrong but what the options make of it.
good() {
  local name=$1 port=$2
  shift 2
  # shellcheck disable=SC2046
  start "$name" "fleet/$name" "$tini" "$(at "$port")" --network one $(usual "$port") "$@"
}

# shellcheck disable=SC2046
{
  good good 8201 &
  good published 8202 --publish 127.0.0.1:18202:8202 &
  start by-engine fleet/by-engine /bin/serve "$(at 8203)" --network one $(usual 8203) --init &
  start fleet-7-x fleet/composed-service "$tini" "$(at 8204)" --network one $(usual 8204) \
    --label com.docker.compose.service=Composed-Service &
  good two-networks 8205 &
  good root 8211 --user 0:0 &
  start root-init fleet/root-init "$tini" "as 10001 $(at 8212)" --network one $(usual 8212) --user 0:0 &
  start no-init fleet/no-init /bin/serve "$(at 8213)" --network one $(usual 8213) &
  start loopback fleet/loopback "$tini" "$(at 8214 127.0.0.1)" --network one $(usual 8214) &
  start no-network fleet/no-network "$tini" "$(at 8215)" --network none $(usual 8215) &
  good unhealthy 8216 --env HEALTH=127.0.0.1:1 &
  good paused 8217 &
  start wrong-image other/wrong-image "$tini" "$(at 8218)" --network one $(usual 8218) &
  start no-label fleet/no-label "$tini" "$(at 8219)" --network one --env HEALTH=127.0.0.1:8219 &
  start restarting fleet/restarting "$tini" 'end 3' --network one $(usual 8220) --restart always &
  start exited fleet/exited "$tini" 'end 4' --network one $(usual 8221) &
  # Of somebody else, beside the fleet: no plan speaks of it.
  start stranger elsewhere/database /bin/serve 127.0.0.1:5432 --network two --user 0:0 --env HEALTH=127.0.0.1:5432 &
  wait
  # In the network of another container.
  start shared fleet/shared "$tini" "$(at 8206)" --network container:good $(usual 8206)
}
docker network connect two two-networks
if [ -s "$out/failed" ]; then
  echo "containers that did not start: $(tr '\n' ' ' <"$out/failed")"
  tail -n 20 "$out/run.log"
  exit 1
fi
# Health checks have run, and the engine has made its pauses before one more start long.
for _ in $(seq 150); do
  waiting=$(docker ps -q --filter health=starting --filter status=running | wc -l)
  restarts=$(docker inspect -f '{{.RestartCount}}' restarting)
  [ "$waiting" -gt 0 ] || [ "$restarts" -lt 5 ] || break
  sleep 0.1
done
docker pause paused >/dev/null
cp "$here/plimsoll.toml" "$out/plimsoll.toml"

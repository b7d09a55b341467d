#!/usr/bin/env bash
# Builds the images that tests/it/images_real.rs checks, with the tools that people build images with.
#
#   tests/images/build.sh FOLDER [PORT]
#
# Needs root, buildah, skopeo, docker-registry, busybox-static and tini. Everything lies below FOLDER afterwards:
#
#   fleet/          the Dockerfiles and the plan, with the registry's address
#   secure/         a registry with TLS and a login, see secure.sh
#   registry.address, registry.pid   a registry on loopback that goes on running until down.sh ends it
#   engine.sock, engine.pid          a Docker Engine that holds the service, where dockerd is installed and can run
#   docker/, oci/   the service in every form, built in Docker's and in the OCI's format
#   base/           the images below it, as archives (docker format)
#   odd/            built in unusual ways: squashed, outdated, zstd, two platforms, ...
#   wrong/          one fault each
#
# The registry holds fleet/NAME and fleet-oci/NAME for the hierarchy and the service, and what else is named below.
set -euo pipefail
export LC_ALL=C BUILDAH_ISOLATION=chroot
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
out=$(cd "$1" && pwd)
port=${2:-}
tag=20260101-abcdef0
names=(base-python base-utils base-cpu-pydeps family-web stream-relay)

# The registry: a free port is one on which it stays up.
start_registry() {
  printf 'version: 0.1\nlog: {level: error, accesslog: {disabled: true}}\nstorage: {filesystem: {rootdirectory: %s}, delete: {enabled: true}}\nhttp: {addr: "127.0.0.1:%s"}\n' \
    "$out/registry" "$1" >"$out/registry.yml"
  docker-registry serve "$out/registry.yml" >"$out/registry.log" 2>&1 &
  local pid=$!
  for _ in $(seq 50); do
    sleep 0.1
    kill -0 "$pid" 2>/dev/null || return 1
    if (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then
      echo "$pid" >"$out/registry.pid"
      echo "127.0.0.1:$1" >"$out/registry.address"
      return 0
    fi
  done
  kill "$pid"
  return 1
}
for try in ${port:-$((20000 + RANDOM % 10000)) $((30000 + RANDOM % 2000)) $((20000 + RANDOM % 10000))}; do
  start_registry "$try" && break
done
registry=$(cat "$out/registry.address")

# Storage of its own, by links where the kernel lets it.
driver=overlay
storage() { buildah --root "$out/storage" --runroot "$out/run" --storage-driver "$driver" "$@"; }
storage images >/dev/null 2>&1 || { rm -rf "$out/storage" "$out/run"; driver=vfs; }

# The context: Dockerfiles that name this registry, and the files of the lowest image.
rm -rf "$out/fleet"
cp -r "$here/fleet" "$out/fleet"
grep -rlF registry.example.com "$out/fleet" | xargs sed -i "s|registry\.example\.com|$registry|g"
root=$out/fleet/rootfs
mkdir -p "$root"/{bin,usr/bin,usr/share,usr/local/bin,etc,root}
cp "$(command -v busybox)" "$root/bin/busybox"
cp "$(command -v tini-static)" "$root/usr/bin/tini"
for applet in sh mkdir echo ln chown chmod cp cat rm httpd env; do ln -sf busybox "$root/bin/$applet"; done
printf 'root:x:0:0:root:/root:/bin/sh\nappuser:x:10001:10001::/app:/bin/sh\n' >"$root/etc/passwd"
printf 'root:x:0:\nappuser:x:10001:\n' >"$root/etc/group"

# build FORMAT NAME IMAGE [OPTION...]: from the context's Dockerfile of NAME.
dockerfile() { case $1 in stream-relay) echo services/stream_relay ;; *) echo "$1" ;; esac }
build() {
  local format=$1 name=$2 image=$3
  shift 3
  (cd "$out/fleet" && storage bud -q --pull-never --layers --format "$format" -t "$image" "$@" \
    -f "$(dockerfile "$name")/Dockerfile" .) >>"$out/build.log" 2>&1
}
# build_text FORMAT IMAGE [OPTION...] <Dockerfile
build_text() {
  local format=$1 image=$2
  shift 2
  cat >"$out/fleet/Dockerfile.text"
  (cd "$out/fleet" && storage bud -q --pull-never --format "$format" -t "$image" "$@" -f Dockerfile.text .) \
    >>"$out/build.log" 2>&1
  rm -f "$out/fleet/Dockerfile.text"
}
push() { storage push -q --tls-verify=false "$@" >>"$out/build.log" 2>&1; }
copy() { skopeo --insecure-policy copy -q --src-tls-verify=false --dest-tls-verify=false "$@" >>"$out/build.log" 2>&1; }
# save IMAGE FILE NAME:TAG: as `docker save` does.
save() {
  rm -f "$2"
  push "$1" "docker-archive:$2:$3"
}

mkdir -p "$out"/{docker,oci,base,odd,wrong}
for format in docker oci; do
  fleet=fleet
  [ "$format" = docker ] || fleet="fleet-oci"
  for name in "${names[@]}"; do
    # The OCI's format on top of images that are built in it, under the names that the Dockerfiles have.
    build $format "$name" "$registry/fleet/$name:$tag"
    push --format "$([ $format = docker ] && echo v2s2 || echo oci)" \
      "$registry/fleet/$name:$tag" "docker://$registry/$fleet/$name:$tag"
  done
  from=docker://$registry/$fleet/stream-relay:$tag
  copy "$from" "dir:$out/$format/dir"
  copy "$from" "oci:$out/$format/layout:$tag"
  copy "$from" "oci-archive:$out/$format/oci-archive.tar:$tag"
  copy "$from" "docker-archive:$out/$format/docker-archive.tar:$registry/fleet/stream-relay:$tag"
  if [ $format = docker ]; then
    for name in "${names[@]}"; do
      copy "docker://$registry/fleet/$name:$tag" "docker-archive:$out/base/$name.tar:$registry/fleet/$name:$tag"
      storage tag "$registry/fleet/$name:$tag" "localhost/docker-$name"
    done
  fi
done
# What follows stands on the images in Docker's format.
for name in "${names[@]}"; do storage tag "localhost/docker-$name" "$registry/fleet/$name:$tag"; done
relay=$registry/fleet/stream-relay:$tag

# Built in unusual ways.
build docker stream-relay localhost/squashed --squash
save localhost/squashed "$out/odd/squashed.tar" "$relay"
(cd "$out/fleet" && storage bud -q --pull-never --layers=false --format docker -t localhost/single -f services/stream_relay/Dockerfile .) \
  >>"$out/build.log" 2>&1
save localhost/single "$out/odd/single-layer.tar" "$relay"
copy --dest-compress-format zstd --dest-compress "docker://$registry/fleet-oci/stream-relay:$tag" "oci:$out/odd/zstd:$tag"
# family-web is built anew after its child: the child stands on what family-web was.
build_text docker localhost/family-web-new <<EOF
FROM $registry/fleet/base-cpu-pydeps:$tag
USER root
RUN echo patched >/usr/share/patched
USER appuser
EOF
save localhost/family-web-new "$out/odd/family-web-new.tar" "$registry/fleet/family-web:20260201-fedcba9"
push --format v2s2 localhost/family-web-new "docker://$registry/fleet/family-web:20260201-fedcba9"
# Two platforms in one index; nothing runs, so nothing has to be emulated.
printf 'FROM scratch\nADD services/stream_relay/app/ /app/\nUSER 10001:10001\nEXPOSE 7212 8212\n' >"$out/fleet/Dockerfile.two"
(cd "$out/fleet" && storage bud -q --platform linux/amd64 --platform linux/arm64 --format docker \
  --manifest localhost/two -f Dockerfile.two .) >>"$out/build.log" 2>&1
rm "$out/fleet/Dockerfile.two"
storage manifest push --all --tls-verify=false -q localhost/two "docker://$registry/fleet/two:$tag" >>"$out/build.log" 2>&1
copy --all "docker://$registry/fleet/two:$tag" "oci:$out/odd/two-platforms:$tag"

# One fault each. The secret is no one's.
wrong() {
  local name=$1
  build_text docker "localhost/wrong-$name" --layers
  save "localhost/wrong-$name" "$out/wrong/$name.tar" "$relay"
}
text() { printf 'FROM %s\n%b\n' "$relay" "$1"; }
text 'USER root' | wrong root
text 'ENTRYPOINT ["/bin/busybox", "httpd", "-f"]' | wrong no-init
text 'EXPOSE 9999' | wrong port
text 'HEALTHCHECK NONE' | wrong no-health
text 'LABEL org.opencontainers.image.revision=1111111111111111111111111111111111111111' | wrong revision
text 'ENV LOG_LEVEL=LOUD' | wrong env
text 'ENV GITHUB_TOKEN=ghp''_0Aa1Bb2Cc3Dd4Ee5Ff6Gg7Hh8Ii9Jj0KkLl' | wrong secret
text 'USER root\nRUN cp /bin/busybox /usr/bin/doas && chmod 4755 /usr/bin/doas\nUSER appuser' | wrong setuid
text 'USER root\nRUN mkdir -p /app/.git/objects && echo x >/app/.git/objects/aa && echo ref >/app/.git/HEAD\nUSER appuser' | wrong git
text 'USER root\nRUN mkdir -p /var/lib/apt/lists && busybox dd if=/dev/zero of=/var/lib/apt/lists/debian_Packages bs=1024 count=2048\nUSER appuser' | wrong apt-lists
text 'USER root\nRUN mkdir -p /root/.ssh && echo "-----BEGIN OPENSSH PRIVATE KEY-----" >/root/.ssh/id_rsa\nRUN rm /root/.ssh/id_rsa\nUSER appuser' | wrong hidden-key
text 'USER root\nRUN echo "root:x:0:0::/:/bin/sh" >/etc/passwd\nUSER appuser' | wrong user-gone
printf 'FROM %s/fleet/family-web:%s\nCOPY services/stream_relay/app/ /app/\nEXPOSE 7212 8212\nCMD ["/bin/sh", "/app/serve.sh"]\n' \
  "$registry" "$tag" | wrong labels

# What the engine itself saves. It needs no network of its own for that.
if command -v dockerd >/dev/null && command -v docker >/dev/null; then
  export DOCKER_HOST=unix://$out/engine.sock
  dockerd -H "$DOCKER_HOST" --data-root "$out/engine/data" --exec-root "$out/engine/exec" -p "$out/engine.pid" \
    --bridge none --iptables=false --ip-forward=false >"$out/engine.log" 2>&1 &
  for _ in $(seq 100); do
    docker version >/dev/null 2>&1 && break
    sleep 0.1
  done
  if docker pull -q "$relay" >>"$out/build.log" 2>&1; then
    docker save -o "$out/odd/docker-save.tar" "$relay"
  else
    echo 'no Docker Engine can run here'
  fi
fi
storage rmi -a -f >/dev/null 2>&1 || true
rm -rf "$out/storage" "$out/run"

# The same images once more, behind TLS and a login.
if command -v openssl >/dev/null; then
  "$here/secure.sh" "$out"
else
  echo 'no openssl, and so no registry with TLS'
fi

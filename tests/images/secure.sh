#!/usr/bin/env bash
# A registry as companies run them, over the images that build.sh pushed: TLS by an authority of its own, and a login.
#
#   tests/images/secure.sh FOLDER [PORT]
#
# Afterwards FOLDER/secure has ca.pem, address, docker/config.json with the login, and pid, which down.sh ends.
set -euo pipefail
storage=$(cd "$1" && pwd)/registry
out=$(cd "$1" && pwd)/secure
port=${2:-}
rm -rf "$out"
mkdir -p "$out/docker"

openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj '/CN=Authority of a test' -keyout "$out/ca.key" -out "$out/ca.pem" \
  -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign 2>"$out/log"
openssl req -newkey rsa:2048 -nodes -subj '/CN=registry' -keyout "$out/key.pem" -out "$out/request.pem" 2>>"$out/log"
printf 'subjectAltName = IP:127.0.0.1\nbasicConstraints = CA:FALSE\n' >"$out/extensions"
openssl x509 -req -in "$out/request.pem" -CA "$out/ca.pem" -CAkey "$out/ca.key" -CAcreateserial -days 2 \
  -extfile "$out/extensions" -out "$out/certificate.pem" 2>>"$out/log"

# anna, with the password hunter2-hunter2.
echo 'anna:$2y$05$abcdefghijklmnopqrstuuM6LdIRFtSO2kPdsnQR8QqPt6tFqthsy' >"$out/htpasswd"

start() {
  cat >"$out/registry.yml" <<END
version: 0.1
log: {level: error, accesslog: {disabled: true}}
storage: {filesystem: {rootdirectory: $storage}, maintenance: {readonly: {enabled: true}}}
auth: {htpasswd: {realm: company, path: $out/htpasswd}}
http: {addr: "127.0.0.1:$1", tls: {certificate: $out/certificate.pem, key: $out/key.pem}}
END
  docker-registry serve "$out/registry.yml" >>"$out/log" 2>&1 &
  local pid=$!
  for _ in $(seq 50); do
    sleep 0.1
    kill -0 "$pid" 2>/dev/null || return 1
    if (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then
      echo "$pid" >"$out/pid"
      echo "127.0.0.1:$1" >"$out/address"
      printf '{"auths": {"127.0.0.1:%s": {"auth": "%s"}}}\n' "$1" "$(printf anna:hunter2-hunter2 | base64)" \
        >"$out/docker/config.json"
      return 0
    fi
  done
  kill "$pid"
  return 1
}
for try in ${port:-$((20000 + RANDOM % 10000)) $((30000 + RANDOM % 2000)) $((20000 + RANDOM % 10000))}; do
  start "$try" && break
done
[ -f "$out/address" ]

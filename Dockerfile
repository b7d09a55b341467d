# syntax=docker/dockerfile:1
# The program alone, on nothing: static, without a shell, and run by nobody in particular.
#
#   docker build --build-arg REVISION="$(git rev-parse HEAD)" --build-arg SOURCE="$(git remote get-url origin)" -t plimsoll .
#   docker run --rm -v "$PWD:/work:ro" plimsoll check --format concise
FROM rust:1.88-alpine3.22 AS builder
WORKDIR /src
COPY Cargo.toml Cargo.lock ./
COPY benches/ benches/
COPY rules/ rules/
COPY schemas/ schemas/
COPY src/ src/
COPY tests/it/main.rs tests/it/main.rs
# Alpine's own target is static. The image brings the C compiler that the cryptography of TLS is built with.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --locked --profile dist --bin plimsoll && cp target/dist/plimsoll /plimsoll

FROM scratch
ARG REVISION
ARG SOURCE
LABEL org.opencontainers.image.title="plimsoll" \
      org.opencontainers.image.description="A policy linter for container fleets" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.source="${SOURCE}"
COPY --from=builder /plimsoll /plimsoll
# Roots for TLS are compiled in, so nothing else is needed.
WORKDIR /work
USER 10001:10001
# It listens to nobody: what can be asked of one that watches a fleet is whether the program still starts.
HEALTHCHECK --interval=60s --timeout=10s --start-period=5s --retries=3 CMD ["/plimsoll", "--version"]
ENTRYPOINT ["/plimsoll"]
CMD ["check"]

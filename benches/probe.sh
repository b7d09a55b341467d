#!/usr/bin/env bash
# Times `plimsoll validate-fleet` in a release build against fleets that a server on loopback addresses plays: 66, 1,000 and
# 10,000 endpoints, without and with a tenth that hangs; 200 endpoints that each send 8 MiB; every wrong answer of
# `testdata/live/`; the worst bodies and engines; and how fast metrics are read.
#
#   benches/probe.sh
#
# Prints time, CPU time and the peak of memory of each call. The server runs beside it, so on a machine with few cores half
# of the time is the server's.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo test --quiet --locked --release --test it -- --include-ignored --nocapture --test-threads 1 \
  live_probe_speed live_probe_memory hostile_live sixty_six_endpoints every_bad_answer_is_one |
  grep -E 'endpoints|answers|metrics of|of CPU|test result'

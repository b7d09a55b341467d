#!/usr/bin/env bash
# Times `plimsoll validate-fleet` against fleets that a server on loopback addresses plays: ten thousand endpoints that
# answer, sixty-six of which six hang, and every wrong answer of `testdata/live/`.
#
#   benches/probe.sh
#
# Prints time, CPU time and the peak of memory of each call. The server runs beside it, so on a machine with few cores half
# of the time is the server's.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo test --quiet --locked --release --test it -- --nocapture --test-threads 1 \
  a_large_fleet_is_asked sixty_six_endpoints every_bad_answer_is_one |
  grep -E 'endpoints|answers|test result'

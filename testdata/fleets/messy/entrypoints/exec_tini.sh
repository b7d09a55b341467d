#!/bin/bash
set -euo pipefail
exec /usr/bin/tini -- "$@"

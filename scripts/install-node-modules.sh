#!/usr/bin/env bash
# Brings the Node packages of the end-to-end tests, exactly as locked; does nothing when they are there.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../tests/e2e"
[[ -f package-lock.json ]] || exit 0
[[ node_modules/.package-lock.json -nt package-lock.json ]] && exit 0
npm ci --no-audit --no-fund --loglevel=error </dev/null
touch node_modules/.package-lock.json

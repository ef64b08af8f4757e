#!/usr/bin/env bash
# Builds everything and runs every test: unit, component, end-to-end, layering, format, package.
# Arguments go to ctest: ./test.sh -L unit    ./test.sh -R Echo
# The last line is ctest's own closing line, and the exit code is ctest's.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
export PATH="$PATH:/usr/local/sbin:/usr/sbin"

scripts/install-dependencies.sh build run phones test
cmake --preset release
cmake --build --preset release
exec ctest --preset release "$@" </dev/null

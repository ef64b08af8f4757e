#!/usr/bin/env bash
# Builds Strowger and starts it. On a bare Debian 12 machine it first installs what is missing.
#   ./run.sh [arguments of `strowger up`]     until Ctrl-C
#   ./run.sh --demo [seconds]                 real calls for 30 s (or so many seconds), then a summary
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

demo=false
if [[ "${1:-}" == --demo ]]; then
  demo=true
  shift
fi
groups=(build run)
$demo && groups+=(phones)
scripts/install-dependencies.sh "${groups[@]}"

configure() { cmake --preset release; }
[[ -f build/release/build.ninja ]] || configure >/dev/null || configure
cmake --build --preset release --target strowger

$demo && exec scripts/demo.sh "$@"
exec build/release/bin/strowger up "$@"

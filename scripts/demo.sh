#!/usr/bin/env bash
# Real calls to look at: sipp phones call the echo, two of them are parked and joined over NATS, all of it seen as
# events. Runs for 30 s (or so many seconds as the first argument says), prints a summary, and leaves with 0 when
# every call went well. Called by ./run.sh --demo.
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
strowger="$root/build/release/bin/strowger"
export PATH="$PATH:/usr/local/sbin:/usr/sbin"
seconds="${1:-30}"
[[ "$seconds" =~ ^[0-9]+$ && "$seconds" -ge 15 ]] || { echo "usage: ./run.sh --demo [seconds, at least 15]" >&2; exit 2; }

folder="$(mktemp -d)"
children=()
finish() {
  for pid in "${children[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  rm -rf "$folder"
}
trap finish EXIT
trap 'exit 130' INT TERM

say() { printf '\n\033[1m== %s\033[0m\n' "$*"; }
api() { "$strowger" api "$@"; }
until_true() { # <deciseconds> <command…>
  local left="$1"
  shift
  until "$@" >/dev/null 2>&1; do
    ((left-- > 0)) || return 1
    sleep 0.1
  done
}

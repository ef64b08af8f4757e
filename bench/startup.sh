#!/usr/bin/env bash
# How long from start to ready, and what does an idle exchange cost? Nine starts; medians.
# Usage: bench/startup.sh [path of the strowger binary]
# Bars: ready within 1 s, at most 30 MB resident, at most 1 % of a core.
set -euo pipefail
binary="$(realpath "${1:-$(dirname "${BASH_SOURCE[0]}")/../build/release/bin/strowger}")"
export PATH="$PATH:/usr/local/sbin:/usr/sbin"
idle_seconds=10
runs=9

folder="$(mktemp -d)"
pid=
finish() { [[ -n "$pid" ]] && kill "$pid" 2>/dev/null; rm -rf "$folder"; }
trap finish EXIT

free_port() { # of TCP and UDP on loopback, away from the ports that the kernel hands out
  local port
  while port=$((20000 + RANDOM % 10000)); do
    [[ -z "$(ss -Hlntu "sport = :$port")" ]] && echo "$port" && return
  done
}
median() { sort -n | sed -n "$(((runs + 1) / 2))p"; }
ticks() { # of processor time used by $pid, without its children
  local stat
  stat="$(<"/proc/$pid/stat")"
  awk '{ print $12 + $13 }' <<<"${stat##*) }"
}

start() {
  export STROWGER_SWITCH_SIP_PORT STROWGER_HTTP_PORT STROWGER_HUB_URL STROWGER_NATS_SERVER_RUN=always
  STROWGER_SWITCH_SIP_PORT="$(free_port)" STROWGER_HTTP_PORT="$(free_port)"
  STROWGER_HUB_URL="nats://127.0.0.1:$(free_port)"
  rm -f "$folder/out"
  mkfifo "$folder/out"
  local begun
  begun="$(date +%s%N)"
  "$binary" up --log-level warning >"$folder/out" 2>"$folder/log" &
  pid=$!
  exec 3<"$folder/out"
  while IFS= read -r line <&3; do [[ "$line" == Ready.* ]] && break; done
  ready_ms=$((($(date +%s%N) - begun) / 1000000))
  [[ "${line:-}" == Ready.* ]] || { cat "$folder/log" >&2; exit 1; }
}
stop() { kill "$pid"; wait "$pid" || true; pid=; exec 3<&-; }

cd "$folder"
for ((i = 0; i < runs; i++)); do
  start
  echo "$ready_ms" >>"$folder/ready"
  ((i < runs - 1)) && stop
done
sleep "$idle_seconds" # the measurement itself: what an idle exchange uses
before="$(ticks)"
sleep "$idle_seconds"
cpu="$(awk -v used="$(($(ticks) - before))" -v s="$idle_seconds" -v hz="$(getconf CLK_TCK)" 'BEGIN { printf "%.2f", 100 * used / hz / s }')"
rss_kb="$(awk '/^VmRSS/ { print $2 }' "/proc/$pid/status")"
stop

ready="$(median <"$folder/ready")"
slowest="$(sort -n "$folder/ready" | tail -1)"
echo "start to ready, its own nats-server included: median $ready ms, slowest $slowest ms (bar: 1000 ms)"
echo "idle, resident memory: $(awk -v kb="$rss_kb" 'BEGIN { printf "%.1f", kb / 1024 }') MB (bar: 30 MB)"
echo "idle, processor: $cpu % of one core over $idle_seconds s (bar: 1 %)"
awk -v ready="$ready" -v kb="$rss_kb" -v cpu="$cpu" 'BEGIN { exit !(ready <= 1000 && kb <= 30 * 1024 && cpu <= 1) }' ||
  { echo "over the bar" >&2; exit 1; }

#!/usr/bin/env bash
# 200 echo calls at once, 20 a second, 60 s each: does every call come up, is every packet there, how
# evenly do they leave, and what share of one core does it take?
#   bench/sip_echo/run.sh [CALLS [SECONDS]]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
calls=${1:-200}
seconds=${2:-60}
rate=20
strowger=${STROWGER:-$root/build/bench/bin/strowger}
bank=${RTP_BANK:-$root/build/bench/bin/rtp_bank}
first_port=30000
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT

free_port() { # on loopback, away from the ports that the kernel hands out
  local port
  while port=$((10240 + RANDOM % 6000)); do
    [[ -z "$(ss -Hlntu "sport = :$port")" ]] && echo "$port" && return
  done
}
sip_port=$(free_port)
http_port=$(free_port)
cat > "$work/strowger.toml" <<TOML
[http]
port = $http_port
[switch.sip]
port = $sip_port
rtp_port_min = 20000
rtp_port_max = 29999
TOML

"$strowger" switch --config "$work/strowger.toml" > "$work/strowger.log" 2>&1 &
pid=$!
for _ in $(seq 200); do
  curl -fs "http://127.0.0.1:$http_port/health" > /dev/null 2>&1 && break
  kill -0 $pid 2>/dev/null || { cat "$work/strowger.log" >&2; exit 1; }
  sleep 0.05
done

{ echo SEQUENTIAL; for ((i = 0; i < calls; i++)); do echo "$((first_port + 2 * i));"; done; } > "$work/ports.csv"
"$bank" $first_port "$calls" $((seconds + calls / rate + 3)) > "$work/bank.json" 2> "$work/bank.log" &
bank_pid=$!
cpu() { awk '{print $14 + $15}' "/proc/$pid/stat"; }  # user and system time [clock ticks]

sipp -sf "$here/call.xml" -inf "$work/ports.csv" -i 127.0.0.1 -m "$calls" -l "$calls" -r $rate \
     -d $((seconds * 1000)) -nostdin -trace_stat -stf "$work/stat.csv" -timeout $((seconds + 60)) "127.0.0.1:$sip_port" \
     > "$work/sipp.log" 2>&1 &
sipp_pid=$!
while [ "$(curl -fs "http://127.0.0.1:$http_port/metrics" | awk '$1 == "strowger_media_ports" {print $2}')" != "$calls" ]; do
  kill -0 $sipp_pid 2>/dev/null || { tail -40 "$work/sipp.log" >&2; exit 1; }
  sleep 0.2
done
before=$(cpu); start=$(date +%s%N)
sleep $((seconds / 2))  # a measuring interval with all calls up
after=$(cpu); end=$(date +%s%N)

status=0; wait $sipp_pid || status=$?
failed=$(tail -1 "$work/stat.csv" | awk -F';' -v column="$(head -1 "$work/stat.csv" | tr ';' '\n' | grep -n '^FailedCall(C)$' | cut -d: -f1)" '{print $column}')
curl -fs "http://127.0.0.1:$http_port/metrics" | grep -E '^strowger_(rtp|media_tick)[a-z_]*(_total|_max_seconds) ' || true
wait $bank_pid || true
echo "calls=$calls sipp_exit=$status failed=$failed"
cat "$work/bank.json"
awk -v t=$((after - before)) -v hz="$(getconf CLK_TCK)" -v ns=$((end - start)) \
    'BEGIN { printf "cpu=%.1f%% of one core with all calls up\n", 100 * t / hz / (ns / 1e9) }'

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
metric() { # <name> -> its values added up
  exec 4<>"/dev/tcp/127.0.0.1/${STROWGER_HTTP_PORT:-8090}"
  printf 'GET /metrics HTTP/1.0\r\n\r\n' >&4
  awk -v name="$1" '$1 == name || index($1, name "{") == 1 { sum += $2 } END { printf "%d", sum }' <&4
  exec 4>&-
}
parked() { api show channels | awk -F, '$11 == "park" && $2 == "inbound" { print $1 }'; }
two_parked() { [[ "$(parked | wc -l)" -ge 2 ]]; }
phones() { # <scenario arguments…>: sipp, quietly, in the background
  sipp "127.0.0.1:${STROWGER_SWITCH_SIP_PORT:-5060}" -i 127.0.0.1 -nostdin -timeout "$seconds" "$@" >"$folder/sipp.$RANDOM.log" 2>&1 &
  children+=("$!")
  phone="$!"
}

say "Starting the exchange"
cd "$folder"
"$strowger" up --log-level warning >"$folder/welcome" &
exchange="$!"
children+=("$exchange")
if ! until_true 50 grep -q '^Ready' "$folder/welcome"; then
  echo "The exchange did not start; the lines above say why. Is another one running?" >&2
  exit 1
fi
cat "$folder/welcome"

say "Watching: strowger events …"
"$strowger" events CHANNEL_CREATE CHANNEL_ANSWER CHANNEL_PARK CHANNEL_BRIDGE CHANNEL_HANGUP_COMPLETE &
children+=("$!")
began="$SECONDS"

say "Five phones (sipp) call the echo: 9196"
phones -sn uac -s 9196 -m 5 -r 2 -d $(((seconds - 10) * 1000))
echo_phones="$phone"
sleep 3 # to be watched

say "Two phones call the park: 5900"
phones -sf "$root/scripts/demo_phone.xml" -s 5900 -m 2 -r 2
park_phones="$phone"
until_true 50 two_parked || { echo "the phones were not parked" >&2; exit 1; }
read -r -d '' first second _ < <(parked | tr '\n' ' '; printf '\0') || true

say "Joining them over NATS: strowger api uuid_bridge ${first:0:8}… ${second:0:8}…"
api uuid_bridge "$first" "$second"
sleep 4 # to be watched

say "Hanging up over NATS: strowger api uuid_kill"
api uuid_kill "$first"
api uuid_kill "$second" 2>/dev/null || true

say "Placing a call from the shell: strowger api originate loopback/9197 '&park'"
api originate loopback/9197 '&park'
left=$((seconds - 4 - (SECONDS - began)))
((left > 0)) && sleep "$left" # until the echo calls have ended by themselves

say "Summary after $((SECONDS - began)) s"
failed=0
wait "$echo_phones" || failed=1
wait "$park_phones" || failed=1
printf '%s\n' "phones: $([[ $failed == 0 ]] && echo 'seven calls, all went well' || echo 'some calls failed')"
printf '%s\n' "call legs: $(metric strowger_switch_legs_total)   events published: $(metric strowger_hub_events_published_total)   commands: $(metric strowger_hub_commands_total)   RTP packets lost: $(metric strowger_rtp_packets_lost_total)"
api hupall >/dev/null || true
kill -INT "$exchange"
wait "$exchange" || failed=1
say "$([[ $failed == 0 ]] && echo "That was the demonstration. Start your own with ./run.sh, and point a phone at it." || echo "Something failed; see above.")"
exit "$failed"

#!/usr/bin/env bash
# Reads every #include below the given folder and fails with each line that breaks the layers of ARCHITECTURE.md:
# a folder includes itself and folders of rows below its own; third parties stay where they are fenced in.
set -euo pipefail
cd "$1"
find . -type f \( -name '*.hpp' -o -name '*.cpp' \) | sort | xargs -r grep -HnE '^[[:space:]]*#[[:space:]]*include' | awk '
BEGIN {
  rows = split("base|pbx media|net|bus ami socketio|hub fork inject floor router|softswitch freeswitch|app", row, "|")
  for (r = 1; r <= rows; ++r) { n = split(row[r], names, " "); for (i = 1; i <= n; ++i) level[names[i]] = r }
  fence["^(re|rem|re_[a-z]+|rem_[a-z]+)[.]h$"] = "softswitch"
  fence["^re/"] = "softswitch"
  fence["^(switch|switch_[a-z]+)[.]h$"] = "freeswitch"
  fence["^nats/"] = "bus"
  fence["^boost/(asio|beast)"] = "net"
  fence["^(speex/|sndfile|samplerate|opus/)"] = "media"
  fence["^(spdlog|fmt|toml[+][+])/"] = "base"
  fence["^CLI/"] = "app"
}
{
  split($0, at, ":")
  split(at[1], path, "/")
  folder = path[2]
  target = $0
  sub(/^[^#]*#[ \t]*include[ \t]*/, "", target)
  quoted = substr(target, 1, 1) == "\""
  sub(/^[<"]/, "", target)
  sub(/[>"].*/, "", target)
  if (!(folder in level)) { print at[1] ":" at[2] ": folder " folder " has no row; add it to ARCHITECTURE.md and here"; bad = 1; next }
  split(target, parts, "/")
  other = parts[1]
  if (quoted) {
    if (!(other in level) || target !~ /\//)
      { print at[1] ":" at[2] ": \"" target "\" does not begin with a folder of src"; bad = 1 }
    else if (other != folder && level[other] >= level[folder])
      { print at[1] ":" at[2] ": " folder " must not include " target; bad = 1 }
    else if (other != folder && target ~ /\/detail\//)
      { print at[1] ":" at[2] ": " target " is private to " other; bad = 1 }
  }
  for (pattern in fence)
    if (!quoted && target ~ pattern && fence[pattern] != folder)
      { print at[1] ":" at[2] ": <" target "> belongs to " fence[pattern] " alone"; bad = 1 }
}
END { exit bad }
'

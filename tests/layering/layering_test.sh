#!/usr/bin/env bash
# Shows that layering.sh fails on each kind of breach, and only then.
set -euo pipefail
check="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/layering.sh"
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT

expect() { # <0 or 1> <folder> <include>
  rm -rf "$folder/src"
  mkdir -p "$folder/src/$2"
  printf '#pragma once\n#include %s\n' "$3" >"$folder/src/$2/x.hpp"
  local got=0 said
  said="$("$check" "$folder/src")" || got=1
  [[ "$got" == "$1" ]] || { echo "$2 including $3: expected $1, got $got: $said"; exit 1; }
  [[ "$got" == 0 || "$said" == *"$2/x.hpp:2: "* ]] || { echo "$2 including $3: the line is not named: $said"; exit 1; }
}

expect 0 hub '"pbx/host.hpp"'
expect 0 hub '"hub/detail/x.hpp"'
expect 0 softswitch '<re.h>'
expect 0 app '"softswitch/settings.hpp"'
expect 1 base '"pbx/event.hpp"'
expect 1 pbx '"media/ring.hpp"'
expect 1 hub '"softswitch/settings.hpp"'
expect 1 hub '"fork/x.hpp"'
expect 1 app '"hub/detail/x.hpp"'
expect 1 hub '"x.hpp"'
expect 1 app '<re.h>'
expect 1 softswitch '<switch.h>'
expect 1 hub '<nats/nats.h>'
expect 1 app '<boost/asio.hpp>'
expect 1 net '<sndfile.h>'
expect 1 hub '<spdlog/spdlog.h>'
expect 1 strange '<vector>'
echo "layering.sh catches what it must"

#!/usr/bin/env bash
# Installs what is missing of the given groups of scripts/dependencies.txt. Usage: install-dependencies.sh build run …
set -euo pipefail
list="$(dirname "${BASH_SOURCE[0]}")/dependencies.txt"

missing=()
while read -r group package command _; do
  [[ -z "$group" || "$group" == \#* || " $* " != *" $group "* ]] && continue
  [[ -n "$command" ]] && PATH="$PATH:/usr/local/sbin:/usr/sbin" command -v "$command" >/dev/null && continue
  [[ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)" == installed ]] && continue
  missing+=("$package")
done <"$list"
[[ ${#missing[@]} -eq 0 ]] && exit 0

if ! command -v apt-get >/dev/null; then
  echo "This is not Debian, so nothing was installed. Needed, under Debian's names: ${missing[*]}" >&2
  exit 1
fi
as_root=()
if [[ $EUID -ne 0 ]]; then
  if ! command -v sudo >/dev/null; then
    echo "These packages are missing, and there is no sudo to install them with. As root, run:" >&2
    echo "  apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi
echo "Installing: ${missing[*]}"
"${as_root[@]}" apt-get update -qq </dev/null
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" \
  </dev/null >/dev/null

#!/usr/bin/env bash
# Fails with each line whose form is not clang-format's. 77: there is no clang-format here.
set -euo pipefail
cd "$1"
command -v clang-format >/dev/null || { echo "skipped: clang-format is not installed"; exit 77; }
folders=()
for folder in src tests bench fuzz examples; do [[ -d "$folder" ]] && folders+=("$folder"); done
find "${folders[@]}" -type f \( -name '*.hpp' -o -name '*.cpp' \) -not -path '*/node_modules/*' -print0 |
  xargs -0 -r clang-format --dry-run -Werror

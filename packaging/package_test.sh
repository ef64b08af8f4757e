#!/usr/bin/env bash
# Builds the Debian package into a folder of its own and looks inside: what a user of `dpkg -i` gets.
# Usage: package_test.sh <build folder> [folder that keeps the package]        77: a tool is missing here
set -euo pipefail
build="$(realpath "$1")"
for tool in cpack dpkg-deb dpkg-shlibdeps; do
  command -v "$tool" >/dev/null || { echo "skipped: $tool is not installed"; exit 77; }
done
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
fail() { echo "FAILED: $*" >&2; exit 1; }

cpack --config "$build/CPackConfig.cmake" -G DEB -B "$folder/out" >"$folder/cpack.log" 2>&1 ||
  { cat "$folder/cpack.log" >&2; fail "cpack"; }
package="$(echo "$folder"/out/*.deb)"
[[ -f "$package" ]] || fail "cpack made no package"
[[ -n "${2:-}" ]] && cp "$package" "$2/"

field() { dpkg-deb -f "$package" "$1"; }
[[ "$(field Package)" == strowger ]] || fail "Package is $(field Package)"
[[ "$(basename "$package")" == "strowger_$(field Version)_$(field Architecture).deb" ]] || fail "name $(basename "$package")"
for library in libc6 libnats libssl libre0; do
  [[ "$(field Depends)" == *"$library"* ]] || fail "Depends lacks $library: $(field Depends)"
done
[[ "$(field Depends)" != *-dev* ]] || fail "Depends on a development package: $(field Depends)"
[[ "$(field Recommends)" == *nats-server* ]] || fail "Recommends lacks nats-server"
[[ "$(field Description)" == *telephone\ exchange* ]] || fail "Description: $(field Description)"

dpkg-deb -R "$package" "$folder/root"
cd "$folder/root"
expected="./etc/strowger/strowger.toml
./lib/systemd/system/strowger.service
./usr/bin/strowger
./usr/share/doc/strowger/CHANGELOG.md.gz
./usr/share/doc/strowger/configuration.md
./usr/share/doc/strowger/copyright
./usr/share/doc/strowger/embedded-switch.md
./usr/share/doc/strowger/README.md
./usr/share/man/man1/strowger.1.gz"
found="$(find . -path ./DEBIAN -prune -o -type f -print | LC_ALL=C sort)"
diff <(LC_ALL=C sort <<<"$expected") <(echo "$found") >&2 || fail "other files than expected"
[[ "$(cat DEBIAN/conffiles)" == /etc/strowger/strowger.toml ]] || fail "conffiles"
for script in postinst prerm postrm; do
  [[ -x "DEBIAN/$script" ]] || fail "$script is not executable"
  sh -n "DEBIAN/$script" || fail "$script is no shell script"
done
[[ -z "$(find . ! -user "$(id -un)" -o -perm /022 ! -type l)" ]] || fail "something is writable by others"
grep -q '^ExecStart=/usr/bin/strowger up --config /etc/strowger/strowger.toml$' lib/systemd/system/strowger.service ||
  fail "ExecStart: $(grep ExecStart lib/systemd/system/strowger.service)"
file usr/bin/strowger | grep -q ', stripped' || fail "the binary is not stripped"
[[ "$(usr/bin/strowger --version)" == "strowger $(field Version | sed 's/-.*//')" ]] || fail "--version"
usr/bin/strowger check-config etc/strowger/strowger.toml >/dev/null || fail "the sample configuration is not good"
if command -v lintian >/dev/null; then
  lintian --fail-on error --suppress-tags no-changelog,bad-distribution-in-changes-file "$package" || fail "lintian"
fi
echo "$(basename "$package") is as it should be"

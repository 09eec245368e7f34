#!/usr/bin/env bash
# Installs the Debian 12 packages that Tritter needs, those that are missing only, as root or through sudo.
#   scripts/setup.sh [compiler|runtime] [PACKAGE...]     compiler: with LLVM/MLIR 22, from Debian's security suite
set -euo pipefail

runtime=(g++ cmake ninja-build pkg-config git libfmt-dev libflatbuffers-dev flatbuffers-compiler libdnnl-dev
  libssl-dev libcli11-dev libtomlplusplus-dev nlohmann-json3-dev libsentencepiece-dev zlib1g-dev libzstd-dev
  libgtest-dev libgmock-dev libbenchmark-dev)
compiler=(libmlir-22-dev mlir-22-tools llvm-22-dev llvm-22-tools liblld-22-dev lld-22 ccache libxml2-dev)

packages=("${runtime[@]}" "${@:2}")
[ "${1:-compiler}" = runtime ] || packages+=("${compiler[@]}")

missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q '^install ok installed$' || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "setup: needs root or sudo to install: ${missing[*]}" >&2; exit 1; }
  as_root=(sudo)
fi
echo "setup: installing ${missing[*]}"
log=$(mktemp)
if ! { "${as_root[@]}" apt-get update && "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
       apt-get install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
  tail -n 20 "$log" >&2
  echo "setup: apt-get failed (the whole of what it said: $log)" >&2
  exit 1
fi
rm -f "$log"

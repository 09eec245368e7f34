#!/usr/bin/env bash
# Builds the runtime and tritter-run where LLVM cannot be found, into build/no-llvm, and shows that nothing of LLVM is in
# what comes out. As root, LLVM's folder is hidden from the build; otherwise only the result is looked at.
set -euo pipefail
cd "$(dirname "$0")/.."
build() {
  cmake -S . -B build/no-llvm -G Ninja -DCMAKE_BUILD_TYPE=Release -DTRITTER_BUILD_COMPILER=OFF >/dev/null &&
    ninja -C build/no-llvm --quiet
}
if [ "$(id -u)" -eq 0 ] && unshare -m true 2>/dev/null; then
  export -f build
  unshare -m bash -ec 'for folder in /usr/lib/llvm-*; do mount -t tmpfs none "$folder"; done; build'
else
  build
fi
if grep -rnE '#include +[<"](mlir|llvm)/' runtime tools/tritter-run; then
  echo "test_runtime: the runtime includes LLVM" >&2
  exit 1
fi
if ldd build/no-llvm/bin/tritter-run | grep -iE 'llvm|mlir'; then
  echo "test_runtime: tritter-run is linked to LLVM" >&2
  exit 1
fi

#!/usr/bin/env bash
# Builds into build/<preset>/, the tools into its bin/.
#   scripts/build.sh [release|debug|asan|runtime] [TARGET...]
set -euo pipefail
cd "$(dirname "$0")/.."
preset=${1:-release}
case $preset in
release | debug | asan) scripts/setup.sh ;;
runtime) scripts/setup.sh runtime ;;
*)
  echo "build: found preset '$preset', expected release, debug, asan or runtime" >&2
  exit 1
  ;;
esac
[ -f "build/$preset/build.ninja" ] || cmake --preset "$preset" >/dev/null
ninja -C "build/$preset" --quiet "${@:2}"

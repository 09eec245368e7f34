#!/usr/bin/env bash
# Installs what is missing, builds, and runs every test: the runtime's and the compiler's unit tests (CTest), the passes
# and the tools (lit), and the runtime once more, built on a machine where LLVM cannot be seen. The last line is
# `N passed, N failed`.
set -uo pipefail
cd "$(dirname "$0")/.."
scripts/build.sh release || { echo "0 passed, 1 failed"; exit 1; }

passed=0 failed=0
count() { passed=$((passed + $1)) failed=$((failed + $2)); }

# unit_tests BUILD: CTest, one line a test that fails.
unit_tests() {
  local out
  out=$(ctest --test-dir "$1" --output-on-failure -j2 2>&1)
  local bad=$?
  [ $bad -eq 0 ] || echo "$out" | grep -v ' Passed '
  count "$(grep -c ' Passed ' <<<"$out")" "$(grep -cE '\*\*\*(Failed|Exception|Timeout|Not Run)' <<<"$out")"
  [ $bad -eq 0 ] || [ "$failed" -gt 0 ] || count 0 1
}

echo "== unit tests"
unit_tests build/release

echo "== lit"
out=$(/usr/lib/llvm-22/bin/lit -sv -j2 build/release/test 2>&1)
echo "$out" | tail -n 60
number() { sed -nE "s/^ *$1 *: *([0-9]+).*/\1/p" <<<"$out" | head -n 1; }
lit_passed=$(number Passed) lit_failed=$(number Failed) lit_unresolved=$(number Unresolved)
[ -n "$lit_passed" ] || lit_failed=${lit_failed:-1}
count "${lit_passed:-0}" "$((${lit_failed:-0} + ${lit_unresolved:-0}))"

echo "== documentation"
scripts/docs.sh --check && count 1 0 || count 0 1

echo "== the runtime without LLVM"
scripts/test_runtime.sh && count 1 0 || count 0 1
unit_tests build/no-llvm

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]

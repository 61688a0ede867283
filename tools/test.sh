#!/usr/bin/env bash
# Builds and tests the named presets, and ends with the line `N passed, N failed`: the number of
# test cases over all of them.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

mkdir -p build
passed=0 failed=0 broken=()
for preset in "$@"; do
  echo "== $preset"
  results=$PWD/build/$preset.xml
  rm -f "$results"
  if ! cmake --preset "$preset" --log-level=STATUS >"build/$preset.log" 2>&1; then
    cat "build/$preset.log" >&2
    broken+=("$preset: configuring")
    continue
  fi
  grep '^-- quip:' "build/$preset.log"
  if ! cmake --build --preset "$preset"; then
    broken+=("$preset: building")
    continue
  fi
  ctest --preset "$preset" --output-junit "$results" || broken+=("$preset: testing")
  count() { sed -n "0,/[[:space:]]$1=\"\([0-9]*\)\".*/s//\n\1/p" "$results" | tail -n 1; }
  ((failed += $(count failures), passed += $(count tests) - $(count failures)))
done

for step in "${broken[@]}"; do echo "test: failed at $step" >&2; done
echo "$passed passed, $failed failed"
((${#broken[@]} == 0 && failed == 0))

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
  rm -f "$results" build/*/tests/parts/*.xml
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
  while read -r status name; do  # a name may have blanks
    part=$(echo build/*/tests/parts/"$name".xml)
    if [[ -f $part ]]; then  # a part of a suite counts by its tests
      read -r tests failures < <(sed -n 's/^<testsuites tests="\([0-9]*\)" failures="\([0-9]*\)".*/\1 \2/p' "$part")
      ((failures > 0)) || [[ $status == run ]] || failures=1  # a leak, say, found at its end
      ((failed += failures, passed += tests - failures))
    elif [[ $status == run ]]; then
      ((passed += 1))
    else
      ((failed += 1))
    fi
  done < <(sed -n 's/^[[:space:]]*<testcase name="\([^"]*\)".* status="\([a-z]*\)".*/\2 \1/p' "$results")
done

for step in "${broken[@]}"; do echo "test: failed at $step" >&2; done
echo "$passed passed, $failed failed"
((${#broken[@]} == 0 && failed == 0))

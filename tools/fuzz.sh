#!/usr/bin/env bash
# Builds the fuzz targets and runs each for FUZZ_SECONDS (60): first its seed inputs in
# fuzz/corpus/, then new ones. Ends with the line `N passed, N failed`, one for each target. What
# is found lies in build/fuzz/artifacts; inputs that reached new code are kept in
# build/fuzz/corpus and tried first the next time.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

build=build/fuzz
seconds=${FUZZ_SECONDS:-60}
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1:detect_stack_use_after_return=1}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1:halt_on_error=1}

mkdir -p build
cmake --preset fuzz --log-level=STATUS >build/fuzz.log 2>&1 || { cat build/fuzz.log >&2; exit 1; }
grep '^-- quip:' build/fuzz.log
cmake --build --preset fuzz || { echo "fuzz: failed at building" >&2; exit 1; }

fuzz_one() {
  local name=$1
  local corpus=$build/corpus/$name artifacts=$build/artifacts/$name log=$build/$name.log
  mkdir -p "$corpus" "$artifacts"
  if "$build/fuzz/fuzz_$name" -max_total_time="$seconds" -max_len=1000 -len_control=0 -timeout=30 \
      -rss_limit_mb=2048 -artifact_prefix="$artifacts/" "$corpus" "fuzz/corpus/$name" >"$log" 2>&1; then
    echo "== $name, $seconds s: $(grep '^Done' "$log")"
  else
    grep -vE 'NEW|REDUCE|pulse|RELOAD' "$log" | tail -n 60 >&2
    echo "fuzz: $name failed; once more: $build/fuzz/fuzz_$name $artifacts/<the newest file>" >&2
    return 1
  fi
}
export -f fuzz_one
export build seconds

passed=0 failed=0
while read -r status; do
  if ((status == 0)); then ((passed += 1)); else ((failed += 1)); fi
done < <(basename -s .cpp fuzz/*.cpp |
  xargs --max-args=1 --max-procs=2 bash -c 'fuzz_one "$0" >&2; echo $?')
echo "$passed passed, $failed failed"
((failed == 0))

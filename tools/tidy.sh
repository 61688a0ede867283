#!/usr/bin/env bash
# Runs clang-tidy 19 over the given sources, or over src/ and the program; the headers under
# include/quip are judged through the sources that include them. A source whose text, headers and
# checks are as they were when it last passed is passed over.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
command -v clang-tidy-19 >/dev/null || {
  echo "tidy: looked for clang-tidy-19 and found none: run tools/setup.sh --ci" >&2
  exit 1
}
build=build/clang
[[ -f $build/compile_commands.json ]] || cmake --preset clang >/dev/null

mkdir -p "$build/tidy"
state=$(find include .clang-tidy -type f -print0 | sort -z | xargs -0 cat | cksum)

tidy_one() {
  local source=$1 stamp
  stamp=$build/tidy/${source//\//_}
  local key="$state $(cksum <"$source")"
  [[ $(cat "$stamp" 2>/dev/null) != "$key" ]] || return 0
  echo "tidy: $source"
  clang-tidy-19 --quiet -p "$build" "$source" 2> >(grep -v 'warnings\? generated\.$' >&2) || return 1
  echo "$key" >"$stamp"
}
export -f tidy_one
export build state

if (($#)); then
  printf '%s\0' "$@"
else
  find src tools -name '*.cpp' -print0 | sort -z
fi | xargs -0 --no-run-if-empty --max-args=1 --max-procs=2 bash -c 'tidy_one "$0"'

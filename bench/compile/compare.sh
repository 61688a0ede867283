#!/usr/bin/env bash
# What binding one class of 20 members costs the compiler, in quip and in pybind11 (Debian's
# pybind11-dev and python3-dev): the least of five runs' user seconds, the size of the object's code and data.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
flags=(-std=c++20 -O2 -DNDEBUG -fvisibility=hidden -c)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

measure() {  # name source includes...
  local name=$1 source=$2 best=999 took
  shift 2
  for _ in 1 2 3 4 5; do
    took=$( { TIMEFORMAT=%U; time "${CXX:-g++}" "${flags[@]}" "$@" "$source" -o "$work/$name.o"; } 2>&1)
    best=$(printf '%s\n%s\n' "$best" "$took" | sort -g | head -n 1)
  done
  printf '%-10s %s s, object %s bytes (text + data %s)\n' "$name" "$best" \
    "$(stat -c %s "$work/$name.o")" "$(size "$work/$name.o" | awk 'NR == 2 { print $1 + $2 }')"
}

measure quip bench/compile/quip.cpp -Iinclude -isystem .deps/quickjs-ng
measure pybind11 bench/compile/pybind11.cpp $(python3-config --includes | tr ' ' '\n' | sed 's/^-I/-isystem/')

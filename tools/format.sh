#!/usr/bin/env bash
# Runs clang-format 19 over all of the project's C and C++ sources with the given options:
# `-i` rewrites them, `--dry-run -Werror` fails if one would change.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
command -v clang-format-19 >/dev/null || {
  echo "format: looked for clang-format-19 and found none: run tools/setup.sh --ci" >&2
  exit 1
}
find . \( -path ./build -o -path './.?*' \) -prune -o \
  \( -name '*.hpp' -o -name '*.cpp' -o -name '*.h' -o -name '*.c' \) -print0 |
  xargs -0 --no-run-if-empty --max-args=32 --max-procs=2 clang-format-19 "$@"

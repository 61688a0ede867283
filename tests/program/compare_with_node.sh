#!/bin/sh
# Holds the expected output of the cases that are marked same_in_node against what Node prints.
# Usage: compare_with_node.sh [NODE]
set -u
cd "$(dirname "$0")/cases" || exit 1
node="${1:-node}"
if ! command -v "$node" >/dev/null; then
  echo "compare_with_node: no $node here, nothing compared"
  exit 0
fi
compared=0
different=0
for marker in */same_in_node; do
  case="${marker%/same_in_node}"
  compared=$((compared + 1))
  (cd "$case" && "$node" main.mjs 2>/dev/null) | diff -u "$case/expected.txt" - || {
    echo "compare_with_node: $case differs"
    different=$((different + 1))
  }
done
echo "compare_with_node: $compared compared, $different different"
[ "$different" -eq 0 ]

#!/bin/sh
# Counts the instructions of each row: measure.sh PROGRAM [ROWS THAT CONTAIN]
#
# Runs PROGRAM under callgrind and prints a line a row,
#   NAME first=N second=N [third=N] ratio=R limit=L
# N being instructions per operation and R the first's count by the second's. Exits with 1 when a
# row is over its limit, with 2 when nothing could be measured.
set -eu
program=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

command -v valgrind >/dev/null || { echo "measure.sh: valgrind is not installed" >&2; exit 2; }
valgrind --tool=callgrind --callgrind-out-file="$work/out" "$program" --count "${2:-}" \
  >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 2; }

# Each dump has a line `desc: Trigger: Client Request: NAME|VARIANT|N|LIMIT` and a line `totals: I`.
awk '
  FNR == 1 { tag = "" }
  /^desc: Trigger: Client Request: / { sub(/^desc: Trigger: Client Request: /, ""); tag = $0 }
  /^totals: / && tag != "" {
    split(tag, part, "|")
    print part[1] "|" part[2], part[3], $2, part[4]
  }' "$work"/out.* |
awk '
  # the two lengths of a variant come in any order
  $1 in seen {
    split($1, part, "|")
    cost[$1] = ($3 - total[$1]) / ($2 - length_of[$1])
    next
  }
  { seen[$1] = 1; length_of[$1] = $2; total[$1] = $3; limit[$1] = $4 }
  END { for (key in cost) print key, cost[key], limit[key] }
' >"$work/costs"

# The order of the rows is the program's own.
"$program" --list "${2:-}" >"$work/order"
awk '
  FNR == NR { cost[$1] = $2; limit[$1] = $3; next }
  {
    split($1, part, "|")
    if (part[1] != name) { finish(); name = part[1]; line = name; count = 0 }
    line = line sprintf(" %s=%.0f", part[2], cost[$1])
    value[count++] = cost[$1]
    bound = limit[$1]
  }
  function finish() {
    if (name == "") return
    ratio = value[0] / value[1]
    rows++
    printf "%s ratio=%.3f", line, ratio
    if (bound == 0) { print " limit=none"; return }
    over = ratio > bound + 0.0005
    printf " limit=%.2f%s\n", bound, (over ? " OVER" : "")
    if (over) failed++
  }
  END {
    finish()
    if (rows == 0) { print "measure.sh: no row was measured" >"/dev/stderr"; exit 2 }
    if (failed > 0) { printf "%d of %d rows are over their limit\n", failed, rows; exit 1 }
  }
' "$work/costs" "$work/order"

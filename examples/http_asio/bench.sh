#!/usr/bin/env bash
# Requests a second of three servers with the same pages, one after the other: handlers in
# JavaScript in quip, handlers in C++ in the same server, and Node with the same JavaScript.
#
#   examples/http_asio/bench.sh <program http_asio> [page]     e.g. build/release/examples/http_asio/http_asio /hello
#
#   QUIP_BENCH_SECONDS=30   how long each is asked
set -euo pipefail
folder=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
program=${1:?usage: bench.sh PROGRAM [PAGE]}
page=${2:-/hello}
seconds=${QUIP_BENCH_SECONDS:-30}
server=
log=$(mktemp)
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -f "$log"' EXIT

memory() { awk '/^VmRSS/ { printf "%.1f MB", $2 / 1024 }' "/proc/$server/status"; }

measure() {
  local name=$1 url= before report
  shift
  "$@" > "$log" &
  server=$!
  while [ -z "$url" ]; do
    kill -0 "$server" || { echo "$name did not start" >&2; exit 1; }
    sleep 0.1
    url=$(sed -n 's/^listening on //p' "$log")
  done
  wrk -t2 -c100 -d2s "$url$page" > /dev/null # warm
  before=$(memory)
  report=$(wrk -t2 -c100 -d"${seconds}s" --latency "$url$page")
  printf '%-22s %10s requests/s   99%%: %8s   memory %s -> %s   %s\n' "$name" \
    "$(awk '/^Requests\/sec/ { print $2 }' <<<"$report")" \
    "$(awk '/ 99%/ { print $2 }' <<<"$report")" "$before" "$(memory)" \
    "$(grep -E 'Socket errors|Non-2xx' <<<"$report" | tr -s ' \n' ' ' || echo 'no errors')"
  kill "$server"
  wait "$server" 2>/dev/null || true
  server=
}

echo "wrk -t2 -c100 -d${seconds}s $page"
measure "quip, JavaScript" "$program" "$folder" 0
measure "quip's server, C++" "$program" "$folder" 0 --native
measure "Node $(node --version)" node "$folder/node.mjs" 0

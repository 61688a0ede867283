#!/usr/bin/env bash
# Prepares a machine for building quip: the Debian packages that the build needs, and the
# sources of both engines in .deps/. Can be run at any time; does nothing when all is there.
#
#   tools/setup.sh         what `make run` and `make test` need
#   tools/setup.sh --ci    what .ci/run and the benchmarks need as well
#   tools/setup.sh --compare   what bench/compile/ compares quip with
#
# Works as root (missing packages are installed) and as a plain user (missing tools are named).
# The engines come through apt, from the Debian mirror that this machine already uses, with apt's
# state kept in .deps/apt: the system's own apt sources and lists stay as they are.
#
#   QUIP_DEBIAN_MIRROR=<url>   use this Debian mirror instead of the machine's own
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD

# Package, and the command or file that shows that it is there (from wherever it came).
build_packages=(
  "g++              g++"
  "gcc              gcc"
  "clang-19         clang++-19"
  "libclang-rt-19-dev /usr/lib/llvm-19/lib/clang/19/lib/linux"
  "make             make"
  "cmake            cmake"
  "ninja-build      ninja"
  "pkg-config       pkg-config"
  "dpkg-dev         dpkg-source"
  "libgtest-dev     /usr/include/gtest/gtest.h"
  "libgmock-dev     /usr/include/gmock/gmock.h"
  "libasio-dev      /usr/include/asio.hpp"
  "libboost-dev     /usr/include/boost/beast.hpp"
  "libuv1-dev       /usr/include/uv.h"
  "libglib2.0-dev   /usr/include/glib-2.0/glib.h"
)
ci_packages=(
  "clang-format-19  clang-format-19"
  "clang-tidy-19    clang-tidy-19"
  "libbenchmark-dev /usr/include/benchmark/benchmark.h"
  "valgrind         valgrind"
  "gdb              gdb"
  "nodejs           node"
  "npm              npm"
  "wrk              wrk"
)
compare_packages=(
  "pybind11-dev     /usr/include/pybind11/pybind11.h"
  "python3-dev      python3-config"
)

packages=("${build_packages[@]}")
case "${1:-}" in
  "") ;;
  --ci) packages+=("${ci_packages[@]}") ;;
  --compare) packages+=("${compare_packages[@]}") ;;
  *) echo "usage: tools/setup.sh [--ci | --compare]" >&2; exit 2 ;;
esac

fail() { printf 'setup: %s\n' "$@" >&2; exit 1; }

# ---- packages --------------------------------------------------------------------------------

missing_packages() {
  local package probe
  for entry in "${packages[@]}"; do
    read -r package probe <<<"$entry"
    if [[ $probe == /* ]]; then
      [[ -e $probe ]] || echo "$package"
    else
      command -v "$probe" >/dev/null || echo "$package"
    fi
  done
}

install_packages() {
  local missing
  mapfile -t missing < <(missing_packages)
  ((${#missing[@]})) || return 0
  if ((EUID != 0)); then
    fail "these packages' tools or headers were looked for and not found: ${missing[*]}" \
         "install them as root: apt-get install ${missing[*]}"
  fi
  command -v apt-get >/dev/null ||
    fail "not found: ${missing[*]}; there is no apt-get here, so install them by this system's own means"
  echo "setup: installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq || fail "apt-get update failed; the messages above say why"
  apt-get install -y -qq --no-install-recommends "${missing[@]}" >.deps/apt-install.log 2>&1 || {
    tail -n 20 .deps/apt-install.log >&2
    fail "apt-get could not install: ${missing[*]}" "whole log: .deps/apt-install.log"
  }
  mapfile -t missing < <(missing_packages)
  ((${#missing[@]} == 0)) || fail "installed, but still without the expected command or file: ${missing[*]}"
}

# ---- engines ---------------------------------------------------------------------------------

# apt with its whole state in .deps/apt. $sources is the sources.list to work with.
private_apt() {
  local state=$root/.deps/apt
  local options=(-qq -o Dir::State::Lists="$state/lists" -o Dir::Cache="$state/cache"
    -o Acquire::Languages=none -o Acquire::Retries=3)
  if [[ -n ${sources:-} ]]; then
    options+=(-o Dir::Etc::SourceList="$sources" -o Dir::Etc::SourceParts=/dev/null)
  fi
  # Root's apt would fetch as the user _apt, who may not write here.
  ((EUID != 0)) || options+=(-o APT::Sandbox::User=root)
  mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
  apt-get "${options[@]}" "$@"
}

# The mirror of Debian's main archive among the machine's apt sources, if apt has lists for it.
mirror_from_lists() {
  "$@" indextargets --format '$(CREATED_BY) $(ORIGIN) $(LABEL) $(COMPONENT) $(CODENAME) $(REPO_URI)' |
    awk '$1 == "Packages" && $2 == "Debian" && $3 == "Debian" && $4 == "main" && $5 !~ /-/ { print $6; exit }'
}

debian_mirror() {
  if [[ -n ${QUIP_DEBIAN_MIRROR:-} ]]; then echo "$QUIP_DEBIAN_MIRROR"; return; fi
  local mirror
  mirror=$(mirror_from_lists apt-get)
  if [[ -z $mirror ]]; then
    # No lists yet, as in a fresh container: fetch them into the private state.
    sources="" private_apt update >&2 || true
    mirror=$(sources="" mirror_from_lists private_apt)
  fi
  [[ -n $mirror ]] || fail \
    "looked for a Debian archive among this machine's apt sources (apt-get indextargets) and found none" \
    "name one: QUIP_DEBIAN_MIRROR=<url of a Debian mirror> tools/setup.sh" \
    "or bring an engine yourself: unpack its sources and configure with -DQUIP_ENGINE_SOURCE=<dir>"
  echo "$mirror"
}

fetch_engines() {
  command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || fail \
    "looked for apt-get and dpkg-deb, which bring the engines' sources, and did not find them" \
    "unpack quickjs-ng into .deps/quickjs-ng and Bellard's quickjs into .deps/quickjs yourself," \
    "or configure with -DQUIP_ENGINE_SOURCE=<dir>"

  local keyring=/usr/share/keyrings/debian-archive-keyring.gpg mirror
  [[ -r $keyring ]] || fail "looked for Debian's archive keys in $keyring: install debian-archive-keyring"
  mirror=$(debian_mirror) || exit 1
  rm -rf .deps/apt .deps/fetch
  mkdir -p .deps/apt .deps/fetch
  sources=$root/.deps/apt/sources.list
  printf '%s [signed-by=%s] %s %s main\n' \
    deb "$keyring" "$mirror" testing deb-src "$keyring" "$mirror" trixie >"$sources"
  echo "setup: fetching the engines' sources from $mirror"
  private_apt update --error-on=any || fail \
    "apt could not read the suites testing and trixie of $mirror; the messages above say why" \
    "if that mirror does not carry them, name another: QUIP_DEBIAN_MIRROR=<url> tools/setup.sh"

  (
    cd .deps/fetch
    private_apt download qjs-src || fail \
      "looked for the package qjs-src (quickjs-ng's sources) in testing on $mirror"
    dpkg-deb -x qjs-src_*.deb unpacked
    [[ -f unpacked/usr/src/quickjs-ng/quickjs.h ]] || fail \
      "looked for usr/src/quickjs-ng/quickjs.h in $(echo qjs-src_*.deb)"
    private_apt source --download-only quickjs || fail \
      "looked for the source package quickjs (Bellard's engine) in trixie on $mirror"
    dpkg-source --no-check -x quickjs_*.dsc unpacked/quickjs >dpkg-source.log 2>&1 || {
      cat dpkg-source.log >&2
      fail "dpkg-source could not unpack $(echo quickjs_*.dsc)"
    }
  ) || exit 1
  rm -rf .deps/quickjs-ng .deps/quickjs
  mv .deps/fetch/unpacked/usr/src/quickjs-ng .deps/quickjs-ng
  mv .deps/fetch/unpacked/quickjs .deps/quickjs
  rm -rf .deps/apt .deps/fetch
}

ng_version() {
  sed -n 's/^#define[ \t]*QJS_VERSION_\(MAJOR\|MINOR\|PATCH\)[ \t]*\([0-9]*\).*/\2/p' \
    .deps/quickjs-ng/quickjs.h | paste -sd.
}

# ---- main ------------------------------------------------------------------------------------

mkdir -p .deps
# The engines are fetched anew when this script changes; packages are looked for each time.
stamp=$(cksum <tools/setup.sh)
install_packages
if [[ ! -f .deps/quickjs-ng/quickjs.h || ! -f .deps/quickjs/quickjs.h ||
      $(cat .deps/stamp 2>/dev/null) != "$stamp" ]]; then
  fetch_engines
  echo "$stamp" >.deps/stamp
  echo "setup: compiler    $(g++ --version | head -n 1)"
  echo "setup: cmake       $(cmake --version | head -n 1)"
  echo "setup: quickjs-ng  $(ng_version)  in .deps/quickjs-ng"
  echo "setup: quickjs     $(cat .deps/quickjs/VERSION)  in .deps/quickjs"
fi

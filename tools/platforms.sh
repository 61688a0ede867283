#!/usr/bin/env bash
# Builds and tests quip for other platforms than the machine's own, and ends with the line
# `N passed, N failed`. docs/platforms.md has what is tested on each, and what is not.
#
#   tools/platforms.sh <i686 | aarch64 | windows | all>...
#
#   QUIP_PLATFORM_ENGINES="quickjs-ng bellard"   the engines; quickjs-ng alone without it
#
# Cross compilers and emulators are Debian's: missing packages are installed as root, and named for
# others. googletest is built from /usr/src/googletest into .deps/targets/<platform>, where wine's
# folder for the programs of Windows is too.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

fail() { printf 'platforms: %s\n' "$@" >&2; exit 1; }
usage() { echo "usage: tools/platforms.sh <i686 | aarch64 | windows | all>..." >&2; exit 2; }

(($#)) || usage
platforms=()
for name in "$@"; do
  case $name in
    i686 | aarch64 | windows) platforms+=("$name") ;;
    all) platforms+=(i686 windows aarch64) ;;
    *) usage ;;
  esac
done
engines=()
for engine in ${QUIP_PLATFORM_ENGINES:-quickjs-ng}; do
  case $engine in
    quickjs-ng | bellard) engines+=("$engine") ;;
    *) fail "QUIP_PLATFORM_ENGINES names $engine: the engines are quickjs-ng and bellard" ;;
  esac
done

declare -A toolchain=(
  [i686]=i686-linux-gnu
  [aarch64]=aarch64-linux-gnu
  [windows]=x86_64-w64-mingw32
)

# ---- packages ----------------------------------------------------------------------------------

# Package, and the command or file that shows that it is there.
packages_of() {
  echo "googletest /usr/src/googletest/CMakeLists.txt"
  case $1 in
    i686) echo "g++-i686-linux-gnu i686-linux-gnu-g++" ;;
    aarch64)
      echo "g++-aarch64-linux-gnu aarch64-linux-gnu-g++"
      echo "qemu-user-static qemu-aarch64-static"
      ;;
    windows)
      echo "g++-mingw-w64-x86-64-posix x86_64-w64-mingw32-g++-posix"
      echo "wine wine"
      echo "wine64 /usr/lib/wine/wine64"
      ;;
  esac
}

missing_packages() {
  local package probe
  for platform in "${platforms[@]}"; do packages_of "$platform"; done | sort -u |
    while read -r package probe; do
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
  ((EUID == 0)) || fail "not found: ${missing[*]}; install them as root: apt-get install ${missing[*]}"
  echo "platforms: installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  local wait=(-o DPkg::Lock::Timeout=300)
  apt-get "${wait[@]}" update -qq || fail "apt-get update failed; the messages above say why"
  apt-get "${wait[@]}" install -y -qq --no-install-recommends "${missing[@]}" \
    >.deps/apt-install.log 2>&1 || {
    tail -n 20 .deps/apt-install.log >&2
    fail "apt-get could not install: ${missing[*]}" "whole log: .deps/apt-install.log"
  }
}

# ---- what a platform's tests need ----------------------------------------------------------------

# googletest for the platform, and the loops that are headers alone.
prepare() {
  local platform=$1 prefix=$PWD/.deps/targets/$1 log=$PWD/.deps/targets/$1.log
  mkdir -p "$prefix"
  if [[ ! -f $prefix/lib/cmake/GTest/GTestConfig.cmake ]]; then
    echo "platforms: building googletest for $platform"
    {
      cmake -S /usr/src/googletest -B "$prefix/googletest" -G Ninja \
        "-DCMAKE_TOOLCHAIN_FILE=$PWD/cmake/toolchains/${toolchain[$platform]}.cmake" \
        -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_FLAGS=-w -DCMAKE_CXX_STANDARD=20 \
        "-DCMAKE_INSTALL_PREFIX=$prefix" &&
        cmake --build "$prefix/googletest" --target install
    } >"$log" 2>&1 || {
      tail -n 20 "$log" >&2
      fail "googletest could not be built for $platform; whole log: $log"
    }
    rm -rf "$prefix/googletest"
  fi
  local header
  for header in asio.hpp asio boost; do
    [[ ! -e /usr/include/$header ]] || ln -sfn "/usr/include/$header" "$prefix/include/$header"
  done
  if [[ $platform == windows && ! -f $prefix/wine/system.reg ]]; then
    echo "platforms: making a folder for wine"
    WINEPREFIX=$prefix/wine WINEDEBUG=-all DISPLAY='' wine wineboot --init >"$log" 2>&1 </dev/null ||
      fail "wine could not make its folder; whole log: $log"
  fi
}

# ---- main ------------------------------------------------------------------------------------

mkdir -p .deps
install_packages
presets=()
for platform in "${platforms[@]}"; do
  prepare "$platform"
  for engine in "${engines[@]}"; do
    [[ $engine == quickjs-ng ]] && presets+=("$platform") || presets+=("$platform-$engine")
  done
done
exec tools/test.sh "${presets[@]}"

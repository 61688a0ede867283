# 64-bit ARM on Linux, by Debian's g++-aarch64-linux-gnu; programs run under qemu's user emulation.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_CROSSCOMPILING_EMULATOR /usr/bin/qemu-aarch64-static -L /usr/aarch64-linux-gnu)

set(_target aarch64)
include("${CMAKE_CURRENT_LIST_DIR}/find-root.cmake")
list(APPEND CMAKE_FIND_ROOT_PATH /usr/aarch64-linux-gnu)

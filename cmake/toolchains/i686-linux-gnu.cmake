# 32-bit x86 on Linux, by Debian's g++-i686-linux-gnu. The programs run on a 64-bit Debian as they
# are: they find the C library where that compiler's packages put it.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR i686)
set(CMAKE_C_COMPILER i686-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER i686-linux-gnu-g++)

# The old floating point unit computes with 80 bits, which is not what ECMA-262 says of Numbers.
set(CMAKE_C_FLAGS_INIT "-msse2 -mfpmath=sse")
set(CMAKE_CXX_FLAGS_INIT "-msse2 -mfpmath=sse")
set(_libraries /usr/i686-linux-gnu/lib)
set(CMAKE_EXE_LINKER_FLAGS_INIT "-Wl,--dynamic-linker=${_libraries}/ld-linux.so.2,-rpath,${_libraries}")

# Without an emulator, CMake takes no program for one that can run here.
set(CMAKE_CROSSCOMPILING_EMULATOR /usr/bin/env)

set(_target i686)
include("${CMAKE_CURRENT_LIST_DIR}/find-root.cmake")
list(APPEND CMAKE_FIND_ROOT_PATH /usr/i686-linux-gnu)

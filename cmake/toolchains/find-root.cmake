# What tools/platforms.sh built for the target `_target` lies in .deps/targets/<_target>, which is
# set as `_prefix`. Libraries are looked for there and in the cross compiler's own folder, never
# among those of the machine that builds.
get_filename_component(_prefix "${CMAKE_CURRENT_LIST_DIR}/../../.deps/targets/${_target}" ABSOLUTE)
set(CMAKE_FIND_ROOT_PATH "${_prefix}")
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(ENV{PKG_CONFIG_LIBDIR} "${_prefix}/lib/pkgconfig")

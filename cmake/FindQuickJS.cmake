# Finds Bellard's QuickJS in the layout that its Makefile and the distributions install:
# <prefix>/include/quickjs/quickjs.h and <prefix>/lib/quickjs/libquickjs.a.
#
# Sets QuickJS_FOUND, QuickJS_VERSION (a date, such as 2025-04-26), QuickJS_INCLUDE_DIR and
# QuickJS_LIBRARY, and defines the target QuickJS::QuickJS. Hint: QuickJS_ROOT.
# quickjs-ng is not found by this module: it has a package of its own, qjs.

find_path(QuickJS_INCLUDE_DIR quickjs.h PATH_SUFFIXES quickjs)
find_library(QuickJS_LIBRARY quickjs PATH_SUFFIXES quickjs)
mark_as_advanced(QuickJS_INCLUDE_DIR QuickJS_LIBRARY)

set(QuickJS_VERSION "")
if(QuickJS_INCLUDE_DIR AND QuickJS_LIBRARY)
  file(STRINGS "${QuickJS_INCLUDE_DIR}/quickjs.h" _ng REGEX "^#define[ \t]+QUICKJS_NG")
  if(NOT _ng)
    # The header does not say its version; the library has it in a text that it can print.
    file(STRINGS "${QuickJS_LIBRARY}" _text REGEX "QuickJS memory usage -- [0-9]" LIMIT_COUNT 1)
    string(REGEX MATCH "[0-9]+-[0-9]+-[0-9]+" QuickJS_VERSION "${_text}")
  endif()
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(QuickJS
  REQUIRED_VARS QuickJS_LIBRARY QuickJS_INCLUDE_DIR QuickJS_VERSION
  VERSION_VAR QuickJS_VERSION)

if(QuickJS_FOUND AND NOT TARGET QuickJS::QuickJS)
  find_package(Threads REQUIRED)
  add_library(QuickJS::QuickJS UNKNOWN IMPORTED)
  set_target_properties(QuickJS::QuickJS PROPERTIES
    IMPORTED_LOCATION "${QuickJS_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${QuickJS_INCLUDE_DIR}"
    INTERFACE_LINK_LIBRARIES "Threads::Threads;m")
endif()

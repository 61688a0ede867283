# Finds the JavaScript engine and defines the target quip_engine (quip::engine) for it, with which
# `#include <quickjs.h>` works whatever the engine's layout is.
#
# Three ways, in this order:
#   1. QUIP_ENGINE_SOURCE, a source tree, compiled here with the host's flags;
#   2. an installed package: CMake's package qjs for quickjs-ng, FindQuickJS.cmake for Bellard's;
#   3. the source tree that `make setup` put into .deps/, compiled like the first.
#
# Sets QUIP_ENGINE_VERSION, and QUIP_ENGINE_PACKAGE (qjs or QuickJS) if the second way was taken.

set(QUIP_ENGINE "quickjs-ng" CACHE STRING "The engine: quickjs-ng, or quickjs for Bellard's")
set_property(CACHE QUIP_ENGINE PROPERTY STRINGS quickjs-ng quickjs)
set(QUIP_ENGINE_SOURCE "" CACHE PATH "The engine's source tree; empty: use an installed package or .deps/")

if(QUIP_ENGINE STREQUAL "quickjs-ng")
  set(_oldest 0.12)
elseif(QUIP_ENGINE STREQUAL "quickjs")
  set(_oldest 2025-04-26)
else()
  message(FATAL_ERROR "quip: QUIP_ENGINE is \"${QUIP_ENGINE}\"; it can be quickjs-ng or quickjs")
endif()

# The version of quickjs-ng that a header belongs to; empty if it is not quickjs-ng's.
function(quip_ng_version header result)
  set(version "")
  if(EXISTS "${header}")
    foreach(part MAJOR MINOR PATCH)
      file(STRINGS "${header}" line REGEX "^#define[ \t]+QJS_VERSION_${part}[ \t]")
      if(line MATCHES "([0-9]+)[^0-9]*$")
        list(APPEND version ${CMAKE_MATCH_1})
      endif()
    endforeach()
    list(JOIN version "." version)
  endif()
  set(${result} "${version}" PARENT_SCOPE)
endfunction()

# Looks at a source tree: sets `version`, or `problem` to what is wrong with the tree.
function(quip_inspect_source directory)
  set(version "")
  set(problem "")
  if(NOT EXISTS "${directory}/quickjs.c" OR NOT EXISTS "${directory}/quickjs.h")
    set(problem "${directory} has no quickjs.c and quickjs.h")
  else()
    quip_ng_version("${directory}/quickjs.h" ng_version)
    if(QUIP_ENGINE STREQUAL "quickjs-ng")
      set(version "${ng_version}")
      if(NOT version)
        set(problem "${directory} is not quickjs-ng (its quickjs.h has no QJS_VERSION_MAJOR)")
      endif()
    elseif(ng_version)
      set(problem "${directory} is quickjs-ng ${ng_version}, not Bellard's quickjs")
    elseif(NOT EXISTS "${directory}/VERSION")
      set(problem "${directory} has no file VERSION, which Bellard's quickjs has")
    else()
      file(STRINGS "${directory}/VERSION" version LIMIT_COUNT 1)
    endif()
    quip_check_age("${version}" "${directory}")
  endif()
  set(version "${version}" PARENT_SCOPE)
  set(problem "${problem}" PARENT_SCOPE)
endfunction()

# Sets `problem` in the caller if there is a version and it is too old.
function(quip_check_age version where)
  string(REPLACE "-" "." version_number "${version}")
  string(REPLACE "-" "." oldest_number "${_oldest}")
  if(version AND version_number VERSION_LESS oldest_number)
    set(problem "${QUIP_ENGINE} ${version} in ${where} is too old: ${_oldest} or later is needed" PARENT_SCOPE)
  endif()
endfunction()

# Defines the target, an engine from a source tree. Definitions may follow.
function(quip_compile_engine target directory version)
  set(sources quickjs dtoa libregexp libunicode)
  if(EXISTS "${directory}/cutils.c")  # a header of its own since quickjs-ng 0.14
    list(APPEND sources cutils)
  endif()
  list(TRANSFORM sources REPLACE "(.+)" "${directory}/\\1.c")
  add_library(${target} ${sources})

  # Only quickjs.h is for users of the engine; its neighbours have names that others use too.
  set(include_directory "${PROJECT_BINARY_DIR}/engine/include")
  configure_file("${directory}/quickjs.h" "${include_directory}/quickjs.h" COPYONLY)
  target_include_directories(${target} SYSTEM INTERFACE
    $<BUILD_INTERFACE:${include_directory}>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/quip-engine>)

  set_target_properties(${target} PROPERTIES
    C_STANDARD 11
    C_EXTENSIONS ON
    C_VISIBILITY_PRESET default
    VERSION ${PROJECT_VERSION}
    SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
  target_compile_definitions(${target} PRIVATE _GNU_SOURCE ${ARGN})
  target_compile_options(${target} PRIVATE
    -w       # its warnings are not ours to mend
    -fwrapv  # both engines rely on it
    # -O3 makes the engine's string scans 4 to 6 times shorter than -O2; in Debug, -O1 keeps the
    # interpreter's stack frames and the tests' time within reason.
    $<$<CONFIG:Release>:-O3>
    $<$<CONFIG:Debug>:-O1>)
  if(QUIP_ENGINE STREQUAL "quickjs-ng")
    target_compile_options(${target} PRIVATE -funsigned-char)
  else()
    target_compile_definitions(${target} PRIVATE CONFIG_VERSION="${version}")
    # Its own Makefile never turns assertions off.
    target_compile_options(${target} PRIVATE -UNDEBUG)
  endif()

  set(sanitizers ${QUIP_SANITIZE})
  if(QUIP_ENGINE STREQUAL "quickjs")
    # Bellard's engine does things that UBSan objects to, such as counting the zeros of 0.
    list(REMOVE_ITEM sanitizers undefined)
  endif()
  if("address" IN_LIST sanitizers AND CMAKE_C_COMPILER_ID MATCHES "Clang")
    # By this macro of GCC's quickjs-ng has each object in a block of its own: in its arenas the
    # sanitizer does not see what is used after it was freed.
    target_compile_definitions(${target} PRIVATE __SANITIZE_ADDRESS__)
  endif()
  quip_sanitizer_flags("${sanitizers}" flags)
  target_compile_options(${target} PRIVATE ${flags} ${QUIP_LTO_LIBRARY_FLAGS})

  find_package(Threads REQUIRED)
  target_link_libraries(${target} PUBLIC Threads::Threads m)
endfunction()

# ---- the search ------------------------------------------------------------------------------

set(_deps "${PROJECT_SOURCE_DIR}/.deps/${QUIP_ENGINE}")
set(_source "")
set(QUIP_ENGINE_PACKAGE "")

if(QUIP_ENGINE_SOURCE)
  quip_inspect_source("${QUIP_ENGINE_SOURCE}")
  if(problem)
    message(FATAL_ERROR
      "quip: QUIP_ENGINE_SOURCE cannot be used as QUIP_ENGINE=${QUIP_ENGINE}: ${problem}.\n"
      "Name the folder that holds the engine's quickjs.c (`make setup` puts one into .deps/${QUIP_ENGINE}).")
  endif()
  set(_source "${QUIP_ENGINE_SOURCE}")
else()
  set(problem "")
  if(QUIP_ENGINE STREQUAL "quickjs-ng")
    # Before 0.15 the package qjs was installed in the folder cmake/quickjs.
    find_package(qjs CONFIG QUIET PATH_SUFFIXES lib/cmake/quickjs)
    if(qjs_FOUND)
      set(_target qjs)
      if(TARGET qjs::qjs)
        set(_target qjs::qjs)
      endif()
      get_target_property(_directories ${_target} INTERFACE_INCLUDE_DIRECTORIES)
      find_file(QUIP_ENGINE_HEADER quickjs.h PATHS ${_directories} /usr/include /usr/local/include NO_DEFAULT_PATH)
      mark_as_advanced(QUIP_ENGINE_HEADER)
      quip_ng_version("${QUIP_ENGINE_HEADER}" version)
      set(_where "${qjs_DIR}")
      set(_package qjs)
      if(NOT version)
        set(problem "the package in ${qjs_DIR} has no quickjs.h that says its version")
      endif()
    else()
      set(problem "find_package(qjs CONFIG) found none in CMAKE_PREFIX_PATH and the system's folders")
    endif()
  else()
    find_package(QuickJS QUIET)
    if(QuickJS_FOUND)
      set(_target QuickJS::QuickJS)
      set(version "${QuickJS_VERSION}")
      set(_where "${QuickJS_LIBRARY}")
      set(_package QuickJS)
    else()
      set(problem "no quickjs/quickjs.h and quickjs/libquickjs.a in CMAKE_PREFIX_PATH and the system's folders")
    endif()
  endif()
  if(NOT problem)
    quip_check_age("${version}" "${_where}")
  endif()
  set(_package_problem "${problem}")

  if(NOT problem)
    set(QUIP_ENGINE_PACKAGE ${_package})
  else()
    quip_inspect_source("${_deps}")
    if(problem)
      message(FATAL_ERROR
        "quip: no engine to build with. QUIP_ENGINE is ${QUIP_ENGINE}; looked for\n"
        "  1. a source tree named by QUIP_ENGINE_SOURCE: not set\n"
        "  2. an installed package: ${_package_problem}\n"
        "  3. what `make setup` brings: ${problem}\n"
        "Run `make setup`, or install the engine's development package, or set QUIP_ENGINE_SOURCE "
        "to the folder that holds the engine's quickjs.c.")
    endif()
    set(_source "${_deps}")
  endif()
endif()

if(_source)
  quip_compile_engine(quip_engine "${_source}" "${version}")
  if(QUIP_GC_STRESS)
    # For tests: it collects garbage at every allocation.
    quip_compile_engine(quip_engine_gc_stress "${_source}" "${version}" FORCE_GC_AT_MALLOC)
  endif()
  if(QUIP_BUILD_TESTS AND QUIP_ENGINE STREQUAL "quickjs-ng")
    # For tests: it asks the allocator for each block, as it does when GCC compiles it for
    # AddressSanitizer, and not for pages that it cuts small blocks from.
    quip_compile_engine(quip_engine_each_block "${_source}" "${version}" __SANITIZE_ADDRESS__=1)
    set_target_properties(quip_engine_each_block PROPERTIES EXCLUDE_FROM_ALL ON)
  endif()
  set(_where "compiled from ${_source}")
else()
  add_library(quip_engine INTERFACE)
  target_link_libraries(quip_engine INTERFACE ${_target})
  set(QUIP_ENGINE_PACKAGE_TARGET ${_target})
  set(_where "installed, ${_where}")
  if(QUIP_GC_STRESS)
    message(FATAL_ERROR "quip: QUIP_GC_STRESS needs an engine compiled here: set QUIP_ENGINE_SOURCE")
  endif()
endif()
target_compile_options(quip_engine INTERFACE ${QUIP_SANITIZER_FLAGS})
target_link_options(quip_engine INTERFACE ${QUIP_SANITIZER_FLAGS})
set_target_properties(quip_engine PROPERTIES
  EXPORT_NAME engine
  QUIP_ENGINE_VERSION "${version}"
  EXPORT_PROPERTIES QUIP_ENGINE_VERSION)
add_library(quip::engine ALIAS quip_engine)

set(QUIP_ENGINE_VERSION "${version}")
message(STATUS "quip: engine ${QUIP_ENGINE} ${QUIP_ENGINE_VERSION}, ${_where}")

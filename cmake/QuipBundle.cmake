# quip_bundle(<target> MODULES <module>... [NAME <function>] [ROOT <folder>]
#             [EXTERNAL <name>...] [STRIP source|debug])
#
# Compiles ES modules and all that they import to bytecode while the target is built, and embeds
# them in it. In C++:
#
#     #include <app_bundle.hpp>              // quip::Bundle app_bundle();
#     runtime.set_loader(app_bundle(), app_bundle());
#     const quip::Promise done = ctx.import(app_bundle().entry());
#
#   MODULES   the modules to begin with, the first being the bundle's entry; what they import is
#             found by `quip compile`, and what only import() names must be listed
#   NAME      the function's name, perhaps with namespaces (app::bundle); the header's name is the
#             last part of it. Without it: <target>_bundle
#   ROOT      modules are named by their paths from there; without it, from the current source folder
#   EXTERNAL  imports that the program answers itself, e.g. by modules defined in C++
#   STRIP     `source` leaves out the text of functions, `debug` line numbers and file names too
#
# The bundle is made by the quip program of the same build, or the installed one, whose engine is
# that which the target links; it is made anew when one of its modules changes, or the program does.
# (Not for cross-compiling: the engine that compiles must be the one that runs.)

function(quip_bundle target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "NAME;ROOT;STRIP" "MODULES;EXTERNAL")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "quip_bundle(${target}): unknown arguments: ${arg_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT arg_MODULES)
    message(FATAL_ERROR "quip_bundle(${target}): MODULES names no module")
  endif()
  if(NOT arg_NAME)
    string(MAKE_C_IDENTIFIER "${target}_bundle" arg_NAME)
  endif()
  if(NOT arg_NAME MATCHES "^[A-Za-z_][A-Za-z0-9_]*(::[A-Za-z_][A-Za-z0-9_]*)*$")
    message(FATAL_ERROR "quip_bundle(${target}): NAME is no name for a C++ function: ${arg_NAME}")
  endif()
  if(NOT arg_ROOT)
    set(arg_ROOT "${CMAKE_CURRENT_SOURCE_DIR}")
  endif()
  get_filename_component(root "${arg_ROOT}" ABSOLUTE)

  if(TARGET quip::program)
    set(program quip::program)
  elseif(QUIP_BUILD_TOOLS)
    set(program quip_program)  # its folder may come later
  else()
    message(FATAL_ERROR
      "quip_bundle(${target}): there is no quip program to compile with: set QUIP_BUILD_TOOLS to ON")
  endif()

  set(options "")
  if(arg_STRIP)
    if(NOT arg_STRIP MATCHES "^(source|debug)$")
      message(FATAL_ERROR "quip_bundle(${target}): STRIP is \"${arg_STRIP}\"; it can be source or debug")
    endif()
    list(APPEND options "--strip-${arg_STRIP}")
  endif()
  foreach(external IN LISTS arg_EXTERNAL)
    list(APPEND options --external "${external}")
  endforeach()
  set(modules "")
  foreach(module IN LISTS arg_MODULES)
    get_filename_component(module "${module}" ABSOLUTE)
    list(APPEND modules "${module}")
  endforeach()

  string(REGEX REPLACE "^(.*)::" "" function "${arg_NAME}")
  set(directory "${CMAKE_CURRENT_BINARY_DIR}/${target}_bundles")
  set(source "${directory}/${function}.cpp")
  set(declaration "quip::Bundle ${function}();")
  if(arg_NAME MATCHES "^(.*)::")
    set(declaration "namespace ${CMAKE_MATCH_1} {\n${declaration}\n}")
  endif()
  file(CONFIGURE OUTPUT "${directory}/${function}.hpp" @ONLY CONTENT
"// Made by quip_bundle.
#pragma once

#include <quip/module/bundle.hpp>

/// The modules that were compiled into the program. Checked at the first call, which throws
/// quip::Error if the program runs on another engine than it was built with.
@declaration@
")
  add_custom_command(
    OUTPUT "${source}"
    COMMAND ${program} compile --embed "${arg_NAME}" --output "${source}"
      --depfile "${source}.d" --root "${root}" ${options} -- ${modules}
    DEPENDS ${program} ${modules}
    DEPFILE "${source}.d"
    COMMENT "Compiling the modules of ${arg_NAME}"
    VERBATIM)
  target_sources(${target} PRIVATE "${source}")
  target_include_directories(${target} PRIVATE "${directory}")
  # nothing to warn of or to search for in the data
  set_source_files_properties("${source}" PROPERTIES
    COMPILE_OPTIONS -w SKIP_PRECOMPILE_HEADERS ON)
endfunction()

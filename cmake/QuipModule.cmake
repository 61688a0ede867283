# Native modules: shared libraries that scripts import, and the programs that load them. Part of
# find_package(quip), and of a build that has quip in it.
#
#   quip_add_module(<name> [SOURCES] <source>...)
#     A native module: the library <name>.so of sources of which one says QUIP_MODULE (see
#     <quip/module/native.hpp>). With a static quip it takes quip and the engine from the program
#     that loads it; with a shared one it is linked with that.
#
#   quip_enable_native_modules(<program>)
#     Lets the program load native modules: all of quip is in it, for the modules to use.

# The file of a static engine that was installed; empty for others.
function(_quip_installed_engine result)
  set(${result} "" PARENT_SCOPE)
  get_target_property(libraries quip::engine INTERFACE_LINK_LIBRARIES)
  foreach(library IN LISTS libraries)
    if(NOT TARGET "${library}")
      continue()
    endif()
    get_target_property(imported ${library} IMPORTED)
    get_target_property(type ${library} TYPE)
    if(NOT imported OR NOT type MATCHES "^(STATIC|UNKNOWN)_LIBRARY$")
      continue()
    endif()
    get_target_property(configurations ${library} IMPORTED_CONFIGURATIONS)
    set(properties IMPORTED_LOCATION)
    foreach(configuration IN LISTS configurations)
      list(APPEND properties IMPORTED_LOCATION_${configuration})
    endforeach()
    foreach(property IN LISTS properties)
      get_target_property(file ${library} ${property})
      if(file MATCHES "\\.(a|lib)$")
        set(${result} "${file}" PARENT_SCOPE)
        return()
      endif()
    endforeach()
  endforeach()
endfunction()

# A program cannot export what the engine's library hides, as the static library of quickjs-ng's own
# build does since 0.16.
function(_quip_check_engine)
  get_property(checked GLOBAL PROPERTY _QUIP_ENGINE_IS_VISIBLE)
  _quip_installed_engine(file)
  if(checked OR NOT file OR NOT CMAKE_OBJDUMP)
    return()
  endif()
  execute_process(COMMAND "${CMAKE_OBJDUMP}" -t "${file}"
    OUTPUT_VARIABLE symbols ERROR_QUIET)
  if(symbols MATCHES "[.]hidden[ \t]+_?JS_NewRuntime[\r\n]")
    message(FATAL_ERROR
      "quip: native modules cannot use the engine in ${file}: that library hides its symbols. "
      "Use the engine's shared library (quickjs-ng: build it with BUILD_SHARED_LIBS=ON), or let "
      "quip compile the engine (QUIP_ENGINE_SOURCE).")
  endif()
  set_property(GLOBAL PROPERTY _QUIP_ENGINE_IS_VISIBLE ON)
endfunction()

# As NativeLoader says: a DLL is linked with what it uses, and shares no thread-local variables.
function(_quip_check_system)
  if(WIN32)
    message(FATAL_ERROR
      "quip: native modules are not supported on Windows. Compile the module's sources into the "
      "program, and give its definition to the program's loader.")
  endif()
endfunction()

function(quip_add_module name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES")
  _quip_check_system()
  _quip_check_engine()
  add_library(${name} MODULE ${arg_SOURCES} ${arg_UNPARSED_ARGUMENTS})
  # A module's functions are its own, also when another one, or the program, has some of the same
  # names. What all must share is marked in quip's headers; classes are known by their type's name.
  set_target_properties(${name} PROPERTIES
    PREFIX ""
    CXX_VISIBILITY_PRESET hidden
    VISIBILITY_INLINES_HIDDEN ON)
  # Bellard's header does not tell its version.
  target_compile_definitions(${name} PRIVATE
    "QUIP_ENGINE_VERSION=\"$<TARGET_PROPERTY:quip::engine,QUIP_ENGINE_VERSION>\"")

  get_target_property(type quip::quip TYPE)
  if(NOT type STREQUAL "STATIC_LIBRARY")
    set_property(TARGET ${name} APPEND PROPERTY LINK_LIBRARIES quip::quip)
    return()
  endif()
  # All that quip asks of its users but to link it.
  target_compile_features(${name} PRIVATE cxx_std_20)
  target_compile_options(${name} PRIVATE
    "$<TARGET_PROPERTY:quip::quip,INTERFACE_COMPILE_OPTIONS>")
  target_compile_definitions(${name} PRIVATE
    "$<TARGET_PROPERTY:quip::quip,INTERFACE_COMPILE_DEFINITIONS>")
  target_link_options(${name} PRIVATE "$<TARGET_PROPERTY:quip::quip,INTERFACE_LINK_OPTIONS>")
  target_include_directories(${name} PRIVATE
    "$<TARGET_PROPERTY:quip::quip,INTERFACE_INCLUDE_DIRECTORIES>")
  # What is in both lists is a system's folder. As ever, what was installed is.
  get_target_property(imported quip::quip IMPORTED)
  if(imported)
    set(system quip::quip)
  else()
    set(system quip::engine)
  endif()
  target_include_directories(${name} SYSTEM PRIVATE
    "$<TARGET_PROPERTY:${system},INTERFACE_INCLUDE_DIRECTORIES>")
  if(APPLE)
    target_link_options(${name} PRIVATE "LINKER:-undefined,dynamic_lookup")
  endif()
endfunction()

function(quip_enable_native_modules program)
  _quip_check_system()
  _quip_check_engine()
  # The property, because a call would have to be of the same of two forms as the program's own.
  set_property(TARGET ${program} APPEND PROPERTY LINK_LIBRARIES quip::quip)
  set_target_properties(${program} PROPERTIES ENABLE_EXPORTS ON)
  get_target_property(type quip::quip TYPE)
  if(NOT type STREQUAL "STATIC_LIBRARY")
    return()
  endif()
  # Modules need functions that the program itself does not. (The engine is one object file, which
  # comes as a whole in any case.) CMake has had a feature for it since 3.24 only.
  if(APPLE)
    target_link_options(${program} PRIVATE "LINKER:-force_load,$<TARGET_FILE:quip::quip>")
  else()
    target_link_options(${program} PRIVATE
      "LINKER:--whole-archive,$<TARGET_FILE:quip::quip>,--no-whole-archive")
  endif()
endfunction()

# How quip's own code is compiled: warnings, sanitizers, link-time optimisation.
#
#   quip_warnings          link this to every target of this repository; never exported
#   QUIP_SANITIZER_FLAGS   carried by quip_engine to everything that links it, installed or not

add_library(quip_warnings INTERFACE)
target_compile_options(quip_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow
  # g++ 12 sees an overlap in `"text" + std::string` where there is none (GCC bug 105651)
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-restrict>
  $<$<BOOL:${QUIP_WARNINGS_AS_ERRORS}>:-Werror>)

function(quip_sanitizer_flags sanitizers result)
  set(flags "")
  if(sanitizers)
    list(JOIN sanitizers "," joined)
    set(flags -fsanitize=${joined} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  endif()
  set(${result} "${flags}" PARENT_SCOPE)
endfunction()
quip_sanitizer_flags("${QUIP_SANITIZE}" QUIP_SANITIZER_FLAGS)

if(QUIP_LTO)
  include(CheckIPOSupported)
  check_ipo_supported(RESULT _lto_works OUTPUT _lto_output LANGUAGES C CXX)
  if(NOT _lto_works)
    message(FATAL_ERROR "quip: QUIP_LTO=ON, but a trial build with link-time optimisation failed:\n${_lto_output}")
  endif()
  set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ON)
endif()

# For the libraries that are installed: with GCC they hold machine code beside the form for LTO, so
# that other compilers, and links without LTO, can use them too.
set(QUIP_LTO_LIBRARY_FLAGS "")
set(QUIP_LTO_ONLY OFF)
if(QUIP_LTO AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  set(QUIP_LTO_LIBRARY_FLAGS -ffat-lto-objects)
elseif(QUIP_LTO)
  set(QUIP_LTO_ONLY ON)
endif()

# Installs the headers, the library, the engine if it was compiled here, the program, and what
# find_package(quip) and pkg-config need.

include(CMakePackageConfigHelpers)
set(_package_directory "${CMAKE_INSTALL_LIBDIR}/cmake/quip")

# With BUILD_SHARED_LIBS the installed tree finds its own libraries, wherever it is moved to.
set_target_properties(quip PROPERTIES INSTALL_RPATH "$ORIGIN")
if(TARGET quip_program)
  file(RELATIVE_PATH _libdir "/${CMAKE_INSTALL_BINDIR}" "/${CMAKE_INSTALL_LIBDIR}")
  set_target_properties(quip_program PROPERTIES INSTALL_RPATH "$ORIGIN/${_libdir}")
endif()

install(TARGETS quip quip_engine EXPORT quip-targets
  ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}"
  LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}")
install(EXPORT quip-targets NAMESPACE quip:: DESTINATION "${_package_directory}")
install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/quip" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
  FILES_MATCHING PATTERN "*.hpp" PATTERN "*.ipp")
if(TARGET quip_program)
  # As quip::program it compiles bundles for who uses the package (see QuipBundle.cmake).
  install(TARGETS quip_program EXPORT quip-targets RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
endif()
if(NOT QUIP_ENGINE_PACKAGE)
  install(FILES "${PROJECT_BINARY_DIR}/engine/include/quickjs.h"
    DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/quip-engine")
elseif(QUIP_ENGINE_PACKAGE STREQUAL "QuickJS")
  install(FILES "${PROJECT_SOURCE_DIR}/cmake/FindQuickJS.cmake" DESTINATION "${_package_directory}")
endif()

install(FILES "${PROJECT_SOURCE_DIR}/tools/gdb/quip_printers.py"
  DESTINATION "${CMAKE_INSTALL_DATADIR}/quip/gdb")

# ---- find_package(quip) ----------------------------------------------------------------------

configure_package_config_file(
  "${PROJECT_SOURCE_DIR}/cmake/quip-config.cmake.in" "${PROJECT_BINARY_DIR}/quip-config.cmake"
  INSTALL_DESTINATION "${_package_directory}"
  NO_SET_AND_CHECK_MACRO)
# Before 1.0 every minor version may change the interface.
write_basic_package_version_file("${PROJECT_BINARY_DIR}/quip-config-version.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES
  "${PROJECT_SOURCE_DIR}/cmake/QuipBundle.cmake"
  "${PROJECT_SOURCE_DIR}/cmake/QuipModule.cmake"
  "${PROJECT_BINARY_DIR}/quip-config.cmake"
  "${PROJECT_BINARY_DIR}/quip-config-version.cmake"
  DESTINATION "${_package_directory}")

# ---- pkg-config ------------------------------------------------------------------------------

# The prefix is found from the file's own place, so that the installed tree can be moved.
file(RELATIVE_PATH QUIP_PC_PREFIX
  "/prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/prefix")
string(REGEX REPLACE "/$" "" QUIP_PC_PREFIX "${QUIP_PC_PREFIX}")
if(QUIP_ENGINE_PACKAGE)
  set(QUIP_PC_ENGINE_CFLAGS
    "-I$<JOIN:$<TARGET_PROPERTY:${QUIP_ENGINE_PACKAGE_TARGET},INTERFACE_INCLUDE_DIRECTORIES>, -I>")
  set(QUIP_PC_ENGINE_LIBS "$<TARGET_FILE:${QUIP_ENGINE_PACKAGE_TARGET}>")
else()
  set(QUIP_PC_ENGINE_CFLAGS "-isystem \${includedir}/quip-engine")
  set(QUIP_PC_ENGINE_LIBS "-lquip_engine")
endif()
list(JOIN QUIP_SANITIZER_FLAGS " " QUIP_PC_FLAGS)
if(QUIP_TRACE_HANDLES)
  string(APPEND QUIP_PC_FLAGS " -DQUIP_TRACE_HANDLES")
endif()
list(TRANSFORM CMAKE_DL_LIBS PREPEND "-l" OUTPUT_VARIABLE QUIP_PC_DL_LIBS)
configure_file("${PROJECT_SOURCE_DIR}/cmake/quip.pc.in" "${PROJECT_BINARY_DIR}/quip.pc.in" @ONLY)
file(GENERATE OUTPUT "${PROJECT_BINARY_DIR}/quip.pc" INPUT "${PROJECT_BINARY_DIR}/quip.pc.in")
install(FILES "${PROJECT_BINARY_DIR}/quip.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")

# ---- licences --------------------------------------------------------------------------------

install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DOCDIR}")
if(_source AND EXISTS "${_source}/LICENSE")
  # the engine's library is installed with ours, so its licence comes along
  install(FILES "${_source}/LICENSE" DESTINATION "${CMAKE_INSTALL_DOCDIR}" RENAME LICENSE.engine)
endif()

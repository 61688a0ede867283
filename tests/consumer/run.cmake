# Installs the build tree BUILD_TREE below WORK, and builds and runs the consumer with what was
# installed: once by find_package(quip), once by pkg-config. What did not change since the last
# time is not built again.

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result)
  if(NOT result EQUAL 0)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "failed (${result}): ${command}")
  endif()
endfunction()

# Not the prefix that the build tree was configured with: the installed tree can be moved.
set(prefix "${WORK}/prefix")
run("${CMAKE_COMMAND}" --install "${BUILD_TREE}" --prefix "${prefix}")
file(STRINGS "${BUILD_TREE}/install_manifest.txt" installed)
file(GLOB_RECURSE present "${prefix}/*")
list(REMOVE_ITEM present ${installed})
if(present)
  file(REMOVE ${present})  # of an earlier time
endif()

# Where the host found its engine, if that is an installed package.
string(REPLACE ";" ":" PREFIX_PATH "${PREFIX_PATH}")
set(ENV{CMAKE_PREFIX_PATH} "${PREFIX_PATH}")
set(ENV{PKG_CONFIG_PATH} "${prefix}/${LIBDIR}/pkgconfig")
run("${CMAKE_COMMAND}" -S "${CMAKE_CURRENT_LIST_DIR}" -B "${WORK}/build" -G "${GENERATOR}"
  "-DCMAKE_PREFIX_PATH=${prefix}"
  "-DCMAKE_BUILD_TYPE=${BUILD_TYPE}"
  "-DCMAKE_CXX_COMPILER=${CXX_COMPILER}")
run("${CMAKE_COMMAND}" --build "${WORK}/build")
run("${WORK}/build/consumer")
run("${WORK}/build/consumer" "${WORK}/build/half.so")
run("${WORK}/build/pkg-config-consumer")
if(EXISTS "${WORK}/build/bundled")
  run("${WORK}/build/bundled")
endif()

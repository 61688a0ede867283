# Compiles SOURCE, which must fail and say what its first line expects.
file(STRINGS "${SOURCE}" first LIMIT_COUNT 1)
if(NOT first MATCHES "^// expect: (.+)$")
  message(FATAL_ERROR "${SOURCE}: the first line is not `// expect: <text>`")
endif()
set(expected "${CMAKE_MATCH_1}")

set(options "")
string(REPLACE "|" ";" INCLUDES "${INCLUDES}")
foreach(include IN LISTS INCLUDES)
  if(include)
    list(APPEND options "-isystem" "${include}")
  endif()
endforeach()
string(REPLACE "|" ";" DEFINITIONS "${DEFINITIONS}")
foreach(definition IN LISTS DEFINITIONS)
  if(definition)
    list(APPEND options "-D${definition}")
  endif()
endforeach()

execute_process(
  COMMAND "${CMAKE_COMMAND}" -E env LC_ALL=C "${COMPILER}" -std=c++20 -fsyntax-only ${options}
    "${SOURCE}"
  RESULT_VARIABLE result
  OUTPUT_VARIABLE output
  ERROR_VARIABLE output)
if(result EQUAL 0)
  message(FATAL_ERROR "${SOURCE} compiles, but should not")
endif()
string(FIND "${output}" "${expected}" at)
if(at EQUAL -1)
  message(FATAL_ERROR "${SOURCE}: the compiler does not say\n  ${expected}\nbut\n${output}")
endif()

# cmake -DGDB= -DPROGRAM= -DPRINTERS= -DWORK= -P run.cmake
# Prints each variable of inspected.cpp in gdb, in the program and in its core, and compares.

# Variable, and a regular expression for what gdb shows.
set(expected
  "number|quip::Value 42"
  "fraction|quip::Value 2\\.5"
  "truth|quip::Value true"
  "nothing|quip::Value undefined"
  "text|quip::Value \"plain .\"text.\"\""
  "wide|quip::String \"αβ\""
  "part|quip::Value \"0123456789.*\"\\.\\.\\."
  "joined|quip::Value \"left left .*\"\\.\\.\\."
  "symbol|quip::Value Symbol\\(mark\\)"
  "object|quip::Object {.*host: \"example\\.org\", port: 80, tags: Array .\"a\", \"b\".,"
  "object|deep: {er: Object}}"
  "array|quip::Array Array .1, \"two\", null, Array .3., {}."
  "function|quip::Function function parse"
  "map|quip::Value Map {}"
  "planet|quip::Value Planet {}"
  "empty|quip::Value \\(empty\\)"
  "moved|quip::Value \\(empty\\)"
  "taken|quip::Value 42"
  "good|quip::Result<int> of = {value = 7}"
  "bad|quip::Result<int> without a value: = {error = quip::Error TypeError: .*at f \\(bad\\.js:1.*}"
  "error|quip::Error TypeError: expected more"
  "orphan|quip::Value \"left\" \\(its runtime is destroyed\\)"
  "ctx|quip::Ctx of runtime 0x[0-9a-f]+, with [0-9]+ handles"
  "context|quip::Context of runtime 0x[0-9a-f]+, with [0-9]+ handles"
  "runtime|quip::Runtime 0x[0-9a-f]+ with 1 contexts, [0-9]+ handles")

set(core "${WORK}/inspected.core")
set(print "set print pretty off\nset width 0\nset charset UTF-8\n")
foreach(pair IN LISTS expected)
  string(REGEX REPLACE "[|].*" "" name "${pair}")
  string(APPEND print "echo VARIABLE ${name}: \nprint ${name}\n")
endforeach()
file(WRITE "${WORK}/live.gdb"
  "source ${PRINTERS}\nbreak stop_here\nrun\nup\n${print}generate-core-file ${core}\nkill\n")
file(WRITE "${WORK}/core.gdb" "source ${PRINTERS}\ncore-file ${core}\nup\n${print}")
file(REMOVE "${core}")

set(wrong 0)
foreach(run live core)
  execute_process(
    COMMAND "${CMAKE_COMMAND}" -E env LC_ALL=C.UTF-8 DEBUGINFOD_URLS= ASAN_OPTIONS=detect_leaks=0
      "${GDB}" -nx -batch -x "${WORK}/${run}.gdb" "${PROGRAM}"
    OUTPUT_VARIABLE output ERROR_VARIABLE errors RESULT_VARIABLE code TIMEOUT 120)
  string(REPLACE ";" "," output "${output}")
  foreach(pair IN LISTS expected)
    string(FIND "${pair}" "|" bar)
    string(SUBSTRING "${pair}" 0 ${bar} name)
    math(EXPR bar "${bar} + 1")
    string(SUBSTRING "${pair}" ${bar} -1 pattern)
    if(NOT output MATCHES "VARIABLE ${name}: [^\n]*${pattern}")
      message("${run}: ${name} is not shown as ${pattern}")
      set(wrong 1)
    endif()
  endforeach()
  if(wrong)
    message(FATAL_ERROR "gdb (${code}) wrote:\n${output}\n${errors}")
  endif()
endforeach()
file(REMOVE "${core}")

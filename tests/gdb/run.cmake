# cmake -DGDB= -DPROGRAM= -DPRINTERS= -DWORK= -DCORE= -P run.cmake
# Prints each variable of inspected.cpp in gdb, in the program and, if CORE, in the core that it
# leaves, and compares.

# Variable, and a regular expression for what gdb shows.
set(inside
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
  "object|.*deep: {er: Object}, 7: \"seven\"}"
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
  "ctx|quip::Ctx of runtime 0x[0-9a-f]+, with [0-9]+ handles")
# The same of variables of the function main.
set(outside
  "orphan|quip::Value \"left\" \\(its runtime is destroyed\\)"
  "context|quip::Context of runtime 0x[0-9a-f]+, with [0-9]+ handles"
  "runtime|quip::Runtime 0x[0-9a-f]+ with 1 contexts, [0-9]+ handles")

set(core "${WORK}/inspected.core")
set(print "set print pretty off\nset width 0\nset charset UTF-8\n")
foreach(scope inside outside)
  foreach(pair IN LISTS ${scope})
    string(REGEX REPLACE "[|].*" "" name "${pair}")
    string(APPEND print "echo VARIABLE ${name}:\nprint ${name}\n")
  endforeach()
  string(APPEND print "frame function main\n")
endforeach()
set(runs live)
set(leave "")
if(CORE)
  list(APPEND runs core)
  set(leave "generate-core-file ${core}\n")
endif()
file(WRITE "${WORK}/live.gdb"
  "source ${PRINTERS}\nbreak stop_here\nrun\nup\n${print}${leave}kill\n")
file(WRITE "${WORK}/core.gdb" "source ${PRINTERS}\ncore-file ${core}\nup\n${print}")
file(REMOVE "${core}")

set(wrong 0)
foreach(run IN LISTS runs)
  execute_process(
    COMMAND "${CMAKE_COMMAND}" -E env LC_ALL=C.UTF-8 DEBUGINFOD_URLS= ASAN_OPTIONS=detect_leaks=0
      "${GDB}" -nx -batch -x "${WORK}/${run}.gdb" "${PROGRAM}"
    OUTPUT_VARIABLE output ERROR_VARIABLE errors RESULT_VARIABLE code TIMEOUT 120)
  string(REPLACE ";" "," output "${output}")
  foreach(pair IN LISTS inside outside)
    string(FIND "${pair}" "|" bar)
    string(SUBSTRING "${pair}" 0 ${bar} name)
    math(EXPR bar "${bar} + 1")
    string(SUBSTRING "${pair}" ${bar} -1 pattern)
    if(NOT output MATCHES "VARIABLE ${name}:[^\n]* = ${pattern}")
      message("${run}: ${name} is not shown as ${pattern}")
      set(wrong 1)
    endif()
  endforeach()
  if(wrong)
    message(FATAL_ERROR "gdb (${code}) wrote:\n${output}\n${errors}")
  endif()
endforeach()
file(REMOVE "${core}")

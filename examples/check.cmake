# Runs an example on its folder (and MORE arguments), and compares what it prints with expected.txt.
execute_process(COMMAND "${PROGRAM}" "${FOLDER}" ${MORE}
  OUTPUT_VARIABLE printed RESULT_VARIABLE result)
file(READ "${FOLDER}/expected.txt" expected)
if(NOT result EQUAL 0 OR NOT printed STREQUAL expected)
  message(FATAL_ERROR "the example ended with ${result} and printed\n${printed}\ninstead of\n${expected}")
endif()

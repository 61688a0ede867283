# Runs SCRIPT beside the packages in WORK, by NODE and by QUIP: both succeed and print the same.
cmake_path(GET SCRIPT FILENAME name)
string(SHA256 place "${QUIP}")
string(SUBSTRING "${place}" 0 12 place)  # of this build tree: others may run the same test now
set(folder "${WORK}/run-${place}/${name}")
cmake_path(GET SCRIPT PARENT_PATH scripts)
file(COPY "${SCRIPT}" "${scripts}/process-env.js" DESTINATION "${folder}")
foreach(program NODE QUIP)
  execute_process(COMMAND "${${program}}" "${name}" WORKING_DIRECTORY "${folder}"
    OUTPUT_VARIABLE output_${program} ERROR_VARIABLE errors RESULT_VARIABLE status)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "${program} ${name}: exit status ${status}\n${output_${program}}${errors}")
  endif()
endforeach()
if(output_NODE STREQUAL "")
  message(FATAL_ERROR "${name} prints nothing: there is nothing to compare")
endif()
if(NOT output_NODE STREQUAL output_QUIP)
  file(WRITE "${folder}/${name}.node" "${output_NODE}")
  file(WRITE "${folder}/${name}.quip" "${output_QUIP}")
  execute_process(COMMAND diff -u "${name}.node" "${name}.quip" WORKING_DIRECTORY "${folder}"
    OUTPUT_VARIABLE difference)
  message(FATAL_ERROR "${name}: Node and quip print different things\n${difference}")
endif()

# Installs what package-lock.json says into WORK, unless it is there.
file(MAKE_DIRECTORY "${WORK}")
file(LOCK "${WORK}/lock" GUARD PROCESS)  # other build trees install here too
file(SHA256 "${CMAKE_CURRENT_LIST_DIR}/package-lock.json" wanted)
set(installed "")
if(EXISTS "${WORK}/installed")
  file(READ "${WORK}/installed" installed)
endif()
if(installed STREQUAL wanted)
  return()
endif()
file(COPY "${CMAKE_CURRENT_LIST_DIR}/package.json" "${CMAKE_CURRENT_LIST_DIR}/package-lock.json"
  DESTINATION "${WORK}")
execute_process(
  COMMAND "${NPM}" ci --ignore-scripts --no-audit --no-fund --no-update-notifier
  WORKING_DIRECTORY "${WORK}" COMMAND_ERROR_IS_FATAL ANY)
file(WRITE "${WORK}/installed" "${wanted}")

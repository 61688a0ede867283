# Where Asio is: QUIP_ASIO_INCLUDE (the library of its own) and QUIP_BOOST_INCLUDE (with Beast), each
# the folder or NOTFOUND; and the target quip_asio, with what programs of either need.
find_path(QUIP_ASIO_INCLUDE asio.hpp)
find_path(QUIP_BOOST_INCLUDE boost/beast/http.hpp)
mark_as_advanced(QUIP_ASIO_INCLUDE QUIP_BOOST_INCLUDE)
if(TARGET quip_asio)
  return()
endif()
find_package(Threads REQUIRED)
add_library(quip_asio INTERFACE)
target_link_libraries(quip_asio INTERFACE Threads::Threads)
foreach(_folder IN ITEMS "${QUIP_ASIO_INCLUDE}" "${QUIP_BOOST_INCLUDE}")
  if(_folder)
    target_include_directories(quip_asio SYSTEM INTERFACE "${_folder}")
  endif()
endforeach()
# Versions before 1.29 (Boost 1.84) do not know that Clang has the coroutines of C++20.
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  foreach(_library IN ITEMS ASIO BOOST_ASIO)
    target_compile_definitions(quip_asio INTERFACE
      ${_library}_HAS_CO_AWAIT=1 ${_library}_HAS_STD_COROUTINE=1)
  endforeach()
endif()

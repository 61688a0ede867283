// boost_asio.hpp, where Boost is installed: see asio_tests.hpp.
#if __has_include(<boost/asio.hpp>)

#include <quip/async/boost_asio.hpp>

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>

namespace net = boost::asio;
namespace over = quip::over_boost_asio;
using over::can_cancel;
#define QUIP_ASIO_TEST BoostAsioTest
#include "asio_tests.hpp"

#endif

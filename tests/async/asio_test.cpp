// asio.hpp, where Asio is installed: see asio_tests.hpp.
#if __has_include(<asio.hpp>)

#include <quip/async/asio.hpp>

#include <asio/bind_executor.hpp>
#include <asio/io_context.hpp>
#include <asio/this_coro.hpp>
#include <asio/thread_pool.hpp>
#include <asio/use_future.hpp>

namespace net = asio;
namespace over = quip::over_asio;
using over::can_cancel;
#define QUIP_ASIO_TEST AsioTest
#include "asio_tests.hpp"

#endif

// Boost.Asio: the same as asio.hpp, which is for Asio as a library of its own. A file includes one
// of the two. Before Boost 1.77 nothing can be cancelled: there the result of what is given up is
// dropped when it comes.
//
//     boost::asio::io_context io;
//     runtime.set_executor(quip::asio_executor(io));
#pragma once

#include <quip/async/completion.hpp>
#include <quip/async/task.hpp>
#include <quip/async/wait.hpp>
#include <quip/convert/type_info.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/query.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/system_executor.hpp>
#include <boost/asio/use_awaitable.hpp>
#if __has_include(<boost/asio/cancellation_signal.hpp>)
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#endif
#include <boost/system/system_error.hpp>

// An older Asio does not know that Clang has coroutines.
#if !defined(BOOST_ASIO_HAS_CO_AWAIT)
#error "define BOOST_ASIO_HAS_CO_AWAIT and BOOST_ASIO_HAS_STD_COROUTINE"
#endif

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <type_traits>
#include <unordered_map>
#include <utility>

namespace quip::over_boost_asio {

namespace net = ::boost::asio;
using SystemError = boost::system::system_error;
#if __has_include(<boost/asio/cancellation_signal.hpp>)
#include <quip/async/asio/cancellation.ipp>
#else
#include <quip/async/asio/no_cancellation.ipp>
#endif
#include <quip/async/asio/binding.ipp>

}  // namespace quip::over_boost_asio

namespace quip {

using over_boost_asio::asio_executor;
using over_boost_asio::async_await;
using over_boost_asio::async_idle;
using over_boost_asio::async_spawn;

/// A boost::asio::awaitable that a bound function returns is a promise; see
/// over_boost_asio::AwaitableOf.
template <class T>
struct Convert<boost::asio::awaitable<T>> : over_boost_asio::ConvertAwaitable<T> {};
template <class T>
struct detail::ResultOf<boost::asio::awaitable<T>> : over_boost_asio::ResultOfAwaitable<T> {};
template <class T>
inline constexpr bool detail::outlives_its_call<boost::asio::awaitable<T>> = true;
template <class T>
struct detail::TypeFamily<boost::asio::awaitable<T>> : detail::TypeMadeOf<TypeKind::promise, T> {};
/// A Task awaits a boost::asio::awaitable.
template <class T>
struct Await<boost::asio::awaitable<T>> : over_boost_asio::AwaitAwaitable<T> {};

}  // namespace quip

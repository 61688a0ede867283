// Asio (https://think-async.com/Asio), the library of its own: runtimes that live in its event
// loops, asio::awaitable for scripts, and JavaScript's promises for asio's coroutines. For
// Boost.Asio there is boost_asio.hpp, with the same content; a file includes one of the two.
//
//     asio::io_context io;
//     quip::Runtime runtime;
//     runtime.set_executor(quip::asio_executor(io));
//     ...
//     io.run();  // returns when neither Asio nor a script waits for anything
#pragma once

#include <quip/async/completion.hpp>
#include <quip/async/task.hpp>
#include <quip/async/wait.hpp>
#include <quip/convert/type_info.hpp>

#include <asio/any_io_executor.hpp>
#include <asio/associated_executor.hpp>
#include <asio/async_result.hpp>
#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/error.hpp>
#include <asio/execution/context.hpp>
#include <asio/execution/outstanding_work.hpp>
#include <asio/execution_context.hpp>
#include <asio/post.hpp>
#include <asio/prefer.hpp>
#include <asio/query.hpp>
#include <asio/steady_timer.hpp>
#include <asio/strand.hpp>
#include <asio/system_executor.hpp>
#include <asio/use_awaitable.hpp>
#if __has_include(<asio/cancellation_signal.hpp>)
#include <asio/associated_cancellation_slot.hpp>
#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#endif

// An older Asio does not know that Clang has coroutines.
#if !defined(ASIO_HAS_CO_AWAIT)
#error "define ASIO_HAS_CO_AWAIT and ASIO_HAS_STD_COROUTINE"
#endif

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <system_error>
#include <type_traits>
#include <unordered_map>
#include <utility>

namespace quip::over_asio {

namespace net = ::asio;
using SystemError = std::system_error;
#if __has_include(<asio/cancellation_signal.hpp>)
#include <quip/async/asio/cancellation.ipp>
#else
#include <quip/async/asio/no_cancellation.ipp>
#endif
#include <quip/async/asio/binding.ipp>

}  // namespace quip::over_asio

namespace quip {

using over_asio::asio_executor;
using over_asio::async_await;
using over_asio::async_idle;
using over_asio::async_spawn;

/// An asio::awaitable that a bound function returns is a promise; see over_asio::AwaitableOf.
template <class T>
struct Convert<asio::awaitable<T>> : over_asio::ConvertAwaitable<T> {};
template <class T>
struct detail::ResultOf<asio::awaitable<T>> : over_asio::ResultOfAwaitable<T> {};
template <class T>
inline constexpr bool detail::outlives_its_call<asio::awaitable<T>> = true;
template <class T>
struct detail::TypeFamily<asio::awaitable<T>> : detail::TypeMadeOf<TypeKind::promise, T> {};
/// A Task awaits an asio::awaitable.
template <class T>
struct Await<asio::awaitable<T>> : over_asio::AwaitAwaitable<T> {};

}  // namespace quip

// Who hears of what would be lost otherwise: promises that nobody listens to, errors that no caller
// gets. The handlers are set at the Runtime; all of them are called on the thread that uses it.
#pragma once

#include <functional>

namespace quip {

class Ctx;
class Error;
class Value;

/// Hears of a promise that was rejected with nobody listening (`handled` false), and again when
/// somebody listens after all (`handled` true): ECMA-262 27.2.1.9 HostPromiseRejectionTracker. It
/// is called in the midst of the script that rejects; many promises get their listener right after.
using RejectionHandler =
    std::function<void(Ctx ctx, const Value& promise, const Value& reason, bool handled)>;

/// Hears of a promise that is still rejected with nobody listening when no job is pending any more
/// (HTML 8.1.7.3): once of each promise, in the order in which they were rejected.
using UnhandledRejectionHandler =
    std::function<void(Ctx ctx, const Error& error, const Value& promise)>;

/// Hears of an error that has no caller: a job that failed while an event loop ran it, a callback
/// of the loop that threw, another handler that did.
using ErrorHandler = std::function<void(const Error& error)>;

/// As an UnhandledRejectionHandler: nothing is said of promises that nobody listens to.
struct IgnoreUnhandledRejections {
  void operator()(const Ctx&, const Error&, const Value&) const noexcept {}
};
inline constexpr IgnoreUnhandledRejections ignore_unhandled_rejections{};

/// What happens to a promise (see Runtime::set_promise_hook).
enum class PromiseHook : unsigned char {
  init,     ///< it was made, by `parent.then()` or on its own
  before,   ///< a thenable that it is resolved with is about to be asked for its value
  after,    ///< the thenable's `then` returned
  resolve,  ///< it was fulfilled; rejections are heard by the RejectionHandler
};

/// Hears of each promise's life. `parent` is the promise that `then` was called of, for `init`;
/// undefined if there is none.
using PromiseHookHandler =
    std::function<void(Ctx ctx, PromiseHook type, const Value& promise, const Value& parent)>;

}  // namespace quip

#include "../core/core_state.hpp"
#include "../core/limits_state.hpp"
#include <quip/async/rejections.hpp>
#include <quip/core/context.hpp>
#include <quip/core/runtime.hpp>
#include <quip/value/value.hpp>

#include <cstdio>
#include <new>
#include <string>
#include <string_view>
#include <utility>

namespace quip {

namespace detail {

// ---- the list ----------------------------------------------------------------------------------

void Rejections::add(Rejection rejection) {
  void* address = engine::get_pointer(rejection.promise.get());
  const auto number = numbers_.insert_or_assign(address, next_).first;
  try {
    list_.emplace(next_, std::move(rejection));
  } catch (...) {
    numbers_.erase(number);
    throw;
  }
  ++next_;
  has_last_ = true;
}

void Rejections::remove(JSValueConst promise) noexcept {
  const auto number = numbers_.find(engine::get_pointer(promise));
  if (number == numbers_.end()) return;
  // its handle goes when both know nothing of it any more
  const auto node = list_.extract(number->second);
  numbers_.erase(number);
}

const Rejection* Rejections::last() const noexcept {
  return !has_last_ || list_.empty() ? nullptr : &list_.rbegin()->second;
}

std::optional<Rejection> Rejections::take(std::uint64_t before) noexcept {
  if (list_.empty() || list_.begin()->first >= before) return std::nullopt;
  const auto node = list_.extract(list_.begin());
  numbers_.erase(engine::get_pointer(node.mapped().promise.get()));
  return std::move(node.mapped());
}

void Rejections::clear() noexcept {
  numbers_.clear();
  while (!list_.empty()) list_.extract(list_.begin());
}

// ---- what the engine tells ---------------------------------------------------------------------

namespace {

/// The default reports: a line, and the stack below it.
void print(std::string_view what, const Error& error) noexcept {
  try {
    std::string text = "quip: ";
    text += what;
    text += ": ";
    text += error.what();
    text += '\n';
    std::fwrite(text.data(), 1, text.size(), stderr);
  } catch (const std::bad_alloc&) {
    std::fputs("quip: an error, and no memory to tell of it\n", stderr);
  }
}

Value value_of(Realm* realm, JSValueConst raw) {
  return Value(Handle(realm, engine::duplicate(realm->context, raw)));
}

/// Bellard's engine tells of a module that throws twice: first of an inner promise, to which nobody
/// can listen, and right behind it of the module's own.
bool is_of_same_module(Realm* realm, const Rejection* before, JSValueConst reason) noexcept {
  if (before == nullptr || engine::may_run_script(realm->context)) return false;
  JSValue earlier =
      ::JS_PromiseResult(realm->context, engine::take_ownership(before->promise.get()));
  const bool is_same = engine::strictly_equal(realm->context, earlier, reason);
  engine::release(realm->context, earlier);
  return is_same;
}

void note(CoreState& core, Realm* realm, JSValueConst promise, JSValueConst reason) {
  Rejections& rejections = *core.rejections;
  // Where an engine makes a rejection of the error that stops a script, what stops it tells of
  // that.
  if (core.limits->raised && engine::is_error(realm->context, reason) &&
      engine::may_be_uncatchable(reason)) {
    return;
  }
  if (is_of_same_module(realm, rejections.last(), reason)) {
    const Handle inner = rejections.last()->promise;
    rejections.remove(inner.get());
  }
  JSValue backtrace = engine::take_backtrace(realm->context);
  rejections.add(
      {Handle(realm, engine::duplicate(realm->context, promise)), Handle(realm, backtrace)});
}

void tell_tracker(CoreState& core, Realm* realm, JSValueConst promise, JSValueConst reason,
                  bool handled) noexcept {
  const auto tracker = core.rejections->tracker;  // it may replace itself
  if (tracker == nullptr) return;
  try {
    (*tracker)(Ctx(realm), value_of(realm, promise), value_of(realm, reason), handled);
  } catch (...) {
    // the engine has no way to pass it on, and the script did nothing wrong
    core.report_error(Error::from(std::current_exception()));
  }
}

/// What the engine calls for a rejected promise. `handled` is an int in one engine and a bool in
/// the other.
template <class Handled>
void hear_rejection(JSContext* ctx, JSValueConst promise, JSValueConst reason, Handled handled,
                    void* opaque) noexcept {
  auto& core = *static_cast<CoreState*>(opaque);
  const bool is_handled = static_cast<int>(handled) != 0;
  std::optional<Entry> entry;
  if (core.is_borrowed && !entry.emplace(&core)) return;
  Realm* realm = realm_of(ctx);
  tell_tracker(core, realm, promise, reason, is_handled);
  if (core.closing) return;
  if (is_handled) {
    core.rejections->remove(promise);
  } else if (!core.rejections->is_ignoring) {
    try {
      note(core, realm, promise, reason);
    } catch (const std::bad_alloc&) {
      core.report_error(Error::from(std::current_exception()));
    }
  }
}

void hear_hook(JSContext* ctx, int type, JSValueConst promise, JSValueConst parent,
               void* opaque) noexcept {
  auto& core = *static_cast<CoreState*>(opaque);
  const auto hook = core.rejections->hook;  // it may replace itself
  // what the hook itself does with promises would call it for ever
  if (hook == nullptr || core.closing || core.rejections->is_in_hook) return;
  std::optional<Entry> entry;
  if (core.is_borrowed && !entry.emplace(&core)) return;
  core.rejections->is_in_hook = true;
  Realm* realm = realm_of(ctx);
  // A thenable may have thrown before `after` is told: scripts of the hook must not take that
  // error.
  const bool is_pending = ::JS_HasException(ctx) != 0;
  JSValue pending = is_pending ? ::JS_GetException(ctx) : engine::undefined();
  try {
    (*hook)(Ctx(realm), static_cast<PromiseHook>(type), value_of(realm, promise),
            value_of(realm, parent));
  } catch (...) {
    core.report_error(Error::from(std::current_exception()));
  }
  if (is_pending) ::JS_Throw(ctx, pending);
  core.rejections->is_in_hook = false;
}

}  // namespace

// ---- telling -----------------------------------------------------------------------------------

bool CoreState::set_up_rejections() noexcept {
  try {
    rejections = std::make_unique<Rejections>();
  } catch (const std::bad_alloc&) {
    return false;
  }
  if (takes_rejections) ::JS_SetHostPromiseRejectionTracker(runtime, &hear_rejection, this);
  return true;
}

void CoreState::report_error(const Error& error) noexcept {
  const auto handler = rejections->errors;  // it may replace itself
  if (handler != nullptr) {
    try {
      (*handler)(error);
      return;
    } catch (...) {
      print("error in the error handler", Error::from(std::current_exception()));
    }
  }
  print("uncaught error", error);
}

void CoreState::report_rejections() noexcept {
  if (rejections->size() == 0) return;
  Entry entry(this);
  if (!entry) return;
  // those that come meanwhile have their jobs before them
  const std::uint64_t end = rejections->next_number();
  while (!closing) {
    const std::optional<Rejection> rejection = rejections->take(end);
    if (!rejection) return;
    Realm* realm = rejection->promise.realm();
    const JSValueConst promise = rejection->promise.get();
    const Handle reason(realm, ::JS_PromiseResult(realm->context, engine::take_ownership(promise)));
    const Error error = error_of(realm, reason.get(), rejection->backtrace.get());
    const auto handler = rejections->unhandled;  // it may replace itself
    if (handler != nullptr) {
      try {
        (*handler)(Ctx(realm), error, value_of(realm, promise));
      } catch (...) {
        report_error(Error::from(std::current_exception()));
      }
    } else if (rejections->tracker == nullptr) {
      print("unhandled promise rejection", error);
    }
  }
}

void CoreState::drop_handlers() noexcept {
  if (rejections == nullptr || limits == nullptr) return;
  rejections->clear();
  rejections->tracker = nullptr;
  rejections->unhandled = nullptr;
  rejections->errors = nullptr;
  const bool has_hook = rejections->hook != nullptr;
  rejections->hook = nullptr;
  limits->handler = nullptr;
  limits->forget();
  if (takes_rejections) ::JS_SetHostPromiseRejectionTracker(runtime, nullptr, nullptr);
  if (!is_borrowed || has_hook) engine::set_promise_hook<nullptr>(runtime, nullptr);
  if (is_borrowed && takes_interrupts) ::JS_SetInterruptHandler(runtime, nullptr, nullptr);
}

}  // namespace detail

namespace {

/// What a Runtime keeps of a handler; null for an empty one. The other way the replaced one goes,
/// which is the user's to destroy, when nothing else can go wrong.
template <class Handler>
std::shared_ptr<const Handler> shared(Handler handler) {
  return handler ? std::make_shared<const Handler>(std::move(handler)) : nullptr;
}

}  // namespace

void Runtime::set_rejection_handler(RejectionHandler handler) {
  auto replaced = shared(std::move(handler));
  const detail::Work work(owned_core());
  if (replaced != nullptr) work->check_rejections();
  std::swap(work->rejections->tracker, replaced);
}

void Runtime::set_unhandled_rejection_handler(UnhandledRejectionHandler handler) {
  const bool is_ignoring = handler.target<IgnoreUnhandledRejections>() != nullptr;
  auto replaced = shared(std::move(handler));
  const detail::Work work(owned_core());
  if (replaced != nullptr) work->check_rejections();
  std::swap(work->rejections->unhandled, replaced);
  work->rejections->is_ignoring = is_ignoring;
  if (is_ignoring) work->rejections->clear();
}

void Runtime::set_error_handler(ErrorHandler handler) {
  auto replaced = shared(std::move(handler));
  const detail::Work work(owned_core());
  std::swap(work->rejections->errors, replaced);
}

bool Runtime::has_promise_hooks() noexcept { return engine::has_promise_hooks; }

void Runtime::set_promise_hook(PromiseHookHandler handler) {
  if (handler && !engine::has_promise_hooks) {
    throw Error::plain("the engine (" + engine() + ") has no promise hooks");
  }
  auto replaced = shared(std::move(handler));
  const detail::Work work(owned_core());
  std::swap(work->rejections->hook, replaced);
  if (work->rejections->hook != nullptr) {
    engine::set_promise_hook<&detail::hear_hook>(work->runtime, &detail::CoreState::of(core_));
  } else {
    engine::set_promise_hook<nullptr>(work->runtime, nullptr);
  }
}

}  // namespace quip

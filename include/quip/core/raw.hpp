// The engine's own pointers, both ways: quip inside of a program that has a QuickJS already, and C
// code inside of a program that has quip.
//
//     quip::raw::Borrowed js = quip::raw::borrow(ctx);           // a JSContext* of the program's
//     js.context.with([](quip::Ctx ctx) {
//       ctx.globals().set("greet", [](const std::string& name) { return "hello " + name; });
//     });
//
//     JSValue c_function(JSContext* ctx, JSValueConst, int argc, JSValueConst* argv) {
//       return quip::raw::call(ctx, [&](quip::Ctx quip_ctx) {    // C++ in a JSCFunction
//         return quip::Value::borrow(quip_ctx, argv[0]).as<int>() + 1;
//       });
//     }
//
// Single pointers: Ctx::raw, Runtime::raw, Value::raw, Value::take_raw, Value::adopt,
// Value::borrow.
#pragma once

#include <quip/core/context.hpp>
#include <quip/core/convert.hpp>
#include <quip/core/runtime.hpp>
#include <quip/function/native.hpp>

#include <type_traits>
#include <utility>

namespace quip::raw {

/// What the owner of a borrowed runtime leaves to quip. The engine has one hook of each kind, and
/// does not tell who has set it: quip takes none unasked. It never touches the opaque pointers of
/// the runtime and its contexts, its module loader, its memory limit and its stack limit.
struct Leave {
  /// The interrupt handler, which replaces the owner's: Deadline and its kin (core/limits.hpp),
  /// Runtime::set_interrupt_handler and set_turn_limit work. Without it they are Errors.
  bool interrupts = false;
  /// The promise rejection tracker, which replaces the owner's: unhandled rejections are reported
  /// when quip's loop runs. Without it, setting a rejection handler is an Error.
  bool rejections = false;
};

/// A Runtime of an engine that others own, until it is destroyed: quip then has left the engine,
/// which goes on. **The owner must destroy it before JS_FreeRuntime**, and all handles before that:
/// they hold references like any JSValue, and an engine aborts that is freed while it has such.
///
/// What quip made in it stays when it leaves, but the C++ behind it ends: functions throw a
/// TypeError, objects of native classes are objects of no class. Buffers keep their bytes until the
/// engine frees them. Contexts that quip made in it are given up.
///
/// One thread uses the engine at a time, and quip cannot see the owner's use of it: handles may be
/// dropped on any thread, but nothing else may be done while another thread runs the owner's
/// scripts. The owner's scripts may call what quip bound at any time, on the thread that they run
/// on.
///
/// Jobs are in one queue: Runtime::run runs those of the owner too, and JS_ExecutePendingJob those
/// of quip; coroutines and timers need Runtime::run or Runtime::poll. Modules stay the owner's:
/// to declare, import or load one through quip is an Error.
///
/// Throws Error when the pointer is null, the runtime is quip's own or borrowed already, handles of
/// an earlier borrowing are alive, memory is short, or the library does not match the header.
[[nodiscard]] Runtime borrow(JSRuntime* runtime, Leave leave = {});
/// As `borrow`, with the error as a value.
[[nodiscard]] Result<Runtime> try_borrow(JSRuntime* runtime, Leave leave = {});

/// A context of a runtime (borrowed, adopted or quip's own) as a Context, which counts a reference
/// of its own (engine: JS_DupContext). Throws Error when it is of another runtime.
[[nodiscard]] Context borrow(const Runtime& runtime, JSContext* context);
/// As `borrow`, with the error as a value.
[[nodiscard]] Result<Context> try_borrow(const Runtime& runtime, JSContext* context);

/// A borrowed runtime and one of its contexts.
struct Borrowed {
  Runtime runtime;
  Context context;
};
/// Both at once, for the program with one context: see `borrow` of each.
[[nodiscard]] Borrowed borrow(JSContext* context, Leave leave = {});
/// As `borrow`, with the error as a value.
[[nodiscard]] Result<Borrowed> try_borrow(JSContext* context, Leave leave = {});

/// A Runtime that takes the engine over: it is quip's from here on, which frees it at the end, with
/// all rules of Runtime. Interrupt handler, rejection tracker and module loader are replaced by
/// quip's, the stack limit by RuntimeOptions' own; opaque pointers and the memory limit stay as
/// they are. Contexts of it may be adopted or borrowed; references of others to it and to values
/// must be given up before. Throws as `borrow`; the engine is the caller's then, as it was.
[[nodiscard]] Runtime adopt(JSRuntime* runtime);
/// As `adopt`, with the error as a value.
[[nodiscard]] Result<Runtime> try_adopt(JSRuntime* runtime);
/// A Context that takes the caller's reference over (instead of JS_FreeContext). Throws as `borrow`
/// of a context; the reference is the caller's then, as it was.
[[nodiscard]] Context adopt(const Runtime& runtime, JSContext* context);
/// As `adopt`, with the error as a value.
[[nodiscard]] Result<Context> try_adopt(const Runtime& runtime, JSContext* context);

}  // namespace quip::raw

namespace quip::detail {
/// The core of a context's runtime; null when quip does not know it.
Core* known_core(JSContext* ctx) noexcept;
/// The Error of a context that quip does not know, or that it has left.
Error unknown_context();
/// The same as a pending exception.
JSValue throw_unknown(JSContext* ctx) noexcept;
}  // namespace quip::detail

namespace quip::raw {

/// Calls f(ctx) in a context of a runtime that quip knows (its own, borrowed or adopted; the
/// context itself need not have been) and returns what it returns. For C++ that is given a
/// JSContext*. Throws Error when quip does not know the runtime, and what f throws.
template <class F>
decltype(auto) with(JSContext* context, F&& f) {
  detail::Core* core = detail::known_core(context);
  if (core == nullptr) throw detail::unknown_context();
  const detail::Entry entry(core);
  if (!entry) throw detail::unknown_context();
  return std::forward<F>(f)(Ctx(detail::realm_of(context)));
}

/// The same as the body of a JSCFunction: what f returns becomes a JS value, which the caller owns,
/// and what it throws the pending exception. Nothing is thrown through the engine's frames.
template <class F>
JSValue call(JSContext* context, F&& f) noexcept {
  detail::Core* core = detail::known_core(context);
  if (core == nullptr) return detail::throw_unknown(context);
  const detail::Entry entry(core);
  if (!entry) return detail::throw_unknown(context);
  return detail::contained(context, [&]() -> JSValue {
    const Ctx ctx(detail::realm_of(context));
    using R = std::invoke_result_t<F, Ctx>;
    if constexpr (std::is_void_v<R>) {
      std::forward<F>(f)(ctx);
      return engine::undefined();
    } else if constexpr (detail::is_result<R>) {
      R result = std::forward<F>(f)(ctx);
      if (!result) return detail::throw_error(context, result.error());
      if constexpr (std::is_same_v<R, Result<void>>) {
        return engine::undefined();
      } else {
        return detail::into_js(context, *std::move(result));
      }
    } else {
      return detail::into_js(context, std::forward<F>(f)(ctx));
    }
  });
}

}  // namespace quip::raw

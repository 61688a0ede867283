// Virtual functions of C++ that scripts override.
#pragma once

#include <quip/class/method.hpp>
#include <quip/function/function.hpp>

#include <atomic>
#include <string_view>
#include <type_traits>
#include <utility>

namespace quip {

namespace detail {

/// The key of a member function's name, as `Key` is of a literal.
template <auto M>
struct MemberKey {
  static constexpr std::string_view name = raw_member_name<M>();
  static JSAtom atom(Realm* realm) noexcept {
    const std::size_t index = number.load(std::memory_order_relaxed);
    Core* core = realm->core;
    if (index < core->key_count) [[likely]] {
      if (const JSAtom known = core->keys[index]; known != 0) [[likely]]
        return known;
    }
    return core->intern(realm->context, number_key(number), name.data(), name.size());
  }
  inline static constinit std::atomic<std::size_t> number{0};
};

template <class M>
struct VirtualFunction;
template <class C, class R, class... A>
struct VirtualFunction<R (C::*)(A...)> {
  using Returned = R;
};
template <class C, class R, class... A>
struct VirtualFunction<R (C::*)(A...) const> : VirtualFunction<R (C::*)(A...)> {};
template <class C, class R, class... A>
struct VirtualFunction<R (C::*)(A...) noexcept> : VirtualFunction<R (C::*)(A...)> {};
template <class C, class R, class... A>
struct VirtualFunction<R (C::*)(A...) const noexcept> : VirtualFunction<R (C::*)(A...)> {};

/// A property that is no method, which it takes over: a TypeError; the pending exception stays.
JSValue throw_no_method(Realm* realm, JSValue owned) noexcept;
[[noreturn]] void throw_not_overridden(const Cell* cell, std::string_view member);

template <class T, class Script, class... A>
Cell* new_script_cell(A&&... arguments);

/// Whether the method of a script is to be called; not when the object is none of a script's, or
/// when C++'s own function is asked for.
template <auto M>
[[nodiscard]] inline bool asks_script(Cell* cell) noexcept {
  if (cell == nullptr) [[unlikely]] {
    return false;
  }
  if (cell->as_written == &member_id<M>) [[unlikely]] {
    cell->as_written = nullptr;  // what that calls is virtual again
    return false;
  }
  return true;
}

/// Calls the method, which it takes over: what that returns, or an exception.
template <class... A>
[[gnu::always_inline]] inline JSValue call_method(const Cell& cell, JSValue owned,
                                                  A&&... arguments) {
  JSContext* ctx = cell.realm->context;
  const OwnedValue method(ctx, owned);
  Arguments<A...> converted(ctx, std::forward<A>(arguments)...);
  if (!converted) [[unlikely]] {
    return engine::exception();
  }
  return engine::call(ctx, method.get(), cell.Payload::object, converted.size(), converted.data());
}

template <auto M, class R, class F, class... A>
R call_script_from_outside(Cell* cell, F&& fallback, A&&... arguments);

/// Calls the method of the script's object that C++ knows as M, or else `fallback()`. (No member of
/// Scripted: the names in it would hide those of the user's class.)
template <auto M, class R, class F, class... A>
[[gnu::always_inline]] inline R call_script(Cell* cell, F&& fallback, A&&... arguments) {
  if (asks_script<M>(cell)) {
    Realm* realm = cell->realm;
    if (!inside(realm)) [[unlikely]] {
      return call_script_from_outside<M, R>(cell, std::forward<F>(fallback),
                                            std::forward<A>(arguments)...);
    }
    const JSAtom name = MemberKey<M>::atom(realm);
    const KeptAlive self(engine::get_pointer(cell->Payload::object));
    JSValue method = name == 0 ? engine::exception()
                               : engine::get_property(realm->context, cell->Payload::object, name);
    if (engine::is_object(method)) [[likely]] {
      return finish_or_throw<R>(realm, call_method(*cell, method, std::forward<A>(arguments)...));
    }
    if (!engine::is_undefined(method)) {
      return finish_or_throw<R>(realm, throw_no_method(realm, method));
    }
  }
  return std::forward<F>(fallback)();
}
template <auto M, class R, class F, class... A>
[[gnu::noinline]] R call_script_from_outside(Cell* cell, F&& fallback, A&&... arguments) {
  const Entry entry(cell->realm);
  return entry ? call_script<M, R>(cell, std::forward<F>(fallback), std::forward<A>(arguments)...)
               : std::forward<F>(fallback)();
}

}  // namespace detail

/// The base of a class whose virtual functions are those of a script's subclass, where that has
/// them:
///
///     struct ScriptShape : quip::Scripted<Shape> {
///       using Scripted::Scripted;
///       double area() const override { return pure<&Shape::area>(); }
///       double scale(double by) override {
///         return call_or<&Shape::scale>([&] { return Shape::scale(by); }, by);
///       }
///     };
///     def.overridable<ScriptShape>().constructor<>().method<&Shape::area>();
///
/// A script's `class Circle extends Shape { area() { … } }` then makes ScriptShapes, and whoever
/// calls `shape.area()` in C++ calls the script's. The script's method is looked up by the C++
/// name at each call, as JavaScript does; bind the function under that name by its pointer, so that
/// `super.area()` and a class that does not override it reach the function as C++ wrote it.
///
/// What the script throws comes out of the C++ function as an exception, and so does a result that
/// does not convert: a noexcept function must catch it. The JS object must be alive: hold such
/// objects by std::shared_ptr (see Instance::share) or a handle while C++ has them.
template <class Base>
class Scripted : public Base {
 public:
  using Base::Base;
  // A copy is no script's object.
  Scripted(const Scripted& other) : Base(other) {}
  Scripted(Scripted&& other) noexcept(std::is_nothrow_move_constructible_v<Base>)
      : Base(std::move(other)) {}
  Scripted() = default;

 protected:
  /// Calls the script's method, or else `fallback()`, C++'s own function.
  template <auto M, class F, class... A>
  [[gnu::always_inline]] typename detail::VirtualFunction<decltype(M)>::Returned call_or(
      F&& fallback, A&&... arguments) const {
    using R = typename detail::VirtualFunction<decltype(M)>::Returned;
    return detail::call_script<M, R>(cell_, std::forward<F>(fallback),
                                     std::forward<A>(arguments)...);
  }
  /// Calls the script's method, which there has to be: else it is a TypeError.
  template <auto M, class... A>
  typename detail::VirtualFunction<decltype(M)>::Returned pure(A&&... arguments) const {
    using R = typename detail::VirtualFunction<decltype(M)>::Returned;
    return call_or<M>(
        [this]() -> R { detail::throw_not_overridden(cell_, detail::MemberKey<M>::name); },
        std::forward<A>(arguments)...);
  }

 private:
  template <class T, class Script, class... A>
  friend detail::Cell* detail::new_script_cell(A&&... arguments);

  detail::Cell* cell_ = nullptr;
};

}  // namespace quip

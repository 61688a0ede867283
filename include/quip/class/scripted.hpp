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

[[noreturn]] void throw_not_overridden(const Cell* cell, std::string_view member);

template <class T, class Script, class... A>
Cell* new_script_cell(A&&... arguments);

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
  typename detail::VirtualFunction<decltype(M)>::Returned call_or(F&& fallback,
                                                                  A&&... arguments) const {
    using R = typename detail::VirtualFunction<decltype(M)>::Returned;
    if (detail::Realm* realm = script<M>()) {
      if (!detail::inside(realm)) [[unlikely]] {
        return call_from_outside<M>(realm, std::forward<F>(fallback),
                                    std::forward<A>(arguments)...);
      }
      JSContext* ctx = realm->context;
      const detail::KeptAlive self(cell_->Payload::object);
      const JSAtom key = detail::MemberKey<M>::atom(realm);
      const detail::OwnedValue method(
          ctx,
          key == 0 ? engine::exception() : engine::get_property(ctx, cell_->Payload::object, key));
      if (!engine::is_undefined(method.get())) [[likely]] {
        return detail::finish_or_throw<R>(realm,
                                          call(ctx, method.get(), std::forward<A>(arguments)...));
      }
    }
    return std::forward<F>(fallback)();
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

  /// The realm of the object's script; null when C++'s own function is asked for.
  template <auto M>
  [[nodiscard]] detail::Realm* script() const noexcept {
    if (cell_ == nullptr) [[unlikely]] {
      return nullptr;
    }
    if (cell_->as_written == &detail::member_id<M>) [[unlikely]] {
      cell_->as_written = nullptr;  // what that calls is virtual again
      return nullptr;
    }
    return cell_->realm;
  }
  template <auto M, class F, class... A>
  [[gnu::noinline]] auto call_from_outside(detail::Realm* realm, F&& fallback,
                                           A&&... arguments) const {
    const detail::Entry entry(realm);
    return entry ? call_or<M>(std::forward<F>(fallback), std::forward<A>(arguments)...)
                 : std::forward<F>(fallback)();
  }
  /// The method's result, or an exception, also one that it was to be read with.
  template <class... A>
  JSValue call(JSContext* ctx, JSValueConst method, A&&... arguments) const {
    if (engine::is_exception(method)) [[unlikely]] {
      return engine::exception();
    }
    detail::Arguments<A...> converted(ctx, std::forward<A>(arguments)...);
    if (!converted) [[unlikely]] {
      return engine::exception();
    }
    return engine::call(ctx, method, cell_->Payload::object, converted.size(), converted.data());
  }

  detail::Cell* cell_ = nullptr;
};

}  // namespace quip

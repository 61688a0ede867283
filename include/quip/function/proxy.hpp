// Proxies (ECMA-262 10.5, 28.2): objects whose every operation a handler answers, in C++ if wanted.
#pragma once

#include <quip/function/function.hpp>
#include <quip/value/object.hpp>

#include <cstdint>
#include <string_view>
#include <utility>

namespace quip {

/// The operations on an object that a handler can answer (ECMA-262 table 4).
enum class Trap : std::uint8_t {
  get,
  set,
  has,
  delete_property,
  define_property,
  get_own_property_descriptor,
  own_keys,
  get_prototype_of,
  set_prototype_of,
  is_extensible,
  prevent_extensions,
  apply,
  construct,
};

/// The name of the trap's method in a handler, e.g. "deleteProperty".
std::string_view to_string(Trap trap) noexcept;

/// A handler for a Proxy with traps in C++: any callables whose parameters convert from what the
/// trap is called with. What they return converts and is checked by the engine against the rules
/// that every proxy must keep; what they throw, the operation throws. An operation without a trap
/// is the target's own.
///
///     const quip::Proxy proxy(ctx, target,
///                             quip::ProxyHandler(ctx)
///                                 .get([](quip::Object target, quip::Atom key) { … })
///                                 .has([](quip::Object target, std::string key) { … }));
///
/// Under the hood it is an object without a prototype, which Object's own operations can change:
/// also while a proxy uses it. A key that may be a symbol is taken as an Atom or a Value.
class ProxyHandler {
 public:
  /// A handler without traps. Throws Error when memory is short.
  explicit ProxyHandler(const Ctx& ctx) : ProxyHandler(try_make(ctx).value()) {}
  /// As the constructor, with the error as a value.
  static Result<ProxyHandler> try_make(const Ctx& ctx);

  /// Sets a trap: a callable, or a Function. Throws Error when memory is short.
  template <class F>
  ProxyHandler trap(Trap trap, F&& function) const {
    try_trap(trap, std::forward<F>(function)).value();
    return *this;
  }
  /// As `trap`, with the error as a value.
  template <class F>
  Result<void> try_trap(Trap trap, F&& function) const {
    return object_.try_set(to_string(trap), std::forward<F>(function));
  }

  /// (target, key, receiver) -> the value
  template <class F>
  ProxyHandler get(F&& function) const {
    return trap(Trap::get, std::forward<F>(function));
  }
  /// (target, key, value, receiver) -> whether it was set
  template <class F>
  ProxyHandler set(F&& function) const {
    return trap(Trap::set, std::forward<F>(function));
  }
  /// (target, key) -> bool, of `key in proxy`
  template <class F>
  ProxyHandler has(F&& function) const {
    return trap(Trap::has, std::forward<F>(function));
  }
  /// (target, key) -> whether it is deleted
  template <class F>
  ProxyHandler delete_property(F&& function) const {
    return trap(Trap::delete_property, std::forward<F>(function));
  }
  /// (target, key, descriptor) -> whether it was defined
  template <class F>
  ProxyHandler define_property(F&& function) const {
    return trap(Trap::define_property, std::forward<F>(function));
  }
  /// (target, key) -> a property descriptor's object, or undefined
  template <class F>
  ProxyHandler get_own_property_descriptor(F&& function) const {
    return trap(Trap::get_own_property_descriptor, std::forward<F>(function));
  }
  /// (target) -> an array of strings and symbols
  template <class F>
  ProxyHandler own_keys(F&& function) const {
    return trap(Trap::own_keys, std::forward<F>(function));
  }
  /// (target) -> an object or null
  template <class F>
  ProxyHandler get_prototype_of(F&& function) const {
    return trap(Trap::get_prototype_of, std::forward<F>(function));
  }
  /// (target, prototype) -> whether it was set
  template <class F>
  ProxyHandler set_prototype_of(F&& function) const {
    return trap(Trap::set_prototype_of, std::forward<F>(function));
  }
  /// (target) -> bool
  template <class F>
  ProxyHandler is_extensible(F&& function) const {
    return trap(Trap::is_extensible, std::forward<F>(function));
  }
  /// (target) -> whether it is done
  template <class F>
  ProxyHandler prevent_extensions(F&& function) const {
    return trap(Trap::prevent_extensions, std::forward<F>(function));
  }
  /// (target, this, arguments) -> the result; the target must be a function
  template <class F>
  ProxyHandler apply(F&& function) const {
    return trap(Trap::apply, std::forward<F>(function));
  }
  /// (target, arguments, new.target) -> an object; the target must be a constructor
  template <class F>
  ProxyHandler construct(F&& function) const {
    return trap(Trap::construct, std::forward<F>(function));
  }

  /// The handler's object.
  [[nodiscard]] const Object& object() const noexcept { return object_; }
  operator const Object&() const noexcept { return object_; }

 private:
  explicit ProxyHandler(Object object) noexcept : object_(std::move(object)) {}
  Object object_;
};

template <>
struct Convert<ProxyHandler> {
  static JSValue into_js(JSContext* ctx, const ProxyHandler& handler) noexcept {
    return detail::give_handle(ctx, handler.object().handle());
  }
};

/// A JavaScript Proxy. One whose target is a function is a function too: as<Function>() calls it.
class Proxy : public Object {
 public:
  /// A proxy with the function that revokes it (see `revocable`).
  struct Revocable;

  /// An empty handle.
  Proxy() noexcept = default;
  /// JavaScript's `new Proxy(target, handler)`. Throws Error when the context has no Proxy (see
  /// Context::base) or memory is short.
  Proxy(const Ctx& ctx, const Object& target, const Object& handler)
      : Proxy(try_make(ctx, target, handler).value()) {}
  /// As the constructor, with the error as a value.
  static Result<Proxy> try_make(const Ctx& ctx, const Object& target, const Object& handler);

  /// JavaScript's `Proxy.revocable(target, handler)`: after `revoke()` every operation on the proxy
  /// is a TypeError.
  static Revocable revocable(const Ctx& ctx, const Object& target, const Object& handler);
  /// As `revocable`, with the error as a value.
  static Result<Revocable> try_revocable(const Ctx& ctx, const Object& target,
                                         const Object& handler);

  /// What the proxy stands for. Runs no trap. Throws TypeError for a revoked proxy.
  [[nodiscard]] Object target() const { return try_target().value(); }
  [[nodiscard]] Result<Object> try_target() const;
  /// What answers the operations. Runs no trap. Throws TypeError for a revoked proxy.
  [[nodiscard]] Object handler() const { return try_handler().value(); }
  [[nodiscard]] Result<Object> try_handler() const;
  /// Whether the proxy has been revoked. Runs no trap.
  [[nodiscard]] bool is_revoked() const { return try_is_revoked().value(); }
  [[nodiscard]] Result<bool> try_is_revoked() const;

  /// @internal
  static constexpr std::string_view type_name = "proxy";
  static bool accepts(ValueRef value) noexcept {
    return engine::kind_of(value.raw()) == engine::Kind::proxy;
  }
  explicit Proxy(detail::Handle handle) noexcept : Object(std::move(handle)) {}
};

struct Proxy::Revocable {
  Proxy proxy;
  Function revoke;
};

inline Proxy::Revocable Proxy::revocable(const Ctx& ctx, const Object& target,
                                         const Object& handler) {
  return try_revocable(ctx, target, handler).value();
}

template <>
struct Convert<Proxy> : detail::ConvertHandle<Proxy> {};

}  // namespace quip

// Weak references: objects that may go while they are referred to.
#pragma once

#include <quip/value/collection.hpp>

#include <optional>
#include <string_view>
#include <utility>

namespace quip {

/// A JavaScript WeakRef (ECMA-262 26.1): it does not keep its target alive.
class WeakRef : public Object {
 public:
  /// An empty handle.
  WeakRef() noexcept = default;
  /// A weak reference to an object, or to a symbol that is not in the registry of Symbol.for.
  /// Throws a TypeError for any other value, and where the context has no WeakRef.
  WeakRef(const Ctx& ctx, const Value& target) : WeakRef(try_make(ctx, target).value()) {}
  /// As the constructor, with the error as a value.
  static Result<WeakRef> try_make(const Ctx& ctx, const Value& target);

  /// The target as a T, or nothing when it is gone.
  template <class T = Value>
  [[nodiscard]] std::optional<T> deref() const {
    return try_deref<T>().value();
  }
  template <class T = Value>
  [[nodiscard]] Result<std::optional<T>> try_deref() const {
    Result<Value> target =
        detail::invoke_method<Value>(handle(), detail::Intrinsic::weak_ref_deref);
    if (!target) {
      return std::move(target).error();
    }
    if (target->is_undefined()) {
      return std::optional<T>();
    }
    Result<T> converted = target->template try_as<T>();
    if (!converted) {
      return std::move(converted).error();
    }
    return std::optional<T>(*std::move(converted));
  }

  /// @internal
  static constexpr std::string_view type_name = "weak ref";
  static bool accepts(ValueRef value) noexcept {
    return engine::kind_of(value.raw()) == engine::Kind::weak_ref;
  }
  explicit WeakRef(detail::Handle handle) noexcept : Object(std::move(handle)) {}
};

template <>
struct Convert<WeakRef> : detail::ConvertHandle<WeakRef> {};

}  // namespace quip

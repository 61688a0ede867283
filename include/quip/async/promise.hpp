// Promises, as far as they can be looked at from C++.
#pragma once

#include <quip/value/object.hpp>

namespace quip {

/// A promise's state (ECMA-262 27.2).
enum class PromiseState { pending, fulfilled, rejected };

/// A JavaScript promise. Its reactions run in Runtime::run.
class Promise : public Object {
 public:
  /// An empty handle.
  Promise() noexcept = default;

  [[nodiscard]] PromiseState state() const { return try_state().value(); }
  [[nodiscard]] Result<PromiseState> try_state() const;
  /// The value that it was fulfilled with. A rejected promise throws its reason; a pending one
  /// throws an Error of kind usage.
  template <class T = Value>
  [[nodiscard]] T result() const {
    return try_result<T>().value();
  }
  template <class T = Value>
  [[nodiscard]] Result<T> try_result() const {
    Result<Value> settled = try_settled();
    if constexpr (std::is_void_v<T>) {
      if (!settled) return std::move(settled).error();
      return {};
    } else {
      if (!settled) return std::move(settled).error();
      return settled->template try_as<T>();
    }
  }

  /// @internal
  static constexpr std::string_view type_name = "promise";
  static bool accepts(ValueRef value) noexcept {
    return engine::is_promise(value.context(), value.raw());
  }
  explicit Promise(detail::Handle handle) noexcept : Object(std::move(handle)) {}

 private:
  [[nodiscard]] Result<Value> try_settled() const;
};

template <>
struct Convert<Promise> : detail::ConvertHandle<Promise> {};

}  // namespace quip

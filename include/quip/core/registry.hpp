// Keys to values: plain data that stands for a JS value where a handle cannot go, such as the
// `void*` of a C library or a message to another thread.
#pragma once

#include <quip/core/context.hpp>
#include <quip/value/value.hpp>

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace quip {

/// What `Ctx::register_value` gives out. It is two numbers: it may be copied, compared, sent to
/// other threads and outlive the runtime; it owns nothing, so that a value whose key is lost stays
/// until the runtime ends. No number is given twice in a process: a key never leads to another
/// value, nor into another runtime, which refuses it. (Where a handle can be kept, keep the
/// handle.)
class RegistryKey {
 public:
  /// The key to nothing.
  constexpr RegistryKey() = default;
  /// The numbers, and the key of such.
  constexpr RegistryKey(std::uint64_t runtime, std::uint64_t number) noexcept
      : runtime_(runtime), number_(number) {}
  [[nodiscard]] constexpr std::uint64_t runtime() const noexcept { return runtime_; }
  [[nodiscard]] constexpr std::uint64_t number() const noexcept { return number_; }
  /// False for the key to nothing.
  constexpr explicit operator bool() const noexcept { return number_ != 0; }
  friend constexpr auto operator<=>(const RegistryKey&, const RegistryKey&) noexcept = default;

 private:
  std::uint64_t runtime_ = 0;
  std::uint64_t number_ = 0;
};

namespace detail {
/// The registered value in the realm's core; it may be refused.
Result<Value> registered_value(Realm* realm, const RegistryKey& key);
}  // namespace detail

template <class T>
T Ctx::registered(const RegistryKey& key) const {
  return try_registered<T>(key).value();
}
template <class T>
Result<T> Ctx::try_registered(const RegistryKey& key) const {
  Result<Value> value = detail::registered_value(realm_, key);
  if (!value) return std::move(value).error();
  return value->template try_as<T>();
}

}  // namespace quip

template <>
struct std::hash<quip::RegistryKey> {
  std::size_t operator()(const quip::RegistryKey& key) const noexcept {
    return std::hash<std::uint64_t>()(key.number());  // no two are alike
  }
};

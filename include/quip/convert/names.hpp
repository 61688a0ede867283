// Fixed lists of names - of members, of enumerators - as the engine's atoms.
#pragma once

#include <quip/core/convert.hpp>

#include <atomic>
#include <cstddef>
#include <string_view>
#include <utility>

namespace quip::detail {

/// The names that a type's conversion uses. Each runtime interns them at their first use there and
/// keeps them.
struct Names {
  const std::string_view* views;
  std::size_t count;
  std::atomic<std::size_t> number{0};  ///< of the list, in this process; 0 before its first use
};
const JSAtom* intern_names(Realm* realm, Names& names) noexcept;
/// The names' atoms, borrowed from the runtime; null with a pending exception.
inline const JSAtom* atoms_of(Realm* realm, Names& names) noexcept {
  const Core* core = realm->core;
  const std::size_t number = names.number.load(std::memory_order_relaxed);
  if (number < core->name_count) [[likely]] {
    if (const JSAtom* known = core->names[number]; known != nullptr) [[likely]] {
      return known;
    }
  }
  return intern_names(realm, names);
}

/// A reference that ends with the scope.
class OwnedValue {
 public:
  OwnedValue(JSContext* ctx, JSValue value) noexcept : ctx_(ctx), value_(value) {}
  OwnedValue(const OwnedValue&) = delete;
  OwnedValue& operator=(const OwnedValue&) = delete;
  [[gnu::always_inline]] ~OwnedValue() { engine::release(ctx_, value_); }
  [[nodiscard]] JSValueConst get() const noexcept { return value_; }
  JSValue take() noexcept { return std::exchange(value_, engine::undefined()); }

 private:
  JSContext* ctx_;
  JSValue value_;
};

}  // namespace quip::detail

#include <quip/value/persistent.hpp>

#include <cstdint>
#include <cstring>
#include <functional>

namespace quip::detail {

namespace {

/// What tells a value from others of its tag.
std::uint64_t bits_of(JSValueConst value) noexcept {
  if (engine::is_counted(value)) {
    return reinterpret_cast<std::uintptr_t>(engine::get_pointer(value));
  }
  if (engine::is_float64(value)) {
    const double number = engine::get_float64(value);
    std::uint64_t bits = 0;
    std::memcpy(&bits, &number, sizeof bits);
    return bits;
  }
  switch (engine::tag(value)) {
    case JS_TAG_INT:
      return static_cast<std::uint32_t>(engine::get_int32(value));
    case JS_TAG_BOOL:
      return engine::get_bool(value) ? 1 : 0;
    case JS_TAG_SHORT_BIG_INT:
      return static_cast<std::uint64_t>(JS_VALUE_GET_SHORT_BIG_INT(value));
    default:
      return 0;
  }
}

}  // namespace

bool same_reference(const Handle& a, const Handle& b) noexcept {
  return a.realm()->owner == b.realm()->owner && engine::tag(a.get()) == engine::tag(b.get()) &&
         bits_of(a.get()) == bits_of(b.get());
}

std::size_t reference_hash(const Handle& handle) noexcept {
  const auto tag = static_cast<std::uint64_t>(engine::tag(handle.get())) << 56U;
  return std::hash<std::uint64_t>()(bits_of(handle.get()) ^ tag);
}

}  // namespace quip::detail

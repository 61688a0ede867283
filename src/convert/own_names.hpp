// The names of an object's properties, for the conversions that read all of them. Private to src/.
#pragma once

#include <quip/engine/engine.hpp>

#include <cstdint>

namespace quip::detail {

/// The own enumerable properties with text keys, for one scope.
class OwnNames {
 public:
  OwnNames(JSContext* ctx, JSValueConst object) noexcept : ctx_(ctx) {
    if (::JS_GetOwnPropertyNames(ctx, &table_, &size_, object,
                                 JS_GPN_STRING_MASK | JS_GPN_ENUM_ONLY) != 0) {
      table_ = nullptr;
      failed_ = true;
    }
  }
  OwnNames(const OwnNames&) = delete;
  OwnNames& operator=(const OwnNames&) = delete;
  ~OwnNames() {
    if (!failed_) {
      engine::free_property_enum(ctx_, table_, size_);
    }
  }
  explicit operator bool() const noexcept { return !failed_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] const JSPropertyEnum* begin() const noexcept { return table_; }
  [[nodiscard]] const JSPropertyEnum* end() const noexcept { return table_ + size_; }

 private:
  JSContext* ctx_;
  JSPropertyEnum* table_ = nullptr;
  std::uint32_t size_ = 0;
  bool failed_ = false;
};

}  // namespace quip::detail

// What the rows of conversions share: quip's side, which is the same for all types, and C's readers
// of single values.
#pragma once

#include "c_host.hpp"
#include "row.hpp"
#include <quip/quip.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace bench {

// ---- quip
// ------------------------------------------------------------------------------------------

/// A C++ value into JavaScript. `given` lives as long as the program.
template <class T>
Run value_out(const quip::Ctx& ctx, const T& given) {
  return [ctx, &given](std::int64_t n) {
    repeat(n, [&](std::int32_t) {
      const quip::Value value(ctx, given);
      keep(value);
    });
  };
}
/// A script's value as a T.
template <class T>
Run value_in(const quip::Ctx& ctx, const std::string& source) {
  return [value = ctx.eval(source)](std::int64_t n) {
    repeat(n, [&](std::int32_t) {
      const T read = value.as<T>();
      keep(read);
    });
  };
}

// ---- C: a value of the form that it usually has, the others are elsewhere
// ----------------------------------------------------------------------------------------------

[[gnu::noinline]] inline double read_double_slowly(JSValueConst value) {
  if (JS_VALUE_GET_TAG(value) != JS_TAG_INT) fail("a number was expected");
  return JS_VALUE_GET_INT(value);
}
inline double read_double(JSValueConst value) {
  if (JS_TAG_IS_FLOAT64(JS_VALUE_GET_TAG(value))) [[likely]]
    return JS_VALUE_GET_FLOAT64(value);
  return read_double_slowly(value);
}
inline int read_int(JSValueConst value) {
  if (JS_VALUE_GET_TAG(value) != JS_TAG_INT) [[unlikely]]
    fail("an integer was expected");
  return JS_VALUE_GET_INT(value);
}
inline bool read_bool(JSValueConst value) {
  if (JS_VALUE_GET_TAG(value) != JS_TAG_BOOL) [[unlikely]]
    fail("a boolean was expected");
  return JS_VALUE_GET_BOOL(value) != 0;
}
inline std::int64_t read_int64(JSValueConst value) {
  const double number = read_double(value);
  const auto whole = static_cast<std::int64_t>(number);
  if (static_cast<double>(whole) != number) [[unlikely]]
    fail("a whole number was expected");
  return whole;
}
/// For ASCII the engine gives its own characters, without a copy.
template <class Take>
void read_text(JSContext* ctx, JSValueConst value, const Take& take) {
  if (!JS_IsString(value)) [[unlikely]]
    fail("a string was expected");
  std::size_t size = 0;
  const char* text = JS_ToCStringLen(ctx, &size, value);
  if (text == nullptr) [[unlikely]]
    fail("text");
  take(text, size);
  JS_FreeCString(ctx, text);
}
inline void append_string(JSContext* ctx, std::vector<std::string>& to, JSValueConst value) {
  read_text(ctx, value, [&](const char* text, std::size_t size) { to.emplace_back(text, size); });
}

}  // namespace bench

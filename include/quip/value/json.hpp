// JSON text to values and back (ECMA-262 25.5).
#pragma once

#include <quip/convert/string.hpp>
#include <quip/function/function.hpp>
#include <quip/value/value.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace quip::json {

/// How `stringify` writes.
struct StringifyOptions {
  /// A function that is asked for each value, or the names of the properties to write.
  std::variant<std::monostate, Function, std::vector<std::string>> replacer = {};
  /// What a level of nesting is indented by: so many spaces, or a text; ten characters at most.
  std::variant<std::monostate, int, std::string> space = {};
};

namespace detail {
JSValue read(quip::detail::Realm* realm, std::string_view text, const std::string& name);
Result<std::optional<std::string>> write(quip::detail::Realm* realm, JSValueConst value,
                                         const StringifyOptions& options);
}  // namespace detail

/// The value of a JSON text as a T, and the error as a value (see `parse`).
template <class T = Value>
Result<T> try_parse(const Ctx& ctx, std::string_view text, const std::string& name = "<json>") {
  quip::detail::Realm* realm = ctx.realm();
  const quip::detail::Entry entry(realm);
  if (!entry) [[unlikely]] {
    return quip::detail::refusal(realm);
  }
  return quip::detail::from_owned<T>(realm, detail::read(realm, text, name));
}

/// The value of a JSON text as a T. `name` is the file that the place of an error names. Throws a
/// SyntaxError for a text that is no JSON (or no UTF-8), a RangeError for one nested too deeply,
/// and conversion errors. Engine: JS_ParseJSON; runs no script.
template <class T = Value>
T parse(const Ctx& ctx, std::string_view text, const std::string& name = "<json>") {
  return try_parse<T>(ctx, text, name).value();
}

/// The JSON text of a value, and the error as a value (see `stringify`).
Result<std::optional<std::string>> try_stringify(const Value& value,
                                                 const StringifyOptions& options = {});
template <class T>
  requires(!std::is_base_of_v<Ctx, std::remove_cvref_t<T>>)
Result<std::optional<std::string>> try_stringify(const Ctx& ctx, T&& value,
                                                 const StringifyOptions& options = {}) {
  Result<Value> converted = [&]() -> Result<Value> {
    if constexpr (std::is_base_of_v<Value, std::remove_cvref_t<T>>) {
      return Value(value);
    } else {
      return Value::try_make(ctx, std::forward<T>(value));
    }
  }();
  if (!converted) {
    return std::move(converted).error();
  }
  quip::detail::Realm* realm = ctx.realm();
  const quip::detail::Entry entry(realm);
  if (!entry) [[unlikely]] {
    return quip::detail::refusal(realm);
  }
  const quip::detail::Handle given(realm,
                                   quip::detail::give_handle(realm->context, converted->handle()));
  if (engine::is_exception(given.get())) {
    return quip::detail::caught(realm);
  }
  return detail::write(realm, given.get(), options);
}

/// The JSON text of a value; nothing for what JSON has no text for (undefined, functions,
/// symbols). Runs toJSON, getters and the replacer, and throws what they throw; a TypeError for a
/// BigInt and for an object that contains itself, and an error for one nested too deeply.
/// Engine: JS_JSONStringify.
inline std::optional<std::string> stringify(const Value& value,
                                            const StringifyOptions& options = {}) {
  return try_stringify(value, options).value();
}
/// The same for any convertible C++ value.
template <class T>
  requires(!std::is_base_of_v<Ctx, std::remove_cvref_t<T>>)
std::optional<std::string> stringify(const Ctx& ctx, T&& value,
                                     const StringifyOptions& options = {}) {
  return try_stringify(ctx, std::forward<T>(value), options).value();
}

}  // namespace quip::json

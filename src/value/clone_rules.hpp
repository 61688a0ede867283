// What structured cloning asks of a value, for copies within a runtime and for messages to another
// one (HTML 2.7.3). Private to src/.
#pragma once

#include <quip/convert/number.hpp>
#include <quip/convert/string.hpp>
#include <quip/core/intrinsic.hpp>
#include <quip/value/object.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace quip::detail {

/// An object whose content is being read. What is listed here stays, whatever getters do.
struct CloneSource {
  Value source;
  engine::Kind kind;
  std::vector<Atom> keys;     // of what has its content in properties
  std::vector<Value> values;  // of a Map (key, value, key, …) or a Set
  std::size_t next = 0;

  [[nodiscard]] std::size_t size() const noexcept { return std::max(keys.size(), values.size()); }
  /// The place of the part that was taken last.
  [[nodiscard]] std::string place() const {
    const std::size_t index = next - 1;
    if (kind == engine::Kind::map) {
      return "[entry " + std::to_string(index / 2) + (index % 2 == 0 ? "].key" : "].value");
    }
    if (kind == engine::Kind::set) return "[element " + std::to_string(index) + "]";
    const std::string key = keys[index].try_to_string().value_or("?");
    const bool is_index =
        kind == engine::Kind::array && key.find_first_not_of("0123456789") == std::string::npos;
    return is_index ? "[" + key + "]" : "." + key;
  }
};

/// Why something cannot be cloned; `frames` lead to it.
template <class Frames>
Error refuse_clone(const Frames& frames, const std::string& what) {
  std::string place;
  for (const CloneSource& frame : frames) place += frame.place();
  if (place.starts_with('.')) place.erase(0, 1);
  return Error::named("DataCloneError",
                      (place.empty() ? "" : place + ": ") + what + " cannot be cloned");
}

/// An object that no clone is made of, for `refuse_clone`.
inline std::string uncloneable(const Value& source) {
  const Type type = source.type();
  return type == Type::object ? "an object of a native class" : "a " + std::string(to_string(type));
}

/// Why a value that is listed for transfer cannot be, as an Error.
inline Error refuse_transfer(const char* why) {
  return Error::named("DataCloneError", std::string("transfer: ") + why);
}

/// The value of an own data property; an empty Value where there is none. Runs no getter.
inline Result<Value> own_value(Realm* realm, const Value& object, JSAtom key) {
  JSContext* ctx = realm->context;
  JSPropertyDescriptor descriptor;
  const int found = key == 0 ? -1 : ::JS_GetOwnProperty(ctx, &descriptor, object.raw(), key);
  if (found < 0) return caught(realm);
  if (found == 0) return Value();
  const Value value(Handle(realm, descriptor.value));
  engine::release(ctx, descriptor.getter);
  engine::release(ctx, descriptor.setter);
  return (descriptor.flags & JS_PROP_GETSET) != 0 ? Value() : value;
}

/// What the engine or an intrinsic made, if it is what it should be: a script may have put
/// something else in the place of a global. Takes the value over.
inline Result<Value> made_as(Realm* realm, JSValue value, engine::Kind kind) {
  Result<Value> result = from_owned<Value>(realm, value);
  if (result && engine::kind_of(result->raw()) != kind) {
    return Error::type("a script has replaced what makes " +
                       describe(ValueRef(realm->context, result->raw())));
  }
  return result;
}

/// A new Error object of a class that errors keep; of another name it is an Error. Without message.
inline Result<Value> new_error(Realm* realm, std::string_view name) {
  JSContext* ctx = realm->context;
  constexpr std::array<std::string_view, 4> thrown = {"RangeError", "ReferenceError", "SyntaxError",
                                                      "TypeError"};
  const bool is_thrown = std::find(thrown.begin(), thrown.end(), name) != thrown.end();
  throw_error(ctx, Error::named(std::string(is_thrown ? name : "Error"), {}));
  Result<Value> target = made_as(realm, ::JS_GetException(ctx), engine::Kind::error);
  if (!target) return target;
  if (name == "EvalError" || name == "URIError") {
    JSValue prototype = intrinsic(realm, name == "EvalError" ? Intrinsic::eval_error_prototype
                                                             : Intrinsic::uri_error_prototype);
    if (engine::is_exception(prototype) || ::JS_SetPrototype(ctx, target->raw(), prototype) < 0) {
      return caught(realm);
    }
  }
  if (::JS_DeleteProperty(ctx, target->raw(), Key<"message">::atom(realm), 0) < 0) {
    return caught(realm);
  }
  return target;
}

}  // namespace quip::detail

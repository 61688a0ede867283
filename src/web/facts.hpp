// What is asked of objects to show them, without running a script's code. Private to src/web/.
#pragma once

#include <quip/value/object.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace quip::web {

/// What an object is by its inner nature, whatever its prototype says.
enum class Kind : std::uint8_t {
  object,
  array,
  function,
  error,
  promise,
  arguments,
  array_buffer,
  boxed,
  data_view,
  date,
  map,
  module,
  regexp,
  set,
  shared_array_buffer,
  typed_array,
  weak_map,
  weak_set,
};

/// What is known about an object before its properties are looked at.
struct Survey {
  Kind kind = Kind::object;
  /// The name of the constructor; empty for an object whose prototype is null.
  std::optional<std::string> constructor;
  /// The Symbol.toStringTag, if it is plain text.
  std::string tag;
  /// Of maps and sets the size, of typed arrays the length, of dates and regular expressions the
  /// text, of boxed primitives the primitive, of buffers the length in bytes (undefined when
  /// detached).
  Value detail;
};

/// An own property as it is defined: nothing is run to get its value.
struct Property {
  Value key;  ///< a String or a Symbol
  Value value;
  bool enumerable = true;
  bool has_getter = false;
  bool has_setter = false;
  bool uninitialized = false;  ///< an export of a module that did not get that far
};

/// Which own properties are asked for.
enum class Keys : std::uint8_t {
  all,
  all_but_indices,  ///< those of an array besides its elements
  symbols,
};

/// Makes the context keep the functions of the standard library that are used below, so that a
/// script which replaces them later is not asked.
void keep_facts(const Ctx& ctx) noexcept;

/// The object itself or, for a Proxy, what it stands for; nothing when it is revoked.
std::optional<Object> unproxied(const Object& object);

// None of the following may be asked of a Proxy.

Survey survey(const Object& object);
/// The own property of that key, or nothing.
std::optional<Property> read_property(const Object& object, const Atom& key);
template <PropertyKey K>
std::optional<Property> read_property(const Object& object, const K& key) {
  return read_property(object, Atom(object.ctx(), key));
}
/// The own properties in order; with `hidden` also those that are not enumerable.
std::vector<Property> properties(const Object& object, Keys keys, bool hidden);
/// The first `most` entries of a Map (key, value, key, value, …) or elements of a Set.
std::vector<Value> entries(const Object& map, std::size_t most);
std::vector<Value> elements(const Object& set, std::size_t most);
/// The first `most` bytes of an ArrayBuffer.
std::vector<std::byte> bytes(const Object& buffer, std::size_t most);
/// What lies behind a DataView: byteLength, byteOffset, buffer.
std::vector<Value> view_parts(const Object& data_view);
/// The stack of an Error object, with or without the message above it.
std::string stack_of(const Object& error);
/// A text property of the object or of its prototypes; empty when it is anything else.
std::string inherited_text(const Object& object, std::string_view key);
/// The source text of a function.
std::string source_of(const Object& function);
/// "Function", "AsyncFunction", "GeneratorFunction" or "AsyncGeneratorFunction".
std::string_view function_type(const Object& function);
/// The name of the class that a class extends; empty when it extends none.
std::string super_name(const Object& constructor);
/// The stack of the scripts that run now; empty when none does.
std::string current_stack(const Ctx& ctx);

/// JavaScript's parseInt and parseFloat; to be asked of primitives, for which they run nothing.
Value parsed_integer(const Value& primitive);
Value parsed_float(const Value& primitive);

}  // namespace quip::web

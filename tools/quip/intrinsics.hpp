// What the program asks objects without running a script's code.
#pragma once

#include <quip/quip.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace quip::program {

/// What an object is by its inner nature, whatever its prototype says.
enum class Kind {
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
enum class Keys {
  all,
  all_but_indices,  ///< those of an array besides its elements
  symbols,
};

/// Questions about objects, answered by the functions that the realm started with: a script that
/// replaces them later, or that makes objects with hostile getters and traps, is not asked and
/// not run. To know a proxy from its target the global Proxy constructor is wrapped, which no
/// script can tell.
class Intrinsics {
 public:
  /// Must be made before the first script runs.
  explicit Intrinsics(const Ctx& ctx);

  /// The object itself or, for a Proxy, what it stands for; nothing when it is revoked.
  [[nodiscard]] std::optional<Object> unproxied(const Object& object) const;

  // None of the following may be asked of a Proxy.

  [[nodiscard]] Survey survey(const Object& object) const;
  /// The own property of that key, or nothing.
  template <PropertyKey K>
  [[nodiscard]] std::optional<Property> property(const Object& object, const K& key) const {
    return read_property(object, Value(ctx(), key));
  }
  [[nodiscard]] std::optional<Property> read_property(const Object& object, Value key) const;
  /// The own properties in order; with `hidden` also those that are not enumerable.
  [[nodiscard]] std::vector<Property> properties(const Object& object, Keys keys,
                                                 bool hidden) const;
  /// The first `most` entries of a Map (key, value, key, value, …) or elements of a Set.
  [[nodiscard]] std::vector<Value> entries(const Object& map, std::size_t most) const;
  [[nodiscard]] std::vector<Value> elements(const Object& set, std::size_t most) const;
  /// The first `most` bytes of an ArrayBuffer.
  [[nodiscard]] std::vector<int> bytes(const Object& buffer, std::size_t most) const;
  /// What lies behind a DataView: byteLength, byteOffset, buffer.
  [[nodiscard]] std::vector<Value> view(const Object& data_view) const;
  /// The stack of an Error object, with or without the message above it.
  [[nodiscard]] std::string stack(const Object& error) const;
  /// A text property of the object or of its prototypes; empty when it is anything else.
  [[nodiscard]] std::string inherited_text(const Object& object, std::string_view key) const;
  /// The source text of a function.
  [[nodiscard]] std::string source(const Object& function) const;
  /// "Function", "AsyncFunction", "GeneratorFunction" or "AsyncGeneratorFunction".
  [[nodiscard]] std::string function_type(const Object& function) const;
  /// The name of the class that a class extends; empty when it extends none.
  [[nodiscard]] std::string super_name(const Object& constructor) const;

  // JavaScript's conversions; to be asked of primitives, for which they run nothing.

  [[nodiscard]] Value number(const Value& primitive) const;
  [[nodiscard]] Value parsed_integer(const Value& primitive) const;
  [[nodiscard]] Value parsed_float(const Value& primitive) const;
  /// JSON.stringify, which does run a script's toJSON and getters.
  [[nodiscard]] Result<Value> json(const Value& value) const;
  /// The stack of the scripts that run now; empty when none does.
  [[nodiscard]] std::string current_stack() const;

 private:
  [[nodiscard]] Ctx ctx() const { return helpers_.ctx(); }
  [[nodiscard]] Function helper(std::string_view name) const {
    return helpers_.get<Function>(name);
  }
  template <class R, class... A>
  [[nodiscard]] R ask(const Function& function, R otherwise, A&&... arguments) const {
    return function.try_call<R>(std::forward<A>(arguments)...).value_or(std::move(otherwise));
  }

  Object helpers_;
  Function unproxy_, survey_, property_;
};

}  // namespace quip::program

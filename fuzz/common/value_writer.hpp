// Writes JavaScript expressions from an input's bytes: values that conversions, inspectors and
// bound functions trip over.
#pragma once

#include "input.hpp"

#include <cstddef>
#include <span>
#include <string>

namespace quip::fuzz {

/// A grammar of values: holes and getters, proxies that lie, detached buffers, rings, iterators
/// that throw, patched prototypes. Its functions call the globals `drop()` and `gc()`, which the
/// target defines.
class ValueWriter {
 public:
  /// @param natives the names of functions of one parameter that the target has bound.
  ValueWriter(Input& random, std::span<const char* const> natives)
      : random_(random), natives_(natives) {}

  /// A whole script: patches, variables, and a value, which is its result.
  std::string script();
  /// An expression, in parentheses if it is none of a single word.
  std::string value();
  /// A value that is no object.
  std::string primitive();
  /// A property's name, as an object literal has it.
  std::string key();
  /// A statement that changes what the standard library has.
  std::string patch();
  /// A function without parameters, of that result.
  std::string function(const std::string& result);
  /// An object literal; elements of an array literal, some of them holes.
  std::string object();
  std::string elements();
  /// Elements or properties, separated by commas.
  template <class Write>
  std::string list(const Write& write) {
    std::string text;
    std::size_t left = random_.below(12) < 10 ? random_.below(4) : random_.below(16);
    for (; left > 0; --left) {
      text += write() + ", ";
    }
    return text;
  }
  /// Writes no huge array from here on: what looks at each of its elements would not end.
  void leave_out_huge() noexcept { huge_ = true; }

 private:
  template <std::size_t N>
  std::string one_of(const char* const (&choices)[N]) {
    return random_.one_of(choices);
  }
  std::string property();
  std::string typed_array();
  std::string trap();
  std::string proxy();
  std::string iterable();
  std::string list_of_yields();
  std::string odd_array();
  std::string ring();
  std::string compound();

  Input& random_;
  std::span<const char* const> natives_;
  int depth_ = 0;
  std::size_t variables_ = 0;
  std::size_t shared_ = 0;
  bool huge_ = false;  ///< no huge array may be written, or none any more
};

}  // namespace quip::fuzz

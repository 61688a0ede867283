// JSON text as plain C++ data, read by quip's own engine. Private to src/.
#pragma once

#include <quip/core/context.hpp>
#include <quip/core/result.hpp>
#include <quip/core/runtime.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace quip::detail {

/// A value of a JSON text. The members of an object have the order of JavaScript's own keys: names
/// that are array indices first, the others as the text has them.
struct JsonTree {
  enum class Kind { null, boolean, number, string, array, object };
  struct Member;

  Kind kind = Kind::null;
  bool truth = false;              ///< of a boolean
  std::string text;                ///< of a string
  std::vector<JsonTree> elements;  ///< of an array
  std::vector<Member> members;     ///< of an object

  [[nodiscard]] bool is(Kind wanted) const noexcept { return kind == wanted; }
  /// The object's member of that name, or null.
  [[nodiscard]] const JsonTree* find(std::string_view name) const noexcept;
  /// The text of the object's member of that name, or null when that is no string.
  [[nodiscard]] const std::string* find_text(std::string_view name) const noexcept;
};
struct JsonTree::Member {
  std::string name;
  JsonTree value;
};

/// A runtime for nothing but this.
class JsonReader {
 public:
  static Result<JsonReader> try_make();
  /// A SyntaxError for what is no JSON; a RangeError for what nests deeper than it may.
  Result<JsonTree> read(std::string_view text, const std::string& name);

 private:
  JsonReader(Runtime runtime, Context context)
      : runtime_(std::move(runtime)), context_(std::move(context)) {}
  Runtime runtime_;
  Context context_;
};

}  // namespace quip::detail

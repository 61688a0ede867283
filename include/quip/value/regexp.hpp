// Regular expressions.
#pragma once

#include <quip/value/object.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace quip {

/// A JavaScript RegExp (ECMA-262 22.2).
class RegExp : public Object {
 public:
  /// What a successful `exec` found.
  struct Match {
    /// Where the match begins, in UTF-16 code units, as JavaScript counts.
    std::size_t index = 0;
    /// The text that matched.
    std::string text;
    /// The groups in the order of their brackets, the first at 0; one that took no part is empty.
    std::vector<std::optional<std::string>> groups;
    /// The named ones among them.
    std::map<std::string, std::optional<std::string>> named;
  };

  /// An empty handle.
  RegExp() noexcept = default;
  /// As `new RegExp(pattern, modifiers)`, where the modifiers are flags such as "gi". Throws a
  /// SyntaxError when pattern or modifiers are none.
  RegExp(const Ctx& ctx, std::string_view pattern, std::string_view modifiers = {})
      : RegExp(try_make(ctx, pattern, modifiers).value()) {}
  /// As the constructor, with the error as a value.
  static Result<RegExp> try_make(const Ctx& ctx, std::string_view pattern,
                                 std::string_view modifiers = {});

  /// The pattern as it would stand between slashes.
  [[nodiscard]] std::string source() const { return try_source().value(); }
  [[nodiscard]] Result<std::string> try_source() const;
  /// The flags in alphabetical order, as they were given: what a subclass makes of `flags`,
  /// `global` and so on is not asked.
  [[nodiscard]] std::string flags() const { return try_flags().value(); }
  [[nodiscard]] Result<std::string> try_flags() const;

  /// Whether the text has a match. Where the flags have g or y it is looked for from `last_index`,
  /// which then moves behind it. A script's own `exec` is not asked.
  [[nodiscard]] bool test(std::string_view text) const { return try_test(text).value(); }
  [[nodiscard]] Result<bool> try_test(std::string_view text) const;
  /// The first match, from `last_index` on where the flags have g or y.
  [[nodiscard]] std::optional<Match> exec(std::string_view text) const {
    return try_exec(text).value();
  }
  [[nodiscard]] Result<std::optional<Match>> try_exec(std::string_view text) const;

  /// Where the next search begins when the flags have g or y, in UTF-16 code units. Throws when a
  /// script has made the property anything else, or has frozen it.
  [[nodiscard]] std::size_t last_index() const { return try_last_index().value(); }
  [[nodiscard]] Result<std::size_t> try_last_index() const;
  void set_last_index(std::size_t index) const { try_set_last_index(index).value(); }
  Result<void> try_set_last_index(std::size_t index) const;

  /// @internal
  static constexpr std::string_view type_name = "regexp";
  static bool accepts(ValueRef value) noexcept {
    return engine::kind_of(value.raw()) == engine::Kind::regexp;
  }
  explicit RegExp(detail::Handle handle) noexcept : Object(std::move(handle)) {}

 private:
  /// The result of the intrinsic `exec`: an object or null.
  [[nodiscard]] Result<Value> run(std::string_view text) const;
};

template <>
struct Convert<RegExp> : detail::ConvertHandle<RegExp> {};

}  // namespace quip

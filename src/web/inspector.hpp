// The work of inspect(), one object of it for each call. Not for others to include.
#pragma once

#include "facts.hpp"
#include "layout.hpp"
#include <quip/async/promise.hpp>
#include <quip/value/string.hpp>
#include <quip/web/inspect.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace quip::web {

constexpr int deepest = 200;  // whatever depth is asked for: our own stack is finite
constexpr std::size_t most_elements = 100;

/// "... 3 more items".
std::string more(std::size_t count, std::string_view unit);

/// One call of inspect.
class Inspector {
 public:
  explicit Inspector(const InspectOptions& options)
      : depth_(options.depth < deepest ? options.depth : deepest), hidden_(options.hidden) {}

  /// @param level how many objects it lies in.
  std::string show(const Value& value, int level);

 private:
  /// What is known of an object on the way to its Layout.
  struct Picture {
    Object object;
    Survey survey;
    Layout layout;
    std::vector<Property> properties;
  };

  // ---- primitives

  std::string primitive(const Value& value) const;

  static std::string symbol(const Value& value);

  std::string string(const String& value) const;

  /// A long text as the sum of its lines.
  std::string lines_of(std::string_view text) const;

  [[nodiscard]] std::size_t room(std::size_t line) const;

  // ---- objects

  std::string show_object(const Object& object, int level);

  /// The number that a circular reference shows.
  std::size_t reference(const Object& object);

  /// Whether index keys are elements, which are shown by another way than as properties.
  static bool has_elements(const Picture& picture);

  /// Which properties are shown as such.
  Keys shown_keys(const Picture& picture) const;

  /// "Name ", "Name [tag] ", "[Name: null prototype] ", without the space at the end.
  static std::string prefix(const Picture& picture, std::string_view fallback,
                            const std::string& size = {});

  /// Sets braces and base; returns the whole text of an object that has nothing inside.
  std::optional<std::string> outline(Picture& picture, int level);

  static std::optional<std::string> outline_list(Layout& layout, const std::string& prefix,
                                                 bool empty);

  std::string with_prefix(const Picture& picture, std::string_view type) const;

  std::string boxed(const Picture& picture) const;

  std::string own_name(const Object& object) const;

  std::string function(const Picture& picture) const;

  /// "Name: message" and the stack. Takes what it shows out of the properties, and puts the cause
  /// and the errors of an AggregateError in.
  std::string error(Picture& picture);

  // ---- contents

  void add_contents(Picture& picture, int level);

  /// "... n more items" behind the entries of a Map or Set.
  static void add_rest(Picture& picture);

  std::size_t length_of(const Object& object) const;

  void add_elements(Picture& picture, int level);

  static std::vector<std::size_t> indices(const Object& array);

  void add_numbers(Picture& picture);

  void add_bytes(Picture& picture);

  void add_outcome(const Promise<>& promise, Layout& layout, int level);

  /// The value of a property, or what stands for it.
  std::string show_property(const Property& property, int level);

  static std::string key_text(const Property& property);

  int depth_;
  bool hidden_;
  std::size_t indentation_ = 0;
  int innermost_ = 0;             // the level of the object that was shown last
  std::vector<Object> open_;      // the objects that we are inside of
  std::vector<Object> circular_;  // those of them that were met again
  std::size_t written_ = 0;
};

}  // namespace quip::web

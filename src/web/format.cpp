#include "format.hpp"

#include "facts.hpp"
#include <quip/convert/coerced.hpp>
#include <quip/value/json.hpp>
#include <quip/value/string.hpp>
#include <quip/web/inspect.hpp>

#include <cstddef>
#include <string_view>

namespace quip::web {

namespace {

class Formatter {
 public:
  /// The argument for one directive; false if there is no such directive.
  bool directive(char letter, const Value& argument) {
    switch (letter) {
      case 's':
        text_ += string(argument);
        return true;
      case 'd':
        text_ += number(argument);
        return true;
      case 'i':
        text_ += integer(argument);
        return true;
      case 'f':
        text_ += decimal(argument);
        return true;
      case 'j':
        text_ += json(argument);
        return true;
      case 'o':
        text_ += inspect(argument, {.depth = 4, .hidden = true});
        return true;
      case 'O':
        text_ += inspect(argument);
        return true;
      case 'c':
        return true;  // a style sheet, which a terminal has no use for
      default:
        return false;
    }
  }

  std::string text_;

 private:
  static std::string string(const Value& value) {
    if (value.is_string()) return value.as<std::string>();
    if (value.is_object()) {
      const std::optional<Object> object = unproxied(value.as<Object>());
      if (object && object->is_function()) return source_of(*object);
    }
    return inspect(value, {.depth = 0});
  }

  static std::string number(const Value& value) {
    if (value.is_object() || value.is_symbol()) return "NaN";
    if (value.is_bigint()) return inspect(value);
    const auto number = value.try_as<Coerced<double>>();
    return number ? inspect(Value(value.ctx(), number->get())) : "NaN";
  }

  static std::string integer(const Value& value) {
    if (value.is_object() || value.is_symbol()) return "NaN";
    return inspect(value.is_bigint() ? value : parsed_integer(value));
  }

  static std::string decimal(const Value& value) {
    if (value.is_object() || value.is_symbol()) return "NaN";
    return inspect(parsed_float(value));
  }

  /// Runs a script's toJSON and getters.
  static std::string json(const Value& value) {
    const Result<std::optional<std::string>> text = quip::json::try_stringify(value);
    if (!text) return "[not serializable: " + text.error().message() + "]";
    return text->value_or("undefined");
  }
};

}  // namespace

std::string format(const std::vector<Value>& arguments) {
  Formatter formatter;
  std::string& out = formatter.text_;
  std::size_t next = 0;
  if (arguments.size() > 1 && arguments.front().is_string()) {
    const auto pattern = arguments.front().as<std::string>();
    next = 1;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
      if (pattern[i] != '%' || i + 1 == pattern.size()) {
        out += pattern[i];
      } else if (pattern[i + 1] == '%') {
        out += '%';
        ++i;
      } else if (next < arguments.size() && formatter.directive(pattern[i + 1], arguments[next])) {
        ++next;
        ++i;
      } else {
        out += '%';
      }
    }
  }
  for (; next < arguments.size(); ++next) {
    const Value& argument = arguments[next];
    if (next != 0) out += ' ';
    out += argument.is_string() ? argument.as<std::string>() : inspect(argument);
  }
  return out;
}

}  // namespace quip::web

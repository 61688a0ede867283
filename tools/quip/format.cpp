#include "format.hpp"

#include "inspect.hpp"

#include <cstddef>
#include <string_view>

namespace quip::program {

namespace {

class Formatter {
 public:
  explicit Formatter(const Intrinsics& intrinsics) : intrinsics_(intrinsics) {}

  /// The argument for one directive; false if there is no such directive.
  bool directive(char letter, const Value& argument) {
    switch (letter) {
      case 's':
        text_ += string(argument);
        return true;
      case 'd':
        text_ += number(argument, &Intrinsics::number);
        return true;
      case 'i':
        text_ += number(argument, &Intrinsics::parsed_integer);
        return true;
      case 'f':
        text_ += decimal(argument);
        return true;
      case 'j':
        text_ += json(argument);
        return true;
      case 'o':
        text_ += inspect(intrinsics_, argument, {.depth = 4, .hidden = true});
        return true;
      case 'O':
        text_ += inspect(intrinsics_, argument);
        return true;
      case 'c':
        return true;  // a style sheet, which a terminal has no use for
      default:
        return false;
    }
  }

  std::string text_;

 private:
  std::string string(const Value& value) const {
    if (value.is_string()) return value.as<std::string>();
    if (value.is_object()) {
      const std::optional<Object> object = intrinsics_.unproxied(value.as<Object>());
      if (object && object->is_function()) return intrinsics_.source(*object);
    }
    return inspect(intrinsics_, value, {.depth = 0});
  }

  std::string number(const Value& value, Value (Intrinsics::*convert)(const Value&) const) const {
    if (value.is_object() || value.is_symbol()) return "NaN";
    if (value.is_bigint()) return inspect(intrinsics_, value);
    return inspect(intrinsics_, (intrinsics_.*convert)(value));
  }

  std::string decimal(const Value& value) const {
    if (value.is_object() || value.is_symbol()) return "NaN";
    return inspect(intrinsics_, intrinsics_.parsed_float(value));
  }

  std::string json(const Value& value) const {
    const Result<Value> text = intrinsics_.json(value);
    if (!text) return "[not serializable: " + text.error().message() + "]";
    return text->is_string() ? text->as<std::string>() : "undefined";
  }

  const Intrinsics& intrinsics_;
};

}  // namespace

std::string format(const Intrinsics& intrinsics, const std::vector<Value>& arguments) {
  Formatter formatter(intrinsics);
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
    out += argument.is_string() ? argument.as<std::string>() : inspect(intrinsics, argument);
  }
  return out;
}

}  // namespace quip::program

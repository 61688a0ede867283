#include "inspect_text.hpp"
#include "inspector.hpp"
#include <quip/value/symbol.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

namespace quip::web {

namespace {

constexpr std::size_t longest_string = 10000;
constexpr std::size_t longest_output = std::size_t{64} << 20;

std::string number_text(const Value& number) {
  const Result<double> value = number.try_as<double>();
  if (value && *value == 0 && std::signbit(*value)) return "-0";
  return number.try_to_display_string().value_or("NaN");
}

}  // namespace

std::string more(std::size_t count, std::string_view unit) {
  return "... " + std::to_string(count) + " more " + std::string(unit) + (count > 1 ? "s" : "");
}

std::string Inspector::show(const Value& value, int level) {
  if (!value.is_object()) return primitive(value);
  const std::optional<Object> object = unproxied(value.as<Object>());
  if (!object) return "<Revoked Proxy>";
  if (std::find(open_.begin(), open_.end(), *object) != open_.end()) {
    return "[Circular *" + std::to_string(reference(*object)) + "]";
  }
  return show_object(*object, level);
}

std::string Inspector::primitive(const Value& value) const {
  switch (value.type()) {
    case Type::string:
      return string(value.as<String>());
    case Type::bigint:
      return value.try_to_display_string().value_or("0") + "n";
    case Type::symbol:
      return symbol(value);
    case Type::integer:
    case Type::number:
      return number_text(value);
    default:
      return value.try_to_display_string().value_or("undefined");
  }
}

std::string Inspector::symbol(const Value& value) {
  const auto description = value.as<Symbol>().try_description().value_or(std::nullopt);
  return "Symbol(" + description.value_or("") + ")";
}

std::string Inspector::string(const String& value) const {
  std::string text = value.try_to_string(Utf8::wtf8).value_or("");
  const std::size_t length = utf16_length(text);
  std::string trailer;
  if (length > longest_string) {
    text.resize(utf8_prefix(text, longest_string));
    trailer = more(length - longest_string, "character");
  }
  constexpr std::size_t short_enough = 16;
  constexpr std::size_t widest = 76;
  if (std::min(length, longest_string) > std::max(short_enough, room(widest))) {
    return lines_of(text) + trailer;
  }
  return in_quotes(text) + trailer;
}

std::string Inspector::lines_of(std::string_view text) const {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end == text.npos ? end : end + 1);
    text.remove_prefix(line.size());
    out += in_quotes(line);
    if (!text.empty()) out += " +\n" + std::string(indentation_ + 2, ' ');
  }
  return out;
}

std::size_t Inspector::room(std::size_t line) const {
  return line > indentation_ ? line - indentation_ : 0;
}

std::string Inspector::show_object(const Object& object, int level) {
  Picture picture{object, web::survey(object), {}, {}};
  picture.properties = web::properties(object, shown_keys(picture), hidden_ && level <= depth_);
  if (std::optional<std::string> whole = outline(picture, level)) return *whole;
  if (level > depth_) {
    const std::string name = prefix(picture, "Object");
    return picture.survey.constructor ? "[" + name + "]" : name;
  }
  open_.push_back(object);
  innermost_ = level + 1;
  add_contents(picture, level + 1);
  for (const Property& property : picture.properties) {
    std::string text = show_property(property, level + 1);
    picture.layout.entries.push_back(key_text(property) + ": " + std::move(text));
  }
  open_.pop_back();
  Layout& layout = picture.layout;
  const auto known = std::find(circular_.begin(), circular_.end(), object);
  if (known != circular_.end()) {
    const std::string mark = "<ref *" + std::to_string(reference(object)) + ">";
    layout.base = layout.base.empty() ? mark : mark + ' ' + layout.base;
  }
  layout.indentation = indentation_;
  layout.levels_inside = innermost_ - (level + 1);
  std::string text = lay_out(std::move(layout));
  written_ += text.size();
  if (written_ > longest_output) depth_ = -1;
  return text;
}

std::size_t Inspector::reference(const Object& object) {
  const auto known = std::find(circular_.begin(), circular_.end(), object);
  const auto index = static_cast<std::size_t>(known - circular_.begin());
  if (known == circular_.end()) circular_.push_back(object);
  return index + 1;
}

Keys Inspector::shown_keys(const Picture& picture) const {
  if (!has_elements(picture)) return Keys::all;
  // A list of all the keys of a long array would take more memory than the array. One with holes
  // is kept as a list of keys by the engine itself, which may be short.
  constexpr std::size_t longest = 100'000;
  const bool is_long = length_of(picture.object) > longest;
  const bool has_holes =
      picture.survey.kind == Kind::array &&
      !(read_property(picture.object, 0) && read_property(picture.object, longest));
  return is_long && !has_holes ? Keys::symbols : Keys::all_but_indices;
}

bool Inspector::has_elements(const Picture& picture) {
  const Kind kind = picture.survey.kind;
  return kind == Kind::array || kind == Kind::typed_array ||
         (kind == Kind::boxed && picture.survey.detail.is_string());
}

std::string Inspector::show_property(const Property& property, int level) {
  std::string text;
  if (property.uninitialized) {
    text = "<uninitialized>";
  } else if (property.has_getter || property.has_setter) {
    text = !property.has_setter ? "[Getter]" : property.has_getter ? "[Getter/Setter]" : "[Setter]";
  } else {
    indentation_ += 2;
    text = show(property.value, level);
    indentation_ -= 2;
  }
  return text;
}

std::string Inspector::key_text(const Property& property) {
  if (property.key.is_symbol()) return "[" + escaped(symbol(property.key)) + "]";
  const std::string key = property.key.as<String>().to_string(Utf8::wtf8);
  if (key == "__proto__") return "['__proto__']";
  if (!property.enumerable) return "[" + escaped(key) + "]";
  return is_identifier(key) ? key : in_quotes(key);
}

std::string inspect(const Value& value, const InspectOptions& options) {
  const detail::Entry entry(value.handle().realm());
  if (!entry) detail::refusal(value.handle().realm()).raise();
  return Inspector(options).show(value, 0);
}

Result<std::string> try_inspect(const Value& value, const InspectOptions& options) {
  try {
    return inspect(value, options);
  } catch (...) {
    return Error::from(std::current_exception());
  }
}

}  // namespace quip::web

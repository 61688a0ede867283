// What an object is called and which braces it gets.
#include "inspect_text.hpp"
#include "inspector.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

namespace quip::web {

std::string Inspector::prefix(const Picture& picture, std::string_view fallback,
                              const std::string& size) {
  const Survey& survey = picture.survey;
  std::string text = survey.constructor ? *survey.constructor + size
                                        : "[" + std::string(fallback) + size + ": null prototype]";
  if (!survey.tag.empty() && survey.tag != survey.constructor.value_or(std::string(fallback))) {
    text += " [" + survey.tag + "]";
  }
  return text;
}

std::optional<std::string> Inspector::outline(Picture& picture, int level) {
  const Survey& survey = picture.survey;
  Layout& layout = picture.layout;
  const bool bare = picture.properties.empty();
  const auto sized = [&](std::string_view fallback, std::size_t size) {
    return prefix(picture, fallback, "(" + std::to_string(size) + ")") + ' ';
  };
  // of what has a size; another number may be anything
  const auto size = static_cast<std::size_t>(survey.detail.try_as<std::uint64_t>().value_or(0));
  layout.open = "{";
  layout.close = "}";
  switch (survey.kind) {
    case Kind::array: {
      const std::size_t length = length_of(picture.object);
      const bool plain = survey.constructor == "Array" && survey.tag.empty();
      return outline_list(layout, plain ? "" : sized("Array", length), length == 0 && bare);
    }
    case Kind::arguments:
      layout.open = "[Arguments] {";
      if (bare) return layout.open + "}";
      return std::nullopt;
    case Kind::typed_array:
      return outline_list(layout, sized(survey.tag, size), size == 0 && bare);
    case Kind::set:
      layout.open = sized("Set", size) + "{";
      if (size == 0 && bare) return layout.open + "}";
      return std::nullopt;
    case Kind::map:
      layout.open = sized("Map", size) + "{";
      if (size == 0 && bare) return layout.open + "}";
      return std::nullopt;
    case Kind::function:
      layout.base = function(picture);
      break;
    case Kind::error:
      layout.base = error(picture);
      break;
    case Kind::boxed:
      layout.base = boxed(picture);
      break;
    case Kind::date:
      layout.base = with_prefix(picture, "Date");
      break;
    case Kind::regexp:
      layout.base = with_prefix(picture, "RegExp");
      if (level > depth_) return layout.base;
      break;
    case Kind::array_buffer:
      layout.open = prefix(picture, "ArrayBuffer") + " {";
      return {};
    case Kind::shared_array_buffer:
      layout.open = prefix(picture, "SharedArrayBuffer") + " {";
      return {};
    case Kind::data_view:
      layout.open = prefix(picture, "DataView") + " {";
      return {};
    case Kind::promise:
      layout.open = prefix(picture, "Promise") + " {";
      return {};
    case Kind::weak_set:
      layout.open = prefix(picture, "WeakSet") + " {";
      return {};
    case Kind::weak_map:
      layout.open = prefix(picture, "WeakMap") + " {";
      return {};
    case Kind::module:
      layout.open = "[Module: null prototype] {";
      return {};
    case Kind::object: {
      if (survey.constructor != "Object" || !survey.tag.empty()) {
        layout.open = prefix(picture, "Object") + " {";
      }
      if (bare) return layout.open + "}";
      return std::nullopt;
    }
  }
  // describing an error takes and adds properties
  if (picture.properties.empty()) return layout.base;
  return std::nullopt;
}

std::optional<std::string> Inspector::outline_list(Layout& layout, const std::string& prefix,
                                                   bool empty) {
  layout.open = prefix + "[";
  layout.close = "]";
  layout.is_list = true;
  if (empty) return layout.open + "]";
  return std::nullopt;
}

std::string Inspector::with_prefix(const Picture& picture, std::string_view type) const {
  const std::string text = picture.survey.detail.try_as<std::string>().value_or("");
  const std::string name = prefix(picture, type);
  return name == type ? text : name + ' ' + text;
}

std::string Inspector::boxed(const Picture& picture) const {
  const Value& value = picture.survey.detail;
  std::string type(to_string(value.type()));
  type.front() = static_cast<char>(type.front() - 'a' + 'A');
  if (value.is_bigint()) type = "BigInt";
  std::string text = "[" + type;
  if (!picture.survey.constructor) {
    text += " (null prototype)";
  } else if (picture.survey.constructor != type) {
    text += " (" + *picture.survey.constructor + ")";
  }
  return text + ": " +
         (value.is_string() ? in_quotes(value.as<String>().to_string(Utf8::wtf8))
                            : primitive(value)) +
         "]";
}

std::string Inspector::own_name(const Object& object) const {
  const std::optional<Property> name = read_property(object, std::string_view("name"));
  if (!name || !name->value.is_string()) return {};
  return name->value.as<std::string>();
}

std::string Inspector::function(const Picture& picture) const {
  const Survey& survey = picture.survey;
  const std::string name = own_name(picture.object);
  const std::string source = source_of(picture.object);
  const auto tag = [&] {
    return survey.tag.empty() || survey.constructor == survey.tag ? "" : " [" + survey.tag + "]";
  };
  if (source.starts_with("class") && source.ends_with('}')) {
    std::string text = "[class " + (name.empty() ? "(anonymous)" : name);
    if (survey.constructor && survey.constructor != "Function") {
      text += " [" + *survey.constructor + "]";
    }
    text += tag();
    if (!survey.constructor) return text + " extends [null prototype]]";
    const std::string super = super_name(picture.object);
    return text + (super.empty() ? "" : " extends " + super) + "]";
  }
  const std::string type(function_type(picture.object));
  std::string text = "[" + type;
  if (!survey.constructor) text += " (null prototype)";
  text += name.empty() ? " (anonymous)" : ": " + name;
  text += "]";
  if (survey.constructor && survey.constructor != type) text += " " + *survey.constructor;
  return text + tag();
}

std::string Inspector::error(Picture& picture) {
  const Object& object = picture.object;
  std::vector<Property>& properties = picture.properties;
  std::erase_if(properties, [](const Property& property) {
    if (!property.key.is_string()) return false;
    const auto key = property.key.as<std::string>();
    return key == "name" || key == "message" || key == "stack";
  });
  for (const std::string_view key : {"cause", "errors"}) {
    std::optional<Property> found = read_property(object, key);
    const bool listed = std::any_of(properties.begin(), properties.end(), [&](const Property& p) {
      return p.key.is_string() && p.key.as<std::string>() == key;
    });
    if (found && !listed) properties.push_back(std::move(*found));
  }
  std::string name = inherited_text(object, "name");
  if (name.empty()) name = "Error";
  const std::string type = prefix(picture, "Error");
  std::string text = name;
  // a class of errors that gives itself no name is known by its constructor
  if (name.ends_with("Error") && type != name) {
    text = type.find(name) != std::string::npos ? type : type + " [" + name + "]";
  }
  const std::string message = inherited_text(object, "message");
  if (!message.empty()) text += ": " + message;
  std::string stack = stack_of(object);
  while (!stack.empty() && stack.back() == '\n') stack.pop_back();
  if (stack.starts_with("    at ")) {
    text += '\n' + stack;
  } else if (!stack.empty()) {
    text = stack;  // a script has set it
  }
  if (stack.find("    at ") == std::string::npos) text = "[" + text + "]";
  return indented(text, indentation_);
}

}  // namespace quip::web

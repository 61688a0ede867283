// What lies inside of objects besides their properties.
#include "inspect_text.hpp"
#include "inspector.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

namespace quip::web {

void Inspector::add_contents(Picture& picture, int level) {
  const Object& object = picture.object;
  Layout& layout = picture.layout;
  switch (picture.survey.kind) {
    case Kind::array:
      add_elements(picture, level);
      break;
    case Kind::typed_array:
      add_numbers(picture);
      break;
    case Kind::set: {
      indentation_ += 2;
      for (const Value& element : elements(object, most_elements)) {
        layout.entries.push_back(show(element, level));
      }
      add_rest(picture);
      indentation_ -= 2;
      break;
    }
    case Kind::map: {
      indentation_ += 2;
      const std::vector<Value> entries = web::entries(object, most_elements);
      for (std::size_t i = 0; i + 1 < entries.size(); i += 2) {
        std::string key = show(entries[i], level);
        layout.entries.push_back(std::move(key) + " => " + show(entries[i + 1], level));
      }
      add_rest(picture);
      indentation_ -= 2;
      break;
    }
    case Kind::promise:
      add_outcome(object.as<Promise<>>(), layout, level);
      break;
    case Kind::weak_map:
    case Kind::weak_set:
      layout.entries.emplace_back("<items unknown>");
      break;
    case Kind::array_buffer:
    case Kind::shared_array_buffer:
      add_bytes(picture);
      break;
    case Kind::data_view: {
      const std::vector<Value> parts = view_parts(object);
      constexpr std::array<std::string_view, 3> names{"byteLength", "byteOffset", "buffer"};
      indentation_ += 2;
      for (std::size_t i = 0; i < names.size() && i < parts.size(); ++i) {
        layout.entries.push_back(std::string(names[i]) + ": " + show(parts[i], level));
      }
      indentation_ -= 2;
      break;
    }
    default:
      break;
  }
}

void Inspector::add_rest(Picture& picture) {
  const auto size = static_cast<std::size_t>(picture.survey.detail.as<double>());
  if (size > most_elements) {
    picture.layout.entries.push_back(more(size - most_elements, "item"));
  }
}

std::size_t Inspector::length_of(const Object& object) const {
  const std::optional<Property> length = read_property(object, std::string_view("length"));
  const double count = length ? length->value.try_as<double>().value_or(0) : 0;
  return count > 0 ? static_cast<std::size_t>(count) : 0;
}

void Inspector::add_elements(Picture& picture, int level) {
  Layout& layout = picture.layout;
  const std::size_t length = length_of(picture.object);
  bool numbers = true;
  std::size_t index = 0;
  std::vector<std::size_t> present;  // the indices there are, once a hole was met
  bool sparse = false;
  while (index < length && layout.entries.size() < most_elements) {
    const std::optional<Property> element = read_property(picture.object, index);
    if (element) {
      layout.entries.push_back(show_property(*element, level));
      numbers = numbers && (element->value.is_number() || element->value.is_bigint());
      ++index;
      continue;
    }
    if (!sparse) present = indices(picture.object);
    sparse = true;
    numbers = false;
    const auto next = std::lower_bound(present.begin(), present.end(), index);
    const std::size_t end = next == present.end() ? length : std::min(*next, length);
    const std::size_t holes = std::max<std::size_t>(end - index, 1);
    layout.entries.push_back("<" + std::to_string(holes) + " empty item" + (holes > 1 ? "s" : "") +
                             ">");
    index += holes;
  }
  if (index < length) {
    layout.entries.push_back(more(length - index, "item"));
    layout.has_more_line = true;
  }
  layout.right_aligned = numbers && picture.properties.empty();
}

std::vector<std::size_t> Inspector::indices(const Object& array) {
  std::vector<std::size_t> result;
  const Result<std::vector<Atom>> keys = array.try_keys({.enumerable_only = false});
  if (!keys) return result;
  for (const Atom& key : *keys) {
    const std::string text = key.to_string();
    if (text.find_first_not_of("0123456789") != std::string::npos) break;  // indices come first
    if (text.size() <= 10) result.push_back(static_cast<std::size_t>(std::stoull(text)));
  }
  return result;
}

void Inspector::add_numbers(Picture& picture) {
  Layout& layout = picture.layout;
  const auto length = static_cast<std::size_t>(picture.survey.detail.as<double>());
  for (std::size_t i = 0; i < std::min(length, most_elements); ++i) {
    const Result<Value> element = picture.object.try_get(i);
    layout.entries.push_back(element ? primitive(*element) : "undefined");
  }
  if (length > most_elements) {
    layout.entries.push_back(more(length - most_elements, "item"));
    layout.has_more_line = true;
  }
  layout.right_aligned = true;
}

void Inspector::add_bytes(Picture& picture) {
  Layout& layout = picture.layout;
  if (!picture.survey.detail.is_number()) {
    layout.entries.insert(layout.entries.end(), {"(detached)", "byteLength: 0"});
    return;
  }
  const auto size = static_cast<std::size_t>(picture.survey.detail.as<double>());
  constexpr std::size_t most_bytes = 50;
  std::string text = "[Uint8Contents]: <";
  for (const std::byte byte : bytes(picture.object, most_bytes)) {
    std::array<char, 4> digits{};
    std::snprintf(digits.data(), digits.size(), "%02x", std::to_integer<unsigned>(byte));
    if (text.back() != '<') text += ' ';
    text += digits.data();
  }
  if (size > most_bytes) text += ' ' + more(size - most_bytes, "byte");
  layout.entries.push_back(text + ">");
  layout.entries.push_back("byteLength: " + std::to_string(size));
}

void Inspector::add_outcome(const Promise<>& promise, Layout& layout, int level) {
  if (promise.try_state().value_or(PromiseState::pending) == PromiseState::pending) {
    layout.entries.emplace_back("<pending>");
    return;
  }
  const Result<Value> outcome = promise.try_result();
  indentation_ += 2;
  layout.entries.push_back(outcome ? show(*outcome, level)
                                   : "<rejected> " + show(outcome.error().value(), level));
  indentation_ -= 2;
}

}  // namespace quip::web

#include <quip/convert/variant.hpp>

#include <algorithm>

namespace quip::detail {

TypeBits type_bit(JSValueConst value) noexcept {
  switch (engine::tag(value)) {
    case JS_TAG_NULL:
      return null_bit;
    case JS_TAG_BOOL:
      return boolean_bit;
    case JS_TAG_INT:
    case JS_TAG_FLOAT64:
      return number_bit;
    case JS_TAG_BIG_INT:
    case JS_TAG_SHORT_BIG_INT:
      return bigint_bit;
    case JS_TAG_STRING:
    case JS_TAG_STRING_ROPE:
      return string_bit;
    case JS_TAG_SYMBOL:
      return symbol_bit;
    case JS_TAG_OBJECT:
      return object_bit;
    default:
      return undefined_bit;
  }
}

namespace {
/// "a", "a or b", "a, b or c".
std::string alternatives(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const bool is_last = i + 1 == names.size();
    text += (i == 0 ? "" : is_last ? " or " : ", ") + names[i];
  }
  return text;
}
}  // namespace

Error no_alternative(std::uint8_t accepted, ValueRef value) {
  constexpr std::array<std::string_view, 8> type_names = {
      "undefined", "null", "boolean", "number", "bigint", "string", "symbol", "object"};
  std::vector<std::string> names;
  for (std::size_t i = 0; i < type_names.size(); ++i) {
    if ((accepted & (1U << i)) != 0) {
      names.emplace_back(type_names[i]);
    }
  }
  return not_a(alternatives(names), value);
}

Error no_alternative(const std::vector<Error>& errors) {
  // one that was on a path within the value got further than those that refused it as a whole
  const auto has_path = [](const Error& error) { return !conversion_path(error).empty(); };
  if (std::count_if(errors.begin(), errors.end(), has_path) == 1) {
    return *std::find_if(errors.begin(), errors.end(), has_path);
  }
  std::vector<std::string> expected;
  std::string got;
  for (const Error& error : errors) {
    std::string text = conversion_expectation(error);
    constexpr std::string_view before = "expected ";
    constexpr std::string_view between = ", got ";
    const std::size_t end = text.find(between);
    if (!text.starts_with(before) || end == std::string::npos) {
      expected.push_back("(" + error.message() + ")");
      continue;
    }
    got = text.substr(end + between.size());
    text = text.substr(before.size(), end - before.size());
    if (std::find(expected.begin(), expected.end(), text) == expected.end()) {
      expected.push_back(std::move(text));
    }
  }
  return Error::conversion(alternatives(expected), got.empty() ? "something else" : got);
}

}  // namespace quip::detail

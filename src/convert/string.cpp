#include <quip/convert/string.hpp>

namespace quip::detail {

Result<std::string> read_string(ValueRef value) {
  if (!engine::is_string(value.raw())) [[unlikely]] {
    return not_a("string", value);
  }
  const TextView text(value.context(), value.raw());
  if (!text) [[unlikely]] {
    return caught(realm_of(value.context()));
  }
  return text.is_utf8(value.raw()) ? std::string(text.view()) : utf8_of(text);
}

Result<void> StringSlot::load(ValueRef value) {
  Result<std::string> text = read_string(value);
  if (!text) {
    return std::move(text).error();
  }
  string_.set(*std::move(text));
  return {};
}

Result<void> TextSlot::load(ValueRef value) {
  Result<std::string> text = read_string(value);
  if (!text) {
    return std::move(text).error();
  }
  mended_.set(*std::move(text));
  return {};
}

}  // namespace quip::detail

#include <quip/convert/string.hpp>

namespace quip::detail {

Result<TextArgument> text_argument(ValueRef value) {
  if (!engine::is_string(value.raw())) [[unlikely]]
    return not_a("string", value);
  TextView text(value.context(), value.raw());
  if (!text) [[unlikely]]
    return caught(realm_of(value.context()));
  if (has_surrogates(text.view())) [[unlikely]] {
    std::string mended(text.view());
    replace_surrogates(mended);
    return TextArgument(std::move(text), std::move(mended));
  }
  return TextArgument(std::move(text));
}

}  // namespace quip::detail

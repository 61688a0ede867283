#include <quip/value/atom.hpp>
#include <quip/value/string.hpp>

#include <cstring>

namespace quip {

namespace detail {

namespace {
/// Where the next lone surrogate starts; npos if there is none.
std::size_t find_surrogate(std::string_view text, std::size_t from) noexcept {
  while (from < text.size()) {
    const void* found = std::memchr(text.data() + from, 0xED, text.size() - from);
    if (found == nullptr) return std::string_view::npos;
    const auto at = static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
    if (at + 2 < text.size() && static_cast<unsigned char>(text[at + 1]) >= 0xA0) return at;
    from = at + 1;
  }
  return std::string_view::npos;
}
}  // namespace

bool has_surrogates(std::string_view text) noexcept {
  return find_surrogate(text, 0) != std::string_view::npos;
}

void replace_surrogates(std::string& text) noexcept {
  for (std::size_t at = find_surrogate(text, 0); at != std::string_view::npos;
       at = find_surrogate(text, at + 3)) {
    std::memcpy(text.data() + at, "\xEF\xBF\xBD", 3);  // U+FFFD is as long
  }
}

std::string utf8_of(const TextView& text) {
  std::string copy(text.view());
  replace_surrogates(copy);
  return copy;
}

}  // namespace detail

Result<String> String::try_make(const Ctx& ctx, std::string_view text) {
  detail::Entry entry(ctx.realm());
  if (!entry) return detail::refusal(ctx.realm());
  return detail::from_owned<String>(ctx.realm(),
                                    ::JS_NewStringLen(ctx.raw(), text.data(), text.size()));
}

Result<std::string> String::try_to_string(Utf8 policy) const {
  detail::Realm* realm = handle().realm();
  detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  const detail::TextView text(realm->context, raw());
  if (!text) return detail::caught(realm);
  if (policy == Utf8::wtf8 || text.is_utf8(raw())) {
    return std::string(text.view());
  }
  if (policy == Utf8::strict) {
    return Error::conversion("a string without lone surrogates",
                             describe(ValueRef(realm->context, raw())));
  }
  return detail::utf8_of(text);
}

Result<std::size_t> String::try_size() const {
  detail::Realm* realm = handle().realm();
  detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  const JSAtom length = Key<"length">::atom(realm);
  if (length == 0) return detail::caught(realm);
  Result<Value> size =
      detail::from_owned<Value>(realm, ::JS_GetProperty(realm->context, raw(), length));
  if (!size) return std::move(size).error();
  return static_cast<std::size_t>(engine::get_int32(size->raw()));
}

}  // namespace quip

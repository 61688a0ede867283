#include <quip/convert/container.hpp>
#include <quip/value/atom.hpp>
#include <quip/value/symbol.hpp>

namespace quip {

Result<Symbol> Symbol::try_make(const Ctx& ctx, std::string_view description) {
  detail::Entry entry(ctx.realm());
  if (!entry) return detail::refusal(ctx.realm());
  return detail::from_owned<Symbol>(
      ctx.realm(), engine::new_symbol(ctx.raw(), std::string(description).c_str()));
}

Result<std::string> Symbol::try_description() const {
  detail::Realm* realm = handle().realm();
  detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  const JSAtom key = Key<"description">::atom(realm);
  if (key == 0) return detail::caught(realm);
  Result<std::optional<std::string>> text = detail::from_owned<std::optional<std::string>>(
      realm, ::JS_GetProperty(realm->context, raw(), key));
  if (!text) return std::move(text).error();
  return std::move(*text).value_or(std::string());
}

}  // namespace quip

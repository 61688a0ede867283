#include <quip/core/intrinsic.hpp>
#include <quip/value/string.hpp>
#include <quip/value/symbol.hpp>

namespace quip {

namespace {

/// A string or undefined from the engine as text or none; takes the value over.
Result<std::optional<std::string>> optional_text(detail::Realm* realm, JSValue text) {
  if (engine::is_undefined(text)) return std::optional<std::string>();
  return detail::from_owned<String>(realm, text)
      .and_then([](const String& string) { return string.try_to_string(); })
      .transform([](std::string&& utf8) { return std::optional(std::move(utf8)); });
}

/// Calls Symbol or Symbol.for with a text.
Result<Symbol> from_text(const Ctx& ctx, detail::Intrinsic maker, std::string_view text) {
  detail::Realm* realm = ctx.realm();
  detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  Result<String> string = String::try_make(ctx, text);
  if (!string) return std::move(string).error();
  return detail::from_owned<Symbol>(
      realm, detail::call_intrinsic(realm, maker, engine::undefined(), string->raw()));
}

}  // namespace

Result<Symbol> Symbol::try_make(const Ctx& ctx, std::string_view description) {
  // JS_NewSymbol of quickjs-ng ends the description at a NUL, and Bellard's engine has none
  return from_text(ctx, detail::Intrinsic::symbol, description);
}

Result<Symbol> Symbol::try_make(const Ctx& ctx) {
  detail::Realm* realm = ctx.realm();
  detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  return detail::from_owned<Symbol>(
      realm, detail::call_intrinsic(realm, detail::Intrinsic::symbol, engine::undefined()));
}

Result<Symbol> Symbol::try_registered(const Ctx& ctx, std::string_view key) {
  return from_text(ctx, detail::Intrinsic::symbol_for, key);
}

Result<std::optional<std::string>> Symbol::try_registered_key() const {
  detail::Realm* realm = handle().realm();
  detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  const detail::Handle keep(handle());
  return optional_text(realm, detail::call_intrinsic(realm, detail::Intrinsic::symbol_key_for,
                                                     engine::undefined(), keep.get()));
}

Result<Symbol> Symbol::try_well_known(const Ctx& ctx, detail::WellKnownKey key) {
  detail::Realm* realm = ctx.realm();
  detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  const detail::KeyAtom atom = detail::key_atom(realm, key);
  if (atom.get() == 0) return detail::caught(realm);
  return detail::from_owned<Symbol>(realm, ::JS_AtomToValue(realm->context, atom.get()));
}

Result<std::optional<std::string>> Symbol::try_description() const {
  detail::Realm* realm = handle().realm();
  detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  const detail::Handle keep(handle());
  const JSAtom atom = ::JS_ValueToAtom(realm->context, keep.get());
  if (atom == 0) return detail::caught(realm);
  JSValue text = ::JS_AtomToString(realm->context, atom);
  ::JS_FreeAtom(realm->context, atom);
  Result<std::optional<std::string>> description = optional_text(realm, text);
  // NOLINTNEXTLINE(bugprone-unchecked-optional-access): asked above
  if (!description || !(*description)->empty()) return description;
  // the engine's atom does not tell an empty description from none
  return optional_text(
      realm, detail::call_intrinsic(realm, detail::Intrinsic::symbol_description, keep.get()));
}

}  // namespace quip

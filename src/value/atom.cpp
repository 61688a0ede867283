#include <quip/value/atom.hpp>
#include <quip/value/string.hpp>

#include <array>
#include <charconv>
#include <cmath>
#include <system_error>

namespace quip {

namespace detail {

KeyAtom key_atom(Realm* realm, const Atom& atom) noexcept {
  if (atom.realm()->core != realm->core) [[unlikely]] {
    ::JS_ThrowTypeError(realm->context, "%s",
                        atom.realm() == &nowhere
                            ? "an empty atom is no property key"
                            : "an atom of one runtime is no property key in another");
    return KeyAtom::borrowed(0);
  }
  return KeyAtom::borrowed(atom.raw());
}

KeyAtom no_text(Realm* realm) noexcept {
  ::JS_ThrowTypeError(realm->context, "%s", "a null const char* is no property key");
  return KeyAtom::borrowed(0);
}

KeyAtom key_atom(Realm* realm, WellKnownKey key) noexcept {
  const JSAtom atom = engine::atom_of(key.which);
  if (atom == 0) {
    ::JS_ThrowTypeError(realm->context, "this engine has no 'Symbol.%s'",
                        engine::name_of(key.which));
  }
  return KeyAtom::borrowed(atom);
}

KeyAtom number_atom(Realm* realm, double number) noexcept {
  // a Number that needs no reference count; the engine spells it as JavaScript does
  return KeyAtom::owned(realm->context,
                        ::JS_ValueToAtom(realm->context, engine::number(realm->context, number)));
}

KeyAtom key_atom(Realm* realm, const Value& value) noexcept {
  JSValue checked = give_handle(realm->context, value.handle());
  if (engine::is_exception(checked)) return KeyAtom::borrowed(0);
  const JSAtom atom = ::JS_ValueToAtom(realm->context, checked);
  engine::release(realm->context, checked);
  return KeyAtom::owned(realm->context, atom);
}

std::string key_text(const Atom& atom) { return atom.try_to_string().value_or("?"); }

std::string key_text(WellKnownKey key) {
  return std::string("[Symbol.") + engine::name_of(key.which) + "]";
}

std::string number_text(double number) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number < 0 ? "-Infinity" : "Infinity";
  std::array<char, 32> buffer{};
  // +0.0 makes 0 of -0
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number + 0.0);
  return {buffer.data(), end.ptr};
}

std::string key_text(const Value& value) {
  return value.is_symbol() ? "[symbol]" : value.try_to_display_string().value_or("?");
}

}  // namespace detail

Result<Value> Atom::try_to_value() const {
  detail::Entry entry(realm_);
  if (!entry) return detail::refusal(realm_);
  return detail::from_owned<Value>(realm_, ::JS_AtomToValue(realm_->context, atom_));
}

bool Atom::is_symbol() const noexcept {
  detail::Entry entry(realm_);
  if (!entry) return false;
  JSValue value = ::JS_AtomToValue(realm_->context, atom_);
  if (engine::is_exception(value)) {  // of a number there was no memory for the text
    engine::release(realm_->context, ::JS_GetException(realm_->context));
    return false;
  }
  const bool is_symbol = engine::tag(value) == JS_TAG_SYMBOL;
  engine::release(realm_->context, value);
  return is_symbol;
}

std::optional<std::uint32_t> Atom::index() const noexcept {
  detail::Entry entry(realm_);
  if (!entry) return std::nullopt;
  JSContext* ctx = realm_->context;
  // an atom of a small index is that index with the highest bit set: no text need be made of it
  constexpr std::uint32_t all_but_highest = 0x7fffffffU;
  const std::uint32_t small = atom_ & all_but_highest;
  if (small != atom_) {
    const JSAtom again = ::JS_NewAtomUInt32(ctx, small);
    ::JS_FreeAtom(ctx, again);
    if (again == atom_) return small;
  }
  JSValue value = ::JS_AtomToValue(ctx, atom_);
  std::optional<std::uint32_t> index;
  bool failed = engine::is_exception(value);
  if (engine::is_string(value)) {
    const detail::TextView text(ctx, value);
    failed = !text;
    if (text) {
      const std::string_view digits = text.view();
      std::uint32_t number = 0;
      const auto [end, problem] =
          std::from_chars(digits.data(), digits.data() + digits.size(), number);
      constexpr std::uint32_t not_an_index = 4294967295U;
      const bool is_canonical = digits == "0" || !digits.starts_with('0');
      if (problem == std::errc() && end == digits.data() + digits.size() && is_canonical &&
          number != not_an_index) {
        index = number;
      }
    }
  }
  engine::release(ctx, value);
  if (failed) engine::release(ctx, ::JS_GetException(ctx));  // no memory for the text
  return index;
}

Result<Atom> Convert<Atom>::from_js(ValueRef value) {
  const int tag = engine::tag(value.raw());
  if (!engine::is_string(value.raw()) && tag != JS_TAG_SYMBOL && tag != JS_TAG_INT &&
      tag != JS_TAG_FLOAT64) {
    return Error::conversion("a property key", describe(value));
  }
  detail::Realm* realm = detail::realm_of(value.context());
  const JSAtom atom = ::JS_ValueToAtom(value.context(), value.raw());
  if (atom == 0) return detail::caught(realm);
  return Atom(realm, atom);
}

JSValue Convert<Atom>::into_js(JSContext* ctx, const Atom& atom) noexcept {
  const detail::KeyAtom key = detail::key_atom(detail::realm_of(ctx), atom);
  return key.get() == 0 ? engine::exception() : ::JS_AtomToValue(ctx, key.get());
}

Result<std::string> Atom::try_to_string() const {
  detail::Entry entry(realm_);
  if (!entry) return detail::refusal(realm_);
  // of a symbol this is the description
  Result<String> text =
      detail::from_owned<String>(realm_, ::JS_AtomToString(realm_->context, atom_));
  if (!text) return std::move(text).error();
  return text->try_to_string();
}

}  // namespace quip

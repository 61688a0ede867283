#include <quip/value/atom.hpp>
#include <quip/value/string.hpp>

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

KeyAtom key_atom(Realm* realm, const Value& value) noexcept {
  JSValue checked = give_handle(realm->context, value.handle());
  if (engine::is_exception(checked)) return KeyAtom::borrowed(0);
  const JSAtom atom = ::JS_ValueToAtom(realm->context, checked);
  engine::release(realm->context, checked);
  return KeyAtom::owned(realm->context, atom);
}

std::string key_text(const Atom& atom) { return atom.try_to_string().value_or("?"); }

std::string key_text(const Value& value) {
  return value.is_symbol() ? "[symbol]" : value.try_to_display_string().value_or("?");
}

}  // namespace detail

Result<Value> Atom::try_to_value() const {
  detail::Entry entry(realm_);
  if (!entry) return detail::refusal(realm_);
  return detail::from_owned<Value>(realm_, ::JS_AtomToValue(realm_->context, atom_));
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

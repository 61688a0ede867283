// Property keys: Atom for names that come at run time, key<"name"> for those that stand in the
// source, and everything else that may stand where a key is asked for.
#pragma once

#include <quip/core/context.hpp>
#include <quip/value/value.hpp>

#include <algorithm>
#include <atomic>
#include <concepts>
#include <string>
#include <string_view>

namespace quip {

namespace detail {
void retain_atom(Realm* realm, JSAtom atom) noexcept;
inline void release_atom(Realm* realm, JSAtom atom) noexcept {
  if (entered == realm->core) [[likely]] {
    ::JS_FreeAtomRT(realm->core->runtime, atom);
    if (--realm->handles == 0) [[unlikely]]
      last_handle_gone(realm);
  } else {
    release_outside(realm, engine::undefined(), atom);
  }
}
}  // namespace detail

/// A property key of a runtime (ECMA-262 6.1.7): an interned string or a symbol. Looking a
/// property up by an Atom costs a quarter of looking it up by text. A handle like Value: it may
/// outlive its runtime.
class Atom {
 public:
  Atom() noexcept = default;
  /// The key that text, an index or a value names (see PropertyKey): of a Symbol it is the symbol's
  /// own, of any other value its text, which runs a script's toString for objects. Throws Error
  /// when that throws or memory is short.
  template <class K>
  Atom(const Ctx& ctx, const K& key) : Atom(try_make(ctx, key).value()) {}
  /// As the constructor, with the error as a value.
  template <class K>
  static Result<Atom> try_make(const Ctx& ctx, const K& key);

  Atom(const Atom& other) noexcept : realm_(other.realm_), atom_(other.atom_) {
    if (realm_ != &detail::nowhere) {
      detail::retain_atom(realm_, atom_);
    }
  }
  Atom(Atom&& other) noexcept
      : realm_(std::exchange(other.realm_, &detail::nowhere)),
        atom_(std::exchange(other.atom_, 0)) {}
  Atom& operator=(Atom other) noexcept {
    std::swap(realm_, other.realm_);
    std::swap(atom_, other.atom_);
    return *this;
  }
  ~Atom() {
    if (realm_ != &detail::nowhere) detail::release_atom(realm_, atom_);
  }

  /// The key's text; of a symbol, its description. Lone surrogates become U+FFFD.
  [[nodiscard]] std::string to_string() const { return try_to_string().value(); }
  [[nodiscard]] Result<std::string> try_to_string() const;
  /// The key as a value: a String or a Symbol.
  [[nodiscard]] Value to_value() const { return try_to_value().value(); }
  [[nodiscard]] Result<Value> try_to_value() const;

  /// Two atoms of one runtime are the same key exactly when they are equal.
  friend bool operator==(const Atom& a, const Atom& b) noexcept {
    return a.atom_ == b.atom_ && a.realm_->core == b.realm_->core;
  }

  /// The engine's atom, borrowed.
  [[nodiscard]] JSAtom raw() const noexcept { return atom_; }
  /// @internal Takes over a reference to an atom; the thread has entered the runtime.
  Atom(detail::Realm* realm, JSAtom owned) noexcept : realm_(realm), atom_(owned) {
    ++realm->handles;
  }
  [[nodiscard]] detail::Realm* realm() const noexcept { return realm_; }

 private:
  detail::Realm* realm_ = &detail::nowhere;
  JSAtom atom_ = 0;
};

/// The text of a Key as a template argument.
template <std::size_t N>
struct FixedString {
  char text[N] = {};
  constexpr FixedString(const char (&literal)[N]) noexcept { std::copy_n(literal, N, text); }
  [[nodiscard]] constexpr std::string_view view() const noexcept { return {text, N - 1}; }
};

namespace detail {
std::size_t number_key(std::atomic<std::size_t>& number) noexcept;
}  // namespace detail

/// A property key that stands in the source: `obj.get<int>(quip::key<"port">)`. Each runtime
/// interns it once; after that it costs as much as an Atom that one keeps oneself.
template <FixedString Name>
struct Key {
  static constexpr std::string_view name = Name.view();

  /// @internal The key's atom in the runtime, borrowed from it; 0 with a pending exception.
  static JSAtom atom(detail::Realm* realm) noexcept {
    const std::size_t index = number.load(std::memory_order_relaxed);
    detail::Core* core = realm->core;
    if (index < core->key_count) [[likely]] {
      if (const JSAtom known = core->keys[index]; known != 0) [[likely]]
        return known;
    }
    return core->intern(realm->context, detail::number_key(number), name.data(), name.size());
  }

 private:
  // 0 until some runtime first sees the key; slot 0 of every runtime's table stays empty
  inline static constinit std::atomic<std::size_t> number{0};
};

template <FixedString Name>
inline constexpr Key<Name> key{};

namespace detail {

/// An atom for the time of one operation, released if it was made for it.
class KeyAtom {
 public:
  static KeyAtom borrowed(JSAtom atom) noexcept { return KeyAtom(nullptr, atom); }
  static KeyAtom owned(JSContext* ctx, JSAtom atom) noexcept { return KeyAtom(ctx, atom); }
  KeyAtom(const KeyAtom&) = delete;
  KeyAtom& operator=(const KeyAtom&) = delete;
  ~KeyAtom() {
    if (ctx_ != nullptr) ::JS_FreeAtom(ctx_, atom_);
  }
  [[nodiscard]] JSAtom get() const noexcept { return atom_; }

 private:
  KeyAtom(JSContext* ctx, JSAtom atom) noexcept : ctx_(ctx), atom_(atom) {}
  JSContext* ctx_;
  JSAtom atom_;
};

// The atom of whatever may stand for a key; 0 with a pending exception.
template <FixedString Name>
KeyAtom key_atom(Realm* realm, Key<Name>) noexcept {
  return KeyAtom::borrowed(Key<Name>::atom(realm));
}
inline KeyAtom key_atom(Realm* realm, std::string_view name) noexcept {
  return KeyAtom::owned(realm->context, ::JS_NewAtomLen(realm->context, name.data(), name.size()));
}
template <std::integral I>
KeyAtom key_atom(Realm* realm, I index) noexcept {
  if constexpr (std::is_signed_v<I>) {
    if (index >= 0 && static_cast<std::uint64_t>(index) <= 0x7fffffffU) {
      return KeyAtom::owned(realm->context,
                            ::JS_NewAtomUInt32(realm->context, static_cast<std::uint32_t>(index)));
    }
  } else if (index <= 0x7fffffffU) {
    return KeyAtom::owned(realm->context,
                          ::JS_NewAtomUInt32(realm->context, static_cast<std::uint32_t>(index)));
  }
  return key_atom(realm, std::string_view(std::to_string(index)));
}
KeyAtom key_atom(Realm* realm, const Atom& atom) noexcept;
KeyAtom key_atom(Realm* realm, const Value& value) noexcept;

// The key as messages spell it.
template <FixedString Name>
std::string key_text(Key<Name>) {
  return std::string(Name.view());
}
inline std::string key_text(std::string_view name) { return std::string(name); }
template <std::integral I>
std::string key_text(I index) {
  return "[" + std::to_string(index) + "]";
}
std::string key_text(const Atom& atom);
std::string key_text(const Value& value);

}  // namespace detail

template <class K>
Result<Atom> Atom::try_make(const Ctx& ctx, const K& key) {
  detail::Realm* realm = ctx.realm();
  const detail::Entry entry(realm);
  if (!entry) {
    return detail::refusal(realm);
  }
  const detail::KeyAtom atom = detail::key_atom(realm, key);
  if (atom.get() == 0) {
    return detail::caught(realm);
  }
  return Atom(realm, ::JS_DupAtom(realm->context, atom.get()));
}

/// What may stand for a property key: text, an index, an Atom, a Symbol or other Value, `key<…>`.
template <class K>
concept PropertyKey = requires(detail::Realm* realm, const K& key) {
  { detail::key_atom(realm, key) } -> std::same_as<detail::KeyAtom>;
};

}  // namespace quip

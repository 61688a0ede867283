// Property keys: Atom for names that come at run time, key<"name"> for those that stand in the
// source, and everything else that may stand where a key is asked for.
#pragma once

#include <quip/core/context.hpp>
#include <quip/value/value.hpp>

#include <algorithm>
#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace quip {

namespace detail {
/// The types of numbers that name an index: integers that are neither bool nor characters.
template <class I>
concept Index = std::integral<I> && !std::same_as<I, bool> && !std::same_as<I, char> &&
                !std::same_as<I, wchar_t> && !std::same_as<I, char8_t> &&
                !std::same_as<I, char16_t> && !std::same_as<I, char32_t>;

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
  /// own, of any other value its text, which runs a script's toString for objects; of a C++ number
  /// or bool the text that JavaScript gives it. Throws Error when that throws or memory is short.
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

  /// The key as a T: std::string (not of a symbol), an integer type (of an index), a handle type.
  /// Throws Error when it is none.
  template <class T>
  [[nodiscard]] T as() const {
    return try_as<T>().value();
  }
  template <class T>
  [[nodiscard]] Result<T> try_as() const;
  /// True for a symbol's; false for an empty handle or after the runtime.
  [[nodiscard]] bool is_symbol() const noexcept;
  /// Whether it is an array index (ECMA-262 6.1.7): the canonical text of a whole number from 0 to
  /// 4294967294.
  [[nodiscard]] bool is_index() const noexcept { return index().has_value(); }
  /// That number; none for other keys, an empty handle or after the runtime.
  [[nodiscard]] std::optional<std::uint32_t> index() const noexcept;

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
  /// @internal See detail::Handle::lose.
  void lose() const noexcept {
    detail::Realm* realm = std::exchange(realm_, &detail::nowhere);
    atom_ = 0;
    if (--realm->handles == 0) detail::last_handle_gone(realm);
  }

 private:
  mutable detail::Realm* realm_ = &detail::nowhere;
  mutable JSAtom atom_ = 0;
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
  return KeyAtom::owned(realm->context, engine::new_atom(realm->context, name.data(), name.size()));
}
KeyAtom no_text(Realm* realm) noexcept;
inline KeyAtom key_atom(Realm* realm, const char* name) noexcept {
  return name == nullptr ? no_text(realm) : key_atom(realm, std::string_view(name));
}
KeyAtom key_atom(Realm* realm, std::nullptr_t) = delete;
template <Index I>
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
KeyAtom number_atom(Realm* realm, double number) noexcept;
template <std::floating_point F>
KeyAtom key_atom(Realm* realm, F number) noexcept {
  return number_atom(realm, static_cast<double>(number));
}
// (not a plain bool: any pointer would convert to it)
template <std::same_as<bool> B>
KeyAtom key_atom(Realm* realm, B truth) noexcept {
  return key_atom(realm, std::string_view(truth ? "true" : "false"));
}
/// One of the language's own symbols as a key (see quip::symbol).
struct WellKnownKey {
  engine::WellKnown which;
};
KeyAtom key_atom(Realm* realm, WellKnownKey key) noexcept;
KeyAtom key_atom(Realm* realm, const Atom& atom) noexcept;
KeyAtom key_atom(Realm* realm, const Value& value) noexcept;

// The key as messages spell it.
template <FixedString Name>
std::string key_text(Key<Name>) {
  return std::string(Name.view());
}
inline std::string key_text(std::string_view name) { return std::string(name); }
inline std::string key_text(const char* name) { return name == nullptr ? "?" : name; }
template <Index I>
std::string key_text(I index) {
  return "[" + std::to_string(index) + "]";
}
std::string number_text(double number);
template <std::floating_point F>
std::string key_text(F number) {
  return "[" + number_text(static_cast<double>(number)) + "]";
}
template <std::same_as<bool> B>
std::string key_text(B truth) {
  return truth ? "true" : "false";
}
std::string key_text(WellKnownKey key);
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

/// What may stand for a property key: text, an index or other number, a bool, an Atom, a Symbol or
/// other Value, `key<…>`, `symbol::iterator` and its kin.
template <class K>
concept PropertyKey = requires(detail::Realm* realm, const K& key) {
  { detail::key_atom(realm, key) } -> std::same_as<detail::KeyAtom>;
};

/// A string, a number or a symbol as the key that it names; the key as a string or a symbol. (An
/// object would have to run its toString: it is an error.)
template <>
struct Convert<Atom> {
  static Result<Atom> from_js(ValueRef value);
  static JSValue into_js(JSContext* ctx, const Atom& atom) noexcept;
};

template <class T>
Result<T> Atom::try_as() const {
  if constexpr (std::same_as<T, Atom>) {
    return *this;
  } else if constexpr (detail::Index<T>) {
    const std::optional<std::uint32_t> number = index();
    if (number && std::in_range<T>(*number)) {
      return static_cast<T>(*number);
    }
    Result<Value> value = try_to_value();
    if (!value) {
      return std::move(value).error();
    }
    return Error::conversion("an index", describe(ValueRef(realm_->context, value->raw())));
  } else {
    return try_to_value().and_then([](const Value& value) { return value.try_as<T>(); });
  }
}

}  // namespace quip

/// Equal atoms have equal hashes.
template <>
struct std::hash<quip::Atom> {
  std::size_t operator()(const quip::Atom& atom) const noexcept {
    return std::hash<void*>()(atom.realm()->core) ^ (std::size_t{atom.raw()} * 0x9E3779B9U);
  }
};

// Conversions of enums: strings with the enumerators' names, found by reflection; numbers or arrays
// of names if the description asks for them.
#pragma once

#include <quip/convert/names.hpp>
#include <quip/convert/reflect.hpp>
#include <quip/core/convert.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <type_traits>
#include <utility>

namespace quip {

namespace detail {

// ---- reflection --------------------------------------------------------------------------------
// All values that an enumerator may have are spelled by the compiler in one name of a function,
// "{E::red, E::green, (E)2, …}": one instantiation an enum, in place of one a value.

inline constexpr int lowest_enumerator = -16;
inline constexpr int highest_enumerator = 112;

template <class E, E... V>
consteval std::string_view spelled_values() {
  return __PRETTY_FUNCTION__;
}

// Compilers that let an enum have any value of its underlying type warn of what it cannot have.
#pragma GCC diagnostic push
#if defined(__clang__)
#if __has_warning("-Wenum-constexpr-conversion")
#pragma clang diagnostic ignored "-Wenum-constexpr-conversion"
#endif
#else
#pragma GCC diagnostic ignored "-Wconversion"
#endif
template <auto V>
struct Constant {};
template <class E, int V>
concept IsValueOf = requires { Constant<static_cast<E>(V)>(); };
/// The values from 0 to `value`, and whether E has them all. An enum without a fixed underlying
/// type has no values beyond the bits of its enumerators, and may not be asked for them.
template <class E, int V = 1>
consteval int highest_value() {
  if constexpr (requires { E{std::underlying_type_t<E>()}; }) {
    constexpr auto most = std::numeric_limits<std::underlying_type_t<E>>::max();
    return std::cmp_less(static_cast<long long>(most < 127 ? most : 127), highest_enumerator)
               ? static_cast<int>(most)
               : highest_enumerator;
  } else if constexpr (V > highest_enumerator) {
    return highest_enumerator;
  } else if constexpr (IsValueOf<E, V>) {
    return highest_value<E, V * 2 + 1>();
  } else {
    return V / 2;
  }
}
template <class E, int V = -1>
consteval int lowest_value() {
  using U = std::underlying_type_t<E>;
  if constexpr (!std::is_signed_v<U>) {
    return 0;
  } else if constexpr (requires { E{U()}; } || V * 2 < lowest_enumerator * 2) {
    return lowest_enumerator;
  } else if constexpr (IsValueOf<E, V>) {
    return lowest_value<E, V * 2>();
  } else {
    return V == -1 ? 0 : V / 2;
  }
}

template <std::size_t N>
struct FoundEnumerators {
  std::size_t count = 0;
  std::array<int, N> values{};
  std::array<std::string_view, N> names{};
};

/// Reads the compiler's list of N values from `low` on.
template <std::size_t N>
consteval FoundEnumerators<N> read_enumerators(std::string_view text, int low) {
  FoundEnumerators<N> found;
  std::size_t at = text.find("V = ") + 5;  // behind the bracket that opens the list
  for (std::size_t i = 0; i < N; ++i) {
    const std::size_t begin = at;
    int depth = 0;
    for (; depth > 0 || (text[at] != ',' && text[at] != '}' && text[at] != '>'); ++at) {
      const char c = text[at];
      depth += c == '(' || c == '<' || c == '{' ? 1 : 0;
      depth -= c == ')' || c == '>' || c == '}' ? 1 : 0;
    }
    const std::string_view name = last_name(text.substr(begin, at - begin));
    if (!name.empty() && !(name[0] >= '0' && name[0] <= '9')) {
      found.names[found.count] = name;
      found.values[found.count++] = low + static_cast<int>(i);
    }
    at += 2;  // ", "
  }
  return found;
}
template <class E, int Low, int... I>
consteval auto find_enumerators(std::integer_sequence<int, I...>) {
  return read_enumerators<sizeof...(I)>(spelled_values<E, static_cast<E>(Low + I)...>(), Low);
}
#pragma GCC diagnostic pop
template <class E>
inline constexpr auto reflected_enumerators = find_enumerators<E, lowest_value<E>()>(
    std::make_integer_sequence<int, highest_value<E>() - lowest_value<E>() + 1>());

// ---- with what the description says ------------------------------------------------------------

enum class EnumForm : unsigned char { name, value, flags };
struct EnumSettings {
  Case spelling = Case::as_is;
  EnumForm form = EnumForm::name;
};
constexpr void apply(EnumSettings& settings, RenameAll option) {
  settings.spelling = option.spelling;
}
constexpr void apply(EnumSettings& settings, ByValue) { settings.form = EnumForm::value; }
constexpr void apply(EnumSettings& settings, Flags) { settings.form = EnumForm::flags; }
template <auto V>
constexpr void apply(EnumSettings&, const EnumeratorOption<V>&) {}

template <class D>
struct DescribedEnumerators {
  static constexpr std::size_t size = 0;
};
template <class... O>
struct DescribedEnumerators<EnumDescription<O...>> {
  static constexpr std::size_t size = sizeof...(O);
};

/// An enum's enumerators: their values, and the source of the list of their names.
template <class E>
struct EnumTraits {
  using Description = std::remove_cvref_t<decltype(description<E>)>;
  static constexpr std::size_t most =
      reflected_enumerators<E>.names.size() + DescribedEnumerators<Description>::size;
  struct Table {
    std::size_t count = 0;
    std::array<std::int64_t, most> values{};
    std::array<std::string_view, most> names{};
    std::array<bool, most> is_given{};
    EnumSettings settings;
    constexpr void set(std::int64_t value, std::string_view name, bool given) {
      std::size_t at = 0;
      while (at < count && values[at] != value) {
        ++at;
      }
      count += at == count ? 1U : 0U;
      values[at] = value;
      names[at] = name;
      is_given[at] = given;
    }
  };
  static constexpr Table table = [] {
    Table made;
    const auto& found = reflected_enumerators<E>;
    for (std::size_t i = 0; i < found.count; ++i) {
      made.set(found.values[i], found.names[i], false);
    }
    if constexpr (described<E>) {
      const auto look = [&]<class O>(const O& option) {
        apply(made.settings, option);
        if constexpr (requires { O::value; }) {
          const bool named = !option.name.empty();
          made.set(static_cast<std::int64_t>(O::value),
                   named ? option.name : raw_member_name<O::value>(), named);
        }
      };
      description<E>.each(look);
    }
    return made;
  }();
  static constexpr std::size_t size = table.count;
  static_assert(size > 0,
                "no enumerator between -16 and 112 was found: name them in a quip::description");
  static constexpr std::array<std::int64_t, size> values = [] {
    std::array<std::int64_t, size> known{};
    for (std::size_t i = 0; i < size; ++i) {
      known[i] = table.values[i];
    }
    return known;
  }();
  static constexpr std::size_t write(std::size_t i, char* out) noexcept {
    return spell(table.names[i], table.is_given[i] ? Case::as_is : table.settings.spelling, out);
  }
};

/// What compiled code needs to know of an enum.
struct EnumType {
  Names names;
  const std::int64_t* values;  ///< in the order of the names
  std::string_view name;       ///< of the enum itself, for messages
};
template <class E>
inline constinit EnumType enum_type{
    .names = {NameList<EnumTraits<E>>::views.data(), EnumTraits<E>::size},
    .values = EnumTraits<E>::values.data(),
    .name = raw_type_name<E>()};

/// What there is instead of a place with a pending exception.
inline constexpr std::size_t no_place = static_cast<std::size_t>(-1);
/// The place of the name that a string value is, from `first` on; `names.count` when it is none.
inline std::size_t place_of_name(ValueRef value, const Names& names, const JSAtom* atoms,
                                 std::size_t first = 0) noexcept {
  if (!engine::is_string(value.raw())) [[unlikely]] {
    return names.count;
  }
  const JSAtom atom = ::JS_ValueToAtom(value.context(), value.raw());
  if (atom == 0) [[unlikely]] {
    return no_place;
  }
  std::size_t place = first;
  while (place < names.count && atoms[place] != atom) {
    ++place;
  }
  ::JS_FreeAtom(value.context(), atom);
  return place;
}
/// The same; the error lists the names from `first` on.
Result<std::size_t> find_name(ValueRef value, Names& names, std::size_t first = 0);

Result<std::int64_t> enum_from_name(ValueRef value, EnumType& type);
Result<std::int64_t> enum_from_number(ValueRef value, EnumType& type);
Result<std::int64_t> enum_from_flags(ValueRef value, EnumType& type);
JSValue enum_into_name(JSContext* ctx, EnumType& type, std::int64_t value) noexcept;
JSValue enum_into_number(JSContext* ctx, EnumType& type, std::int64_t value) noexcept;
JSValue enum_into_flags(JSContext* ctx, EnumType& type, std::int64_t value) noexcept;

}  // namespace detail

/// Enumerators are their names, exactly; see enumeration for other names and for numbers. A value
/// that is no enumerator is an error both ways.
template <class E>
  requires std::is_enum_v<E>
struct Convert<E> : detail::FamilyConvert {
  static Result<E> from_js(ValueRef value) {
    detail::EnumType& type = detail::enum_type<E>;
    if constexpr (form == detail::EnumForm::name) {
      detail::Realm* realm = detail::realm_of(value.context());
      const JSAtom* atoms = detail::atoms_of(realm, type.names);
      const std::size_t place =
          atoms == nullptr ? detail::no_place : detail::place_of_name(value, type.names, atoms);
      if (place < detail::EnumTraits<E>::size) [[likely]] {
        return static_cast<E>(detail::EnumTraits<E>::values[place]);
      }
      if (place == detail::no_place) {
        return detail::caught(realm);
      }
    }
    Result<std::int64_t> found =
        form == detail::EnumForm::name    ? detail::enum_from_name(value, type)
        : form == detail::EnumForm::value ? detail::enum_from_number(value, type)
                                          : detail::enum_from_flags(value, type);
    if (!found) [[unlikely]] {
      return std::move(found).error();
    }
    return static_cast<E>(*found);
  }
  static JSValue into_js(JSContext* ctx, E value) noexcept {
    detail::EnumType& type = detail::enum_type<E>;
    const auto number = static_cast<std::int64_t>(value);
    if constexpr (form == detail::EnumForm::name) {
      // most enums count from their first enumerator on
      using Traits = detail::EnumTraits<E>;
      const auto guess =
          static_cast<std::uint64_t>(number) - static_cast<std::uint64_t>(Traits::values[0]);
      if (guess < Traits::size && Traits::values[static_cast<std::size_t>(guess)] == number)
          [[likely]] {
        const JSAtom* atoms = detail::atoms_of(detail::realm_of(ctx), type.names);
        return atoms == nullptr ? engine::exception() : ::JS_AtomToString(ctx, atoms[guess]);
      }
      return detail::enum_into_name(ctx, type, number);
    } else if constexpr (form == detail::EnumForm::value) {
      return detail::enum_into_number(ctx, type, number);
    } else {
      return detail::enum_into_flags(ctx, type, number);
    }
  }

 private:
  static constexpr detail::EnumForm form = detail::EnumTraits<E>::table.settings.form;
};

}  // namespace quip

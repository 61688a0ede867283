// Conversions of variant: whichever alternative fits.
#pragma once

#include <quip/convert/describe.hpp>
#include <quip/convert/map.hpp>
#include <quip/convert/optional.hpp>
#include <quip/convert/text.hpp>
#include <quip/value/placeholder.hpp>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace quip {

namespace detail {

/// A set of JavaScript's types (ECMA-262 6.1), a bit each.
enum TypeBits : std::uint8_t {
  undefined_bit = 1,
  null_bit = 2,
  boolean_bit = 4,
  number_bit = 8,
  bigint_bit = 16,
  string_bit = 32,
  symbol_bit = 64,
  object_bit = 128,
  any_bits = 255,
};
/// The type of a value, as a set of one.
TypeBits type_bit(JSValueConst value) noexcept;

template <class T>
struct AcceptedTypes;
/// The types of which some values convert to a T. A Convert may say it by itself, as
/// `static constexpr detail::TypeBits accepted`; of a type that nothing is known of, all.
template <class T>
inline constexpr auto accepted_types = AcceptedTypes<T>::value;

template <class T>
struct AcceptedTypes {
  static constexpr std::uint8_t value = [] {
    if constexpr (requires { Convert<T>::accepted; }) {
      return static_cast<std::uint8_t>(Convert<T>::accepted);
    } else if constexpr (std::is_same_v<T, bool>) {
      return boolean_bit;
    } else if constexpr (AnyCharacter<T> || TextLike<T> || std::is_same_v<T, String> ||
                         std::is_same_v<T, std::filesystem::path>) {
      return string_bit;
    } else if constexpr (std::is_integral_v<T> && sizeof(T) == 8) {
      return static_cast<std::uint8_t>(number_bit | bigint_bit);
    } else if constexpr (std::is_arithmetic_v<T>) {
      return number_bit;
    } else if constexpr (std::is_enum_v<T>) {
      return static_cast<std::uint8_t>(string_bit | number_bit);
    } else if constexpr (std::is_same_v<T, std::monostate> || std::is_same_v<T, Undefined>) {
      return undefined_bit;
    } else if constexpr (std::is_same_v<T, std::nullptr_t> || std::is_same_v<T, Null>) {
      return null_bit;
    } else if constexpr (std::is_base_of_v<Object, T> || Container<T>) {
      return object_bit;
    } else {
      return any_bits;
    }
  }();
};
template <class T>
  requires(
      requires(const T& pointer) {
        pointer == nullptr;
        *pointer;
      } ||
      requires(const T& optional) {
        optional.has_value();
        *optional;
      })
struct AcceptedTypes<T> {
  static constexpr std::uint8_t value =
      accepted_types<std::remove_cvref_t<decltype(*std::declval<T&>())>> | undefined_bit | null_bit;
};
template <class... T>
struct AcceptedTypes<std::variant<T...>> {
  static constexpr std::uint8_t value = (accepted_types<T> | ...);
};

/// The error for a value of a type that no alternative has.
Error no_alternative(std::uint8_t accepted, ValueRef value);
/// … that no alternative of its type took, with what each said.
Error no_alternative(const std::vector<Error>& errors);

}  // namespace detail

/// A variant is the first of its alternatives that the value converts to; only those are tried
/// that have the value's JavaScript type. When a single one has it, its error is the error. (For
/// objects that say by a tag which alternative they are, see `tagged`.)
template <class... T>
  requires(!detail::described<std::variant<T...>>)
struct Convert<std::variant<T...>> {
  using V = std::variant<T...>;

  static Result<V> from_js(ValueRef value) {
    constexpr std::array<std::uint8_t, sizeof...(T)> accepted = {detail::accepted_types<T>...};
    const detail::TypeBits type = detail::type_bit(value.raw());
    std::size_t candidates = 0;
    for (const std::uint8_t types : accepted) {
      candidates += (types & type) != 0 ? 1 : 0;
    }
    if (candidates == 0) [[unlikely]] {
      return detail::no_alternative((detail::accepted_types<T> | ...), value);
    }
    // with others left to try, a problem is none yet
    const ValueRef looked_at = candidates == 1 ? value : ValueRef(value.context(), value.raw());
    std::optional<V> converted;
    std::vector<Error> errors;
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      (((accepted[I] & type) != 0 && try_one<I>(looked_at, converted, errors)) || ...);
    }(std::index_sequence_for<T...>());
    if (converted) [[likely]] {
      return *std::move(converted);
    }
    return errors.size() == 1 || errors.back().kind() != ErrorKind::conversion
               ? std::move(errors.back())
               : detail::no_alternative(errors);
  }

  template <class U>
    requires std::same_as<std::remove_cvref_t<U>, V>
  static JSValue into_js(JSContext* ctx, U&& variant) {
    if (variant.valueless_by_exception()) [[unlikely]] {
      return detail::throw_error(ctx, Error::type("a variant without a value is no value"));
    }
    return std::visit(
        [ctx](auto&& alternative) {
          return detail::into_js(ctx, std::forward<decltype(alternative)>(alternative));
        },
        std::forward<U>(variant));
  }

 private:
  /// True when there is no need to try another.
  template <std::size_t I>
  static bool try_one(ValueRef value, std::optional<V>& converted, std::vector<Error>& errors) {
    auto alternative = detail::from_js<std::variant_alternative_t<I, V>>(value);
    if (alternative) {
      converted.emplace(std::in_place_index<I>, *std::move(alternative));
      return true;
    }
    errors.push_back(std::move(alternative).error());
    // what a script threw is no answer to the question which alternative fits
    return errors.back().kind() != ErrorKind::conversion;
  }
};

}  // namespace quip

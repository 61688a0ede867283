// The parts of descriptions of types: what structs, enums and tagged variants consist of, and the
// types that are one thing in JavaScript.
#pragma once

#include <quip/convert/coerced.hpp>
#include <quip/convert/tagged.hpp>
#include <quip/convert/type_data.hpp>
#include <quip/convert/variant.hpp>
#include <quip/value/placeholder.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

namespace quip {

template <class T>
const TypeInfo& type_info();

class ArrayBuffer;
class BigInt;
class DataView;
class Date;
class ErrorObject;
class Float16;
class Function;
class Object;
class Proxy;
class RegExp;
class Symbol;

namespace detail {

template <class T>
inline constexpr TypeOf type_of = &type_info<std::remove_cvref_t<T>>;

// ---- types that are one thing in JavaScript
// ------------------------------------------------------

struct FixedType {
  TypeKind kind = TypeKind::custom;
  std::string_view name = {};
};
template <class T>
inline constexpr FixedType fixed_type{};
template <>
inline constexpr FixedType fixed_type<void>{TypeKind::undefined, "void"};
template <>
inline constexpr FixedType fixed_type<Undefined>{TypeKind::undefined, "undefined"};
template <>
inline constexpr FixedType fixed_type<Uninitialized>{TypeKind::undefined, "undefined"};
template <>
inline constexpr FixedType fixed_type<std::monostate>{TypeKind::undefined, "undefined"};
template <>
inline constexpr FixedType fixed_type<std::nullopt_t>{TypeKind::undefined, "undefined"};
template <>
inline constexpr FixedType fixed_type<Null>{TypeKind::null, "null"};
template <>
inline constexpr FixedType fixed_type<std::nullptr_t>{TypeKind::null, "null"};
template <>
inline constexpr FixedType fixed_type<bool>{TypeKind::boolean, "boolean"};
template <>
inline constexpr FixedType fixed_type<Float16>{TypeKind::number, "number"};
template <>
inline constexpr FixedType fixed_type<std::filesystem::path>{TypeKind::string, "string"};
template <>
inline constexpr FixedType fixed_type<Value>{TypeKind::any, "any"};
template <>
inline constexpr FixedType fixed_type<String>{TypeKind::string, "string"};
template <>
inline constexpr FixedType fixed_type<Symbol>{TypeKind::symbol, "symbol"};
template <>
inline constexpr FixedType fixed_type<BigInt>{TypeKind::bigint, "bigint"};
template <>
inline constexpr FixedType fixed_type<Object>{TypeKind::object, "object"};
template <>
inline constexpr FixedType fixed_type<Proxy>{TypeKind::object, "object"};
template <>
inline constexpr FixedType fixed_type<Date>{TypeKind::date, "Date"};
template <>
inline constexpr FixedType fixed_type<RegExp>{TypeKind::regexp, "RegExp"};
template <>
inline constexpr FixedType fixed_type<ErrorObject>{TypeKind::error, "Error"};
template <>
inline constexpr FixedType fixed_type<ArrayBuffer>{TypeKind::array_buffer, "ArrayBuffer"};
template <>
inline constexpr FixedType fixed_type<DataView>{TypeKind::data_view, "DataView"};
template <>
inline constexpr FixedType fixed_type<Function>{TypeKind::function, "Function"};

// ---- structs
// -------------------------------------------------------------------------------------

/// What a T or null is; a type only to be described.
template <class T>
struct Nullable {};
/// The names of an enum whose values are arrays of them.
template <class E>
struct FlagNames {};

/// Whether a property that is missing is as good as one that is undefined.
template <class F>
inline constexpr bool reads_undefined =
    fixed_type<F>.kind == TypeKind::any || fixed_type<F>.kind == TypeKind::undefined;
template <class F>
  requires requires { Convert<F>::accepted; }
inline constexpr bool reads_undefined<F> = (Convert<F>::accepted & undefined_bit) != 0;
template <class T>
inline constexpr bool reads_undefined<std::optional<T>> = true;
template <class T>
inline constexpr bool reads_undefined<std::unique_ptr<T>> = true;
template <class T>
inline constexpr bool reads_undefined<std::shared_ptr<T>> = true;
template <class T>
inline constexpr bool reads_undefined<Coerced<T>> = true;
template <class... T>
  requires(!described<std::variant<T...>>)
inline constexpr bool reads_undefined<std::variant<T...>> = (reads_undefined<T> || ...);

/// `has_default`: a missing property reads as something else than an undefined one.
template <class F>
MemberInfo member_info(std::string_view name, bool has_default) {
  MemberInfo member{name, type_of<F>, has_default || reads_undefined<F>};
  if constexpr (is_optional<F>) {
    using Inner = typename F::value_type;
    // see RecordWriter::leave_out
    member.omitted = !has_default;
    member.type = has_default ? type_of<Nullable<Inner>> : type_of<Inner>;
  }
  return member;
}

inline std::uint64_t bits_of(std::uint64_t (*find)()) { return find == nullptr ? 0 : find(); }

template <class T>
void add_members(TypeInfo& to);

template <class T, std::size_t I, class F>
void add_member(TypeInfo& to, bool has_default) {
  const std::string_view name = RecordNames<T>::views[I];
  if constexpr (!described_record<T>) {
    to.members.push_back(member_info<F>(name, has_default));
  } else {
    constexpr const auto& option = RecordTraits<T>::template option<I>();
    constexpr bool is_tuple = settings_of<T>().as_array;
    if constexpr (option.skip) {
      if constexpr (is_tuple) {  // it has its place
        to.members.push_back({name, type_of<Undefined>, true, true});
        to.of.push_back(type_of<Undefined>);
      }
    } else if constexpr (option.flatten && RecordLike<F>) {
      add_members<F>(to);
    } else if constexpr (option.flatten) {
      to.rest = type_of<typename F::mapped_type>;
    } else {
      MemberInfo member = member_info<F>(name, has_default);
      if constexpr (requires { option.fallback.value; }) {
        member.optional = true;
      }
      if constexpr (is_tuple) {
        member.type = type_of<F>;
        member.omitted = false;
        to.of.push_back(type_of<F>);
      }
      member.omitted = member.omitted || option.skip_default;
      to.members.push_back(member);
    }
  }
}

template <class T>
void add_members(TypeInfo& to) {
  const std::uint64_t may_miss = bits_of(optional_members<T>());
  [&]<std::size_t... I, class... F>(std::index_sequence<I...>, void (*)(F*...)) {
    (add_member<T, I, std::remove_const_t<F>>(to, (may_miss >> I & 1U) != 0), ...);
  }(std::make_index_sequence<RecordNames<T>::size>(), MemberTypes<T>());
}

// ---- names in C++
// --------------------------------------------------------------------------------

inline constexpr std::size_t type_head = spelled_type<double>().find("double");
/// The type as the compiler spells it.
template <class T>
consteval std::string_view full_type_name() {
  constexpr std::string_view text = spelled_type<T>();
  return text.substr(type_head, text.size() - type_head - type_tail);
}
/// A type that has a name in C++.
template <class T>
TypeInfo named_type(TypeKind kind) {
  return {.kind = kind, .name = raw_type_name<T>(), .cpp_name = full_type_name<T>()};
}

// ---- enums and variants
// ----------------------------------------------------------------------------

template <class E>
void add_values(TypeInfo& to) {
  using Traits = EnumTraits<E>;
  for (std::size_t i = 0; i < Traits::size; ++i) {
    to.values.push_back({NameList<Traits>::views[i], Traits::values[i]});
  }
}

template <class T, class... A>
void add_alternatives(TypeInfo& to, Alternatives<A...>) {
  const auto& names = NameList<TaggedTraits<T>>::views;
  to.tag = names[0];
  to.content = names[1];
  to.tagging = to.tag.empty()       ? Tagging::external
               : to.content.empty() ? Tagging::internal
                                    : Tagging::adjacent;
  std::size_t i = 2;
  (to.alternatives.push_back({names[i++], std::is_empty_v<A> ? nullptr : type_of<A>}), ...);
}

}  // namespace detail
}  // namespace quip

// What reflection cannot say about a type: other names, defaults, tags. A description is a constant
// beside the type, found by the type:
//
//     template <> inline constexpr auto quip::description<Server> = quip::record(
//         quip::rename_all(quip::Case::camel), quip::deny_unknown,
//         quip::field<&Server::host_name>("host"),
//         quip::field<&Server::port>(quip::by_default(8080)),
//         quip::field<&Server::tls>(quip::flatten));
//
// It stands at namespace scope outside every other namespace, behind the type and before the first
// use of its conversion. A type whose members are private says it in a static function of its own
// (`static constexpr auto describe() { return quip::record(…); }`), which the constant then calls.
#pragma once

#include <cstddef>
#include <string_view>
#include <type_traits>
#include <utility>

namespace quip {

namespace detail {
struct Undescribed {};
}  // namespace detail

/// The description of T, by specialisation; see record, enumeration and tagged for what it may be.
template <class T>
inline constexpr auto description = detail::Undescribed{};

namespace detail {
/// Whether T has a description. Conversions of whole families (std::variant) leave such types to
/// what the description asks for.
template <class T>
concept described =
    !std::is_same_v<std::remove_cvref_t<decltype(description<T>)>, detail::Undescribed>;
}  // namespace detail

/// How names are spelled in JavaScript. The words of a C++ name are found at its underscores and
/// where a capital follows a small letter or a digit.
enum class Case : unsigned char {
  as_is,            ///< as in C++
  lower,            ///< hostname
  pascal,           ///< HostName
  camel,            ///< hostName
  snake,            ///< host_name
  screaming_snake,  ///< HOST_NAME
  kebab,            ///< host-name
};

namespace detail {

struct RenameAll {
  Case spelling;
};
struct DenyUnknown {};
struct Defaults {};
struct AsArray {};
struct Transparent {};
struct Skip {};
struct SkipDefault {};
struct Flatten {};
struct ByValue {};
struct Flags {};
template <class V>
struct ByDefault {
  V value;
};
struct NoDefault {};
inline constexpr NoDefault no_default{};

/// What is said about one member.
template <auto Member, class Default>
struct FieldOption {
  static constexpr auto member = Member;
  std::string_view name;  // empty: as reflection says
  bool skip = false;
  bool skip_default = false;
  bool flatten = false;
  Default fallback;  // NoDefault, or what by_default was given
};
template <auto Value>
struct EnumeratorOption {
  static constexpr auto value = Value;
  std::string_view name;
};
template <class T>
struct AlternativeOption {
  std::string_view name;
};

/// Some constants, found by their place: a tuple costs too much to compile.
template <std::size_t I, class O>
struct OptionAt {
  O option;
};
template <class Indices, class... O>
struct OptionList;
template <std::size_t... I, class... O>
struct OptionList<std::index_sequence<I...>, O...> : OptionAt<I, O>... {
  static constexpr std::size_t size = sizeof...(O);
  /// visit(option) for each.
  template <class Visit>
  constexpr void each(Visit&& visit) const {
    (visit(static_cast<const OptionAt<I, O>&>(*this).option), ...);
  }
};
template <std::size_t I, class O>
constexpr const O& option_at(const OptionAt<I, O>& list) noexcept {
  return list.option;
}
template <class... O>
constexpr OptionList<std::index_sequence_for<O...>, O...> list_options(O... options) {
  return {{options}...};
}

// The options of one member, gathered.
template <class F>
constexpr void apply(F& field, std::string_view name) {
  field.name = name;
}
template <class F>
constexpr void apply(F& field, Skip) {
  field.skip = true;
}
template <class F>
constexpr void apply(F& field, SkipDefault) {
  field.skip_default = true;
}
template <class F>
constexpr void apply(F& field, Flatten) {
  field.flatten = true;
}
template <class F, class V>
constexpr void apply(F& field, const ByDefault<V>& fallback) {
  field.fallback = fallback;
}
template <class... O>
struct DefaultIn {
  using type = NoDefault;
};
template <class V, class... O>
struct DefaultIn<ByDefault<V>, O...> {
  using type = ByDefault<V>;
};
template <class First, class... O>
struct DefaultIn<First, O...> : DefaultIn<O...> {};

}  // namespace detail

// ---- said about a whole type -------------------------------------------------------------------
/// All names that are not given one by one are spelled so.
constexpr detail::RenameAll rename_all(Case spelling) noexcept { return {spelling}; }
/// Own enumerable properties that no member reads are an error.
inline constexpr detail::DenyUnknown deny_unknown{};
/// Every property may be missing: its member then keeps the value of T().
inline constexpr detail::Defaults defaults{};
/// An array of the members' values in order, in place of an object.
inline constexpr detail::AsArray as_array{};
/// The value of the only member, in place of an object.
inline constexpr detail::Transparent transparent{};

// ---- said about one member ---------------------------------------------------------------------
/// Neither read nor written.
inline constexpr detail::Skip skip{};
/// Not written when it equals the value that a missing property would give.
inline constexpr detail::SkipDefault skip_default{};
/// The member's own properties stand in this object: of a struct, or of a map with text keys.
inline constexpr detail::Flatten flatten{};
/// What the member is when its property is missing: a value, or a function that gives one.
template <class V>
constexpr detail::ByDefault<V> by_default(V value) {
  return {value};
}
/// The options of a member: its name as text, `skip`, `skip_default`, `flatten`, `by_default(…)`.
template <auto Member, class... O>
  requires std::is_member_object_pointer_v<decltype(Member)>
constexpr auto field(O... options) {
  using Default = typename detail::DefaultIn<O...>::type;
  detail::FieldOption<Member, Default> said{};
  (detail::apply(said, options), ...);
  return said;
}

/// The description of a struct: options of the whole (`rename_all(…)`, `deny_unknown`, `defaults`,
/// `as_array`, `transparent`) and of members (`field<…>(…)`). Members of a plain struct that are
/// not named are converted as always; of any other class all members are to be named.
template <class... O>
struct RecordDescription : decltype(detail::list_options(std::declval<O>()...)){};
template <class... O>
constexpr RecordDescription<O...> record(O... options) {
  return {detail::list_options(options...)};
}

/// The name of one enumerator.
template <auto Value>
  requires std::is_enum_v<decltype(Value)>
constexpr detail::EnumeratorOption<Value> enumerator(std::string_view name = {}) noexcept {
  return {name};
}
/// Numbers in place of names.
inline constexpr detail::ByValue by_value{};
/// The enumerators are bits: an array of the names of those that are set.
inline constexpr detail::Flags as_flags{};

/// The description of an enum: `rename_all(…)`, `by_value` or `as_flags`, and
/// `enumerator<…>("name")`. Enumerators that are not named are found by reflection between -16 and
/// 112; others must be.
template <class... O>
struct EnumDescription : decltype(detail::list_options(std::declval<O>()...)){};
template <class... O>
constexpr EnumDescription<O...> enumeration(O... options) {
  return {detail::list_options(options...)};
}

/// The name of one alternative of a tagged variant; the type's own name without it.
template <class T>
constexpr detail::AlternativeOption<T> alternative(std::string_view name) noexcept {
  return {name};
}

/// The descriptions of std::variant, or of a type derived from one, by where the name of the
/// alternative stands; beside it, `alternative<T>("name")` and `rename_all(…)`.
template <class... O>
struct TaggedDescription : decltype(detail::list_options(std::declval<O>()...)) {
  std::string_view tag;      // empty: the name is the only property of an object around the value
  std::string_view content;  // empty: the properties of the value stand beside the tag
};
/// `{circle: {radius: 1}}`; an alternative without members is its name alone, `"circle"`.
template <class... O>
constexpr TaggedDescription<O...> externally_tagged(O... options) {
  return {{detail::list_options(options...)}, {}, {}};
}
/// `{type: "circle", radius: 1}`: the alternatives are structs.
template <class... O>
  requires(!(std::is_convertible_v<O, std::string_view> || ...))
constexpr TaggedDescription<O...> tagged(std::string_view tag, O... options) {
  return {{detail::list_options(options...)}, tag, {}};
}
/// `{type: "circle", value: {radius: 1}}`
template <class... O>
  requires(!(std::is_convertible_v<O, std::string_view> || ...))
constexpr TaggedDescription<O...> tagged(std::string_view tag, std::string_view content,
                                         O... options) {
  return {{detail::list_options(options...)}, tag, content};
}

}  // namespace quip

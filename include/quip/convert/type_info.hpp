// Descriptions of C++ types as JavaScript types, found by the type: `type_info<T>()`. Nothing of
// them is compiled or run for a program that does not ask.
#pragma once

#include <quip/convert/bytes.hpp>
#include <quip/convert/chrono.hpp>
#include <quip/convert/type_parts.hpp>
#include <quip/function/signature.hpp>
#include <quip/value/atom.hpp>
#include <quip/value/bigint.hpp>
#include <quip/value/data_view.hpp>
#include <quip/value/error_object.hpp>
#include <quip/value/float16.hpp>
#include <quip/value/iterable.hpp>
#include <quip/value/iterator.hpp>
#include <quip/value/map.hpp>
#include <quip/value/property_ref.hpp>
#include <quip/value/regexp.hpp>
#include <quip/value/set.hpp>
#include <quip/value/symbol.hpp>
#include <quip/value/weak_ref.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace quip {

// what later layers define
class CallArgs;
template <class T>
class Promise;
template <class T>
class Task;
template <class T>
class MaybePromise;
template <class T>
class Deferred;
class ProxyHandler;
struct Exhaustive;
template <class S>
struct Flat;
template <NativeClass T>
class Instance;
template <class T>
struct Opt;
template <class T>
struct Rest;
template <class T>
struct This;

/// What T is to scripts. The description is made when it is first asked for, and stays; any number
/// of threads may ask. Throws std::bad_alloc, and what T's default constructor throws: it tells
/// which members have a default.
template <class T>
const TypeInfo& type_info();

/// What a callable takes and returns: a function, a function object, a pointer to a member.
template <class F>
SignatureInfo signature_info();

namespace detail {

/// The pointers to characters that convert.
template <class T>
concept TextPointer =
    std::is_pointer_v<T> && AnyCharacter<std::remove_cv_t<std::remove_pointer_t<T>>>;
template <class T>
concept ClassPointer =
    std::is_pointer_v<T> && NativeClass<std::remove_cv_t<std::remove_pointer_t<T>>>;

// ---- all types
// -----------------------------------------------------------------------------------

template <class T>
struct TypeFamily {
  static TypeInfo make() {
    if constexpr (requires { Convert<T>::type_name; }) {
      return {
          .kind = TypeKind::custom, .name = Convert<T>::type_name, .cpp_name = full_type_name<T>()};
    } else if constexpr (fixed_type<T>.kind != TypeKind::custom) {
      return {.kind = fixed_type<T>.kind, .name = fixed_type<T>.name};
    } else if constexpr (NativeClass<T>) {
      TypeInfo made = named_type<T>(TypeKind::instance);
      made.instance_of = &describe<T>;
      return made;
    } else if constexpr (std::is_base_of_v<Value, T>) {
      return handle();
    } else if constexpr (std::is_floating_point_v<T>) {
      return {.kind = TypeKind::number, .name = "number"};
    } else if constexpr (Integer<T>) {
      return {.kind = TypeKind::integer,
              .name = "number",
              .range = IntegerRange{static_cast<std::int64_t>(std::numeric_limits<T>::min()),
                                    static_cast<std::uint64_t>(std::numeric_limits<T>::max())}};
    } else if constexpr (AnyCharacter<std::remove_cv_t<std::remove_extent_t<T>>> || TextLike<T> ||
                         TextPointer<T>) {
      return {.kind = TypeKind::string, .name = "string"};
    } else if constexpr (std::is_array_v<T>) {
      return array_of<std::remove_extent_t<T>>(std::extent_v<T>);
    } else {
      return family();
    }
  }

 private:
  static TypeInfo handle() {
    if constexpr (!std::is_base_of_v<Object, T>) {
      return {.kind = TypeKind::any, .name = "any"};
    } else if constexpr (requires { T::type_name; }) {
      return {.kind = TypeKind::object, .name = T::type_name};
    } else {
      return {.kind = TypeKind::object, .name = "object"};
    }
  }
  template <class U>
  static TypeInfo array_of(std::optional<std::size_t> length = {}) {
    return {.kind = TypeKind::array, .name = "Array", .of = {type_of<U>}, .length = length};
  }
  /// The conversion is the family's own, or a user's that is derived from it.
  template <class Family>
  static constexpr bool converts_by = std::is_base_of_v<Family, Convert<T>>;

  static TypeInfo family() {
    if constexpr (std::is_enum_v<T>) {
      if constexpr (converts_by<FamilyConvert>) {
        return enumeration();
      } else {
        return named_type<T>(TypeKind::custom);
      }
    } else if constexpr (TaggedLike<T>) {
      using All = typename TaggedTraits<T>::All;
      TypeInfo made{.kind = TypeKind::union_};
      if constexpr (!std::is_same_v<T, typename All::Variant>) {
        made = named_type<T>(TypeKind::union_);
      }
      add_alternatives<T>(made, All());
      return made;
    } else if constexpr (RecordLike<T>) {
      if constexpr (converts_by<ConvertRecord<T>>) {
        TypeInfo made =
            named_type<T>(settings_of<T>().as_array ? TypeKind::tuple : TypeKind::record);
        add_members<T>(made);
        return made;
      } else {
        return named_type<T>(TypeKind::custom);
      }
    } else if constexpr (MapLike<T>) {
      using K = typename T::key_type;
      if constexpr (!converts_by<FamilyConvert>) {
        return named_type<T>(TypeKind::custom);
      } else if constexpr (NameLike<K>) {
        return {.kind = TypeKind::dictionary,
                .name = "Record",
                .of = {type_of<K>, type_of<typename T::mapped_type>}};
      } else {
        return {.kind = TypeKind::map,
                .name = "Map",
                .of = {type_of<K>, type_of<typename T::mapped_type>}};
      }
    } else if constexpr (SequenceLike<T> || ViewLike<T>) {
      if constexpr (converts_by<FamilyConvert>) {
        return array_of<std::ranges::range_value_t<T>>();
      } else {
        return named_type<T>(TypeKind::custom);
      }
    } else if constexpr (HasSignature<T>) {
      return {.kind = TypeKind::function, .name = "Function", .signatures = {signature_info<T>()}};
    } else {
      return named_type<T>(TypeKind::custom);
    }
  }

  static TypeInfo enumeration() {
    constexpr EnumForm form = EnumTraits<T>::table.settings.form;
    if constexpr (form == EnumForm::flags) {
      return array_of<FlagNames<T>>();
    } else {
      TypeInfo made = named_type<T>(TypeKind::enumeration);
      made.by_number = form == EnumForm::value;
      add_values<T>(made);
      return made;
    }
  }
};

template <class E>
struct TypeFamily<FlagNames<E>> {
  static TypeInfo make() {
    TypeInfo made = named_type<E>(TypeKind::enumeration);
    add_values<E>(made);
    return made;
  }
};

/// A struct that is its only member.
template <RecordLike T>
  requires(settings_of<T>().transparent && std::is_base_of_v<ConvertTransparent<T>, Convert<T>>)
struct TypeFamily<T> {
  using As = typename decltype(only_type(MemberTypes<T>()))::type;
};

// what is in place of something else
template <class T>
struct TypeFamily<Result<T>> {
  using As = T;
};
template <class T>
struct TypeFamily<std::reference_wrapper<T>> {
  using As = std::remove_cv_t<T>;
};
template <PropertyKey K, class Parent>
struct TypeFamily<PropertyRef<K, Parent>> {
  using As = Value;
};
template <NativeClass T>
struct TypeFamily<Instance<T>> {
  using As = T;
};
template <class T>
struct TypeFamily<std::unique_ptr<T>> {
  using As = Nullable<std::remove_cv_t<T>>;
};
template <class T>
struct TypeFamily<std::shared_ptr<T>> {
  using As = Nullable<std::remove_cv_t<T>>;
};
template <ClassPointer P>
struct TypeFamily<P> {
  using As = Nullable<std::remove_cv_t<std::remove_pointer_t<P>>>;
};
template <class R, class... A, bool N>
struct TypeFamily<R(A...) noexcept(N)> {
  using As = R (*)(A...) noexcept(N);
};

/// A type that is made of others.
template <TypeKind kind, class... T>
struct TypeMadeOf {
  static constexpr std::string_view name = kind == TypeKind::map        ? "Map"
                                           : kind == TypeKind::set      ? "Set"
                                           : kind == TypeKind::array    ? "Array"
                                           : kind == TypeKind::promise  ? "Promise"
                                           : kind == TypeKind::iterable ? "Iterable"
                                           : kind == TypeKind::any      ? "any"
                                                                        : "";
  static TypeInfo make() { return {.kind = kind, .name = name, .of = {type_of<T>...}}; }
};
template <class T>
struct TypeFamily<Nullable<T>> : TypeMadeOf<TypeKind::union_, T, Null> {};
template <class T>
struct TypeFamily<std::optional<T>> : TypeMadeOf<TypeKind::optional, T> {};
template <class... T>
  requires(!described<std::variant<T...>>)
struct TypeFamily<std::variant<T...>> : TypeMadeOf<TypeKind::union_, T...> {};
template <class A, class B>
struct TypeFamily<std::pair<A, B>> : TypeMadeOf<TypeKind::tuple, A, B> {};
template <class... T>
struct TypeFamily<std::tuple<T...>> : TypeMadeOf<TypeKind::tuple, T...> {};
template <class T>
struct TypeFamily<Coerced<T>> : TypeMadeOf<TypeKind::any, T> {};
template <class T>
struct TypeFamily<std::initializer_list<T>> : TypeMadeOf<TypeKind::array, T> {};
template <class T, class A>
struct TypeFamily<std::forward_list<T, A>> : TypeMadeOf<TypeKind::array, T> {};
template <>
struct TypeFamily<Atom> : TypeMadeOf<TypeKind::union_, String, double, Symbol> {};
template <>
struct TypeFamily<Array> : TypeMadeOf<TypeKind::array, Value> {};
template <>
struct TypeFamily<Map> : TypeMadeOf<TypeKind::map, Value, Value> {};
template <>
struct TypeFamily<Set> : TypeMadeOf<TypeKind::set, Value> {};
template <class T>
struct TypeFamily<Promise<T>> : TypeMadeOf<TypeKind::promise, T> {};
template <class T>
struct TypeFamily<Task<T>> : TypeMadeOf<TypeKind::promise, T> {};
template <class T>
struct TypeFamily<Deferred<T>> : TypeMadeOf<TypeKind::promise, T> {};
template <class T>
struct TypeFamily<Iterator<T>> : TypeMadeOf<TypeKind::iterable, T> {};
template <class R>
struct TypeFamily<Iterable<R>> : TypeMadeOf<TypeKind::iterable, std::ranges::range_value_t<R>> {};

template <class T>
struct IteratorType {
  static TypeInfo make() {
    return {.kind = TypeKind::iterable, .name = "IterableIterator", .of = {type_of<T>}};
  }
};
template <class R>
struct TypeFamily<IteratorOver<R>> : IteratorType<std::ranges::range_value_t<R>> {};
template <class T>
std::type_identity<T> next_type(const std::optional<T>&);
template <class T>
std::type_identity<T> next_type(const Result<std::optional<T>>&);
template <class F>
struct TypeFamily<IteratorFrom<F>>
    : IteratorType<typename decltype(next_type(std::declval<std::invoke_result_t<F&>>()))::type> {};

template <>
struct TypeFamily<WeakRef> {
  static TypeInfo make() {
    return {.kind = TypeKind::object, .name = "WeakRef", .of = {type_of<Object>}};
  }
};
template <>
struct TypeFamily<ProxyHandler> {
  static TypeInfo make() {
    return {.kind = TypeKind::object, .name = "ProxyHandler", .of = {type_of<Object>}};
  }
};
template <TypedElement T>
struct TypeFamily<TypedArray<T>> {
  static TypeInfo make() {
    return {.kind = TypeKind::typed_array, .name = TypedArray<T>::type_name, .of = {type_of<T>}};
  }
};
template <class T, std::size_t N>
struct TypeFamily<std::array<T, N>> {
  static TypeInfo make() {
    return {.kind = TypeKind::array, .name = "Array", .of = {type_of<T>}, .length = N};
  }
};

template <std::size_t... Length>
struct BytesType {
  static TypeInfo make() {
    TypeInfo made{.kind = TypeKind::array_buffer, .name = "ArrayBuffer"};
    ((made.length = Length), ...);
    return made;
  }
};
template <>
struct TypeFamily<std::vector<std::byte>> : BytesType<> {};
template <std::size_t N>
struct TypeFamily<std::array<std::byte, N>> : BytesType<N> {};
template <std::size_t N>
struct TypeFamily<std::span<std::byte, N>> : BytesType<> {};
template <std::size_t N>
struct TypeFamily<std::span<const std::byte, N>> : BytesType<> {};

template <class D>
struct TypeFamily<std::chrono::time_point<std::chrono::system_clock, D>> : TypeFamily<Date> {};
template <class Rep, class Period>
struct TypeFamily<std::chrono::duration<Rep, Period>> : TypeFamily<double> {};

/// Of parameters that take no argument.
struct NoParameter {
  static void add(std::vector<ParameterInfo>&) noexcept {}
};
template <class T>
struct OptionalParameter {
  static void add(std::vector<ParameterInfo>& to) {
    to.push_back({.type = type_of<T>, .optional = true});
  }
};
}  // namespace detail

template <class T>
struct TypeInfoOf : detail::TypeFamily<T> {};

template <class T>
const TypeInfo& type_info() {
  using Plain = std::remove_cvref_t<T>;
  if constexpr (!std::is_same_v<T, Plain>) {
    return type_info<Plain>();
  } else if constexpr (requires { Convert<T>::type_info(); }) {
    return Convert<T>::type_info();
  } else if constexpr (requires { typename TypeInfoOf<T>::As; }) {
    return type_info<typename TypeInfoOf<T>::As>();
  } else {
    static const TypeInfo made = TypeInfoOf<T>::make();
    return made;
  }
}

namespace detail {
/// Of parameters that are one argument of their type.
struct PlainParameterInfo {};
}  // namespace detail
template <class P>
struct ParameterInfoOf : detail::PlainParameterInfo {
  static void add(std::vector<ParameterInfo>& to) { to.push_back({.type = detail::type_of<P>}); }
};
template <class T>
struct ParameterInfoOf<std::optional<T>> : detail::OptionalParameter<T> {};
template <class T>
struct ParameterInfoOf<Opt<T>> : detail::OptionalParameter<T> {};
/// Options may be left out when each of them may be.
template <class S>
struct ParameterInfoOf<Flat<S>> {
  static void add(std::vector<ParameterInfo>& to) {
    bool optional = true;
    for (const MemberInfo& member : type_info<S>().members) {
      optional = optional && member.optional;
    }
    to.push_back({.type = detail::type_of<S>, .optional = optional});
  }
};
template <class T>
struct ParameterInfoOf<Rest<T>> {
  static void add(std::vector<ParameterInfo>& to) {
    to.push_back({.type = detail::type_of<T>, .rest = true});
  }
};
template <>
struct ParameterInfoOf<CallArgs> {
  static void add(std::vector<ParameterInfo>& to) {
    to.push_back({.type = detail::type_of<Value>, .rest = true});
  }
};
template <class T>
struct ParameterInfoOf<This<T>> : detail::NoParameter {};
template <>
struct ParameterInfoOf<Ctx> : detail::NoParameter {};
template <>
struct ParameterInfoOf<Exhaustive> : detail::NoParameter {};

namespace detail {

/// What a parameter's description is made of: its type, or a function of the parameter's own.
struct ParameterSource {
  TypeOf type;
  void (*add)(std::vector<ParameterInfo>& to);
};
/// What a signature's description is made of: constants alone, so that a bound function costs no
/// code for it.
struct SignatureSource {
  TypeOf returns;
  const ParameterSource* parameters;
  std::size_t count;
};
SignatureInfo make_signature(const SignatureSource& source);

/// What a callable's declared result is to scripts, where that is no type of its own.
template <class R>
struct DescribedResult {
  using type = R;
};

template <class P>
concept PlainParameter = std::is_base_of_v<PlainParameterInfo, ParameterInfoOf<P>>;
template <class P>
consteval ParameterSource parameter_source() {
  if constexpr (PlainParameter<P>) {
    return {type_of<P>, nullptr};
  } else {
    return {nullptr, &ParameterInfoOf<P>::add};
  }
}
template <class R, class Declared>
struct SignatureData;
template <class R, class... A>
struct SignatureData<R, TypeList<A...>> {
  static constexpr ParameterSource parameters[] = {parameter_source<std::remove_cvref_t<A>>()...,
                                                   {nullptr, nullptr}};
  static constexpr SignatureSource value{type_of<typename DescribedResult<R>::type>, parameters,
                                         sizeof...(A)};
};
template <class F>
inline constexpr const SignatureSource* signature_source =
    &SignatureData<typename SignatureOf<F>::Returned, typename SignatureOf<F>::Declared>::value;

}  // namespace detail

template <class F>
SignatureInfo signature_info() {
  return detail::make_signature(*detail::signature_source<std::decay_t<F>>);
}

// made once for all
extern template const TypeInfo& type_info<void>();
extern template const TypeInfo& type_info<bool>();
extern template const TypeInfo& type_info<int>();
extern template const TypeInfo& type_info<unsigned>();
extern template const TypeInfo& type_info<double>();
extern template const TypeInfo& type_info<float>();
extern template const TypeInfo& type_info<std::string>();
extern template const TypeInfo& type_info<std::string_view>();
extern template const TypeInfo& type_info<Value>();

}  // namespace quip

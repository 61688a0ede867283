// What is known of a struct: its members, their names in JavaScript, what its description says
// about it and about each of them, and which of them may be missing. All of it is known to the
// compiler, but for the default initialisers, which are looked for once.
#pragma once

#include <quip/convert/bind_fields.hpp>
#include <quip/convert/describe.hpp>
#include <quip/convert/initializer.hpp>
#include <quip/convert/names.hpp>
#include <quip/convert/reflect.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <new>
#include <string_view>
#include <type_traits>
#include <utility>

namespace quip::detail {

// ---- what its description says -----------------------------------------------------------------

/// The options of a description, by what they are about.
template <class D>
struct DescriptionParts;
template <class... O>
struct DescriptionParts<RecordDescription<O...>> {
  template <class Option>
  struct Member {
    static constexpr std::string_view name{};
  };
  template <auto M, class Default>
  struct Member<FieldOption<M, Default>> {
    static constexpr std::string_view name = raw_member_name<M>();
  };
  static constexpr std::size_t size = sizeof...(O);
  /// The members' names by the place of their options; empty for options of the whole.
  static constexpr std::array<std::string_view, size + 1> members = {Member<O>::name...};
  static constexpr std::size_t member_count =
      (std::size_t{0} + ... + (Member<O>::name.empty() ? 0 : 1));
  /// The places of the members' options.
  static constexpr std::array<std::size_t, size + 1> places = [] {
    std::array<std::size_t, size + 1> found{};
    std::size_t n = 0;
    for (std::size_t i = 0; i < size; ++i) {
      if (!members[i].empty()) {
        found[n++] = i;
      }
    }
    return found;
  }();
};

template <class D>
inline constexpr bool is_record_description = false;
template <class... O>
inline constexpr bool is_record_description<RecordDescription<O...>> = true;
template <class T>
using DescriptionOf = std::remove_cvref_t<decltype(description<T>)>;
template <class T>
concept described_record = is_record_description<DescriptionOf<T>>;

/// Function objects are functions, whatever members they have.
template <class T>
concept HasCallOperator = requires { &T::operator(); };

/// The types whose conversion is derived (see record.hpp).
template <class T>
concept RecordLike =
    std::is_class_v<T> && !NativeClass<T> &&
    (described_record<T> || (!described<T> && reflectable<T> && !HasCallOperator<T>));

struct RecordSettings {
  Case spelling = Case::as_is;
  bool deny_unknown = false;
  bool defaults = false;
  bool as_array = false;
  bool transparent = false;
};
constexpr void apply(RecordSettings& settings, RenameAll option) {
  settings.spelling = option.spelling;
}
constexpr void apply(RecordSettings& settings, DenyUnknown) { settings.deny_unknown = true; }
constexpr void apply(RecordSettings& settings, Defaults) { settings.defaults = true; }
constexpr void apply(RecordSettings& settings, AsArray) { settings.as_array = true; }
constexpr void apply(RecordSettings& settings, Transparent) { settings.transparent = true; }
template <auto M, class Default>
constexpr void apply(RecordSettings&, const FieldOption<M, Default>&) {}

/// All that is said about a struct and its I-th member.
template <class T>
struct RecordTraits {
  using Parts = DescriptionParts<DescriptionOf<T>>;
  static constexpr std::size_t none = static_cast<std::size_t>(-1);
  static constexpr bool reflected = reflectable<T>;
  static constexpr std::size_t size = [] {
    if constexpr (reflected) {
      return field_count<T>;
    } else {
      return Parts::member_count;
    }
  }();
  static constexpr RecordSettings settings = [] {
    RecordSettings said;
    description<T>.each([&](const auto& option) { apply(said, option); });
    return said;
  }();
  /// The place of the member's option among those of the description; `none` without one.
  static constexpr std::size_t place(std::size_t i) noexcept {
    if constexpr (reflected) {
      for (std::size_t at = 0; at < Parts::size; ++at) {
        if (Parts::members[at] == RawFieldNames<T>::views[i]) {
          return at;
        }
      }
      return none;
    } else {
      return Parts::places[i];
    }
  }
  static constexpr FieldOption<nullptr, NoDefault> unsaid{};
  template <std::size_t I>
  static constexpr const auto& option() noexcept {
    if constexpr (place(I) == none) {
      return unsaid;
    } else {
      return option_at<place(I)>(description<T>);
    }
  }
  static constexpr std::string_view raw_name(std::size_t i) noexcept {
    if constexpr (reflected) {
      return RawFieldNames<T>::views[i];
    } else {
      return Parts::members[Parts::places[i]];
    }
  }
  template <class Indices = std::make_index_sequence<size>>
  struct Said;
  template <std::size_t... I>
  struct Said<std::index_sequence<I...>> {
    static constexpr std::array<std::string_view, size> names = {option<I>().name...};
  };
  // the source of the list of names
  static constexpr std::size_t write(std::size_t i, char* out) noexcept {
    const std::string_view said = Said<>::names[i];
    return said.empty() ? spell(raw_name(i), settings.spelling, out)
                        : spell(said, Case::as_is, out);
  }
};

/// The members' names in JavaScript.
template <class T>
using RecordNames =
    NameList<typename std::conditional_t<described_record<T>, std::type_identity<RecordTraits<T>>,
                                         std::type_identity<FieldNames<T>>>::type>;

/// What is said about the whole.
template <class T>
consteval RecordSettings settings_of() {
  if constexpr (described_record<T>) {
    return RecordTraits<T>::settings;
  } else {
    return {};
  }
}
/// What gives the value of a missing property: NoDefault without by_default.
template <class T, std::size_t I>
constexpr const auto& fallback_of() noexcept {
  if constexpr (described_record<T>) {
    return RecordTraits<T>::template option<I>().fallback;
  } else {
    return no_default;
  }
}

// ---- its members -------------------------------------------------------------------------------

/// Calls fn(members...).
template <class T, class F>
[[gnu::always_inline]] constexpr decltype(auto) visit_members(T& t, F&& fn) {
  using Plain = std::remove_const_t<T>;
  if constexpr (reflectable<Plain>) {
    return bind_fields<field_count<Plain>>(t, std::forward<F>(fn));
  } else {
    using Traits = RecordTraits<Plain>;
    return [&]<std::size_t... I>(std::index_sequence<I...>) -> decltype(auto) {
      return fn(t.*(std::remove_cvref_t<decltype(Traits::template option<I>())>::member)...);
    }(std::make_index_sequence<Traits::size>());
  }
}

/// The members' types, as the type of a function.
template <class T>
using MemberTypes = decltype(visit_members(
    std::declval<T&>(), []<class... F>(F&...) { return static_cast<void (*)(F*...)>(nullptr); }));
template <class... F>
consteval bool are_assignable(void (*)(F*...)) {
  return (std::is_move_assignable_v<F> && ...);
}
/// Whether a T() can be filled member by member.
template <class T>
consteval bool is_fillable() {
  if constexpr (!std::is_default_constructible_v<T>) {
    return false;
  } else {
    return are_assignable(MemberTypes<T>());
  }
}

/// Whether a map takes the properties that no other member reads.
template <class T>
consteval bool has_flat_map() {
  using Traits = RecordTraits<T>;
  return []<std::size_t... I, class... F>(std::index_sequence<I...>, void (*)(F*...)) {
    return ((Traits::template option<I>().flatten && !RecordLike<F>) || ...);
  }(std::make_index_sequence<Traits::size>(), MemberTypes<T>());
}

// ---- which of its members may be missing -------------------------------------------------------

/// A bit for each member that has a default initialiser, or that a default constructor sets.
template <class T>
std::uint64_t find_initialized() {
  constexpr std::size_t n = RecordNames<T>::size;
  const T made = T();
  std::uint64_t found = 0;
  std::array<ScalarMember, n> scalars{};
  visit_members(made, [&](const auto&... f) {
    std::size_t i = 0;
    const auto look = [&]<class M>(const M& member) {
      if constexpr (std::is_scalar_v<M>) {
        scalars[i] = {static_cast<std::size_t>(reinterpret_cast<const char*>(&member) -
                                               reinterpret_cast<const char*>(&made)),
                      sizeof(M)};
      } else {
        found |= has_initializer(member) ? std::uint64_t{1} << i : 0U;
      }
      ++i;
    };
    (look(f), ...);
  });
  return found | initialized_scalars(
                     sizeof(T), alignof(T), [](void* at) { ::new (at) T; },
                     [](void* at) { static_cast<T*>(at)->~T(); }, scalars.data(), n);
}
template <class T>
std::uint64_t initialized_members() {
  static const std::uint64_t found = find_initialized<T>();
  return found;
}

template <class T>
std::uint64_t all_members() {
  return ~std::uint64_t{0};
}
template <class T>
consteval auto optional_members() -> std::uint64_t (*)() {
  if constexpr (described_record<T>) {
    if constexpr (RecordTraits<T>::settings.defaults) {
      return &all_members<T>;
    }
  }
  if constexpr (!std::is_trivially_default_constructible_v<T>) {
    if constexpr (is_fillable<T>()) {
      return &initialized_members<T>;
    }
  }
  return nullptr;
}

}  // namespace quip::detail

// Conversions of tagged variants: std::variant, or a type derived from one, whose description says
// where the name of the alternative stands (see externally_tagged and tagged). Without a
// description a variant's alternatives are told apart by their values alone (variant.hpp).
//
//     using Shape = std::variant<Circle, Square>;
//     template <> inline constexpr auto quip::description<Shape> =
//         quip::tagged("type", quip::rename_all(quip::Case::lower));  // {type: "circle", radius:
//         1}
#pragma once

#include <quip/convert/enum.hpp>
#include <quip/convert/record.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

namespace quip {

namespace detail {

template <class A, class... O>
consteval std::string_view name_in(const TaggedDescription<O...>& said);

template <class D>
inline constexpr bool is_tagged_description = false;
template <class... O>
inline constexpr bool is_tagged_description<TaggedDescription<O...>> = true;
template <class T>
concept TaggedLike = std::is_class_v<T> && is_tagged_description<DescriptionOf<T>>;

/// The alternatives of a variant, or of the variant that a type is derived from.
template <class... A>
struct Alternatives {
  using Variant = std::variant<A...>;
  static constexpr std::size_t size = sizeof...(A);
  static constexpr std::array<std::string_view, size> names = {raw_type_name<A>()...};
  template <class T>
  static constexpr std::array<std::string_view, size> names_in = {name_in<A>(description<T>)...};
  /// Whether an option is of one of the alternatives, or of the whole.
  static consteval bool knows(RenameAll) { return true; }
  template <class T>
  static consteval bool knows(AlternativeOption<T>) {
    return (std::is_same_v<A, T> || ...);
  }
  static constexpr std::array<bool, size> are_units = {std::is_empty_v<A>...};
  /// visit.operator()<index, type>() for the alternative of that index.
  template <class Visit>
  static constexpr void at(std::size_t index, Visit&& visit) {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      (void)((index == I ? (visit.template operator()<I, A>(), true) : false) || ...);
    }(std::make_index_sequence<size>());
  }
};
template <class... A>
Alternatives<A...> alternatives_in(const std::variant<A...>&);

// What the options of a description say: the spelling, and the name of an alternative.
template <class... O>
consteval Case spelling_in(const TaggedDescription<O...>& said) {
  Case spelling = Case::as_is;
  said.each([&]<class Option>(const Option& option) {
    if constexpr (std::is_same_v<Option, RenameAll>) {
      spelling = option.spelling;
    }
  });
  return spelling;
}
template <class All, class... O>
consteval bool knows_all(const TaggedDescription<O...>&) {
  return (All::knows(O{}) && ...);
}
template <class A, class... O>
consteval std::string_view name_in(const TaggedDescription<O...>& said) {
  const char* text = nullptr;
  std::size_t size = 0;
  said.each([&]<class Option>(const Option& option) {
    if constexpr (std::is_same_v<Option, AlternativeOption<A>>) {
      text = option.name.data();
      size = option.name.size();
    }
  });
  return {text, size};
}

template <class T>
struct TaggedTraits {
  using All = decltype(alternatives_in(std::declval<const T&>()));
  /// The names in JavaScript, behind those of the tag and the content.
  static constexpr std::size_t size = All::size + 2;
  static_assert(knows_all<All>(description<T>),
                "quip::alternative names a type that is no alternative of the variant");
  static constexpr Case spelling = spelling_in(description<T>);
  static constexpr std::size_t write(std::size_t i, char* out) noexcept {
    if (i < 2) {
      return spell(i == 0 ? description<T>.tag : description<T>.content, Case::as_is, out);
    }
    const std::string_view given = All::template names_in<T>[i - 2];
    return given.empty() ? spell(All::names[i - 2], spelling, out) : spell(given, Case::as_is, out);
  }
  static constexpr bool are_names_different = [] {
    const auto& names = NameList<TaggedTraits>::views;
    for (std::size_t i = 2; i < size; ++i) {
      for (std::size_t j = 2; j < i; ++j) {
        if (names[i] == names[j]) {
          return false;
        }
      }
    }
    return true;
  }();
};

/// What compiled code needs to know of a tagged variant.
struct TaggedType {
  Names names;            ///< of the tag, of the content, and of the alternatives
  const bool* are_units;  ///< whether an alternative has no members
};
template <class T>
inline constinit TaggedType tagged_type{
    .names = {NameList<TaggedTraits<T>>::views.data(), TaggedTraits<T>::size},
    .are_units = TaggedTraits<T>::All::are_units.data()};

/// Which alternative a value is, and what is to be converted to it.
struct ChosenAlternative {
  std::size_t index;
  JSValue payload;  ///< owned; undefined for an alternative without members
};
/// `{circle: {…}}`, or the name alone.
Result<ChosenAlternative> choose_external(ValueRef value, TaggedType& type);
/// `{type: "circle", …}`; with `has_content`, the payload is that property.
Result<ChosenAlternative> choose_tagged(ValueRef value, TaggedType& type, bool has_content);

JSValue alternative_name(JSContext* ctx, TaggedType& type, std::size_t index) noexcept;
/// The object around a payload, which it takes over: `{circle: payload}`, with a tag
/// `{type: "circle", value: payload}`; without a payload (undefined) `{type: "circle"}`.
JSValue wrap_alternative(JSContext* ctx, TaggedType& type, std::size_t index, bool has_tag,
                         JSValue payload) noexcept;
JSValue throw_valueless(JSContext* ctx) noexcept;

}  // namespace detail

/// Tagged variants.
template <detail::TaggedLike T>
struct Convert<T> {
 private:
  using Traits = detail::TaggedTraits<T>;
  using All = typename Traits::All;
  using Variant = typename All::Variant;
  static constexpr bool has_tag = !description<T>.tag.empty();
  static constexpr bool has_content = !description<T>.content.empty();
  static_assert(Traits::are_names_different, "two alternatives have the same name");

  template <std::size_t I, class A>
  static T make(A&& payload) {
    if constexpr (std::is_constructible_v<T, std::in_place_index_t<I>, A>) {
      return T(std::in_place_index<I>, std::forward<A>(payload));
    } else {
      return T{Variant(std::in_place_index<I>, std::forward<A>(payload))};
    }
  }
  template <class A>
  static Result<A> read(ValueRef payload, detail::Realm* realm) {
    if constexpr (std::is_empty_v<A>) {
      return A();
    } else if constexpr (has_tag && !has_content && detail::described_record<A>) {
      // an alternative that denies unknown properties knows the tag
      const JSAtom* atoms = detail::atoms_of(realm, detail::tagged_type<T>.names);
      return detail::ConvertRecord<A>::read(payload, atoms);
    } else {
      return detail::from_js<A>(payload);
    }
  }

 public:
  static Result<T> from_js(ValueRef value) {
    detail::TaggedType& type = detail::tagged_type<T>;
    detail::Realm* realm = detail::realm_of(value.context());
    Result<detail::ChosenAlternative> chosen = has_tag
                                                   ? detail::choose_tagged(value, type, has_content)
                                                   : detail::choose_external(value, type);
    if (!chosen) [[unlikely]] {
      return std::move(chosen).error();
    }
    const detail::OwnedValue payload(value.context(), chosen->payload);
    Result<T> result = Error::plain({});
    All::at(chosen->index, [&]<std::size_t I, class A>() {
      const detail::PartOf part(value);
      Result<A> converted = read<A>(value.part(payload.get()), realm);
      if constexpr (has_content || !has_tag) {
        constexpr std::string_view step = detail::NameList<Traits>::views[has_tag ? 1 : I + 2];
        Result<void> noted;  // what was noted gets the step too
        (void)part.settle(noted, [&] { return std::string(step); });
        if (!converted) {
          converted.error().at(step);
        }
      }
      if (converted) {
        result = Result<T>(make<I, A>(*std::move(converted)));
      } else {
        result = Result<T>(std::move(converted).error());
      }
    });
    return result;
  }

  template <class U>
    requires std::same_as<std::remove_cvref_t<U>, T>
  static JSValue into_js(JSContext* ctx, U&& value) {
    detail::TaggedType& type = detail::tagged_type<T>;
    auto& variant = static_cast<
        std::conditional_t<std::is_const_v<std::remove_reference_t<U>>, const Variant&, Variant&>>(
        value);
    if (variant.valueless_by_exception()) [[unlikely]] {
      return detail::throw_valueless(ctx);
    }
    JSValue made = engine::undefined();
    All::at(variant.index(), [&]<std::size_t I, class A>() {
      auto&& payload = detail::member_of<U>(*std::get_if<I>(&variant));
      if constexpr (std::is_empty_v<A>) {
        made = has_tag ? detail::wrap_alternative(ctx, type, I, true, engine::undefined())
                       : detail::alternative_name(ctx, type, I);
      } else if constexpr (has_tag && !has_content) {
        static_assert(detail::RecordLike<A>,
                      "the alternatives of an internally tagged variant are structs: give the "
                      "value a property of its own, quip::tagged(tag, content)");
        detail::RecordWriter writer(ctx, detail::record_type<A>);
        JSValue object = detail::wrap_alternative(ctx, type, I, true, engine::undefined());
        made = !engine::is_exception(object) && writer.resume(object) &&
                       detail::write_members(writer, std::forward<decltype(payload)>(payload))
                   ? writer.finish()
                   : engine::exception();
      } else {
        made = detail::wrap_alternative(
            ctx, type, I, has_tag, detail::into_js(ctx, std::forward<decltype(payload)>(payload)));
      }
    });
    return made;
  }
};

}  // namespace quip

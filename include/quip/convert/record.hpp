// Conversions of structs: objects with a property a member. A plain struct converts by itself; what
// is to be different says its description.
//
// From JavaScript a property may be missing when its member is an optional (or another type that
// undefined converts to) or has a default initialiser in the struct; then the member keeps it. All
// other properties are required. An initialiser is known by what it does: one that gives what the
// member's type gives by itself (`std::string name = "";`) is not seen, and is said with
// by_default.
//
// Into JavaScript the members are own data properties in the order of declaration; an empty
// optional has none.
#pragma once

#include <quip/convert/record_io.hpp>
#include <quip/convert/record_traits.hpp>

#include <concepts>
#include <cstddef>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace quip {

namespace detail {

template <class T>
inline constinit RecordType record_type{
    .names = {RecordNames<T>::views.data(), RecordNames<T>::size},
    .optional_members = optional_members<T>()};

template <class T>
void gather_atoms(Realm* realm, std::vector<JSAtom>& known);

template <class M>
concept TextMap = requires {
  typename M::key_type;
  typename M::mapped_type;
} && std::convertible_to<std::string, typename M::key_type>;

template <class M>
Result<void> insert_unknown(void* map, std::string&& name, ValueRef value) {
  auto converted = from_js<typename M::mapped_type>(value);
  if (!converted) [[unlikely]] {
    return std::move(converted).error();
  }
  static_cast<M*>(map)->insert_or_assign(std::move(name), *std::move(converted));
  return {};
}

template <class T>
bool read_members(RecordReader& reader, T& out, const JSAtom* extra = nullptr);

/// Reads one member of a described struct.
template <class T, std::size_t I, class F>
bool read_described(RecordReader& reader, F& out) {
  constexpr const auto& option = RecordTraits<T>::template option<I>();
  if constexpr (option.skip) {
    reader.pass();
    return true;
  } else if constexpr (option.flatten && RecordLike<F>) {
    reader.pass();
    RecordReader inner(reader.whole(), record_type<F>);
    if (!inner.prepare() || !read_members(inner, out)) {
      return reader.fail(std::move(inner.outcome()).error());
    }
    return true;
  } else if constexpr (option.flatten) {
    static_assert(TextMap<F>, "only structs and maps with text keys can be flattened");
    reader.pass();
    std::vector<JSAtom> known;
    gather_atoms<T>(reader.realm(), known);
    return reader.join(for_each_unknown(reader.whole(), known, &insert_unknown<F>, &out));
  } else {
    return reader.described(out, option.fallback);
  }
}

/// The atoms of the properties that a struct reads.
template <class T>
void gather_atoms(Realm* realm, std::vector<JSAtom>& known) {
  const JSAtom* atoms = atoms_of(realm, record_type<T>.names);
  if (atoms == nullptr) {
    return;
  }
  if constexpr (!described_record<T>) {
    known.insert(known.end(), atoms, atoms + RecordNames<T>::size);
  } else {
    using Traits = RecordTraits<T>;
    [&]<std::size_t... I, class... F>(std::index_sequence<I...>, void (*)(F*...)) {
      const auto add = [&]<std::size_t At, class M>(std::type_identity<M>) {
        constexpr const auto& option = Traits::template option<At>();
        if constexpr (option.flatten && RecordLike<M>) {
          gather_atoms<std::remove_const_t<M>>(realm, known);
        } else if constexpr (!option.skip && !option.flatten) {
          known.push_back(atoms[At]);
        }
      };
      (add.template operator()<I>(std::type_identity<F>()), ...);
    }(std::make_index_sequence<Traits::size>(), MemberTypes<T>());
  }
}

/// Fills a struct from an object that the reader has opened. `extra` is the atom of a property that
/// is known besides the members.
template <class T>
bool read_members(RecordReader& reader, T& out, const JSAtom* extra) {
  if constexpr (!described_record<T>) {
    return visit_members(out, [&](auto&... f) {
      unsigned index = 0;
      return (reader.member(f, index++) && ...);
    });
  } else {
    using Traits = RecordTraits<T>;
    const bool all_read = visit_members(out, [&](auto&... f) {
      return [&]<std::size_t... I>(std::index_sequence<I...>) {
        return (read_described<T, I>(reader, f) && ...);
      }(std::make_index_sequence<Traits::size>());
    });
    if constexpr (Traits::settings.deny_unknown && !Traits::settings.as_array) {
      if constexpr (!has_flat_map<T>()) {
        if (all_read) {
          std::vector<JSAtom> known;
          gather_atoms<T>(reader.realm(), known);
          if (extra != nullptr) {
            known.push_back(*extra);
          }
          return reader.deny_unknown(known);
        }
      }
    }
    return all_read;
  }
}

// ---- structs that cannot be filled -------------------------------------------------------------

/// Makes a struct of its converted members, all at once.
template <class T, std::size_t... I, class... F>
Result<T> make_record(RecordReader& reader, std::index_sequence<I...>, void (*)(F*...)) {
  static_assert(reflectable<T>,
                "a class that is no aggregate needs a default constructor and members that can be "
                "assigned to");
  OptionList<std::index_sequence<I...>, std::optional<std::remove_const_t<F>>...> parts;
  if (!(reader.make(static_cast<OptionAt<I, std::optional<std::remove_const_t<F>>>&>(parts).option,
                    fallback_of<T, I>()) &&
        ...)) {
    return std::move(reader.outcome()).error();
  }
  if (reader.is_incomplete()) {
    return reader.last_problem();
  }
  return T{std::move(
      *static_cast<OptionAt<I, std::optional<std::remove_const_t<F>>>&>(parts).option)...};
}

// ---- writing -----------------------------------------------------------------------------------

template <class T>
bool write_members(RecordWriter& writer, T&& value);

/// Whether the member is what a missing property would make it.
template <class T, std::size_t I, class F>
bool is_default(const F& member) {
  static_assert(std::equality_comparable<F>, "skip_default compares: the member needs operator==");
  constexpr const auto& option = RecordTraits<T>::template option<I>();
  if constexpr (requires { option.fallback.value; }) {
    F fallback{};
    RecordReader::set_default(fallback, option.fallback);
    return member == fallback;
  } else {
    static const T fresh = T();
    return visit_members(fresh, [&](const auto&... f) {
      std::size_t at = 0;
      bool equal = false;
      const auto compare = [&]<class M>(const M& other) {
        if constexpr (std::is_same_v<M, F>) {
          equal = at == I ? member == other : equal;
        }
        ++at;
      };
      (compare(f), ...);
      return equal;
    });
  }
}

template <class T, std::size_t I, class F>
bool write_described(RecordWriter& writer, F&& member) {
  constexpr const auto& option = RecordTraits<T>::template option<I>();
  using Plain = std::remove_cvref_t<F>;
  if constexpr (option.skip) {
    writer.pass();
    return true;
  } else if constexpr (option.flatten && RecordLike<Plain>) {
    writer.pass();
    RecordWriter inner(writer.context(), record_type<Plain>);
    return inner.resume(engine::duplicate(writer.context(), writer.object())) &&
           write_members(inner, std::forward<F>(member));
  } else if constexpr (option.flatten) {
    writer.pass();
    for (auto& [name, element] : member) {
      if (!writer.extra(name, into_js(writer.context(), element))) {
        return false;
      }
    }
    return true;
  } else {
    if constexpr (option.skip_default) {
      if (is_default<T, I, Plain>(member)) {
        writer.pass();
        return true;
      }
    }
    return writer.described(std::forward<F>(member));
  }
}

/// The member of an expiring struct expires with it.
template <class T, class F>
constexpr auto&& member_of(F& member) noexcept {
  if constexpr (std::is_lvalue_reference_v<T>) {
    return std::as_const(member);
  } else {
    return std::move(member);
  }
}

template <class T>
bool write_members(RecordWriter& writer, T&& value) {
  using Plain = std::remove_cvref_t<T>;
  if constexpr (!described_record<Plain>) {
    return visit_members(value, [&](auto&... f) {
      unsigned index = 0;
      return (writer.member(member_of<T>(f), index++) && ...);
    });
  } else {
    return visit_members(value, [&](auto&... f) {
      return [&]<std::size_t... I>(std::index_sequence<I...>) {
        return (write_described<Plain, I>(writer, member_of<T>(f)) && ...);
      }(std::make_index_sequence<RecordTraits<Plain>::size>());
    });
  }
}

// ---- the conversion ----------------------------------------------------------------------------

template <class T>
struct ConvertRecord {
  static Result<T> from_js(ValueRef value) { return read(value, nullptr); }
  /// `extra` is the atom of a property that is known besides the members.
  static Result<T> read(ValueRef value, const JSAtom* extra) {
    RecordReader reader(value, record_type<T>);
    constexpr bool from_array = settings_of<T>().as_array;
    if constexpr (is_fillable<T>()) {
      Result<T> result{T()};
      if (!(from_array ? reader.open_array() : reader.open()) ||
          !read_members(reader, *result, extra)) [[unlikely]] {
        result = Result<T>(std::move(reader.outcome()).error());
      }
      return result;
    } else {
      if (!(from_array ? reader.open_array() : reader.open())) {
        return std::move(reader.outcome()).error();
      }
      using Types = MemberTypes<T>;
      return make_record<T>(reader, std::make_index_sequence<RecordNames<T>::size>(), Types());
    }
  }
  /// See ConvertsInPlace.
  static Result<void> read_into(ValueRef value, T& out)
    requires(is_fillable<T>())
  {
    RecordReader reader(value, record_type<T>);
    if (!(settings_of<T>().as_array ? reader.open_array() : reader.open()) ||
        !read_members(reader, out)) [[unlikely]] {
      return reader.outcome();
    }
    return {};
  }
  template <class U>
    requires std::same_as<std::remove_cvref_t<U>, T>
  static JSValue into_js(JSContext* ctx, U&& value) {
    RecordWriter writer(ctx, record_type<T>);
    constexpr bool into_array = settings_of<T>().as_array;
    if (!(into_array ? writer.open_array() : writer.open()) ||
        !write_members(writer, std::forward<U>(value))) [[unlikely]] {
      return engine::exception();
    }
    return writer.finish();
  }
};

template <class T>
auto& only_member(T& value) noexcept {
  return visit_members(value, [](auto& member) -> auto& { return member; });
}
template <class F>
std::type_identity<std::remove_const_t<F>> only_type(void (*)(F*));
template <class T, class F>
Result<T> wrap_member(Result<F>&& inner) {
  if (!inner) [[unlikely]] {
    return std::move(inner).error();
  }
  if constexpr (is_fillable<T>()) {
    T made = T();
    auto& member = only_member(made);
    member = *std::move(inner);
    return made;
  } else {
    return T{*std::move(inner)};
  }
}
/// The value of a struct's only member, in place of an object.
template <class T>
struct ConvertTransparent {
  static_assert(RecordNames<T>::size == 1, "a transparent struct has one member");
  static Result<T> from_js(ValueRef value) {
    using Inner = typename decltype(only_type(MemberTypes<T>()))::type;
    return wrap_member<T>(detail::from_js<Inner>(value));
  }
  template <class U>
    requires std::same_as<std::remove_cvref_t<U>, T>
  static JSValue into_js(JSContext* ctx, U&& value) {
    return detail::into_js(ctx, member_of<U>(only_member(value)));
  }
};

}  // namespace detail

/// Structs: plain ones by reflection, others by their description.
template <detail::RecordLike T>
// NOLINTNEXTLINE(modernize-type-traits): only the one that is chosen is to be made
struct Convert<T> : std::conditional_t<detail::settings_of<T>().transparent,
                                       std::type_identity<detail::ConvertTransparent<T>>,
                                       std::type_identity<detail::ConvertRecord<T>>>::type {};

/// Structs with a base class: their members cannot be named in one list.
template <class T>
  requires(detail::PlainClass<T> && !detail::HasBegin<T> && detail::has_base_class<T> &&
           !detail::described<T> && !detail::HasCallOperator<T> && !NativeClass<T>)
struct Convert<T> {
  template <class U>
  static constexpr bool never = false;
  template <class U = T>
  static Result<U> from_js(ValueRef) {
    static_assert(never<U>,
                  "a struct with a base class converts only by a quip::description that "
                  "names its members, or by a quip::Convert of its own");
    return U();
  }
  template <class U = T>
  static JSValue into_js(JSContext*, const U&) {
    static_assert(never<U>,
                  "a struct with a base class converts only by a quip::description that "
                  "names its members, or by a quip::Convert of its own");
    return engine::exception();
  }
};

}  // namespace quip

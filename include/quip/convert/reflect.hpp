// The members of plain structs and the names of things, without a word from the user. C++20 has no
// reflection; it is had from three facts: an aggregate takes as many initialisers as it has
// members, structured bindings refer to the members, and compilers spell a template's arguments in
// the name of the function.
#pragma once

#include <quip/convert/bind_fields.hpp>
#include <quip/convert/describe.hpp>

#include <array>
#include <cstddef>
#include <string_view>
#include <type_traits>
#include <utility>

namespace quip::detail {

// ---- how many members --------------------------------------------------------------------------
/// Converts to anything; never called. (It has a body because clang, which instantiates the
/// constructors of std::optional when it is asked whether there is one, misses it otherwise when T
/// has no linkage.)
struct Anything {
  constexpr Anything(std::size_t) noexcept {}
  template <class T>
  operator T() const noexcept {
    __builtin_unreachable();
  }
};
/// Converts to the proper base classes of D alone.
template <class D>
struct AnyBaseOf {
  template <class B>
    requires(std::is_base_of_v<B, D> && !std::is_same_v<B, D>)
  operator B() const noexcept;
};

template <class T, class Indices>
inline constexpr bool takes_initializers = false;
template <class T, std::size_t... I>
  requires requires { T{Anything(I)...}; }
inline constexpr bool takes_initializers<T, std::index_sequence<I...>> = true;

/// The largest number of initialisers that the aggregate takes. (Members without a default
/// constructor make small numbers fail, so failures before the first success do not count.)
template <class T, std::size_t N = 0, bool Seen = false>
consteval std::size_t count_initializers() {
  if constexpr (takes_initializers<T, std::make_index_sequence<N>>) {
    return count_initializers<T, N + 1, true>();
  } else if constexpr (Seen) {
    return N - 1;
  } else if constexpr (N > most_fields) {
    return 0;
  } else {
    return count_initializers<T, N + 1, false>();
  }
}

template <class T>
concept has_base_class = requires { T{AnyBaseOf<T>()}; };
template <class T>
concept PlainClass = std::is_class_v<T> && std::is_aggregate_v<T> && !std::is_empty_v<T>;
/// A container, std::array included, though that is an aggregate.
template <class T>
concept HasBegin = requires(T& t) { t.begin(); };

/// A class of which reflection knows the members: an aggregate without base classes, that is no
/// container.
template <class T>
concept reflectable = PlainClass<T> && !HasBegin<T> && !has_base_class<T>;

template <class T>
consteval std::size_t count_fields() {
  constexpr std::size_t n = count_initializers<T>();
  static_assert(n != 0,
                "the members of this struct cannot be counted: one is a reference, or converts "
                "from anything, or there are more than 64");
  return n;
}
template <class T>
inline constexpr std::size_t field_count = count_fields<T>();

// ---- names -------------------------------------------------------------------------------------
/// A characters that may be part of a name in C++.
constexpr bool is_name_char(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         c == '$' || static_cast<unsigned char>(c) >= 0x80;
}
/// The name that the text ends with.
constexpr std::string_view last_name(std::string_view text) noexcept {
  std::size_t begin = text.size();
  while (begin > 0 && is_name_char(text[begin - 1])) {
    --begin;
  }
  return text.substr(begin);
}

// What compilers say: g++ "[with auto P = …::name; std::string_view = …]", clang "[P = …::name]".
template <auto P>
consteval std::string_view spelled_value() {
  return __PRETTY_FUNCTION__;
}
template <class T>
consteval std::string_view spelled_type() {
  return __PRETTY_FUNCTION__;
}

#if defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wundefined-var-template"
#pragma clang diagnostic ignored "-Wundefined-internal"
#endif
/// Never defined and never used: only the addresses of its members are named.
template <class T>
struct Nowhere {
  const T value;
  static const Nowhere object;
};
// clang before 18 takes the address of a member as a template argument only inside of a class
template <class P>
struct AddressOf {
  const P* address;
};
template <class P>
AddressOf(const P*) -> AddressOf<P>;

template <std::size_t I, class P>
struct AddressAt {
  P address;
};
template <class Indices, class... P>
struct AddressList;
template <std::size_t... I, class... P>
struct AddressList<std::index_sequence<I...>, P...> : AddressAt<I, P>... {};
template <std::size_t I, class P>
consteval P address_at(const AddressAt<I, P>& list) {
  return list.address;
}
// A function, for g++ emits a variable of a local type even unused, and `object` is not defined.
template <class T>
consteval auto field_addresses() {
  return bind_fields<field_count<T>>(Nowhere<T>::object.value, [](auto&... f) {
    return AddressList<std::index_sequence_for<decltype(f)...>, decltype(&f)...>{{&f}...};
  });
}

/// Calibration with a known name is surer than what each compiler is said to write.
struct NameProbe {
  int calibrated;
};
template <class T, std::size_t I>
consteval std::string_view spelled_field() {
  return spelled_value<AddressOf{address_at<I>(field_addresses<T>())}>();
}
inline constexpr std::size_t field_tail = spelled_field<NameProbe, 0>().size() -
                                          spelled_field<NameProbe, 0>().rfind("calibrated") -
                                          std::string_view("calibrated").size();
inline constexpr std::size_t member_tail =
    spelled_value<&NameProbe::calibrated>().size() -
    spelled_value<&NameProbe::calibrated>().rfind("calibrated") -
    std::string_view("calibrated").size();
inline constexpr std::size_t type_tail = spelled_type<NameProbe>().size() -
                                         spelled_type<NameProbe>().rfind("NameProbe") -
                                         std::string_view("NameProbe").size();

template <class T, std::size_t I>
consteval std::string_view raw_field_name() {
  constexpr std::string_view text = spelled_field<T, I>();
  return last_name(text.substr(0, text.size() - field_tail));
}
#if defined(__clang__)
#pragma clang diagnostic pop
#endif

/// The name of the member that a pointer to it points to, static ones too.
template <auto Member>
consteval std::string_view raw_member_name() {
  std::string_view text = spelled_value<Member>();
  text.remove_suffix(member_tail);
  if (text.ends_with(')')) {
    text.remove_suffix(1);  // a pointer to a variable in g++'s spelling: (& Type::name)
  }
  return last_name(text);
}
/// The name of a class without its namespace and template arguments.
template <class T>
consteval std::string_view raw_type_name() {
  constexpr std::string_view text = spelled_type<T>();
  std::string_view name = text.substr(0, text.size() - type_tail);
  if (name.ends_with('>')) {
    std::size_t depth = 0;
    std::size_t at = name.size();
    do {
      --at;
      depth += name[at] == '>' ? 1U : 0U;
      depth -= name[at] == '<' ? 1U : 0U;
    } while (depth > 0);
    name = name.substr(0, at);
  }
  return last_name(name);
}

// ---- spelling ----------------------------------------------------------------------------------
constexpr bool is_small(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}
constexpr bool is_capital(char c) noexcept { return c >= 'A' && c <= 'Z'; }

/// Writes the name in another case, and returns its length; `out` may be null.
constexpr std::size_t spell(std::string_view name, Case spelling, char* out) noexcept {
  std::size_t size = 0;
  const auto put = [&](char c) {
    if (out != nullptr) {
      out[size] = c;
    }
    ++size;
  };
  if (spelling == Case::as_is) {
    for (const char c : name) {
      put(c);
    }
    return size;
  }
  const char separator = spelling == Case::kebab                                        ? '-'
                         : spelling == Case::snake || spelling == Case::screaming_snake ? '_'
                                                                                        : '\0';
  bool begins = true;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    if (c == '_') {
      begins = true;
      continue;
    }
    // "hostName", "HTTPServer": a word begins at N, at H and at S
    if (is_capital(c) && i > 0 &&
        (is_small(name[i - 1]) || (is_capital(name[i - 1]) && i + 1 < name.size() &&
                                   name[i + 1] >= 'a' && name[i + 1] <= 'z'))) {
      begins = true;
    }
    if (begins && size > 0 && separator != '\0') {
      put(separator);
    }
    const bool large =
        spelling == Case::screaming_snake ||
        (begins && (spelling == Case::pascal || (spelling == Case::camel && size > 0)));
    const char small = is_capital(c) ? static_cast<char>(c - 'A' + 'a') : c;
    put(large && small >= 'a' && small <= 'z' ? static_cast<char>(small - 'a' + 'A') : small);
    begins = false;
  }
  return size;
}

/// Names in one block of text, so that the compilers' long spellings stay out of the program.
/// `Source` has `size` and `write(i, out)`, which returns the length; `out` may be null.
template <class Source>
struct NameList {
  static constexpr std::size_t size = Source::size;
  static constexpr std::size_t bytes = [] {
    std::size_t sum = 0;
    for (std::size_t i = 0; i < size; ++i) {
      sum += Source::write(i, nullptr);
    }
    return sum;
  }();
  static constexpr std::array<char, bytes + 1> text = [] {
    std::array<char, bytes + 1> packed{};
    std::size_t at = 0;
    for (std::size_t i = 0; i < size; ++i) {
      at += Source::write(i, packed.data() + at);
    }
    return packed;
  }();
  static constexpr std::array<std::string_view, size + 1> views = [] {
    std::array<std::string_view, size + 1> found{};
    std::size_t at = 0;
    for (std::size_t i = 0; i < size; ++i) {
      const std::size_t length = Source::write(i, nullptr);
      found[i] = std::string_view(text.data() + at, length);
      at += length;
    }
    return found;
  }();
};

template <class T, class Indices = std::make_index_sequence<field_count<T>>>
struct RawFieldNames;
template <class T, std::size_t... I>
struct RawFieldNames<T, std::index_sequence<I...>> {
  static constexpr std::array<std::string_view, sizeof...(I)> views = {raw_field_name<T, I>()...};
};
/// The names of a struct's members, as in C++.
template <class T>
struct FieldNames {
  static constexpr std::size_t size = field_count<T>;
  static constexpr std::size_t write(std::size_t i, char* out) noexcept {
    return spell(RawFieldNames<T>::views[i], Case::as_is, out);
  }
};

/// Calls fn(name, member) for each member of a plain struct.
template <class T, class F>
constexpr void for_each_field(T& t, F&& fn) {
  using Plain = std::remove_const_t<T>;
  bind_fields<field_count<Plain>>(t, [&](auto&... f) {
    std::size_t i = 0;
    (fn(NameList<FieldNames<Plain>>::views[i++], f), ...);
  });
}

}  // namespace quip::detail

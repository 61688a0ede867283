// Random C++ values of all types that convert, and an equality that knows NaN from NaN: what the
// property tests and the fuzz targets stand on.
#pragma once

#include <quip/quip.hpp>

#include <array>
#include <bit>
#include <chrono>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <forward_list>
#include <limits>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace quip::test {

/// Where random values get their bits from: a generator with a seed, or a fuzzer's bytes.
class Random {
 public:
  Random() = default;
  Random(const Random&) = delete;
  Random& operator=(const Random&) = delete;
  virtual ~Random() = default;
  virtual std::uint64_t bits() = 0;

  /// From 0 to count - 1.
  virtual std::size_t below(std::size_t count) { return static_cast<std::size_t>(bits() % count); }
  /// True once in `count` times.
  bool once_in(std::size_t count) { return below(count) == 0; }
  template <class T, std::size_t N>
  const T& one_of(const T (&choices)[N]) {
    return choices[below(N)];
  }
  /// How many elements a container has: few, now and then so many that they are read another way,
  /// and none where containers are nested too deeply.
  std::size_t size() { return depth_ > 3 ? 0 : once_in(16) ? 6 + below(20) : below(5); }

  /// A level of containers more, for one scope.
  class Nested {
   public:
    explicit Nested(Random& random) noexcept : random_(random) { ++random.depth_; }
    Nested(const Nested&) = delete;
    Nested& operator=(const Nested&) = delete;
    ~Nested() { --random_.depth_; }

   private:
    Random& random_;
  };

 private:
  int depth_ = 0;
};

class SeededRandom : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : engine_(seed) {}
  std::uint64_t bits() override { return engine_(); }

 private:
  std::mt19937_64 engine_;
};

/// How a random T is made: a specialisation has `static T make(Random&)`.
template <class T>
struct Arbitrary;
template <class T>
T arbitrary(Random& random) {
  return Arbitrary<T>::make(random);
}

// ---- numbers -----------------------------------------------------------------------------------

/// Any integer of the type, those at the edges of this and of narrower types more often.
template <std::integral T>
T any_integer(Random& random) {
  const std::uint64_t bits = random.bits();
  switch (random.below(4)) {
    case 0: {
      static constexpr std::uint64_t edges[] = {0,
                                                std::uint64_t{1} << 7U,
                                                std::uint64_t{1} << 8U,
                                                std::uint64_t{1} << 15U,
                                                std::uint64_t{1} << 16U,
                                                std::uint64_t{1} << 30U,
                                                std::uint64_t{1} << 31U,
                                                std::uint64_t{1} << 32U,
                                                std::uint64_t{1} << 52U,
                                                std::uint64_t{1} << 53U,
                                                std::uint64_t{1} << 62U,
                                                std::uint64_t{1} << 63U};
      const std::uint64_t edge = random.one_of(edges) + bits % 5 - 2;
      return static_cast<T>(random.once_in(2) ? edge : ~edge + 1);
    }
    case 1:
      return random.once_in(2) ? std::numeric_limits<T>::min() : std::numeric_limits<T>::max();
    case 2:  // of any length
      return static_cast<T>(bits >> random.below(64));
    default:
      return static_cast<T>(bits);
  }
}
template <std::integral T>
constexpr bool is_exact_number(T value) noexcept {
  constexpr std::int64_t most = std::int64_t{1} << 53U;
  return std::cmp_less_equal(value, most) && std::cmp_greater_equal(value, -most);
}

template <detail::Integer T>
struct Arbitrary<T> {
  /// One that is a Number: past 2^53 they are refused.
  static T make(Random& random) {
    T value = any_integer<T>(random);
    while (!is_exact_number(value)) {
      value = static_cast<T>(value / 2);
    }
    return value;
  }
};
template <>
struct Arbitrary<bool> {
  static bool make(Random& random) { return random.once_in(2); }
};
template <std::floating_point T>
struct Arbitrary<T> {
  static T make(Random& random) {
    using Limits = std::numeric_limits<T>;
    using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
    static constexpr T edges[] = {T{0},
                                  -T{0},
                                  T{1},
                                  -T{1},
                                  Limits::min(),
                                  Limits::max(),
                                  Limits::lowest(),
                                  Limits::denorm_min(),
                                  -Limits::denorm_min(),
                                  Limits::epsilon(),
                                  Limits::infinity(),
                                  -Limits::infinity(),
                                  Limits::quiet_NaN(),
                                  T{2147483520},
                                  T{2147483648},
                                  T{-2147483648},
                                  T{4294967296},
                                  T{0.5},
                                  T{-1.5}};
    switch (random.below(4)) {
      case 0:
        return random.one_of(edges);
      case 1:
        return static_cast<T>(any_integer<std::int64_t>(random));
      case 2:
        return static_cast<T>(any_integer<std::int32_t>(random)) / 8;
      default:
        return std::bit_cast<T>(static_cast<Bits>(random.bits()));
    }
  }
};
template <>
struct Arbitrary<Float16> {
  static Float16 make(Random& random) {
    return Float16::from_bits(static_cast<std::uint16_t>(random.bits()));
  }
};
template <>
struct Arbitrary<Uint8Clamped> {
  static Uint8Clamped make(Random& random) { return {static_cast<std::uint8_t>(random.bits())}; }
};
template <>
struct Arbitrary<std::byte> {
  static std::byte make(Random& random) { return static_cast<std::byte>(random.bits()); }
};

// ---- text --------------------------------------------------------------------------------------

/// A code point that is no surrogate, of one to four bytes in UTF-8.
inline char32_t any_character(Random& random) {
  static constexpr char32_t edges[] = {0,      0x7F,   0x80,   0x7FF,   0x800,    0xD7FF, 0xE000,
                                       0xFFFD, 0xFFFF, 0xFEFF, 0x10000, 0x10FFFF, U'"',   U'\\'};
  static constexpr char32_t limits[] = {0x80, 0x800, 0x10000, 0x110000};
  const auto point = random.once_in(8) ? random.one_of(edges)
                                       : static_cast<char32_t>(random.below(random.one_of(limits)));
  return point >= 0xD800 && point < 0xE000 ? U'?' : point;
}
inline void append_utf8(std::string& text, char32_t point) {
  const auto add = [&text](char32_t byte) { text.push_back(static_cast<char>(byte)); };
  if (point < 0x80) {
    add(point);
  } else if (point < 0x800) {
    add(0xC0 | point >> 6U);
    add(0x80 | (point & 0x3FU));
  } else if (point < 0x10000) {
    add(0xE0 | point >> 12U);
    add(0x80 | (point >> 6U & 0x3FU));
    add(0x80 | (point & 0x3FU));
  } else {
    add(0xF0 | point >> 18U);
    add(0x80 | (point >> 12U & 0x3FU));
    add(0x80 | (point >> 6U & 0x3FU));
    add(0x80 | (point & 0x3FU));
  }
}
/// Often ASCII alone, which the engine keeps in another way; now and then long.
inline std::size_t text_size(Random& random) {
  return random.once_in(64) ? random.below(2000) : random.below(12);
}

template <>
struct Arbitrary<std::string> {
  static std::string make(Random& random) {
    const bool is_ascii = random.once_in(2);
    std::string text;
    for (std::size_t left = text_size(random); left > 0; --left) {
      append_utf8(text,
                  is_ascii ? static_cast<char32_t>(random.below(0x80)) : any_character(random));
    }
    return text;
  }
};
template <>
struct Arbitrary<std::u8string> {
  static std::u8string make(Random& random) {
    const std::string text = arbitrary<std::string>(random);
    return {text.begin(), text.end()};
  }
};
template <>
struct Arbitrary<std::u16string> {
  static std::u16string make(Random& random) {
    static constexpr std::size_t limits[] = {0x80, 0x100, 0x10000};
    const std::size_t limit = random.one_of(limits);
    std::u16string text;
    for (std::size_t left = text_size(random); left > 0; --left) {
      const auto unit =
          random.once_in(4) && limit > 0x100 ? 0xD800 + random.below(0x800) : random.below(limit);
      text.push_back(static_cast<char16_t>(unit));
    }
    return text;
  }
};
template <>
struct Arbitrary<std::u32string> {
  static std::u32string make(Random& random) {
    std::u32string text;
    for (std::size_t left = text_size(random); left > 0; --left) {
      text.push_back(any_character(random));
    }
    return text;
  }
};
template <>
struct Arbitrary<std::wstring> {
  static std::wstring make(Random& random) {
    const std::u32string text = arbitrary<std::u32string>(random);
    std::wstring wide;
    for (const char32_t point : text) {
      wide.push_back(static_cast<wchar_t>(sizeof(wchar_t) == 2 && point > 0xFFFF ? U'?' : point));
    }
    return wide;
  }
};
template <detail::AnyCharacter C>
struct Arbitrary<C> {
  static C make(Random& random) {
    if (sizeof(C) == 1) {
      return static_cast<C>(random.below(0x80));
    }
    return static_cast<C>(sizeof(C) == 2 ? static_cast<char32_t>(random.below(0x10000))
                                         : any_character(random));
  }
};
template <>
struct Arbitrary<std::filesystem::path> {
  static std::filesystem::path make(Random& random) {
    std::u8string text = arbitrary<std::u8string>(random);
    std::erase(text, u8'\0');
    return {text};
  }
};

// ---- what is made of others --------------------------------------------------------------------

template <class T>
struct Arbitrary<std::optional<T>> {
  static std::optional<T> make(Random& random) {
    return random.once_in(3) ? std::optional<T>() : arbitrary<T>(random);
  }
};
template <class T>
struct Arbitrary<std::unique_ptr<T>> {
  static std::unique_ptr<T> make(Random& random) {
    return random.once_in(3) ? nullptr : std::make_unique<T>(arbitrary<T>(random));
  }
};
template <class T>
struct Arbitrary<std::shared_ptr<T>> {
  static std::shared_ptr<T> make(Random& random) { return arbitrary<std::unique_ptr<T>>(random); }
};
template <class A, class B>
struct Arbitrary<std::pair<A, B>> {
  static std::pair<A, B> make(Random& random) {
    A first = arbitrary<A>(random);
    return {std::move(first), arbitrary<B>(random)};
  }
};
template <class... T>
struct Arbitrary<std::tuple<T...>> {
  static std::tuple<T...> make(Random& random) { return std::tuple<T...>{arbitrary<T>(random)...}; }
};
template <class T, std::size_t N>
struct Arbitrary<std::array<T, N>> {
  static std::array<T, N> make(Random& random) {
    std::array<T, N> elements{};
    for (T& element : elements) {
      element = arbitrary<T>(random);
    }
    return elements;
  }
};
template <class... T>
struct Arbitrary<std::variant<T...>> {
  static std::variant<T...> make(Random& random) {
    using V = std::variant<T...>;
    using Make = V (*)(Random&);
    static constexpr Make makers[] = {[](Random& from) { return V(arbitrary<T>(from)); }...};
    return random.one_of(makers)(random);
  }
};
template <>
struct Arbitrary<std::monostate> {
  static std::monostate make(Random&) { return {}; }
};
template <>
struct Arbitrary<std::nullptr_t> {
  static std::nullptr_t make(Random&) { return nullptr; }
};

template <detail::SequenceLike C>
struct Arbitrary<C> {
  static C make(Random& random) {
    C container;
    std::size_t left = random.size();
    const Random::Nested nested(random);
    for (; left > 0; --left) {
      detail::append(container, arbitrary<typename C::value_type>(random));
    }
    return container;
  }
};
template <class T>
struct Arbitrary<std::forward_list<T>> {
  static std::forward_list<T> make(Random& random) {
    const auto elements = arbitrary<std::vector<T>>(random);
    return {elements.begin(), elements.end()};
  }
};

/// Keys that scripts would trip over more often than others.
template <class K>
K any_key(Random& random) {
  if constexpr (std::is_same_v<K, std::string>) {
    static constexpr std::string_view special[] = {
        "__proto__", "length", "constructor", "toString", "valueOf", "then", "", "0", "4294967295"};
    if (random.once_in(8)) {
      return std::string(random.one_of(special));
    }
  }
  return arbitrary<K>(random);
}
template <detail::MapLike M>
struct Arbitrary<M> {
  static M make(Random& random) {
    M map;
    std::size_t left = random.size();
    const Random::Nested nested(random);
    for (; left > 0; --left) {
      auto key = any_key<typename M::key_type>(random);
      map.insert_or_assign(std::move(key), arbitrary<typename M::mapped_type>(random));
    }
    return map;
  }
};
/// An object has its properties in the order of their making, but for the names that are indices.
template <class T>
struct Arbitrary<OrderedMap<std::string, T>> {
  static OrderedMap<std::string, T> make(Random& random) {
    OrderedMap<std::string, T> map;
    std::size_t left = random.size();
    const Random::Nested nested(random);
    for (; left > 0; --left) {
      std::string key = "k" + arbitrary<std::string>(random);
      map.insert_or_assign(std::move(key), arbitrary<T>(random));
    }
    return map;
  }
};

// ---- time --------------------------------------------------------------------------------------

/// A time that a Date can be, in whole milliseconds.
template <class D>
struct Arbitrary<std::chrono::time_point<std::chrono::system_clock, D>> {
  using Time = std::chrono::time_point<std::chrono::system_clock, D>;
  static Time make(Random& random) {
    using Milliseconds = std::chrono::duration<std::int64_t, std::milli>;
    // what fits both a Date and 64 bits of the resolution
    constexpr long double rate = static_cast<long double>(D::period::den) /
                                 (static_cast<long double>(D::period::num) * 1000);
    constexpr auto most =
        static_cast<std::int64_t>(rate <= 1 ? 8.64e15L : std::min(8.64e15L, 9.2e18L / rate));
    constexpr auto step = static_cast<std::int64_t>(rate < 1 ? 1 / rate : 1);
    const auto from = any_integer<std::int64_t>(random) % (most + 1);
    return Time(std::chrono::floor<D>(Milliseconds(from / step * step)));
  }
};
/// A duration whose count is an exact Number of milliseconds for certain.
template <class Rep, class Period>
struct Arbitrary<std::chrono::duration<Rep, Period>> {
  static std::chrono::duration<Rep, Period> make(Random& random) {
    if constexpr (std::is_integral_v<Rep>) {
      return std::chrono::duration<Rep, Period>(
          static_cast<Rep>(any_integer<Rep>(random) % (std::int64_t{1} << 40U)));
    } else {
      return std::chrono::duration<Rep, Period>(
          static_cast<Rep>(any_integer<std::int32_t>(random)));
    }
  }
};

// ---- equality ----------------------------------------------------------------------------------

/// The members of a struct as a tuple, by its own `members()`.
template <class T>
concept HasMembers = requires(const T& value) { value.members(); };
template <class T>
concept Unordered = requires { typename T::hasher; };
/// A std::variant, or what is derived from one.
template <class T>
concept VariantLike = requires(const T& value) { value.valueless_by_exception(); };
template <class T>
concept TupleLike = requires { std::tuple_size<T>::value; } && !std::ranges::range<T>;
template <class T>
concept Nullable = requires(const T& value) {
  static_cast<bool>(value);
  *value;
};

/// Equal, where NaN is NaN and 0 is not -0, in all parts.
template <class T>
bool same(const T& a, const T& b) {
  if constexpr (std::floating_point<T>) {
    return (std::isnan(a) && std::isnan(b)) || (a == b && std::signbit(a) == std::signbit(b));
  } else if constexpr (std::is_same_v<T, Float16>) {
    return same(static_cast<float>(a), static_cast<float>(b));
  } else if constexpr (detail::TextLike<T> || std::is_same_v<T, std::filesystem::path>) {
    return a == b;
  } else if constexpr (HasMembers<T>) {
    return same(a.members(), b.members());
  } else if constexpr (VariantLike<T>) {
    return a.index() == b.index() && std::visit(
                                         [&b]<class A>(const A& alternative) {
                                           const auto* other = std::get_if<A>(&b);
                                           return other != nullptr && same(alternative, *other);
                                         },
                                         a);
  } else if constexpr (TupleLike<T>) {
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      return (
          same<std::remove_cvref_t<std::tuple_element_t<I, T>>>(std::get<I>(a), std::get<I>(b)) &&
          ...);
    }(std::make_index_sequence<std::tuple_size_v<T>>());
  } else if constexpr (Unordered<T> && detail::MapLike<T>) {
    return a.size() == b.size() && std::all_of(a.begin(), a.end(), [&b](const auto& entry) {
             const auto found = b.find(entry.first);
             return found != b.end() && same(entry.second, found->second);
           });
  } else if constexpr (Unordered<T>) {
    return a == b;
  } else if constexpr (std::ranges::range<T>) {
    using E = std::ranges::range_value_t<T>;
    return std::equal(std::ranges::begin(a), std::ranges::end(a), std::ranges::begin(b),
                      std::ranges::end(b),
                      [](const E& one, const E& other) { return same<E>(one, other); });
  } else if constexpr (Nullable<T>) {
    return static_cast<bool>(a) == static_cast<bool>(b) && (!a || same(*a, *b));
  } else {
    return a == b;
  }
}

}  // namespace quip::test

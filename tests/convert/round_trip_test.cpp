// Properties of the conversions: random C++ values of every type go into JavaScript and come back
// as they were, and values of the wrong type are errors that say so.
#include "support/js.hpp"
#include "support/types.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <set>
#include <unordered_map>
#include <unordered_set>

namespace {

using namespace quip;
using namespace test::types;
using test::arbitrary;
using test::Random;
using test::same;

// ---- types of our own --------------------------------------------------------------------------

struct Person {
  std::string name;
  std::optional<int> age;
  std::vector<std::string> tags;
  std::optional<Point> home;
  std::map<std::string, std::int64_t> scores;
  Color favourite = Color::green;
  [[nodiscard]] auto members() const { return std::tie(name, age, tags, home, scores, favourite); }
};
struct Row {
  int id = 0;
  std::string text = {};
  std::optional<double> real = {};
  [[nodiscard]] auto members() const { return std::tie(id, text, real); }
};
struct Label {
  std::string text;
  Point at;
  [[nodiscard]] auto members() const { return std::tie(text, at); }
};
using External = std::variant<Circle, Label, Empty>;
struct Internal : std::variant<Circle, Label, Empty> {
  using std::variant<Circle, Label, Empty>::variant;
};

}  // namespace

template <>
inline constexpr auto quip::description<Row> = quip::record(quip::as_array);
template <>
inline constexpr auto quip::description<External> = quip::externally_tagged();
template <>
inline constexpr auto quip::description<Internal> = quip::tagged("type");

namespace quip::test {

template <>
struct Arbitrary<Person> {
  static Person make(Random& random) {
    return {arbitrary<std::string>(random),
            arbitrary<std::optional<int>>(random),
            arbitrary<std::vector<std::string>>(random),
            arbitrary<std::optional<Point>>(random),
            arbitrary<std::map<std::string, std::int64_t>>(random),
            arbitrary<Color>(random)};
  }
};
template <>
struct Arbitrary<Row> {
  static Row make(Random& random) {
    return {arbitrary<int>(random), arbitrary<std::string>(random),
            arbitrary<std::optional<double>>(random)};
  }
};
template <>
struct Arbitrary<Label> {
  static Label make(Random& random) {
    return {arbitrary<std::string>(random), arbitrary<Point>(random)};
  }
};
template <>
struct Arbitrary<Internal> {
  static Internal make(Random& random) {
    External other = arbitrary<External>(random);
    return std::visit([](auto& alternative) { return Internal(std::move(alternative)); }, other);
  }
};

}  // namespace quip::test

namespace {

// ---- the tests ---------------------------------------------------------------------------------

/// In a family of types; each type of it has its share.
const int cases = test::is_gc_stress() ? 100 : 10000;

/// QUIP_SEED=<number> in the environment tries other values than every run does.
std::uint64_t seed() {
  const char* given = std::getenv("QUIP_SEED");
  return given == nullptr ? 20250426 : std::strtoull(given, nullptr, 10);
}

class RoundTripTest : public test::JsTest {
 protected:
  RoundTripTest() { RecordProperty("seed", std::to_string(seed())); }

  /// check(ctx, i) `count` times, up to the first that fails.
  template <class Check>
  void repeat(int count, const Check& check,
              std::source_location where = std::source_location::current()) {
    const testing::ScopedTrace trace(where.file_name(), static_cast<int>(where.line()),
                                     "QUIP_SEED=" + std::to_string(seed()));
    with([&](Ctx ctx) {
      for (int i = 0; i < count && !HasFailure(); ++i) {
        check(ctx, i);
      }
    });
  }

  /// Values of each type go into JavaScript and come back: as they are, and as an argument and the
  /// result of a function.
  template <class... T>
  void expect_same() {
    (expect_one_same<T>(cases / static_cast<int>(sizeof...(T)) + 1), ...);
  }

  test::SeededRandom random{seed()};

 private:
  static std::string text_of(const Value& value) {
    return value.ctx()
        .eval<Function>("value => JSON.stringify(value) ?? String(value)")
        .call<std::string>(value);
  }
  template <class T>
  void expect_one_same(int count) {
    define("echo", [](T value) { return value; });
    repeat(count, [&](Ctx ctx, int i) {
      const T value = arbitrary<T>(random);
      const Result<Value> made = Value::try_make(ctx, value);
      if (!made) {
        ADD_FAILURE() << "case " << i << ": " << made.error().message();
        return;
      }
      const Result<T> back = i % 8 == 0
                                 ? ctx.globals().get<Function>("echo").try_call<T>(*made)
                                 : made->try_as<T>(i % 2 == 0 ? Problems::first : Problems::all);
      if (!back || !same(*back, value)) {
        ADD_FAILURE() << "case " << i << ": " << text_of(*made) << "\nbecame "
                      << (back ? text_of(Value(ctx, *back)) : back.error().message());
      }
    });
  }
};

TEST_F(RoundTripTest, Integers) {
  expect_same<std::int8_t, std::uint8_t, std::int16_t, std::uint16_t, std::int32_t, std::uint32_t,
              std::int64_t, std::uint64_t, long, unsigned long, long long, unsigned long long>();
}

TEST_F(RoundTripTest, IntegersPastTwoToThe53AreRefusedAndAreBigInts) {
  const auto check = [&]<class T>(Ctx ctx, T value) {
    const Result<Value> made = Value::try_make(ctx, value);
    ASSERT_EQ(made.has_value(), test::is_exact_number(value)) << value;
    if (!made) {
      EXPECT_EQ(made.error().name(), "RangeError");
      EXPECT_EQ(made.error().message(), "the integer " + std::to_string(value) +
                                            " is past 2^53 and has no exact Number: use BigInt");
    }
    const BigInt big(ctx, value);
    EXPECT_EQ(big.as<T>(), value);
    EXPECT_EQ(big.to_string(), std::to_string(value));
    // the other 64-bit type has the same number, or refuses it
    using Other = std::conditional_t<std::is_signed_v<T>, std::uint64_t, std::int64_t>;
    const Result<Other> other = big.try_as<Other>();
    ASSERT_EQ(other.has_value(), std::in_range<Other>(value)) << value;
  };
  repeat(cases, [&](Ctx ctx, int) {
    check(ctx, test::any_integer<std::int64_t>(random));
    check(ctx, test::any_integer<std::uint64_t>(random));
  });
}

/// Whether the number is one of T's, exactly.
template <class T>
bool is_integer(double number) {
  const double low = static_cast<double>(std::numeric_limits<T>::min());
  // one past the largest, which is a power of two
  const double high = std::ldexp(1.0, std::numeric_limits<T>::digits);
  return number >= low && number < high && std::trunc(number) == number;
}

TEST_F(RoundTripTest, NumbersAreIntegersWhenTheyAreWholeAndInRange) {
  const auto check = [&]<class... T>(const Value& value, double number, std::tuple<T...>) {
    (
        [&] {
          const Result<T> integer = value.try_as<T>();
          ASSERT_EQ(integer.has_value(), is_integer<T>(number)) << number;
          if (integer) {
            EXPECT_EQ(static_cast<double>(*integer), number);
          } else {
            EXPECT_EQ(integer.error().kind(), ErrorKind::conversion);
            EXPECT_EQ(integer.error().name(), "RangeError") << integer.error().message();
          }
        }(),
        ...);
  };
  repeat(cases, [&](Ctx ctx, int) {
    const auto number = arbitrary<double>(random);
    check(Value(ctx, number), number,
          std::tuple<std::int8_t, std::uint8_t, std::int16_t, std::uint16_t, std::int32_t,
                     std::uint32_t, std::int64_t, std::uint64_t>());
  });
}

TEST_F(RoundTripTest, RealsAndBooleans) { expect_same<float, double, bool, Float16>(); }

/// ECMA-262 7.1.6 and its kin, by their own words.
template <class T>
T modulo(double number) {
  if (!std::isfinite(number)) {
    return 0;
  }
  const double range = std::ldexp(1.0, 8 * static_cast<int>(sizeof(T)));
  double whole = std::fmod(std::trunc(number), range);
  const bool is_negative = whole < 0;
  const auto magnitude = static_cast<std::uint64_t>(std::abs(whole));
  return static_cast<T>(is_negative ? std::uint64_t{0} - magnitude : magnitude);
}

TEST_F(RoundTripTest, Coerced) {
  const auto check = [&]<class... T>(const Value& value, double number, std::tuple<T...>) {
    (
        [&] {
          const Result<Coerced<T>> coerced = value.try_as<Coerced<T>>();
          ASSERT_TRUE(coerced) << coerced.error().message();
          EXPECT_EQ(coerced->value, modulo<T>(number)) << number;
        }(),
        ...);
  };
  repeat(cases, [&](Ctx ctx, int) {
    const auto number = arbitrary<double>(random);
    const Value value(ctx, number);
    check(value, number,
          std::tuple<std::int8_t, std::uint8_t, std::int16_t, std::uint16_t, std::int32_t,
                     std::uint32_t, std::int64_t, std::uint64_t>());
    EXPECT_EQ(value.as<Coerced<bool>>().value, !std::isnan(number) && number != 0);
    EXPECT_TRUE(same(value.as<Coerced<double>>().value, number));
    // the text of a Number is read back as that Number; -0 alone has the text of 0
    const auto text = value.as<Coerced<std::string>>().value;
    const double again = Value(ctx, text).as<Coerced<double>>().value;
    EXPECT_TRUE(same(again, number == 0 ? 0.0 : number)) << text;
    EXPECT_EQ(Value(ctx, text).as<Coerced<std::string>>().value, text);
  });
}

TEST_F(RoundTripTest, Texts) {
  expect_same<std::string, std::u8string, std::u16string, std::u32string, std::wstring,
              std::filesystem::path, char, char8_t, char16_t, char32_t, wchar_t>();
}

TEST_F(RoundTripTest, AnyBytesAreSomeText) {
  repeat(cases, [&](Ctx ctx, int i) {
    std::string bytes;
    for (std::size_t left = random.below(12); left > 0; --left) {
      static constexpr unsigned char edges[] = {0xC0, 0xE0, 0xED, 0xA0, 0x80, 0xF0,
                                                0xF4, 0x90, 0xFF, 0,    'a',  0xBF};
      bytes.push_back(
          static_cast<char>(random.once_in(2) ? random.one_of(edges) : random.below(256)));
    }
    const auto text = Value(ctx, bytes).as<std::string>();
    // what came back is UTF-8, which is kept
    EXPECT_TRUE(String::try_from_utf8(ctx, text, Utf8::strict)) << "case " << i;
    EXPECT_EQ(Value(ctx, text).as<std::string>(), text) << "case " << i;
  });
}

TEST_F(RoundTripTest, LoneSurrogatesAreReplacedInAllButUtf16) {
  repeat(cases, [&](Ctx ctx, int i) {
    const auto units = arbitrary<std::u16string>(random);
    const Value value(ctx, units);
    const auto text = value.as<std::string>();
    const auto points = value.as<std::u32string>();
    EXPECT_EQ(Value(ctx, text).as<std::u32string>(), points) << "case " << i;
    std::string encoded;
    for (const char32_t point : points) {
      EXPECT_FALSE(point >= 0xD800 && point < 0xE000);
      test::append_utf8(encoded, point);
    }
    EXPECT_EQ(encoded, text) << "case " << i;
    EXPECT_EQ(text, String::from_utf16(ctx, units).to_string()) << "case " << i;
  });
}

TEST_F(RoundTripTest, WhatMayBeAbsent) {
  expect_same<std::optional<int>, std::optional<std::string>, std::optional<std::vector<double>>,
              std::unique_ptr<double>, std::shared_ptr<std::string>>();
}

TEST_F(RoundTripTest, Tuples) {
  expect_same<std::pair<int, std::string>, std::tuple<bool, double, std::string>, std::tuple<>,
              std::pair<std::pair<int, int>, std::tuple<std::optional<bool>>>>();
}

TEST_F(RoundTripTest, Sequences) {
  expect_same<std::vector<int>, std::vector<double>, std::vector<bool>, std::vector<std::string>,
              std::vector<std::uint8_t>, std::vector<std::int64_t>, std::vector<std::optional<int>>,
              std::array<int, 3>, std::array<std::string, 2>, std::array<double, 0>>();
  expect_same<std::deque<float>, std::list<std::u16string>, std::forward_list<int>,
              std::set<std::string>, std::multiset<int>, std::unordered_set<std::string>,
              std::set<std::pair<int, bool>>>();
}

TEST_F(RoundTripTest, NestedSequences) {
  expect_same<std::vector<std::vector<int>>, std::vector<std::list<std::pair<int, std::string>>>,
              std::vector<std::vector<std::vector<std::optional<double>>>>,
              std::array<std::vector<std::string>, 2>>();
}

TEST_F(RoundTripTest, Maps) {
  expect_same<std::map<std::string, int>, std::unordered_map<std::string, std::string>,
              OrderedMap<std::string, double>, std::map<std::u32string, bool>,
              std::map<int, std::string>, std::unordered_map<int, std::vector<int>>,
              std::map<std::pair<int, int>, bool>, std::map<Color, int>>();
  expect_same<std::map<std::string, std::map<std::string, std::vector<int>>>,
              std::vector<std::map<std::string, std::optional<double>>>>();
}

TEST_F(RoundTripTest, Variants) {
  expect_same<
      std::variant<std::monostate, bool, double, std::string>, std::variant<std::string, int>,
      std::variant<std::nullptr_t, std::vector<int>, std::map<std::string, int>>,
      std::vector<std::variant<double, std::string, std::vector<std::variant<bool, double>>>>>();
}

TEST_F(RoundTripTest, Times) {
  namespace chrono = std::chrono;
  using Clock = chrono::system_clock;
  expect_same<chrono::time_point<Clock, chrono::milliseconds>,
              chrono::time_point<Clock, chrono::seconds>, Clock::time_point,
              chrono::time_point<Clock, chrono::microseconds>,
              chrono::time_point<Clock, chrono::hours>>();
  expect_same<chrono::milliseconds, chrono::seconds, chrono::microseconds, chrono::nanoseconds,
              chrono::minutes, chrono::duration<double>, chrono::duration<double, std::milli>>();
}

TEST_F(RoundTripTest, DurationsAreExactOrRefused) {
  const auto check = [&]<class... D>(Ctx ctx, std::tuple<D...>) {
    (
        [&] {
          const D duration(test::any_integer<typename D::rep>(random));
          const Result<Value> made = Value::try_make(ctx, duration);
          if (!made) {
            EXPECT_EQ(made.error().name(), "RangeError");
            EXPECT_GT(std::abs(static_cast<double>(duration.count())), std::ldexp(1, 43));
            return;
          }
          const Result<D> back = made->template try_as<D>();
          ASSERT_TRUE(back) << duration.count() << ": " << back.error().message();
          EXPECT_EQ(back->count(), duration.count());
        }(),
        ...);
    const auto number = arbitrary<double>(random);
    const Result<std::chrono::milliseconds> read =
        Value(ctx, number).try_as<std::chrono::milliseconds>();
    EXPECT_EQ(read.has_value(), is_integer<std::int64_t>(number)) << number;
    EXPECT_TRUE(!read || static_cast<double>(read->count()) == number) << number;
  };
  repeat(cases, [&](Ctx ctx, int) {
    check(ctx, std::tuple<std::chrono::milliseconds, std::chrono::seconds,
                          std::chrono::microseconds, std::chrono::nanoseconds>());
  });
}

TEST_F(RoundTripTest, Dates) {
  repeat(cases, [&](Ctx ctx, int) {
    const auto milliseconds =
        static_cast<double>(test::any_integer<std::int64_t>(random) % 8640000000000001);
    const Date date(ctx, milliseconds);
    EXPECT_EQ(date.milliseconds(), milliseconds);
    const auto time = date.as<std::chrono::sys_time<std::chrono::milliseconds>>();
    EXPECT_EQ(static_cast<double>(time.time_since_epoch().count()), milliseconds);
    EXPECT_EQ(Value(ctx, time).as<Date>().milliseconds(), milliseconds);
  });
}

TEST_F(RoundTripTest, Bytes) {
  expect_same<std::vector<std::byte>, std::array<std::byte, 5>,
              std::map<std::string, std::vector<std::byte>>>();
}

/// Elements are what they were when they come back, all at once or one by one.
template <class T>
TypedArray<T> expect_same_elements(const Ctx& ctx, const std::vector<T>& elements) {
  auto array = TypedArray<T>::copy_of(ctx, elements);
  EXPECT_TRUE(same(array.to_vector(), elements));
  EXPECT_TRUE(same(array.template as<std::vector<T>>(), elements));
  EXPECT_TRUE(same(array.template as<TypedArray<T>>().to_vector(), elements));
  for (std::size_t i = 0; i < elements.size(); ++i) {
    EXPECT_TRUE(same(array.at(i), elements[i]));
  }
  // into what is no block of memory
  const auto deque = array.template as<std::deque<T>>();
  EXPECT_TRUE(same(std::vector<T>(deque.begin(), deque.end()), elements));
  EXPECT_EQ(array.template as<std::vector<std::byte>>().size(), elements.size() * sizeof(T));
  return array;
}

TEST_F(RoundTripTest, TypedArrays) {
  const auto check = [&]<class... T>(Ctx ctx, std::tuple<T...>) {
    (expect_same_elements(ctx, arbitrary<std::vector<T>>(random)), ...);
  };
  repeat(cases / 10, [&](Ctx ctx, int) {
    check(ctx, std::tuple<std::int8_t, std::uint8_t, std::int16_t, std::uint16_t, std::int32_t,
                          std::uint32_t, std::int64_t, std::uint64_t, float, double>());
  });
}

TEST_F(RoundTripTest, TypedArraysOfFloat16) {
  const bool is_there = eval<bool>("typeof Float16Array === 'function'");
  repeat(cases / 10, [&](Ctx ctx, int) {
    const auto elements = arbitrary<std::vector<Float16>>(random);
    if (!is_there) {
      const auto made = TypedArray<Float16>::try_copy_of(ctx, elements);
      ASSERT_FALSE(made);
      EXPECT_EQ(made.error().name(), "TypeError");
      return;
    }
    const auto array = expect_same_elements(ctx, elements);
    // the engine reads the same numbers
    std::vector<double> numbers;
    for (const Float16 element : elements) {
      numbers.push_back(static_cast<double>(element));
    }
    EXPECT_TRUE(same(array.as<std::vector<double>>(), numbers));
    // … and makes the same bits of them
    const auto made = ctx.eval<Function>("numbers => new Float16Array(numbers)")
                          .call<TypedArray<Float16>>(numbers);
    EXPECT_TRUE(same(made.to_vector(), elements));
  });
}

TEST_F(RoundTripTest, TypedArraysOfUint8Clamped) {
  repeat(cases / 10, [&](Ctx ctx, int) {
    const auto elements = arbitrary<std::vector<Uint8Clamped>>(random);
    const auto array = expect_same_elements(ctx, elements);
    std::vector<int> numbers;
    for (const Uint8Clamped element : elements) {
      numbers.push_back(element.value);
    }
    EXPECT_EQ(array.as<std::vector<int>>(), numbers);
    // what a script assigns is clamped
    for (int& number : numbers) {
      number = arbitrary<int>(random);
    }
    const auto made = ctx.eval<Function>("numbers => new Uint8ClampedArray(numbers)")
                          .call<TypedArray<Uint8Clamped>>(numbers);
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      EXPECT_EQ(made.at(i).value, std::clamp(numbers[i], 0, 255)) << numbers[i];
    }
  });
}

TEST_F(RoundTripTest, BigInts) {
  repeat(cases, [&](Ctx ctx, int i) {
    BigInt::Words words;
    words.words.resize(random.below(6));
    for (std::uint64_t& word : words.words) {
      word = test::any_integer<std::uint64_t>(random);
    }
    const bool negative = random.once_in(2);
    const BigInt big = BigInt::from_words(ctx, negative, words.words);
    while (!words.words.empty() && words.words.back() == 0) {
      words.words.pop_back();
    }
    words.negative = negative && !words.words.empty();
    EXPECT_EQ(big.to_words(), words) << "case " << i;
    EXPECT_EQ(BigInt(ctx, big.to_string()).to_words(), words) << "case " << i;
    EXPECT_EQ(big.as<BigInt>(), big);
    // what has one word is a 64-bit integer
    EXPECT_EQ(big.try_as<std::uint64_t>().has_value(), words.words.size() < 2 && !words.negative);
  });
}

TEST_F(RoundTripTest, Structs) {
  expect_same<Point, Person, Tree, Row, std::vector<Person>, std::map<std::string, Point>>();
}

TEST_F(RoundTripTest, Enums) {
  expect_same<Color, Permission, std::vector<Color>, std::optional<Permission>>();
}

TEST_F(RoundTripTest, TaggedVariants) {
  expect_same<External, Internal, Adjacent, std::vector<Internal>>();
}

TEST_F(RoundTripTest, Functions) {
  const Value add = eval("(n => m => n + m)");
  repeat(cases, [&](Ctx ctx, int i) {
    const Value function = add.as<Function>().call(i);
    const auto callback = function.as<std::function<double(int)>>();
    EXPECT_EQ(callback(1), i + 1);
    // the very function again, and not one around it
    EXPECT_EQ(Value(ctx, callback), function);
    const Value native(ctx, std::function<int(int)>([i](int m) { return i + m; }));
    EXPECT_EQ(native.as<std::function<int(int)>>()(2), i + 2);
    EXPECT_EQ(Value(ctx, native.as<std::function<int(int)>>()), native);
  });
}

// ---- wrong types -------------------------------------------------------------------------------

// JavaScript's types, a bit each.
enum : unsigned {
  undefined_ = 1,
  null_ = 2,
  boolean_ = 4,
  number_ = 8,
  bigint_ = 16,
  string_ = 32,
  symbol_ = 64,
  object_ = 128
};

class WrongTypeTest : public RoundTripTest {
 protected:
  struct Made {
    Value value;
    unsigned type;
  };
  /// A value of any JavaScript type.
  Made any(Ctx ctx) {
    switch (random.below(9)) {
      case 0:
        return {Value(ctx, undefined), undefined_};
      case 1:
        return {Value(ctx, null), null_};
      case 2:
        return {Value(ctx, arbitrary<bool>(random)), boolean_};
      case 3:
        return {Value(ctx, arbitrary<double>(random)), number_};
      case 4:
        return {Value(ctx, arbitrary<int>(random)), number_};
      case 5:
        return {BigInt(ctx, test::any_integer<std::int64_t>(random)), bigint_};
      case 6:
        return {Value(ctx, arbitrary<std::u16string>(random)), string_};
      case 7:
        return {symbol_value, symbol_};
      default: {
        static constexpr std::string_view objects[] = {
            "({})",
            "[]",
            "[1, 'a']",
            "(() => 1)",
            "new Map([[1, 2]])",
            "new Set([1])",
            "new Date(NaN)",
            "/x/",
            "new Error('x')",
            "new Uint8Array(3)",
            "new ArrayBuffer(2)",
            "new Proxy([], {})",
            "Object.create(null)",
            "new Number(1)",
            "new String('s')",
            "({get a() { throw new RangeError('a getter') }})",
            "(function* () { yield 1 })()",
            "new Proxy({}, {ownKeys() { throw new SyntaxError('a trap') }})"};
        return {ctx.eval(random.one_of(objects)), object_};
      }
    }
  }
  /// T converts from some values of the types in `accepted`, and from none of another.
  template <class T>
  void check(const Made& made, unsigned accepted) {
    const Result<T> first = made.value.try_as<T>();
    const Result<T> all = made.value.try_as<T>(Problems::all);
    ASSERT_EQ(first.has_value(), all.has_value());
    if (first) {
      EXPECT_NE(made.type & accepted, 0U) << made.value.to_display_string();
      return;
    }
    for (const Error& error : {first.error(), all.error()}) {
      EXPECT_FALSE(error.message().empty());
      if (made.type != object_) {
        EXPECT_EQ(error.kind(), ErrorKind::conversion) << error.message();
      } else if (error.kind() != ErrorKind::conversion) {
        // what the script threw, or what cannot be expressed: an invalid Date
        EXPECT_THAT(error.name(), testing::AnyOf("RangeError", "SyntaxError", "TypeError"));
      }
      if ((made.type & accepted) == 0) {
        EXPECT_EQ(error.name(), "TypeError") << error.message();
      } else {
        EXPECT_THAT(error.name(), testing::AnyOf("RangeError", "SyntaxError", "TypeError"));
      }
    }
  }
  Value symbol_value = eval("Symbol('s')");
};

TEST_F(WrongTypeTest, AreErrors) {
  constexpr unsigned empty = undefined_ | null_;
  repeat(cases / 10, [&](Ctx ctx, int i) {
    const Made made = any(ctx);
    const testing::ScopedTrace trace(__FILE__, __LINE__, "case " + std::to_string(i));
    check<bool>(made, boolean_);
    check<std::int8_t>(made, number_);
    check<std::uint32_t>(made, number_);
    check<std::int64_t>(made, number_ | bigint_);
    check<std::uint64_t>(made, number_ | bigint_);
    check<double>(made, number_);
    check<std::string>(made, string_);
    check<std::u16string>(made, string_);
    check<char32_t>(made, string_);
    check<char>(made, string_);
    check<std::filesystem::path>(made, string_);
    check<std::optional<int>>(made, number_ | empty);
    check<std::unique_ptr<std::string>>(made, string_ | empty);
    check<std::vector<int>>(made, object_);
    check<std::vector<std::string>>(made, object_);
    check<std::array<int, 2>>(made, object_);
    check<std::set<double>>(made, object_);
    check<std::pair<int, std::string>>(made, object_);
    check<std::map<std::string, int>>(made, object_);
    check<std::map<int, int>>(made, object_);
    check<std::variant<bool, std::string>>(made, boolean_ | string_);
    check<std::variant<std::monostate, int, std::vector<int>>>(made,
                                                               undefined_ | number_ | object_);
    check<std::vector<std::byte>>(made, object_);
    check<std::chrono::system_clock::time_point>(made, object_);
    check<std::chrono::milliseconds>(made, number_);
    check<Person>(made, object_);
    check<Row>(made, object_);
    check<Color>(made, string_);
    check<Permission>(made, object_);
    check<External>(made, string_ | object_);
    check<Internal>(made, object_);
    check<std::function<int()>>(made, object_);
    check<Array>(made, object_);
    check<TypedArray<std::uint8_t>>(made, object_);
    check<BigInt>(made, bigint_);
    check<Symbol>(made, symbol_);
    check<Undefined>(made, undefined_);
    check<Null>(made, null_);
  });
}

TEST_F(WrongTypeTest, AllProblemsAreFound) {
  repeat(cases, [&](Ctx ctx, int i) {
    std::vector<Value> values;
    std::vector<std::string> wrong;
    for (std::size_t left = random.size(); left > 0; --left) {
      const Made made = any(ctx);
      if (made.type != string_) {
        wrong.push_back("[" + std::to_string(values.size()) + "]: expected string, got ");
      }
      values.push_back(made.value);
    }
    const Value array(ctx, values);
    const auto first = array.try_as<std::vector<std::string>>();
    const auto all = array.try_as<std::vector<std::string>>(Problems::all);
    ASSERT_EQ(first.has_value(), wrong.empty()) << "case " << i;
    ASSERT_EQ(all.has_value(), wrong.empty()) << "case " << i;
    if (wrong.empty()) {
      return;
    }
    EXPECT_TRUE(first.error().message().starts_with(wrong.front())) << first.error().message();
    // the only problem is the error itself
    std::vector<Error> problems = all.error().problems();
    if (problems.empty()) {
      problems.push_back(all.error());
    }
    ASSERT_EQ(problems.size(), wrong.size()) << all.error().message();
    for (std::size_t k = 0; k < wrong.size(); ++k) {
      EXPECT_TRUE(problems[k].message().starts_with(wrong[k])) << problems[k].message();
    }
  });
}

}  // namespace

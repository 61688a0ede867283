// Fuzzes the conversions. The bytes of an input choose one of two ways:
//
// - A script is written by a grammar that knows what conversions trip over: holes and getters,
//   proxies that lie, detached buffers, rings, iterators that throw, patched prototypes, callbacks
//   that drop what is being converted. Its value is converted to many C++ types and back: whatever
//   comes of it must be a value or an Error.
// - Random C++ values go into JavaScript and must come back as they were.
//
// QUIP_FUZZ_SHOW=1 in the environment prints the script before it runs.
#include "common/input.hpp"
#include "common/value_writer.hpp"
#include "support/types.hpp"

#include <cstdio>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <variant>
#include <vector>

namespace {

using namespace quip;
using namespace quip::fuzz;
using namespace test::types;
using test::arbitrary;

// ---- types of our own --------------------------------------------------------------------------

struct Person {
  std::string name;
  std::optional<int> age;
  std::vector<std::string> tags;
  std::optional<Point> home;
  Color favourite = Color::green;
  [[nodiscard]] auto members() const { return std::tie(name, age, tags, home, favourite); }
};
struct Row {
  int value = 0;
  std::optional<std::string> name = {};
  [[nodiscard]] auto members() const { return std::tie(value, name); }
};
struct Strict {
  Point at = {};
  std::map<std::string, Value> rest = {};
};
struct Closed {
  int value = 0;
  std::optional<std::string> name = {};
};
using External = std::variant<Circle, Point, Empty>;
struct Internal : std::variant<Circle, Point, Empty> {
  using std::variant<Circle, Point, Empty>::variant;
};

}  // namespace

template <>
inline constexpr auto quip::description<Row> = quip::record(quip::as_array);
template <>
inline constexpr auto quip::description<Strict> = quip::record(
    quip::field<&Strict::at>(quip::flatten), quip::field<&Strict::rest>(quip::flatten));
template <>
inline constexpr auto quip::description<Closed> = quip::record(quip::deny_unknown);
template <>
inline constexpr auto quip::description<External> = quip::externally_tagged();
template <>
inline constexpr auto quip::description<Internal> = quip::tagged("type");

namespace quip::test {

template <>
struct Arbitrary<Person> {
  static Person make(Random& random) {
    return {arbitrary<std::string>(random), arbitrary<std::optional<int>>(random),
            arbitrary<std::vector<std::string>>(random), arbitrary<std::optional<Point>>(random),
            arbitrary<Color>(random)};
  }
};
template <>
struct Arbitrary<Row> {
  static Row make(Random& random) {
    return {arbitrary<int>(random), arbitrary<std::optional<std::string>>(random)};
  }
};

}  // namespace quip::test

namespace {

/// The value that is being converted: scripts may drop it meanwhile.
struct Subject {
  Ctx ctx;
  Value value;
};

template <class T>
void convert(Subject& subject, Problems problems) {
  const Value kept = subject.value;
  Result<T> converted = subject.value.try_as<T>(problems);
  if (!converted) {
    check(converted.error());
  } else {
    // what could be read has a form in JavaScript, or an Error says why not
    const Result<Value> back = Value::try_make(subject.ctx, *std::move(converted));
    if (!back) {
      check(back.error());
    }
  }
  subject.value = kept;
}

template <>
void convert<std::function<Value(int)>>(Subject& subject, Problems problems) {
  const Value kept = subject.value;
  const auto function = subject.value.try_as<std::function<Value(int)>>(problems);
  if (!function) {
    check(function.error());
  } else {
    try {
      (void)(*function)(1);
    } catch (const Error& error) {
      check(error);
    }
    if (Value(subject.ctx, *function) != kept) {
      fail("another function came back");
    }
  }
  subject.value = kept;
}

using Conversion = void (*)(Subject&, Problems);
template <class... T>
constexpr std::array<Conversion, sizeof...(T)> conversions_to() {
  return {&convert<T>...};
}
constexpr auto conversions = conversions_to<
    bool, std::int8_t, std::uint8_t, std::int32_t, std::uint32_t, std::int64_t, std::uint64_t,
    float, double, Float16, char, char16_t, char32_t, std::string, std::u16string, std::u32string,
    std::filesystem::path, std::optional<int>, std::unique_ptr<std::string>,
    std::pair<int, std::string>, std::tuple<bool, double, Value>, std::array<int, 2>,
    std::vector<int>, std::vector<double>, std::vector<std::uint8_t>, std::vector<std::string>,
    std::vector<Value>, std::vector<std::vector<Value>>, std::deque<std::int64_t>,
    std::forward_list<std::string>, std::set<std::string>, std::vector<std::optional<bool>>,
    std::map<std::string, Value>, std::map<std::string, std::vector<int>>,
    OrderedMap<std::string, std::string>, std::map<int, std::string>, std::map<Color, int>,
    std::map<std::string, std::map<std::string, Value>>, std::variant<bool, int, std::string>,
    std::variant<std::monostate, double, std::vector<int>, std::map<std::string, Value>>,
    std::variant<Point, Circle, std::vector<Point>>, std::vector<std::byte>,
    std::array<std::byte, 3>, std::chrono::system_clock::time_point,
    std::chrono::sys_time<std::chrono::milliseconds>, std::chrono::nanoseconds,
    std::chrono::duration<double>, Coerced<bool>, Coerced<std::uint8_t>, Coerced<std::int64_t>,
    Coerced<double>, Coerced<std::string>, Point, Person, Tree, Row, Strict, Closed,
    std::vector<Person>, Color, Permission, External, Internal, Adjacent, std::vector<Internal>,
    std::function<Value(int)>, Object, Array, String, BigInt, Date, Function, ArrayBuffer,
    TypedArray<double>, TypedArray<std::uint8_t>>();

void convert_script(const Ctx& ctx, Runtime& runtime, Input& random) {
  Subject subject{ctx, Value()};
  const Object globals = ctx.globals();
  globals.set("drop", [&subject] { subject.value = Value(); });
  globals.set("gc", [&runtime] { runtime.run_gc(); });
  globals.set("take_text", [](std::string_view text) { return std::string(text); });
  globals.set("take_numbers", [](std::vector<int> numbers) { return numbers; });
  globals.set("take_point", [](const Point& point) { return point; });
  globals.set("take_any", [](const Value& value) { return value; });
  globals.set("take_maybe", [](std::optional<double> number) { return number; });

  std::vector<std::size_t> types(1 + random.below(6));
  for (std::size_t& type : types) {
    type = random.below(conversions.size());
  }
  static constexpr const char* natives[] = {"take_text", "take_numbers", "take_point", "take_any",
                                            "take_maybe"};
  const std::string script = ValueWriter(random, natives).script();
  if (shows()) {
    std::fprintf(stderr, "%s\n", script.c_str());
    for (const std::size_t type : types) {
      std::fprintf(stderr, "// type %zu\n", type);
    }
  }
  Result<Value> value = ctx.try_eval(script);
  if (!value) {
    check(value.error());
    return;
  }
  subject.value = *std::move(value);
  for (const std::size_t type : types) {
    conversions[type](subject, Problems::first);
    conversions[type](subject, Problems::all);
  }
}

template <class T>
void round_trip(Subject& subject, test::Random& random) {
  const T value = arbitrary<T>(random);
  const Result<Value> made = Value::try_make(subject.ctx, value);
  if (!made) {
    fail("refused: " + made.error().message());
  }
  const Result<T> back = made->try_as<T>();
  if (!back || !test::same(*back, value)) {
    fail(back ? "another value came back" : "did not come back: " + back.error().message());
  }
  subject.value = *made;
}

using RoundTrip = void (*)(Subject&, test::Random&);
template <class... T>
constexpr std::array<RoundTrip, sizeof...(T)> round_trips_of() {
  return {&round_trip<T>...};
}
constexpr auto round_trips = round_trips_of<
    std::int64_t, std::uint64_t, std::uint8_t, float, double, std::string, std::u16string,
    std::u32string, char32_t, std::filesystem::path, std::optional<std::string>,
    std::pair<int, std::string>, std::vector<int>, std::vector<std::vector<std::optional<double>>>,
    std::set<std::string>, std::map<std::string, std::string>, std::map<int, std::vector<bool>>,
    std::map<std::string, std::map<std::string, double>>, OrderedMap<std::string, int>,
    std::variant<std::monostate, bool, double, std::string, std::vector<int>>,
    std::vector<std::byte>, std::chrono::system_clock::time_point, std::chrono::microseconds, Point,
    std::vector<Person>, Tree, Row, External, std::map<Color, Permission>>();

void convert_values(const Ctx& ctx, Input& random) {
  Subject subject{ctx, Value()};
  for (std::size_t left = 1 + random.below(4); left > 0; --left) {
    round_trips[random.below(round_trips.size())](subject, random);
    // … and into some other type
    const std::size_t other = random.below(conversions.size());
    conversions[other](subject, Problems::first);
    conversions[other](subject, Problems::all);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  Input random(data, size);
  Runtime runtime({.memory_limit = std::size_t{64} << 20U, .stack_size = std::size_t{256} << 10U});
  const Context context(runtime);
  context.with([&](const Ctx& ctx) {
    if (random.below(4) == 0) {
      convert_values(ctx, random);
    } else {
      convert_script(ctx, runtime, random);
    }
  });
  return 0;
}

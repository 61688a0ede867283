// Fuzzes the conversions. The bytes of an input choose one of two ways:
//
// - A script is written by a grammar that knows what conversions trip over: holes and getters,
//   proxies that lie, detached buffers, rings, iterators that throw, patched prototypes, callbacks
//   that drop what is being converted. Its value is converted to many C++ types and back: whatever
//   comes of it must be a value or an Error.
// - Random C++ values go into JavaScript and must come back as they were.
//
// QUIP_FUZZ_SHOW=1 in the environment prints the script before it runs.
#include "support/types.hpp"

#include <cstdio>
#include <cstdlib>
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

/// The input's bytes; zeros behind their end. Every choice's first alternative is one that ends.
class Bytes : public test::Random {
 public:
  Bytes(const unsigned char* data, std::size_t size) : data_(data), left_(size) {}
  std::uint64_t bits() override {
    std::uint64_t value = 0;
    for (int i = 0; i < 8; ++i) {
      value = value << 8U | byte();
    }
    return value;
  }
  std::size_t below(std::size_t count) override {
    if (count <= 256) {
      return byte() % count;
    }
    return (std::size_t{byte()} << 8U | byte()) % count;
  }
  [[nodiscard]] std::size_t left() const noexcept { return left_; }

 private:
  unsigned char byte() {
    if (left_ == 0) {
      return 0;
    }
    --left_;
    return *data_++;
  }
  const unsigned char* data_;
  std::size_t left_;
};

// ---- the grammar -------------------------------------------------------------------------------

class ScriptWriter {
 public:
  explicit ScriptWriter(Bytes& random) : random_(random) {}

  std::string script() {
    variables_ = random_.below(4);
    // the value first: what is written last may find no bytes left
    const bool has_patches = random_.once_in(2);
    std::string text = "(" + value() + ")";
    huge_ = true;
    while (variables_ > 0) {
      --variables_;
      std::string declaration = "var v" + std::to_string(variables_) + " = " + value() + ";\n";
      text = declaration + text;
    }
    for (std::size_t left = has_patches ? 1 + random_.below(2) : 0; left > 0; --left) {
      std::string first = patch() + ";\n";
      text = first + text;
    }
    return text;
  }

 private:
  template <std::size_t N>
  std::string one_of(const char* const (&choices)[N]) {
    return random_.one_of(choices);
  }
  std::string primitive() {
    static const char* const texts[] = {"undefined",
                                        "null",
                                        "true",
                                        "false",
                                        "0",
                                        "-0",
                                        "1",
                                        "-1",
                                        "7",
                                        "1.5",
                                        "NaN",
                                        "Infinity",
                                        "255",
                                        "256",
                                        "2**31",
                                        "-(2**31)",
                                        "2**32",
                                        "2**53",
                                        "2**63",
                                        "2**64",
                                        "1e308",
                                        "5e-324",
                                        "0n",
                                        "1n",
                                        "-1n",
                                        "2n**63n",
                                        "2n**64n",
                                        "-(2n**63n)",
                                        "2n**100n",
                                        "''",
                                        "'a'",
                                        "'red'",
                                        "'read'",
                                        "'Circle'",
                                        "'Empty'",
                                        "'\\0'",
                                        "'\\xe9'",
                                        "'\\u{1F600}'",
                                        "'\\uD800'",
                                        "'a\\uDC00b'",
                                        "'\\uD83D' + '\\uDE00'",
                                        "'x'.repeat(300)",
                                        "'x'.repeat(300) + 'y'.repeat(300)",
                                        "('\\uD800'.repeat(500) + 'y'.repeat(900))",
                                        "'[object Object]'",
                                        "Symbol('s')",
                                        "Symbol.iterator",
                                        "Symbol.for('r')"};
    return one_of(texts);
  }
  std::string key() {
    static const char* const keys[] = {"x",
                                       "y",
                                       "name",
                                       "age",
                                       "tags",
                                       "home",
                                       "favourite",
                                       "value",
                                       "children",
                                       "radius",
                                       "type",
                                       "t",
                                       "c",
                                       "Circle",
                                       "Point",
                                       "length",
                                       "0",
                                       "1",
                                       "next",
                                       "'__proto__'",
                                       "['__proto__']",
                                       "[Symbol.iterator]",
                                       "[Symbol.toPrimitive]",
                                       "valueOf",
                                       "toString",
                                       "constructor",
                                       "then",
                                       "done",
                                       "'\\uD800'",
                                       "number",
                                       "circles",
                                       "text",
                                       "red"};
    return one_of(keys);
  }
  std::string patch() {
    static const char* const patches[] = {
        "0",
        "Array.prototype[Symbol.iterator] = function* () { yield 1; yield 'a' }",
        "Array.prototype[Symbol.iterator] = () => { throw 'patched' }",
        "Object.defineProperty(Object.prototype, 'name', {get() { throw 1 }, set() { throw 2 }})",
        "Object.defineProperty(Object.prototype, 0, {get() { return drop(), 'zero' }, set() {}})",
        "Object.defineProperty(Array.prototype, 1, {get() { throw 'one' }, set() { throw 'one' }})",
        "Object.prototype.x = 5",
        "Map.prototype.set = null",
        "Map.prototype[Symbol.iterator] = function* () { yield [1, 2]; yield 3 }",
        "Set.prototype[Symbol.iterator] = undefined",
        "delete globalThis.Map",
        "globalThis.Date = null",
        "globalThis.Array = function () { throw 1 }",
        "Function.prototype.apply = () => 7",
        "Function.prototype.call = null",
        "Array.prototype.splice = () => { throw 'splice' }",
        "Array.prototype.push = null",
        "Date.prototype.getTime = () => 'no'",
        "Date.prototype.valueOf = () => NaN",
        "Object.getPrototypeOf([][Symbol.iterator]()).next = () => ({done: true})",
        "Object.getPrototypeOf([][Symbol.iterator]()).next = () => { throw 'next' }",
        "Number.prototype.valueOf = () => 'no'",
        "Symbol.prototype.toString = null",
        "Object.setPrototypeOf(Array.prototype, null)",
        "Object.freeze(Array.prototype)",
        "Object.prototype.toString = () => { throw 'text' }",
        "Object.defineProperty(Object.prototype, 'length', {get() { throw 'length' }})"};
    return one_of(patches);
  }
  /// Elements or properties, separated by commas.
  template <class Write>
  std::string list(const Write& write) {
    std::string text;
    std::size_t left = random_.below(12) < 10 ? random_.below(4) : random_.below(16);
    for (; left > 0; --left) {
      text += write() + ", ";
    }
    return text;
  }
  std::string elements() {
    return list([this] { return random_.once_in(12) ? std::string() : value(); });
  }
  std::string function(const std::string& result) {
    static const char* const heads[] = {"() => (", "() => (drop(), ", "() => (gc(), "};
    if (random_.below(4) == 3) {
      return "() => { throw " + result + " }";
    }
    return one_of(heads) + result + ")";
  }
  std::string property() {
    const std::string name = key();
    switch (random_.below(6)) {
      default:
        return name + ": " + value();
      case 4:
        return "get " + name + "() { return (" + function(value()) + ")() }";
      case 5:
        return name + "() { return (" + function(value()) + ")() }";
    }
  }
  std::string object() {
    return "{" + list([this] { return property(); }) + "}";
  }
  std::string typed_array() {
    static const char* const names[] = {
        "Uint8Array",     "Int8Array",    "Uint8ClampedArray", "Int16Array",   "Uint16Array",
        "Int32Array",     "Uint32Array",  "Float32Array",      "Float64Array", "BigInt64Array",
        "BigUint64Array", "Float16Array", "DataView"};
    const std::string name = one_of(names);
    switch (random_.below(6)) {
      default:
        return name == "DataView" ? "new DataView(new ArrayBuffer(5), 1)"
                                  : "new " + name + "([1, 2, 200].map(" +
                                        (name.starts_with("Big") ? "BigInt" : "Number") + "))";
      case 1:
        return "(b => { const t = new " + name +
               "(b); b.transfer(); return t })(new ArrayBuffer(16))";
      case 2:
        return "(b => { const t = new " + name +
               "(b, 8); b.resize(4); return t })(new ArrayBuffer(16, {maxByteLength: 32}))";
      case 3:
        return "(b => { const t = new " + name +
               "(b); b.resize(32); return t })(new ArrayBuffer(16, {maxByteLength: 32}))";
      case 4:
        return "new " + name + "(new SharedArrayBuffer(16))";
      case 5:
        return "new " + name + "(new ArrayBuffer(64), 8)";
    }
  }
  std::string trap() {
    static const char* const names[] = {
        "get",       "has", "ownKeys",       "getOwnPropertyDescriptor", "getPrototypeOf", "apply",
        "construct", "set", "defineProperty"};
    const std::string name = one_of(names);
    // a length that lies stays short: what is read is as long as it says
    return name == "get" && random_.once_in(2)
               ? "get: (t, k) => k === 'length' ? 5 : k === Symbol.iterator ? t[k] : " + value()
               : name + ": " + function(value());
  }
  std::string proxy() {
    static const char* const targets[] = {"{}",
                                          "[]",
                                          "() => 1",
                                          "[1, 2, 3]",
                                          "new Map()",
                                          "new Date(0)",
                                          "{name: 'a', tags: ['b'], x: 1, y: 2}"};
    const bool was_huge = std::exchange(huge_, true);
    const std::string target = random_.once_in(3) ? "Object(" + value() + ")" : one_of(targets);
    huge_ = was_huge;
    return random_.once_in(6)
               ? "(p => { p.revoke(); return p.proxy })(Proxy.revocable(" + target + ", {}))"
               : "new Proxy(" + target + ", {" + list([this] { return trap(); }) + "})";
  }
  std::string iterable() {
    switch (random_.below(4)) {
      case 0:
        return "(function* () { " + list_of_yields() + "})()";
      case 1:
        return "{[Symbol.iterator]: " + function("(function* () { " + list_of_yields() + "})()") +
               "}";
      case 2:
        return "{[Symbol.iterator]() { let n = 0; return {next() { return n++ < 3 ? {value: " +
               value() + ", done: " + primitive() +
               "} : {done: true} }, return: " + function(value()) + "} }}";
      default:
        return "{length: " + std::to_string(random_.below(9)) + ", 0: " + value() +
               ", 1: " + value() + ", [Symbol.iterator]: Array.prototype[Symbol.iterator]}";
    }
  }
  std::string list_of_yields() {
    std::string text;
    for (std::size_t left = random_.below(9); left > 0; --left) {
      text += (random_.once_in(8) ? "throw " : "yield ") + value() + "; ";
    }
    return text;
  }
  /// Arrays that change while they are read, or are not what they seem.
  std::string odd_array() {
    const std::string index = std::to_string(random_.below(8));
    switch (random_.below(9)) {
      case 0:
        return "(a => (Object.defineProperty(a, " + index + ", {get: " + function(value()) +
               "}), a))([" + elements() + "])";
      case 1:
        return "(a => (Object.defineProperty(a, " + index +
               ", {get() { a.length = 0; gc(); return " + value() +
               " }}), a))([1, 2, {}, [], 5, 'f', 7, {}, 9])";
      case 2:
        return "(a => (Object.defineProperty(a, " + index +
               ", {get() { a.push({}, {}, {}); return " + value() + " }}), a))([{}, {}, 1])";
      case 3:
        return "(a => (a.push(a), a))([" + elements() + "])";
      case 4:
        return "Object.setPrototypeOf([" + elements() + "], " + value() + ")";
      case 5:
        return "new (class extends Array {})(" + std::to_string(random_.below(20)) + ")";
      case 6:
        // It takes time to look through: once a script, and never where the engine would do it, in
        // the text of an array or the iterator of a proxy.
        if (huge_) {
          return "[]";
        }
        huge_ = true;
        return "(a => (a.length = 4294967295, Object.defineProperty(a, 'toString', { value: () => "
               "'huge' })))([" +
               elements() + "])";
      case 7:
        return "Array(" + std::to_string(random_.below(3000)) + ").fill(" + primitive() + ")";
      default:
        return "Object.freeze([" + elements() + "])";
    }
  }
  std::string ring() {
    static const char* const rings[] = {"(o => (o.children = [o], o))({})",
                                        "(o => (o.self = o, o))({value: 1})",
                                        "(m => (m.set('a', m), m))(new Map())",
                                        "(s => (s.add(s), s))(new Set())",
                                        "(o => (o.children = [{value: 'x'}, o, o], o))({})",
                                        "(o => (o.c = o, o.t = 'circles', o))({})",
                                        "(a => (a[0] = [a], a))([])",
                                        "(p => p)(new Proxy({}, {get: (t, k, r) => r}))"};
    return one_of(rings);
  }
  std::string value() {
    if (depth_ > 5 || random_.left() == 0) {
      return primitive();
    }
    ++depth_;
    const std::string text = "(" + compound() + ")";
    --depth_;
    return text;
  }
  std::string compound() {
    switch (random_.below(24)) {
      default:
        return primitive();
      case 6:
      case 7:
        return "[" + elements() + "]";
      case 8:
      case 9:
      case 10:
        return object();
      case 11:
        return odd_array();
      case 12:
        return "new Map([" + list([this] { return "[" + value() + ", " + value() + "]"; }) + "])";
      case 13:
        return "new Set([" + elements() + "])";
      case 14:
        return typed_array();
      case 15:
        return proxy();
      case 16:
        return iterable();
      case 17:
        return function(value());
      case 18:
        return ring();
      case 19: {
        static const char* const others[] = {
            "new Date(0)",
            "new Date(NaN)",
            "new Date(8.64e15)",
            "/x/g",
            "new Error('e')",
            "Promise.resolve(1)",
            "new WeakRef({})",
            "new ArrayBuffer(3)",
            "Object.create(null)",
            "new (class { #x = 1; get value() { return this.#x } })()",
            "globalThis",
            "Math",
            "new Number(5)",
            "new String('boxed')",
            "Object(Symbol('o'))",
            "Object(1n)",
            "(function () { return arguments })(1, 2)",
            "async () => 1",
            "class {}",
            "(function f() {}).bind(null)",
            "new WeakMap()",
            "Array",
            "JSON",
            "Reflect"};
        return one_of(others);
      }
      case 20:
        return variables_ == 0 || shared_++ > 4 ? primitive()
                                                : "v" + std::to_string(random_.below(variables_));
      case 21: {
        static const char* const natives[] = {"take_text", "take_numbers", "take_point", "take_any",
                                              "take_maybe"};
        return one_of(natives) + "(" + value() + ")";
      }
      case 22:
        return "(() => { try { return " + value() + " } catch (e) { return " +
               (random_.once_in(2) ? "e" : value()) + " } })()";
      case 23:
        return "Object.assign(" + function(value()) + ", " + object() + ")";
    }
  }

  Bytes& random_;
  int depth_ = 0;
  std::size_t variables_ = 0;
  std::size_t shared_ = 0;
  bool huge_ = false;  ///< no huge array may be written, or none any more
};

// ---- what is done with a value -----------------------------------------------------------------

[[noreturn]] void fail(const std::string& text) {
  std::fprintf(stderr, "conversions: %s\n", text.c_str());
  std::abort();
}

void check(const Error& error) {
  const std::string all = error.message() + error.name() + error.stack() + error.what();
  for (const Error& problem : error.problems()) {
    (void)problem.what();
    if (problem.kind() != ErrorKind::conversion) {
      fail("a problem that is none: " + problem.message());
    }
  }
  if (error.kind() == ErrorKind::conversion && error.message().empty()) {
    fail("an error without a message");
  }
  if (error.kind() == ErrorKind::runtime_gone) {
    fail("the runtime is there: " + error.message());
  }
}

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

void convert_script(const Ctx& ctx, Runtime& runtime, Bytes& random) {
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
  const std::string script = ScriptWriter(random).script();
  if (std::getenv("QUIP_FUZZ_SHOW") != nullptr) {
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

void convert_values(const Ctx& ctx, Bytes& random) {
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
  Bytes random(data, size);
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

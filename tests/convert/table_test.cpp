// Makes docs/conversions.md: what every type is in JavaScript, what it is read from, and what it
// refuses with which message. The test fails when the page says anything else;
//
//     QUIP_UPDATE_DOCS=1 quip_tests --gtest_filter=ConversionTable.*
//
// writes the page anew.
#include "convert/table_types.hpp"
#include "support/js.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace quip;

// ---- C++ values as text ------------------------------------------------------------------------

/// The value much as a C++ program would spell it.
template <class T>
std::string cpp_text(const T& value);

std::string text_of(double value) {
  std::array<char, 40> text{};
  return {text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr};
}
template <class R>
std::string list_of(const R& range) {
  std::string text;
  for (const auto& element : range) {
    text += (text.empty() ? "" : ", ") + cpp_text<std::ranges::range_value_t<R>>(element);
  }
  return "{" + text + "}";
}
template <class C>
std::string units_of(std::basic_string_view<C> text, const char* prefix) {
  std::string quoted;
  for (const C unit : text) {
    const auto code = static_cast<std::uint32_t>(unit);
    std::array<char, 16> escaped{};
    if (code >= 0x20 && code < 0x7F) {
      escaped[0] = static_cast<char>(code);
    } else {
      std::snprintf(escaped.data(), escaped.size(), code > 0xFFFF ? "\\U%08X" : "\\u%04X", code);
    }
    quoted += escaped.data();
  }
  return prefix + ("\"" + quoted) + "\"";
}

template <class T>
std::string cpp_text(const T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    return value ? "true" : "false";
  } else if constexpr (std::is_same_v<T, char>) {
    return std::string("'") + value + "'";
  } else if constexpr (std::is_same_v<T, char16_t>) {
    const std::string text = units_of(std::u16string_view(&value, 1), "u");
    return "u'" + text.substr(2, text.size() - 3) + "'";
  } else if constexpr (std::is_same_v<T, char32_t>) {
    const std::string text = units_of(std::u32string_view(&value, 1), "U");
    return "U'" + text.substr(2, text.size() - 3) + "'";
  } else if constexpr (std::is_floating_point_v<T>) {
    return std::isnan(value) ? "NaN" : text_of(value);
  } else if constexpr (std::is_integral_v<T>) {
    return std::to_string(value);
  } else if constexpr (std::is_same_v<T, std::string>) {
    std::string quoted;
    for (const char c : value) quoted += c == '\n' ? std::string("\\n") : std::string(1, c);
    return "\"" + quoted + "\"";
  } else if constexpr (std::is_same_v<T, std::filesystem::path>) {
    return cpp_text(value.string());
  } else if constexpr (std::is_same_v<T, std::u16string>) {
    return units_of(std::u16string_view(value), "u");
  } else if constexpr (std::is_same_v<T, std::u32string>) {
    return units_of(std::u32string_view(value), "U");
  } else if constexpr (std::is_same_v<T, std::byte>) {
    return std::to_string(std::to_integer<int>(value));
  } else if constexpr (std::is_same_v<T, std::monostate>) {
    return "monostate";
  } else if constexpr (std::is_same_v<T, std::nullptr_t>) {
    return "nullptr";
  } else if constexpr (std::is_same_v<T, Color>) {
    constexpr std::array<const char*, 3> names = {"Color::red", "Color::green", "Color::blue"};
    return names.at(static_cast<std::size_t>(value));
  } else if constexpr (std::is_same_v<T, Access>) {
    constexpr std::array<const char*, 4> names = {"Access::none", "Access::read", "Access::write",
                                                  "read and write"};
    return names.at(static_cast<std::size_t>(value));
  } else if constexpr (std::is_same_v<T, Server>) {
    return "{" + cpp_text(value.host) + ", " + cpp_text(value.port) + ", " + cpp_text(value.tls) +
           "}";
  } else if constexpr (std::is_same_v<T, Circle>) {
    return "Circle{" + cpp_text(value.radius) + "}";
  } else if constexpr (std::is_same_v<T, Box>) {
    return "Box{" + cpp_text(value.width) + ", " + cpp_text(value.height) + "}";
  } else if constexpr (std::is_base_of_v<BigInt, T>) {
    return value.to_string() + "n";
  } else if constexpr (std::is_base_of_v<Value, T>) {
    return "the same";
  } else if constexpr (requires { value.time_since_epoch(); }) {
    return cpp_text(value.time_since_epoch()) + " since 1970";
  } else if constexpr (requires { typename T::period; }) {
    return cpp_text(value.count()) + (std::is_same_v<typename T::period, std::milli> ? "ms" : "s");
  } else if constexpr (requires { value.valueless_by_exception(); }) {
    return std::visit([](const auto& alternative) { return cpp_text(alternative); }, value);
  } else if constexpr (requires { value.target_type(); }) {
    return "a callable";
  } else if constexpr (requires {
                         value.get() == nullptr;
                         *value;
                       }) {
    return value == nullptr ? "nullptr" : "a pointer to " + cpp_text(*value);
  } else if constexpr (requires { value.has_value(); }) {
    return value ? cpp_text(*value) : "nullopt";
  } else if constexpr (requires { value.get(); }) {
    return cpp_text(value.get());  // Coerced
  } else if constexpr (std::ranges::range<T>) {
    return list_of(value);
  } else {
    return std::apply(
        [](const auto&... parts) {
          std::string text;
          ((text +=
            (text.empty() ? "" : ", ") + cpp_text(std::remove_cvref_t<decltype(parts)>(parts))),
           ...);
          return "{" + text + "}";
        },
        value);
  }
}

// ---- the samples -------------------------------------------------------------------------------

/// What every type is asked to convert.
const std::vector<std::string>& samples() {
  static const std::vector<std::string> list = {"undefined",
                                                "null",
                                                "true",
                                                "1",
                                                "-1",
                                                "1.5",
                                                "-0",
                                                "NaN",
                                                "2**31",
                                                "2**53",
                                                "2**63",
                                                "10n",
                                                "2n**64n",
                                                "\"\"",
                                                "\"a\"",
                                                "\"7\"",
                                                "\"\\u{1F600}\"",
                                                "\"\\uD800\"",
                                                "[]",
                                                "[1, 2]",
                                                "[1, \"a\"]",
                                                "({})",
                                                "({a: 1})",
                                                "new Map([[1, 2]])",
                                                "new Map([[\"a\", 1]])",
                                                "new Set([1, 2])",
                                                "new Uint8Array([1, 2])",
                                                "new ArrayBuffer(2)",
                                                "new Date(1500)",
                                                "new Date(NaN)",
                                                "/x/",
                                                "() => 1",
                                                "Symbol()"};
  return list;
}

/// Text in a cell of a table.
std::string code(std::string text) {
  std::string escaped;
  for (const char c : text) escaped += c == '|' ? std::string("\\|") : std::string(1, c);
  return "`" + escaped + "`";
}

class ConversionTable : public test::JsTest {
 protected:
  std::ostringstream page;

  void SetUp() override {
    eval(R"(
      globalThis.show = value => {
        if (value instanceof Map) {
          return 'new Map(' + JSON.stringify([...value]) + ')';
        }
        if (value instanceof Date) return 'new Date(' + value.getTime() + ')';
        if (value instanceof ArrayBuffer) return 'an ArrayBuffer of ' + value.byteLength + ' bytes';
        if (ArrayBuffer.isView(value)) return 'new Uint8Array([' + value + '])';
        if (typeof value === 'function') return 'a function';
        if (typeof value === 'bigint') return value + 'n';
        if (typeof value === 'object' || typeof value === 'string') return JSON.stringify(value);
        return String(value);
      })");
  }

  void section(const std::string& title, const std::string& text) {
    page << "\n## " << title << "\n\n" << text << "\n";
    page << "| C++ | becomes | is read from | refuses |\n|---|---|---|---|\n";
  }

  /// A row: the type's name, a value of it, samples for this type, and some that are left out.
  template <class T>
  void row(const std::string& name, const T& example, const std::vector<std::string>& own = {},
           const std::set<std::string>& without = {}) {
    Groups accepted;
    Groups refused;
    std::vector<std::string> all = samples();
    all.insert(all.end(), own.begin(), own.end());
    for (const std::string& sample : all) {
      if (without.contains(sample)) continue;
      const Result<T> result = eval("(" + sample + ")").template try_as<T>();
      if (result) {
        add(accepted, cpp_text(*result), sample);
      } else {
        add(refused, shortened(result.error()), sample);
      }
    }
    page << "| " << code(name) << " | " << into_js(example) << " | "
         << acceptances(accepted, largest(refused) == refused.size()) << " | " << refusals(refused)
         << " |\n";
  }

 private:
  template <class T>
  std::string into_js(const T& example) {
    return with([&](Ctx ctx) {
      const Value value = Value::try_make(ctx, example).value();
      const std::string type = value.is_number() ? "number" : std::string(to_string(value.type()));
      return type + "<br>" + code(ctx.globals().get<Function>("show").call<std::string>(value));
    });
  }
  /// The message without what was there instead.
  static std::string shortened(const Error& error) {
    if (error.kind() == ErrorKind::thrown) {
      return error.name() + " of the engine";
    }
    std::string message = error.message();
    constexpr std::string_view got = ", got ";
    if (const std::size_t at = message.rfind(got); at != std::string::npos) {
      message = message.substr(0, at + got.size()) + "…";
    }
    return error.name() + ": " + message;
  }
  static std::string joined(const std::vector<std::string>& parts, const std::string& between) {
    std::string text;
    for (const std::string& part : parts) text += (text.empty() ? "" : between) + part;
    return text;
  }
  static std::string joined_codes(const std::vector<std::string>& samples) {
    std::vector<std::string> codes;
    for (const std::string& sample : samples) codes.push_back(code(sample));
    return joined(codes, ", ");
  }

  /// Samples by what comes of them, in the order of the first.
  using Groups = std::vector<std::pair<std::string, std::vector<std::string>>>;
  static void add(Groups& groups, const std::string& outcome, const std::string& sample) {
    for (auto& [known, its] : groups) {
      if (known == outcome) {
        its.push_back(sample);
        return;
      }
    }
    groups.push_back({outcome, {sample}});
  }
  /// The place of the group that so many are in that it is that of "all else"; that of none.
  static std::size_t largest(const Groups& groups) {
    constexpr std::size_t many = 7;
    std::size_t found = groups.size();
    std::size_t size = many - 1;
    for (std::size_t i = 0; i < groups.size(); ++i) {
      if (groups[i].second.size() > size) {
        found = i;
        size = groups[i].second.size();
      }
    }
    return found;
  }
  static std::string acceptances(const Groups& accepted, bool has_rest) {
    const std::size_t rest = has_rest ? largest(accepted) : accepted.size();
    std::vector<std::string> parts;
    for (std::size_t i = 0; i < accepted.size(); ++i) {
      const auto& [outcome, its] = accepted[i];
      if (i == rest) continue;
      const bool is_same = its.size() == 1 && its.front() == outcome;
      parts.push_back(joined_codes(its) + (is_same ? "" : " → " + code(outcome)));
    }
    if (rest < accepted.size()) parts.push_back("all else → " + code(accepted[rest].first));
    return joined(parts, "; ");
  }
  static std::string refusals(const Groups& refused) {
    if (refused.empty()) return "nothing";
    const std::size_t rest = largest(refused);
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < refused.size(); ++i) {
      if (i == rest) continue;
      lines.push_back(joined_codes(refused[i].second) + ": " + refused[i].first);
    }
    if (rest < refused.size()) lines.push_back("all else: " + refused[rest].first);
    return joined(lines, "<br>");
  }
};

std::string read_file(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// The types that the page tells of, as their header has them.
std::string excerpt() {
  const std::string text = read_file(QUIP_TESTS_DIR "/convert/table_types.hpp");
  const std::string first = "// the excerpt in the documentation begins here\n";
  const std::size_t begin = text.find(first) + first.size();
  return text.substr(begin, text.find("// … and ends here") - begin);
}

constexpr const char* introduction = R"(# Conversions

Which C++ type is which JavaScript value, in both directions. This page is made by a test,
`tests/convert/table_test.cpp`, which converts every value below to every type: what it says is what
happens, and the messages are the same on both engines.

The [guide](guide/conversions.md) tells how they are used, and how types of one's own get theirs.

A C++ value *becomes* a JavaScript value when it is given to a script: an argument of
`Function::call`, a property that `Object::set` sets, the result of a bound function,
`quip::Value(ctx, value)`. It is *read from* one by `Value::as<T>`, `Object::get<T>`,
`Ctx::eval<T>`, and as the parameter of a bound function.

**Exact or an error.** A conversion never changes a value to make it fit: `"7"` is not 7, 1 is not
`true`, 1.5 is not an `int`, and 300 is not a `std::uint8_t`. What does not convert is a
`quip::Error`: a TypeError for a value of the wrong type, a RangeError for a number or a time out of
range. Where JavaScript's own rules are wanted, `Coerced<T>` asks for them. Three
conversions round, because programs rarely mean anything else: a `float` is the nearest to the
Number, what the other side's text cannot hold is U+FFFD there, and points in time are rounded down
to the other side's resolution.

**Where it went wrong.** The message of a part begins with the way to it, as a script would write
it. `Problems::all` looks at every part and reports all of them; `Error::problems` has one error for
each:
)";

TEST_F(ConversionTable, IsThePageInTheDocumentation) {
  page << introduction;

  page << "\n```text\n";
  const std::string config =
      "({name: 'web', servers: [{host: 'a', port: 70000}, {port: 80}], limits: {'max-age': '1h'}})";
  const auto all = eval(config).try_as<Config>(Problems::all);
  ASSERT_FALSE(all);
  page << config << "\n";
  for (const Error& problem : all.error().problems()) {
    page << "  " << problem.name() << ": " << problem.message() << "\n";
  }
  page << "```\n";

  page << "\nBehind \"got\" a message has the value itself, if it is short, and its type:\n\n"
          "| value | in messages |\n|---|---|\n";
  for (const std::string& sample : samples()) {
    // a type that takes none of them tells how each is called
    const auto refused = eval("(" + sample + ")").try_as<WeakRef>();
    ASSERT_FALSE(refused) << sample;
    const std::string& message = refused.error().message();
    page << "| " << code(sample) << " | " << code(message.substr(message.find(", got ") + 6))
         << " |\n";
  }

  section(
      "Booleans and numbers",
      "Integers are read from Numbers that are whole and in range; -0 is 0. The 64-bit types are\n"
      "read from BigInts too. Past 2^53 not every integer is a Number: such an integer does not\n"
      "become one silently but is an error, and `BigInt(ctx, value)` makes the BigInt that is\n"
      "exact. (A Number past 2^53 is read, if it is in range: it is what the script has.)\n");
  row<bool>("bool", true);
  row<int>("int", 7, {"2**31 - 1", "-(2**31)"});
  row<std::uint8_t>("std::uint8_t", 200, {"255", "256"});
  row<std::uint32_t>("std::uint32_t", 4294967295, {"2**32 - 1", "2**32"});
  row<std::int64_t>("std::int64_t", std::int64_t{1} << 53U, {"-(2n**63n)", "2n**63n"});
  row<std::uint64_t>("std::uint64_t", 7, {"2n**64n - 1n", "-1n"});
  row<double>("double", 1.5, {"Infinity"});
  row<float>("float", 0.5F, {"0.1"});
  with([&](Ctx ctx) { row<BigInt>("quip::BigInt", BigInt(ctx, 10)); });
  page << "\nOut of JavaScript's reach:\n\n| C++ | message |\n|---|---|\n";
  with([&](Ctx ctx) {
    const auto refuse = [&](const std::string& name, const Error& error) {
      page << "| " << code(name) << " | " << error.name() << ": " << error.message() << " |\n";
    };
    refuse("(std::int64_t{1} << 53) + 1",
           Value::try_make(ctx, (std::int64_t{1} << 53U) + 1).error());
    refuse("std::numeric_limits<std::int64_t>::min()",
           Value::try_make(ctx, std::numeric_limits<std::int64_t>::min()).error());
    refuse("'\\xE9'", Value::try_make(ctx, '\xE9').error());
    refuse("char32_t{0xD800}", Value::try_make(ctx, char32_t{0xD800}).error());
    refuse("static_cast<Color>(9)", Value::try_make(ctx, static_cast<Color>(9)).error());
    refuse("std::chrono::microseconds::max()",
           Value::try_make(ctx, std::chrono::microseconds::max()).error());
    refuse("(const char*)nullptr", Value::try_make(ctx, static_cast<const char*>(nullptr)).error());
    refuse("std::function<void()>()", Value::try_make(ctx, std::function<void()>()).error());
  });

  section(
      "Text",
      "C++'s narrow text is UTF-8, with its length: a NUL is a character like others. Bytes that\n"
      "are no UTF-8 become U+FFFD in JavaScript, and a lone surrogate of a JavaScript string\n"
      "becomes U+FFFD in C++; `std::u16string` alone is exact for every string, and\n"
      "`String::to_string` and `String::from_utf8` take a policy. `std::string_view` is as\n"
      "`std::string`, as a parameter of a bound function alone. The character types are text of "
      "one\n"
      "character, not numbers: a `char` is ASCII, a `char16_t` one UTF-16 code unit, a `char32_t`\n"
      "one code point.\n");
  row<std::string>("std::string", "caf\u00e9");
  row<std::u16string>("std::u16string", u"text");
  row<std::u32string>("std::u32string", U"text");
  row<char>("char", 'a', {"\"\u00e9\""});
  row<char16_t>("char16_t", u'a');
  row<char32_t>("char32_t", U'\U0001F600');
  row<std::filesystem::path>("std::filesystem::path", "/etc/hosts", {"\"a\\0b\""});

  section(
      "What may be absent",
      "`undefined` and `null` are both read as empty. Into JavaScript an empty `std::optional` is\n"
      "`undefined` (and a member of a struct is left out), a null pointer is `null`.\n");
  row<std::optional<int>>("std::optional<int>", 7);
  page << "| `std::optional<int>` (empty) | undefined<br>`undefined` | | |\n";
  row<std::unique_ptr<int>>("std::unique_ptr<int>, std::shared_ptr<int>", std::make_unique<int>(7));
  row<std::monostate>("std::monostate, quip::Undefined", {});
  row<std::nullptr_t>("std::nullptr_t, quip::Null", nullptr);

  section(
      "Sequences and tuples",
      "Any container with `push_back` or `insert` is an Array: `vector`, `deque`, `list`, `set`,\n"
      "`unordered_set` and yours. It is read from an Array, a typed array, a Set and any other\n"
      "iterable object, but not from a string. Of equal elements a set keeps one. Spans and views\n"
      "become Arrays, and cannot be read.\n");
  row<std::vector<int>>("std::vector<int>", {1, 2}, {"(function* () { yield 5 })()", "[1, , 3]"});
  row<std::vector<std::string>>("std::vector<std::string>", {"a", "b"}, {"[\"a\", \"b\"]"});
  row<std::set<double>>("std::set<double>", {2, 1}, {"[2, 1, 2]"});
  row<std::array<int, 2>>("std::array<int, 2>", {1, 2}, {"[1, 2, 3]"});
  row<std::pair<int, std::string>>("std::pair<int, std::string>", {1, "a"});
  row<std::tuple<bool, double>>("std::tuple<bool, double>", {true, 0.5}, {"[true, 0.5]"});

  section("Maps",
          "A map whose keys are text or an enum is an object: it is read from the own enumerable\n"
          "properties with string keys, in the object's order (`quip::OrderedMap` keeps it). A map "
          "with\n"
          "other keys is a Map. Both are read from a Map. An object that has its content "
          "elsewhere, such\n"
          "as a Set or a Date, is an error rather than an empty map.\n");
  row<std::map<std::string, int>>("std::map<std::string, int>", {{"a", 1}});
  row<std::map<int, int>>("std::map<int, int>", {{1, 2}});
  row<std::map<Color, int>>("std::map<Color, int>", {{Color::red, 1}}, {"({red: 1})"});

  section("Bytes",
          "Sequences of `std::byte` are ArrayBuffers; a vector that is moved in is not copied. "
          "They are\n"
          "read from ArrayBuffers, typed arrays and DataViews. A `std::vector<std::uint8_t>` is a\n"
          "sequence of numbers, an Array.\n");
  row<std::vector<std::byte>>("std::vector<std::byte>", {std::byte{1}, std::byte{2}},
                              {"new DataView(new ArrayBuffer(3), 1)"});
  row<std::array<std::byte, 2>>("std::array<std::byte, 2>", {std::byte{1}, std::byte{2}},
                                {"new ArrayBuffer(3)"});
  with([&](Ctx ctx) {
    const std::array<std::uint8_t, 2> elements = {1, 2};
    row<TypedArray<std::uint8_t>>("quip::TypedArray<std::uint8_t>",
                                  TypedArray<std::uint8_t>::copy_of(ctx, elements));
    row<ArrayBuffer>("quip::ArrayBuffer",
                     ArrayBuffer::copy_of(ctx, std::span<const std::uint8_t>(elements)));
  });

  section(
      "Times",
      "A point in time is a Date, in milliseconds. A duration is a Number of milliseconds, what\n"
      "`setTimeout` takes; one of an integer type must come out exactly.\n");
  namespace chrono = std::chrono;
  row<chrono::sys_time<chrono::milliseconds>>(
      "std::chrono::sys_time<milliseconds>",
      chrono::sys_time<chrono::milliseconds>(chrono::milliseconds(1500)));
  row<chrono::sys_seconds>("std::chrono::sys_seconds", chrono::sys_seconds(chrono::seconds(1)));
  row<chrono::milliseconds>("std::chrono::milliseconds", chrono::milliseconds(1500));
  row<chrono::seconds>("std::chrono::seconds", chrono::seconds(2), {"3000"});
  row<chrono::duration<double>>("std::chrono::duration<double>", chrono::duration<double>(0.25));

  section("Variants",
          "A variant becomes what its alternative becomes. It is read as the first alternative "
          "that the\n"
          "value converts to, of those that can have the value's JavaScript type.\n");
  row<std::variant<int, std::string>>("std::variant<int, std::string>", "a");
  row<std::variant<std::monostate, bool, std::vector<int>>>(
      "std::variant<std::monostate, bool, std::vector<int>>", std::vector<int>{1, 2});
  row<std::variant<std::int8_t, double>>("std::variant<std::int8_t, double>", 0.5, {"300"});

  page << "\n## Structs, enums and tagged variants\n\n"
          "A plain struct is an object with a property for each member, an enum the name of its\n"
          "enumerator; nothing needs to be said about them. What is to be different says a "
          "description.\n"
          "The types of this table:\n\n"
          "<!-- snippet: from tests/convert/table_types.hpp -->\n```cpp\n"
       << excerpt()
       << "```\n\n"
          "A property may be missing if its member is a `std::optional` or has a default "
          "initialiser\n"
          "in the struct, which it then keeps: here `port` and `tls`, but not `host`. Properties "
          "that\n"
          "no member has are passed over (`quip::deny_unknown` makes them errors).\n\n"
          "| C++ | becomes | is read from | refuses |\n|---|---|---|---|\n";
  row<Server>("Server", {"a.org", 443, true},
              {"({host: \"a\"})", "({host: \"a\", port: 443, tls: true})",
               "({host: \"a\", port: null})", "({host: \"a\", port: 70000})",
               "({host: \"a\", tls: null})", "({host: \"a\", more: 1})", "({host: 1})"});
  row<Color>("Color", Color::green, {"\"red\"", "\"blue\""});
  row<Access>("Access", Access::read, {"[\"read\", \"write\"]", "[\"run\"]"});
  row<Shape>("Shape", Circle{1},
             {"({type: \"Circle\", radius: 2})", "({type: \"Box\", width: 1, height: 2})",
              "({type: \"Circle\"})", "({type: \"Oval\"})"});

  section("Functions",
          "A callable becomes a function. A `std::function` made of a JavaScript function calls "
          "it, and\n"
          "given back it is that very function again.\n");
  row<std::function<int(int)>>("std::function<int(int)>", [](int n) { return n; });
  with([&](Ctx ctx) { row<Function>("quip::Function", ctx.eval<Function>("() => 1")); });

  section(
      "Coerced",
      "`Coerced<T>` converts as scripts do (ECMA-262 7.1): integers by dropping the fraction and\n"
      "modulo 2^n, as `x | 0` does for 32 bits, numbers by `Number(x)`, booleans by `!!x`, texts "
      "by\n"
      "`String(x)`. Objects are asked for their `valueOf` and `toString`, and what these throw is\n"
      "the error.\n");
  row<Coerced<bool>>("Coerced<bool>", {true});
  row<Coerced<int>>("Coerced<int>", {7}, {"\"0x10\"", "new Number(3)"});
  row<Coerced<std::uint8_t>>("Coerced<std::uint8_t>", {7}, {"300"});
  row<Coerced<std::int64_t>>("Coerced<std::int64_t>", {7});
  row<Coerced<double>>("Coerced<double>", {0.5});
  // the text of a Date is of the time zone
  row<Coerced<std::string>>("Coerced<std::string>", {"a"}, {}, {"new Date(1500)"});

  section("Handles",
          "Handles refer to the JavaScript value itself; nothing is copied. `quip::Value` takes "
          "all, the\n"
          "others the values of their type. A handle of another runtime is refused.\n");
  with([&](Ctx ctx) {
    row<Object>("quip::Object", ctx.eval<Object>("({a: 1})"));
    row<Array>("quip::Array", ctx.eval<Array>("[1, 2]"));
    row<String>("quip::String", String(ctx, "a"));
    row<Date>("quip::Date", Date(ctx, 1500));
    row<Symbol>("quip::Symbol", Symbol::iterator(ctx));
  });

  const std::string path = QUIP_TESTS_DIR "/../docs/conversions.md";
  if (std::getenv("QUIP_UPDATE_DOCS") != nullptr) {
    std::ofstream(path) << page.str();
  }
  EXPECT_EQ(read_file(path), page.str()) << "docs/conversions.md is not what the conversions do: "
                                            "if they are right, write it anew with\n"
                                            "QUIP_UPDATE_DOCS=1 " QUIP_TESTS_DIR
                                            "/../build/dev/tests/quip_tests "
                                            "--gtest_filter=ConversionTable.*";
}

}  // namespace

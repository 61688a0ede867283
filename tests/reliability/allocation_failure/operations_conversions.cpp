// Conversions, both ways.
#include "operation.hpp"

#include <array>
#include <chrono>
#include <deque>
#include <filesystem>
#include <forward_list>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

namespace quip::test {
namespace {

using enum Source;
using enum Where;

/// A value of C++ into JavaScript and back.
template <class T>
Operation both_ways(std::string_view name, T value) {
  return {name, none, inside, [value](World& world) {
            return [ctx = world.ctx(), value] {
              const Value there(ctx, value);
              expect(there.as<T>() == value, "another value came back");
            };
          }};
}
/// A script's value as a T.
template <class T, class Check>
Operation from_script(std::string_view name, std::string_view source, Check check) {
  return {name, none, inside, [source, check](World& world) {
            const Value value = world.eval(source);
            return [value, check] { expect(check(value.as<T>())); };
          }};
}

const std::string long_text = "a text that a std::string cannot hold by itself, \u00e4\u00f6\u00fc";

struct Distance {
  double meters = 0;
  friend bool operator==(const Distance&, const Distance&) = default;
};

}  // namespace
}  // namespace quip::test

/// A conversion of the user's own, by way of Value.
template <>
struct quip::Convert<quip::test::Distance> {
  static Result<test::Distance> from_js(const Value& value) {
    Result<double> meters = value.try_as<Object>().and_then(
        [](const Object& object) { return object.try_get<double>("meters"); });
    if (!meters) return std::move(meters).error();
    return test::Distance{*meters};
  }
  static Result<Value> into_js(const Ctx& ctx, const test::Distance& distance) {
    Result<Object> object = Object::try_make(ctx);
    if (!object) return std::move(object).error();
    if (Result<void> set = object->try_set("meters", distance.meters); !set) {
      return std::move(set).error();
    }
    return Value(*object);
  }
};

namespace quip::test {

Operations conversion_operations() {
  using std::string;
  using std::vector;
  return {
      both_ways("bool", true),
      both_ways("int", 123'456),
      both_ways("std::int64_t", std::int64_t{1} << 52U),
      both_ways("double", 1e300),
      both_ways("std::string", long_text),
      both_ways("std::u16string", std::u16string(u"sixteen bits \U0001F600 and more of them")),
      both_ways("std::u32string", std::u32string(U"thirty-two bits \U0001F600")),
      both_ways("std::wstring", std::wstring(L"a wide text of some length")),
      both_ways("std::filesystem::path", std::filesystem::path("/some/where/in/the/file/system")),
      both_ways("std::vector<int>", vector<int>{1, 2, 3, 4, 5, 6, 7, 8}),
      both_ways("std::vector<std::string>", vector<string>{"a", long_text, "c"}),
      both_ways("std::vector<bool>", vector<bool>{true, false, true}),
      both_ways("nested vectors", vector<vector<int>>{{1, 2}, {}, {3}}),
      both_ways("std::deque", std::deque<int>{1, 2, 3}),
      both_ways("std::list", std::list<string>{"a", long_text}),
      both_ways("std::forward_list", std::forward_list<int>{1, 2, 3}),
      both_ways("std::array", std::array<int, 3>{1, 2, 3}),
      both_ways("std::set", std::set<int>{1, 2, 3}),
      both_ways("std::unordered_set", std::unordered_set<string>{"a", "b"}),
      both_ways("std::map of text", std::map<string, int>{{"one", 1}, {long_text, 2}}),
      both_ways("std::map of numbers", std::map<int, string>{{1, "one"}, {2, long_text}}),
      both_ways("std::unordered_map", std::unordered_map<string, int>{{"a_key_of_it", 1}}),
      both_ways("std::multimap", std::multimap<string, int>{{"a", 1}}),
      both_ways("std::pair", std::pair<int, string>{1, long_text}),
      both_ways("std::tuple", std::tuple<int, string, bool>{1, long_text, true}),
      both_ways("std::optional", std::optional<string>(long_text)),
      both_ways("std::variant", std::variant<int, string, vector<int>>(vector<int>{1, 2})),
      both_ways("std::vector<std::byte>", vector<std::byte>(100, std::byte{3})),
      both_ways("std::chrono::duration", std::chrono::milliseconds(1500)),
      both_ways("std::chrono::time_point",
                std::chrono::system_clock::time_point(std::chrono::seconds(1'700'000'000))),
      both_ways("a conversion of the user's own", Distance{2.5}),
      from_script<vector<int>>("a Set as std::vector", "new Set([1, 2, 3])",
                               [](const vector<int>& v) { return v.size() == 3; }),
      from_script<vector<double>>("a typed array as std::vector", "new Float32Array([1, 2])",
                                  [](const vector<double>& v) { return v.size() == 2; }),
      from_script<std::map<string, int>>(
          "a Map as std::map", "new Map([['a', 1], ['b', 2]])",
          [](const std::map<string, int>& m) { return m.at("b") == 2; }),
      from_script<std::unique_ptr<int>>("std::unique_ptr", "5",
                                        [](const std::unique_ptr<int>& p) { return *p == 5; }),
      from_script<std::shared_ptr<string>>("std::shared_ptr", "'text'",
                                           [](const auto& p) { return *p == "text"; }),
      from_script<std::function<int(int)>>("std::function from a script", "n => n * 2",
                                           [](const auto& f) { return f(4) == 8; }),
      from_script<Coerced<string>>("Coerced", "[1, { toString() { return 'x' } }]",
                                   [](const Coerced<string>& text) { return text.value == "1,x"; }),
      {"a conversion that fails", none, inside,
       [](World& world) {
         const Value value = world.eval("[[1], [2, 'x']]");
         return [value] {
           const auto outcome = value.try_as<vector<vector<int>>>();
           expect(!outcome);
           expect(outcome.error().kind() == ErrorKind::out_of_memory ||
                  outcome.error().message().starts_with("[1][1]: expected"));
         };
       }},
      {"an array from many values at once", none, inside,
       [](World& world) {
         return [ctx = world.ctx()] {
           expect(Value(ctx, vector<double>(200, 0.5)).as<Array>().size() == 200);
         };
       }},
  };
}

}  // namespace quip::test

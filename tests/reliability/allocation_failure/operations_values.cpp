// Values of each type but plain objects and buffers.
#include "operation.hpp"

#include <array>
#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace quip::test {
namespace {

using enum Source;
using enum Where;

/// Begins with what no engine keeps as a literal.
const char* const long_text = "a text of some length, with an \u00e4 and a \U0001F600 in it";

}  // namespace

Operations value_operations() {
  return {
      {"Value(ctx, number)", none, inside,
       [](World& world) {
         return [ctx = world.ctx()] { expect(Value(ctx, 1.5).as<double>() == 1.5); };
       }},
      {"Value(ctx, string)", none, inside,
       [](World& world) {
         return [ctx = world.ctx()] {
           expect(Value(ctx, std::string(long_text)).as<std::string>() == long_text);
         };
       }},
      {"Value::try_make, from outside", none, outside,
       [](World& world) {
         return [ctx = world.ctx()] {
           Result<Value> made = Value::try_make(ctx, std::vector<int>{1, 2, 3});
           if (!made) made.error().raise();
           expect(made->is_array());
         };
       }},
      {"Value::to_display_string of an object", none, inside,
       [](World& world) {
         const Value value = world.eval("({ toString() { return 'shown' } })");
         return [value] { expect(value.to_display_string() == "shown"); };
       }},
      {"Value::to_display_string of a symbol", none, inside,
       [](World& world) {
         const Value value = world.eval("Symbol('shown')");
         return [value] { expect(value.to_display_string() == "Symbol(shown)"); };
       }},
      {"Value::to_display_string of a number", none, inside,
       [](World& world) {
         const Value value = world.eval("1234.5678");
         return [value] { expect(value.to_display_string() == "1234.5678"); };
       }},
      {"Value::is_instance_of", none, inside,
       [](World& world) {
         const Value value = world.eval("new Map()");
         const Value map = world.eval("Map");
         return [value, map] { expect(value.is_instance_of(map)); };
       }},
      {"Value::operator== of strings", none, inside,
       [](World& world) {
         const Value a = world.eval("'ab'.repeat(600) + 'c'.repeat(600)");
         const Value b = world.eval("'ab'.repeat(600) + 'c'.repeat(600)");
         return [a, b] { expect(a == b); };
       }},
      {"Value::same_value and same_value_zero", none, inside,
       [](World& world) {
         const Value a = world.eval("2n ** 70n");
         const Value b = world.eval("2n ** 70n");
         return [a, b] { expect(a.same_value(b) && a.same_value_zero(b)); };
       }},
      {"Value::loosely_equals", none, inside,
       [](World& world) {
         const Value a = world.eval("({ valueOf() { return '12' } })");
         const Value b = world.eval("12");
         return [a, b] { expect(a.loosely_equals(b)); };
       }},
      {"Value::is<T>", none, inside,
       [](World& world) {
         const Value value = world.eval("[1, 2, 'x']");
         return [value] {
           expect(!value.is<std::vector<int>>());
           expect(value.is<Array>());
         };
       }},
      {"String(ctx, text)", none, inside,
       [](World& world) {
         return [ctx = world.ctx()] { expect(String(ctx, long_text).to_string() == long_text); };
       }},
      {"String::from_utf8, strict", none, inside,
       [](World& world) {
         return [ctx = world.ctx()] {
           expect(String::from_utf8(ctx, long_text, Utf8::strict).size() > 20);
         };
       }},
      {"String::from_utf16 and to_u16string", none, inside,
       [](World& world) {
         return [ctx = world.ctx()] {
           const std::u16string text = u"sixteen bits \u00e4\U0001F600";
           expect(String::from_utf16(ctx, text).to_u16string() == text);
         };
       }},
      {"String::view", none, inside,
       [](World& world) {
         const auto ascii = world.eval<String>("'plain ascii text'");
         const auto other = world.eval<String>("'\u00e4\u00f6\u00fc'");
         return [ascii, other] {
           expect(ascii.view().view() == "plain ascii text");
           expect(other.view().view() == "\u00e4\u00f6\u00fc");
         };
       }},
      {"String::to_string of a rope", none, inside,
       [](World& world) {
         const auto rope = world.eval<String>(
             "let r = ''; for (let i = 0; i < 300; ++i)"
             "r += 'part ' + i; r");
         return [rope] { expect(rope.to_string().starts_with("part 0part 1")); };
       }},
      {"String::size", none, inside,
       [](World& world) {
         const auto text = world.eval<String>("'a'.repeat(50)");
         return [text] { expect(text.size() == 50); };
       }},
      {"Symbol(ctx, description)", none, inside,
       [](World& world) {
         return [ctx = world.ctx()] {
           expect(Symbol(ctx, "a description").description() == "a description");
         };
       }},
      {"Symbol(ctx)", none, inside,
       [](World& world) {
         return [ctx = world.ctx()] { expect(!Symbol(ctx).description().has_value()); };
       }},
      {"Symbol::registered", none, inside,
       [](World& world) {
         return [ctx = world.ctx()] {
           expect(Symbol::registered(ctx, "a key").registered_key() == "a key");
         };
       }},
      {"Symbol::iterator", none, inside,
       [](World& world) {
         return [ctx = world.ctx()] { expect(Symbol::iterator(ctx).is_symbol()); };
       }},
      {"BigInt(ctx, integer)", none, inside,
       [](World& world) {
         return [ctx = world.ctx()] {
           expect(BigInt(ctx, std::uint64_t{1} << 63U).to_uint64() == std::uint64_t{1} << 63U);
           expect(BigInt(ctx, std::int64_t{-5}).to_int64() == -5);
         };
       }},
      {"BigInt(ctx, text) and to_string", none, inside,
       [](World& world) {
         return [ctx = world.ctx()] {
           const BigInt big(ctx, "123456789012345678901234567890");
           expect(big.to_string() == "123456789012345678901234567890");
           expect(big.to_string(16) == "18ee90ff6c373e0ee4e3f0ad2");
         };
       }},
      {"BigInt::from_words and to_words", none, inside,
       [](World& world) {
         return [ctx = world.ctx()] {
           const std::array<std::uint64_t, 3> words = {1, 2, 3};
           const BigInt::Words back = BigInt::from_words(ctx, true, words).to_words();
           expect(back.negative && back.words == std::vector<std::uint64_t>{1, 2, 3});
         };
       }},
      {"BigInt::fits", none, inside,
       [](World& world) {
         const auto big = world.eval<BigInt>("2n ** 40n");
         return [big] {
           expect(big.fits<std::int64_t>());
           expect(!big.fits<int>());
         };
       }},
      {"Date(ctx, time) and time()", none, inside,
       [](World& world) {
         return [ctx = world.ctx()] {
           const Date::Time time{std::chrono::seconds(1'700'000'000)};
           const Date date(ctx, time);
           expect(date.is_valid() && date.time() == time);
         };
       }},
      {"RegExp(ctx, pattern)", evaluated, inside,
       [](World& world) {
         return [ctx = world.ctx()] {
           const RegExp pattern(ctx, "(a+)(?<b>b)?", "g");
           expect(pattern.source() == "(a+)(?<b>b)?" && pattern.flags() == "g");
         };
       }},
      {"RegExp::test and exec", none, inside,
       [](World& world) {
         const auto pattern = world.eval<RegExp>("/(a+)(?<b>b)?/u");
         return [pattern] {
           expect(pattern.test("xaab"));
           const auto match = pattern.exec("xaab");
           expect(match && match->index == 1 && match->text == "aab" && match->named.size() == 1);
         };
       }},
      {"RegExp::set_last_index", none, inside,
       [](World& world) {
         const auto pattern = world.eval<RegExp>("/a/g");
         return [pattern] {
           pattern.set_last_index(2);
           expect(pattern.last_index() == 2);
         };
       }},
      {"Map::set, get and has", none, inside,
       [](World& world) {
         return [ctx = world.ctx()] {
           const Map map(ctx);
           map.set("key", 1);
           map.set(2, std::string("two"));
           expect(map.size() == 2 && map.get<int>("key") == 1 && map.has(2));
         };
       }},
      {"Map::remove and clear", none, inside,
       [](World& world) {
         const auto map = world.eval<Map>("new Map([['a', 1], ['b', 2]])");
         return [map] {
           expect(map.remove("a"));
           map.clear();
           expect(map.empty());
         };
       }},
      {"Map::entries and iteration", none, inside,
       [](World& world) {
         const auto map = world.eval<Map>("new Map([['a', 1], ['b', 2]])");
         return [map] {
           expect(map.entries<std::string, int>().size() == 2);
           int count = 0;
           for (const auto& entry : map) {
             (void)entry;
             ++count;
           }
           expect(count == 2);
         };
       }},
      {"Set::add, has, remove and clear", none, inside,
       [](World& world) {
         return [ctx = world.ctx()] {
           const Set set(ctx);
           for (int i = 0; i < 10; ++i) set.add(i);
           set.add("text");
           expect(set.has("text") && set.remove(3) && set.size() == 10);
           set.clear();
         };
       }},
      {"Set::values and iteration", none, inside,
       [](World& world) {
         const auto set = world.eval<Set>("new Set([1, 2, 3])");
         return [set] {
           expect(set.values<int>() == std::vector<int>{1, 2, 3});
           int count = 0;
           for (const Value& value : set) count += value.as<int>();
           expect(count == 6);
         };
       }},
      {"WeakRef", none, inside,
       [](World& world) {
         const auto object = world.eval<Object>("({ here: 1 })");
         return [ctx = world.ctx(), object] {
           const WeakRef ref(ctx, object);
           expect(ref.deref().has_value());
         };
       }},
      {"Atom(ctx, key)", none, inside,
       [](World& world) {
         return [ctx = world.ctx()] {
           const Atom atom(ctx, "a_property_that_nobody_has");
           expect(atom.to_string() == "a_property_that_nobody_has");
           expect(Atom(ctx, 12).index() == 12);
           expect(atom.to_value().is_string());
         };
       }},
      {"iterate", none, inside,
       [](World& world) {
         const Value value = world.eval("new Set([1, 2, 3])");
         return [value] {
           int sum = 0;
           Iterator<int> range = iterate<int>(value);
           for (const int n : range) sum += n;
           expect(sum == 6);
         };
       }},
      {"Iterator::next and close", none, inside,
       [](World& world) {
         const auto value = world.eval<Function>("function* g() { yield 1; yield 2 } g");
         return [value] {
           Iterator<int> range = iterate<int>(value.call());
           expect(range.next() == 1);
           range.close();
         };
       }},
      {"iterable(range) for scripts", none, inside,
       [](World& world) {
         const auto sum = world.eval<Function>(
             "r => { let n = 0; for (const i of r) n += i;"
             "return n }");
         return [sum] { expect(sum.call<int>(iterable(std::vector<int>{1, 2, 3})) == 6); };
       }},
      {"iterator(range) and iterator_from(function)", none, inside,
       [](World& world) {
         const auto list = world.eval<Function>("r => [...r].join()");
         return [list] {
           expect(list.call<std::string>(iterator(std::vector<int>{1, 2})) == "1,2");
           int n = 0;
           const auto next = [n]() mutable -> std::optional<int> {
             return n < 3 ? std::optional<int>(n++) : std::nullopt;
           };
           expect(list.call<std::string>(iterator_from(next)) == "0,1,2");
         };
       }},
  };
}

}  // namespace quip::test

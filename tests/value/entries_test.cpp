// The values and entries of an object as ranges.
#include "support/js.hpp"
#include <quip/value/entries.hpp>

#include <map>
#include <ranges>
#include <string>
#include <utility>
#include <vector>

namespace quip::test {
namespace {

class Entries : public JsTest {};
using Texts = std::vector<std::string>;

static_assert(std::ranges::input_range<EntryRange<std::string, int>>);
static_assert(std::ranges::sized_range<EntryRange<std::string, int>>);
static_assert(std::ranges::common_range<ValueRange<int>>);

TEST_F(Entries, AreTheOwnEnumerableProperties) {
  const Object object = eval<Object>(
      "Object.defineProperty({ b: 1, 2: 2, a: 3, [Symbol('s')]: 4, __proto__: { up: 5 } }, "
      "'hidden',"
      "{ value: 6 })");
  Texts keys;
  std::vector<int> values;
  for (const auto& [key, value] : object.entries()) {
    keys.push_back(key);
    values.push_back(value.as<int>());
  }
  EXPECT_EQ(keys, (Texts{"2", "b", "a"}));
  EXPECT_EQ(values, (std::vector<int>{2, 1, 3}));
  EXPECT_EQ(object.keys<std::string>(), keys);
  EXPECT_EQ(object.try_values<int>().value(), values);
  EXPECT_EQ(object.size(), 3U);
  EXPECT_FALSE(object.empty());
  EXPECT_TRUE(eval<Object>("({ [Symbol()]: 1 })").empty());
  EXPECT_EQ(eval<Array>("[1, , 3]").Object::size(), 2U);
}

TEST_F(Entries, HaveTheTypesAskedFor) {
  const Object object = eval<Object>("({ a: 1, b: 2 })");
  std::map<std::string, int> seen;
  for (const auto& [key, value] : object.entries<std::string, int>()) {
    seen.emplace(key, value);
  }
  EXPECT_EQ(seen, (std::map<std::string, int>{{"a", 1}, {"b", 2}}));
  int sum = 0;
  for (const int n : object.values<int>()) sum += n;
  EXPECT_EQ(sum, 3);
  const auto entries = object.entries<Atom, double>();
  EXPECT_EQ(entries.size(), 2U);
  EXPECT_EQ((*entries.begin()).first.to_string(), "a");
  const auto by_index = eval<Array>("['x', , 'z']").entries<std::uint32_t, std::string>();
  EXPECT_EQ((std::map<std::uint32_t, std::string>(by_index.begin(), by_index.end())),
            (std::map<std::uint32_t, std::string>{{0, "x"}, {2, "z"}}));
  EXPECT_EQ(eval<Array>("[5, 6]").keys<int>(), (std::vector<int>{0, 1}));
  const Object symbols = eval<Object>("({ [Symbol.iterator]: 1 })");
  const KeyFilter all{.symbols = true};
  EXPECT_EQ(symbols.keys<Value>(all).at(0), eval("Symbol.iterator"));
  EXPECT_EQ(symbols.values<int>(all).size(), 1U);
  EXPECT_FALSE(symbols.try_keys<std::string>(all));
  EXPECT_FALSE(symbols.try_entries(all));
  EXPECT_FALSE(object.try_keys<int>());
}

TEST_F(Entries, WorkWithViews) {
  Texts names;
  for (const std::string& name :
       eval<Object>("({ a: 1, b: 2, c: 3 })").entries<std::string, int>() |
           std::views::filter([](const auto& e) { return e.second != 2; }) |
           std::views::transform([](auto e) { return e.first; })) {
    names.push_back(name);
  }
  EXPECT_EQ(names, (Texts{"a", "c"}));
}

TEST_F(Entries, OwnTheObject) {
  auto it = eval<Object>("({ a: 1, b: 2 })").entries<std::string, int>().begin();
  runtime.run_gc();
  EXPECT_EQ((*it++).first, "a");
  EXPECT_EQ((*it).second, 2);
}

TEST_F(Entries, ReadLateWhatWasListedEarly) {
  with([](Ctx ctx) {
    const Object object = ctx.eval<Object>("({ a: 1, b: 2, c: 3 })");
    Texts seen;
    for (const auto& [key, value] : object.entries()) {
      seen.push_back(key + "=" + value.to_display_string());
      object.remove("b");
      object.set("c", "new");
      object.set("d", 4);
    }
    EXPECT_EQ(seen, (Texts{"a=1", "b=undefined", "c=new"}));
  });
}

TEST_F(Entries, AnErrorEndsTheIteration) {
  const Object wrong = eval<Object>("({ a: 1, b: 'x', c: 3 })");
  int sum = 0;
  try {
    for (const int n : wrong.values<int>()) sum += n;
    ADD_FAILURE() << "went on";
  } catch (const Error& error) {
    EXPECT_EQ(error.message(),
              "b: expected an integer from -2147483648 to 2147483647, got \"x\" (string)");
  }
  EXPECT_EQ(sum, 1);
  EXPECT_EQ((wrong.try_entries<std::string, int>().error().message().substr(0, 2)), "b:");
  const Object throwing = eval<Object>("({ a: 1, get b() { throw new RangeError('g') } })");
  EXPECT_EQ(show(throwing.try_entries().error()).text, "RangeError: g");
  EXPECT_EQ(show(throwing.try_values<int>().error()).text, "RangeError: g");
  EXPECT_THROW(
      {
        for (const auto& [key, value] : throwing.entries()) sum += static_cast<int>(key.size());
      },
      Error);
}

TEST_F(Entries, OfProxiesThatLie) {
  for (const char* keys :
       {"5", "undefined", "[1]", "[null]", "[{}]", "['a', 'a']", "({ length: 2, 0: 'a' })",
        "({ get length() { throw new TypeError('length') } })", "new Array(3)"}) {
    const Object proxy =
        eval<Object>("new Proxy({}, { ownKeys: () => (" + std::string(keys) + ") })");
    // the engines differ in whether a primitive has keys: none, or an error
    const auto entries = proxy.try_entries();
    if (entries) {
      EXPECT_TRUE(entries->empty()) << keys;
    } else {
      EXPECT_EQ(entries.error().name(), "TypeError") << keys;
    }
    EXPECT_EQ(proxy.try_keys().has_value(), entries.has_value()) << keys;
    EXPECT_EQ(proxy.try_size().has_value(), entries.has_value()) << keys;
  }
  for (const char* keys : {"[1]", "[null]", "['a', 'a']"}) {
    EXPECT_FALSE(
        eval<Object>("new Proxy({}, { ownKeys: () => " + std::string(keys) + " })").try_entries())
        << keys;
  }
  // a key that the target has for good must be told
  EXPECT_FALSE(
      eval<Object>("new Proxy(Object.freeze({ a: 1 }), { ownKeys: () => [] })").try_keys());
  // keys of nothing are not enumerable, and read as undefined
  const Object ghosts = eval<Object>("new Proxy({}, { ownKeys: () => ['x', 'y'] })");
  EXPECT_TRUE(ghosts.empty());
  const auto all = ghosts.try_entries({.enumerable_only = false}).value();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[1].first, "y");
  EXPECT_TRUE(all[1].second.is_undefined());
}

TEST_F(Entries, AGetterMayDropTheHandle) {
  with([](Ctx ctx) {
    Object object = ctx.eval<Object>("({ get a() { drop(); return 1 }, b: 2 })");
    ctx.globals().set("drop", [&object] { object = Object(); });
    int sum = 0;
    for (const int n : object.values<int>()) sum += n;
    EXPECT_EQ(sum, 3);
    object = ctx.eval<Object>("({ get a() { drop(); return 1 }, b: 2 })");
    EXPECT_EQ(object.try_values<int>().value(), (std::vector<int>{1, 2}));
  });
}

TEST_F(Entries, EndWithTheRuntime) {
  detail::PropertyRange<Value, detail::ReadValue<Value>>::Iterator it;
  {
    const Runtime other;
    it = Context(other).with(
        [](Ctx ctx) { return ctx.eval<Object>("({ a: 1 })").values().begin(); });
  }
  EXPECT_THROW((void)*it, RuntimeGone);
}

}  // namespace
}  // namespace quip::test

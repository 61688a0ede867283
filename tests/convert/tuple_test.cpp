// pair and tuple: arrays of exactly so many elements.
#include "support/js.hpp"
#include <quip/convert/tuple.hpp>

#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace quip::test {
namespace {

using Pair = std::pair<std::string, int>;
using Triple = std::tuple<int, std::string, std::vector<bool>>;

class Tuples : public JsTest {};

TEST_F(Tuples, GoBothWays) {
  EXPECT_EQ(eval<Pair>("['a', 1]"), Pair("a", 1));
  EXPECT_EQ(eval<Triple>("[1, 'b', [true]]"), Triple(1, "b", {true}));
  EXPECT_EQ(eval<std::tuple<>>("[]"), std::tuple<>());
  define("p", Pair("x", 2));
  define("t", Triple(1, "y", {}));
  define("e", std::tuple<>());
  expect_eval("JSON.stringify([p, t, e])", "string", R"([["x",2],[1,"y",[]],[]])");
  define("moved", std::tuple(std::make_unique<int>(3)));
  expect_eval("JSON.stringify(moved)", "string", "[3]");
  EXPECT_EQ(*std::get<0>(eval<std::tuple<std::unique_ptr<int>>>("[4]")), 4);
}

TEST_F(Tuples, HaveExactlySoManyElements) {
  EXPECT_EQ(try_eval<Pair>("['a']").error().message(),
            "expected an array of 2 elements, got one of 1");
  EXPECT_EQ(try_eval<Pair>("['a', 1, 2]").error().message(),
            "expected an array of 2 elements, got one of 3");
  EXPECT_EQ(try_eval<std::tuple<>>("[1]").error().message(),
            "expected an array of 0 elements, got one of 1");
}

TEST_F(Tuples, ErrorsNameTheElement) {
  EXPECT_EQ(try_eval<Pair>("[1, 2]").error().message(), "[0]: expected string, got 1 (number)");
  EXPECT_EQ(try_eval<Triple>("[1, 'a', [true, 2]]").error().message(),
            "[2][1]: expected boolean, got 2 (number)");
  EXPECT_EQ(try_eval<Pair>("({})").error().message(), "expected array, got object");
  const auto all = eval("[1, 'x']").try_as<Pair>(Problems::all);
  ASSERT_FALSE(all);
  EXPECT_EQ(all.error().problems().size(), 2U);
}

TEST_F(Tuples, AreReadFromWhateverIsIterable) {
  EXPECT_EQ(eval<Pair>("new Set(['a', 1])"), Pair("a", 1));
  EXPECT_EQ(eval<Pair>("new Proxy(['a', 1], {})"), Pair("a", 1));
}

TEST_F(Tuples, AreParametersAndResults) {
  define("swap", [](std::pair<int, std::string> p) { return std::pair(p.second, p.first); });
  expect_eval("swap([1, 'a']).join()", "string", "a,1");
}

}  // namespace
}  // namespace quip::test

// optional, and the pointers that own.
#include "support/js.hpp"
#include <quip/convert/optional.hpp>
#include <quip/convert/sequence.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace quip::test {
namespace {

using Ints = std::vector<int>;

class Optionals : public JsTest {};

TEST_F(Optionals, OptionalsAreEmptyForUndefinedAndNull) {
  EXPECT_EQ(eval<std::optional<int>>("undefined"), std::nullopt);
  EXPECT_EQ(eval<std::optional<int>>("null"), std::nullopt);
  EXPECT_EQ(eval<std::optional<int>>("7"), 7);
  EXPECT_EQ(eval<std::optional<std::string>>("''"), "");
  EXPECT_EQ(eval<std::optional<bool>>("false"), false);
  EXPECT_FALSE(try_eval<std::optional<int>>("'7'"));
  EXPECT_FALSE(try_eval<std::optional<int>>("NaN"));
}

TEST_F(Optionals, OptionalsGoOutAsUndefinedOrTheirValue) {
  define("none", std::optional<int>());
  define("some", std::optional<int>(3));
  define("nothing", std::nullopt);
  define("text", std::optional<std::string>("t"));
  expect_eval("none", "undefined", "undefined");
  expect_eval("some", "number", "3");
  expect_eval("nothing", "undefined", "undefined");
  expect_eval("text", "string", "t");
}

TEST_F(Optionals, OwnersHoldTheValue) {
  EXPECT_EQ(*eval<std::unique_ptr<int>>("5"), 5);
  EXPECT_EQ(eval<std::unique_ptr<int>>("null"), nullptr);
  EXPECT_EQ(eval<std::unique_ptr<int>>("undefined"), nullptr);
  EXPECT_EQ(*eval<std::shared_ptr<std::string>>("'s'"), "s");
  EXPECT_EQ(eval<std::shared_ptr<int>>("null"), nullptr);
  EXPECT_EQ(try_eval<std::unique_ptr<int>>("'x'").error().message(),
            "expected an integer from -2147483648 to 2147483647, got \"x\" (string)");
  define("owned", std::make_unique<std::string>("u"));
  define("shared", std::make_shared<Ints>(Ints{1, 2}));
  define("none", std::unique_ptr<int>());
  expect_eval("owned", "string", "u");
  expect_eval("shared", "array", "1,2");
  expect_eval("none", "null", "null");
}

TEST_F(Optionals, ReferencesGoOutAsWhatTheyReferTo) {
  std::string text = "before";
  define("now", std::ref(text));
  text = "after";
  define("later", std::cref(text));
  expect_eval("now + ' ' + later", "string", "before after");
}

TEST_F(Optionals, TheyNest) {
  using Deep = std::optional<std::vector<std::optional<std::unique_ptr<int>>>>;
  const auto deep = eval<Deep>("[1, null, undefined]");
  ASSERT_EQ(deep->size(), 3U);
  EXPECT_EQ(**deep->at(0), 1);
  EXPECT_FALSE(deep->at(1).has_value());
  EXPECT_EQ(try_eval<Deep>("[1, 'x']").error().message(),
            "[1]: expected an integer from -2147483648 to 2147483647, got \"x\" (string)");
}

}  // namespace
}  // namespace quip::test

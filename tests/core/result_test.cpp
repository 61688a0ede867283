// Result: a value or an Error.
#include "support/counted.hpp"
#include "support/js.hpp"

#include <memory>
#include <stdexcept>

namespace quip::test {
namespace {

Result<int> half(int number) {
  if (number % 2 != 0) return Error::range("odd");
  return number / 2;
}

TEST(ResultTest, HoldsAValueOrAnError) {
  const Result<int> value = half(4);
  ASSERT_TRUE(value.has_value());
  EXPECT_TRUE(static_cast<bool>(value));
  EXPECT_EQ(*value, 2);
  EXPECT_EQ(value.value(), 2);
  const Result<int> error = half(3);
  ASSERT_FALSE(error.has_value());
  EXPECT_FALSE(static_cast<bool>(error));
  EXPECT_EQ(error.error().message(), "odd");
  EXPECT_THROW((void)error.value(), Error);
  EXPECT_EQ(value.value_or(7), 2);
  EXPECT_EQ(error.value_or(7), 7);
  EXPECT_EQ(half(3).value_or(8), 8);
}

TEST(ResultTest, MoveOnlyValues) {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(5);
  Result<std::unique_ptr<int>> moved = std::move(result);
  EXPECT_EQ(**moved, 5);
  const std::unique_ptr<int> out = std::move(moved).value();
  EXPECT_EQ(*out, 5);
  EXPECT_EQ(result->get(), nullptr);  // NOLINT(bugprone-use-after-move): what is tested
}

TEST(ResultTest, ConvertsWhatConvertsByItself) {
  const Result<std::string> text = "literal";
  EXPECT_EQ(*text, "literal");
  EXPECT_EQ(text->size(), 7U);
  const Result<std::optional<int>> optional = 3;
  EXPECT_EQ(optional->value(), 3);
}

TEST(ResultTest, AssignsBetweenItsStates) {
  const NoneLeft none_left;
  Result<Counted> result = Counted();
  EXPECT_EQ(Counted::live(), 1);
  result = Error::plain("e");
  EXPECT_EQ(Counted::live(), 0);
  EXPECT_EQ(result.error().message(), "e");
  result = Counted();
  EXPECT_EQ(Counted::live(), 1);
  const Result<Counted> copy = result;
  EXPECT_EQ(Counted::live(), 2);
  Result<Counted>& same = result;
  result = same;
  EXPECT_TRUE(result.has_value());
}

TEST(ResultTest, Void) {
  const Result<void> fine;
  EXPECT_TRUE(fine.has_value());
  fine.value();
  Result<void> failed = Error::type("t");
  EXPECT_FALSE(failed);
  EXPECT_THROW(failed.value(), Error);
  const Result<void> copy = failed;
  EXPECT_EQ(copy.error().message(), "t");
  failed = fine;
  EXPECT_TRUE(failed.has_value());
  failed = copy;
  EXPECT_FALSE(failed.has_value());
}

TEST(ResultTest, AndThenAndTransform) {
  EXPECT_EQ(*half(8).and_then(half).and_then(half), 1);
  EXPECT_EQ(half(6).and_then(half).error().message(), "odd");
  EXPECT_EQ(*half(4).transform([](int n) { return std::to_string(n); }), "2");
  EXPECT_FALSE(half(3).transform([](int) -> int { throw std::logic_error("not called"); }));
  int seen = 0;
  const Result<void> nothing = half(4).transform([&](int n) { seen = n; });
  EXPECT_TRUE(nothing.has_value());
  EXPECT_EQ(seen, 2);
}

TEST(ResultTest, ValueRaisesTheOriginalException) {
  const Result<int> result =
      Error::from(std::make_exception_ptr(std::invalid_argument("original")));
  EXPECT_THROW((void)result.value(), std::invalid_argument);
  const Result<void> nothing =
      Error::from(std::make_exception_ptr(std::invalid_argument("original")));
  EXPECT_THROW(nothing.value(), std::invalid_argument);
  const Result<int> gone = Value().try_as<int>();
  EXPECT_THROW((void)gone.value(), RuntimeGone);
}

}  // namespace
}  // namespace quip::test

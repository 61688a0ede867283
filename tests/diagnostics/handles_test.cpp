// Which handles are alive, and where they were made. What a build with QUIP_TRACE_HANDLES does is
// tested where this is one.
#include "support/js.hpp"

#include <gmock/gmock.h>

#include <optional>
#include <sstream>
#include <thread>

namespace quip::test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class HandlesTest : public JsTest {
 protected:
  std::vector<std::string> shown() {
    std::vector<std::string> values;
    for (const LivingHandle& handle : living_handles(runtime)) values.push_back(handle.value);
    return values;
  }
  std::size_t count_of(std::string_view value) {
    std::size_t count = 0;
    for (const std::string& each : shown()) count += each == value ? 1 : 0;
    return count;
  }
};

TEST_F(HandlesTest, AreCountedByContext) {
  const std::size_t before = count_handles(context);
  const std::size_t all = count_handles(runtime);
  {
    const Context other(runtime);
    EXPECT_EQ(count_handles(other), 1U);
    const Context copy = other;  // NOLINT(performance-unnecessary-copy-initialization)
    EXPECT_EQ(count_handles(other), 2U);
    with([&](Ctx ctx) {
      const Value value = ctx.eval("1");
      const Value second = value;  // NOLINT(performance-unnecessary-copy-initialization)
      const Value third = other.with([](Ctx at) { return at.eval("({})"); });
      EXPECT_EQ(count_handles(context), before + 2);
      EXPECT_EQ(count_handles(other), 3U);
      EXPECT_EQ(count_handles(runtime), all + 5);
    });
    std::thread([&] { EXPECT_EQ(count_handles(other), 2U); }).join();
  }
  EXPECT_EQ(count_handles(context), before);
  EXPECT_EQ(count_handles(runtime), all);
}

TEST_F(HandlesTest, OfWhatIsGoneAreAnError) {
  Context moved(runtime);
  const Context taken(std::move(moved));
  EXPECT_THROW((void)count_handles(moved), RuntimeGone);  // NOLINT(bugprone-use-after-move)
  Runtime gone;
  const Runtime owner(std::move(gone));
  EXPECT_THROW((void)count_handles(gone), RuntimeGone);  // NOLINT(bugprone-use-after-move)
  std::optional<Runtime> ended(std::in_place);
  const Context orphan(*ended);
  ended.reset();
  EXPECT_EQ(count_handles(orphan), 1U);
}

TEST_F(HandlesTest, WithoutTracingTheListIsAnErrorThatTellsHowToGetIt) {
  if (has_handle_tracing()) {
    EXPECT_TRUE(try_living_handles(runtime));
    return;
  }
  const auto result = try_living_handles(runtime);
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message(), HasSubstr("-DQUIP_TRACE_HANDLES=ON"));
  EXPECT_THROW((void)living_handles(context), Error);
  EXPECT_THROW(report_leaks(runtime), Error);
}

TEST_F(HandlesTest, TracingNamesEachHandle) {
  if (!has_handle_tracing()) {
    EXPECT_FALSE(try_living_handles(runtime));
    return;
  }
  with([&](Ctx ctx) {
    const std::vector<Value> values = {
        ctx.eval("'some text'"),
        ctx.eval("12.5"),
        ctx.eval("[1]"),
        ctx.eval("new Map()"),
        ctx.eval("(function parse() {})"),
        ctx.eval("new Proxy(function () { throw 1; }, { get() { throw 2; } })"),
    };
    for (const char* value : {"\"some text\"", "12.5", "Array", "Map", "function parse", "Proxy"}) {
      EXPECT_EQ(count_of(value), 1U) << value;
    }
  });
  EXPECT_EQ(count_of("\"some text\""), 0U);
}

TEST_F(HandlesTest, TracingFollowsCopiesAndMoves) {
  if (!has_handle_tracing()) {
    EXPECT_FALSE(try_living_handles(runtime));
    return;
  }
  with([&](Ctx ctx) {
    Value one = ctx.eval("'one'");
    Value two = ctx.eval("'two'");
    const std::string site = [&] {
      for (const LivingHandle& handle : living_handles(ctx)) {
        if (handle.value == "\"one\"") return handle.site;
      }
      return std::string();
    }();
    EXPECT_THAT(site, HasSubstr("(+0x"));
    EXPECT_EQ(count_of("\"one\""), 1U);
    Value copy = one;
    EXPECT_EQ(count_of("\"one\""), 2U);
    Value moved = std::move(one);
    EXPECT_EQ(count_of("\"one\""), 2U);
    std::swap(moved, two);
    EXPECT_EQ(count_of("\"one\""), 2U);
    EXPECT_EQ(count_of("\"two\""), 1U);
    copy = std::move(moved);  // now "two"
    EXPECT_EQ(count_of("\"one\""), 1U);
    EXPECT_EQ(count_of("\"two\""), 1U);
    two = copy;
    EXPECT_EQ(count_of("\"one\""), 0U);
    EXPECT_EQ(count_of("\"two\""), 2U);
    EXPECT_EQ(living_handles(ctx).size(), count_handles(runtime));
    std::thread([gone = std::move(two)]() mutable { gone = Value(); }).join();
    EXPECT_EQ(count_of("\"two\""), 1U);
  });
}

TEST_F(HandlesTest, WhatIsLeftIsReportedAtTheEnd) {
  if (!has_handle_tracing()) {
    EXPECT_FALSE(try_living_handles(runtime));
    return;
  }
  std::vector<LivingHandle> told;
  Value left;
  {
    Runtime mine;
    report_leaks(mine, [&](const std::vector<LivingHandle>& handles) { told = handles; });
    const Context own(mine);
    own.with([&](Ctx ctx) {
      left = ctx.eval("'left behind'");
      ctx.globals().set("held", [value = ctx.eval("'held'")] { return value; });
    });
  }
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].value, "\"left behind\"");
  EXPECT_EQ(told[0].realm, 1U);
  std::ostringstream out;
  out << told[0];
  EXPECT_THAT(out.str(), StartsWith("  \"left behind\", of context 1, made at\n    "));
}

TEST_F(HandlesTest, TheReportGoesToStandardErrorOrNowhere) {
  if (!has_handle_tracing()) {
    EXPECT_FALSE(try_living_handles(runtime));
    return;
  }
  Value left;
  const auto ends_with = [&](bool leaves) {
    ::testing::internal::CaptureStderr();
    {
      Runtime mine;
      report_leaks(mine);
      Context(mine).with([&](Ctx ctx) { left = leaves ? ctx.eval("'left'") : Value(); });
    }
    return ::testing::internal::GetCapturedStderr();
  };
  EXPECT_THAT(ends_with(false), IsEmpty());
  EXPECT_THAT(ends_with(true), HasSubstr("quip: 1 handle is alive at the end of the runtime\n"));
}

}  // namespace
}  // namespace quip::test

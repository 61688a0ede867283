// What the engine prints of its inner work.
#include "support/js.hpp"

#include <gmock/gmock.h>

#include <cstdio>

namespace quip::test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// What is printed to standard output meanwhile.
template <class F>
std::string printed(F&& f) {
  std::fflush(stdout);
  ::testing::internal::CaptureStdout();
  f();
  std::fflush(stdout);
  return ::testing::internal::GetCapturedStdout();
}

TEST(DumpFlagsTest, AreASet) {
  constexpr DumpFlags both = DumpFlags::leaks | DumpFlags::memory;
  EXPECT_EQ(both & DumpFlags::leaks, DumpFlags::leaks);
  EXPECT_EQ(both & DumpFlags::atoms, DumpFlags::none);
  DumpFlags more = both;
  more |= DumpFlags::atoms;
  EXPECT_EQ(more & DumpFlags::atoms, DumpFlags::atoms);
}

TEST(DumpFlagsTest, WhereTheEngineHasThemItPrintsAndElsewhereSaysSo) {
  Runtime runtime;
  runtime.set_dump_flags(DumpFlags::none);
  const Context context(runtime);
  const auto run = [&] { context.with([](Ctx ctx) { ctx.eval("(function named() {})"); }); };
  EXPECT_THAT(printed(run), IsEmpty());
  if (!Runtime::has_dump_flags()) {
    try {
      runtime.set_dump_flags(DumpFlags::final_bytecode);
      FAIL() << "no error";
    } catch (const Error& error) {
      EXPECT_THAT(error.message(), HasSubstr(Runtime::engine()));
    }
    EXPECT_THAT(printed(run), IsEmpty());
    return;
  }
  runtime.set_dump_flags(DumpFlags::final_bytecode);
  EXPECT_THAT(printed(run), HasSubstr("named"));
  runtime.set_dump_flags(DumpFlags::none);
  EXPECT_THAT(printed(run), IsEmpty());
}

TEST(DumpFlagsTest, WhatIsPrintedAtTheEndIs) {
  const std::string text = printed([] {
    Runtime runtime;
    if (Runtime::has_dump_flags()) runtime.set_dump_flags(DumpFlags::memory);
    Context(runtime).with([](Ctx ctx) { ctx.eval("1"); });
  });
  EXPECT_EQ(text.find("memory") != std::string::npos, Runtime::has_dump_flags()) << text;
}

TEST(DumpFlagsTest, ARuntimeThatWasMovedFromIsGone) {
  Runtime runtime;
  const Runtime moved(std::move(runtime));
  EXPECT_THROW(runtime.set_dump_flags(DumpFlags::none),  // NOLINT(bugprone-use-after-move)
               RuntimeGone);
}

}  // namespace
}  // namespace quip::test

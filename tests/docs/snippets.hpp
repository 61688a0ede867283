// What the program made of the documentation's snippets runs them with (see extract.cpp).
#pragma once

#include <quip/quip.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <exception>
#include <iostream>
#include <memory>
#include <string>
#include <type_traits>

struct Given {
  quip::Runtime& runtime;
  quip::Context& context;
  quip::Ctx ctx;
};

/// Runs a snippet, in a new context if it wants one; what it prints must be `expected`, if given.
template <class F>
void run(F snippet, const char* expected = nullptr) {
  testing::internal::CaptureStdout();
  try {
    if constexpr (std::is_invocable_v<F>) {
      snippet();
    } else {
      quip::Runtime runtime;
      quip::Context context(runtime);
      context.with([&](quip::Ctx ctx) { snippet(Given{runtime, context, ctx}); });
    }
  } catch (const std::exception& error) {
    ADD_FAILURE() << error.what();
  }
  std::cout.flush();
  std::fflush(stdout);
  const std::string printed = testing::internal::GetCapturedStdout();
  if (expected != nullptr) {
    EXPECT_EQ(printed, expected);
  }
}

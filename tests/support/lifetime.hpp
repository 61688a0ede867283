// What the tests of teardown share.
#pragma once

#include "support/counted.hpp"
#include "support/js.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <source_location>
#include <utility>
#include <vector>

namespace quip::test {

template <class T>
void expect_gone(const Result<T>& result,
                 std::source_location where = std::source_location::current()) {
  const ::testing::ScopedTrace trace(where.file_name(), static_cast<int>(where.line()), "");
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().kind(), ErrorKind::runtime_gone);
}

/// What a script's function of one's own often holds: an object of C++ with handles in it.
struct Keeper {
  Counted counted;
  std::vector<Value> values;
  std::vector<Context> contexts;
};

/// Runs a function in its destructor.
class AtDestruction {
 public:
  explicit AtDestruction(std::function<void()> action) : action_(std::move(action)) {}
  AtDestruction(AtDestruction&& other) noexcept : action_(std::exchange(other.action_, nullptr)) {}
  AtDestruction(const AtDestruction&) = delete;
  AtDestruction& operator=(const AtDestruction&) = delete;
  AtDestruction& operator=(AtDestruction&&) = delete;
  ~AtDestruction() {
    if (action_) action_();
  }

 private:
  std::function<void()> action_;
};

/// A runtime and a context that may end in any order; whatever C++ object a test gives to
/// JavaScript must be gone when both are.
class LifetimeTest : public ::testing::Test {
 protected:
  template <class F>
  decltype(auto) with(F&& f) {
    return context->with(std::forward<F>(f));
  }

  NoneLeft none_left;
  std::unique_ptr<Runtime> runtime = std::make_unique<Runtime>();
  std::optional<Context> context{*runtime};
};

}  // namespace quip::test

// Promises in coroutines that are not quip's.
#include "support/counted.hpp"
#include "support/js.hpp"

#include <coroutine>
#include <optional>
#include <string>
#include <utility>

namespace quip::test {
namespace {

/// The coroutine type of somebody else: runs at once, and is destroyed with its handle.
class Foreign {
 public:
  struct promise_type {
    Foreign get_return_object() {
      return Foreign(std::coroutine_handle<promise_type>::from_promise(*this));
    }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { failure = std::current_exception(); }
    std::exception_ptr failure;
  };
  explicit Foreign(std::coroutine_handle<promise_type> frame) noexcept : frame_(frame) {}
  Foreign(Foreign&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  Foreign& operator=(Foreign&&) = delete;
  ~Foreign() {
    if (frame_ != nullptr) frame_.destroy();
  }
  [[nodiscard]] bool done() const { return frame_.done(); }
  [[nodiscard]] std::exception_ptr failure() const { return frame_.promise().failure; }

 private:
  std::coroutine_handle<promise_type> frame_;
};

Foreign double_it(Promise<int> promise, std::optional<int>& result, Counted) {
  const int value = co_await promise;
  result = value * 2;
}

class ForeignTest : public JsTest {};

TEST_F(ForeignTest, GoesOnFromTheLoop) {
  const NoneLeft none_left;
  std::optional<int> result;
  const Foreign settled = double_it(eval<Promise<int>>("Promise.resolve(4)"), result, {});
  EXPECT_EQ(result, 8);
  EXPECT_TRUE(settled.done());
  result.reset();
  const Foreign pending =
      double_it(eval<Promise<int>>("(async () => { await 0; return 21 })()"), result, {});
  EXPECT_EQ(result, std::nullopt);
  runtime.run();
  EXPECT_EQ(result, 42);
  EXPECT_TRUE(pending.done());
}

TEST_F(ForeignTest, Rejections) {
  std::optional<int> result;
  const Foreign failed = double_it(
      eval<Promise<int>>("(async () => { await 0; throw new RangeError('no') })()"), result, {});
  runtime.run();
  ASSERT_NE(failed.failure(), nullptr);
  EXPECT_EQ(Error::from(failed.failure()).name(), "RangeError");
}

TEST_F(ForeignTest, TheRuntimesEndIsAnError) {
  const NoneLeft none_left;
  std::optional<int> result;
  std::optional<Runtime> doomed(std::in_place);
  const Promise<int> never = Context(*doomed).with(
      [](Ctx ctx) { return ctx.eval<Promise<int>>("new Promise(() => {})"); });
  const Foreign waiting = double_it(never, result, {});
  doomed.reset();
  EXPECT_TRUE(waiting.done());
  ASSERT_NE(waiting.failure(), nullptr);
  EXPECT_THROW(std::rethrow_exception(waiting.failure()), RuntimeGone);
  const Foreign late = double_it(never, result, {});
  EXPECT_THROW(std::rethrow_exception(late.failure()), RuntimeGone);
}

TEST_F(ForeignTest, TheFrameMayGoFirst) {
  const NoneLeft none_left;
  std::optional<int> result;
  const Promise<int> pending = eval<Promise<int>>("new Promise(r => { globalThis.settle = r })");
  {
    const Foreign dropped = double_it(pending, result, {});
  }
  eval("settle(1)");
  runtime.run();
  EXPECT_EQ(result, std::nullopt);
}

}  // namespace
}  // namespace quip::test

// Poster: work that other threads leave for a runtime's loop, on each loop.
#include "loops.hpp"
#include "support/counted.hpp"
#include "support/js.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace quip::test {
namespace {

using namespace std::chrono_literals;

class PosterTest : public AsyncTest {
 protected:
  /// Runs the loop until that is true; what keeps it waiting is a Deferred.
  void run_until(const std::function<bool()>& is_done) {
    const Deferred<void> holds = context.with([](Ctx ctx) { return Deferred<void>(ctx); });
    loop->run_while([&] { return !is_done(); });
    holds.resolve();
    loop->run();
  }
};
INSTANTIATE_TEST_SUITE_P(, PosterTest, ::testing::ValuesIn(loop_kinds()), loop_name);

TEST_P(PosterTest, WorkIsDoneInItsOrderAndInsideOfTheRuntime) {
  const Poster poster = runtime.poster();
  const Ctx ctx = with([](Ctx in) { return in; });
  std::string order;
  for (const char name : std::string("abc")) {
    EXPECT_TRUE(poster.post([&order, ctx, name] {
      order += name;
      ctx.eval("Promise.resolve().then(() => {})");
    }));
  }
  EXPECT_EQ(order, "");
  loop->run();
  EXPECT_EQ(order, "abc");
}

TEST_P(PosterTest, WorkThatLeavesWork) {
  const Poster poster = runtime.poster();
  int left = 5;
  std::function<void()> again = [&] {
    if (--left > 0) poster.post(again);
  };
  poster.post(again);
  loop->run();
  EXPECT_EQ(left, 0);
}

TEST_P(PosterTest, WorkOfAnyKind) {
  const NoneLeft none_left;
  const Poster poster = runtime.poster();
  int sum = 0;
  // what cannot be copied, what is large, what throws as it is moved, a function, an empty one
  poster.post([&sum, owned = std::make_unique<int>(1)] { sum += *owned; });
  poster.post([&sum, large = std::array<int, 100>{2}] { sum += large[0]; });
  struct Throws {
    explicit Throws(int& to) : sum(to) {}
    Throws(const Throws& other) noexcept(false) : sum(other.sum) {}
    void operator()() const { sum += 4; }
    int& sum;
    Counted counted;
  };
  const Throws throws(sum);
  poster.post(throws);
  static int calls;
  calls = 0;
  poster.post(+[] { ++calls; });
  loop->run();
  EXPECT_EQ(sum, 7);
  EXPECT_EQ(calls, 1);
  std::string error;
  runtime.set_error_handler([&](const Error& failed) { error = failed.message(); });
  poster.post(std::function<void()>());
  try {
    loop->run();
  } catch (const std::bad_function_call& failed) {
    error = failed.what();
  }
  EXPECT_EQ(error, "bad_function_call");
}

TEST_P(PosterTest, EightThreads) {
  constexpr int each = 200;
  const Poster poster = runtime.poster();
  const Function add = eval<Function>("globalThis.sum = 0; n => { sum += n }");
  std::atomic<int> done = 0;  // the loop's thread alone writes it
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&poster, &add, &done] {
      for (int k = 0; k < each; ++k) {
        poster.post([&] {
          add.call<void>(1);
          ++done;
        });
      }
    });
  }
  run_until([&] { return done == 8 * each; });
  for (std::thread& thread : threads) thread.join();
  expect_eval("sum", "number", std::to_string(8 * each));
}

TEST_P(PosterTest, TheRuntimeEndsWhileOthersPost) {
  const NoneLeft none_left;
  for (int round = 0; round < 20; ++round) {
    std::optional<Runtime> doomed(std::in_place);
    loop->attach(*doomed);
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([poster = doomed->poster()] {
        while (poster.post([counted = Counted()] {})) std::this_thread::yield();
      });
    }
    for (int turns = 0; turns < round; ++turns) (void)doomed->poll();
    doomed.reset();
    for (std::thread& thread : threads) thread.join();
    loop->attach(runtime);
    loop->run();
  }
}

TEST_P(PosterTest, AfterTheRuntime) {
  const NoneLeft none_left;
  std::optional<Runtime> gone(std::in_place);
  const Poster poster = gone->poster();
  EXPECT_TRUE(poster.post([counted = Counted()] { ADD_FAILURE(); }));
  gone.reset();
  EXPECT_FALSE(poster.post([counted = Counted()] { ADD_FAILURE(); }));
  Runtime moved = std::move(runtime);
  EXPECT_THROW((void)runtime.poster(), RuntimeGone);
  runtime = std::move(moved);
  EXPECT_TRUE(runtime.poster().post([] {}));
  loop->run();
}

TEST_P(PosterTest, WorkThatPostsAsItIsDestroyed) {
  // its destructor runs outside of every lock
  struct Posts {
    explicit Posts(Poster to) : poster(std::move(to)) {}
    Posts(const Posts&) = delete;
    Posts& operator=(const Posts&) = delete;
    ~Posts() {
      poster.post([] {});
    }
    Poster poster;
  };
  {
    Runtime doomed;
    const auto posts = std::make_shared<Posts>(doomed.poster());
    doomed.poster().post([posts] {});
  }
  const auto posts = std::make_shared<Posts>(runtime.poster());
  runtime.poster().post([posts] {});
  loop->run();
}

}  // namespace
}  // namespace quip::test

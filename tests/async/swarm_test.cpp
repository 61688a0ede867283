// Very many tasks across scripts and C++, and runtimes that end under theirs.
//
// The numbers are those of a release build; where every access is checked they are smaller. With
// QUIP_SWARM=full in the environment they are the same everywhere.
#include "loops.hpp"
#include "support/counted.hpp"
#include "support/js.hpp"
#include "support/system.hpp"

#include <chrono>
#include <cstdlib>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace quip::test {
namespace {

using namespace std::chrono_literals;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool is_checked = true;
#elif defined(__has_feature)
constexpr bool is_checked = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
constexpr bool is_checked = false;
#endif

/// `full`, or that part of it where it takes too long.
int count_of(int full, int part) {
  const char* wanted = std::getenv("QUIP_SWARM");
  if (wanted != nullptr && std::string_view(wanted) == "full") return full;
  if (is_gc_stress()) return full / 1000;
  return is_checked ? full / part : full;
}

class SwarmTest : public AsyncTest {};
INSTANTIATE_TEST_SUITE_P(, SwarmTest, ::testing::ValuesIn(loop_kinds()), loop_name);

Task<int> inner(int n, int ms, Counted) {
  if (n % 3 == 0) {
    co_await yield();
  } else {
    co_await sleep(std::chrono::milliseconds(ms));
  }
  if (n % 7 == 0) Error::range(std::to_string(n)).raise();
  co_return n;
}
/// Awaits a task, then a promise of the script.
Task<int> native(int n, int ms, Function script, Counted) {
  Task<int> child = inner(n, ms, Counted());
  const int first = co_await std::move(child);
  const Promise<int> promise = script.call<Promise<int>>(first);
  const int second = co_await promise;
  co_return first + second;
}

/// What the heaps hold.
struct Held {
  explicit Held(Runtime& runtime) {
    runtime.run_gc();
    engine_blocks = runtime.memory_usage().malloc_count;
    process_bytes = heap_in_use();
  }
  std::int64_t engine_blocks = 0;
  std::size_t process_bytes = 0;  // of C++ and of the engine; 0 where a sanitizer has the heap
};

TEST_P(SwarmTest, ManyTasksAcrossScriptsAndCpp) {
  const NoneLeft none_left;
  define("native", [random = std::minstd_rand(5)](int n, Function script) mutable {
    return native(n, static_cast<int>(random() % 20), std::move(script), Counted());
  });
  const Function swarm = eval<Function>(R"(
    (count) => {
      async function script(n) { await null; return n + await n; }
      async function one(n) {
        try {
          return await native(n, script) + 1;
        } catch (error) {
          if (!(error instanceof RangeError) || error.message !== String(n)) throw error;
          return 1;
        }
      }
      const all = [];
      for (let n = 0; n < count; ++n) all.push(one(n));
      return Promise.all(all).then(results => {
        for (let n = 0; n < count; ++n) {
          if (results[n] !== (n % 7 === 0 ? 1 : 3 * n + 1)) throw new Error(`task ${n}`);
        }
        return results.length;
      });
    })");
  const auto run_swarm = [&](int count) {
    const int before = Counted::live();
    const Promise<int> promise = swarm.call<Promise<int>>(count);
    EXPECT_EQ(Counted::live() - before, 2 * count);  // all at once
    const Result<int> finished = finish(promise);
    ASSERT_TRUE(finished) << finished.error().what();
    EXPECT_EQ(*finished, count);
  };
  const int count = count_of(100000, 40);
  run_swarm(100);  // what is made once is there
  const Held before(runtime);
  run_swarm(count);
  const Held after(runtime);
  EXPECT_EQ(after.engine_blocks, before.engine_blocks);
  // tables that grew stay as they are; a leak of one block a task is far more
  EXPECT_LE(after.process_bytes, before.process_bytes + (std::size_t{1} << 20));
}

TEST_P(SwarmTest, RuntimesEndUnderSuspendedTasks) {
  const NoneLeft none_left;
  std::minstd_rand random(7);
  auto sleeps = [](int ms, Counted) -> Task<> { co_await sleep(std::chrono::milliseconds(ms)); };
  auto awaits = [](Promise<> promise, Counted) -> Task<> {
    const Counted local;
    co_await promise;
  };
  auto completes = [](Completion<int> completion, Counted) -> Task<> { (void)co_await completion; };
  auto pauses = [](bool until_idle, Counted) -> Task<> {
    for (int i = 0; i < 3; ++i) {
      if (until_idle) {
        co_await idle();
      } else {
        co_await yield();
      }
    }
  };
  auto parent = [](Task<> child, Counted) -> Task<> {
    const Counted local;
    co_await std::move(child);
  };
  auto all = [](Task<> first, Task<> second, Counted) -> Task<> {
    co_await when_all(std::move(first), std::move(second));
  };
  const int rounds = count_of(1000, 10);
  for (int round = 0; round < rounds; ++round) {
    std::optional<Runtime> doomed(std::in_place);
    std::optional<Context> in(*doomed);
    doomed->set_unhandled_rejection_handler(ignore_unhandled_rejections);
    loop->attach(*doomed);
    std::vector<Completion<int>> completions(4);
    std::vector<Promise<void>> kept;
    std::vector<Task<>> unstarted;
    std::optional<Deferred<Value>> deferred;
    std::stop_source stop;
    in->with([&](Ctx ctx) {
      deferred.emplace(ctx);
      ctx.globals().set("native", [&](int n) { return sleeps(n, Counted()); });
      ctx.eval("(async () => { for (;;) { await native(1); await null } })()");
      const Promise<> pending = ctx.eval<Promise<>>("new Promise(() => {})");
      const Promise<> soon = ctx.eval<Promise<>>("(async () => { await null; await null })()");
      const auto make = [&](std::size_t kind) -> Task<> {
        switch (kind % 7) {
          case 0:
            return sleeps(static_cast<int>(random() % 3), Counted());
          case 1:
            return awaits(pending, Counted());
          case 2:
            return awaits(soon, Counted());
          case 3:
            return completes(completions[random() % completions.size()], Counted());
          case 4:
            return pauses(random() % 2 == 0, Counted());
          case 5:
            return awaits(deferred->promise(), Counted());
          default:
            return sleeps(100000, Counted());
        }
      };
      for (int i = 0; i < 12; ++i) {
        Task<> task = make(random());
        if (random() % 3 == 0) task = parent(std::move(task), Counted());
        if (random() % 4 == 0) task = all(std::move(task), make(random()), Counted());
        if (random() % 5 == 0) {
          unstarted.push_back(std::move(task));
        } else {
          kept.push_back(ctx.spawn(std::move(task), stop.get_token()));
        }
      }
    });
    const unsigned long turns = random() % 6;
    for (unsigned long i = 0; i < turns; ++i) (void)doomed->try_poll();
    if (random() % 3 == 0) completions[0].set(1);
    if (random() % 4 == 0) deferred.reset();
    if (random() % 4 == 0) stop.request_stop();
    if (random() % 2 == 0) kept.clear();
    if (random() % 2 == 0) in.reset();
    doomed.reset();
    in.reset();
    loop->attach(runtime);
  }
  loop->run();
}

}  // namespace
}  // namespace quip::test

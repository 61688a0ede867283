// Each test of the async layer on each event loop that quip has an adapter for.
//
//     class ThingTest : public AsyncTest {};
//     TEST_P(ThingTest, Works) { EXPECT_EQ(run("return await 1").value().as<int>(), 1); }
//     INSTANTIATE_TEST_SUITE_P(, ThingTest, ::testing::ValuesIn(loop_kinds()), loop_name);
//
// The loops are those whose file is linked in (loop_asio.cpp and so on), beside the runtime's own:
// a library that is not installed is a file that is not built.
#pragma once

#include "support/js.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace quip::test {

/// An event loop that drives runtimes.
class TestLoop {
 public:
  TestLoop() = default;
  TestLoop(const TestLoop&) = delete;
  TestLoop& operator=(const TestLoop&) = delete;
  virtual ~TestLoop() = default;

  /// The runtime is driven by this loop from here on.
  virtual void attach(Runtime& runtime) = 0;
  /// Runs it on this thread until it has nothing more to do or to wait for.
  virtual void run() {
    run_while([] { return true; });
  }
  /// The same, as long as the function says so; it is asked before each turn.
  virtual void run_while(const std::function<bool()>& goes_on) = 0;
};

/// A kind of loop: the parameter of a test.
struct LoopKind {
  std::string name;  ///< "Own", "Asio", …: a part of the test's name
  std::unique_ptr<TestLoop> (*make)();

  friend std::ostream& operator<<(std::ostream& out, const LoopKind& kind) {
    return out << kind.name;
  }
};

/// The loop that a runtime without an executor has.
class OwnLoop final : public TestLoop {
 public:
  void attach(Runtime& runtime) override { runtime_ = &runtime; }
  void run() override { runtime_->run(); }
  void run_while(const std::function<bool()>& goes_on) override {
    while (goes_on() && runtime_->run_one()) {
    }
  }

 private:
  Runtime* runtime_ = nullptr;
};

/// All kinds that are linked in. Complete once main has begun.
inline std::vector<LoopKind>& loop_kinds() {
  static std::vector<LoopKind> kinds = {
      {"Own", []() -> std::unique_ptr<TestLoop> { return std::make_unique<OwnLoop>(); }}};
  return kinds;
}
/// What a loop's file does: `const AddLoop added("Uv", [] { … });`, at namespace scope.
struct AddLoop {
  AddLoop(std::string name, std::unique_ptr<TestLoop> (*make)()) {
    loop_kinds().push_back({std::move(name), make});
  }
};

inline std::string loop_name(const ::testing::TestParamInfo<LoopKind>& info) {
  return info.param.name;
}

/// A base of the fixture before the runtime: the loop outlives that, as it does in programs.
struct LoopOfTest {
  std::unique_ptr<TestLoop> loop = ::testing::WithParamInterface<LoopKind>::GetParam().make();
};

/// A runtime and a context that live in the loop of the test's parameter.
class AsyncTest : protected LoopOfTest,
                  public JsTest,
                  public ::testing::WithParamInterface<LoopKind> {
 protected:
  AsyncTest() { loop->attach(runtime); }

  /// Runs the loop until the promise is settled, or the loop has nothing left to wait for.
  template <class T>
  Result<T> finish(const Promise<T>& promise) {
    promise.mark_handled();
    loop->run_while([&] { return promise.state() == PromiseState::pending; });
    return promise.try_result();
  }
  /// The promise of an async function with that body, called at once.
  Promise<> start(const std::string& body) {
    return eval<Promise<>>("(async () => {" + body + "})()");
  }
  /// What it comes to.
  Result<Value> run(const std::string& body) {
    const Result<Promise<>> promise = try_eval<Promise<>>("(async () => {" + body + "})()");
    if (!promise) return promise.error();
    return finish(*promise);
  }
};

}  // namespace quip::test

// TypedData: C++ objects that belong to a runtime or a context.
#include "support/js.hpp"

#include <thread>

namespace quip::test {
namespace {

class UserDataTest : public JsTest {};

struct Config {
  std::string name;
};
struct Counter {
  int n = 0;
};
/// Says when it ends.
struct Witness {
  Witness(std::vector<std::string>& said, std::string what) : log(&said), name(std::move(what)) {}
  Witness(const Witness&) = delete;
  Witness& operator=(const Witness&) = delete;
  ~Witness() { log->push_back(name); }
  std::vector<std::string>* log;
  std::string name;
};
template <int N>
struct Numbered : Witness {
  using Witness::Witness;
};

TEST_F(UserDataTest, IsFoundByItsType) {
  with([](Ctx ctx) {
    EXPECT_FALSE(ctx.data().has<Config>());
    EXPECT_EQ(ctx.data().find<Config>(), nullptr);
    ctx.data().set(Config{"a"});
    ctx.data().emplace<Counter>().get()->n = 5;
    EXPECT_EQ(ctx.data().get<Config>()->name, "a");
    EXPECT_EQ(ctx.data().get<Counter>()->n, 5);
    EXPECT_TRUE(ctx.data().remove<Config>());
    EXPECT_FALSE(ctx.data().remove<Config>());
    EXPECT_EQ(ctx.data().take<Counter>()->n, 5);
    EXPECT_EQ(ctx.data().take<Counter>(), nullptr);
  });
}

TEST_F(UserDataTest, WhatIsNotThereIsAnError) {
  with([](Ctx ctx) {
    const Result<std::shared_ptr<Counter>> found = ctx.data().try_get<Counter>();
    ASSERT_FALSE(found);
    EXPECT_NE(found.error().message().find("there is no user data of type '"), std::string::npos);
    EXPECT_NE(found.error().message().find("Counter' in this context"), std::string::npos);
    EXPECT_NE(ctx.runtime_data().try_get<Counter>().error().message().find("in this runtime"),
              std::string::npos);
    EXPECT_THROW((void)ctx.data().get<Counter>(), Error);
    EXPECT_FALSE(ctx.data().try_share(std::shared_ptr<Counter>()));
    EXPECT_THROW(ctx.data().share(std::shared_ptr<Counter>()), Error);
  });
}

TEST_F(UserDataTest, RuntimeAndContextsHaveTheirOwn) {
  const Context second(runtime);
  runtime.data().set(Config{"runtime"});
  quip::with(context, second, [](Ctx a, Ctx b) {
    a.data().set(Config{"first"});
    EXPECT_FALSE(b.data().has<Config>());
    b.data().set(Config{"second"});
    EXPECT_EQ(a.data().get<Config>()->name, "first");
    EXPECT_EQ(a.runtime_data().get<Config>()->name, "runtime");
    EXPECT_EQ(b.runtime_data().get<Config>(), a.runtime_data().get<Config>());
  });
  EXPECT_EQ(runtime.data().get<Config>()->name, "runtime");
}

TEST_F(UserDataTest, BoundFunctionsReachIt) {
  with([](Ctx ctx) {
    ctx.data().emplace<Counter>();
    ctx.globals().set("count", [](Ctx inner) { return ++inner.data().get<Counter>()->n; });
  });
  expect_eval("count(); count()", "number", "2");
  with([](Ctx ctx) { ctx.data().remove<Counter>(); });
  expect_eval("try { count() } catch (e) { e instanceof Error }", "boolean", "true");
}

TEST_F(UserDataTest, ReplacedWhileInUseItStays) {
  with([](Ctx ctx) {
    const std::shared_ptr<Config> old = ctx.data().set(Config{"old"});
    ctx.data().set(Config{"new"});
    EXPECT_EQ(old->name, "old");
    EXPECT_EQ(ctx.data().get<Config>()->name, "new");
    EXPECT_EQ(ctx.data().get_or_emplace<Config>("not made")->name, "new");
    EXPECT_EQ(ctx.data().get_or_emplace<Counter>()->n, 0);
  });
}

TEST_F(UserDataTest, SharedObjects) {
  const auto shared = std::make_shared<Counter>();
  runtime.data().share(shared);
  with([&](Ctx ctx) { EXPECT_EQ(ctx.runtime_data().get<Counter>(), shared); });
}

TEST_F(UserDataTest, EndsInOrder) {
  std::vector<std::string> log;
  {
    Runtime other;
    other.data().emplace<Numbered<1>>(log, "runtime, first");
    other.data().emplace<Numbered<2>>(log, "runtime, second");
    {
      const Context brief(other);
      brief.with([&](Ctx ctx) { ctx.data().emplace<Numbered<1>>(log, "brief"); });
    }
    other.run_gc();
    EXPECT_EQ(log, std::vector<std::string>{"brief"});
    const Context elsewhere(other);
    elsewhere.with([&](Ctx ctx) {
      ctx.data().emplace<Numbered<1>>(log, "context, first");
      ctx.data().emplace<Numbered<2>>(log, "context, second");
      ctx.data().emplace<Numbered<2>>(log, "context, third");
    });
  }
  EXPECT_EQ(log, (std::vector<std::string>{"brief", "context, second", "context, third",
                                           "context, first", "runtime, second", "runtime, first"}));
}

struct Callbacks {
  std::vector<Function> functions;
  Context context;
  std::shared_ptr<int> alive = std::make_shared<int>(1);
};

TEST_F(UserDataTest, HandlesInAContextsDataDoNotKeepTheContext) {
  std::weak_ptr<int> watch;
  {
    const Context second(runtime);
    second.with([&](Ctx ctx) {
      const auto data = ctx.data().emplace<Callbacks>(Callbacks{{}, ctx.context()});
      data->functions.push_back(ctx.eval<Function>("globalThis.f = () => 1"));
      watch = data->alive;
    });
    runtime.run_gc();
    EXPECT_FALSE(watch.expired());
    second.with(
        [&](Ctx ctx) { EXPECT_EQ(ctx.data().get<Callbacks>()->functions.front().call<int>(), 1); });
  }
  runtime.run_gc();
  EXPECT_TRUE(watch.expired());
}

TEST_F(UserDataTest, WhoHoldsItKeepsItAndItsContext) {
  std::shared_ptr<Callbacks> held;
  {
    const Context second(runtime);
    second.with([&](Ctx ctx) {
      held = ctx.data().emplace<Callbacks>(Callbacks{{}, ctx.context()});
      held->functions.push_back(ctx.eval<Function>("() => 1"));
    });
  }
  runtime.run_gc();
  EXPECT_EQ(held->functions.front().call<int>(), 1);
  held.reset();
  runtime.run_gc();
}

/// Of a class that shows nothing of what it holds.
class Closed {
 public:
  explicit Closed(Value value) : value_(std::move(value)) {}
  [[nodiscard]] bool is_set() const { return value_.is_object(); }

 private:
  Value value_;
};

TEST_F(UserDataTest, HandlesThatAreNotShownEndWithTheRuntime) {
  Runtime other;
  const Context elsewhere(other);
  elsewhere.with([](Ctx ctx) { ctx.data().set(Closed(ctx.globals())); });
  other.data().set(Closed(elsewhere.with([](Ctx ctx) -> Value { return ctx.globals(); })));
  EXPECT_TRUE(other.data().get<Closed>()->is_set());
}

TEST_F(UserDataTest, OutlivesTheRuntimeWhereItIsHeld) {
  std::shared_ptr<Callbacks> held;
  {
    Runtime other;
    const Context elsewhere(other);
    elsewhere.with([&](Ctx ctx) {
      held = ctx.data().emplace<Callbacks>(Callbacks{{}, ctx.context()});
      held->functions.push_back(ctx.eval<Function>("() => 1"));
    });
  }
  EXPECT_EQ(held->functions.front().try_call<int>().error().kind(), ErrorKind::runtime_gone);
}

/// Looks for others while it ends.
struct Curious {
  Runtime* runtime;
  bool* found;
  ~Curious() {
    if (runtime != nullptr) *found = runtime->data().has<Config>();
  }
};

TEST_F(UserDataTest, DestructorsMayLookAround) {
  bool found = false;
  runtime.data().set(Config{"x"});
  runtime.data().share(std::make_shared<Curious>(&runtime, &found));
  runtime.data().remove<Curious>();
  EXPECT_TRUE(found);
}

TEST_F(UserDataTest, GoneRuntimes) {
  Runtime other;
  const Runtime moved = std::move(other);
  EXPECT_EQ(other.data().find<Config>(), nullptr);  // NOLINT(bugprone-use-after-move)
  EXPECT_FALSE(other.data().remove<Config>());
  EXPECT_EQ(other.data().try_get<Config>().error().kind(), ErrorKind::runtime_gone);
  EXPECT_EQ(other.data().try_set(Config{"x"}).error().kind(), ErrorKind::runtime_gone);
  EXPECT_THROW((void)other.data().get<Config>(), RuntimeGone);
}

TEST_F(UserDataTest, AConstructorMayThrow) {
  struct Throws {
    Throws() { throw std::logic_error("no"); }
  };
  EXPECT_THROW(runtime.data().emplace<Throws>(), std::logic_error);
  EXPECT_FALSE(runtime.data().has<Throws>());
}

TEST_F(UserDataTest, OtherThreadsAskToo) {
  runtime.data().set(Counter{1});
  std::thread([&] {
    EXPECT_EQ(runtime.data().get<Counter>()->n, 1);
    runtime.data().set(Counter{2});
  }).join();
  EXPECT_EQ(runtime.data().get<Counter>()->n, 2);
}

TEST_F(UserDataTest, ShortMemoryIsAnError) {
  Runtime small;
  const Context elsewhere(small);
  const auto used = static_cast<std::size_t>(small.memory_usage().malloc_size);
  // with nothing left at all an engine has no Error to throw either
  for (std::size_t left = 0; left < 1000; left += 50) {
    small.set_memory_limit(used + left);
    elsewhere.with([](Ctx ctx) {
      EXPECT_EQ(ctx.data().try_set(Config{"x"}).has_value(), ctx.data().has<Config>());
    });
  }
  small.set_memory_limit(0);
  elsewhere.with([](Ctx ctx) { EXPECT_TRUE(ctx.data().try_set(Config{"x"})); });
}

}  // namespace
}  // namespace quip::test

// Cycles between JavaScript and C++: what is shown to the collector is collected, what is not stays
// until the runtime ends, and no mistake in a `trace` does harm.
#include "support/lifetime.hpp"

#include <array>
#include <deque>
#include <list>
#include <map>
#include <set>
#include <unordered_map>
#include <variant>

namespace quip::test {
namespace {

// ---- which types are seen ----------------------------------------------------------------------

struct Link {
  Counted counted;
  Value value;
};
struct Tree {
  Value value;
  std::vector<Tree> branches;
  std::unique_ptr<Tree> next;
};
struct Barren {
  std::string text;
  std::vector<Barren> branches;
  std::unique_ptr<Barren> next;
};
struct WithArray {
  Value value;
  int numbers[3];
};
struct WithBits {
  Value value;
  unsigned low : 3, high : 4;
};
struct WithReference {
  const Value& value;
  std::string text;
};
class Silent {
 public:
  explicit Silent(Value value) : value_(std::move(value)) {}
  Value value_;

 private:
  Counted counted_;
};
class Telling {
 public:
  explicit Telling(Value value) : value_(std::move(value)) {}
  void trace(Tracer& tracer) const { tracer(value_); }

 private:
  Counted counted_;
  Value value_;
};
class Told {
 public:
  explicit Told(Value value) : value_(std::move(value)) {}
  [[nodiscard]] const Value& value() const { return value_; }
  friend void trace(const Told& told, Tracer& tracer) { tracer(told.value_); }

 private:
  Counted counted_;
  Value value_;
};
class Foreign {
 public:
  explicit Foreign(Value value) : value_(std::move(value)) {}
  [[nodiscard]] const Value& value() const { return value_; }

 private:
  Counted counted_;
  Value value_;
};
struct Excluded {
  Value value;
};

}  // namespace
}  // namespace quip::test

template <>
struct quip::Trace<quip::test::Foreign> {
  static void visit(const quip::test::Foreign& foreign, quip::Tracer& tracer) {
    tracer(foreign.value());
  }
};
template <>
struct quip::Trace<quip::test::Excluded> : quip::TraceNothing {};

namespace quip::test {
namespace {

static_assert(is_traceable<Value> && is_traceable<const Function> && is_traceable<Context> &&
              is_traceable<Atom>);
static_assert(!is_traceable<int> && !is_traceable<std::string> && !is_traceable<Ctx>);
static_assert(!is_traceable<Value*> && !is_traceable<Value&> &&
              !is_traceable<std::weak_ptr<Value>>);
static_assert(is_traceable<Link> && is_traceable<Tree> && !is_traceable<Barren>);
static_assert(!is_traceable<WithArray> && is_traceable<WithBits> && !is_traceable<WithReference>);
static_assert(!is_traceable<Silent> && is_traceable<Telling> && is_traceable<Told> &&
              is_traceable<Foreign> && !is_traceable<Excluded>);
static_assert(is_traceable<std::map<std::string, std::vector<std::optional<Value>>>> &&
              !is_traceable<std::map<std::string, std::vector<std::optional<int>>>>);
static_assert(is_traceable<std::shared_ptr<Tree>> && !is_traceable<std::shared_ptr<void>> &&
              !is_traceable<std::unique_ptr<Value[]>>);
static_assert(is_traceable<std::function<int(int)>> && is_traceable<Result<Value>> &&
              !is_traceable<Result<void>> && is_traceable<Value[2]>);
static_assert(is_traceable<std::tuple<int, Value&, Value>> && !is_traceable<std::tuple<Value&>>);

class TraceTest : public LifetimeTest {
 protected:
  /// A cycle: an object with a method that owns what make(object) gives.
  template <class Make>
  void make_cycle(const Make& make) {
    with([&](Ctx ctx) {
      const Object object(ctx);
      object.set("method",
                 traced([](const Counted&, const auto_of<Make>&) {}, Counted(), make(object)));
    });
  }
  template <class Make>
  using auto_of = std::decay_t<std::invoke_result_t<const Make&, const Object&>>;

  template <class Make>
  void expect_collected(const Make& make,
                        std::source_location where = std::source_location::current()) {
    const ::testing::ScopedTrace trace(where.file_name(), static_cast<int>(where.line()), "");
    runtime->run_gc();
    const auto before = runtime->memory_usage().object_count;
    for (int i = 0; i < 20; ++i) make_cycle(make);
    // one collection at the threshold may have come already, in some builds
    runtime->run_gc();
    EXPECT_EQ(Counted::live(), 0);
    EXPECT_EQ(runtime->memory_usage().object_count, before);
  }
  template <class Make>
  void expect_kept(const Make& make, std::source_location where = std::source_location::current()) {
    const ::testing::ScopedTrace trace(where.file_name(), static_cast<int>(where.line()), "");
    make_cycle(make);
    runtime->run_gc();
    EXPECT_GT(Counted::live(), 0);
  }
};

TEST_F(TraceTest, AThousandCyclesThroughTracedCaptures) {
  runtime->run_gc();
  const auto before = runtime->memory_usage().object_count;
  with([](Ctx ctx) {
    for (int i = 0; i < 1000; ++i) {
      const Object object(ctx);
      object.set("method", traced([](Object& self, const Counted&, int n) { self.set("n", n); },
                                  object, Counted()));
      object.get<Function>("method").call(i);
      EXPECT_EQ(object.get<int>("n"), i);
    }
  });
  runtime->run_gc();
  EXPECT_EQ(Counted::live(), 0);
  EXPECT_EQ(runtime->memory_usage().object_count, before);
}

TEST_F(TraceTest, CapturesOfALambdaAreKeptAndEndWithTheRuntime) {
  with([](Ctx ctx) {
    for (int i = 0; i < 10; ++i) {
      const Object object(ctx);
      object.set("method", [object, counted = Counted()] {});
    }
  });
  runtime->run_gc();
  EXPECT_EQ(Counted::live(), 10);
  runtime.reset();
  EXPECT_EQ(Counted::live(), 0);
}

TEST_F(TraceTest, TheStandardTypes) {
  expect_collected([](const Object& o) { return Value(o); });
  expect_collected([](const Object& o) { return std::optional<Value>(o); });
  expect_collected([](const Object& o) { return Result<Value>(o); });
  expect_collected([](const Object& o) { return std::pair<int, Object>(1, o); });
  expect_collected([](const Object& o) { return std::tuple<Value, int, Object>(o, 1, o); });
  expect_collected([](const Object& o) { return std::variant<int, Value>(o); });
  expect_collected([](const Object& o) { return std::array<Value, 2>{o, o}; });
  expect_collected([](const Object& o) { return std::vector<Value>{o, o, Value()}; });
  expect_collected([](const Object& o) { return std::deque<Object>{o}; });
  expect_collected([](const Object& o) { return std::list<std::vector<Value>>{{o}, {}}; });
  expect_collected(
      [](const Object& o) { return std::map<std::string, Value>{{"a", o}, {"b", o}}; });
  expect_collected([](const Object& o) {
    return std::unordered_map<std::string, std::optional<Object>>{{"a", o}, {"b", std::nullopt}};
  });
  expect_collected([](const Object& o) { return std::make_shared<Value>(o); });
  expect_collected([](const Object& o) { return std::shared_ptr<Value>(new Value(o)); });
  expect_collected([](const Object& o) {
    return std::shared_ptr<const std::vector<Value>>(new std::vector<Value>{o});
  });
  // (of move-only captures below)
}

TEST_F(TraceTest, StructsAndClasses) {
  expect_collected([](const Object& o) { return Link{{}, o}; });
  expect_collected([](const Object& o) { return std::vector<Link>{{{}, o}, {{}, o}}; });
  expect_collected([](const Object& o) { return WithBits{o, 1, 2}; });
  expect_collected([](const Object& o) { return Telling(o); });
  expect_collected([](const Object& o) { return Told(o); });
  expect_collected([](const Object& o) { return Foreign(o); });
  expect_collected([](const Object& o) { return std::make_shared<Telling>(o); });
  expect_kept([](const Object& o) { return Silent(o); });
}

TEST_F(TraceTest, WhatIsExcludedIsKept) {
  expect_kept([](const Object& o) { return Excluded{o}; });
  expect_kept([](const Object& o) { return WithArray{o, {1, 2, 3}}; });
}

TEST_F(TraceTest, RecursiveStructsAndMoveOnlyOnes) {
  with([](Ctx ctx) {
    for (int i = 0; i < 10; ++i) {
      const Object object(ctx);
      Tree tree{object, {}, std::make_unique<Tree>()};
      tree.branches.push_back(Tree{object, {}, nullptr});
      tree.branches.back().branches.push_back(Tree{object, {}, nullptr});
      tree.next->value = object;
      object.set("method", traced([](const Tree&, const Counted&) {}, std::move(tree), Counted()));
    }
  });
  runtime->run_gc();
  EXPECT_EQ(Counted::live(), 0);
}

TEST_F(TraceTest, AChainThatIsTooDeepForTheStack) {
  with([](Ctx ctx) {
    const Object object(ctx);
    Tree chain{object, {}, nullptr};
    for (int i = 0; i < 20000; ++i) {
      auto next = std::make_unique<Tree>(std::move(chain));
      chain = Tree{Value(), {}, std::move(next)};
    }
    // destroyed from the front, for the compiler's own destructor would not return either
    struct Chain {
      explicit Chain(Tree tree) : first(std::move(tree)) {}
      Chain(Chain&&) = default;
      Chain& operator=(Chain&&) = default;
      ~Chain() {
        while (first.next != nullptr)
          first = std::move(*std::unique_ptr<Tree>(std::move(first.next)));
      }
      void trace(Tracer& tracer) const { tracer(first); }
      Tree first;
      Counted counted;
    };
    object.set("method", traced([](const Chain&) {}, Chain(std::move(chain))));
  });
  runtime->run_gc();
  EXPECT_LE(Counted::live(), 1);
  expect_eval(*context, "1 + 1", "number", "2");
}

TEST_F(TraceTest, ASharedObjectIsGarbageWhenNobodyElseHasIt) {
  std::shared_ptr<Link> shared;
  with([&](Ctx ctx) {
    const Object object(ctx);
    shared = std::make_shared<Link>(Link{{}, object});
    object.set("name", "it");
    object.set("method", traced([](const std::shared_ptr<Link>&) {}, shared));
  });
  runtime->run_gc();
  EXPECT_EQ(Counted::live(), 1);
  EXPECT_EQ(with([&](Ctx) { return shared->value.as<Object>().get<std::string>("name"); }), "it");
  shared.reset();
  runtime->run_gc();
  EXPECT_EQ(Counted::live(), 0);
}

TEST_F(TraceTest, StdFunctionsOfJavaScriptFunctions) {
  struct Listener {
    Counted counted;
    std::function<int(int)> callback;
    std::map<std::string, std::function<void()>> others;
  };
  with([](Ctx ctx) {
    for (int i = 0; i < 10; ++i) {
      const Object object(ctx);
      object.set("callback", ctx.eval("(o => n => n + (o ? 1 : 0))").as<Function>()(object));
      const Function callback = object.get<Function>("callback");
      object.set("listen",
                 traced([](Listener& listener, int n) { return listener.callback(n); },
                        Listener{{},
                                 callback.as<std::function<int(int)>>(),
                                 {{"a", callback.as<std::function<void()>>()}, {"b", [] {}}}}));
      EXPECT_EQ(object.get<Function>("listen").call<int>(i), i + 1);
    }
  });
  if (!is_gc_stress()) {  // there the first ones are collected while the last are made
    EXPECT_EQ(Counted::live(), 10);
  }
  runtime->run_gc();
  EXPECT_EQ(Counted::live(), 0);
}

TEST_F(TraceTest, FunctionObjectsShowThemselves) {
  struct Plain {
    Counted counted;
    Value value;
    int operator()(int n) { return n + calls++; }
    int calls = 0;
  };
  class Closed {
   public:
    explicit Closed(Value value) : value_(std::move(value)) {}
    int operator()(int n) const { return n; }
    void trace(Tracer& tracer) const { tracer(value_); }

   private:
    Counted counted_;
    Value value_;
  };
  with([](Ctx ctx) {
    const Object object(ctx);
    object.set("a", Plain{{}, object});
    object.set("b", Closed(object));
    EXPECT_EQ(object.get<Function>("a").call<int>(1), 1);
    EXPECT_EQ(object.get<Function>("a").call<int>(1), 2);
  });
  EXPECT_EQ(Counted::live(), 2);
  runtime->run_gc();
  EXPECT_EQ(Counted::live(), 0);
}

TEST_F(TraceTest, TheSignatureOfATracedFunction) {
  with([](Ctx ctx) {
    ctx.globals().set("f", traced(
                               [](const std::string& prefix, int& count, int n,
                                  std::optional<std::string> suffix, Rest<int> rest) {
                                 ++count;
                                 return prefix + std::to_string(n) + suffix.value_or("") +
                                        std::to_string(count + static_cast<int>(rest.size()));
                               },
                               "p", 0));
    expect_eval(ctx, "f.length", "number", "1");
    expect_eval(ctx, "f(5)", "string", "p51");
    expect_eval(ctx, "f(6, 's', 1, 2)", "string", "p6s4");
    expect_eval(ctx, "f.name", "string", "f");
    EXPECT_FALSE(ctx.try_eval("f()"));
    EXPECT_FALSE(ctx.try_eval("f('x')"));
    // without captures, by function pointer, with Ctx and This
    ctx.globals().set("g", traced([](Ctx inner, This<Object> self, int n) {
                        self.value.set("seen", n);
                        return inner.eval<int>("1") + n;
                      }));
    expect_eval(ctx, "const o = {g}; o.g(2) + o.seen", "number", "5");
    int (*twice)(int&, int) = [](int& base, int n) { return base++ + 2 * n; };
    ctx.globals().set("h", traced(twice, 100));
    expect_eval(ctx, "h(1) + h(1)", "number", "205");
    const Function nested(ctx, "nested", traced([](const int& a, int b) { return a + b; }, 1));
    EXPECT_EQ(nested.call<int>(2), 3);
  });
}

// ---- native classes ----------------------------------------------------------------------------

struct TracedBox {
  Value value;
  Counted counted;
};
void define(ClassDef<TracedBox>& def) { def.constructor<>().field<&TracedBox::value>("value"); }

TEST_F(TraceTest, NativeClasses) {
  with([](Ctx ctx) {
    ctx.globals().set("TracedBox", Instance<TracedBox>::constructor(ctx));
    ctx.eval("for (let i = 0; i < 10; ++i) { const b = new TracedBox(); b.value = {b}; }");
  });
  EXPECT_GT(Counted::live(), 0);
  runtime->run_gc();
  EXPECT_EQ(Counted::live(), 0);
}

TEST_F(TraceTest, ASharedPointerToAnObjectThatJavaScriptOwns) {
  with([this](Ctx ctx) {
    ctx.globals().set("TracedBox", Instance<TracedBox>::constructor(ctx));
    ctx.globals().set("hold", [](Ctx inner, std::shared_ptr<TracedBox> box) {
      return Function(inner, "held",
                      traced([](const std::shared_ptr<TracedBox>& held) { return held->value; },
                             std::move(box)));
    });
    ctx.eval(
        "globalThis.b = new TracedBox(); b.value = {name: 'it', b}; b.value.held = hold(b);"
        "globalThis.held = b.value.held; b = null");
    runtime->run_gc();
    expect_eval(ctx, "held().name", "string", "it");
    ctx.eval("held = null");
  });
  EXPECT_EQ(Counted::live(), 1);
  runtime->run_gc();
  EXPECT_EQ(Counted::live(), 0);
}

// ---- iterators ---------------------------------------------------------------------------------

TEST_F(TraceTest, RangesOwnedByIterablesAndIterators) {
  with([](Ctx ctx) {
    for (int i = 0; i < 10; ++i) {
      const Object object(ctx);
      object.set("iterable", iterable(std::vector<Value>{object, object} | std::views::all));
      object.set("values", iterable(std::vector<Value>{object, object}));
      object.set("iterator", iterator(std::vector<Value>{object, object}));
      object.set("generated",
                 iterator_from(traced(
                     [](Object& self, const Counted&) { return std::optional<Object>(self); },
                     object, Counted())));
      ctx.globals().set("o", object);
      ctx.eval(
          "o.begun = o.values[Symbol.iterator](); o.begun.next(); o.iterator.next();"
          "if (o.generated.next().value !== o) throw 1;"
          "if ([...o.values].length !== 2) throw 1;"
          "o.ended = o.values[Symbol.iterator](); [...o.ended]; delete globalThis.o");
    }
  });
  EXPECT_GT(Counted::live(), 0);
  runtime->run_gc();
  EXPECT_EQ(Counted::live(), 0);
}

TEST_F(TraceTest, AnIteratorKeepsTheRangeOfItsIterable) {
  with([&](Ctx ctx) {
    {
      const Object object = ctx.eval<Object>("({name: 'kept'})");
      object.set("self", iterable(std::vector<Value>{object, object}));
      ctx.globals().set("it", object.get<Object>("self")
                                  .get<Function>(symbol::iterator)
                                  .call(This(object.get<Object>("self"))));
    }
    runtime->run_gc();
    expect_eval(ctx, "it.next().value.name", "string", "kept");
    runtime->run_gc();
    expect_eval(ctx, "it.next().value.name", "string", "kept");
    expect_eval(ctx, "it.next().done", "boolean", "true");
  });
}

// ---- mistakes ----------------------------------------------------------------------------------

/// Holds two values and traces as a test wants it.
struct Mistaken {
  Mistaken(Value first, Value second, std::function<void(const Mistaken&, Tracer&)> how)
      : values{std::move(first), std::move(second)}, traced_by(std::move(how)) {}
  void trace(Tracer& tracer) const { traced_by(*this, tracer); }
  std::vector<Value> values;
  std::function<void(const Mistaken&, Tracer&)> traced_by;
  Counted counted;
};

class TraceMistakeTest : public TraceTest {
 protected:
  /// Whether a cycle with an object that is traced so is collected.
  bool collects(const std::function<void(const Mistaken&, Tracer&)>& how) {
    const int before = Counted::live();
    with([&](Ctx ctx) {
      const Object object(ctx);
      object.set("method",
                 traced([](const Mistaken&) {}, Mistaken(object, Value(ctx, "text"), how)));
    });
    for (int i = 0; i < 3; ++i) runtime->run_gc();
    expect_eval(*context, "[1, 2].concat([3]).length", "number", "3");
    return Counted::live() == before;
  }
};

TEST_F(TraceMistakeTest, AHandleShownTwice) {
  EXPECT_TRUE(collects([](const Mistaken& m, Tracer& tracer) {
    tracer(m.values, m.values[0], m.values);
    tracer(m.values[0]);
  }));
}

TEST_F(TraceMistakeTest, NothingShown) {
  EXPECT_FALSE(collects([](const Mistaken&, Tracer&) {}));
}

TEST_F(TraceMistakeTest, EmptyAndMovedFromHandles) {
  EXPECT_TRUE(
      collects([](const Mistaken& m, Tracer& tracer) { tracer(Value(), m.values, Atom()); }));
  with([](Ctx ctx) {
    Value value{Object(ctx)};
    const Value moved = std::move(value);
    // NOLINTNEXTLINE(bugprone-use-after-move)
    ctx.globals().set("f", traced([](const Value&, const Counted&) {}, value, Counted()));
  });
  runtime->run_gc();
  EXPECT_EQ(Counted::live(), 1);
}

TEST_F(TraceMistakeTest, CopiesAreShown) {
  EXPECT_FALSE(collects([](const Mistaken& m, Tracer& tracer) {
    for (const Value copy : m.values) tracer(copy);  // NOLINT(performance-for-range-copy)
  }));
  EXPECT_FALSE(collects([](const Mistaken& m, Tracer& tracer) {
    const std::vector<Value> copies = m.values;
    tracer(copies, m.values);
  }));
  EXPECT_TRUE(collects([](const Mistaken& m, Tracer& tracer) {
    {
      const std::vector<Value> copies = m.values;
    }
    tracer(m.values);
  }));
}

TEST_F(TraceMistakeTest, AnExceptionIsThrown) {
  EXPECT_TRUE(collects([](const Mistaken& m, Tracer& tracer) {
    tracer(m.values);
    throw std::runtime_error("in a trace");
  }));
  EXPECT_FALSE(collects([](const Mistaken&, Tracer&) { throw 1; }));
}

TEST_F(TraceMistakeTest, ATraceThatIsDifferentEachTime) {
  const auto calls = std::make_shared<int>(0);
  with([&](Ctx ctx) {
    const Object object(ctx);
    ctx.globals().set("o", object);
    object.set("method",
               traced([](const Mistaken&) {},
                      Mistaken(object, object, [calls](const Mistaken& m, Tracer& tracer) {
                        if (++*calls % 2 == 0) tracer(m.values);
                      })));
  });
  for (int i = 0; i < 5; ++i) runtime->run_gc();
  expect_eval(*context, "typeof o.method", "string", "function");
  EXPECT_GT(*calls, 4);
}

TEST_F(TraceMistakeTest, ATraceThatCallsIntoJavaScript) {
  const auto asked = std::make_shared<int>(0);
  const auto refused = std::make_shared<int>(0);
  EXPECT_TRUE(collects([=](const Mistaken& m, Tracer& tracer) {
    ++*asked;
    if (!m.values[0].try_as<Object>()) ++*refused;
    if (!m.values[0].try_to_display_string()) ++*refused;
    try {
      (void)m.values[0].ctx().eval("1");
    } catch (const RuntimeGone&) {
      ++*refused;
    }
    tracer(m.values);
  }));
  EXPECT_GT(*asked, 0);
  EXPECT_EQ(*refused, 3 * *asked);
}

TEST_F(TraceMistakeTest, AValueOfAnotherRuntime) {
  const Runtime other;
  const Context foreign(other);
  with([&](Ctx ctx) {
    const Object object(ctx);
    object.set("method", traced([](const std::vector<Value>&, const Counted&) {},
                                std::vector<Value>{
                                    object, foreign.with([](Ctx f) { return f.eval("({})"); })},
                                Counted()));
  });
  runtime->run_gc();
  EXPECT_EQ(Counted::live(), 0);
  foreign.with([](Ctx ctx) { expect_eval(ctx, "1", "number", "1"); });
}

// ---- destructors -------------------------------------------------------------------------------

/// Calls a function with its value when it is destroyed.
struct Ending {
  Ending(Value kept, std::function<void(Value&)> action)
      : value(std::move(kept)), at_end(std::move(action)) {}
  Ending(Ending&& other) noexcept
      : value(std::move(other.value)), at_end(std::exchange(other.at_end, nullptr)) {}
  Ending(const Ending&) = delete;
  Ending& operator=(const Ending&) = delete;
  Ending& operator=(Ending&&) = delete;
  ~Ending() {
    if (at_end) at_end(value);
  }
  void trace(Tracer& tracer) const { tracer(value); }
  Value value;
  std::function<void(Value&)> at_end;
  Counted counted;
};

TEST_F(TraceTest, ADestructorThatTheCollectorCallsFindsItsHandlesEmpty) {
  int ended = 0;
  std::vector<Value> escaped;
  with([&](Ctx ctx) {
    for (int i = 0; i < 5; ++i) {
      const Object object(ctx);
      object.set("method", traced([](const Ending&) {}, Ending(object, [&](Value& value) {
                                    ++ended;
                                    expect_gone(value.try_as<Object>());
                                    escaped.push_back(value);
                                    escaped.push_back(std::move(value));
                                  })));
    }
  });
  runtime->run_gc();
  EXPECT_EQ(ended, 5);
  for (const Value& value : escaped) expect_gone(value.try_as<Object>());
  runtime->run_gc();
  expect_eval(*context, "1 + 1", "number", "2");
}

TEST_F(TraceTest, ADestructorMayKeepItsHandlesWhenItsObjectEndsByItself) {
  Value escaped;
  with([&](Ctx ctx) {
    const Object object = ctx.eval<Object>("({n: 5})");
    ctx.globals().set("f", traced([](const Ending&) {}, Ending(object, [&](Value& value) {
                                    escaped = std::move(value);
                                  })));
    runtime->run_gc();
    ctx.eval("delete globalThis.f");
    EXPECT_EQ(escaped.as<Object>().get<int>("n"), 5);
  });
  runtime->run_gc();
  EXPECT_EQ(with([&](Ctx) { return escaped.as<Object>().get<int>("n"); }), 5);
}

TEST_F(TraceTest, ADestructorLooksAtTheHandlesOfOtherGarbage) {
  // each takes the value of the next
  std::vector<Value> escaped;
  std::vector<Ending*> all;
  with([&](Ctx ctx) {
    const Object ring(ctx);
    for (int i = 0; i < 6; ++i) {
      const Object object(ctx);
      object.set("ring", ring);
      auto owned = std::make_unique<Ending>(object, [&escaped, &all](Value&) {
        for (Ending*& other : all) {
          if (other != nullptr) escaped.push_back(other->value);
        }
      });
      all.push_back(owned.get());
      struct Holder {
        std::unique_ptr<Ending> ending;
        std::vector<Ending*>* all;
        Holder(std::unique_ptr<Ending> e, std::vector<Ending*>* a) : ending(std::move(e)), all(a) {}
        Holder(Holder&&) = default;
        Holder& operator=(Holder&&) = delete;
        ~Holder() {
          for (Ending*& other : *all) {
            if (ending != nullptr && other == ending.get()) other = nullptr;
          }
        }
        void trace(Tracer& tracer) const { tracer(ending); }
      };
      ring.set(i, traced([](const Holder&) {}, Holder(std::move(owned), &all)));
    }
  });
  runtime->run_gc();
  EXPECT_EQ(Counted::live(), 0);
  EXPECT_FALSE(escaped.empty());
  for (const Value& value : escaped) expect_gone(value.try_as<Object>());
}

TEST_F(TraceTest, ADestructorCallsIntoJavaScript) {
  int refused = 0;
  with([&](Ctx ctx) {
    const Object object(ctx);
    object.set("method", traced([](const Ending&, Value&) {},
                                Ending(object,
                                       [&, ctx](Value&) {
                                         if (!ctx.try_eval("1")) ++refused;
                                         if (!ctx.try_globals()) ++refused;
                                       }),
                                object));
  });
  runtime->run_gc();
  EXPECT_EQ(refused, 2);
}

TEST_F(TraceTest, ADestructorChangesWhatOtherGarbageHasShown) {
  with([&](Ctx ctx) {
    for (int round = 0; round < 2; ++round) {
      const Object object(ctx);
      auto list = std::make_unique<std::vector<Value>>(100, object);
      // whichever of the two functions ends first
      const auto alive = std::make_shared<int>(0);
      auto ending =
          Ending(object, [values = list.get(), watch = std::weak_ptr<int>(alive)](Value&) {
            if (!watch.expired()) values->resize(values->size() / 2);
          });
      struct List {
        std::unique_ptr<std::vector<Value>> values;
        std::shared_ptr<int> alive;
        Counted counted;
      };
      if (round == 0) {
        object.set("list", traced([](const List&) {}, List{std::move(list), alive, {}}));
        object.set("ending", traced([](const Ending&) {}, std::move(ending)));
      } else {
        object.set("ending", traced([](const Ending&) {}, std::move(ending)));
        object.set("list", traced([](const List&) {}, List{std::move(list), alive, {}}));
      }
    }
  });
  runtime->run_gc();
  EXPECT_EQ(Counted::live(), 0);
}

TEST_F(TraceTest, TheRuntimeEndsInADestructor) {
  with([&](Ctx ctx) {
    const Object object(ctx);
    object.set("method",
               traced([](const Ending&) {}, Ending(object, [&](Value&) { runtime.reset(); })));
  });
  Runtime* raw = runtime.get();
  raw->run_gc();
  EXPECT_EQ(runtime, nullptr);
  EXPECT_EQ(Counted::live(), 0);
}

// ---- contexts ----------------------------------------------------------------------------------

TEST_F(TraceTest, AContextWhoseOnlyHandlesAreTracedIsCollected) {
  const auto used = [&] {
    runtime->run_gc();
    return runtime->memory_usage().object_count;
  };
  const auto before = used();
  {
    const Context other(*runtime);
    other.with([](Ctx ctx) {
      // all kinds of handles, and a value without a reference
      ctx.globals().set("f", traced([](Object& globals, const Value&, const Atom&, const Context&,
                                       const Counted&) { return globals.get<int>("n"); },
                                    ctx.globals(), Value(ctx, "a string of some length"),
                                    Atom(ctx, "an atom"), ctx.context(), Counted()));
      ctx.globals().set("number", traced([](const Value& n) { return n; }, Value(ctx, 5)));
      ctx.eval("globalThis.n = 7");
      expect_eval(ctx, "f() + number()", "number", "12");
    });
    runtime->run_gc();
    EXPECT_EQ(Counted::live(), 1);
    expect_eval(other, "f() + number()", "number", "12");
  }
  EXPECT_EQ(used(), before);
  EXPECT_EQ(Counted::live(), 0);
}

TEST_F(TraceTest, AContextIsCollectedWithoutBeingAskedFor) {
  for (int i = 0; i < 10; ++i) {
    const Context other(*runtime);
    other.with([](Ctx ctx) {
      ctx.globals().set("f", traced([](Object&, const Counted&) {}, ctx.globals(), Counted()));
    });
  }
  EXPECT_EQ(Counted::live(), 0);
}

TEST_F(TraceTest, AContextWithAnotherHandleStays) {
  std::optional<Context> other(*runtime);
  Value handle = other->with([](Ctx ctx) {
    ctx.globals().set("f", traced([](Object& globals, const Counted&) { return globals; },
                                  ctx.globals(), Counted()));
    return ctx.eval("'a string'");
  });
  const Function function =
      other->with([](Ctx ctx) { return ctx.eval<Function>("n => f().x = n"); });
  other.reset();
  runtime->run_gc();
  EXPECT_EQ(Counted::live(), 1);
  EXPECT_EQ(function.call<int>(3), 3);
  const Context again = handle.ctx().context();
  expect_eval(again, "x", "number", "3");
}

TEST_F(TraceTest, AContextWhoseFunctionsAreUsedElsewhereStaysAndIsUsable) {
  std::optional<Context> other(*runtime);
  with([&](Ctx ctx) {
    ctx.globals().set("f", other->with([](Ctx inner) {
      inner.eval("globalThis.x = 1");
      return Function(inner, "f",
                      traced(
                          [](Object& globals, const Counted&) {
                            globals.set("x", globals.get<int>("x") + 1);
                            return globals.get<int>("x");
                          },
                          inner.globals(), Counted()));
    }));
  });
  other.reset();
  for (int i = 2; i < 6; ++i) {
    runtime->run_gc();
    expect_eval(*context, "f()", "number", std::to_string(i));
  }
  EXPECT_EQ(Counted::live(), 1);
  with([](Ctx ctx) { ctx.eval("delete globalThis.f"); });
  runtime->run_gc();
  EXPECT_EQ(Counted::live(), 0);
}

TEST_F(TraceTest, AHandleIsTakenOutOfItsFunctionLater) {
  std::optional<Context> other(*runtime);
  Object taken;
  with([&](Ctx ctx) {
    ctx.globals().set("take", other->with([&](Ctx inner) {
      inner.eval("globalThis.x = 5");
      return Function(
          inner, "take",
          traced([&taken](Object& globals) { taken = std::move(globals); }, inner.globals()));
    }));
  });
  other.reset();
  runtime->run_gc();
  with([](Ctx ctx) { ctx.eval("take(); delete globalThis.take"); });
  runtime->run_gc();
  EXPECT_EQ(taken.get<int>("x"), 5);
  expect_eval(taken.ctx().context(), "x + 1", "number", "6");
}

TEST_F(TraceTest, AFunctionHoldsTheContextOfAnother) {
  std::optional<Context> other(*runtime);
  with([&](Ctx ctx) {
    other->with([&](Ctx inner) {
      inner.eval("globalThis.n = 0");
      ctx.globals().set("f", traced(
                                 [](const Context& held, const Value& text, const Counted&) {
                                   held.with([](Ctx far) { far.eval("++n"); });
                                   return text.ctx().eval<int>("n");
                                 },
                                 *other, Value(inner, "a text"), Counted()));
    });
  });
  other.reset();
  for (int i = 1; i < 5; ++i) {
    runtime->run_gc();
    expect_eval(*context, "f()", "number", std::to_string(i));
  }
  with([](Ctx ctx) { ctx.eval("delete globalThis.f"); });
  runtime->run_gc();
  EXPECT_EQ(Counted::live(), 0);
}

TEST_F(TraceTest, AHandleIsTakenOutOfItsOwnerFromOutside) {
  std::optional<Context> other(*runtime);
  Value* inside = nullptr;
  with([&](Ctx ctx) {
    ctx.globals().set("f", other->with([&](Ctx inner) {
      auto text = std::make_unique<Value>(inner, "a text");
      inside = text.get();
      return Function(inner, "f", traced([](const std::unique_ptr<Value>&) {}, std::move(text)));
    }));
  });
  other.reset();
  runtime->run_gc();
  const Value taken = std::move(*inside);
  with([](Ctx ctx) { ctx.eval("delete globalThis.f"); });
  runtime->run_gc();
  EXPECT_EQ(taken.as<std::string>(), "a text");
  EXPECT_EQ(with([&](Ctx) { return taken.ctx().eval<int>("[1, 2].length"); }), 2);
}

TEST_F(TraceTest, AHandleThatWasNotShownAgainOutlivesItsContext) {
  // shown when contexts without an owner are looked for, and not when they are collected
  struct Odd {
    Odd(Value held, std::vector<Value>* taken) : value(std::move(held)), escaped(taken) {}
    Odd(Odd&& other) noexcept
        : value(std::move(other.value)), escaped(std::exchange(other.escaped, nullptr)) {}
    Odd(const Odd&) = delete;
    Odd& operator=(const Odd&) = delete;
    Odd& operator=(Odd&&) = delete;
    ~Odd() {
      if (escaped != nullptr) escaped->push_back(std::move(value));
    }
    void trace(Tracer& tracer) const {
      if (++calls % 2 == 1) tracer(value);
    }
    Value value;
    std::vector<Value>* escaped;
    mutable int calls = 0;
  };
  std::vector<Value> escaped;
  {
    const Context other(*runtime);
    other.with([&](Ctx ctx) {
      ctx.globals().set("f", traced([](const Odd&) {}, Odd(Value(ctx, "a text"), &escaped)));
    });
  }
  runtime->run_gc();
  ASSERT_EQ(escaped.size(), 1U);
  expect_gone(escaped[0].try_as<std::string>());
  expect_gone(escaped[0].try_to_display_string());
  EXPECT_EQ(escaped[0].try_as<std::string>().error().message(),
            "the context of this handle is gone");
  EXPECT_THROW((void)escaped[0].as<std::string>(), RuntimeGone);
  with([&](Ctx ctx) {
    EXPECT_FALSE(ctx.globals().try_set("taken", escaped[0]));
    EXPECT_FALSE(escaped[0] == Value(ctx, "a text"));
    const Value copy = escaped[0];  // NOLINT(performance-unnecessary-copy-initialization)
    expect_gone(copy.try_as<std::string>());
  });
  const std::vector<Value> copies(10, escaped[0]);
  escaped.clear();
  expect_gone(copies[9].try_as<std::string>());
}

TEST_F(TraceTest, ContextsThatHoldEachOther) {
  std::vector<Context> contexts;
  for (int i = 0; i < 6; ++i) contexts.emplace_back(*runtime);
  for (std::size_t i = 0; i < contexts.size(); ++i) {
    contexts[i].with([&](Ctx ctx) {
      const Context& next = contexts[(i + 1) % contexts.size()];
      const Context& far = contexts[(i + 2) % contexts.size()];
      const Object globals = next.with([](Ctx inner) { return inner.globals(); });
      ctx.globals().set(
          "next", traced([](const Object& g, const Context&, const Counted&) { return g; }, globals,
                         far, Counted()));
      ctx.globals().set("id", static_cast<int>(i));
    });
  }
  runtime->run_gc();
  expect_eval(contexts[0], "next().next().next().next().id", "number", "4");
  contexts.erase(contexts.begin() + 1, contexts.end());
  runtime->run_gc();
  EXPECT_EQ(Counted::live(), 6);
  expect_eval(contexts[0], "next().next().next().next().id", "number", "4");
  contexts.clear();
  runtime->run_gc();
  EXPECT_EQ(Counted::live(), 0);
}

TEST_F(TraceTest, AnUntracedHandleKeepsItsContextUntilTheEnd) {
  {
    const Context other(*runtime);
    other.with([](Ctx ctx) {
      ctx.globals().set("f", [globals = ctx.globals(), counted = Counted()] {});
      ctx.globals().set("g", traced([](Object&) {}, ctx.globals()));
    });
  }
  runtime->run_gc();
  EXPECT_EQ(Counted::live(), 1);
  runtime.reset();
  EXPECT_EQ(Counted::live(), 0);
}

TEST_F(TraceTest, AContextGoneWithJobsPending) {
  {
    const Context other(*runtime);
    other.with([](Ctx ctx) {
      ctx.globals().set("f", traced(
                                 [](Object& globals, const Counted&, int n) {
                                   globals.set("n", n);
                                   return n + 1;
                                 },
                                 ctx.globals(), Counted()));
      ctx.eval("Promise.resolve(1).then(f).then(f).then(f)");
    });
  }
  runtime->run_gc();
  EXPECT_EQ(Counted::live(), 1);
  runtime->run();
  runtime->run_gc();
  EXPECT_EQ(Counted::live(), 0);
}

TEST_F(TraceTest, CollectionInsideACallback) {
  with([&](Ctx ctx) {
    ctx.globals().set("gc", [this] { runtime->run_gc(); });
    for (int i = 0; i < 10; ++i) {
      const Object object(ctx);
      object.set("method", traced(
                               [this](Object& self, const Counted&) {
                                 runtime->run_gc();
                                 self.set("called", true);
                               },
                               object, Counted()));
      ctx.globals().set("o", object);
      ctx.eval("o.method(); if (!o.called) throw 1; o = null; gc()");
    }
  });
  with([](Ctx ctx) { ctx.eval("delete globalThis.o; gc()"); });
  EXPECT_EQ(Counted::live(), 0);
}

TEST_F(TraceTest, AContextIsGivenUpAndGarbageCollectedInsideIt) {
  std::optional<Context> other(*runtime);
  other->with([&](Ctx ctx) {
    ctx.globals().set("f",
                      traced([](Object&, const Counted&) { return 3; }, ctx.globals(), Counted()));
    other.reset();
    runtime->run_gc();
    expect_eval(ctx, "f()", "number", "3");
  });
  runtime->run_gc();
  EXPECT_EQ(Counted::live(), 0);
}

TEST_F(TraceTest, GarbageThatTheEngineCollectsByItself) {
  runtime->set_gc_threshold(std::size_t{64} << 10);
  int most = 0;
  with([&](Ctx ctx) {
    for (int i = 0; i < 3000; ++i) {
      const Object object(ctx);
      object.set("method", traced([](const std::vector<Value>&, const Telling&, const Counted&) {},
                                  std::vector<Value>{object, object, Value(ctx, "text")},
                                  Telling(object), Counted()));
      most = std::max(most, Counted::live());
    }
  });
  EXPECT_LT(most, 6000) << "no collection ran";
  runtime->run_gc();
  EXPECT_EQ(Counted::live(), 0);
}

// ---- all orders of ending ----------------------------------------------------------------------

TEST(TraceOrderTest, EveryOrderOfDestruction) {
  std::array<int, 5> order{0, 1, 2, 3, 4};
  int rounds = 0;
  do {
    {
      const NoneLeft none_left;
      std::optional<Runtime> runtime(std::in_place);
      std::optional<Context> first(*runtime);
      std::optional<Context> second(*runtime);
      std::optional<Object> handle;
      std::optional<std::shared_ptr<Link>> shared;
      first->with([&](Ctx a) {
        second->with([&](Ctx b) {
          handle.emplace(b.eval<Object>("({})"));
          shared.emplace(std::make_shared<Link>(Link{{}, a.globals()}));
          a.globals().set(
              "f", traced([](Object&, std::shared_ptr<Link>&, const Context&, const Counted&) {},
                          b.globals(), *shared, *second, Counted()));
          b.globals().set("f", traced([](Object&, Object&, const Counted&) {}, a.globals(), *handle,
                                      Counted()));
          handle->set("f", traced([](Object&, const Counted&) {}, *handle, Counted()));
        });
      });
      for (const int which : order) {
        switch (which) {
          case 0:
            runtime.reset();
            break;
          case 1:
            first.reset();
            break;
          case 2:
            second.reset();
            break;
          case 3:
            handle.reset();
            break;
          default:
            shared.reset();
            break;
        }
        if (runtime && rounds % 2 == 0) runtime->run_gc();
      }
    }
    ++rounds;
  } while (std::next_permutation(order.begin(), order.end()));
  EXPECT_EQ(rounds, 120);
}

TEST(TraceOrderTest, WithoutTheRuntimeEverythingGoesByItself) {
  const NoneLeft none_left;
  const Runtime runtime;
  {
    const Context first(runtime);
    const Context second(runtime);
    first.with([&](Ctx a) {
      second.with([&](Ctx b) {
        a.globals().set("f", traced([](Object&, const Context&, const Counted&) {}, b.globals(),
                                    second, Counted()));
        b.globals().set("f", traced([](Object&, const Context&, const Counted&) {}, a.globals(),
                                    first, Counted()));
      });
    });
    EXPECT_EQ(Counted::live(), 2);
  }
  // the last Context of each is in a function of the other
  Runtime& mutable_runtime = const_cast<Runtime&>(runtime);
  mutable_runtime.run_gc();
  EXPECT_EQ(Counted::live(), 0);
}

}  // namespace
}  // namespace quip::test

// Context::custom and ContextBuilder: contexts with a part of the standard library.
#include "support/js.hpp"

namespace quip::test {
namespace {

namespace in = quip::intrinsic;

class CustomContexts : public ::testing::Test {
 protected:
  Runtime runtime;
};

std::string text_of(const Error& error) { return show(error).text; }

TEST_F(CustomContexts, HaveWhatIsNamed) {
  const Context context = Context::custom<in::Eval, in::Json, in::MapSet>(runtime);
  expect_eval(context, "JSON.stringify([new Map([[1, 2]]).get(1)])", "string", "[2]");
  expect_eval(context, "[typeof Promise, typeof Date, typeof RegExp, typeof Proxy].join()",
              "string", "undefined,undefined,undefined,undefined");
  expect_eval(context, "[typeof Object, typeof Math, typeof Symbol, typeof Reflect].join()",
              "string", "function,object,function,object");
}

TEST_F(CustomContexts, EachTagAddsItsGlobals) {
  const auto has = [&]<class Tag>(Tag, const char* script) {
    const Context with = Context::custom<in::Eval, Tag>(runtime);
    expect_eval(with, script, "boolean", "true");
    const Context without = Context::custom<in::Eval>(runtime);
    EXPECT_FALSE(without.with([&](Ctx ctx) {
      const Result<bool> found = ctx.try_eval<bool>(script);
      return found && *found;
    })) << script;
  };
  has(in::Date(), "new Date(5).getTime() === 5");
  has(in::RegExp(), "/a(b)/.exec('ab')[1] === 'b'");
  has(in::Json(), "JSON.parse('[1]')[0] === 1");
  has(in::Proxy(), "new Proxy({}, { get: () => 1 }).x === 1");
  has(in::MapSet(), "new Set([1]).has(1) && new WeakMap().get({}) === undefined");
  has(in::TypedArrays(), "new Uint8Array(new ArrayBuffer(2)).length === 2");
  has(in::Promise(),
      "Promise.resolve(1) instanceof Promise && (async () => {})() instanceof Promise");
  has(in::WeakRef(), "new WeakRef(Object.prototype).deref() === Object.prototype");
}

TEST_F(CustomContexts, WhatTheEngineHasAnyway) {
  const Context context = Context::custom<in::Eval, in::BigInt, in::StringNormalize>(runtime);
  expect_eval(context, "BigInt(5) * 2n", "bigint", "10");
  expect_eval(context, "'a'.normalize()", "string", "a");
  EXPECT_TRUE(Intrinsics::always().has<in::BigInt>());
  EXPECT_TRUE(Intrinsics::all().contains(Intrinsics::always()));
}

TEST_F(CustomContexts, WhatTheEngineLacksIsAnError) {
  const auto check = [&]<class Tag>(Tag, const char* script, const std::string& name) {
    const Result<Context> made = Context::try_custom<in::Eval, Tag>(runtime);
    EXPECT_EQ(static_cast<bool>(made), Intrinsics::all().has<Tag>());
    if (made) {
      expect_eval(*made, script, "boolean", "true");
    } else {
      EXPECT_NE(made.error().message().find("has no intrinsic::" + name), std::string::npos);
    }
  };
  check(in::Performance(), "performance.now() >= 0", "Performance");
  check(in::DomException(), "new DOMException('m', 'AbortError').name === 'AbortError'",
        "DomException");
  check(in::Base64(), "atob(btoa('x')) === 'x' && typeof DOMException === 'function'", "Base64");
}

TEST_F(CustomContexts, Groups) {
  using Mine = in::Group<in::Eval, in::Group<in::Json, in::None>>;
  expect_eval(Context::custom<Mine>(runtime), "JSON.stringify([])", "string", "[]");
  expect_eval(Context::custom<in::All>(runtime), "typeof Promise + typeof WeakRef", "string",
              "functionfunction");
  static_assert(Intrinsics::of<Mine>().has<in::Json>());
  static_assert(!Intrinsics::of<in::None>().has<in::Json>());
  static_assert(Intrinsics::of<in::None>() == Intrinsics());
}

TEST_F(CustomContexts, TheWholeAndTheBase) {
  expect_eval(Context::full(runtime), "typeof Promise", "string", "function");
  const Context base = Context::base(runtime);
  base.with([](Ctx ctx) {
    EXPECT_TRUE(ctx.intrinsics().has<in::Eval>());
    EXPECT_FALSE(ctx.intrinsics().has<in::Promise>());
  });
  Context(runtime).with([](Ctx ctx) { EXPECT_EQ(ctx.intrinsics(), Intrinsics::all()); });
}

TEST_F(CustomContexts, TheBuilderChoosesAtRunTime) {
  for (const bool wants_dates : {false, true}) {
    ContextBuilder builder(runtime);
    builder.with<in::Eval, in::Json>();
    if (wants_dates) builder.with<in::Date>();
    EXPECT_EQ(builder.chosen().has<in::Date>(), wants_dates);
    const Context first = builder.build();
    const Context second = builder.build();
    EXPECT_NE(first, second);
    expect_eval(first, "typeof Date", "string", wants_dates ? "function" : "undefined");
  }
  const Context most = ContextBuilder(runtime).with<in::All>().without<in::Proxy>().build();
  expect_eval(most, "typeof Proxy + typeof Promise", "string", "undefinedfunction");
  Runtime gone;
  const ContextBuilder late(gone);
  const Runtime moved = std::move(gone);
  EXPECT_EQ(late.try_build().error().kind(), ErrorKind::runtime_gone);
}

TEST_F(CustomContexts, SecondWholeContextsHaveAllThatTheFirstHas) {
  const char* names = "Object.getOwnPropertyNames(globalThis).sort().join()";
  const Context first(runtime);
  const Context second(runtime);
  const auto read = [&](const Context& context) {
    return context.with([&](Ctx ctx) { return ctx.eval<std::string>(names); });
  };
  EXPECT_EQ(read(first), read(second));
}

// ---- what C++ asks of a context that lacks it --------------------------------------------------

TEST_F(CustomContexts, NoEval) {
  const Context context = Context::custom<in::Promise, in::TypedArrays>(runtime);
  context.with([](Ctx ctx) {
    const std::string missing =
        "TypeError: this context has no 'eval': it was made without intrinsic::Eval";
    EXPECT_EQ(show(ctx.try_eval("1")).text, missing);
    EXPECT_EQ(text_of(ctx.try_eval_module("1", "m").error()), missing);
    EXPECT_EQ(text_of(ctx.try_import("m").error()), missing);
    EXPECT_EQ(show(BigInt::try_make(ctx, "0x10000000000000005")).text, missing);
    EXPECT_EQ(text_of(Value(ctx, 1).try_loosely_equals(Value(ctx, "1")).error()), missing);
    EXPECT_THROW(ctx.eval("1"), Error);
    // what C++ binds needs none of it
    Object object(ctx);
    object.set("add", [](int a, int b) { return a + b; });
    EXPECT_EQ(object.get<Function>("add").call<int>(1, 2), 3);
    EXPECT_EQ(Value(ctx, std::int64_t{1} << 50).as<std::int64_t>(), std::int64_t{1} << 50);
    EXPECT_EQ(Value(ctx, std::vector<int>{1, 2}).as<std::vector<int>>(), (std::vector<int>{1, 2}));
    EXPECT_EQ(ArrayBuffer::copy_of(ctx, "abc").size(), 3U);
  });
}

Task<int> later() { co_return 5; }
Generator<int> counted() { co_yield 1; }
AsyncGenerator<int> counted_later() { co_yield 1; }

TEST_F(CustomContexts, NoPromise) {
  const Context context = Context::base(runtime);
  context.with([](Ctx ctx) {
    const std::string missing =
        "this context has no 'Promise': it was made without intrinsic::Promise";
    EXPECT_EQ(ctx.try_spawn(later()).error().message(), missing);
    const auto refused = [&](auto make) {
      try {
        (void)make();
      } catch (const Error& error) {
        return error.message();
      }
      return std::string("made");
    };
    EXPECT_EQ(refused([&] { return Promise<int>::resolved(ctx, 1); }), missing);
    EXPECT_EQ(refused([&] { return Promise<int>::rejected(ctx, Error::plain("x")); }), missing);
    EXPECT_EQ(refused([&] { return Deferred<int>(ctx); }), missing);
    EXPECT_EQ(refused([&] { return Promise<>::race(ctx, {}); }), missing);
    EXPECT_EQ(ctx.try_eval_module("1", "m").error().message(), missing);
    EXPECT_EQ(ctx.try_import("m").error().message(), missing);
    ctx.globals().set("later", &later);
    EXPECT_EQ(show(ctx.try_eval("later()")).text, "TypeError: " + missing);
    ctx.globals().set("counted", &counted);
    EXPECT_EQ(ctx.eval<int>("[...counted()].length"), 1);
    ctx.globals().set("countedLater", &counted_later);
    EXPECT_FALSE(ctx.try_eval("countedLater().next()"));
  });
  runtime.run();
}

TEST_F(CustomContexts, AsyncFunctionsWithoutPromisesEndWithTheirRuntime) {
  // the engine would not free them unless it had promises somewhere before
  Runtime fresh;
  const Context context = Context::base(fresh);
  context.with([](Ctx ctx) {
    (void)ctx.try_eval("globalThis.f = async () => { await 1 }; f(); 0");
    (void)ctx.try_eval("globalThis.g = async function* () { yield 1 }; g().next(); 0");
    (void)ctx.try_eval("(async () => { for await (const x of [1]) ; })(); 0");
  });
  while (fresh.is_job_pending()) (void)fresh.try_execute_pending_job();
}

TEST_F(CustomContexts, TheOthers) {
  const Context context = Context::base(runtime);
  context.with([](Ctx ctx) {
    const auto missing = [](const std::string& name, const std::string& tag) {
      return "TypeError: this context has no '" + name + "': it was made without intrinsic::" + tag;
    };
    EXPECT_EQ(show(Map::try_make(ctx)).text, missing("Map", "MapSet"));
    EXPECT_EQ(show(Set::try_make(ctx)).text, missing("Set", "MapSet"));
    EXPECT_EQ(show(Date::try_make(ctx, 0.0)).text, missing("Date", "Date"));
    EXPECT_EQ(show(RegExp::try_make(ctx, "x")).text, missing("RegExp", "RegExp"));
    EXPECT_EQ(show(Proxy::try_make(ctx, Object(ctx), Object(ctx))).text, missing("Proxy", "Proxy"));
    EXPECT_EQ(show(WeakRef::try_make(ctx, Object(ctx))).text, missing("WeakRef", "WeakRef"));
    EXPECT_EQ(show(ArrayBuffer::try_make(ctx, 1)).text, missing("ArrayBuffer", "TypedArrays"));
    EXPECT_EQ(show(TypedArray<int>::try_make(ctx, 1)).text, missing("ArrayBuffer", "TypedArrays"));
    // JSON in C++ is C++'s
    EXPECT_EQ(json::parse(ctx, "[1]").as<std::vector<int>>(), std::vector<int>{1});
    EXPECT_EQ(json::stringify(json::parse(ctx, "[1]")), "[1]");
  });
}

TEST_F(CustomContexts, AGlobalThatAScriptTookAwayIsAnotherMatter) {
  const Context context(runtime);
  context.with([](Ctx ctx) {
    ctx.eval("delete globalThis.Map");
    EXPECT_EQ(show(Map::try_make(ctx)).text, "TypeError: this context has no 'Map'");
  });
}

TEST_F(CustomContexts, ValuesTravelIntoThem) {
  const Context whole(runtime);
  const Context small = Context::custom<in::Eval>(runtime);
  const Value map = whole.with([](Ctx ctx) { return ctx.eval("new Map([[1, 'one']])"); });
  small.with([&](Ctx ctx) {
    ctx.globals().set("m", map);
    EXPECT_EQ(ctx.eval<std::string>("m.get(1)"), "one");
  });
}

TEST_F(CustomContexts, EndOneByOneInAnyOrder) {
  for (const bool first_first : {true, false}) {
    auto whole = std::make_unique<Context>(runtime);
    auto small = std::make_unique<Context>(Context::custom<in::Eval, in::Promise>(runtime));
    Value kept = small->with([](Ctx ctx) { return ctx.eval("({ f: () => 5 })"); });
    whole->with([&](Ctx ctx) { ctx.globals().set("theirs", kept); });
    if (first_first) {
      whole.reset();
      EXPECT_EQ(kept.as<Object>().get<Function>("f").call<int>(), 5);
      small.reset();
    } else {
      small.reset();
      kept = Value();
      runtime.run_gc();
      expect_eval(*whole, "theirs.f()", "number", "5");
      whole.reset();
    }
    runtime.run_gc();
  }
}

TEST_F(CustomContexts, ShortMemoryIsAnError) {
  Runtime small;
  const auto used = static_cast<std::size_t>(small.memory_usage().malloc_size);
  small.set_memory_limit(used + 1000);
  EXPECT_EQ((Context::try_custom<in::Eval, in::Json>(small).error().kind()),
            ErrorKind::out_of_memory);
  small.set_memory_limit(0);
  EXPECT_TRUE((Context::try_custom<in::Eval, in::Json>(small)));
}

TEST_F(CustomContexts, AreRefusedByARuntimeThatIsGone) {
  Runtime gone;
  const Runtime moved = std::move(gone);
  EXPECT_EQ(Context::try_custom<in::Eval>(gone).error().kind(), ErrorKind::runtime_gone);
  EXPECT_THROW((void)Context::custom<in::Eval>(gone), RuntimeGone);
}

TEST_F(CustomContexts, AreSmaller) {
  // both with all that the runtime makes once already made
  const Context warm(runtime);
  const Context warm_base = Context::base(runtime);
  const auto size_of = [&](auto make) {
    runtime.run_gc();
    const std::int64_t before = runtime.memory_usage().malloc_size;
    const Context made = make();
    return runtime.memory_usage().malloc_size - before;
  };
  const auto whole = size_of([&] { return Context(runtime); });
  const auto small = size_of([&] { return Context::custom<in::Eval, in::Json>(runtime); });
  EXPECT_LT(small, whole * 3 / 4);
}

// ---- where scripts are -------------------------------------------------------------------------

TEST_F(CustomContexts, TheNameOfTheScriptThatRuns) {
  const Context context(runtime);
  context.with([](Ctx ctx) {
    EXPECT_EQ(ctx.script_or_module_name(), std::nullopt);
    ctx.globals().set("here", [](Ctx inner) { return inner.script_or_module_name(); });
    ctx.globals().set("above", [n = 1](Ctx inner) { return inner.script_or_module_name(n); });
    EXPECT_EQ(ctx.eval<std::string>("here()", {.filename = "a.js"}), "a.js");
    ctx.eval("function outer() { return above() }", {.filename = "a.js"});
    EXPECT_EQ(ctx.eval<std::string>("outer()", {.filename = "b.js"}), "b.js");
    EXPECT_EQ(ctx.script_or_module_name(-1), std::nullopt);
    EXPECT_EQ(ctx.script_or_module_name(1000), std::nullopt);
    ctx.eval_module("globalThis.found = here()", "a/module.js");
    EXPECT_EQ(ctx.eval<std::string>("found"), "a/module.js");
  });
}

}  // namespace
}  // namespace quip::test

// Memory that runs out: an error of its kind, or success; never a crash, a leak, or a broken
// runtime.
//
// The workloads are big strings, arrays, buffers and objects. Left out is what engines end of on
// their own: no memory in the parser, in the regular expression compiler, or for the properties of
// the very Error object that is to tell of it.
#include "support/counted.hpp"
#include "support/js.hpp"

#include <cstdint>

namespace quip::test {
namespace {

/// A runtime that has so many bytes left.
class ShortOfMemory {
 public:
  explicit ShortOfMemory(std::int64_t left) { limit(left); }
  void limit(std::int64_t left) {
    runtime.run_gc();
    runtime.set_memory_limit(static_cast<std::size_t>(runtime.memory_usage().malloc_size + left));
  }
  void lift() { runtime.set_memory_limit(0); }

  Runtime runtime;
  Context context{runtime};
};

/// What the engine throws when memory is short: an error that says so or, when there is no room
/// for that, one without its message, or null.
void expect_out_of_memory(const Error& error, std::string_view what = "") {
  const bool bare = (error.name() == "InternalError" && error.message().empty()) ||
                    (error.kind() == ErrorKind::thrown && error.value().is_null());
  EXPECT_TRUE(error.kind() == ErrorKind::out_of_memory || bare) << what << ": " << error.what();
}

TEST(MemoryTest, ScriptsThatNeverStopAllocating) {
  for (const char* script : {
           "{ const a = []; for (;;) a.push(new Uint8Array(100000)); }",
           "{ const a = []; for (;;) a.push('x'.repeat(100000)); }",
           "{ const a = []; for (;;) a.push(new Array(10000).fill(0)); }",
           "{ let a = new Array(1000).fill(1); for (;;) a = a.concat(a); }",
           "{ let s = 'x'.repeat(10000); for (;;) s = s.padEnd(s.length * 2); }",
           "new Array(1 << 26).fill(0)",
           "'x'.repeat(1 << 28)",
           "new ArrayBuffer(1 << 28)",
           "JSON.stringify(new Array(100000).fill('some text'))",
           "new Uint8Array(60000).join().repeat(3).split(',')",
       }) {
    ShortOfMemory js(300000);
    const Result<Value> result = js.context.with([&](Ctx ctx) { return ctx.try_eval(script); });
    ASSERT_FALSE(result) << script;
    expect_out_of_memory(result.error(), script);
    js.lift();
    expect_eval(js.context, "[1, 2].map(n => n + 1).join()", "string", "2,3");
  }
}

TEST(MemoryTest, ScriptsCatchItAndGoOn) {
  ShortOfMemory js(300000);
  expect_eval(js.context, R"(
    let caught = 0;
    for (let i = 0; i < 5; ++i) {
      try { 'x'.repeat(1 << 28); } catch (e) { ++caught; }
    }
    caught
  )",
              "number", "5");
}

/// Runs the operation with less and less memory left, from plenty to none.
template <class Operation>
void with_less_and_less(Operation&& operation) {
  const NoneLeft none_left;
  int succeeded = 0;
  int failed = 0;
  ShortOfMemory js(1 << 20);
  for (std::int64_t left = 20000; left >= 0; left -= left > 2000 ? 1500 : 40) {
    js.limit(left);
    const Result<void> outcome =
        js.context.with([&](Ctx ctx) -> Result<void> { return operation(ctx); });
    if (outcome) {
      ++succeeded;
    } else {
      ++failed;
      expect_out_of_memory(outcome.error());
    }
    js.lift();
    js.context.with([](Ctx ctx) { EXPECT_EQ(ctx.eval<int>("1 + 1"), 2); });
  }
  EXPECT_GT(succeeded, 0);
  EXPECT_GT(failed, 0);
}

TEST(MemoryTest, BindingFunctions) {
  with_less_and_less([](const Ctx& ctx) -> Result<void> {
    Result<Object> object = Object::try_make(ctx);
    if (!object) return object.error();
    for (int i = 0; i < 10; ++i) {
      Result<void> set = object->try_set("stateful" + std::to_string(i),
                                         [counted = Counted()](int n) { return n; });
      if (!set) return set;
      set = object->try_set("stateless" + std::to_string(i), [](int n) { return n; });
      if (!set) return set;
    }
    return {};
  });
}

TEST(MemoryTest, StringsBothWays) {
  // ASCII: an engine that has no room for the UTF-8 copy of other text loses a reference to it
  with_less_and_less([text = std::string(3000, 'x')](const Ctx& ctx) -> Result<void> {
    Result<String> string = String::try_make(ctx, text);
    if (!string) return string.error();
    const Result<std::string> back = string->try_to_string();
    if (!back) return back.error();
    EXPECT_EQ(*back, text);
    const Result<std::string> display = string->try_to_display_string();
    if (!display) return display.error();
    return {};
  });
}

TEST(MemoryTest, ContainersBothWays) {
  with_less_and_less([](const Ctx& ctx) -> Result<void> {
    const std::map<std::string, std::vector<std::string>> map{
        {"a", {"b", "c"}}, {"d", std::vector<std::string>(50, "text")}};
    Result<Value> value = Value::try_make(ctx, map);
    if (!value) return value.error();
    const auto back = value->try_as<std::map<std::string, std::vector<std::string>>>();
    if (!back) return back.error();
    EXPECT_EQ(*back, map);
    return {};
  });
}

TEST(MemoryTest, PropertiesKeysAndSymbols) {
  with_less_and_less([](const Ctx& ctx) -> Result<void> {
    Result<Object> object = Object::try_make(ctx);
    if (!object) return object.error();
    for (int i = 0; i < 20; ++i) {
      const Result<Atom> atom = Atom::try_make(ctx, "a name of its own " + std::to_string(i));
      if (!atom) return atom.error();
      if (Result<void> set = object->try_set(*atom, i); !set) return set;
      const Result<Symbol> symbol = Symbol::try_make(ctx, "symbol");
      if (!symbol) return symbol.error();
      if (Result<void> set = object->try_set(*symbol, i); !set) return set;
    }
    const auto keys = object->try_keys();
    if (!keys) return keys.error();
    EXPECT_EQ(keys->size(), 20U);
    return {};
  });
}

TEST(MemoryTest, CallsBothWays) {
  ShortOfMemory js(1 << 20);
  std::optional<Function> make;
  js.context.with([&](Ctx ctx) {
    ctx.globals().set("native",
                      [text = std::string(100000, 'x')](const Function& f) -> Result<std::string> {
                        Result<std::string> result = f.try_call<std::string>(text);
                        if (!result) return result.error();
                        return *result + text;
                      });
    make = ctx.eval<Function>(
        "n => { let s = ''; for (let i = 0; i < n; ++i) s += native(t => t + i); return s; }");
    EXPECT_EQ(make->call<std::string>(2).size(), 400002U);
  });
  int failed = 0;
  for (std::int64_t left = 1550000; left > 0; left -= 100000) {
    js.limit(left);
    js.context.with([&](Ctx) {
      const Result<std::string> result = make->try_call<std::string>(5);
      if (!result) {
        ++failed;
        expect_out_of_memory(result.error());
      }
    });
    js.lift();
  }
  EXPECT_GT(failed, 0);
}

TEST(MemoryTest, CppExceptionsWithoutMemory) {
  const NoneLeft none_left;
  struct Thrown : std::runtime_error {
    using std::runtime_error::runtime_error;
    Counted counted;
  };
  ShortOfMemory js(1 << 20);
  std::optional<Function> fail;
  js.context.with([&](Ctx ctx) {
    ctx.globals().set("fail", [] { throw Thrown(std::string(100000, 'm')); });
    fail = ctx.eval<Function>("() => fail()");
  });
  for (const std::int64_t left : {1000000, 50000, 800000, 30000}) {
    js.limit(left);
    js.context.with([&](Ctx) {
      const Result<Value> result = fail->try_call();
      ASSERT_FALSE(result);
      if (result.error().origin() == nullptr) expect_out_of_memory(result.error());
    });
    js.lift();
  }
}

TEST(MemoryTest, JobsWithoutMemory) {
  const NoneLeft none_left;
  for (std::int64_t left = 2050000; left > 0; left -= 200000) {
    ShortOfMemory js(1 << 20);
    js.context.with([](Ctx ctx) {
      ctx.globals().set("f",
                        [counted = Counted()](Rest<Value>) { return std::string(100000, 'x'); });
      ctx.eval("for (let i = 0; i < 10; ++i) Promise.resolve(i).then(f).then(f)");
    });
    js.limit(left);
    for (int i = 0; i < 100 && js.runtime.is_job_pending(); ++i)
      (void)js.runtime.try_execute_pending_job();
  }
}

TEST(MemoryTest, ContextsWithoutMemory) {
  Runtime runtime;
  const Context first(runtime);
  int failed = 0;
  for (std::size_t left = 0; left < 200000; left = left * 2 + 1000) {
    runtime.run_gc();
    runtime.set_memory_limit(static_cast<std::size_t>(runtime.memory_usage().malloc_size) + left);
    const Result<Context> made = Context::try_make_base(runtime);
    if (!made) {
      ++failed;
      EXPECT_EQ(made.error().kind(), ErrorKind::out_of_memory);
    }
    runtime.set_memory_limit(0);
    expect_eval(first, "1 + 1", "number", "2");
  }
  EXPECT_GT(failed, 0);
}

}  // namespace
}  // namespace quip::test

// Promise: looking at one from C++.
#include "support/counted.hpp"
#include "support/js.hpp"

namespace quip::test {
namespace {

TEST_F(JsTest, StatesOfPromises) {
  EXPECT_EQ(eval<Promise<>>("new Promise(() => {})").state(), PromiseState::pending);
  EXPECT_EQ(eval<Promise<>>("Promise.resolve(1)").state(), PromiseState::fulfilled);
  const Promise<> rejected = eval<Promise<>>("Promise.reject(1)");
  EXPECT_EQ(rejected.state(), PromiseState::rejected);
  const Promise<> later = eval<Promise<>>("(async () => { await null; return 5; })()");
  EXPECT_EQ(later.state(), PromiseState::pending);
  runtime.run();
  EXPECT_EQ(later.state(), PromiseState::fulfilled);
  EXPECT_EQ(later.result<int>(), 5);
}

TEST_F(JsTest, ResultsOfPromises) {
  const Promise<> pending = eval<Promise<>>("new Promise(() => {})");
  EXPECT_EQ(pending.try_result().error().kind(), ErrorKind::usage);
  EXPECT_THROW((void)pending.result(), Error);
  EXPECT_THROW((void)pending.result<void>(), Error);
  const Promise<> text = eval<Promise<>>("Promise.resolve('text')");
  EXPECT_EQ(text.result<std::string>(), "text");
  EXPECT_EQ(text.result().as<std::string>(), "text");
  text.result<void>();
  EXPECT_EQ(text.try_result<int>().error().kind(), ErrorKind::conversion);
  const Promise<> rejected = eval<Promise<>>("Promise.reject(new RangeError('no'))");
  EXPECT_EQ(show(rejected.try_result()).text, "RangeError: no");
  EXPECT_EQ(show(rejected.try_result<void>()).text, "RangeError: no");
  EXPECT_THROW((void)rejected.result<int>(), Error);
  EXPECT_EQ(show(rejected.try_result()).text, "RangeError: no");  // again
  EXPECT_EQ(show(eval<Promise<>>("Promise.reject('text')").try_result()).text, "text");
  expect_eval("1 + 1", "number", "2");
}

TEST_F(JsTest, ReadingAResultRunsNoScript) {
  with([](Ctx ctx) {
    const Promise<> promise = ctx.eval<Promise<>>(R"(
      globalThis.calls = 0;
      const p = Promise.resolve({get then() { ++calls; return undefined; }});
      calls = 0;
      Object.defineProperty(p, 'then', {get() { ++calls; }});
      Object.defineProperty(p, 'constructor', {get() { ++calls; }});
      p)");
    EXPECT_NE(promise.state(), PromiseState::rejected);
    (void)promise.try_result();
    expect_eval(ctx, "calls", "number", "0");
  });
}

TEST_F(JsTest, OnlyPromisesArePromises) {
  for (const char* script : {"({then() {}})", "new Proxy(Promise.resolve(1), {})", "5", "Promise",
                             "Object.create(Promise.prototype)"}) {
    EXPECT_EQ(try_eval<Promise<>>(script).error().kind(), ErrorKind::conversion) << script;
  }
  EXPECT_TRUE(try_eval<Promise<>>("new (class extends Promise {})(() => {})").has_value());
}

TEST_F(JsTest, NativeReactions) {
  const NoneLeft none_left;
  std::string order;
  define("log", [&order, counted = Counted()](const Value& value) {
    order += value.to_display_string() + ";";
  });
  define("fail", [](Rest<>) { throw std::runtime_error("from C++"); });
  define("reject", []() -> Result<int> { return Error::type("returned"); });
  eval(R"(
    Promise.resolve('a').then(log);
    Promise.reject('b').catch(log);
    Promise.resolve().then(fail).catch(e => log(e.message));
    Promise.resolve().then(() => reject()).catch(e => log(e.name));
    Promise.resolve('c').finally(() => log('f')).then(log);
  )");
  runtime.run();
  EXPECT_THAT(order, ::testing::HasSubstr("a;"));
  EXPECT_THAT(order, ::testing::HasSubstr("b;"));
  EXPECT_THAT(order, ::testing::HasSubstr("from C++;"));
  EXPECT_THAT(order, ::testing::HasSubstr("TypeError;"));
  EXPECT_THAT(order, ::testing::HasSubstr("f;"));
  EXPECT_TRUE(order.ends_with("c;") || order.find("c;") > order.find("f;")) << order;
  define("log", 0);
  runtime.run_gc();
}

TEST_F(JsTest, AwaitOfNativeResults) {
  define("number", [] { return 20; });
  define("promise", [](Ctx ctx) { return ctx.eval<Promise<>>("Promise.resolve(22)"); });
  const Promise<> promise = eval<Promise<>>("(async () => await number() + await promise())()");
  runtime.run();
  EXPECT_EQ(promise.result<int>(), 42);
}

}  // namespace
}  // namespace quip::test

// What the call of a coroutine was made with stays until the coroutine ends.
#include "support/counted.hpp"
#include "support/js.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace quip::test {

class Tool {
 public:
  explicit Tool(std::string name) : name_(std::move(name)) {}
  Task<std::string> name_later() const {
    co_await yield();
    co_return name_;
  }
  Task<std::string> with(const Tool& other, Tool* maybe) const {
    co_await yield();
    co_return name_ + other.name_ + (maybe == nullptr ? "-" : maybe->name_);
  }
  Task<std::string> operator()(std::string text) {
    co_await yield();
    co_return name_ + text;
  }
  Counted counted;
  std::string name_;
};
void define(ClassDef<Tool>& def) {
  def.constructor([](std::string name) { return std::make_unique<Tool>(std::move(name)); })
      .method<&Tool::name_later>("nameLater")
      .method<&Tool::with>()
      .callable<&Tool::operator()>();
  def.method("captured",
             [text = std::string("a text that is captured"),
              counted = Counted()](const Tool& tool) -> Task<std::string> {
               co_await yield();
               co_return tool.name_ + text;
             });
}

namespace {

using namespace std::chrono_literals;

class KeptCallTest : public JsTest {
 protected:
  void SetUp() override {
    with([](Ctx ctx) { ctx.globals().set("Tool", Instance<Tool>::constructor(ctx)); });
    define("takes", [](std::unique_ptr<Tool> tool) { return tool->name_; });
  }
  /// A script whose value is a promise; garbage is collected before that goes on.
  std::string run(const std::string& script) {
    Result<Promise<>> promise = try_eval<Promise<>>(script);
    if (!promise) return promise.error().name() + ": " + promise.error().message();
    runtime.run_gc();
    const Result<Value> result = promise->try_finish();
    if (!result) return result.error().name() + ": " + result.error().message();
    return result->to_display_string();
  }
};

TEST_F(KeptCallTest, ThisAndArgumentsStay) {
  const int before = Counted::live();
  EXPECT_EQ(run("new Tool('a').nameLater()"), "a");
  EXPECT_EQ(run("new Tool('a').with(new Tool('b'), new Tool('c'))"), "abc");
  EXPECT_EQ(run("new Tool('a').with(new Tool('b'), null)"), "ab-");
  EXPECT_EQ(run("new Tool('a')('b')"), "ab");
  runtime.run_gc();
  EXPECT_EQ(Counted::live(), before);
}

TEST_F(KeptCallTest, NobodyTakesThemMeanwhile) {
  EXPECT_EQ(run(R"((async () => {
      const a = new Tool('a'), b = new Tool('b'), c = new Tool('c');
      const pending = a.with(b, c);
      const seen = [];
      for (const tool of [a, b, c]) { try { takes(tool) } catch (e) { seen.push(e.name) } }
      seen.push(await pending);
      for (const tool of [a, b, c]) seen.push(takes(tool));
      return seen.join() })())"),
            "TypeError,TypeError,TypeError,abc,a,b,c");
}

TEST_F(KeptCallTest, WhatAGeneratorWasCalledWithCanBeTakenWhenItIsGarbage) {
  define("names", [](const Tool& tool) -> Generator<std::string> {
    co_yield tool.name_;
    co_yield tool.name_;
  });
  EXPECT_EQ(run(R"(globalThis.tool = new Tool('a');
      (async () => { const it = names(tool); it.next();
                     try { takes(tool) } catch (e) { return e.name } })())"),
            "TypeError");
  runtime.run_gc();
  EXPECT_EQ(eval<std::string>("takes(tool)"), "a");
}

TEST_F(KeptCallTest, CapturesStayWithTheFunction) {
  const int before = Counted::live();
  with([](Ctx ctx) {
    Object globals = ctx.globals();
    const auto capture = [](std::string text) {
      return [text, counted = Counted()](int) -> Task<std::string> {
        co_await yield();
        co_return text;
      };
    };
    globals.set("plain", capture("a text of the plain one"));
    globals.set("named", fn("named", capture("a text of the named one"), arg("n") = 1));
    globals.set("either", overload(capture("a text of the first one"),
                                   [](std::string text) { return text; }));
    globals.set("once", once(capture("a text of the only one")));
  });
  EXPECT_EQ(run("const p = plain(1); delete globalThis.plain; p"), "a text of the plain one");
  EXPECT_EQ(run("const n = named(); delete globalThis.named; n"), "a text of the named one");
  EXPECT_EQ(run("const e = either(1); const f = either(1.0); delete globalThis.either; e"),
            "a text of the first one");
  EXPECT_EQ(run("const o = once(1); try { once(2) } catch {} delete globalThis.once; o"),
            "a text of the only one");
  EXPECT_EQ(run("new Tool('a ').captured()"), "a a text that is captured");
  runtime.run_gc();
  EXPECT_EQ(Counted::live(), before);
}

TEST_F(KeptCallTest, AResultOfATaskKeepsThemToo) {
  define("checked", [](Tool& tool, bool is_right) -> Result<Task<std::string>> {
    if (!is_right) return Error::range("it is not");
    return tool.name_later();
  });
  EXPECT_EQ(run("checked(new Tool('a'), true)"), "a");
  EXPECT_EQ(run("checked(new Tool('a'), false)"), "RangeError: it is not");
}

TEST_F(KeptCallTest, EverythingEndsWithTheRuntime) {
  const NoneLeft none_left;
  Runtime doomed;
  std::optional<Context> in(doomed);
  in->with([](Ctx ctx) {
    ctx.globals().set("Tool", Instance<Tool>::constructor(ctx));
    ctx.globals().set("forever", [counted = Counted()](const Tool&) -> Task<> {
      const Counted local;
      co_await sleep(1h);
    });
    ctx.eval("forever(new Tool('a')); new Tool('b').nameLater()");
  });
  in.reset();
}

}  // namespace
}  // namespace quip::test

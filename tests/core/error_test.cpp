// Errors in both directions: what they tell, and that they stay the same across the border.
#include "support/counted.hpp"
#include "support/js.hpp"

#include <new>
#include <stdexcept>
#include <system_error>
#include <typeinfo>

namespace quip::test {
namespace {

// ---- JavaScript to C++
// ---------------------------------------------------------------------------

Error error_of(const Context& context, std::string_view script, const EvalOptions& options = {}) {
  Result<Value> result = context.with([&](Ctx ctx) { return ctx.try_eval(script, options); });
  EXPECT_FALSE(result.has_value()) << script;
  return result ? Error::plain("did not throw") : result.error();
}

TEST_F(JsTest, AScriptsErrorTellsAllOfIt) {
  const Error error = error_of(context, R"(function inner(n) {
  if (n === 0) throw new RangeError('out of it');
  inner(n - 1);
}
function outer() { inner(2); }
outer())",
                               {.filename = "some/script.js"});
  EXPECT_EQ(error.kind(), ErrorKind::thrown);
  EXPECT_EQ(error.name(), "RangeError");
  EXPECT_TRUE(error.is("RangeError"));
  EXPECT_FALSE(error.is("Error"));
  EXPECT_EQ(error.message(), "out of it");
  EXPECT_EQ(error.file(), "some/script.js");
  EXPECT_EQ(error.line(), 2);
  EXPECT_GT(error.column(), 0);
  EXPECT_EQ(error.cause(), nullptr);
  EXPECT_EQ(error.origin(), nullptr);
  EXPECT_TRUE(error.value().is_error());
  EXPECT_THAT(error.stack(),
              ::testing::ContainsRegex("inner.*some/script.js:2(.|\n)*outer.*some/script.js:5"));
  EXPECT_THAT(error.what(), ::testing::StartsWith("RangeError: out of it\n"));
  EXPECT_THAT(error.what(), ::testing::HasSubstr("some/script.js:2"));
}

TEST_F(JsTest, ErrorsThatScriptsThrow) {
  for (const auto& [script, name, message] :
       std::vector<std::tuple<const char*, const char*, const char*>>{
           {"throw new Error('e')", "Error", "e"},
           {"throw new Error()", "Error", ""},
           {"throw Error('e')", "Error", "e"},
           {"class MyError extends TypeError { get name() { return 'MyError'; } } throw new "
            "MyError('m')",
            "MyError", "m"},
           {"const e = new Error('e'); e.name = 'Renamed'; throw e", "Renamed", "e"},
           {"const f = new Error('e'); f.message = 5; throw f", "Error", ""},
           {"throw new AggregateError([1], 'several')", "AggregateError", "several"},
           {"throw 'text'", "", "text"},
           {"throw ''", "", ""},
           {"throw 5", "", "5"},
           {"throw 5n", "", "5"},
           {"throw null", "", "null"},
           {"throw undefined", "", "undefined"},
           {"throw false", "", "false"},
           {"throw {name: 'Error', message: 'looks like one'}", "", "[object Object]"},
           {"throw {toString() { return 'by toString'; }}", "", "by toString"},
           {"throw [1, [2]]", "", "1,2"},
           {"throw () => 1", "", "() => 1"},
       }) {
    const Error error = error_of(context, script);
    EXPECT_EQ(error.name(), name) << script;
    EXPECT_EQ(error.message(), message) << script;
    EXPECT_EQ(error.kind(), ErrorKind::thrown) << script;
  }
}

TEST_F(JsTest, ThrownValuesAreKept) {
  EXPECT_TRUE(error_of(context, "throw null").value().is_null());
  EXPECT_TRUE(error_of(context, "throw undefined").value().is_undefined());
  EXPECT_EQ(error_of(context, "throw 5").value().as<int>(), 5);
  EXPECT_TRUE(error_of(context, "throw Symbol('s')").value().is_symbol());
  const Error error = error_of(context, "throw globalThis.thrown = {a: 1}");
  EXPECT_TRUE(error.value() == eval("thrown"));
}

TEST_F(JsTest, ErrorsWhoseReadingThrows) {
  for (const char* script : {
           "throw {toString() { throw 1; }}",
           "throw {toString() { throw this; }}",
           "throw {toString() { return {}; }, valueOf() { return {}; }}",
           "throw Object.create(null)",
           "throw Symbol('no text')",
           "throw {get toString() { throw new Error('deep'); }}",
           "throw {toString: function f() { return f(); }}",
           "throw new Proxy({}, {get() { throw 'trap'; }, getOwnPropertyDescriptor() { throw "
           "'trap'; }})",
           "throw new Proxy(new Error('e'), {get() { throw 'trap'; }})",
           "{ const r = Proxy.revocable({}, {}); r.revoke(); throw r.proxy }",
           "{ const r = Proxy.revocable(function () {}, {}); r.revoke(); throw r.proxy }",
           "{ const e = new Error('e'); Object.defineProperty(e, 'message', {get() { throw 1; }}); "
           "throw e }",
           "{ const e = new Error('e'); Object.defineProperty(e, 'name', {get() { throw e; }}); "
           "throw e }",
           "{ const e = new Error('e'); Object.defineProperty(e, 'stack', {get() { throw e; }}); "
           "throw e }",
           "{ const e = new Error('e'); Object.defineProperty(e, 'cause', {get() { throw e; }}); "
           "throw e }",
           "{ const e = new Error('e'); e.name = {toString() { throw 1; }}; throw e }",
           "{ const e = new Error('e'); e.stack = Symbol(); e.message = Symbol(); throw e }",
       }) {
    const Error error = error_of(context, script);
    EXPECT_EQ(error.kind(), ErrorKind::thrown) << script;
    EXPECT_NE(error.what(), nullptr);
    // nothing is left behind
    expect_eval("1 + 1", "number", "2");
  }
}

TEST_F(JsTest, GettersOfAnErrorThatChangeIt) {
  const Error error = error_of(context, R"(
    const e = new Error('first');
    Object.defineProperty(e, 'name', {get() { delete e.stack; e.cause = e; return 'Tricky'; }});
    throw e)");
  EXPECT_EQ(error.name(), "Tricky");
  EXPECT_EQ(error.message(), "first");
}

TEST_F(JsTest, ChainsAndRingsOfCauses) {
  const Error error = error_of(context,
                               "throw new Error('a', {cause: new TypeError('b', {cause: new "
                               "RangeError('c', {cause: 'd'})})})");
  ASSERT_NE(error.cause(), nullptr);
  EXPECT_EQ(error.cause()->name(), "TypeError");
  ASSERT_NE(error.cause()->cause(), nullptr);
  EXPECT_EQ(error.cause()->cause()->message(), "c");
  EXPECT_EQ(error.cause()->cause()->cause(), nullptr);  // no Error object
  EXPECT_EQ(error.cause()->cause()->value().as<Object>().get<std::string>("cause"), "d");

  for (const char* script :
       {"const e = new Error('ring'); e.cause = e; throw e",
        "const a = new Error('ring'), b = new Error('b', {cause: a}); a.cause = b; throw a",
        "let last = new Error('end'); for (let i = 0; i < 1000; ++i) last = new Error('ring', "
        "{cause: last}); "
        "throw last",
        "class E extends Error { get cause() { return new E('ring'); } } throw new E('ring')"}) {
    const Error ring = error_of(context, script);
    EXPECT_EQ(ring.message(), "ring");
    int length = 0;
    for (const Error* cause = ring.cause(); cause != nullptr; cause = cause->cause()) ++length;
    EXPECT_GT(length, 2);
    EXPECT_LT(length, 100);
  }
}

TEST_F(JsTest, StacksOfNativeFunctionsAndOfOthersMaking) {
  define("native", [](const Function& f) { return f.call(); });
  const Error through = error_of(context, "native(function callback() { throw new Error('e'); })",
                                 {.filename = "file.js"});
  EXPECT_EQ(through.file(), "file.js");
  EXPECT_THAT(through.stack(), ::testing::HasSubstr("callback"));
  // an error made in one place and thrown in another belongs to the first
  const Error made =
      error_of(context, "const e = new Error('made');\n\n\nthrow e", {.filename = "m.js"});
  EXPECT_EQ(made.line(), 1);
  // a stack that is no stack
  const Error odd = error_of(context,
                             "const o = new Error('o'); Object.defineProperty(o, 'stack', {value: "
                             "'a (b:c:d)\\nat :::\\n at (\\n at x)\\n)'}); throw o");
  EXPECT_EQ(odd.line(), 0);
  const Error dated = error_of(context,
                               "const p = new Error('p'); Object.defineProperty(p, 'stack', "
                               "{value: '    at f (dir/c d:e.js:12:34)'}); throw p");
  EXPECT_EQ(dated.file(), "dir/c d:e.js");
  EXPECT_EQ(dated.line(), 12);
  EXPECT_EQ(dated.column(), 34);
}

TEST_F(JsTest, TextsOfAnyLengthAndContent) {
  const std::string longer = "start " + std::string(5000, 'x') + " end";
  define("text", longer);
  EXPECT_EQ(error_of(context, "throw new Error(text)").message(), longer);
  EXPECT_EQ(error_of(context, "throw text").message(), longer);
  EXPECT_EQ(error_of(context, "throw new Error('a\\0b')").message(), std::string("a\0b", 3));
  EXPECT_EQ(error_of(context, "throw new Error('ü €, 🎉 %s %d')").message(), "ü €, 🎉 %s %d");
  EXPECT_EQ(error_of(context, "throw new Error('lone \\ud800.')").message(), "lone \uFFFD.");
}

// ---- C++ to JavaScript
// -----------------------------------------------------------------------------

struct Custom : std::exception {
  explicit Custom(int number) : payload(number) {}
  [[nodiscard]] const char* what() const noexcept override { return "custom"; }
  int payload;
  Counted counted;
};

struct NotAnException {
  int payload;
};

void fail_with(const std::string& what) {
  if (what == "out_of_range") throw std::out_of_range("m");
  if (what == "length_error") throw std::length_error("m");
  if (what == "domain_error") throw std::domain_error("m");
  if (what == "invalid_argument") throw std::invalid_argument("m");
  if (what == "runtime_error") throw std::runtime_error("m");
  if (what == "logic_error") throw std::logic_error("m");
  if (what == "range_error") throw std::range_error("m");
  if (what == "bad_alloc") throw std::bad_alloc();
  if (what == "custom") throw Custom(42);
  if (what == "int") throw 5;
  if (what == "struct") throw NotAnException{6};
  if (what == "null text") throw std::runtime_error("");
  throw Error::reference("m");
}

TEST_F(JsTest, CppExceptionsInJs) {
  define("fail", &fail_with);
  for (const auto& [what, text, constructor] :
       std::vector<std::tuple<const char*, const char*, const char*>>{
           {"out_of_range", "RangeError: m", "RangeError"},
           {"length_error", "RangeError: m", "RangeError"},
           {"domain_error", "RangeError: m", "RangeError"},
           {"invalid_argument", "TypeError: m", "TypeError"},
           {"runtime_error", "Error: m", "Error"},
           {"logic_error", "Error: m", "Error"},
           {"range_error", "Error: m", "Error"},
           {"bad_alloc", "InternalError: out of memory", "Error"},
           {"custom", "Error: custom", "Error"},
           {"int", "Error: a C++ exception that is no std::exception", "Error"},
           {"struct", "Error: a C++ exception that is no std::exception", "Error"},
           {"null text", "Error", "Error"},
           {"other", "ReferenceError: m", "ReferenceError"},
       }) {
    expect_eval("try { fail('" + std::string(what) + "'); 'nothing' } catch (e) { String(e) }",
                "string", text);
    expect_eval("try { fail('" + std::string(what) + "') } catch (e) { e instanceof " +
                    constructor + " && e instanceof Error && Object.keys(e).length === 0 }",
                "boolean", "true");
  }
}

template <class E>
struct Address {
  static inline const void* of_thrown = nullptr;
};

/// A bound function that throws, and remembers where the exception is.
template <class E>
auto thrower(E exception) {
  return [exception] {
    try {
      throw exception;
    } catch (E& thrown) {
      Address<E>::of_thrown = &thrown;
      throw;
    }
  };
}

template <class E>
void expect_same_back(const Context& context, std::string_view script) {
  try {
    context.with([&](Ctx ctx) { ctx.eval(script); });
    FAIL() << "nothing was thrown";
  } catch (E& caught) {
    EXPECT_EQ(&caught, Address<E>::of_thrown) << "a copy: " << script;
  } catch (...) {
    FAIL() << "another exception: " << script;
  }
}

template <class E>
void expect_same_back_by_every_way(const Context& context, const E& exception) {
  context.with([&](Ctx ctx) {
    ctx.globals().set("fail", thrower(exception));
    ctx.globals().set("call", [](const Function& f) { return f.call(); });
    ctx.globals().set("try_call", [](const Function& f) { return f.try_call(); });
    ctx.globals().set("holder", ctx.eval("({get g() { fail(); }})"));
    ctx.globals().set("read", [](const Object& object) { return object.get("g"); });
  });
  for (const char* script : {
           "fail()",
           "(() => fail())()",
           "call(fail)",
           "call(() => call(() => call(fail)))",
           "try_call(() => try_call(() => call(fail)))",
           "try { fail() } catch (e) { throw e }",
           "try { fail() } finally { 1 }",
           "new (class { constructor() { fail(); } })",
           "[1].map(() => fail())",
           "holder.g",
           "read(holder)",
           "new Proxy({}, {get() { fail(); }}).a",
           "`${{toString() { fail(); }}}`",
           "JSON.stringify({toJSON() { fail(); }})",
           "eval('fail()')",
           "(function* () { yield fail(); })().next()",
       }) {
    expect_same_back<E>(context, script);
  }
}

TEST_F(JsTest, CppExceptionsComeBackAsTheSameObject) {
  const NoneLeft none_left;
  expect_same_back_by_every_way(context, std::out_of_range("a"));
  expect_same_back_by_every_way(context, std::invalid_argument("b"));
  expect_same_back_by_every_way(context, std::runtime_error("c"));
  expect_same_back_by_every_way(context,
                                std::system_error(std::make_error_code(std::errc::io_error)));
  expect_same_back_by_every_way(context, Custom(7));
  expect_same_back_by_every_way(context, 5);
  expect_same_back_by_every_way(context, NotAnException{6});
  expect_same_back_by_every_way(context, std::string("thrown text"));
  runtime.run_gc();
  define("fail", 0);
}

TEST_F(JsTest, BadAllocComesBackAsBadAlloc) {
  define("fail", []() -> int { throw std::bad_alloc(); });
  EXPECT_THROW(eval("(() => fail())()"), std::bad_alloc);
  const Error error = error_of(context, "fail()");
  EXPECT_EQ(error.kind(), ErrorKind::out_of_memory);
}

TEST_F(JsTest, TheOriginIsInTheResult) {
  define("fail", thrower(Custom(11)));
  const Error error = error_of(context, "fail()");
  EXPECT_EQ(error.message(), "custom");
  ASSERT_NE(error.origin(), nullptr);
  EXPECT_THROW(std::rethrow_exception(error.origin()), Custom);
  EXPECT_THROW(error.raise(), Custom);
  EXPECT_TRUE(error.value().is_error());
}

TEST_F(JsTest, CppExceptionsThroughPromises) {
  define("fail", thrower(Custom(12)));
  const Promise<> promise = eval<Promise<>>("(async () => { await null; fail(); })()");
  runtime.run();
  EXPECT_EQ(promise.state(), PromiseState::rejected);
  try {
    (void)promise.result();
    FAIL();
  } catch (const Custom& caught) {
    EXPECT_EQ(&caught, Address<Custom>::of_thrown);
  }
  // … and through an await of another async function
  const Promise outer = eval<Promise<>>(
      "(async () => { try { await (async () => fail())() } finally { await 1 } })()");
  runtime.run();
  EXPECT_THROW((void)outer.result(), Custom);
  const Promise<> handled = eval<Promise<>>("(async () => fail())().catch(e => e.message)");
  runtime.run();
  EXPECT_EQ(handled.result<std::string>(), "custom");
}

TEST_F(JsTest, JsReplacesACppException) {
  define("fail", thrower(Custom(13)));
  expect_eval("try { fail() } catch (e) { throw new TypeError('other') }", "throws",
              "TypeError: other");
  EXPECT_THROW(eval("try { fail() } catch (e) { throw new TypeError('other') }"), Error);
  expect_eval("try { fail() } finally { throw 5 }", "throws", "5");
  expect_eval("(() => { try { fail() } finally { return 6 } })()", "number", "6");
  // as the cause of another it is still there
  const Error wrapped =
      error_of(context, "try { fail() } catch (e) { throw new Error('wrapped', {cause: e}) }");
  EXPECT_EQ(wrapped.origin(), nullptr);
  ASSERT_NE(wrapped.cause(), nullptr);
  EXPECT_THROW(wrapped.cause()->raise(), Custom);
}

TEST_F(JsTest, AnErrorObjectThrownLaterIsStillTheCppException) {
  define("fail", thrower(Custom(14)));
  eval("try { fail() } catch (e) { globalThis.kept = e; }");
  runtime.run_gc();
  EXPECT_THROW(eval("throw kept"), Custom);
  // scripts see nothing of it
  expect_eval(
      "Reflect.ownKeys(kept).filter(k => typeof k === 'string').every(k => ['message', "
      "'stack'].includes(k))",
      "boolean", "true");
  // a frozen or changed one as well
  EXPECT_THROW(eval("kept.message = 'changed'; throw Object.freeze(kept)"), Custom);
  // what has it for a prototype is another object
  EXPECT_THROW(eval("throw Object.create(kept)"), Error);
  EXPECT_THROW(eval("throw new Proxy(kept, {})"), Error);
}

TEST_F(JsTest, JsErrorsThroughCppAreTheSameValue) {
  define("call", [](const Function& f) { return f.call(); });
  define("try_call", [](const Function& f) { return f.try_call(); });
  define("caught", [](const Function& f) {
    try {
      return f.call();
    } catch (const Error& error) {
      throw error;  // NOLINT(misc-throw-by-value-catch-by-reference): a copy is the same error
    }
  });
  define("returned",
         [](const Function& f) -> Result<Value> { return std::move(f.try_call()).error(); });
  define("raised", [](const Function& f) { f.try_call().error().raise(); });
  for (const char* thrown : {"new TypeError('t')", "5", "null", "undefined", "{a: 1}",
                             "Symbol('s')", "'text'", "new Proxy({}, {})", "() => 1"}) {
    for (const char* way : {"call", "try_call", "caught", "returned", "raised"}) {
      expect_eval("{ const thrown = " + std::string(thrown) + "; let same; try { " + way +
                      "(() => { throw thrown }); same = 'nothing' } catch (e) { same = e === "
                      "thrown } same }",
                  "boolean", "true");
    }
  }
  expect_eval(
      "{ const e = new Error('e'); const stack = e.stack; try { call(() => call(() => { throw e "
      "})) } "
      "catch (c) { c.stack === stack } }",
      "boolean", "true");
}

TEST_F(JsTest, ErrorsMadeInCpp) {
  define("fail", [](const std::string& name) -> Result<int> {
    if (name == "plain") return Error::plain("p");
    if (name == "type") return Error::type("t");
    if (name == "range") return Error::range("r");
    if (name == "reference") return Error::reference("f");
    if (name == "syntax") return Error::syntax("s");
    if (name == "conversion") return Error::conversion("a cat", "a dog");
    if (name == "path") return Error::out_of_range("1 to 5", "6").at("[2]").at("b").at("a");
    return 5;
  });
  for (const auto& [name, text, constructor] :
       std::vector<std::tuple<const char*, const char*, const char*>>{
           {"plain", "Error: p", "Error"},
           {"type", "TypeError: t", "TypeError"},
           {"range", "RangeError: r", "RangeError"},
           {"reference", "ReferenceError: f", "ReferenceError"},
           {"syntax", "SyntaxError: s", "SyntaxError"},
           {"conversion", "TypeError: expected a cat, got a dog", "TypeError"},
           {"path", "RangeError: a.b[2]: expected 1 to 5, got 6", "RangeError"},
       }) {
    const std::string call = "fail('" + std::string(name) + "')";
    expect_eval(call, "throws", text);
    expect_eval(
        "try { " + call + " } catch (e) { e.constructor === " + constructor + " && String(e) }",
        "string", text);
    expect_eval("try { (function here() { " + call + " })() } catch (e) { /here/.test(e.stack) }",
                "boolean", "true");
  }
  expect_eval("fail('')", "number", "5");
}

TEST_F(JsTest, MessagesFromCppOfAnyLengthAndContent) {
  for (const std::string& message :
       {std::string(200, 'a'), std::string(201, 'b'), std::string(255, 'c'), std::string(256, 'd'),
        std::string(100000, 'e'), std::string("%s %d %n %% %"), std::string("ü €, 🎉, 世界"),
        std::string(99, 'x') + "ü" + std::string(300, 'y'), std::string("new\nline \"quoted\"")}) {
    for (const char* name : {"Error", "TypeError", "RangeError"}) {
      define("fail", [&]() -> Result<void> {
        return name == std::string("Error")       ? Error::plain(message)
               : name == std::string("TypeError") ? Error::type(message)
                                                  : Error::range(message);
      });
      define("expected", message);
      expect_eval("try { fail() } catch (e) { e.message === expected && e.name }", "string", name);
      EXPECT_EQ(error_of(context, "fail()").message(), message);
    }
  }
}

TEST_F(JsTest, MessagesFromCppWithNul) {
  define("fail", [](bool is_long) -> Result<void> {
    return Error::type(std::string("a\0b", 3) + std::string(is_long ? 300 : 0, 'x'));
  });
  expect_eval("try { fail(false) } catch (e) { e.message === 'a\\0b' }", "boolean", "true");
  expect_eval("try { fail(true) } catch (e) { e.message === 'a\\0b' + 'x'.repeat(300) }", "boolean",
              "true");
}

TEST_F(JsTest, ErrorsOfOneRuntimeInAnother) {
  const Runtime other;
  const Context other_context(other);
  define("fail", [&] {
    return other_context.with(
        [](Ctx ctx) { return ctx.try_eval<int>("throw new RangeError('elsewhere')"); });
  });
  define("fail2",
         [&] { return other_context.with([](Ctx ctx) { return ctx.eval<int>("throw {a: 1}"); }); });
  define("fail3", [&] {
    other_context.with([](Ctx ctx) {
      ctx.globals().set("deep", thrower(Custom(15)));
      ctx.eval("deep()");
    });
  });
  expect_eval("try { fail() } catch (e) { `${e} ${e instanceof RangeError}` }", "string",
              "RangeError: elsewhere true");
  expect_eval("try { fail2() } catch (e) { `${e} ${e instanceof Error}` }", "string",
              "Error: [object Object] true");
  expect_same_back<Custom>(context, "fail3()");
}

TEST_F(JsTest, ConversionErrorsNameTheirPath) {
  define("f", [](const std::map<std::string, std::vector<int>>&) {});
  expect_eval("f({a: [1], b: [1, 2, 'x']})", "throws",
              "TypeError: Failed to execute 'f': parameter 1.b[2]: expected an integer from "
              "-2147483648 to 2147483647, got "
              "\"x\" (string)");
  const Object object = eval<Object>("({list: [{}, {a: 1}]})");
  const Result<int> number = object.try_get<int>("list");
  EXPECT_THAT(number.error().message(), ::testing::StartsWith("list: expected "));
  EXPECT_EQ(number.error().kind(), ErrorKind::conversion);
}

// ---- the class itself
// --------------------------------------------------------------------------------

TEST(ErrorTest, PathsGrowAtTheFront) {
  Error error = Error::conversion("string", "5 (number)");
  EXPECT_EQ(error.message(), "expected string, got 5 (number)");
  error.at("[2]");
  EXPECT_EQ(error.message(), "[2]: expected string, got 5 (number)");
  error.at("tags");
  EXPECT_EQ(error.message(), "tags[2]: expected string, got 5 (number)");
  error.at("servers[1]");
  EXPECT_EQ(error.message(), "servers[1].tags[2]: expected string, got 5 (number)");
  EXPECT_STREQ(error.what(), "TypeError: servers[1].tags[2]: expected string, got 5 (number)");
  EXPECT_EQ(Error::type("other").at("a").message(), "other");
}

TEST(ErrorTest, CopiesAreIndependentAndNeverThrow) {
  static_assert(std::is_nothrow_copy_constructible_v<Error>);
  static_assert(std::is_nothrow_copy_assignable_v<Error>);
  static_assert(std::is_base_of_v<std::exception, Error>);
  static_assert(std::is_base_of_v<Error, RuntimeGone>);
  Error first = Error::conversion("a", "b");
  const Error second = first;
  first.at("path");
  EXPECT_EQ(first.message(), "path: expected a, got b");
  EXPECT_EQ(second.message(), "expected a, got b");
  Error third = Error::type("x");
  third = first;
  EXPECT_EQ(third.message(), first.message());
  Error& same = third;
  third = same;
  EXPECT_EQ(third.message(), first.message());
}

TEST(ErrorTest, FromExceptionPointers) {
  const Error error = Error::from(std::make_exception_ptr(std::length_error("too long")));
  EXPECT_EQ(error.name(), "RangeError");
  EXPECT_EQ(error.message(), "too long");
  EXPECT_THROW(error.raise(), std::length_error);
  EXPECT_EQ(Error::from(std::make_exception_ptr(std::bad_alloc())).kind(),
            ErrorKind::out_of_memory);
  const Error original = Error::range("mine");
  EXPECT_EQ(Error::from(std::make_exception_ptr(original)).message(), "mine");
  EXPECT_THROW(Error::from(std::make_exception_ptr(3)).raise(), int);
}

TEST(ErrorTest, RaiseThrowsWhatItIs) {
  EXPECT_THROW(Error::type("t").raise(), Error);
  EXPECT_THROW(RuntimeGone().raise(), RuntimeGone);
  EXPECT_THROW(Error(RuntimeGone()).raise(), RuntimeGone);
  EXPECT_EQ(RuntimeGone().kind(), ErrorKind::runtime_gone);
  EXPECT_TRUE(Error::type("t").value().is_undefined());
}

}  // namespace
}  // namespace quip::test

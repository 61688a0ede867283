// C++ exceptions as JavaScript errors: the rules of quip, and a program's own.
#include "support/counted.hpp"
#include "support/js.hpp"

#include <filesystem>
#include <stdexcept>
#include <system_error>

namespace quip::test {
namespace {

struct ParseError : std::runtime_error {
  ParseError(const std::string& what, int at) : std::runtime_error(what), position(at) {}
  int position;
};
struct DeepParseError : ParseError {
  using ParseError::ParseError;
};
struct NoStd {
  int code;
};
struct OwnError : Error {
  OwnError() : Error(Error::plain("own")) {}
};

class ExceptionMaps : public JsTest {
 protected:
  void SetUp() override {
    define("parse", [](int at) { throw ParseError("unexpected end", at); });
    define("deep", [](int at) { throw DeepParseError("deep", at); });
    define("other", [] { throw NoStd{7}; });
    define("range", [] { throw std::out_of_range("far"); });
  }
};

TEST_F(ExceptionMaps, WhatIsSaidHolds) {
  expect_eval("parse(3)", "throws", "Error: unexpected end");
  runtime.map_exception<ParseError>([](const ParseError& error) {
    return Error::named("ParseError",
                        std::string(error.what()) + " at " + std::to_string(error.position));
  });
  expect_eval("parse(3)", "throws", "ParseError: unexpected end at 3");
  expect_eval("deep(4)", "throws", "ParseError: deep at 4");
  expect_eval("try { parse(3) } catch (e) { `${e instanceof Error} ${e.name}` }", "string",
              "true ParseError");
  expect_eval("range()", "throws", "RangeError: far");
  // what is said later is asked first
  runtime.map_exception<DeepParseError>(
      [](const DeepParseError&) { return Error::syntax("deeper"); });
  expect_eval("deep(4)", "throws", "SyntaxError: deeper");
  expect_eval("parse(3)", "throws", "ParseError: unexpected end at 3");
  runtime.map_exception<std::exception>(
      [](const std::exception& e) { return Error::type(std::string("any: ") + e.what()); });
  expect_eval("parse(3)", "throws", "TypeError: any: unexpected end");
  expect_eval("range()", "throws", "TypeError: any: far");
}

TEST_F(ExceptionMaps, TheExceptionStaysTheSame) {
  runtime.map_exception<ParseError>([](const ParseError&) { return Error::type("mapped"); });
  try {
    eval("try { parse(5) } finally { }");
    FAIL();
  } catch (const ParseError& error) {
    EXPECT_EQ(error.position, 5);
  }
  const Error error = try_eval("parse(6)").error();
  EXPECT_EQ(error.name(), "TypeError");
  EXPECT_EQ(error.message(), "mapped");
  EXPECT_NE(error.origin(), nullptr);
}

TEST_F(ExceptionMaps, ExceptionsThatAreNoStdOnes) {
  expect_eval("other()", "throws", "Error: a C++ exception that is no std::exception");
  runtime.map_exception<NoStd>(
      [](const NoStd& error) { return Error::range("code " + std::to_string(error.code)); });
  expect_eval("other()", "throws", "RangeError: code 7");
  expect_eval("parse(1)", "throws", "Error: unexpected end");
  EXPECT_THROW(eval("other()"), NoStd);
  define("number", [] { throw 5; });
  runtime.map_exception<int>([](int n) { return Error::plain("int " + std::to_string(n)); });
  expect_eval("number()", "throws", "Error: int 5");
  expect_eval("other()", "throws", "RangeError: code 7");
}

TEST_F(ExceptionMaps, ErrorsThatAreMadeInside) {
  runtime.map_exception<ParseError>([](const ParseError&) { return Error::type("mapped"); });
  const auto error = [] { return Error::from(std::make_exception_ptr(ParseError("plain", 1))); };
  with([&](Ctx) { EXPECT_EQ(error().message(), "mapped"); });
  EXPECT_EQ(error().message(), "plain");
  // quip's own errors are as they are
  runtime.map_exception<OwnError>([](const OwnError&) { return Error::range("mine"); });
  define("own", [] { throw OwnError(); });
  expect_eval("own()", "throws", "RangeError: mine");
  expect_eval("(x => { throw new TypeError('script') })()", "throws", "TypeError: script");
}

TEST_F(ExceptionMaps, AMapThatFails) {
  const NoneLeft none_left;
  runtime.map_exception<ParseError>([counted = Counted()](const ParseError&) -> Error {
    throw std::runtime_error("while mapping");
  });
  expect_eval("parse(3)", "throws", "Error: unexpected end");
  runtime.map_exception<ParseError>([this](const ParseError&) {
    runtime.map_exception<ParseError>([](const ParseError&) { return Error::plain("second"); });
    return Error::plain("first");
  });
  expect_eval("parse(3)", "throws", "Error: first");
  expect_eval("parse(3)", "throws", "Error: second");
  {
    const Runtime ended(std::move(runtime));
  }
  EXPECT_EQ(Counted::live(), 0);
  EXPECT_THROW(
      runtime.map_exception<ParseError>([](const ParseError&) { return Error::plain("x"); }),
      RuntimeGone);
}

TEST_F(ExceptionMaps, AMapMayGiveAScriptsOwnError) {
  const Value thrown = eval("globalThis.thrown = {kind: 'custom'}; thrown");
  runtime.map_exception<ParseError>([thrown](const ParseError&) { return Error::of(thrown); });
  expect_eval("try { parse(1) } catch (e) { e === thrown }", "boolean", "true");
}

TEST_F(ExceptionMaps, EachRuntimeHasItsOwn) {
  runtime.map_exception<ParseError>([](const ParseError&) { return Error::type("mapped"); });
  const Runtime other;
  const Context other_context(other);
  other_context.with([](Ctx ctx) {
    ctx.globals().set("parse", [] { throw ParseError("unexpected end", 1); });
    expect_eval(ctx, "parse()", "throws", "Error: unexpected end");
  });
}

TEST_F(JsTest, SystemErrorsHaveACode) {
  define("fail", [](int code) { throw std::system_error(code, std::generic_category(), "open"); });
  expect_eval("try { fail(2) } catch (e) { [e.name, e.code, e instanceof Error].join() }", "string",
              "Error,2,true");
  define("file", [] { return std::filesystem::file_size("/nowhere/at/all"); });
  expect_eval("try { file() } catch (e) { e.code === 2 }", "boolean", "true");
  expect_eval("try { fail(2) } catch (e) { Object.keys(e).join() }", "string", "code");
  EXPECT_THROW(eval("fail(2)"), std::system_error);
}

}  // namespace
}  // namespace quip::test

#include "web_fixture.hpp"
#include <quip/web/dom_exception.hpp>

namespace quip::test {
namespace {

using web::DOMException;

class DomExceptionTest : public WebTest {};

TEST_F(DomExceptionTest, ItIsAnErrorWithANameOfItsOwn) {
  expect_eval(
      "const e = new DOMException('no', 'AbortError');"
      "[e.name, e.message, e.code, e instanceof Error, String(e)].join('|')",
      "string", "AbortError|no|20|true|AbortError: no");
  expect_eval("const f = new DOMException(); [f.name, f.message, f.code].join('|')", "string",
              "Error||0");
  expect_eval("new DOMException(5, {toString() { return 'DataCloneError' }}).code", "number", "25");
  expect_eval("new DOMException('a', 'own').code", "number", "0");
  expect_eval("[DOMException.ABORT_ERR, e.TIMEOUT_ERR, DOMException.length].join()", "string",
              "20,23,0");
  expect_eval("Object.prototype.toString.call(e)", "string", "[object DOMException]");
  expect_eval("typeof e.stack", "string", "string");
  expect_eval("Object.keys(e).length", "number", "0");
  EXPECT_EQ(show(try_eval("DOMException('x')")).text.substr(0, 9), "TypeError");
  expect_eval("new DOMException({toString() { throw new RangeError('text') }})", "throws",
              "RangeError: text");
  expect_eval(
      "class Own extends DOMException { constructor() { super('m', 'TimeoutError') } }"
      "const own = new Own(); [own instanceof Own, own instanceof DOMException, own.code].join()",
      "string", "true,true,23");
}

TEST_F(DomExceptionTest, CppSeesAnErrorOfThatName) {
  const Result<Value> thrown = try_eval("throw new DOMException('too late', 'TimeoutError')");
  ASSERT_FALSE(thrown);
  EXPECT_EQ(thrown.error().name(), "TimeoutError");
  EXPECT_EQ(thrown.error().message(), "too late");
  EXPECT_EQ(eval("new DOMException('x')").type(), Type::error);
}

TEST_F(DomExceptionTest, CppMakesThem) {
  with([](Ctx ctx) {
    const DOMException made(ctx, "no", "AbortError");
    EXPECT_EQ(made.code(), 20);
    EXPECT_EQ(made.name(), "AbortError");
    ctx.globals().set("fail", [](Ctx at) -> Result<void> {
      return DOMException::error(at, "C++", "NotFoundError");
    });
  });
  expect_eval("try { fail() } catch (e) { e instanceof DOMException && e.code }", "number", "8");
  EXPECT_TRUE(eval("new DOMException('x')").is<DOMException>());
  EXPECT_FALSE(eval("new Error('x')").is<DOMException>());
  EXPECT_FALSE(eval("Object.create(DOMException.prototype)").is<DOMException>());
  EXPECT_FALSE(eval("new Proxy(new DOMException('x'), {})").is<DOMException>());
}

TEST_F(DomExceptionTest, ScriptsCannotReplaceTheClassThatCppUses) {
  eval(
      "DOMException = function () { throw new Error('replaced') };"
      "Error = null;");
  with([](Ctx ctx) { EXPECT_EQ(DOMException(ctx, "m", "AbortError").code(), 20); });
}

TEST_F(DomExceptionTest, ItIsClonedAsWhatItIs) {
  expect_eval(
      "const c = structuredClone({e: new DOMException('m', 'AbortError')}).e;"
      "[c instanceof DOMException, c.name, c.message, c.code].join()",
      "string", "true,AbortError,m,20");
}

TEST_F(DomExceptionTest, AfterTheRuntimeItIsRefused) {
  DOMException kept;
  {
    Runtime other;
    const Context inner(other);
    inner.with([&](Ctx ctx) { kept = DOMException(ctx, "m", "AbortError"); });
  }
  EXPECT_EQ(kept.try_code().error().kind(), ErrorKind::runtime_gone);
}

}  // namespace
}  // namespace quip::test

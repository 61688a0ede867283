// Error objects, and errors that carry any value.
#include "support/lifetime.hpp"
#include <quip/value/error_object.hpp>

#include <optional>
#include <stdexcept>
#include <string>

namespace quip::test {
namespace {

class ErrorObjects : public JsTest {};

TEST_F(ErrorObjects, AreMadeOfEachClass) {
  with([](Ctx ctx) {
    const auto check = [&](const ErrorObject& object, const char* name) {
      EXPECT_EQ(object.type(), Type::error);
      EXPECT_EQ(object.name(), name);
      EXPECT_EQ(object.message(), "m");
      EXPECT_TRUE(object.is_instance_of(ctx.eval(name))) << name;
      EXPECT_TRUE(object.cause().is_undefined());
    };
    check(ErrorObject(ctx, "m"), "Error");
    check(ErrorObject::type_error(ctx, "m"), "TypeError");
    check(ErrorObject::range_error(ctx, "m"), "RangeError");
    check(ErrorObject::reference_error(ctx, "m"), "ReferenceError");
    check(ErrorObject::syntax_error(ctx, "m"), "SyntaxError");
    const std::string text = std::string("a\0b", 3) + std::string(1000, 'x');
    EXPECT_EQ(ErrorObject::type_error(ctx, text).message(), text);
    const ErrorObject named(ctx, Error::named("MyError", "mine"));
    EXPECT_EQ(named.name(), "MyError");
    ctx.globals().set("e", named);
    EXPECT_EQ(ctx.eval<std::string>("String(e)"), "MyError: mine");
    EXPECT_TRUE(ctx.eval<bool>("e instanceof Error"));
    EXPECT_EQ(ctx.eval<int>("1"), 1);  // nothing is pending
  });
}

TEST_F(ErrorObjects, TellWhatScriptsMade) {
  const auto object = eval<ErrorObject>(
      "function thrower() { return new RangeError('far', { cause: 5 }) } thrower()");
  EXPECT_EQ(object.name(), "RangeError");
  EXPECT_EQ(object.message(), "far");
  EXPECT_EQ(object.cause().as<int>(), 5);
  EXPECT_THAT(object.stack(), ::testing::HasSubstr("thrower"));
  const auto odd = eval<ErrorObject>(
      "Object.defineProperties(new Error('x'), { name: { value: 5 }, message: { value: null },"
      "stack: { value: {} } })");
  EXPECT_EQ(odd.name(), "");
  EXPECT_EQ(odd.message(), "");
  EXPECT_EQ(odd.stack(), "");
  const auto throws = eval<ErrorObject>(
      "Object.defineProperties(new Error('x'), Object.fromEntries(['name', 'message', 'stack',"
      "'cause'].map(k => [k, { get() { throw new EvalError(k) } }])))");
  EXPECT_EQ(show(throws.try_name().error()).text, "EvalError: name");
  EXPECT_EQ(show(throws.try_message().error()).text, "EvalError: message");
  EXPECT_EQ(show(throws.try_stack().error()).text, "EvalError: stack");
  EXPECT_EQ(show(throws.try_cause().error()).text, "EvalError: cause");
  EXPECT_EQ(throws.to_error().name(), "");  // it stays an error that can be thrown
}

TEST_F(ErrorObjects, BecomeErrorsWithAllDetails) {
  const auto object = eval<ErrorObject>("new TypeError('outer', { cause: new Error('inner') })");
  const Error error = object.to_error();
  EXPECT_EQ(error.kind(), ErrorKind::thrown);
  EXPECT_EQ(error.name(), "TypeError");
  EXPECT_EQ(error.message(), "outer");
  ASSERT_NE(error.cause(), nullptr);
  EXPECT_EQ(error.cause()->message(), "inner");
  EXPECT_EQ(error.value(), object);
  EXPECT_EQ(error.line(), 1);
}

TEST_F(ErrorObjects, AreThrownAsTheyAre) {
  const auto object = eval<ErrorObject>("globalThis.e = new TypeError('this one'); e");
  define("thrower", [object]() -> int { throw object.to_error(); });
  define("returner", [object]() -> Result<int> { return object.to_error(); });
  expect_eval("try { thrower() } catch (x) { x === e }", "boolean", "true");
  expect_eval("try { returner() } catch (x) { x === e }", "boolean", "true");
  with([&](Ctx ctx) {
    const Result<Value> result = ctx.try_eval("throw e");
    EXPECT_EQ(ErrorObject(ctx, result.error()), object);
  });
}

TEST_F(ErrorObjects, ErrorsCarryAnyValue) {
  define("thrower", [](const Value& value) -> int { throw Error::of(value); });
  for (const char* script :
       {"5", "null", "undefined", "'text'", "Symbol.iterator", "2n ** 70n", "Math", "parseInt"}) {
    expect_eval("try { thrower(" + std::string(script) + ") } catch (x) { x === (" + script + ") }",
                "boolean", "true");
  }
  const Error number = Error::of(eval("5"));
  EXPECT_EQ(number.name(), "");
  EXPECT_EQ(number.message(), "5");
  EXPECT_EQ(number.stack(), "");
  EXPECT_EQ(number.value(), eval("5"));
  EXPECT_EQ(Error::of(eval("({ toString() { throw 1 } })")).message(), "object");
  EXPECT_EQ(Error::of(Value()).kind(), ErrorKind::runtime_gone);
  // a stack is not another's
  (void)try_eval("try { throw 5 } catch (e) { } null.x");
  EXPECT_EQ(Error::of(eval("6")).stack(), "");
}

TEST_F(ErrorObjects, AreErrorObjectsAlone) {
  EXPECT_EQ(show(try_eval<ErrorObject>("({ name: 'Error', message: 'm' })")),
            (Shown{"throws", "TypeError: expected error, got object"}));
  EXPECT_EQ(show(try_eval<ErrorObject>("Object.create(Error.prototype)")).text,
            "TypeError: expected error, got object");
  with([](Ctx ctx) {
    const Error thrown = ctx.try_eval("throw 5").error();
    EXPECT_EQ(show(ErrorObject::try_make(ctx, thrown)).text,
              "TypeError: expected error, got 5 (number)");
  });
}

TEST_F(ErrorObjects, CarryTheExceptionOfCpp) {
  with([](Ctx ctx) {
    const Error error = Error::from(std::make_exception_ptr(std::out_of_range("far")));
    const ErrorObject object(ctx, error);
    EXPECT_EQ(object.name(), "RangeError");
    EXPECT_THROW(std::rethrow_exception(object.to_error().origin()), std::out_of_range);
  });
}

TEST_F(ErrorObjects, OutliveTheirRuntime) {
  ErrorObject left;
  std::optional<Error> error;
  {
    Runtime other;
    const Context elsewhere(other);
    left = elsewhere.with([](Ctx ctx) { return ErrorObject::type_error(ctx, "left"); });
    error = left.to_error();
    // in another runtime it is a new object with the same text
    with([&](Ctx ctx) {
      const ErrorObject here(ctx, *error);
      EXPECT_NE(here, left);
      EXPECT_EQ(here.message(), "left");
      EXPECT_EQ(here.name(), "TypeError");
    });
  }
  EXPECT_EQ(error->message(), "left");
  EXPECT_EQ(left.to_error().kind(), ErrorKind::runtime_gone);
  expect_gone(left.try_name());
  expect_gone(left.try_message());
  expect_gone(left.try_stack());
  expect_gone(left.try_cause());
}

}  // namespace
}  // namespace quip::test

// Where the two engines differ, the engine layer answers alike.
#include "support/js.hpp"
#include <quip/engine/engine.hpp>

#include <string>

namespace quip::test {
namespace {

class Engine : public JsTest {
 protected:
  template <class F>
  bool ask(std::string_view script, F&& question) {
    return with([&](Ctx ctx) {
      const Value value = ctx.eval(script);
      return question(ctx.raw(), value.raw());
    });
  }
};

constexpr const char* revoked =
    "(() => { const { proxy, revoke } = Proxy.revocable([], {}); revoke(); return proxy })()";

TEST_F(Engine, SaysWhatItIs) {
  const std::string name = Runtime::engine();
  const std::size_t space = name.find(' ');
  ASSERT_NE(space, std::string::npos) << name;
  EXPECT_EQ(name.substr(0, space),
            engine::family == engine::Family::quickjs ? "quickjs" : "quickjs-ng");
  EXPECT_NE(name.find_first_of("0123456789", space), std::string::npos) << name;
}

TEST_F(Engine, HeaderAndLibraryMatch) {
  with([](Ctx ctx) { EXPECT_EQ(engine::mismatch(ctx.raw()), ""); });
}

TEST_F(Engine, OnlyArraysAreArrays) {
  EXPECT_TRUE(ask("[]", engine::is_array));
  EXPECT_TRUE(ask("new (class extends Array {})", engine::is_array));
  EXPECT_TRUE(ask("Array.prototype", engine::is_array));
  EXPECT_FALSE(ask("new Proxy([], {})", engine::is_array));
  EXPECT_FALSE(ask(revoked, engine::is_array));
  EXPECT_FALSE(ask("({ length: 0, __proto__: Array.prototype })", engine::is_array));
  EXPECT_FALSE(ask("new Uint8Array(1)", engine::is_array));
  EXPECT_FALSE(ask("'text'", engine::is_array));
  with([](Ctx ctx) {
    (void)engine::is_array(ctx.raw(), ctx.eval(revoked).raw());
    // no exception is left behind
    EXPECT_EQ(ctx.eval<int>("1"), 1);
  });
}

TEST_F(Engine, OnlyObjectsOfErrorAreErrors) {
  EXPECT_TRUE(ask("new Error()", engine::is_error));
  EXPECT_TRUE(ask("new (class extends RangeError {})", engine::is_error));
  EXPECT_FALSE(ask("({ __proto__: Error.prototype })", engine::is_error));
  EXPECT_FALSE(ask("new Proxy(new Error(), {})", engine::is_error));
  EXPECT_FALSE(ask("'Error'", engine::is_error));
}

TEST_F(Engine, OnlyObjectsOfPromiseArePromises) {
  EXPECT_TRUE(ask("Promise.resolve()", engine::is_promise));
  EXPECT_TRUE(ask("(async () => {})()", engine::is_promise));
  EXPECT_FALSE(ask("({ then() {} })", engine::is_promise));
  EXPECT_FALSE(ask("5", engine::is_promise));
}

TEST_F(Engine, FunctionsAreWhatCanBeCalled) {
  for (const char* script : {"() => 1", "(function* () {})", "(async () => {})", "class A {}",
                             "Math.max", "new Proxy(() => 1, {})", "(() => 1).bind()"}) {
    EXPECT_TRUE(ask("(" + std::string(script) + ")", engine::is_function)) << script;
  }
  EXPECT_FALSE(ask("({ call() {} })", engine::is_function));
  EXPECT_FALSE(ask("new Proxy({}, {})", engine::is_function));
}

TEST_F(Engine, NumbersHaveTheRepresentationThatScriptsGiveThem) {
  with([](Ctx ctx) {
    EXPECT_TRUE(engine::is_int32(engine::number(ctx.raw(), 5)));
    EXPECT_TRUE(engine::is_int32(engine::number(ctx.raw(), -2147483648.0)));
    EXPECT_TRUE(engine::is_float64(engine::number(ctx.raw(), 2147483648.0)));
    EXPECT_TRUE(engine::is_float64(engine::number(ctx.raw(), 0.5)));
    EXPECT_TRUE(engine::is_float64(engine::number(ctx.raw(), -0.0)));
  });
}

TEST_F(Engine, StringsAreStringsFlatOrNot) {
  const auto is_string = [](JSContext*, JSValueConst value) { return engine::is_string(value); };
  EXPECT_TRUE(ask("'flat'", is_string));
  EXPECT_TRUE(ask("'a'.repeat(9000) + 'b'.repeat(9000)", is_string));
  EXPECT_FALSE(ask("new String('object')", is_string));
}

TEST_F(Engine, BigIntsAreBigIntsShortOrLong) {
  const auto is_bigint = [](JSContext*, JSValueConst value) { return engine::is_bigint(value); };
  EXPECT_TRUE(ask("1n", is_bigint));
  EXPECT_TRUE(ask("2n ** 200n", is_bigint));
  EXPECT_FALSE(ask("1", is_bigint));
}

TEST_F(Engine, DefiningPassesSettersBy) {
  with([](Ctx ctx) {
    const Value object = ctx.eval("({ __proto__: { set x(v) { throw new Error('seen') } } })");
    const JSAtom key = ::JS_NewAtom(ctx.raw(), "x");
    EXPECT_TRUE(engine::define(ctx.raw(), object.raw(), key, engine::int32(3)));
    ::JS_FreeAtom(ctx.raw(), key);
    EXPECT_EQ(object.as<Object>().get<int>("x"), 3);
  });
}

TEST_F(Engine, ABaseContextHasTheBaseAndNoMore) {
  const Context base = Context::base(runtime);
  expect_eval(base, "[typeof Object, typeof Math, typeof Array.prototype.map, typeof eval].join()",
              "string", "function,object,function,function");
  expect_eval(base, "[typeof Map, typeof JSON, typeof Promise].join()", "string",
              "undefined,undefined,undefined");
}

}  // namespace
}  // namespace quip::test

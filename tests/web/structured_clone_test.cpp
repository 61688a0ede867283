#include "web_fixture.hpp"
#include <quip/value/clone.hpp>
#include <quip/value/typed_array.hpp>
#include <quip/web/structured_clone.hpp>

#include <vector>

namespace quip::test {
namespace {

class StructuredCloneTest : public WebTest {};

TEST_F(StructuredCloneTest, ACopyIsDeep) {
  expect_eval(
      "const a = {list: [1, {x: 2}], map: new Map([[1, new Date(5)]])};"
      "const b = structuredClone(a);"
      "[b !== a, b.list[1].x, b.list[1] !== a.list[1], +b.map.get(1)].join()",
      "string", "true,2,true,5");
  expect_eval("structuredClone(undefined)", "undefined", "undefined");
  EXPECT_EQ(show(try_eval("structuredClone()")).text.substr(0, 9), "TypeError");
  expect_eval("structuredClone.length + structuredClone.name", "string", "1structuredClone");
}

TEST_F(StructuredCloneTest, WhatCannotBeClonedIsADomException) {
  expect_eval(
      "try { structuredClone({a: [() => 0]}) } catch (e) {"
      " [e instanceof DOMException, e.name, e.code, e.message].join('|') }",
      "string", "true|DataCloneError|25|a[0]: a function cannot be cloned");
  expect_eval("try { structuredClone(new EventTarget()) } catch (e) { e.name }", "string",
              "DataCloneError");
  expect_eval("structuredClone({get a() { throw new RangeError('getter') }})", "throws",
              "RangeError: getter");
}

TEST_F(StructuredCloneTest, BuffersArePassedOn) {
  expect_eval(
      "const buffer = new Uint8Array([1, 2, 3]).buffer;"
      "const made = structuredClone({view: new Uint8Array(buffer, 1), buffer},"
      "                             {transfer: [buffer]});"
      "[buffer.byteLength, made.view.join('-'), made.buffer === made.view.buffer].join()",
      "string", "0,2-3,true");
  expect_eval(
      "const alone = new ArrayBuffer(4); structuredClone(1, {transfer: [alone]});"
      "alone.byteLength",
      "number", "0");
  expect_eval(
      "const seen = new Uint8Array([1]);"
      "structuredClone({buffer: seen.buffer, get late() { seen[0] = 9 }},"
      "                {transfer: [seen.buffer]}).buffer",
      "array buffer", "[object ArrayBuffer]");
  expect_eval("structuredClone(5, {transfer: new Set()})", "number", "5");
  expect_eval("structuredClone(5, null)", "number", "5");
}

TEST_F(StructuredCloneTest, NothingIsPassedOnWhenItFails) {
  expect_eval(
      "const b = new ArrayBuffer(4);"
      "try { structuredClone(() => 0, {transfer: [b]}) } catch (e) { e.name + b.byteLength }",
      "string", "DataCloneError4");
  const auto name = [this](const std::string& list) {
    return eval<std::string>(
        "{ const c = new ArrayBuffer(2); try { structuredClone(1, {transfer: " + list +
        "}); 'none' } catch (e) { e.name + e.code + c.byteLength } }");
  };
  EXPECT_EQ(name("[c, c]"), "DataCloneError252");
  EXPECT_EQ(name("[c, {}]"), "DataCloneError252");
  EXPECT_EQ(name("[c, new SharedArrayBuffer(1)]"), "DataCloneError252");
  EXPECT_EQ(name("[c, new Uint8Array(1)]"), "DataCloneError252");
  EXPECT_EQ(name("[c, new ArrayBuffer(1)]"), "none");
  EXPECT_EQ(name("5"), "TypeErrorundefined2");
  EXPECT_EQ(name("[5]"), "TypeErrorundefined2");
  EXPECT_EQ(show(try_eval("structuredClone(1, 5)")).text.substr(0, 9), "TypeError");
  with([](Ctx ctx) { ctx.eval<ArrayBuffer>("globalThis.gone = new ArrayBuffer(1)").detach(); });
  EXPECT_EQ(name("[c, gone]"), "DataCloneError252");
}

TEST_F(StructuredCloneTest, CppPassesBuffersOn) {
  with([](Ctx ctx) {
    const auto buffer = ctx.eval<ArrayBuffer>("new Uint8Array([7]).buffer");
    const std::vector<Value> list{buffer};
    const Result<Value> made = try_structured_clone(ctx, buffer, list);
    ASSERT_TRUE(made);
    EXPECT_TRUE(buffer.is_detached());
    EXPECT_EQ(made->as<ArrayBuffer>().to_vector(), std::vector<std::byte>{std::byte{7}});
    EXPECT_EQ(try_structured_clone(ctx, buffer, list).error().name(), "DataCloneError");
  });
}

}  // namespace
}  // namespace quip::test

#include "web_fixture.hpp"
#include <quip/web/inspect.hpp>

#include <string>

namespace quip::test {
namespace {

class InspectTest : public WebTest {
 protected:
  std::string inspect(std::string_view script, const web::InspectOptions& options = {}) {
    return web::inspect(eval(script), options);
  }
};

TEST_F(InspectTest, Primitives) {
  EXPECT_EQ(inspect("'it\\'s'"), "\"it's\"");
  EXPECT_EQ(inspect("-0"), "-0");
  EXPECT_EQ(inspect("12n"), "12n");
  EXPECT_EQ(inspect("Symbol('s')"), "Symbol(s)");
  EXPECT_EQ(inspect("undefined"), "undefined");
  EXPECT_EQ(inspect("null"), "null");
}

TEST_F(InspectTest, ObjectsByTheirNature) {
  EXPECT_EQ(inspect("({a: 1, 'b c': [1, , 3]})"), "{ a: 1, 'b c': [ 1, <1 empty item>, 3 ] }");
  EXPECT_EQ(inspect("new Set([1, 'x'])"), "Set(2) { 1, 'x' }");
  EXPECT_EQ(inspect("new (class Own extends Map {})([[1, {}]])"), "Own(1) [Map] { 1 => {} }");
  EXPECT_EQ(inspect("Object.create(null)"), "[Object: null prototype] {}");
  EXPECT_EQ(inspect("new Date(0)"), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(inspect("new Date(NaN)"), "Invalid Date");
  EXPECT_EQ(inspect("/a/gi"), "/a/gi");
  EXPECT_EQ(inspect("new Uint8Array([1, 2])"), "Uint8Array(2) [ 1, 2 ]");
  EXPECT_EQ(inspect("new Uint8Array([1, 255]).buffer"),
            "ArrayBuffer { [Uint8Contents]: <01 ff>, byteLength: 2 }");
  EXPECT_EQ(inspect("Object(1n)"), "[BigInt: 1n]");
  EXPECT_EQ(inspect("Object(Symbol('x'))"), "[Symbol: Symbol(x)]");
  EXPECT_EQ(inspect("Object('s')"), "[String: 's']");
  EXPECT_EQ(inspect("Promise.resolve(5)"), "Promise { 5 }");
  EXPECT_EQ(inspect("new WeakMap()"), "WeakMap { <items unknown> }");
  EXPECT_EQ(inspect("(function () { return arguments })(1)"), "[Arguments] { '0': 1 }");
  EXPECT_EQ(inspect("async function* f() {}; f"), "[AsyncGeneratorFunction: f]");
  EXPECT_EQ(inspect("(class A extends Array {})"), "[class A extends Array]");
  EXPECT_EQ(inspect("async () => {}"), "[AsyncFunction (anonymous)]");
  EXPECT_EQ(inspect("new EventTarget()"), "EventTarget {}");
  EXPECT_EQ(inspect("Number.prototype"), "{}");
}

TEST_F(InspectTest, BoxedNumbersThatAreNoSizes) {
  EXPECT_EQ(inspect("new Number(-(2 ** 31))"), "[Number: -2147483648]");
  EXPECT_EQ(inspect("new Number(NaN)"), "[Number: NaN]");
  EXPECT_EQ(inspect("new Number(-Infinity)"), "[Number: -Infinity]");
  EXPECT_EQ(inspect("new Number(1e300)"), "[Number: 1e+300]");
}

TEST_F(InspectTest, ErrorsWithTheirStack) {
  const std::string text = inspect("const e = new RangeError('no'); e");
  EXPECT_EQ(text.substr(0, 14), "RangeError: no");
  EXPECT_NE(text.find("\n    at "), std::string::npos);
  const std::string dom = inspect("new DOMException('no', 'AbortError')");
  EXPECT_EQ(dom.substr(0, 30), "DOMException [AbortError]: no\n");
}

TEST_F(InspectTest, DepthAndRings) {
  EXPECT_EQ(inspect("({a: {b: {c: {d: 1}}}})"), "{ a: { b: { c: [Object] } } }");
  EXPECT_EQ(inspect("({a: {b: 1}})", {.depth = 0}), "{ a: [Object] }");
  EXPECT_EQ(inspect("const ring = {}; ring.self = ring; ring"), "<ref *1> { self: [Circular *1] }");
  EXPECT_EQ(inspect("[1]", {.hidden = true}), "[ 1, [length]: 1 ]");
}

TEST_F(InspectTest, ProxiesAreWhatTheyStandFor) {
  EXPECT_EQ(inspect("new Proxy([1, 2], {get() { throw 1 }})"), "[ 1, 2 ]");
  EXPECT_EQ(inspect("new Proxy(new Proxy({a: 1}, {}), {})"), "{ a: 1 }");
  EXPECT_EQ(inspect("const {proxy, revoke} = Proxy.revocable({}, {}); revoke(); proxy"),
            "<Revoked Proxy>");
  EXPECT_EQ(inspect("new Proxy(function f() {}, {})"), "[Function: f]");
}

TEST_F(InspectTest, HostileObjects) {
  EXPECT_EQ(
      inspect("Object.create(new Proxy({}, {getPrototypeOf() { throw 1 }, get() { throw 2 }}))"),
      "Object <Complex prototype> {}");
  EXPECT_EQ(inspect("({get [Symbol.toStringTag]() { throw 1 }, get constructor() { throw 2 }})"),
            "{ constructor: [Getter], [Symbol(Symbol.toStringTag)]: [Getter] }");
  eval(
      "Object.defineProperty(Array.prototype, '0', {set() { throw 2 }, configurable: true});"
      "Object.defineProperty(Object.prototype, 'value', {get() { throw 1 }, configurable: true});");
  EXPECT_EQ(inspect("({a: new Set([1])})"), "{ a: Set(1) { 1 } }");
  std::string deep = "var deep = {}; for (let i = 0; i < 300; ++i) deep = {deep}; deep";
  EXPECT_NE(inspect(deep, {.depth = 1'000'000}).find("[Object]"), std::string::npos);
}

TEST_F(InspectTest, AnEmptyHandleIsRefused) {
  EXPECT_EQ(web::try_inspect(Value()).error().kind(), ErrorKind::runtime_gone);
}

}  // namespace
}  // namespace quip::test

#include "value_writer.hpp"

#include <utility>

namespace quip::fuzz {

std::string ValueWriter::script() {
  variables_ = random_.below(4);
  // the value first: what is written last may find no bytes left
  const bool has_patches = random_.once_in(2);
  std::string text = "(" + value() + ")";
  huge_ = true;
  while (variables_ > 0) {
    --variables_;
    std::string declaration = "var v" + std::to_string(variables_) + " = " + value() + ";\n";
    text = declaration + text;
  }
  for (std::size_t left = has_patches ? 1 + random_.below(2) : 0; left > 0; --left) {
    std::string first = patch() + ";\n";
    text = first + text;
  }
  return text;
}

std::string ValueWriter::primitive() {
  static const char* const texts[] = {"undefined",
                                      "null",
                                      "true",
                                      "false",
                                      "0",
                                      "-0",
                                      "1",
                                      "-1",
                                      "7",
                                      "1.5",
                                      "NaN",
                                      "Infinity",
                                      "255",
                                      "256",
                                      "2**31",
                                      "-(2**31)",
                                      "2**32",
                                      "2**53",
                                      "2**63",
                                      "2**64",
                                      "1e308",
                                      "5e-324",
                                      "0n",
                                      "1n",
                                      "-1n",
                                      "2n**63n",
                                      "2n**64n",
                                      "-(2n**63n)",
                                      "2n**100n",
                                      "''",
                                      "'a'",
                                      "'red'",
                                      "'read'",
                                      "'Circle'",
                                      "'Empty'",
                                      "'\\0'",
                                      "'\\xe9'",
                                      "'\\u{1F600}'",
                                      "'\\uD800'",
                                      "'a\\uDC00b'",
                                      "'\\uD83D' + '\\uDE00'",
                                      "'x'.repeat(300)",
                                      "'x'.repeat(300) + 'y'.repeat(300)",
                                      "('\\uD800'.repeat(500) + 'y'.repeat(900))",
                                      "'[object Object]'",
                                      "Symbol('s')",
                                      "Symbol.iterator",
                                      "Symbol.for('r')"};
  return one_of(texts);
}

std::string ValueWriter::key() {
  static const char* const keys[] = {"x",
                                     "y",
                                     "name",
                                     "age",
                                     "tags",
                                     "home",
                                     "favourite",
                                     "value",
                                     "children",
                                     "radius",
                                     "type",
                                     "t",
                                     "c",
                                     "Circle",
                                     "Point",
                                     "length",
                                     "0",
                                     "1",
                                     "next",
                                     "'__proto__'",
                                     "['__proto__']",
                                     "[Symbol.iterator]",
                                     "[Symbol.toPrimitive]",
                                     "valueOf",
                                     "toString",
                                     "constructor",
                                     "then",
                                     "done",
                                     "'\\uD800'",
                                     "number",
                                     "circles",
                                     "text",
                                     "red"};
  return one_of(keys);
}

std::string ValueWriter::patch() {
  static const char* const patches[] = {
      "0",
      "Array.prototype[Symbol.iterator] = function* () { yield 1; yield 'a' }",
      "Array.prototype[Symbol.iterator] = () => { throw 'patched' }",
      "Object.defineProperty(Object.prototype, 'name', {get() { throw 1 }, set() { throw 2 }})",
      "Object.defineProperty(Object.prototype, 0, {get() { return drop(), 'zero' }, set() {}})",
      "Object.defineProperty(Array.prototype, 1, {get() { throw 'one' }, set() { throw 'one' }})",
      "Object.prototype.x = 5",
      "Map.prototype.set = null",
      "Map.prototype[Symbol.iterator] = function* () { yield [1, 2]; yield 3 }",
      "Set.prototype[Symbol.iterator] = undefined",
      "delete globalThis.Map",
      "globalThis.Date = null",
      "globalThis.Array = function () { throw 1 }",
      "Function.prototype.apply = () => 7",
      "Function.prototype.call = null",
      "Array.prototype.splice = () => { throw 'splice' }",
      "Array.prototype.push = null",
      "Date.prototype.getTime = () => 'no'",
      "Date.prototype.valueOf = () => NaN",
      "Object.getPrototypeOf([][Symbol.iterator]()).next = () => ({done: true})",
      "Object.getPrototypeOf([][Symbol.iterator]()).next = () => { throw 'next' }",
      "Number.prototype.valueOf = () => 'no'",
      "Symbol.prototype.toString = null",
      "Object.setPrototypeOf(Array.prototype, null)",
      "Object.freeze(Array.prototype)",
      "Object.prototype.toString = () => { throw 'text' }",
      "Object.defineProperty(Object.prototype, 'length', {get() { throw 'length' }})"};
  return one_of(patches);
}

std::string ValueWriter::elements() {
  return list([this] { return random_.once_in(12) ? std::string() : value(); });
}

std::string ValueWriter::function(const std::string& result) {
  static const char* const heads[] = {"() => (", "() => (drop(), ", "() => (gc(), "};
  if (random_.below(4) == 3) {
    return "() => { throw " + result + " }";
  }
  return one_of(heads) + result + ")";
}

std::string ValueWriter::property() {
  const std::string name = key();
  switch (random_.below(6)) {
    default:
      return name + ": " + value();
    case 4:
      return "get " + name + "() { return (" + function(value()) + ")() }";
    case 5:
      return name + "() { return (" + function(value()) + ")() }";
  }
}

std::string ValueWriter::object() {
  return "{" + list([this] { return property(); }) + "}";
}

std::string ValueWriter::typed_array() {
  static const char* const names[] = {
      "Uint8Array",     "Int8Array",    "Uint8ClampedArray", "Int16Array",   "Uint16Array",
      "Int32Array",     "Uint32Array",  "Float32Array",      "Float64Array", "BigInt64Array",
      "BigUint64Array", "Float16Array", "DataView"};
  const std::string name = one_of(names);
  switch (random_.below(6)) {
    default:
      return name == "DataView" ? "new DataView(new ArrayBuffer(5), 1)"
                                : "new " + name + "([1, 2, 200].map(" +
                                      (name.starts_with("Big") ? "BigInt" : "Number") + "))";
    case 1:
      return "(b => { const t = new " + name +
             "(b); b.transfer(); return t })(new ArrayBuffer(16))";
    case 2:
      return "(b => { const t = new " + name +
             "(b, 8); b.resize(4); return t })(new ArrayBuffer(16, {maxByteLength: 32}))";
    case 3:
      return "(b => { const t = new " + name +
             "(b); b.resize(32); return t })(new ArrayBuffer(16, {maxByteLength: 32}))";
    case 4:
      return "new " + name + "(new SharedArrayBuffer(16))";
    case 5:
      return "new " + name + "(new ArrayBuffer(64), 8)";
  }
}

std::string ValueWriter::trap() {
  static const char* const names[] = {
      "get",       "has", "ownKeys",       "getOwnPropertyDescriptor", "getPrototypeOf", "apply",
      "construct", "set", "defineProperty"};
  const std::string name = one_of(names);
  // a length that lies stays short: what is read is as long as it says
  return name == "get" && random_.once_in(2)
             ? "get: (t, k) => k === 'length' ? 5 : k === Symbol.iterator ? t[k] : " + value()
             : name + ": " + function(value());
}

std::string ValueWriter::proxy() {
  static const char* const targets[] = {"{}",
                                        "[]",
                                        "() => 1",
                                        "[1, 2, 3]",
                                        "new Map()",
                                        "new Date(0)",
                                        "{name: 'a', tags: ['b'], x: 1, y: 2}"};
  const bool was_huge = std::exchange(huge_, true);
  const std::string target = random_.once_in(3) ? "Object(" + value() + ")" : one_of(targets);
  huge_ = was_huge;
  return random_.once_in(6)
             ? "(p => { p.revoke(); return p.proxy })(Proxy.revocable(" + target + ", {}))"
             : "new Proxy(" + target + ", {" + list([this] { return trap(); }) + "})";
}

std::string ValueWriter::iterable() {
  switch (random_.below(4)) {
    case 0:
      return "(function* () { " + list_of_yields() + "})()";
    case 1:
      return "{[Symbol.iterator]: " + function("(function* () { " + list_of_yields() + "})()") +
             "}";
    case 2:
      return "{[Symbol.iterator]() { let n = 0; return {next() { return n++ < 3 ? {value: " +
             value() + ", done: " + primitive() +
             "} : {done: true} }, return: " + function(value()) + "} }}";
    default:
      return "{length: " + std::to_string(random_.below(9)) + ", 0: " + value() +
             ", 1: " + value() + ", [Symbol.iterator]: Array.prototype[Symbol.iterator]}";
  }
}

std::string ValueWriter::list_of_yields() {
  std::string text;
  for (std::size_t left = random_.below(9); left > 0; --left) {
    text += (random_.once_in(8) ? "throw " : "yield ") + value() + "; ";
  }
  return text;
}

std::string ValueWriter::odd_array() {
  const std::string index = std::to_string(random_.below(8));
  switch (random_.below(9)) {
    case 0:
      return "(a => (Object.defineProperty(a, " + index + ", {get: " + function(value()) +
             "}), a))([" + elements() + "])";
    case 1:
      return "(a => (Object.defineProperty(a, " + index + ", {get() { a.length = 0; gc(); return " +
             value() + " }}), a))([1, 2, {}, [], 5, 'f', 7, {}, 9])";
    case 2:
      return "(a => (Object.defineProperty(a, " + index + ", {get() { a.push({}, {}, {}); return " +
             value() + " }}), a))([{}, {}, 1])";
    case 3:
      return "(a => (a.push(a), a))([" + elements() + "])";
    case 4:
      return "Object.setPrototypeOf([" + elements() + "], " + value() + ")";
    case 5:
      return "new (class extends Array {})(" + std::to_string(random_.below(20)) + ")";
    case 6:
      // It takes time to look through: once a script, and never where the engine would do it, in
      // the text of an array or the iterator of a proxy.
      if (huge_) {
        return "[]";
      }
      huge_ = true;
      return "(a => (a.length = 4294967295, Object.defineProperty(a, 'toString', { value: () => "
             "'huge' })))([" +
             elements() + "])";
    case 7:
      return "Array(" + std::to_string(random_.below(3000)) + ").fill(" + primitive() + ")";
    default:
      return "Object.freeze([" + elements() + "])";
  }
}

std::string ValueWriter::ring() {
  static const char* const rings[] = {"(o => (o.children = [o], o))({})",
                                      "(o => (o.self = o, o))({value: 1})",
                                      "(m => (m.set('a', m), m))(new Map())",
                                      "(s => (s.add(s), s))(new Set())",
                                      "(o => (o.children = [{value: 'x'}, o, o], o))({})",
                                      "(o => (o.c = o, o.t = 'circles', o))({})",
                                      "(a => (a[0] = [a], a))([])",
                                      "(p => p)(new Proxy({}, {get: (t, k, r) => r}))"};
  return one_of(rings);
}

std::string ValueWriter::value() {
  if (depth_ > 5 || random_.left() == 0) {
    return primitive();
  }
  ++depth_;
  const std::string text = "(" + compound() + ")";
  --depth_;
  return text;
}

std::string ValueWriter::compound() {
  switch (random_.below(24)) {
    default:
      return primitive();
    case 6:
    case 7:
      return "[" + elements() + "]";
    case 8:
    case 9:
    case 10:
      return object();
    case 11:
      return odd_array();
    case 12:
      return "new Map([" + list([this] { return "[" + value() + ", " + value() + "]"; }) + "])";
    case 13:
      return "new Set([" + elements() + "])";
    case 14:
      return typed_array();
    case 15:
      return proxy();
    case 16:
      return iterable();
    case 17:
      return function(value());
    case 18:
      return ring();
    case 19: {
      static const char* const others[] = {
          "new Date(0)",
          "new Date(NaN)",
          "new Date(8.64e15)",
          "/x/g",
          "new Error('e')",
          "Promise.resolve(1)",
          "new WeakRef({})",
          "new ArrayBuffer(3)",
          "Object.create(null)",
          "new (class { #x = 1; get value() { return this.#x } })()",
          "globalThis",
          "Math",
          "new Number(5)",
          "new String('boxed')",
          "Object(Symbol('o'))",
          "Object(1n)",
          "(function () { return arguments })(1, 2)",
          "async () => 1",
          "class {}",
          "(function f() {}).bind(null)",
          "new WeakMap()",
          "Array",
          "JSON",
          "Reflect"};
      return one_of(others);
    }
    case 20:
      return variables_ == 0 || shared_++ > 4 ? primitive()
                                              : "v" + std::to_string(random_.below(variables_));
    case 21: {
      return natives_[random_.below(natives_.size())] + ("(" + value() + ")");
    }
    case 22:
      return "(() => { try { return " + value() + " } catch (e) { return " +
             (random_.once_in(2) ? "e" : value()) + " } })()";
    case 23:
      return "Object.assign(" + function(value()) + ", " + object() + ")";
  }
}

}  // namespace quip::fuzz

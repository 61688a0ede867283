// The web helpers, JSON and structured clones.
#include "operation.hpp"

#include <array>
#include <chrono>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace quip::test {
namespace {

using namespace std::chrono_literals;
using enum Source;
using enum Where;
using web::AbortController;
using web::AbortSignal;
using web::EventTarget;

/// With all of the web helpers, whose console prints into `printed`.
void install(World& world, const std::shared_ptr<std::string>& printed) {
  web::Options options;
  options.print = [printed](web::Stream, std::string_view text) { printed->append(text); };
  web::install(world.ctx(), options);
}

/// A script's function that uses the helpers; the loop runs behind it.
Operation helper(std::string_view name, std::string_view script, std::string_view expected) {
  return {name, none, outside, [script, expected](World& world) {
            const auto printed = std::make_shared<std::string>();
            install(world, printed);
            const auto call = world.eval<Function>(script);
            return [&world, printed, call, expected] {
              printed->clear();
              const Value value = call.call();
              world.run();
              if (world.was_told()) return;
              const Value result = value.is_promise() ? value.as<Promise<Value>>().result() : value;
              expect(result.is_undefined() ? printed->starts_with(expected)
                                           : result.to_display_string() == expected);
            };
          }};
}

}  // namespace

Operations web_operations() {
  return {
      {"web::install", none, inside,
       [](World& world) {
         return [ctx = world.ctx()] {
           web::install(ctx);
           expect(ctx.globals().has("console") && ctx.globals().has("AbortController"));
         };
       }},
      helper("console.log", "() => console.log('a %s and %d', 'text', 5, { b: [1, 2] })",
             "a text and"),
      helper("console.table", "() => { console.table([{ a: 1 }, { a: 2 }]); return 1 }", "1"),
      helper("setTimeout and clearTimeout",
             "async () => { clearTimeout(setTimeout(() => { throw 1 }, 1));"
             "return await new Promise(f => setTimeout(f, 1, 'done')) }",
             "done"),
      helper("setInterval",
             "async () => { let n = 0; return await new Promise(f => { const id ="
             "setInterval(() => { if (++n == 3) { clearInterval(id); f(n) } }, 1) }) }",
             "3"),
      helper("queueMicrotask", "async () => await new Promise(f => queueMicrotask(() => f(4)))",
             "4"),
      helper("EventTarget and Event",
             "() => { const t = new EventTarget(); let n = 0; t.addEventListener('x', e => {"
             "n += e.type.length }); t.dispatchEvent(new Event('x')); return n }",
             "1"),
      helper("CustomEvent",
             "() => { const t = new EventTarget(); let n; t.addEventListener('x', e => {"
             "n = e.detail }, { once: true }); t.dispatchEvent(new CustomEvent('x',"
             "{ detail: 8 })); return n }",
             "8"),
      helper("AbortController",
             "() => { const c = new AbortController(); let n = 0; c.signal.onabort = () => ++n;"
             "c.abort(); return n + c.signal.reason.name }",
             "1AbortError"),
      helper("AbortSignal.any",
             "() => { const c = new AbortController(); const any = AbortSignal.any([c.signal]);"
             "c.abort(7); return any.reason }",
             "7"),
      helper("TextEncoder and TextDecoder",
             "() => new TextDecoder().decode(new TextEncoder().encode('text \u00e4'))",
             "text \u00e4"),
      helper("performance.now", "() => performance.now() >= 0", "true"),
      helper("structuredClone", "() => structuredClone({ a: [1, new Date(5)] }).a[1].getTime()",
             "5"),
      helper("DOMException", "() => new DOMException('m', 'AbortError').code", "20"),
      {"EventTarget::listen and dispatch", none, inside,
       [](World& world) {
         return [ctx = world.ctx()] {
           const auto count = std::make_shared<int>(0);
           const auto target = Instance<EventTarget>::make(ctx);
           EventTarget::listen(target, "ping", [count](web::Event&) { ++*count; });
           EventTarget::dispatch(target, "ping");
           expect(*count == 1);
         };
       }},
      {"AbortSignal::token", none, inside,
       [](World& world) {
         return [ctx = world.ctx()] {
           const auto controller = Instance<AbortController>::make(ctx, ctx);
           const std::stop_token token = AbortSignal::token(controller->signal());
           controller->abort();
           expect(token.stop_requested());
         };
       }},
      {"AbortSignal::of a stop_token", none, outside,
       [](World& world) {
         return [&world] {
           std::stop_source source;
           const auto signal = AbortSignal::of(world.ctx(), source.get_token());
           source.request_stop();
           world.run();
           expect(world.was_told() || signal->aborted());
         };
       }},
      {"AbortSignal::timeout", none, outside,
       [](World& world) {
         return [&world] {
           const auto signal = AbortSignal::timeout(world.ctx(), 1ms);
           const auto id = EventTarget::listen(signal, "abort", [](web::Event&) {});
           world.run();
           expect(id != 0 && (world.was_told() || signal->aborted()));
         };
       }},
      {"DOMException(ctx, message, name)", none, inside,
       [](World& world) {
         return [ctx = world.ctx()] {
           const web::DOMException error(ctx, "a message", "AbortError");
           expect(error.code() == 20 && error.message() == "a message");
         };
       }},
      {"web::inspect", none, inside,
       [](World& world) {
         const Value value = world.eval("({ a: [1, 'two', { b: new Map([[1, 2]]) }], f() {} })");
         return [value] {
           expect(web::inspect(value) == "{ a: [ 1, \"two\", { b: [Map] } ], f: [Function: f] }" ||
                  web::inspect(value).starts_with("{"));
         };
       }},
      {"TextDecoder of C++", none, outside,
       [](World&) {
         return [] {
           web::TextDecoder decoder("utf-16le");
           const std::array<std::byte, 4> bytes = {std::byte{'a'}, std::byte{0}, std::byte{'b'},
                                                   std::byte{0}};
           expect(decoder.decode(bytes) == "ab");
         };
       }},
      {"json::parse", none, inside,
       [](World& world) {
         return [ctx = world.ctx()] {
           const auto object = json::parse<Object>(
               ctx, R"({"a": [1, 2.5, {"b": "text", "c": null}], "d": {"e": true}})");
           expect(object["a"][2]["b"].get<std::string>() == "text");
         };
       }},
      {"json::parse to C++", none, inside,
       [](World& world) {
         return [ctx = world.ctx()] {
           using Numbers = std::map<std::string, std::vector<int>>;
           expect(json::parse<Numbers>(ctx, R"({"a": [1, 2], "b": []})").at("a").size() == 2);
         };
       }},
      {"json::try_parse of what is no JSON", none, inside,
       [](World& world) {
         return [ctx = world.ctx()] { expect(!json::try_parse(ctx, R"({"a": [1, })")); };
       }},
      {"json::stringify", none, inside,
       [](World& world) {
         const Value value = world.eval("({ a: [1, 'two', null], b: { c: true } })");
         return [value] {
           expect(json::stringify(value) == R"({"a":[1,"two",null],"b":{"c":true}})");
         };
       }},
      {"json::stringify with options", none, inside,
       [](World& world) {
         const Value value = world.eval("({ a: 1, b: 2, toJSON() { return { a: 3, b: 4 } } })");
         return [value] {
           json::StringifyOptions options;
           options.replacer = std::vector<std::string>{"a"};
           options.space = 2;
           expect(json::stringify(value, options) == "{\n  \"a\": 3\n}");
         };
       }},
      {"json::stringify of C++", none, inside,
       [](World& world) {
         return [ctx = world.ctx()] {
           expect(json::stringify(ctx, std::vector<std::string>{"a", "b"}) == R"(["a","b"])");
         };
       }},
      {"structured_clone", none, inside,
       [](World& world) {
         const auto value = world.eval<Object>(
             "const o = { a: [1, 'two', 3n], m: new Map([[{}, new Set([1])]]), d: new Date(5),"
             "r: /x/g, e: new TypeError('x'), b: new Uint8Array([1, 2]) }; o.self = o; o");
         return [value] {
           const Object copy = structured_clone(value);
           expect(copy["self"].get<Object>() == copy && copy["a"][0].get<int>() == 1);
         };
       }},
      {"structured_clone to another context, with transfer", none, inside,
       [](World& world) {
         const Context other(world.runtime());
         const auto buffer = world.eval<ArrayBuffer>("new ArrayBuffer(8)");
         return [ctx = Ctx(other.handle().realm()), other, buffer] {
           const std::array<Value, 1> transfer = {buffer};
           const Result<Value> copy = try_structured_clone(ctx, buffer, transfer);
           if (!copy) copy.error().raise();
           expect(copy->as<ArrayBuffer>().size() == 8 && buffer.is_detached());
         };
       }},
      {"structured_clone of what cannot be cloned", none, inside,
       [](World& world) {
         const Value value = world.eval("({ f() {} })");
         return [value] { expect(!try_structured_clone(value)); };
       }},
  };
}

}  // namespace quip::test

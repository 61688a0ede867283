// What gdb looks at: run.cmake stops in `stop_here` and prints these variables.
#include <quip/quip.hpp>

#include <cstdio>
#include <optional>
#include <string>

struct Planet {
  double mass = 1;
};
void define(quip::ClassDef<Planet>& def) { def.constructor<>().field<&Planet::mass>(); }

[[gnu::noinline]] void stop_here(const quip::Value& shown) {
  std::printf("%d\n", shown.handle().empty() ? 0 : 1);
}

int main() {
  quip::Runtime runtime;
  const quip::Context context(runtime);
  std::optional<quip::Runtime> ended(std::in_place);
  const quip::Value orphan =
      quip::Context(*ended).with([](quip::Ctx ctx) { return ctx.eval("'left'"); });
  ended.reset();
  context.with([&](quip::Ctx ctx) {
    const quip::Value number = ctx.eval("42");
    const quip::Value fraction = ctx.eval("2.5");
    const quip::Value truth = ctx.eval("true");
    const quip::Value nothing = ctx.eval("undefined");
    const quip::Value text = ctx.eval("'plain \"text\"'");
    const quip::String wide = ctx.eval<quip::String>("'\\u03b1\\u03b2'");
    const quip::Value part = ctx.eval("'0123456789'.repeat(100).slice(10, 600)");
    const quip::Value joined = ctx.eval("let a = 'left '.repeat(500), b = 'right'; a + b");
    const quip::Value symbol = ctx.eval("Symbol('mark')");
    const quip::Object object = ctx.eval<quip::Object>(
        "({ host: 'example.org', port: 80, tags: ['a', 'b'], deep: { er: { est: 1 } }, "
        "get hidden() { return 1; }, [Symbol.iterator]: 1, 7: 'seven' })");
    const quip::Array array = ctx.eval<quip::Array>("[1, 'two', null, [3], {}]");
    const quip::Function function = ctx.eval<quip::Function>("(function parse() {})");
    const quip::Value map = ctx.eval("new Map()");
    const quip::Value planet(ctx, Planet());
    const quip::Value empty;
    quip::Value moved = number;
    const quip::Value taken = std::move(moved);
    const quip::Result<int> good = 7;
    const quip::Result<int> bad =
        ctx.try_eval<int>("function f() { null.x; } f()", {.filename = "bad.js"});
    const quip::Error error = quip::Error::type("expected more");
    stop_here(number);
  });
}

// Fuzzes what writes values down and copies them. The bytes of an input write a script by a grammar
// (rings, proxies, getters, holes, symbols, odd prototypes); its value is inspected, printed by the
// console, made JSON and cloned.
//
// - Inspecting runs no script, never fails on account of the value, and says the same twice.
// - A clone of a clone is like the clone.
// - JSON that was read and written is written the same again.
//
// QUIP_FUZZ_SHOW=1 in the environment prints the script before it runs.
#include "common/input.hpp"
#include "common/value_writer.hpp"

#include <cstdio>
#include <optional>
#include <string>
#include <vector>

namespace {

using namespace quip;
using namespace quip::fuzz;

constexpr const char* natives[] = {"native", "symbolic", "hidden", "sparse", "boxed"};
/// What the grammar of values lacks: keys that are symbols, properties that are not enumerable,
/// private members, arrays that are mostly holes, instances of native classes.
constexpr const char* helpers = R"(
  globalThis.symbolic = x => ({[Symbol('s')]: x, [Symbol.toStringTag]: 'T\n', '\u202E': x});
  globalThis.hidden = x => Object.defineProperty(new (class A { #p = x; static q = x; a = x })(),
                                                 'h', {value: x, enumerable: false});
  globalThis.sparse = x => { const a = []; a[3] = x; a[2000] = x; a.name = x; return a };
)";

struct Box {
  Value value;
};
void define(ClassDef<Box>& def) { def.constructor<Value>().field<&Box::value>(); }

class Target {
 public:
  Target(Input& input, Runtime& runtime, const Ctx& ctx) : input_(input), ctx_(ctx) {
    const Object globals = ctx.globals();
    web::install(ctx, {.timers = false,
                       .print = [this](web::Stream, std::string_view text) { printed_ = text; }});
    globals.set("gc", [this, &runtime] {
      ++calls_;
      runtime.run_gc();
    });
    globals.set("drop", [this] { ++calls_; });
    globals.set("native", [](Value value) { return value; });
    globals.set("Box", Instance<Box>::constructor(ctx));
    ctx.eval<void>(helpers);
    ctx.eval<void>("globalThis.boxed = x => new Box(x)");
  }

  void run() {
    ValueWriter writer(input_, natives);
    writer.leave_out_huge();
    const std::string script = writer.script();
    if (shows()) std::fprintf(stderr, "%s\n", script.c_str());
    const Result<Value> value = ctx_.try_eval(script);
    if (!value) return check(value.error());
    inspect(*value);
    print(*value);
    clone(*value);
    write_json(*value);
  }

 private:
  std::string inspected(const Value& value, const web::InspectOptions& options) {
    const int before = calls_;
    Result<std::string> text = web::try_inspect(value, options);
    if (calls_ != before) fail("inspecting has run a script");
    if (!text) {
      check(text.error());
      if (text.error().kind() != ErrorKind::out_of_memory) {
        fail(std::string("cannot be inspected: ") + text.error().what());
      }
      return {};
    }
    return *std::move(text);
  }
  void inspect(const Value& value) {
    const web::InspectOptions options{.depth = static_cast<int>(input_.below(12)),
                                      .hidden = input_.once_in(2)};
    if (inspected(value, options) != inspected(value, options)) fail("it reads differently");
  }
  void print(const Value& value) {
    static constexpr const char* methods[] = {"log",  "table", "dir",   "assert", "group",
                                              "time", "count", "error", "trace",  "groupEnd"};
    static constexpr const char* formats[] = {"%s", "%d %i %f", "%o %O",     "%c%j%%",
                                              "%",  "%s%s%s%s", "\xC3\xA9%O"};
    const auto console = ctx_.globals().try_get<Object>("console");
    if (!console) return check(console.error());  // a patch took it away
    for (std::size_t left = 1 + input_.below(3); left > 0; --left) {
      const auto method = console->try_get<Function>(input_.one_of(methods));
      if (!method) return check(method.error());
      const std::string format = input_.one_of(formats);
      const Result<Value> done = input_.once_in(2)
                                     ? method->try_call(This(*console), value, value)
                                     : method->try_call(This(*console), format, value, value);
      if (!done) check(done.error());
    }
  }
  void clone(const Value& value) {
    std::vector<Value> transfer;
    if (input_.once_in(4)) transfer.push_back(value);
    const Result<Value> first = try_structured_clone(ctx_, value, transfer);
    if (!first) return check(first.error());
    const Result<Value> second = try_structured_clone(*first);
    if (!second) fail(std::string("a clone cannot be cloned: ") + second.error().what());
    const web::InspectOptions options{.depth = 8, .hidden = true};
    if (inspected(*first, options) != inspected(*second, options)) fail("a clone is not alike");
  }
  void write_json(const Value& value) {
    json::StringifyOptions options;
    switch (input_.below(5)) {
      case 1:
        options.space = static_cast<int>(input_.below(12));
        break;
      case 2:
        options.space = std::string("\t\r\n ");
        break;
      case 3:
        options.replacer = std::vector<std::string>{"a", "x", "0", "value"};
        break;
      case 4: {
        const auto replacer = ctx_.try_eval<Function>("(k, v) => (drop(), k === 'x' ? [v] : v)");
        if (replacer) options.replacer = *replacer;
        break;
      }
      default:
        break;
    }
    const auto text = json::try_stringify(value, options);
    if (!text) return check(text.error());
    if (!*text) return;
    // where nothing is patched
    const Runtime runtime;
    Context(runtime).with([&](const Ctx& ctx) {
      const std::string once = rewritten(ctx, **text);
      if (rewritten(ctx, once) != once) fail("JSON is written differently: " + once);
    });
  }
  static std::string rewritten(const Ctx& ctx, const std::string& text) {
    const Result<Value> value = json::try_parse(ctx, text);
    if (!value) fail("JSON cannot be read again: " + value.error().message() + "\n" + text);
    const auto again = json::try_stringify(*value);
    if (!again || !*again) fail("JSON cannot be written again: " + text);
    return **again;
  }

  Input& input_;
  Ctx ctx_;
  std::string printed_;
  int calls_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  Input input(data, size);
  Runtime runtime({.memory_limit = std::size_t{64} << 20U, .stack_size = std::size_t{256} << 10U});
  const Context context(runtime);
  context.with([&](const Ctx& ctx) { Target(input, runtime, ctx).run(); });
  return 0;
}

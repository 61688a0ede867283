// Fuzzes what scripts may do to bound functions, classes and callbacks. The bytes of an input write
// a program by a grammar: functions called with the wrong `this` and arguments, methods taken off
// their classes, subclasses, proxies and getters around native objects, exceptions that cross C++
// in both directions, generators, coroutines, prototypes that are patched. It runs under a limit of
// memory, of the stack and of time, and so do its jobs.
//
// Whatever it does is a value or an Error, and the runtime goes on afterwards.
//
// QUIP_FUZZ_SHOW=1 in the environment prints the program before it runs.
#include "common/counted.hpp"
#include "common/input.hpp"
#include "common/value_writer.hpp"

#include <chrono>
#include <cstdio>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

namespace {

using namespace quip;
using namespace quip::fuzz;
using namespace std::chrono_literals;

// ---- what is bound
// -------------------------------------------------------------------------------

class Shape {
 public:
  explicit Shape(double size = 1) : size_(size) {
    if (size < 0) throw std::invalid_argument("a size is not negative");
  }
  Shape(const Shape&) = default;
  Shape& operator=(const Shape&) = default;
  virtual ~Shape() = default;
  [[nodiscard]] virtual double area() const { return size_ * size_; }
  virtual std::string describe(const std::string& prefix) {
    return prefix + std::to_string(area());
  }
  [[nodiscard]] double size() const { return size_; }
  void set_size(double size) { size_ = size; }
  Shape& self() { return *this; }
  Value tag;
  std::vector<int> sides = {1, 2, 3};
  void trace(Tracer& tracer) const { tracer(tag); }

 private:
  Counted counted_;
  double size_;
};
struct ScriptShape final : Scripted<Shape> {
  using Scripted::Scripted;
  [[nodiscard]] double area() const override {
    return call_or<&Shape::area>([&] { return Shape::area(); });
  }
  std::string describe(const std::string& prefix) override {
    return call_or<&Shape::describe>([&] { return Shape::describe(prefix); }, prefix);
  }
};
void define(ClassDef<Shape>& def) {
  def.overridable<ScriptShape>()
      .constructor<>()
      .constructor<double>()
      .method<&Shape::area>()
      .method<&Shape::describe>()
      .method<&Shape::self>()
      .property<&Shape::size, &Shape::set_size>("size")
      .field<&Shape::tag>()
      .field<&Shape::sides>()
      .iterable(&Shape::sides)
      .static_method("make", [](double size) { return std::make_shared<Shape>(size); })
      .static_method("sum", [](const std::vector<Shape*>& shapes) {
        double sum = 0;
        for (const Shape* each : shapes) sum += each == nullptr ? 0 : each->area();
        return sum;
      });
}
class Square final : public Shape {
 public:
  explicit Square(double side) : Shape(side) {}
  [[nodiscard]] double twice(double by) const { return 2 * by * area(); }
};
void define(ClassDef<Square>& def) {
  def.extends<Shape>()
      .constructor<double>()
      .held_by<std::shared_ptr<Square>>()
      .method<&Square::twice>();
}
/// C++ answers for its properties, and it can be called and given away.
class Bag {
 public:
  std::optional<Value> get(const Atom& key) const {
    const std::string name = key.as<std::string>();
    if (name == "throws") throw std::out_of_range("no such thing");
    return name == "kept" ? kept_ : std::optional<Value>();
  }
  bool set(const Atom& key, const Value& value) {
    if (key.is_symbol() || key.as<std::string>() != "kept") return false;
    kept_ = value;
    return true;
  }
  void trace(Tracer& tracer) const { tracer(kept_); }

 private:
  Counted counted_;
  std::optional<Value> kept_;
};
void define(ClassDef<Bag>& def) {
  def.constructor([] { return std::make_unique<Bag>(); })
      .exotic(
          {.get = [](Bag& bag, Ctx, const Atom& key) { return bag.get(key); },
           .set = [](Bag& bag, Ctx, const Atom& key, const Value& to) { return bag.set(key, to); },
           .keys = [](Bag&, Ctx ctx) { return std::vector<Atom>{Atom(ctx, "kept")}; }})
      .callable([](Bag&, const Function& function, Rest<Value> given) {
        return function.call_with(Value(), std::vector<Value>(given.begin(), given.end()));
      });
}

Task<Value> waits(Promise<Value> promise, std::optional<int> turns) {
  for (int left = std::min(turns.value_or(0), 5); left > 0; --left) co_await yield();
  Value value = co_await promise;
  co_return value;
}
Task<Value> walks(AsyncIterator<Value> iterator) {
  Value last;
  for (int left = 20; left > 0; --left) {
    auto value = co_await iterator.next();
    if (!value) break;
    last = *std::move(value);
  }
  co_return last;
}
Generator<Value> repeats(Value value, int count) {
  for (int i = 0; i < count; ++i) co_yield value;
  Error::range("no more").raise();
}

constexpr const char* natives[] = {
    "call",        "call_on",   "construct", "attempt",     "rethrow",  "fails",   "fails_oddly",
    "gives_error", "keep",      "kept",      "text",        "number",   "numbers", "options",
    "choose",      "either",    "iterate",   "keys",        "describe", "proxied", "json",
    "cloned",      "inspected", "waits",     "walks",       "repeats",  "later",   "defaults",
    "rest",        "strict",    "once_only", "guarded_one", "function", "shape",   "own_shape",
    "taken",       "to_array",  "define",    "import_it",   "evaluate"};

struct Options {
  std::string name;
  int count = 1;
  std::optional<std::function<Value(Value)>> callback = {};
};

class Target {
 public:
  Target(Runtime& runtime, const Ctx& ctx) {
    const Object globals = ctx.globals();
    globals.set("Shape", Instance<Shape>::constructor(ctx));
    globals.set("Square", Instance<Square>::constructor(ctx));
    globals.set("Bag", Instance<Bag>::constructor(ctx));
    globals.set("gc", [&runtime] { runtime.run_gc(); });
    globals.set("drop", [this] { kept_ = Value(); });
    bind_calls(globals);
    bind_values(globals);
    bind_kinds(globals);
  }

 private:
  void bind_calls(const Object& globals) {
    globals.set("call", [](const Function& function, Rest<Value> given) {
      return function.call_with(Value(), std::vector<Value>(given.begin(), given.end()));
    });
    globals.set("call_on", [](const Value& self, const Function& function, const Value& given) {
      return function.call(This(self), given);
    });
    globals.set("construct", [](const Function& function, Opt<Value> given) {
      return function.construct(given ? *given : Value());
    });
    globals.set("attempt",
                [](const Function& function) -> Result<Value> { return function.try_call(); });
    globals.set("rethrow", [](const Function& function) {
      try {
        return function.call();
      } catch (const Error& error) {
        check(error);
        throw;
      }
    });
    globals.set("fails", [](const std::string& text) { throw std::runtime_error(text); });
    globals.set("fails_oddly", [](const Value&) { throw 7; });
    globals.set("gives_error", [](const Value& value) -> Result<int> { return Error::of(value); });
    globals.set("later", [](const Function& function) { function.defer(1); });
    globals.set("once_only", once([counted = Counted()](const Function& f) { return f.call(); }));
    globals.set("guarded_one", guarded([](const Function& function) { return function.call(); }));
    globals.set("evaluate", [](Ctx ctx, const std::string& text) { return ctx.eval(text); });
    globals.set("import_it", [](Ctx ctx, const std::string& name) { return ctx.import(name); });
  }
  void bind_values(const Object& globals) {
    globals.set("keep", [this](const Value& value) { return std::exchange(kept_, value); });
    globals.set("kept",
                [this](This<Value> self) { return self.value == kept_ ? self.value : kept_; });
    globals.set("text", [](std::string_view text) { return std::string(text); });
    globals.set("number", [](double number, Exhaustive) { return number; });
    globals.set("numbers", [](std::vector<int> numbers) { return numbers; });
    globals.set("options", [](const Options& options) {
      const auto& callback = options.callback;
      if (callback && *callback) (void)(*callback)(Value());
      return options.name;
    });
    globals.set("either", [](std::variant<int, std::string, std::vector<double>, Object> value) {
      return value;
    });
    globals.set("iterate", [](Iterator<Value> values) {
      int count = 0;
      for (const Value& each : values) {
        if (each.is_null() || ++count > 50) break;
      }
      return count;
    });
    globals.set("keys", [](const Object& object) { return object.keys<std::string>(); });
    globals.set("describe", [](const Object& object, const Atom& key) {
      const std::optional<PropertyDescriptor> found = object.own_property(key);
      if (found) object.define(key, *found);
      return found.has_value();
    });
    globals.set("json", [](const Value& value) { return json::stringify(value); });
    globals.set("cloned", [](const Value& value) { return structured_clone(value); });
    globals.set("inspected", [](const Value& value) { return web::inspect(value); });
    globals.set("to_array", [](const Array& array) { return array.as<std::vector<Value>>(); });
    globals.set("define", [](const Object& object, const Atom& key, const Function& getter) {
      object.define(key, accessor(getter));
    });
  }
  void bind_kinds(const Object& globals) {
    globals.set("choose", overload([](int number) { return number; },
                                   [](const std::string& text) { return text; },
                                   [](const Shape& shape) { return shape.size(); },
                                   [](const Function& function) { return function.call(); }));
    globals.set("proxied", [](Ctx ctx, const Object& target) {
      return Proxy(ctx, target,
                   ProxyHandler(ctx)
                       .get([](const Object& of, const Atom& key) { return of.get(key); })
                       .has([](const Object&, const Atom&) { return true; })
                       .own_keys([](const Object&) { return std::vector<std::string>{"a"}; }));
    });
    globals.set("waits", &waits);
    globals.set("walks", &walks);
    globals.set("repeats", &repeats);
    globals.set("defaults",
                fn([](int a, const std::string& b) { return b.substr(0, a > 0 ? 1 : 0); },
                   arg("a") = 1, arg("b") = "text"));
    globals.set("rest", [](Ctx, This<Value> self, Rest<Value> all) {
      return all.size() == 0 ? self.value : *all.begin();
    });
    globals.set("strict",
                [](CallArgs args) { return args.size() == 0 ? args.this_value() : args[0]; });
    globals.set("function", [](const std::function<Value(Value)>& function) {
      return [function, counted = Counted()](const Value& given) { return function(given); };
    });
    globals.set("shape", [](Shape* shape) { return shape; });
    globals.set("own_shape", [](const std::shared_ptr<Shape>& shape) { return shape; });
    globals.set("taken", [](std::unique_ptr<Bag> bag) { return bag; });
  }
  Value kept_;
};

// ---- the grammar
// ---------------------------------------------------------------------------------

class ProgramWriter {
 public:
  explicit ProgramWriter(Input& input) : input_(input), values_(input, natives) {
    values_.leave_out_huge();
  }
  std::string program() {
    std::string text;
    if (input_.below(4) == 3) text += values_.patch() + ";\n";
    for (std::size_t left = 1 + input_.below(8); left > 0; --left) text += statement();
    return text;
  }

 private:
  std::string number_of(std::size_t count) { return std::to_string(input_.below(count)); }
  std::string native() { return input_.one_of(natives); }
  std::string klass() { return input_.one_of(classes); }
  std::string member() { return input_.one_of(members); }
  std::string variable() { return "globalThis.g" + number_of(4); }
  std::string arguments() {
    return values_.list([this] { return expression(); });
  }
  std::string callee() {
    switch (input_.below(6)) {
      default:
        return native();
      case 2:
        return klass() + ".prototype." + member();
      case 3:
        return "Object.getOwnPropertyDescriptor(" + klass() + ".prototype, 'size')?." +
               (input_.once_in(2) ? "get" : "set");
      case 4:
        return expression() + "?." + member();
      case 5:
        return klass() + "." + (input_.once_in(2) ? "make" : "sum");
    }
  }
  std::string expression() {
    if (depth_ > 4 || input_.left() == 0) return values_.primitive();
    ++depth_;
    const std::string text = "(" + compound() + ")";
    --depth_;
    return text;
  }
  std::string body() {
    return "{ " + (input_.once_in(2) ? statement() : std::string()) + "return " + expression() +
           " }";
  }
  std::string compound() {
    switch (input_.below(24)) {
      default:
        return values_.value();
      case 2:
      case 3:
        return native() + "(" + arguments() + ")";
      case 4:
        return variable();
      case 5:
        return "new " + klass() + "(" + arguments() + ")";
      case 6:
        return callee() + "?.call(" + expression() + ", " + arguments() + ")";
      case 7:
        return "Reflect.apply(" + callee() + ", " + expression() + ", [" + arguments() + "])";
      case 8:
        return "Reflect.construct(" + (input_.once_in(2) ? klass() : callee()) + ", [" +
               arguments() + "], " + (input_.once_in(2) ? klass() : expression()) + ")";
      case 9:
        return "(" + expression() + ")." + member() + "(" + arguments() + ")";
      case 10:
        return "(...a) => " + body();
      case 11:
        return "function (a, b) " + body();
      case 12:
        return "class extends " + klass() + " { constructor(...a) { " +
               (input_.below(4) == 3 ? std::string() : "super(" + arguments() + "); ") +
               (input_.once_in(3) ? "return " + expression() : std::string()) + " } " + member() +
               "(...a) " + body() + " get size() " + body() + " }";
      case 13:
        return "new (" + expression() + ")(" + arguments() + ")";
      case 14:
        return "new Proxy(" + expression() + ", {get: (t, k, r) => Reflect.get(t, k, " +
               input_.one_of(receivers) + "), " + trap() + ": (...a) => " + body() + "})";
      case 15:
        return callee() + "?.bind(" + expression() + ", " + arguments() + ")";
      case 16:
        return "async (...a) => " + body();
      case 17:
        return "(async () => { await " + expression() + "; " + statement() + "return " +
               expression() + " })()";
      case 18:
        return "(function* () { yield " + expression() + "; " + statement() + "yield* " +
               expression() + " })()";
      case 19:
        return "{__proto__: " + expression() + ", " + member() + ": " + expression() + "}";
      case 20:
        return "Object.create(" + klass() + ".prototype)";
      case 21:
        return "[..." + expression() + "]";
      case 22:
        return expression() + " instanceof " + expression();
      case 23:
        return "`${" + expression() + "}`";
    }
  }
  std::string trap() {
    static constexpr const char* names[] = {
        "apply",         "construct",      "has",
        "ownKeys",       "getPrototypeOf", "getOwnPropertyDescriptor",
        "deleteProperty"};
    return input_.one_of(names);
  }
  std::string block() {
    std::string text = "{ ";
    for (std::size_t left = input_.below(3); left > 0; --left) text += statement();
    return text + "}";
  }
  std::string statement() {
    if (depth_ > 4 || input_.left() == 0) return ";\n";
    ++depth_;
    const std::string text = simple() + ";\n";
    --depth_;
    return text;
  }
  std::string simple() {
    switch (input_.below(16)) {
      default:
        return variable() + " = " + expression();
      case 3:
      case 4:
        return native() + "(" + arguments() + ")";
      case 5:
        return "try " + block() + " catch (e) { keep(e); " + statement() + " }" +
               (input_.once_in(3) ? " finally " + block() : std::string());
      case 6:
        return "throw " + expression();
      case 7:
        return expression() + "." + member() + " = " + expression();
      case 8:
        return "Object.defineProperty(" + expression() + ", '" + member() +
               "', {configurable: true, " + "get() " + body() + ", set(v) " + block() + "})";
      case 9:
        return "Object.setPrototypeOf(" + expression() + ", " + expression() + ")";
      case 10:
        return "for (const x of " + expression() + ") { if (" + variable() + "n++ > 9) break; " +
               statement() + " }";
      case 11:
        return "for (const k in " + expression() + ") { keep(k); " + statement() + "}";
      case 12:
        return "delete " + expression() + "." + member();
      case 13:
        return "Promise.resolve(" + expression() + ").then(" + expression() + ", " + expression() +
               ")";
      case 14:
        return klass() + ".prototype." + member() + " = " + expression();
      case 15:
        return input_.below(8) == 7 ? input_.one_of(hard) : "gc()";
    }
  }

  static constexpr const char* classes[] = {"Shape", "Square", "Bag"};
  static constexpr const char* members[] = {
      "area", "describe", "self",   "size", "tag",      "sides",   "twice",       "kept",
      "then", "throws",   "length", "name", "toString", "valueOf", "constructor", "prototype"};
  static constexpr const char* receivers[] = {"r", "t", "1", "undefined", "new Shape(2)"};
  static constexpr const char* hard[] = {
      "for (;;) {}",
      "(function f() { call(f) })()",
      "(function f() { f() })()",
      "let a = []; for (;;) a.push(new Shape(1), 'x'.repeat(100000))",
      "(async () => { for (;;) await null })()",
      "/(a+)+b/.test('a'.repeat(40))",
      "for (;;) { try { fails('') } catch {} }",
  };

  Input& input_;
  ValueWriter values_;
  int depth_ = 0;
};

void run(const std::string& program) {
  Runtime runtime({.memory_limit = std::size_t{16} << 20U, .stack_size = std::size_t{256} << 10U});
  const Context context(runtime);
  runtime.set_error_handler([](const Error& error) { check(error); });
  runtime.set_unhandled_rejection_handler(
      [](Ctx, const Error& error, const Value&) { check(error); });
  int asked = 0;
  runtime.set_interrupt_handler([&asked] { return ++asked > 4; });
  context.with([&](const Ctx& ctx) {
    Target target(runtime, ctx);
    const Deadline deadline(ctx, 5s);  // for what is not asked about
    const Result<Value> result = ctx.try_eval(program);
    if (!result) check(result.error());
  });
  for (int left = 50; left > 0; --left) {
    const Result<bool> polled = runtime.try_poll();
    if (!polled) check(polled.error());
    if (polled && !*polled) break;
  }
  // it goes on
  asked = 0;
  runtime.run_gc();
  const Result<int> sum = context.with([](const Ctx& ctx) { return ctx.try_eval<int>("20 + 22"); });
  if (!sum) check(sum.error());
  if (sum ? *sum != 42 : sum.error().kind() != ErrorKind::out_of_memory) {
    fail("it does not go on: " + (sum ? std::to_string(*sum) : sum.error().message()));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  Input input(data, size);
  const std::string program = ProgramWriter(input).program();
  if (shows()) std::fprintf(stderr, "%s\n", program.c_str());
  run(program);
  if (Counted::live() != 0) fail(std::to_string(Counted::live()) + " objects are left");
  return 0;
}

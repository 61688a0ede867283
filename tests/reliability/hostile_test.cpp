// Each hostile script ends by one of the limits of its runtime, or by itself, and leaves a runtime
// that works.
#include "reliability/hostile.hpp"

#include <quip/class/class_def.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <variant>

namespace quip::test {

namespace {

using namespace std::chrono_literals;

struct HostilePoint : Counted {
  HostilePoint(double at_x, double at_y) : x(at_x), y(at_y) {}
  double x;
  double y;
  [[nodiscard]] double sum() const { return x + y; }
  /// The script may do to this object what it likes meanwhile.
  double during(const Function& function) {
    function.call<Value>(this->x);
    return x;
  }
};

void define(ClassDef<HostilePoint>& def) {
  def.name("Point")
      .constructor<double, double>()
      .field<&HostilePoint::x>()
      .field<&HostilePoint::y>()
      .method<&HostilePoint::sum>()
      .method<&HostilePoint::during>()
      .method("plus", [](const HostilePoint& a,
                         const HostilePoint& b) { return HostilePoint(a.x + b.x, a.y + b.y); })
      .static_method("origin", [] { return HostilePoint(0, 0); });
}

struct HostileOptions {
  int width = 0;
  std::string name;
  std::vector<int> list;
};

Task<int> await_later(const Promise<Value> promise) {  // NOLINT: a coroutine keeps its own
  co_await yield();
  co_await promise;
  co_return 1;
}

void define_host(const Ctx& ctx, std::vector<Value>& kept) {
  const Object host = Object(ctx);
  host.set("add", [](int a, int b) { return a + b; });
  host.set("text", [](const std::string& text) { return text.size(); });
  host.set("numbers", [](const std::vector<double>& numbers) { return numbers.size(); });
  host.set("texts", [](const std::vector<std::string>& texts) { return texts.size(); });
  host.set("table", [](const std::map<std::string, int>& table) { return table.size(); });
  host.set("options", [](const HostileOptions& options) {
    return options.width + static_cast<int>(options.list.size());
  });
  host.set("either", [](const std::variant<int, std::string, std::vector<int>>& either) {
    return either.index();
  });
  host.set("call", [](const Function& function) { return function.call<Value>(); });
  host.set("twice", [](const Function& function) {
    function.call<Value>();
    return function.call<Value>();
  });
  host.set("bytes", [](const std::vector<std::byte>& bytes) { return bytes.size(); });
  host.set("sum", [](const TypedArray<double>& array) {
    return array.with_span([](std::span<double> elements) {
      double sum = 0;
      for (const double element : elements) sum += element;
      return sum;
    });
  });
  host.set("iterate", [](const Value& iterable) {
    double sum = 0;
    for (const double number : iterate<double>(iterable)) sum += number;
    return sum;
  });
  host.set("json", [](const Value& value) { return json::stringify(value).value_or(""); });
  host.set("parse", [](Ctx here, const std::string& text) { return json::parse(here, text); });
  host.set("clone", [](const Value& value) { return structured_clone(value); });
  host.set("inspect", [](const Value& value) { return web::inspect(value).size(); });
  host.set("date", [](std::chrono::system_clock::time_point time) { return time; });
  host.set("big", [](std::int64_t number) { return number; });
  host.set("list", [](int size) { return std::vector<int>(static_cast<std::size_t>(size), 7); });
  host.set("later", &await_later);
  host.set("keep", [&kept](const Value& value) { kept.push_back(value); });
  host.set("point", [](const HostilePoint& point) { return point.sum(); });
  ctx.globals().set("host", host);
  ctx.globals().set("Point", Instance<HostilePoint>::constructor(ctx));
}

/// "deep/3" imports "deep/4" and so on without an end.
Result<ModuleSource> load(std::string_view name) {
  static const std::map<std::string_view, std::string_view> sources{
      {"spins", "for (;;) {}"},
      {"throws", "throw new RangeError('thrown by a module')"},
      {"wrong", "export default ]"},
      {"waits", "await new Promise(() => {})"},
      {"itself", "import * as itself from 'itself'; export let x = 1; export {x as y, itself}"},
      {"ring/a", "import {b} from 'ring/b'; export let a = b"},
      {"ring/b", "import {a} from 'ring/a'; export let b = a"},
      {"stars/a", "export * from 'stars/b'; export * from 'stars/c'"},
      {"stars/b", "export * from 'stars/a'; export let x = 1"},
      {"stars/c", "export * from 'stars/a'; export let x = 2"},
  };
  if (const auto found = sources.find(name); found != sources.end()) {
    return ModuleSource(std::string(found->second));
  }
  const std::size_t slash = name.find('/');
  if (slash == std::string_view::npos) return Error::reference("no module " + std::string(name));
  const std::string family(name.substr(0, slash));
  const std::string next =
      family + "/" + std::to_string(std::stoi("0" + std::string(name.substr(slash + 1))) + 1);
  if (family == "deep") return ModuleSource("import '" + next + "'");
  if (family == "tower") return ModuleSource("await null; await import('" + next + "')");
  if (family == "flood") {
    return ModuleSource("import('" + next + "'); import('" + next + "0')");
  }
  return Error::reference("no module " + std::string(name));
}

bool is_overflow(const Error& error) {
  return error.message().find("stack") != std::string::npos ||
         error.message().find("nested too deeply") != std::string::npos;
}

std::string spelled(unsigned ends) {
  std::string text;
  for (const auto& [end, name] : {std::pair{returns, "returns"}, std::pair{throws, "throws"},
                                  std::pair{overflows, "overflows"},
                                  std::pair{exhausts, "exhausts"}, std::pair{stopped, "stopped"}}) {
    if ((ends & end) != 0) text += (text.empty() ? "" : " or ") + std::string(name);
  }
  return text;
}

}  // namespace

HostileTest::HostileTest() : runtime({.memory_limit = memory_limit, .stack_size = stack_size}) {
  runtime.set_unhandled_rejection_handler(ignore_unhandled_rejections);
  runtime.set_error_handler([](const Error&) {});
  runtime.set_loader(
      [](std::string_view, std::string_view specifier) { return std::string(specifier); }, &load);
}

unsigned HostileTest::end_of(const Error& error) {
  said = error.what();
  switch (error.kind()) {
    case ErrorKind::interrupted:
      return stopped;
    case ErrorKind::out_of_memory:
      return exhausts;
    case ErrorKind::thrown:
      // with no room for the error, engines throw one without its message, or null
      if (error.name() == "InternalError" && error.message().empty()) return exhausts;
      if (error.message() == "null") return exhausts;
      break;
    case ErrorKind::runtime_gone:
      return 0;
    case ErrorKind::conversion:
    case ErrorKind::usage:
      break;
  }
  return is_overflow(error) ? overflows : throws;
}

void HostileTest::use(const Value& value) {
  (void)value.try_to_display_string();
  (void)value.try_as<std::string>();
  (void)value.try_as<std::vector<double>>();
  (void)value.try_as<std::map<std::string, std::variant<int, std::string>>>(Problems::all);
  (void)value.try_as<HostileOptions>();
  (void)value.try_as<std::vector<std::byte>>();
  (void)json::try_stringify(value);
  (void)try_structured_clone(value);
  (void)web::try_inspect(value);
}

unsigned HostileTest::run_in(const Context& context, const HostileScript& script) {
  return context.with([&](Ctx ctx) -> unsigned {
    define_host(ctx, kept);
    // scripts that are not to be stopped are not, on a slow machine either
    const Deadline deadline(ctx, (script.ends & stopped) != 0 ? 150ms : 2min);
    unsigned end = returns;
    if (script.is_module) {
      const Result<Promise<>> promise = ctx.try_eval_module(script.text, "main");
      if (!promise) return end_of(promise.error());
      if (const Result<void> ran = runtime.try_run(); !ran) return end_of(ran.error());
      if (promise->state() == PromiseState::rejected) end = end_of(promise->try_result().error());
      return end;
    }
    const Result<Value> value = ctx.try_eval(script.text, {.filename = "hostile.js"});
    if (value) {
      use(*value);
    } else {
      end = end_of(value.error());
    }
    const Result<void> ran = runtime.try_run();
    return end == returns && !ran ? end_of(ran.error()) : end;
  });
}

unsigned HostileTest::run(const HostileScript& script) {
  const Context context(runtime);
  const Function add = context.with(
      [](Ctx ctx) { return Value(ctx, [](int a, int b) { return a + b; }).as<Function>(); });
  const unsigned end = run_in(context, script);
  kept.clear();
  drain();
  // a context whose script has done its worst still does what needs no standard library
  runtime.set_memory_limit(0);
  EXPECT_EQ(context.with([](Ctx ctx) { return ctx.eval<int>("1 + 2"); }), 3);
  EXPECT_EQ(add.call<int>(1, 2), 3);
  runtime.set_memory_limit(memory_limit);
  return end;
}

void HostileTest::drain() {
  const Deadline deadline(runtime, 20ms);
  is_busy_ = true;
  while (is_busy_ && !deadline.expired()) is_busy_ = !runtime.try_run();
}

void HostileTest::check() {
  runtime.run_gc();
  const auto used = static_cast<std::size_t>(runtime.memory_usage().malloc_size);
  // Jobs that wait for their turn, and the contexts of these, may be what takes the memory: engines
  // know no way to drop them. A host that goes on all the same gives it more.
  constexpr std::size_t enough = std::size_t{4} << 20;
  if (used + enough > memory_limit) runtime.set_memory_limit(used + enough);
  const Context fresh(runtime);
  check(fresh);
  runtime.run_gc();
  check(fresh);
}

void HostileTest::expect_jobs_run(const Ctx& ctx) {
  const auto promise = ctx.eval<Promise<int>>(
      "(async () => (await host.later(Promise.resolve(1))) + (await null, 1))()");
  const auto ran = [&] {
    const Deadline deadline(ctx, is_busy_ ? 5ms : 2min);
    return runtime.try_run();
  }();
  if (promise.state() == PromiseState::fulfilled) {
    EXPECT_EQ(promise.result(), 2);
  } else {
    // jobs of the script make jobs for ever, and the loop says that it gets to nothing else
    EXPECT_TRUE(is_busy_);
    ASSERT_FALSE(ran);
    EXPECT_EQ(ran.error().kind(), ErrorKind::interrupted);
  }
}

void HostileTest::check(const Context& context) {
  const NoneLeft no_points_left;
  context.with([&](Ctx ctx) {
    define_host(ctx, kept);
    EXPECT_EQ(ctx.eval<std::vector<int>>("[3, 1, 2].sort().map(n => n * 2)"),
              (std::vector<int>{2, 4, 6}));
    EXPECT_EQ(ctx.eval<int>("host.add(40, 2)"), 42);
    EXPECT_EQ(ctx.eval<double>("new Point(1, 2).plus(new (class extends Point {})(3, 4)).sum()"),
              10);
    EXPECT_EQ(ctx.eval<std::string>("try { host.add('x') } catch (e) { e.name }"), "TypeError");
    EXPECT_EQ(ctx.eval<std::string>("JSON.stringify({a: [1, 'b', null]})"),
              R"({"a":[1,"b",null]})");
    EXPECT_EQ(ctx.eval<std::string>("'abc'.replace(/b(?=c)/u, '-')"), "a-c");
    EXPECT_EQ(ctx.eval<int>("(function f(n) { return n && 1 + f(n - 1); })(20)"), 20);
    expect_jobs_run(ctx);
    const Deadline deadline(ctx, 1ms);
    EXPECT_EQ(ctx.try_eval("try { for (;;) {} } catch {}").error().kind(), ErrorKind::interrupted);
  });
  runtime.run_gc();
}

TEST_P(HostileTest, IsContained) {
  const unsigned end = run(GetParam());
  EXPECT_EQ(end & GetParam().ends, end)
      << "it " << spelled(end) << ", but it " << spelled(GetParam().ends) << "; " << said;
  EXPECT_NE(end, 0U) << said;
  check();
}

}  // namespace quip::test

#include "world.hpp"

#include <chrono>
#include <map>
#include <thread>
#include <utility>

namespace quip::soak {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_contexts = 3;
constexpr std::size_t most_handles = 200;

/// A native class with values that the collector sees.
struct Item {
  explicit Item(std::string called = "item") : name(std::move(called)) {}
  void add(const Value& value) { values.push_back(value); }
  std::string name;
  std::vector<Value> values;
  Counted counted;
  void trace(Tracer& tracer) const { tracer(values); }
};
void define(ClassDef<Item>& def) {
  def.constructor<>().constructor<std::string>().field<&Item::name>().method<&Item::add>();
}

Task<int> sleeps(int ms, Counted) {
  co_await sleep(std::chrono::milliseconds(ms));
  co_return ms;
}
Task<int> awaits(Promise<int> promise, Counted) {
  const int value = co_await promise;
  co_return value + 1;
}
Task<int> completes(Completion<int> completion, Counted) {
  const int value = co_await completion;
  co_return value;
}
Task<int> first_of(Task<int> one, Task<int> other, Counted) {
  auto first = co_await when_any(std::move(one), std::move(other));
  co_return static_cast<int>(first.index);
}
Generator<int> counts(int count, Counted) {
  for (int i = 0; i < count; ++i) co_yield i;
}
AsyncGenerator<int> ticks(int count, Counted) {
  for (int i = 0; i < count; ++i) {
    co_await yield();
    co_yield i;
  }
}

[[noreturn]] void fail(const std::string& what, const Error& error) {
  throw Failure(what + ": " + error.what());
}
/// Throws a Failure for an error.
template <class T>
T expect(Result<T> result, const char* what) {
  if (!result) fail(what, result.error());
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

}  // namespace

World::World(Random& random)
    : random_(random),
      runtime_(std::make_unique<Runtime>(
          RuntimeOptions{.gc_threshold = (std::size_t{64} << 10U) << random.below(4)})) {
  runtime_->set_unhandled_rejection_handler(ignore_unhandled_rejections);
  runtime_->set_error_handler([](const Error&) {});
  const ModuleDef native("native", [](Exports& exports) {
    exports.function("twice", [](int n) { return 2 * n; }).add<Item>().value("PI", 3.14);
  });
  BuiltinLoader modules;
  modules.add("lib", "import {twice} from 'native'; export const four = twice(2)").add(native);
  runtime_->set_loader(modules, modules);
}

World::~World() {
  if (random_.once_in(2)) contexts_.clear();
  if (random_.once_in(2)) kept_.clear();
  if (random_.once_in(2)) runtime_.reset();  // before what is in it
}

const std::vector<World::Step>& World::steps() {
  static const std::vector<Step> all = {
      &World::make_context,
      &World::drop_context,
      &World::use_class,
      &World::use_functions,
      &World::use_module,
      &World::spawn_tasks,
      &World::settle,
      &World::use_timers,
      &World::use_buffers,
      &World::convert,
      &World::use_weak_references,
      &World::throw_across,
      &World::write_down,
      &World::drop_elsewhere,
      &World::use_elsewhere,
      &World::poll,
      &World::poll,
      &World::use_class,
      &World::use_functions,
      &World::spawn_tasks,
  };
  return all;
}

void World::step() {
  // limits and collections take longer than all else, and are rarer for it
  switch (random_.below(400)) {
    case 0:
      return run_into_time_limit();
    case 1:
      return run_into_memory_limit();
    case 2:
      return run_into_stack_limit();
    case 3:
    case 4:
      return collect();
    default:
      (this->*steps()[random_.below(steps().size())])();
  }
}

void World::empty() {
  stop_.request_stop();
  stop_ = std::stop_source();
  deferreds_.clear();
  for (const Completion<int>& each : completions_) each.set(0);
  completions_.clear();
  kept_.clear();
  while (!contexts_.empty()) drop_context();
  // stopped coroutines, rejected promises and timers of a millisecond come to their ends
  if (!runtime_->try_run_until(Clock::now() + 20ms)) poll();
  for (int i = 0; i < 20 && runtime_->next_timer(); ++i) {
    (void)runtime_->try_run_until(Clock::now() + 20ms);
  }
  runtime_->run_gc();
  runtime_->run_gc();
}

std::vector<Value> World::take_handles() { return std::exchange(kept_, {}); }

Context& World::context() {
  if (contexts_.empty()) make_context();
  return random_.one_of(contexts_);
}

void World::keep(Value value) {
  if (kept_.size() < most_handles) {
    kept_.push_back(std::move(value));
  } else {
    random_.one_of(kept_) = std::move(value);
  }
}

Value World::any() { return kept_.empty() ? Value() : random_.one_of(kept_); }

void World::make_context() {
  if (contexts_.size() >= most_contexts) return drop_context();
  const Context& made = contexts_.emplace_back(*runtime_);
  made.with([](const Ctx& ctx) {
    web::install(ctx, {.console = false});
    const Object globals = ctx.globals();
    globals.set("Item", Instance<Item>::constructor(ctx));
    globals.set("sleeps", [](int ms) { return sleeps(ms, Counted()); });
    globals.set("counts", [](int count) { return counts(count, Counted()); });
    globals.set("ticks", [](int count) { return ticks(count, Counted()); });
  });
}

void World::drop_context() {
  if (contexts_.empty()) return;
  std::swap(random_.one_of(contexts_), contexts_.back());
  contexts_.back().with([](const Ctx& ctx) {  // nobody could clear them afterwards
    ctx.eval<void>("for (const timer of globalThis.timers ?? []) clearInterval(timer)");
  });
  contexts_.pop_back();
}

void World::use_class() {
  context().with([&](const Ctx& ctx) {
    switch (random_.below(6)) {
      case 0:
        keep(Value(ctx, std::make_unique<Item>("unique")));
        break;
      case 1:
        keep(Value(ctx, std::make_shared<Item>("shared")));
        break;
      case 2:
        keep(Instance<Item>::make(ctx, "made"));
        break;
      case 3: {
        Item item;
        const Loan loan(item);
        ctx.globals().set("lent", loan);
        ctx.eval<void>("lent.name = 'used'; delete globalThis.lent");
        break;
      }
      case 4:  // a ring
        keep(ctx.eval(
            "(item => { item.add({item}); item.add(() => item); return item })(new Item())"));
        break;
      default:
        keep(ctx.eval("new (class Own extends Item { add(x) { super.add(x) } })('own')"));
    }
    if (const auto item = any().try_as<Item*>()) {
      if (*item != nullptr && (*item)->values.size() < 8) (*item)->add(any());
    }
  });
}

void World::use_functions() {
  context().with([&](const Ctx& ctx) {
    const Function hidden(ctx, "hidden",
                          [text = std::string(100, 'x'), counted = Counted()](int n) { return n; });
    const Function seen(
        ctx, "seen", traced([](Value& value, Counted&, int) { return value; }, any(), Counted()));
    if (hidden.call<int>(7) != 7) throw Failure("another result");
    keep(hidden);
    keep(seen);
    if (const auto object = any().try_as<Object>()) (void)object->try_set("f", seen);
    const auto script = ctx.eval<std::function<int(int)>>("x => x + 1");
    if (script(1) != 2) throw Failure("another result of a script's function");
    keep(ctx.eval("(f => () => f)(x => x)"));
  });
}

void World::use_module() {
  const std::string name = "module" + std::to_string(names_++ % 50);
  context().with([&](const Ctx& ctx) {
    const Result<Module> made = Module::try_declare(
        ctx, ModuleSource("import {four} from 'lib'; export const answer = four + 38;"), name);
    if (!made) return;  // the context has one of that name
    expect(made->try_evaluate(), "evaluating a module");
    (void)runtime_->try_poll();
    if (const auto answer = made->try_get<int>("answer"); answer && *answer != 42) {
      throw Failure("another export");
    }
    keep(made->exports());
  });
}

void World::spawn_tasks() {
  context().with([&](const Ctx& ctx) {
    const int ms = static_cast<int>(random_.below(3));
    const std::stop_token token = random_.once_in(3) ? stop_.get_token() : std::stop_token();
    switch (random_.below(7)) {
      case 0:
        keep(ctx.spawn(sleeps(ms, Counted()), token));
        break;
      case 1: {
        const Deferred<int> deferred(ctx);
        deferreds_.push_back(deferred);
        keep(ctx.spawn(awaits(deferred.promise(), Counted()), token));
        break;
      }
      case 2:
        completions_.emplace_back();
        keep(ctx.spawn(completes(completions_.back(), Counted()), token));
        break;
      case 3:
        keep(ctx.spawn(first_of(sleeps(ms, Counted()), sleeps(100000, Counted()), Counted())));
        break;
      case 4:
        keep(ctx.eval("(async () => { await sleeps(1); await null; return [...counts(3)] })()"));
        break;
      case 5:
        keep(ctx.eval("(async () => { for await (const n of ticks(3)) if (n === 1) break })()"));
        break;
      default:
        keep(ctx.eval("Promise.all([sleeps(0), 1, Promise.reject(new Error('no'))])"));
    }
  });
  if (deferreds_.size() > 20) deferreds_.erase(deferreds_.begin());
  if (completions_.size() > 20) {  // nobody awaits what is never completed
    completions_.front().set(0);
    completions_.erase(completions_.begin());
  }
}

void World::settle() {
  if (!deferreds_.empty()) {
    const Deferred<int> deferred = std::exchange(deferreds_.back(), deferreds_.front());
    deferreds_.pop_back();
    if (random_.once_in(4)) {
      std::thread([&] { deferred.resolve(1); }).join();
    } else if (random_.once_in(3)) {
      deferred.reject(Error::range("rejected"));
    } else {
      deferred.resolve(1);
    }
  }
  if (!completions_.empty()) {
    completions_.back().set(1);
    completions_.pop_back();
  }
  if (random_.once_in(10)) {
    stop_.request_stop();
    stop_ = std::stop_source();
  }
}

void World::use_timers() {
  context().with([&](const Ctx& ctx) {
    ctx.eval<void>(R"(
      globalThis.timers ??= [];
      timers.push(setInterval(() => { timers.count = (timers.count ?? 0) + 1 }, 1));
      setTimeout(() => {}, 1);
      setImmediate(() => {});
      while (timers.length > 3) clearInterval(timers.shift());
    )");
  });
}

void World::use_buffers() {
  context().with([&](const Ctx& ctx) {
    const std::size_t size = 1 + random_.below(20000);
    const auto made = ArrayBuffer::from(ctx, std::vector<std::byte>(size));
    ctx.globals().set("buffer", made);
    switch (random_.below(4)) {
      case 0:
        keep(ctx.eval("new Uint8Array(buffer)"));
        break;
      case 1:
        keep(ctx.eval("buffer.transfer?.(100)"));
        break;
      case 2:
        keep(ctx.eval("structuredClone(buffer, {transfer: [buffer]})"));
        break;
      default:
        keep(TypedArray<double>::from(ctx, std::vector<double>(size)));
    }
    ctx.eval<void>("delete globalThis.buffer");
  });
}

void World::use_weak_references() {
  context().with([&](const Ctx& ctx) {
    const Object target(ctx);
    const WeakRef reference(ctx, target);
    if (!reference.deref()) throw Failure("a target is gone that is there");
    keep(reference);
    keep(ctx.eval("(o => { const m = new WeakMap([[o, {o}]]); return random => m.get(o) })({})"));
    keep(ctx.eval("new FinalizationRegistry(() => {})"));
    ctx.eval<void>("new FinalizationRegistry(() => {}).register({}, 1)");
  });
}

void World::convert() {
  context().with([&](const Ctx& ctx) {
    std::map<std::string, std::vector<int>> map;
    for (std::size_t left = random_.below(20); left > 0; --left) {
      map[std::to_string(random_.below(1000))].resize(random_.below(50));
    }
    const Value value(ctx, map);
    if (value.as<std::map<std::string, std::vector<int>>>() != map) throw Failure("another map");
    keep(value);
    const std::string text(random_.below(5000), 'x');
    if (Value(ctx, text).as<std::string>() != text) throw Failure("another text");
  });
}

void World::throw_across() {
  context().with([&](const Ctx& ctx) {
    ctx.globals().set(
        "raise", [kept = any(), counted = Counted()] { throw std::out_of_range("thrown in C++"); });
    const Result<Value> thrown =
        ctx.try_eval("try { raise() } catch (e) { throw new TypeError('again', {cause: e}) }");
    if (thrown || !thrown.error().is("TypeError") || thrown.error().cause() == nullptr) {
      throw Failure("another error");
    }
    keep(thrown.error().value());
    ctx.eval<void>("delete globalThis.raise");
  });
}

void World::write_down() {
  context().with([&](const Ctx& ctx) {
    const Value value = any();
    (void)web::try_inspect(value);
    (void)json::try_stringify(value);
    if (const Result<Value> clone = try_structured_clone(ctx, value)) keep(*clone);
    keep(json::parse(ctx, R"({"a": [1, 2, {"b": null}], "c": "text"})"));
  });
}

void World::drop_elsewhere() {
  struct Dropped {
    std::vector<Value> values;
    std::vector<Context> contexts;
  };
  auto dropped = std::make_unique<Dropped>();
  dropped->values.swap(kept_);
  if (!contexts_.empty() && random_.once_in(2)) dropped->contexts.push_back(contexts_.front());
  const auto drop = [&] { std::thread([&] { dropped.reset(); }).join(); };
  if (random_.once_in(2)) {
    drop();
  } else {
    context().with([&](const Ctx&) { drop(); });  // this thread holds the lock
  }
}

void World::use_elsewhere() {
  const Context used = context();
  std::thread([&] {
    used.with([](const Ctx& ctx) { (void)ctx.try_eval<int>("[1, 2, 3].map(x => x * 2).length"); });
  }).join();
}

void World::run_into_time_limit() {
  static constexpr const char* endless[] = {"for (;;);", "/(a+)+b/.test('a'.repeat(50))",
                                            "for (;;) { try { throw {} } catch {} }"};
  const auto check = [](const Result<void>& result) {
    if (result) throw Failure("what is endless has ended");
    if (result.error().kind() != ErrorKind::interrupted) fail("not stopped", result.error());
  };
  check(context().with([&](const Ctx& ctx) {
    const Deadline deadline(ctx, 2ms);
    return ctx.try_eval<void>(endless[random_.below(std::size(endless))]);
  }));
  // jobs without end stay pending: in a runtime of their own
  Runtime doomed;
  const Context in(doomed);
  in.with([](const Ctx& ctx) { ctx.eval<void>("(async () => { for (;;) await null })()"); });
  const Deadline deadline(doomed, 2ms);
  check(doomed.try_run());
}

void World::run_into_memory_limit() {
  const Context used = context();
  const std::int64_t size = runtime_->memory_usage().malloc_size;
  runtime_->set_memory_limit(static_cast<std::size_t>(size) + (std::size_t{1} << 20U));
  const Result<void> result = used.with([](const Ctx& ctx) {
    return ctx.try_eval<void>("(a => { for (;;) a.push('x'.repeat(1000), new Item(), {}) })([])");
  });
  runtime_->set_memory_limit(0);
  if (result) throw Failure("what is endless has ended");
  // without memory for an Error object the engine throws null (JS_ThrowError)
  if (result.error().kind() != ErrorKind::out_of_memory && result.error().message() != "null") {
    fail("not out of memory", result.error());
  }
}

void World::run_into_stack_limit() {
  context().with([&](const Ctx& ctx) {
    const Result<void> deep = ctx.try_eval<void>("(function f() { f() })()");
    if (deep || deep.error().kind() != ErrorKind::thrown) throw Failure("the stack has no limit");
    ctx.globals().set("again", [](const Function& function) { function.call<void>(); });
    const Result<void> across = ctx.try_eval<void>("(function f() { again(f) })()");
    if (across) throw Failure("the stack has no limit across C++");
  });
}

void World::collect() { runtime_->run_gc(); }

void World::poll() { (void)runtime_->try_poll(); }

}  // namespace quip::soak

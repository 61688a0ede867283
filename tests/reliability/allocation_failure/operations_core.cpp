// Runtimes, contexts, limits, the loop.
#include "operation.hpp"

#include <chrono>
#include <memory>
#include <stdexcept>
#include <stop_token>

namespace quip::test {
namespace {

using namespace std::chrono_literals;
using enum Source;
using enum Where;

struct Unusual : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace

Operations core_operations() {
  return {
      {"Runtime(options)", none, outside,
       [](World&) {
         return [] {
           const Runtime runtime(World::options());
           expect(runtime.memory_usage().malloc_count > 0);
         };
       }},
      {"Runtime::try_make, with a name and a limit", none, outside,
       [](World&) {
         return [] {
           RuntimeOptions options = World::options();
           options.info = "a name that is longer than what a std::string holds by itself";
           options.memory_limit = 64U << 20U;
           Result<Runtime> runtime = Runtime::try_make(std::move(options));
           if (!runtime) runtime.error().raise();
         };
       }},
      {"Runtime and Context", none, outside,
       [](World&) {
         return [] {
           const Runtime runtime(World::options());
           const Context context(runtime);
         };
       }},
      {"Context(runtime)", none, outside,
       [](World& world) {
         return [&runtime = world.runtime()] {
           const Context context(runtime);
           expect(context.with([](Ctx ctx) { return ctx.globals().has("Map"); }));
         };
       }},
      {"Context::try_make, a second one", none, outside,
       [](World& world) {
         const Context first = world.context();
         return [&runtime = world.runtime(), first] {
           Result<Context> second = Context::try_make(runtime);
           if (!second) second.error().raise();
           expect(!(*second == first));
         };
       }},
      {"Context::base", none, outside,
       [](World& world) {
         return [&runtime = world.runtime()] {
           const Context context = Context::base(runtime);
           expect(context.with([](Ctx ctx) { return ctx.globals().has("Object"); }));
         };
       }},
      {"Ctx::globals", none, inside,
       [](World& world) { return [ctx = world.ctx()] { expect(ctx.globals().is_object()); }; }},
      {"Ctx::context", none, inside,
       [](World& world) {
         return
             [ctx = world.ctx(), context = world.context()] { expect(ctx.context() == context); };
       }},
      {"values between two contexts", none, outside,
       [](World& world) {
         const Context other(world.runtime());
         return [ctx = world.ctx(), other] {
           const Object made = other.with([](Ctx inner) { return Object(inner); });
           made.set("n", 4);
           ctx.globals().set("made", made);
           expect(ctx.globals()["made"]["n"].get<int>() == 4);
         };
       }},
      {"Runtime::set_memory_limit", none, outside,
       [](World& world) {
         (void)world.context();
         return [&runtime = world.runtime()] { runtime.set_memory_limit(64U << 20U); };
       }},
      {"Runtime::set_stack_size", none, outside,
       [](World& world) {
         const Context context = world.context();
         return [&runtime = world.runtime(), context] {
           runtime.set_stack_size(512U << 10U);
           expect(context.with([](Ctx ctx) { return Object(ctx).is_object(); }));
         };
       }},
      {"Runtime::set_gc_threshold", none, outside,
       [](World& world) {
         const Context context = world.context();
         return [&runtime = world.runtime(), context] {
           runtime.set_gc_threshold(1);
           context.with([](Ctx ctx) {
             for (int i = 0; i < 4; ++i) Object(ctx).set("i", i);
           });
         };
       }},
      {"Runtime::set_info", none, outside,
       [](World& world) {
         return [&runtime = world.runtime()] {
           runtime.set_info("a name that is longer than what a std::string holds by itself");
         };
       }},
      {"Runtime::run_gc, of cycles", none, outside,
       [](World& world) {
         world.eval<void>("for (let i = 0; i < 50; ++i) { const o = {}; o.self = [o, () => o]; }");
         return [&runtime = world.runtime()] { runtime.run_gc(); };
       }},
      {"Runtime::memory_usage", none, outside,
       [](World& world) {
         (void)world.context();
         return [&runtime = world.runtime()] { expect(runtime.memory_usage().object_count > 0); };
       }},
      {"Runtime, moved and destroyed", none, outside,
       [](World&) {
         return [] {
           Runtime runtime(World::options());
           Runtime moved(std::move(runtime));
           runtime = std::move(moved);
         };
       }},
      {"a runtime's end under handles", none, outside,
       [](World& world) {
         const Object object = world.eval<Object>("({ a: [1, {}, () => 1] })");
         return [&world, object] {
           world.end();
           expect(!object.try_get("a"));
         };
       }},
      {"Runtime::set_interrupt_handler", none, outside,
       [](World& world) {
         const auto call = world.eval<Function>("() => { for (let i = 0; i < 20000; ++i); }");
         return [&runtime = world.runtime(), call] {
           const std::string text = "captured text that does not fit into a std::function itself";
           runtime.set_interrupt_handler([text] { return text.empty(); });
           call.call<void>();
         };
       }},
      {"a script that the interrupt handler stops", none, outside,
       [](World& world) {
         const auto call = world.eval<Function>("() => { for (;;); }");
         return [&world, call] {
           world.runtime().set_interrupt_handler([] { return true; });
           const Result<void> stopped = call.try_call<void>();
           world.runtime().set_interrupt_handler({});
           expect(!stopped);
           if (stopped.error().kind() != ErrorKind::interrupted) stopped.error().raise();
         };
       }},
      {"Deadline", none, outside,
       [](World& world) {
         const auto call = world.eval<Function>("() => { for (;;); }");
         return [context = world.context(), call] {
           const Deadline deadline(context, 1ms);
           const Result<void> stopped = call.try_call<void>();
           expect(!stopped);
           if (stopped.error().kind() != ErrorKind::interrupted) stopped.error().raise();
         };
       }},
      {"StopScope", none, outside,
       [](World& world) {
         const auto call = world.eval<Function>("() => 1");
         return [context = world.context(), call] {
           const std::stop_source source;
           const StopScope scope(context, source.get_token());
           expect(call.call<int>() == 1);
           expect(!scope.stop_requested());
         };
       }},
      {"Runtime::set_turn_limit", none, outside,
       [](World& world) {
         const auto call = world.eval<Function>("() => 1");
         return [&world, call] {
           world.runtime().set_turn_limit(1h);
           call.defer();
           world.run();
         };
       }},
      {"Runtime::map_exception", none, outside,
       [](World& world) {
         const auto call = world.eval<Function>("f => { try { f() } catch (e) { return e.name } }");
         return [&runtime = world.runtime(), call] {
           runtime.map_exception<Unusual>(
               [](const Unusual& error) { return Error::named("UnusualError", error.what()); });
           const auto name = call.call<std::string>([] { throw Unusual("so it is"); });
           if (name == "InternalError") return;  // the script was told of the lack of memory
           expect(name == "UnusualError" || name == "Error", "the exception's name");
         };
       }},
      {"Runtime::set_rejection_handler", none, outside,
       [](World& world) {
         const auto call = world.eval<Function>("() => { Promise.reject(1).catch(() => {}) }");
         return [&world, call] {
           world.runtime().set_rejection_handler([](Ctx, const Value&, const Value&, bool) {});
           call.call<void>();
           world.run();
         };
       }},
      {"Runtime::set_unhandled_rejection_handler", none, outside,
       [](World& world) {
         const auto call = world.eval<Function>("() => { Promise.reject(new Error('lost')) }");
         return [&world, call] {
           const auto was_told = std::make_shared<bool>(false);
           world.runtime().set_unhandled_rejection_handler(
               [was_told](Ctx, const Error&, const Value&) { *was_told = true; });
           call.call<void>();
           world.run();
           expect(*was_told, "a rejection that nobody was told of");
         };
       }},
      {"Runtime::set_promise_hook", none, outside,
       [](World& world) {
         const auto call = world.eval<Function>("() => { Promise.resolve(1).then(() => {}) }");
         return [&world, call] {
           if (!Runtime::has_promise_hooks()) return;
           const auto steps = std::make_shared<int>(0);
           world.runtime().set_promise_hook(
               [steps](Ctx, PromiseHook, const Value&, const Value&) { ++*steps; });
           call.call<void>();
           world.run();
           world.runtime().set_promise_hook({});
           expect(*steps > 0);
         };
       }},
      {"Runtime::set_loader", none, outside,
       [](World& world) {
         return [&runtime = world.runtime()] {
           runtime.set_loader(
               [](std::string_view, std::string_view specifier) -> Result<std::string> {
                 return std::string(specifier);
               },
               [](std::string_view) -> Result<ModuleSource> { return ModuleSource(""); });
         };
       }},
      {"Runtime::poster and poll", none, outside,
       [](World& world) {
         (void)world.context();
         return [&runtime = world.runtime()] {
           const auto done = std::make_shared<int>(0);
           expect(runtime.poster().post([done] { ++*done; }));
           while (runtime.poll()) {
           }
           expect(*done == 1);
         };
       }},
      {"Runtime::run_one and next_timer", none, outside,
       [](World& world) {
         web::install_timers(world.ctx());
         const auto call = world.eval<Function>("() => { setTimeout(() => { done = 1 }, 1) }");
         return [&world, call] {
           call.call<void>();
           expect(world.runtime().next_timer().has_value());
           while (world.runtime().run_one()) {
           }
           expect(world.was_told() || world.ctx().globals()["done"].get<int>() == 1);
         };
       }},
      {"Runtime::run_for", none, outside,
       [](World& world) {
         const auto call = world.eval<Function>("() => { done = 1 }");
         return [&world, call] {
           call.defer();
           world.runtime().run_for(1h);
           expect(world.was_told() || world.ctx().globals()["done"].get<int>() == 1);
         };
       }},
      {"Runtime::execute_pending_job", none, outside,
       [](World& world) {
         const auto call = world.eval<Function>("(n) => { done = n }");
         return [&world, call] {
           call.defer(3);
           expect(world.runtime().execute_pending_job());
           expect(world.ctx().globals()["done"].get<int>() == 3);
         };
       }},
      {"Runtime::engine and engine_stamp", none, outside,
       [](World&) {
         return [] {
           expect(!Runtime::engine().empty());
           expect(!engine_stamp().name.empty());
         };
       }},
      {"Runtime::set_import_meta and others that take functions", none, outside,
       [](World& world) {
         return [&runtime = world.runtime()] {
           const std::string text = "captured text that does not fit into a std::function itself";
           runtime.set_import_meta([text](Ctx, const Object&, std::string_view) {});
           runtime.set_error_handler([text](const Error&) {});
           runtime.set_unhandled_rejection_handler([text](Ctx, const Error&, const Value&) {});
           runtime.set_rejection_handler([text](Ctx, const Value&, const Value&, bool) {});
         };
       }},
  };
}

}  // namespace quip::test

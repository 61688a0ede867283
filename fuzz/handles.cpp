// Fuzzes the lives of handles. The bytes of an input are steps of a machine that holds runtimes,
// contexts, values, functions, errors, modules and native objects in a few places each, and makes,
// copies, moves, uses and drops them in any order: runtimes before what is in them, handles on
// other threads, values of one runtime in another. Whatever a script calls, a getter, a proxy's
// trap, a destructor that the collector runs, takes the next steps of the same machine, so that
// everything also happens in the midst of everything else.
//
// A use is a result or an Error; at the end no C++ object is left.
//
// QUIP_FUZZ_SHOW=1 in the environment prints the steps.
#include "common/counted.hpp"
#include "common/input.hpp"

#include <array>
#include <cstdio>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace quip;
using namespace quip::fuzz;

/// Takes a step of the machine that runs, if one does.
void step();

/// A native object with values in it, which the collector sees.
class Node {
 public:
  Node() = default;
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;
  ~Node() { step(); }
  void add(const Value& value) { children_.push_back(value); }
  void clear() {
    const auto dropped = std::exchange(children_, {});
    step();
  }
  [[nodiscard]] std::optional<Value> last() const {
    return children_.empty() ? std::optional<Value>() : children_.back();
  }
  void trace(Tracer& tracer) const { tracer(children_); }

 private:
  Counted counted_;
  std::vector<Value> children_;
};
void define(ClassDef<Node>& def) {
  def.constructor<>()
      .method<&Node::add>()
      .method<&Node::clear>()
      .property<&Node::last>("last")
      .method("step", [](Node&) { step(); })
      .static_method("make", [] { return std::make_unique<Node>(); })
      .static_method("share", [] { return std::make_shared<Node>(); });
}

/// One whose values nobody sees, and whose properties C++ answers for.
class Hidden {
 public:
  Hidden() = default;
  Hidden(const Hidden&) = delete;
  Hidden& operator=(const Hidden&) = delete;
  ~Hidden() { step(); }
  std::optional<Value> find(const Atom& key) {
    step();
    return key.as<std::string>() == "kept" ? kept_ : std::optional<Value>();
  }
  bool keep(const Value& value) {
    const auto dropped = std::exchange(kept_, value);
    step();
    return true;
  }

 private:
  Counted counted_;
  std::optional<Value> kept_;
};
void define(ClassDef<Hidden>& def) {
  def.constructor<>().exotic(
      {.get = [](Hidden& self, Ctx, const Atom& key) { return self.find(key); },
       .set = [](Hidden& self, Ctx, const Atom&, const Value& value) { return self.keep(value); },
       .keys = [](Hidden&, Ctx ctx) { return step(), std::vector<Atom>{Atom(ctx, "kept")}; }});
}

constexpr const char* snippets[] = {
    "undefined",
    "({a: {b: 1}})",
    "[1, {}, 'text', 2.5, Symbol('s')]",
    "() => step()",
    "x => { step(); return x }",
    "new (class A { constructor() { step() } get a() { step(); return this } })()",
    "new Proxy({}, {get(t, k, r) { step(); return r }, ownKeys() { step(); return ['a'] }})",
    "({get a() { step(); return last }, set a(v) { step(); globalThis.last = v }})",
    "new Node()",
    "(n => { n.add(n); return n })(new Node())",
    "(n => { const o = {n}; n.add(o); n.add(() => o); return o })(Node.share())",
    "(n => { n.add(n); return n })(Node.make())",
    "globalThis.last = {}; last.self = last; last",
    "(h => { h.kept = h; return h })(new Hidden())",
    "(h => { h.kept = {h, g: globalThis}; return h.kept })(new Hidden())",
    "new Map([[{}, last], [last, 1]])",
    "new WeakRef(last ?? {})",
    "new Set([1, 'a', last])",
    "(function* () { step(); yield 1; step(); yield last })()",
    "Promise.resolve(last).then(step)",
    "Promise.reject(new Error('nobody listens'))",
    "(async () => { await null; step(); await null; return last })()",
    "step(); last",
    "throw {step, last}",
    "throw new TypeError('e', {cause: last})",
    "(() => { try { step(); null.x } catch (e) { step(); return e } finally { step() } })()",
    "new FinalizationRegistry(step).register({}, 1)",
    "globalThis.last = undefined",
    "(function f(n) { return n > 0 ? f(n - 1) : step })(20)",
    "new Uint8Array([1, 2, 3])",
    "import('host').then(host => { step(); globalThis.last = host })",
    "take(last, new Node(), step)",
    "globalThis.B = class extends Node { add(x) { step(); super.add(x) } }",
    "(b => { b.add(b); return b })(new (globalThis.B ?? Node)())",
    "({then(resolve) { step(); resolve(last) }})",
    "new Error('x', {cause: new Node()})",
    "last.clear()",
    "last.last",
    "last.kept = last",
    "[...last]",
    "last()",
    "globalThis.last = globalThis",
};
constexpr const char* keys[] = {"a", "b", "last", "self", "kept", "0", "step", "length", "then"};

class Machine {
 public:
  explicit Machine(Input& input) noexcept : input_(input) {}
  void run() {
    while (input_.left() > 0 && steps_ < 400) take_step();
    is_over_ = true;
  }
  void take_step() noexcept;

 private:
  using Action = void (Machine::*)();
  struct Step {
    const char* name;
    Action action;
  };
  static const std::array<Step, 39> all;

  // ---- places ----------------------------------------------------------------------------------
  template <class T, std::size_t N>
  T& any(std::array<T, N>& places) {
    return places[input_.below(N)];
  }
  Value& value() { return any(values_); }
  std::string key() { return input_.one_of(keys); }
  void put(Result<Value> result) {
    if (result) {
      value() = *std::move(result);
    } else {
      check(result.error(), true);
      any(errors_) = std::move(result).error();
    }
  }
  template <class T>
  void look(const Result<T>& result) {
    if (!result) {
      check(result.error(), true);
      any(errors_) = result.error();
    }
  }
  /// Does something inside of a context, if that is there.
  template <class F>
  void inside(const F& f) {
    if (std::optional<Context>& context = any(contexts_)) context->with(f);
  }
  template <class T>
  void with_object(const T& work) {
    const Result<Object> object = value().try_as<Object>();
    if (object) work(*object);
  }

  // ---- steps -----------------------------------------------------------------------------------
  void make_runtime() {
    static constexpr std::size_t thresholds[] = {0, 1, 4096, std::size_t{256} << 10U};
    auto made = std::make_unique<Runtime>(
        RuntimeOptions{.memory_limit = std::size_t{64} << 20U,
                       .stack_size = std::size_t{256} << 10U,
                       .gc_threshold = std::max<std::size_t>(1, input_.one_of(thresholds))});
    BuiltinLoader modules;
    modules.add("host", "import native from 'native'; export default native; export const a = 1");
    modules.add(ModuleDef("native", [](Exports& exports) {
      exports.value("default", 1).function("step", &step).add<Node>();
    }));
    made->set_loader(modules, modules);
    made->set_unhandled_rejection_handler(
        [this, kept = value(), counted = Counted()](Ctx, const Error& error, const Value& promise) {
          step();
          any(errors_) = error;
          value() = promise;
        });
    made->set_error_handler([this](const Error& error) { any(errors_) = error; });
    std::swap(any(runtimes_), made);
  }
  void drop_runtime() { const auto dropped = std::exchange(any(runtimes_), nullptr); }
  void swap_runtimes() { std::swap(runtimes_[0], runtimes_[1]); }
  void make_context() {
    Runtime* runtime = any(runtimes_).get();
    if (runtime == nullptr) return;
    Result<Context> made =
        input_.below(8) == 7 ? Context::try_make_base(*runtime) : Context::try_make(*runtime);
    if (!made) return check(made.error(), true);
    made->with([&](const Ctx& ctx) {
      const Object globals = ctx.globals();
      look(globals.try_set("step", &step));
      look(globals.try_set("last", value()));
      look(globals.try_set("take", [this](Rest<Value> given) {
        for (const Value& each : given) value() = each;
        step();
        return value();
      }));
      if (const auto node = Instance<Node>::try_constructor(ctx)) {
        look(globals.try_set("Node", *node));
      }
      if (const auto hidden = Instance<Hidden>::try_constructor(ctx)) {
        look(globals.try_set("Hidden", *hidden));
      }
    });
    any(contexts_) = *std::move(made);
  }
  void copy_context() {
    const std::optional<Context> copy = any(contexts_);
    any(contexts_) = copy;
  }
  void drop_context() { const auto dropped = std::exchange(any(contexts_), std::nullopt); }
  void evaluate() {
    const char* snippet = input_.one_of(snippets);
    if (shows()) std::fprintf(stderr, "%*s%s\n", depth_ * 2, "", snippet);
    inside([&](const Ctx& ctx) { put(ctx.try_eval(snippet)); });
  }
  void copy_value() {
    const Value& from = value();
    value() = from;
  }
  void move_value() {
    Value& from = value();
    value() = std::move(from);
  }
  void drop_value() { value() = Value(); }
  void set_property() {
    const std::string name = key();
    with_object([&](const Object& object) { look(object.try_set(name, value())); });
  }
  void set_in_place() {  // of a handle that steps may change meanwhile
    if (value().try_as<Object>()) {
      look(static_cast<const Object&>(value()).try_set(key(), value()));
    }
  }
  void get_property() {
    const std::string name = key();
    with_object([&](const Object& object) { put(object.try_get(name)); });
  }
  void change_properties() {
    const std::string name = key();
    with_object([&](const Object& object) {
      look(object.try_has(name));
      look(object.try_own_property(name));
      look(object.try_define(name,
                             accessor([](This<Value>) { step(); }, [](const Value&) { step(); })));
      look(object.try_remove(name));
      look(object.try_keys());
    });
  }
  void walk_properties() {
    with_object([&](const Object& object) {
      for (auto [name, each] : object.entries()) {
        step();
        value() = each;
      }
    });
  }
  void refer_to_property() {
    with_object([&](const Object& object) {
      const auto reference = object["a"]["b"];
      step();
      look(reference.try_set(value()));
      put(reference.try_get());
    });
  }
  void call() {
    if (const auto function = value().try_as<Function>()) {
      const std::vector<Value> arguments = {value(), value()};
      put(function->try_call_with(value(), arguments));
    }
  }
  void call_in_place() {
    if (value().try_as<Function>()) {
      put(static_cast<const Function&>(value()).try_call(value(), 1, "text"));
    }
  }
  void construct() {
    if (const auto function = value().try_as<Function>()) {
      look(function->try_construct(value()));
    }
  }
  void defer() {
    if (const auto function = value().try_as<Function>()) look(function->try_defer(value()));
  }
  void bind() {
    inside([&](const Ctx& ctx) {
      switch (input_.below(3)) {
        case 0:
          put(Value::try_make(ctx, [kept = value(), counted = Counted()] { return step(), kept; }));
          break;
        case 1:
          put(Value::try_make(ctx, traced(
                                       [](const Value& kept, const Counted&, const Value& given) {
                                         step();
                                         return given.is_undefined() ? kept : given;
                                       },
                                       value(), Counted())));
          break;
        default:
          put(Value::try_make(ctx, once([kept = value(), counted = Counted()] {
                                step();
                                return kept;
                              })));
      }
    });
  }
  void keep_function() {
    if (auto function = value().try_as<std::function<Value(Value)>>()) {
      any(functions_) = *std::move(function);
    }
  }
  void call_kept_function() {
    const auto function = any(functions_);
    if (function) value() = function(value());
  }
  void make_node() {
    inside([&](const Ctx& ctx) {
      switch (input_.below(4)) {
        case 0:
          put(Value::try_make(ctx, std::make_unique<Node>()));
          break;
        case 1:
          put(Value::try_make(ctx, any(nodes_)));
          break;
        case 2:
          if (auto made = Instance<Node>::try_make(ctx)) value() = *std::move(made);
          break;
        default:
          if (auto made = Instance<Hidden>::try_make(ctx)) value() = *std::move(made);
      }
    });
  }
  void share_node() {
    if (auto node = value().try_as<std::shared_ptr<Node>>()) {
      const auto dropped = std::exchange(any(nodes_), *std::move(node));
    }
  }
  void change_node() {
    if (const std::shared_ptr<Node> node = any(nodes_)) {
      node->add(value());
      if (input_.below(4) == 3) node->clear();
    }
  }
  void drop_node() { const auto dropped = std::exchange(any(nodes_), nullptr); }
  void take_node() {
    if (auto node = value().try_as<std::unique_ptr<Node>>()) {
      any(nodes_) = std::shared_ptr<Node>(*std::move(node));
    }
  }
  void lend_node() {
    Node node;
    const Loan<Node> loan(node);
    with_object([&](const Object& object) { look(object.try_set("last", loan)); });
    step();
    step();
  }
  void weaken() {
    inside([&](const Ctx& ctx) {
      Result<WeakRef> made = WeakRef::try_make(ctx, value());
      if (!made) return check(made.error(), true);
      step();
      const Result<std::optional<Value>> target = made->try_deref();
      if (target && *target) value() = **target;
      value() = *std::move(made);
    });
  }
  void collect() {
    if (Runtime* runtime = any(runtimes_).get()) runtime->run_gc();
  }
  void run_jobs() {
    if (Runtime* runtime = any(runtimes_).get()) look(runtime->try_poll());
  }
  /// Does something on another thread and waits for that. Where this one may hold a lock, the other
  /// takes no steps: it would wait for ever.
  template <class F>
  void elsewhere(F work) {
    const bool may_be_locked = depth_ > 1;
    if (may_be_locked) ++pauses_;
    std::thread(std::move(work)).join();
    if (may_be_locked) --pauses_;
  }
  void drop_elsewhere() {
    elsewhere([dropped = std::exchange(value(), Value()),
               context = std::exchange(any(contexts_), std::nullopt)] {});
  }
  void copy_elsewhere() {
    if (depth_ > 1) return;  // a copy waits for the lock
    elsewhere([&from = value(), &to = value()] { to = Value(from); });
  }
  void use_elsewhere() {
    elsewhere([this] { take_step(); });
  }
  void go_inside() {
    const std::size_t count = 1 + input_.below(4);
    inside([&](const Ctx&) {
      for (std::size_t i = 0; i < count; ++i) step();
    });
  }
  void throw_error() {
    if (const std::optional<Error> error = any(errors_)) {
      value() = error->value();
      inside([&](const Ctx& ctx) {
        look(ctx.globals().try_set("raise", [error = *error]() -> Value { error.raise(); }));
        put(ctx.try_eval("(() => { try { raise() } catch (e) { step(); throw e } })()"));
      });
    }
  }
  void use_module() {
    inside([&](const Ctx& ctx) {
      std::optional<Module>& place = any(modules_);
      const std::string name = key();
      Result<Module> made = Module::try_declare(
          ctx,
          ModuleSource("import host from 'host'; step(); export const a = host; await 1; step()"),
          name);
      if (!made) {
        check(made.error(), true);
        if (const std::optional<Module> found = Module::find(ctx, name)) {
          const Result<Object> exports = found->try_exports();
          if (exports) value() = *exports;
        }
        return;
      }
      look(made->try_evaluate());
      place = *std::move(made);
    });
  }
  void drop_module() { const auto dropped = std::exchange(any(modules_), std::nullopt); }

  Input& input_;
  int depth_ = 0;
  int pauses_ = 0;
  int steps_ = 0;
  bool is_over_ = false;
  // At the end the modules go first and the runtimes last, unless a step has dropped those before.
  std::array<std::unique_ptr<Runtime>, 2> runtimes_;
  std::array<std::optional<Context>, 4> contexts_;
  std::array<Value, 12> values_;
  std::array<std::function<Value(Value)>, 3> functions_;
  std::array<std::shared_ptr<Node>, 3> nodes_;
  std::array<std::optional<Error>, 3> errors_;
  std::array<std::optional<Module>, 2> modules_;
};

const std::array<Machine::Step, 39> Machine::all = {{
    {"evaluate", &Machine::evaluate},
    {"drop_value", &Machine::drop_value},
    {"make_runtime", &Machine::make_runtime},
    {"drop_runtime", &Machine::drop_runtime},
    {"swap_runtimes", &Machine::swap_runtimes},
    {"make_context", &Machine::make_context},
    {"copy_context", &Machine::copy_context},
    {"drop_context", &Machine::drop_context},
    {"copy_value", &Machine::copy_value},
    {"move_value", &Machine::move_value},
    {"set_property", &Machine::set_property},
    {"set_in_place", &Machine::set_in_place},
    {"get_property", &Machine::get_property},
    {"change_properties", &Machine::change_properties},
    {"walk_properties", &Machine::walk_properties},
    {"refer_to_property", &Machine::refer_to_property},
    {"call", &Machine::call},
    {"call_in_place", &Machine::call_in_place},
    {"construct", &Machine::construct},
    {"defer", &Machine::defer},
    {"bind", &Machine::bind},
    {"keep_function", &Machine::keep_function},
    {"call_kept_function", &Machine::call_kept_function},
    {"make_node", &Machine::make_node},
    {"share_node", &Machine::share_node},
    {"change_node", &Machine::change_node},
    {"drop_node", &Machine::drop_node},
    {"take_node", &Machine::take_node},
    {"lend_node", &Machine::lend_node},
    {"weaken", &Machine::weaken},
    {"collect", &Machine::collect},
    {"run_jobs", &Machine::run_jobs},
    {"drop_elsewhere", &Machine::drop_elsewhere},
    {"copy_elsewhere", &Machine::copy_elsewhere},
    {"use_elsewhere", &Machine::use_elsewhere},
    {"go_inside", &Machine::go_inside},
    {"throw_error", &Machine::throw_error},
    {"use_module", &Machine::use_module},
    {"drop_module", &Machine::drop_module},
}};

void Machine::take_step() noexcept {
  if (is_over_ || pauses_ > 0 || depth_ >= 6 || input_.left() == 0 || ++steps_ > 400) return;
  ++depth_;
  const Step& next = all[input_.below(all.size())];
  if (shows()) std::fprintf(stderr, "%*s%s\n", depth_ * 2, "", next.name);
  try {
    (this->*next.action)();
  } catch (const Error& error) {
    check(error, true);
  }
  --depth_;
}

Machine* running = nullptr;

void step() {
  if (running != nullptr) running->take_step();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  Input input(data, size);
  {
    Machine machine(input);
    running = &machine;
    machine.run();
    running = nullptr;
  }
  if (Counted::live() != 0) fail(std::to_string(Counted::live()) + " objects are left");
  return 0;
}

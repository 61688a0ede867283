// Whatever modules, loaders and the code in them do: never a crash, an abort or a leak.
#include "module/modules.hpp"

#include <algorithm>
#include <random>

namespace quip::test {
namespace {

/// Random graphs of modules, with imports of what is missing, throws, awaits or is not exported,
/// in cycles and in all orders; and code that loads, evaluates and looks at them from wherever it
/// is called: modules, resolvers, loaders, definitions.
class RandomModules {
 public:
  explicit RandomModules(unsigned seed) : random_(seed), count_(2 + roll(7)) {
    context_.with([&](Ctx ctx) { ctx.globals().set("hook", [this] { reenter(); }); });
    runtime_.set_loader(
        [this](std::string_view, std::string_view specifier) -> Result<std::string> {
          if (roll(15) == 0) reenter();
          if (roll(40) == 0) return Error::plain("cannot be found");
          return std::string(specifier);
        },
        [this](std::string_view) { return load(); });
  }

  void run() {
    for (int i = 0; i < 12; ++i) {
      act(i);
      for (const Module& module : handles_) look(module);
      if (roll(5) == 0) runtime_.run_gc();
    }
    (void)runtime_.try_run();
    for (const Module& module : handles_) {
      (void)module.try_evaluate();
      look(module);
    }
    if (roll(2) == 0) handles_.clear();
  }

  /// How often it was entered from inside.
  [[nodiscard]] int actions() const noexcept { return actions_; }

 private:
  int roll(int sides) { return static_cast<int>(random_() % static_cast<unsigned>(sides)); }
  std::string name() { return "m" + std::to_string(roll(count_)); }

  Result<ModuleSource> load() {
    if (roll(6) == 0) reenter();
    switch (roll(20)) {
      case 0:
      case 1:
      case 2:
        return Error::plain("cannot be read");
      case 3:
        return ModuleSource(ModuleSource::Json{"1"});
      case 4:
        return ModuleSource(ModuleDef("native", [this](Exports& exports) {
          if (roll(3) == 0) reenter();
          exports.value("x", 1).default_export([] { return 1; });
        }));
      default:
        return text();
    }
  }

  std::string text() {
    std::string script;
    const int imports = roll(4);
    for (int i = 0; i < imports; ++i) {
      const std::string local = std::to_string(i);
      const std::string from = " from '" + name() + "';";
      switch (roll(24)) {
        case 0:
          script += "import {missing as z" + local + "}" + from;
          break;
        case 1:
        case 2:
        case 3:
          script += "import d" + local + from;
          break;
        case 4:
        case 5:
        case 6:
        case 7:
          script += "export *" + from;
          break;
        case 8:
        case 9:
        case 10:
        case 11:
          script += "export {x as y" + local + "}" + from;
          break;
        case 12:
        case 13:
        case 14:
        case 15:
          script += "import * as n" + local + from;
          break;
        default:
          script += "import {x as x" + local + "}" + from;
      }
    }
    script += "export let x = 1; export default 1;";
    if (roll(3) == 0) script += "import('" + name() + "').catch(e => 0);";
    if (roll(4) == 0) script += "await null;";
    if (roll(20) == 0) script += "await new Promise(() => {});";
    if (roll(8) == 0) script += "try { await import('" + name() + "'); } catch {}";
    if (roll(6) == 0) script += "hook();";
    if (roll(8) == 0) script += "throw new Error('thrown');";
    if (roll(20) == 0) script += "let let";
    return script;
  }

  void reenter() {
    constexpr int deep = 3;
    if (depth_ == deep) return;
    ++depth_;
    ++actions_;
    const std::string which = name();
    context_.with([&](Ctx ctx) {
      switch (roll(6)) {
        case 0:
          (void)runtime_.try_run();
          break;
        case 1:
          (void)ctx.try_import(which);
          break;
        case 2:
          (void)ctx.try_eval_module("import '" + which + "'", "nested" + std::to_string(actions_));
          break;
        case 3:
          if (const auto module = Module::find(ctx, which)) (void)module->try_evaluate();
          break;
        case 4:
          if (const auto module = Module::find(ctx, which)) look(*module);
          break;
        default:
          (void)ctx.try_eval<Value>("import('" + which + "').catch(e => 0)");
      }
    });
    --depth_;
  }

  void act(int i) {
    context_.with([&](Ctx ctx) {
      switch (roll(5)) {
        case 0:
          (void)ctx.try_import(name());
          break;
        case 1:
          if (const auto module = Module::try_declare(ctx, text(), name())) {
            handles_.push_back(*module);
          }
          break;
        case 2:
          (void)ctx.try_eval_module(text(), "entry" + std::to_string(i));
          break;
        case 3:
          if (!handles_.empty()) {
            const int one = roll(static_cast<int>(handles_.size()));
            (void)handles_[static_cast<std::size_t>(one)].try_evaluate();
          }
          break;
        default:
          (void)runtime_.try_run();
      }
    });
  }

  static void look(const Module& module) {
    const Result<std::vector<std::string>> names = module.try_names();
    EXPECT_EQ(static_cast<bool>(names), module.is_evaluated());
    (void)module.try_get("x");
    (void)module.try_meta();
  }

  std::mt19937 random_;
  int count_;
  int depth_ = 0;
  int actions_ = 0;
  Runtime runtime_;
  Context context_{runtime_};
  std::vector<Module> handles_;
};

TEST(ModuleSafetyTest, RandomGraphsAndReentrance) {
  const unsigned seeds = is_gc_stress() ? 5 : 120;
  int actions = 0;
  for (unsigned seed = 0; seed < seeds; ++seed) {
    RandomModules modules(seed);
    modules.run();
    actions += modules.actions();
  }
  EXPECT_GT(actions, 0);
}

using SafetyTest = TableOfModules;

TEST_F(SafetyTest, ChainsOfImportsThatAreTooLong) {
  for (const int length : {20, very_deep()}) {
    runtime.set_loader([](std::string_view, std::string_view name) { return std::string(name); },
                       [&](std::string_view name) {
                         const int number = std::stoi(std::string(name));
                         if (number == length) return std::string("export const x = 1");
                         return "export {x} from '" + std::to_string(number + 1) + "'";
                       });
    for (int i = 0; i < 2; ++i) {
      const Result<Value> outcome =
          run("import '0'", "main" + std::to_string(length) + std::to_string(i));
      EXPECT_EQ(static_cast<bool>(outcome), length == 20);
    }
    context = Context(runtime);
  }
}

TEST_F(SafetyTest, ContextsAndRuntimesThatEndWhileModulesAwait) {
  const NoneLeft none_left;
  for (int i = 0; i < 4; ++i) {
    Runtime other;
    std::optional<Context> there(other);
    other.set_loader([](std::string_view, std::string_view name) { return std::string(name); },
                     [](std::string_view name) {
                       return "globalThis['" + std::string(name) +
                              "'] = new Promise(() => {}); await globalThis['" + std::string(name) +
                              "']; export const x = 1";
                     });
    there->with([&](Ctx ctx) {
      ctx.globals().set("counted", [counted = Counted()] { return 1; });
      (void)ctx.eval_module("import {x} from 'a'; import {x as y} from 'b'; await x", "main");
      (void)ctx.eval<Value>("import('c'); import('main')");
    });
    other.run();
    if (i % 2 == 0) {
      there.reset();
      other.run_gc();
      const Context next(other);
      expect_eval(next, "1", "number", "1");
    }
    if (i >= 2) other = Runtime();
  }
  EXPECT_EQ(Counted::live(), 0);
}

TEST_F(SafetyTest, JobsWhileAModuleIsEvaluatedThatAwaits) {
  // the job that ends the await of a would go on with what imports it, which is being evaluated
  std::vector<std::string> heard;
  define("drain", [&] { heard.push_back(show(runtime.try_run()).text); });
  sources["a"] = "await null; export const a = 1";
  sources["b"] = "drain(); export const b = 1";
  ASSERT_TRUE(run("import 'a'; import 'b'; globalThis.out = true"));
  ASSERT_EQ(heard.size(), 1U);
  EXPECT_THAT(heard[0], ::testing::HasSubstr("no job can run while a module that may await"));
  expect_eval("out", "boolean", "true");
  EXPECT_TRUE(runtime.try_run());
}

TEST_F(SafetyTest, ShortOfMemory) {
  sources["a"] = "export const a = 'a'.repeat(100)";
  sources["data"] = ModuleSource::Text{std::string(100000, 'x')};
  int failures = 0;
  for (std::size_t room = 0; room < 200; room += 7) {
    Runtime other;
    const Context there(other);
    other.set_loader([](std::string_view, std::string_view name) { return std::string(name); },
                     [&](std::string_view name) { return *sources[std::string(name)]; });
    other.set_memory_limit(static_cast<std::size_t>(other.memory_usage().malloc_size) +
                           room * 1024);
    const Result<Promise<>> promise = there.with([](Ctx ctx) {
      return ctx.try_eval_module("import 'a'; import d from 'data'; globalThis.d = d", "main");
    });
    failures += promise ? 0 : 1;
  }
  EXPECT_GT(failures, 0);
}

}  // namespace
}  // namespace quip::test

// Modules: those of scripts and of C++, resolvers, loaders, graphs, bundles.
#include "operation.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace quip::test {
namespace {

using enum Source;
using enum Where;

const char* const folder = QUIP_ALLOCATION_FILES;

/// Modules by name, from memory.
void set_table(Runtime& runtime) {
  runtime.set_loader(
      [](std::string_view, std::string_view specifier) -> Result<std::string> {
        return std::string(specifier);
      },
      [](std::string_view name) -> Result<ModuleSource> {
        if (name == "dep")
          return ModuleSource("export default 7; export const q = () => ({ a: 1 })");
        if (name == "ring") return ModuleSource("import 'ring'; import 'dep'; export const r = 1");
        if (name == "data") return ModuleSource(ModuleSource::Json{R"({"a": [1, {"b": null}]})"});
        if (name == "text") return ModuleSource(ModuleSource::Text{"some text"});
        if (name == "bytes") return ModuleSource(ModuleSource::Bytes{{std::byte{1}}});
        return Error::reference("no module " + std::string(name));
      });
}

/// A module that is run to its end and leaves its result in `result`.
Operation module(std::string_view name, std::string_view source, std::string_view expected) {
  return {name, evaluated, outside, [source, expected](World& world) {
            set_table(world.runtime());
            return [&world, source, expected] {
              const Promise<> promise = world.ctx().eval_module(source, "main");
              world.run();
              (void)promise.result();
              expect(world.ctx().globals().get("result").to_display_string() == expected);
            };
          }};
}

ModuleDef math() {
  return ModuleDef("math", [](Exports& exports) {
    exports.function("add", [](int a, int b) { return a + b; })
        .value("pi", 3.25)
        .lazy("late", [] { return std::string("made when it is asked for"); })
        .property("now", [] { return 1; })
        .space("inner", [](Exports& inner) { inner.value("n", 1); })
        .default_export(std::string("the default export"));
  });
}

ModuleGraph graph() {
  ModuleGraph made([](std::string_view, std::string_view specifier) -> Result<std::string> {
    return std::string(specifier);
  });
  (void)made.add_entry("main");
  while (const auto missing = made.missing()) {
    made.provide(*missing, missing->name == "main"
                               ? "import { n } from 'dep'; globalThis.result = n + 1;"
                               : "export const n = 41;");
  }
  return made;
}

}  // namespace

Operations module_operations() {
  return {
      module("Ctx::eval_module", "globalThis.result = 1 + 1; export const x = 2", "2"),
      module("Ctx::eval_module with imports",
             "import d, { q } from 'dep'; globalThis.result = d + q().a", "8"),
      module("Ctx::eval_module with top-level await",
             "await null; globalThis.result = await Promise.resolve(3)", "3"),
      module("Ctx::eval_module with import()",
             "const { default: d } = await import('dep'); globalThis.result = d", "7"),
      module("Ctx::eval_module, a ring", "import { r } from 'ring'; globalThis.result = r", "1"),
      module("Ctx::eval_module with import.meta",
             "globalThis.result = import.meta.main + import.meta.url", "truemain"),
      module("importing JSON, text and bytes",
             "import data from 'data'; import text from 'text'; import bytes from 'bytes';"
             "globalThis.result = data.a[0] + text + bytes.length",
             "1some text1"),
      {"an import that nobody finds", evaluated, outside,
       [](World& world) {
         set_table(world.runtime());
         return [&world] {
           const auto promise = world.ctx().try_eval_module("import 'nowhere'", "main");
           if (!promise) return;
           world.run();
           expect(!promise->try_result());
         };
       }},
      {"a module that throws", evaluated, outside,
       [](World& world) {
         return [&world] {
           const auto promise = world.ctx().try_eval_module("throw new TypeError('x')", "main");
           if (!promise) return;
           world.run();
           expect(!promise->try_result());
         };
       }},
      {"Ctx::eval_module_file with FileResolver", evaluated, outside,
       [](World& world) {
         world.runtime().set_loader(FileResolver(folder), ScriptLoader().extension("mjs"));
         return [&world] {
           const Promise<> promise =
               world.ctx().eval_module_file(std::string(folder) + "/main.mjs");
           world.run();
           (void)promise.result();
           expect(world.ctx().globals().get("result").to_display_string() == "42");
         };
       }},
      {"Ctx::import", evaluated, outside,
       [](World& world) {
         set_table(world.runtime());
         return [&world] {
           const Promise<> promise = world.ctx().import("dep");
           world.run();
           expect(promise.result<Object>().get<int>("default") == 7);
         };
       }},
      {"Module::declare and evaluate", evaluated, outside,
       [](World& world) {
         return [&world] {
           const Module module = Module::declare(world.ctx(), "export const n = 5", "five");
           const Promise<> promise = module.evaluate();
           world.run();
           (void)promise.result();
           expect(module.get<int>("n") == 5 && module.names().size() == 1);
         };
       }},
      {"Module::find and meta", none, inside,
       [](World& world) {
         (void)Module::declare(world.ctx(), "export const n = 5", "five");
         return [ctx = world.ctx()] {
           const auto found = Module::find(ctx, "five");
           expect(found.has_value() && found->meta().is_object());
         };
       }},
      {"Module::exports and entries", none, outside,
       [](World& world) {
         const Module module = Module::declare(world.ctx(), "export const n = 5, m = 6", "five");
         (void)module.evaluate();
         world.run();
         return [module] {
           int sum = 0;
           for (const auto& [name, value] : module.entries<int>()) sum += value;
           expect(sum == 11);
         };
       }},
      {"ModuleDef", none, outside, [](World&) { return [] { expect(math().name() == "math"); }; }},
      {"ModuleDef::make_object", none, inside,
       [](World& world) {
         return [ctx = world.ctx()] {
           const Object object = math().make_object(ctx);
           expect(object["add"].call<int>(1, 2) == 3 &&
                  object["late"].get<std::string>() == "made when it is asked for");
         };
       }},
      {"ModuleDef::define_on", none, inside,
       [](World& world) {
         const auto object = world.eval<Object>("({})");
         return [object] {
           math().define_on(object);
           expect(object["inner"]["n"].get<int>() == 1);
         };
       }},
      {"Module::declare a ModuleDef", none, outside,
       [](World& world) {
         return [&world] {
           const Module module = Module::declare(world.ctx(), math());
           const Promise<> promise = module.evaluate();
           world.run();
           (void)promise.result();
           expect(module.get<double>("pi") == 3.25);
         };
       }},
      {"importing a ModuleDef", evaluated, outside,
       [](World& world) {
         world.runtime().set_loader(BuiltinResolver({"math"}), BuiltinLoader().add(math()));
         return [&world] {
           const Promise<> promise = world.ctx().eval_module(
               "import text, { add } from 'math'; globalThis.result = add(1, 2) + text", "main");
           world.run();
           (void)promise.result();
           expect(world.ctx().globals().get("result").to_display_string() == "3the default export");
         };
       }},
      {"describe a ModuleDef", none, outside,
       [](World&) { return [] { expect(describe(math()).name == "math"); }; }},
      {"BuiltinResolver and BuiltinLoader", none, outside,
       [](World&) {
         return [] {
           const BuiltinResolver resolver({"a", "b"});
           expect(resolver("", "a").value() == "a");
           expect(!resolver("", "c"));
           BuiltinLoader loader;
           loader.add("a", "export default 1");
           expect(static_cast<bool>(loader("a")));
         };
       }},
      {"FileResolver", none, outside,
       [](World&) {
         return [] {
           const FileResolver resolver(folder);
           const Result<std::string> name = resolver("", "./main.mjs");
           if (!name) name.error().raise();
           expect(name->ends_with("main.mjs"));
           expect(!resolver(*name, "./nowhere.mjs"));
         };
       }},
      {"ScriptLoader", none, outside,
       [](World&) {
         return [] {
           const ScriptLoader loader;
           const Result<std::string> text = loader(std::string(folder) + "/script.js");
           if (!text) text.error().raise();
           expect(text->size() > 20);
         };
       }},
      {"NodeModulesResolver", none, outside,
       [](World&) {
         return [] {
           const NodeModulesResolver resolver(folder);
           const Result<std::string> name =
               resolver(std::string(folder) + "/main.mjs", "greeting/loud");
           if (!name) name.error().raise();
           expect(name->ends_with("loud.mjs"));
         };
       }},
      {"ImportMap", none, outside,
       [](World&) {
         return [] {
           const ImportMap map = ImportMap::parse(
               R"({"imports": {"a": "/lib/a.mjs", "b/": "/lib/b/"},
                   "scopes": {"/app/": {"a": "/app/a.mjs"}}})",
               "/base.json");
           expect(map.resolve("/app/x.mjs", "a") == "/app/a.mjs");
           expect(map.resolve("/x.mjs", "b/c.mjs") == "/lib/b/c.mjs");
         };
       }},
      {"resolvers and loaders in order", none, outside,
       [](World&) {
         return [] {
           const Resolver both = resolvers(BuiltinResolver({"a"}), FileResolver(folder));
           expect(both("", "a").value() == "a");
           const Loader all = loaders(BuiltinLoader().add("a", "1"), ScriptLoader());
           expect(static_cast<bool>(all("a")));
         };
       }},
      {"compile_module", evaluated, outside,
       [](World&) {
         return
             [] { expect(!compile_module("export const n = [1, 'two', 3n]", "compiled").empty()); };
       }},
      {"Module::declare bytecode", none, outside,
       [](World& world) {
         const auto code = std::make_shared<const std::vector<std::byte>>(
             compile_module("export const n = [1, 'two', 3n].length", "compiled"));
         const ModuleSource source = Bundle::read(*code)("compiled").value();
         return [&world, code, source] {
           const Module module = Module::declare(world.ctx(), source, "compiled");
           const Promise<> promise = module.evaluate();
           world.run();
           (void)promise.result();
           expect(module.get<int>("n") == 3);
         };
       }},
      {"ModuleGraph", evaluated, outside,
       [](World&) { return [] { expect(graph().modules().size() == 2); }; }},
      {"compile_bundle", evaluated, outside,
       [](World&) {
         const ModuleGraph modules = graph();
         return [modules] { expect(compile_bundle(modules).size() > 100); };
       }},
      {"Bundle::read", none, outside,
       [](World&) {
         const auto bytes = std::make_shared<const std::vector<std::byte>>(compile_bundle(graph()));
         return [bytes] {
           const Bundle bundle = Bundle::read(*bytes);
           expect(bundle.names().size() == 2 && bundle.entry() == "main");
         };
       }},
      {"running a Bundle", none, outside,
       [](World& world) {
         const auto bytes = std::make_shared<const std::vector<std::byte>>(compile_bundle(graph()));
         const Bundle bundle = Bundle::try_read(*bytes, bytes).value();
         world.runtime().set_loader(bundle, bundle);
         return [&world, bytes] {
           const Promise<> promise = world.ctx().import("main");
           world.run();
           (void)promise.result();
           expect(world.ctx().globals().get("result").to_display_string() == "42");
         };
       }},
  };
}

}  // namespace quip::test

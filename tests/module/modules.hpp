// What tests of modules stand on: modules from a table.
#pragma once

#include "support/counted.hpp"
#include "support/js.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace quip::test {

/// Runs and declares modules.
class ModulesTest : public JsTest {
 protected:
  /// Runs a module to its end.
  Result<Value> run(std::string_view source, const std::string& name = "main") {
    return finish(context.with([&](Ctx ctx) { return ctx.try_eval_module(source, name); }));
  }
  /// What becomes of a promise.
  Result<Value> finish(const Result<Promise<>>& promise) {
    if (!promise) return promise.error();
    if (Result<void> ran = runtime.try_run(); !ran) return ran.error();
    return promise->try_result();
  }
  Result<Module> declare(const ModuleSource& source, const std::string& name) {
    return with([&](Ctx ctx) { return Module::try_declare(ctx, source, name); });
  }
};

/// Modules by name, from memory; a specifier is the name, "./" before it or not.
class TableOfModules : public ModulesTest {
 protected:
  void SetUp() override {
    runtime.set_loader(
        [this](std::string_view base, std::string_view specifier) -> Result<std::string> {
          resolved.push_back(std::string(specifier) + " from " + std::string(base));
          if (specifier.starts_with("./")) specifier.remove_prefix(2);
          return std::string(specifier);
        },
        [this](std::string_view name) -> Result<ModuleSource> {
          loaded.emplace_back(name);
          const auto found = sources.find(std::string(name));
          if (found == sources.end() || !found->second) {
            return Error::reference("no module " + std::string(name));
          }
          return *found->second;
        });
  }

  std::map<std::string, std::optional<ModuleSource>> sources;
  std::vector<std::string> resolved;
  std::vector<std::string> loaded;
};

}  // namespace quip::test

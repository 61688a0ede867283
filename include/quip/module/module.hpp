// Modules of a context: to be declared, evaluated and looked into from C++.
#pragma once

#include <quip/core/context.hpp>
#include <quip/core/result.hpp>
#include <quip/module/source.hpp>
#include <quip/value/object.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace quip {

class ModuleDef;
class Tracer;

namespace detail {
struct ModuleRecord;
}  // namespace detail

/// An ES module of a context (ECMA-262 16.2.1, Module Record). A context has one module of a name
/// (and, with import attributes, of a type), and keeps it to its end.
///
///     const quip::Module module = quip::Module::declare(
///         ctx, "export const answer = await Promise.resolve(42)", "answer");
///     module.evaluate();
///     runtime.run();
///     module.get<int>("answer");  // 42
///
/// A Module is a counted handle that keeps its context alive; copies are the same module. It may be
/// used like any handle: on any thread, one at a time; after the runtime was destroyed every use is
/// the error RuntimeGone.
class Module {
 public:
  /// Compiles a module and loads all that it imports; nothing runs yet. What imports `name` from
  /// now on gets it. Throws what cannot be parsed or loaded, and Error when the context has a
  /// module of that name already, unless that could not be loaded or linked. `name` is the base
  /// of its imports; it must not be empty or contain a NUL.
  static Module declare(const Ctx& ctx, const ModuleSource& source, const std::string& name) {
    return try_declare(ctx, source, name).value();
  }
  static Result<Module> try_declare(const Ctx& ctx, const ModuleSource& source,
                                    const std::string& name);
  /// Declares a module that is defined in C++, by its own name.
  static Module declare(const Ctx& ctx, const ModuleDef& definition) {
    return try_declare(ctx, definition).value();
  }
  static Result<Module> try_declare(const Ctx& ctx, const ModuleDef& definition);
  /// The module of that name and type that the context has, however it came there; none while it
  /// is being loaded. Throws RuntimeGone.
  static std::optional<Module> find(const Ctx& ctx, std::string_view name,
                                    std::string_view type = {});

  /// The name that it was declared with, or that the resolver gave it.
  [[nodiscard]] const std::string& name() const noexcept;
  /// The context that it is in.
  [[nodiscard]] const Context& context() const noexcept { return context_; }

  /// Runs what it imports and then itself, each once (ECMA-262 16.2.1.6.1.3, Evaluate; engine:
  /// JS_EvalFunction). The promise is settled when all of it has run, top-level awaits included,
  /// which needs Runtime::run; it is rejected with what a module throws. Evaluated again, it gives
  /// the same outcome. Throws Error when a module cannot be linked (an import names what is not
  /// exported), and when one of them is being loaded or evaluated further up this stack. What could
  /// not be linked has failed for good, with the JavaScript modules that it imports and that were
  /// not evaluated before: they can be declared anew, and an import loads them anew.
  Promise<> evaluate() const;
  [[nodiscard]] Result<Promise<>> try_evaluate() const;
  /// Whether its evaluation has begun, by `evaluate` or by what imports it: only then can its
  /// exports be looked at. It may not have ended: the promise of `evaluate` tells.
  [[nodiscard]] bool is_evaluated() const { return try_is_evaluated().value(); }
  [[nodiscard]] Result<bool> try_is_evaluated() const;

  /// Its `import.meta`. Throws Error for a module that is no JavaScript.
  [[nodiscard]] Object meta() const { return try_meta().value(); }
  [[nodiscard]] Result<Object> try_meta() const;

  /// The module namespace object, whose properties are the exports (ECMA-262 10.4.6). Throws Error
  /// before the module is evaluated.
  [[nodiscard]] Object exports() const { return try_exports().value(); }
  [[nodiscard]] Result<Object> try_exports() const;
  /// The names of the exports, `default` among them, in the order of their code units. Throws as
  /// `exports` does, and so do all that follow.
  [[nodiscard]] std::vector<std::string> names() const { return try_names().value(); }
  [[nodiscard]] Result<std::vector<std::string>> try_names() const;
  /// The exports as a range: `for (auto [name, value] : module.entries())`. An export that has no
  /// value yet (its module still awaits) throws ReferenceError when it is reached.
  template <class T = Value>
  [[nodiscard]] EntryRange<std::string, T> entries() const {
    return exports().template entries<std::string, T>({.enumerable_only = false});
  }
  /// The export as a T. Throws Error for a name that is not exported, which lists those that are;
  /// ReferenceError for an export that has no value yet; and conversion errors.
  template <class T = Value>
  [[nodiscard]] T get(std::string_view name) const {
    return try_get<T>(name).value();
  }
  template <class T = Value>
  [[nodiscard]] Result<T> try_get(std::string_view name) const {
    const Result<Object> exported = try_exporting(name);
    if (!exported) return exported.error();
    return exported->template try_get<T>(std::string(name));
  }

  /// For the garbage collector (see Tracer).
  void trace(Tracer& tracer) const noexcept;
  friend bool operator==(const Module& a, const Module& b) noexcept {
    return a.record_ == b.record_;
  }
  /// @internal
  static Result<Module> try_declare(const Ctx& ctx, const ModuleSource& source,
                                    const std::string& name, bool is_main);

 private:
  Module(Context context, std::shared_ptr<detail::ModuleRecord> record) noexcept
      : context_(std::move(context)), record_(std::move(record)) {}
  /// The namespace, which has that export.
  [[nodiscard]] Result<Object> try_exporting(std::string_view name) const;

  Context context_;
  std::shared_ptr<detail::ModuleRecord> record_;
};

}  // namespace quip

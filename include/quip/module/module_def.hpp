// A module that is written in C++: its definition, to be used as a module, as an object, and as
// data.
#pragma once

#include <quip/module/exports.hpp>
#include <quip/value/object.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace quip {

namespace detail {

/// What the copies of a ModuleDef have in common.
struct ModuleDefinition {
  explicit ModuleDefinition(std::string called) noexcept : name(std::move(called)) {}
  ModuleDefinition(const ModuleDefinition&) = delete;
  ModuleDefinition& operator=(const ModuleDefinition&) = delete;
  virtual ~ModuleDefinition() = default;
  virtual void define(Exports& exports) const = 0;
  const std::string name;
};
template <class F>
struct ModuleDefinitionOf final : ModuleDefinition {
  template <class U>
  ModuleDefinitionOf(std::string called, U&& definer)
      : ModuleDefinition(std::move(called)), function(std::forward<U>(definer)) {}
  void define(Exports& exports) const override { function(exports); }
  F function;
};

/// Throws Error for a definer that is none.
void check_definition(const std::string& name, bool is_empty);

}  // namespace detail

/// A module that is defined in C++.
///
///     const quip::ModuleDef geometry("geometry", [](quip::Exports& exports) {
///       exports.function<&area>()
///           .function("greet", &greet, quip::arg("name"), quip::arg("times") = 1)
///           .value("PI", 3.14159)
///           .lazy("table", [](quip::Ctx ctx) { return make_table(ctx); })
///           .add<Point>()
///           .space("units", [](quip::Exports& units) { units.value("metre", 1.0); })
///           .include(shapes)
///           .default_export(&area);
///     });
///
/// The definer is called for each context that the module is loaded into, and for each object that
/// is made of it; what it throws reaches the import. Copies are cheap and share it: any number of
/// threads, runtimes and contexts may use one definition at once, so that the definer must do with
/// what it captured as constants. It should not capture handles: those belong to one runtime.
///
/// A loader gives it to an `import` (see ModuleSource, ModuleLoader). Without modules it makes an
/// object, or adds to one, such as the global object. The object's properties are enumerable and
/// configurable; functions, classes, enumerations and namespaces may be assigned to, values may
/// not. (Web IDL's namespace objects have their operations so, and their constants, but for these
/// being configurable: an object can be defined on again.)
class ModuleDef {
 public:
  /// `define` is called with an Exports&, as a constant. Throws Error for an empty std::function.
  template <class F>
    requires std::is_invocable_v<const std::decay_t<F>&, Exports&>
  ModuleDef(std::string name, F&& define) {
    using Definer = std::decay_t<F>;
    const auto is_empty = [](const Definer& definer) { return detail::is_empty_function(definer); };
    detail::check_definition(name, is_empty(define));
    shared_ = std::make_shared<detail::ModuleDefinitionOf<Definer>>(std::move(name),
                                                                    std::forward<F>(define));
  }
  // a copy for a move, too: no ModuleDef is empty
  ModuleDef(const ModuleDef&) noexcept = default;
  ModuleDef& operator=(const ModuleDef&) noexcept = default;
  ~ModuleDef() = default;

  /// What messages and descriptions call it, and loaders unless they are told another name.
  [[nodiscard]] const std::string& name() const noexcept { return shared_->name; }

  /// A new plain object with what the module exports. Throws what the definer throws, and what the
  /// conversions of its values throw.
  [[nodiscard]] Object make_object(const Ctx& ctx) const { return try_make_object(ctx).value(); }
  [[nodiscard]] Result<Object> try_make_object(const Ctx& ctx) const;
  /// Defines the properties on an object that is there, instead of those that it has of the same
  /// names: `math.define_on(ctx.globals())`. The context is the object's handle's. Throws as
  /// make_object does, and Error where the object does not let itself be extended; what was defined
  /// until then stays.
  void define_on(const Object& object) const { try_define_on(object).value(); }
  Result<void> try_define_on(const Object& object) const;

  /// @internal
  void define(Exports& exports) const {
    const auto keep = shared_;  // the definer may drop the last ModuleDef
    keep->define(exports);
  }

 private:
  std::shared_ptr<const detail::ModuleDefinition> shared_;
};

/// What a module exports, found by running its definer for that alone; no runtime is needed, and
/// any number of threads may ask. Throws what the definer throws.
[[nodiscard]] ModuleInfo describe(const ModuleDef& definition);

}  // namespace quip

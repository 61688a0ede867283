// What a realm knows of its modules. Private to src/.
//
// The engines keep every module of a context to its end, by name, and trust what they keep: they
// abort or use freed memory when they link a module one of whose imports could not be loaded, link
// one again that failed to link, or are asked to evaluate one that is being evaluated already. So
// each module has a record here, each evaluation goes through `evaluate`, and what failed is never
// met again: an import of the same name makes a new module, which the engine knows by another key.
#pragma once

#include <quip/core/context.hpp>
#include <quip/core/lifetime.hpp>
#include <quip/core/result.hpp>
#include <quip/module/source.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace quip::detail {

/// A module of a context.
struct ModuleRecord : std::enable_shared_from_this<ModuleRecord> {
  enum class State : unsigned char {
    loading,    ///< it was asked for; its source or one of its imports is still to come
    declared,   ///< its imports are declared too, or are so as soon as it is reached again
    linked,     ///< the engine has bound its imports: its namespace can be looked at
    evaluated,  ///< so has it been evaluated, at least up to its first await
    failed,     ///< it could not be loaded or linked
  };

  std::string name;  ///< as the resolver gave it
  std::string key;   ///< what the engine calls it: `name`, and what nobody sees
  ImportAttributes attributes;
  JSModuleDef* definition = nullptr;  ///< the context's; null while it is loaded and when it failed
  State state = State::loading;
  bool is_script = false;       ///< JavaScript, which has an import.meta
  bool is_in_progress = false;  ///< further up the stack it is being loaded,
  bool is_evaluating = false;   ///< or evaluated
  bool may_await = false;       ///< or what it imports, at the top level
  bool has_key = false;         ///< the engine may have a module of that key
  std::vector<ModuleRecord*> imports;
  /// While it is compiled, its imports by specifier and type: an engine may ask twice.
  std::unordered_map<std::string, ModuleRecord*> asked;
  std::string failure_name;  ///< of the error that it failed with
  std::string failure;
};

/// The modules of one realm. Used by a thread that has entered the runtime.
class ModuleTable {
 public:
  /// The realm's, made at first use.
  static ModuleTable& of(Realm* realm);

  /// The module of that name and type, unless it failed; null when there is none.
  [[nodiscard]] std::shared_ptr<ModuleRecord> find(std::string_view name,
                                                   std::string_view type) const;
  /// The module that the engine calls so; null when there is none.
  [[nodiscard]] ModuleRecord* find_key(std::string_view key) const;
  /// A new one; there is none yet.
  std::shared_ptr<ModuleRecord> add(std::string name, ImportAttributes attributes);

  /// Makes a module of its source: compiled, its imports loaded, nothing run. False with an
  /// exception pending; then it has failed.
  bool declare(const std::shared_ptr<ModuleRecord>& record, const ModuleSource& source,
               bool is_main);
  /// The same with what the runtime's loader gives.
  bool load(const std::shared_ptr<ModuleRecord>& record);
  /// Links and evaluates a module and all that it imports, unless that was done. The promise of
  /// its evaluation, owned; an exception where it cannot be linked.
  JSValue evaluate(const std::shared_ptr<ModuleRecord>& record);
  /// Finds the module that an import asks for, as the engine is to call it. `specifier` is its
  /// text; `base` is what the engine calls the importing code. Nothing with an exception pending.
  const std::string* resolve(std::string_view base, std::string_view specifier,
                             ImportAttributes attributes);

  /// Says that the engine has a module of that key which is of no use.
  void reserve(const std::string& key);

  /// While alive, code of the user's runs, and what is imported is so by import().
  class Outside {
   public:
    explicit Outside(ModuleTable& table) : table_(table) { table.compiling_.push_back(nullptr); }
    ~Outside() { table_.compiling_.pop_back(); }
    Outside(const Outside&) = delete;
    Outside& operator=(const Outside&) = delete;

   private:
    ModuleTable& table_;
  };

  explicit ModuleTable(Realm* realm) noexcept : realm_(realm) {}
  ModuleTable(const ModuleTable&) = delete;
  ModuleTable& operator=(const ModuleTable&) = delete;
  ~ModuleTable() = default;

 private:
  class Compilation;
  class Unresolved;
  class Evaluation;

  /// Does what makes a module of the record; when that is false or throws, the record has failed.
  template <class Make>
  bool attempt(ModuleRecord& record, const Make& make);
  bool declare_now(ModuleRecord& record, const ModuleSource& source, bool is_main);
  JSModuleDef* make(ModuleRecord& record, const ModuleSource& source, bool is_main);
  JSModuleDef* make_of_bytecode(ModuleRecord& record, const ModuleSource::Bytecode& bytecode,
                                bool is_main);
  bool fill_import_meta(const ModuleRecord& record, JSModuleDef* module, bool is_main);
  void fail(ModuleRecord& record, const Error& error) noexcept;
  void fail_importers() noexcept;
  void purge();
  /// All that evaluating the record may touch and that was not evaluated before.
  Result<std::vector<ModuleRecord*>> reach(ModuleRecord& record);

  Realm* realm_;
  std::vector<std::shared_ptr<ModuleRecord>> records_;
  std::unordered_map<std::string, ModuleRecord*> known_;      // by name and type; none has failed
  std::unordered_map<std::string_view, ModuleRecord*> keys_;  // of the records' own strings
  // What the engine is compiling now, the innermost last; null where code of the user's runs.
  std::vector<ModuleRecord*> compiling_;
  // Modules in the making that the engine would free when another fails: none may be evaluated.
  int unresolved_ = 0;
};

}  // namespace quip::detail

// What an import asks for and what a loader gives: import attributes, and a module's contents.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

struct JSContext;
struct JSModuleDef;

namespace quip {

class ModuleDef;

/// The function of a module that is written in C for the engine itself (`js_init_module`, say): it
/// makes the module by that name (engine: JS_NewCModule) and tells its exports, or returns null
/// with an exception pending.
using ModuleLoadFn = JSModuleDef*(JSContext* ctx, const char* name);

/// What stands behind an import: `import data from "./x.json" with { type: "json" }` (ECMA-262
/// 16.2.2, WithClause). An engine without import attributes (see Runtime::has_import_attributes)
/// never gives any.
class ImportAttributes {
 public:
  using Entry = std::pair<std::string, std::string>;

  ImportAttributes() noexcept = default;
  ImportAttributes(std::initializer_list<Entry> entries) : entries_(entries) {}
  explicit ImportAttributes(std::vector<Entry> entries) noexcept : entries_(std::move(entries)) {}

  /// The value of that key, or nothing.
  [[nodiscard]] std::optional<std::string_view> get(std::string_view key) const noexcept;
  /// The attribute `type`; empty without one, which asks for JavaScript.
  [[nodiscard]] std::string_view type() const noexcept;
  /// All of them, in the order of the source.
  [[nodiscard]] const std::vector<Entry>& entries() const noexcept { return entries_; }
  [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }

  friend bool operator==(const ImportAttributes&, const ImportAttributes&) = default;

 private:
  std::vector<Entry> entries_;
};

/// The contents of a module, as a loader gives them: JavaScript's text, or one of the other kinds.
class ModuleSource {
 public:
  /// JavaScript.
  struct Script {
    std::string text;
  };
  /// A module whose default export is the value that the text means (JSON.parse).
  struct Json {
    std::string text;
  };
  /// A module whose default export is the text.
  struct Text {
    std::string text;
  };
  /// A module whose default export is a Uint8Array of the bytes (an immutable buffer where the
  /// engine has those).
  struct Bytes {
    std::vector<std::byte> bytes;
  };
  /// What the engine compiled before (see Bundle). It must have been checked: an engine trusts
  /// bytecode as it trusts its own program.
  struct Bytecode {
    std::span<const std::byte> code;
    std::shared_ptr<const void> owner;  ///< of the bytes; null when they outlive every runtime
  };
  /// A module that is defined in C++.
  struct Definition {
    std::shared_ptr<const ModuleDef> definition;
  };
  /// A module that is written in C for the engine itself. Nothing stands between its function and
  /// the engine.
  struct Raw {
    ModuleLoadFn* load;
  };
  using Contents = std::variant<Script, Json, Text, Bytes, Bytecode, Definition, Raw>;

  /// JavaScript.
  ModuleSource(std::string script) noexcept : contents_(Script{std::move(script)}) {}
  ModuleSource(const char* script) : ModuleSource(std::string(script)) {}
  ModuleSource(Contents contents) noexcept : contents_(std::move(contents)) {}
  template <class Kind>
    requires(std::is_same_v<Kind, Script> || std::is_same_v<Kind, Json> ||
             std::is_same_v<Kind, Text> || std::is_same_v<Kind, Bytes> ||
             std::is_same_v<Kind, Bytecode> || std::is_same_v<Kind, Definition> ||
             std::is_same_v<Kind, Raw>)
  ModuleSource(Kind contents) noexcept : contents_(std::move(contents)) {}
  /// A module that is defined in C++; the definition is copied.
  ModuleSource(const ModuleDef& definition);

  [[nodiscard]] const Contents& contents() const noexcept { return contents_; }

 private:
  Contents contents_;
};

}  // namespace quip

// An engine for nothing but compiling modules, and for finding out what they import. Private to
// src/.
#pragma once

#include <quip/core/context.hpp>
#include <quip/core/runtime.hpp>
#include <quip/module/bytecode.hpp>
#include <quip/module/source.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace quip::detail {

/// A static import as the source has it.
struct ImportedAs {
  std::string specifier;
  ImportAttributes attributes;
  friend bool operator==(const ImportedAs&, const ImportedAs&) = default;
};

class Compiler {
 public:
  /// Throws Error when memory is short.
  explicit Compiler(const CompileOptions& options);
  Compiler(const Compiler&) = delete;
  Compiler& operator=(const Compiler&) = delete;

  /// What the module imports, each once, in the order of the source.
  Result<std::vector<ImportedAs>> imports(const std::string& source, const std::string& name);
  /// Its bytecode, unchecked and unstamped. `imports` gets what it imports.
  Result<std::vector<std::byte>> compile(const std::string& source, const std::string& name,
                                         std::vector<ImportedAs>& imports);

 private:
  struct Hooks;
  template <class Work>
  auto with_module(const std::string& source, const std::string& name, const Work& work)
      -> decltype(work(static_cast<JSContext*>(nullptr), JSValue{}));

  CompileOptions options_;
  Runtime runtime_;
  Context context_;
  std::vector<ImportedAs> imports_;  // of the module that is being compiled, so far
};

/// What one module of a bundle is made of.
struct BundleModule {
  enum class Kind : std::uint32_t { script, json, text, bytes };
  struct Import {
    std::string_view specifier;
    std::string_view type;
    std::string_view name;  ///< of the module
  };
  std::string_view name;
  Kind kind = Kind::script;
  std::span<const std::byte> contents;
  std::vector<Import> imports;
};

/// Puts a bundle together. The entries are numbers of modules. The names must be different.
Result<std::vector<std::byte>> write_bundle(const std::vector<BundleModule>& modules,
                                            const std::vector<std::uint32_t>& entries,
                                            const CompileOptions& options);

}  // namespace quip::detail

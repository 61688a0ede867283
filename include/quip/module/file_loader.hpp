// Reading modules from the file system.
#pragma once

#include <quip/core/result.hpp>
#include <quip/module/source.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace quip {

/// A loader (see Loader) that reads the file which the name is the path of.
///
/// Without a `type` the file is JavaScript, and its name must have one of the extensions: ".js" or
/// ".mjs" from the start. With one it is data, whatever it is called:
///
///     import config from "./config.json" with { type: "json" };    // JSON.parse of the text
///     import prompt from "./prompt.txt" with { type: "text" };     // a string
///     import image from "./image.png" with { type: "bytes" };      // a Uint8Array
///
/// (ECMA-262 16.2 with JSON modules; the proposals "import text" and "import bytes".) A ".json"
/// file without a type is a TypeError; on an engine without import attributes it is JSON (see
/// Runtime::has_import_attributes). Other types and other attributes are TypeErrors.
///
/// Text is UTF-8; what is not becomes U+FFFD in data, one for each maximal part of a character as
/// TextDecoder does it. A byte order mark is dropped.
class ScriptLoader {
 public:
  /// Takes that extension too: ".ts", or "" for files without one. A dot in front may be left out.
  ScriptLoader& extension(std::string_view extension);
  /// Takes these alone.
  ScriptLoader& extensions(const std::vector<std::string>& extensions);
  /// Takes JavaScript whatever the file is called (but ".json").
  ScriptLoader& any_extension();

  /// What the module is. A ReferenceError when the file cannot be read.
  Result<ModuleSource> operator()(std::string_view name, const ImportAttributes& attributes) const;
  /// The text of JavaScript.
  Result<std::string> operator()(std::string_view name) const;

 private:
  std::vector<std::string> extensions_ = {".js", ".mjs"};
  bool takes_any_ = false;
};

}  // namespace quip

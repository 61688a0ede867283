// Compiling modules ahead of time: the engine's bytecode, stamped so that it is only ever read by
// the engine that wrote it.
#pragma once

#include <quip/core/result.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace quip {

/// What is left out of bytecode.
struct CompileOptions {
  /// The text of functions, which Function.prototype.toString gives: without it that tells no more
  /// than for native functions, and the bytecode is about as much smaller as the text is long.
  bool strip_source = false;
  /// Line numbers and file names too, and with them the text: stacks of errors then tell names of
  /// functions alone.
  bool strip_debug = false;
};

/// The engine that this process is linked with, as far as its bytecode goes.
struct EngineStamp {
  std::string name;               ///< name and version, e.g. "quickjs-ng 0.17.0"
  std::uint64_t fingerprint = 0;  ///< of the bytecode that it makes of a fixed source text
  friend bool operator==(const EngineStamp&, const EngineStamp&) = default;
};

/// The stamp of this engine. Bytecode is bound to one build of one engine: a version alone does not
/// tell, because builds of one version number their atoms and opcodes differently. So a fixed
/// source text is compiled, once a process, and the result hashed. Throws Error when memory is
/// short.
const EngineStamp& engine_stamp();
/// As `engine_stamp`, with the error as a value.
Result<EngineStamp> try_engine_stamp();

/// Compiles an ES module to a bundle of this one module (see Bundle), without a context of the
/// caller's. What it imports is found and loaded when it is.
///
/// @param name the module's full name, which is its name in stacks and the base of its relative
///             imports. It is part of the bytecode: the module can be loaded by this name only.
/// Throws Error: a SyntaxError with its place. Engine: JS_WriteObject.
std::vector<std::byte> compile_module(std::string_view source, const std::string& name,
                                      const CompileOptions& options = {});
/// As `compile_module`, with the error as a value.
Result<std::vector<std::byte>> try_compile_module(std::string_view source, const std::string& name,
                                                  const CompileOptions& options = {});

}  // namespace quip

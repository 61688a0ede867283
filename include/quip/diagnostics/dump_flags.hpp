// What the engine prints of its inner work: see Runtime::set_dump_flags.
#pragma once

#include <quip/core/runtime.hpp>

#include <cstdint>

namespace quip {

/// A set of the things that the engine can print to standard output (engine: JS_DUMP_*), joined by
/// `|`. Those "at the end" are printed when the heap is freed: when the Runtime and the last handle
/// are gone.
enum class DumpFlags : std::uint32_t {
  none = 0,
  final_bytecode = 1U << 0U,      ///< each function that is compiled
  bytecode_pass_2 = 1U << 1U,     ///< the same before jumps are resolved
  bytecode_pass_1 = 1U << 2U,     ///< the same before variables are resolved
  bytecode_bytes = 1U << 3U,      ///< besides, its bytes
  bytecode_lines = 1U << 4U,      ///< besides, its table of lines
  bytecode_stack = 1U << 5U,      ///< besides, how its size on the stack is found
  bytecode_steps = 1U << 6U,      ///< each instruction that is run
  reading = 1U << 7U,             ///< bytecode and serialised values, as they are read
  freeing = 1U << 8U,             ///< each object that is freed
  collections = 1U << 9U,         ///< each automatic collection of garbage
  collected_objects = 1U << 10U,  ///< each object that a collection frees
  module_resolution = 1U << 11U,  ///< how modules are found and linked
  promises = 1U << 12U,           ///< the steps of promises
  leaks = 1U << 13U,              ///< at the end: objects and strings that nobody freed
  leaked_atoms = 1U << 14U,       ///< at the end: atoms that nobody freed
  memory = 1U << 15U,             ///< at the end: what the heap was made of
  objects = 1U << 16U,            ///< at the end: all objects
  atoms = 1U << 17U,              ///< at the end: all atoms
  shapes = 1U << 18U,             ///< at the end: all shapes of objects
};

/// Both sets together.
constexpr DumpFlags operator|(DumpFlags a, DumpFlags b) noexcept {
  return static_cast<DumpFlags>(static_cast<std::uint32_t>(a) | static_cast<std::uint32_t>(b));
}
/// What is in both.
constexpr DumpFlags operator&(DumpFlags a, DumpFlags b) noexcept {
  return static_cast<DumpFlags>(static_cast<std::uint32_t>(a) & static_cast<std::uint32_t>(b));
}
constexpr DumpFlags& operator|=(DumpFlags& a, DumpFlags b) noexcept { return a = a | b; }

}  // namespace quip

// Faults of the engines themselves when memory is short.
#pragma once

#include "attempt.hpp"

#include <span>
#include <string_view>

namespace quip::test {

/// A fault of the engine that quip cannot keep from its users. Each has a reproduction in C in
/// tests/reliability/engine_faults/, which tells when the engine has been mended.
struct KnownFault {
  Outcome outcome;
  /// The engine's function: where it crashes or hangs, or for what shows later, where the
  /// allocation failed. One of the engine's frames at the top of the stack.
  std::string_view function;
  std::string_view reason;
};

/// Those of the engine that this program is built with.
std::span<const KnownFault> known_faults() noexcept;

/// The fault's number in `known_faults`; -1 when it is none of them.
int known_fault(const Report& report) noexcept;

}  // namespace quip::test

// Values as text for people.
#pragma once

#include "intrinsics.hpp"
#include <quip/quip.hpp>

#include <string>

namespace quip::program {

/// How much of a value is shown.
struct InspectOptions {
  /// Objects that lie deeper than this are named only.
  int depth = 2;
  /// Properties that are not enumerable are shown too.
  bool hidden = false;
};

/// The value as text in the manner of Node's util.inspect: `{ a: [ 1, 'two' ] }`. Runs no script:
/// getters are named, not called, and proxies shown as what they stand for. Never throws on
/// account of the value.
std::string inspect(const Intrinsics& intrinsics, const Value& value,
                    const InspectOptions& options = {});

}  // namespace quip::program

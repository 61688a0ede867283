// Values as text for people.
#pragma once

#include <quip/value/value.hpp>

#include <string>

namespace quip::web {

/// How much of a value is shown.
struct InspectOptions {
  /// Objects that lie deeper than this are named only.
  int depth = 2;
  /// Properties that are not enumerable are shown too.
  bool hidden = false;
};

/// The value as text in the manner of Node's util.inspect: `{ a: [ 1, 'two' ] }`. Runs no script:
/// getters are named, not called, and proxies shown as what they stand for. (A script that has
/// replaced functions of the standard library before their first use is asked; web::install with
/// its console comes first.) Throws RuntimeGone, and when memory is short; never on account of the
/// value.
std::string inspect(const Value& value, const InspectOptions& options = {});
/// As `inspect`, with the error as a value.
Result<std::string> try_inspect(const Value& value, const InspectOptions& options = {});

}  // namespace quip::web

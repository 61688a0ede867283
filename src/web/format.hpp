// console.log's format strings.
#pragma once

#include <quip/value/value.hpp>

#include <string>
#include <vector>

namespace quip::web {

/// The arguments of console.log as a line: a first argument that is a string may have the
/// directives %s %d %i %f %j %o %O %c %%, each of which takes an argument; what is left follows
/// behind a space, strings as they are and other values as `inspect` shows them.
///
/// No script is run, with the exception of toJSON and getters for %j: objects under %s are
/// inspected even if they have a toString, and are NaN for %d, %i and %f.
std::string format(const std::vector<Value>& arguments);

}  // namespace quip::web

// console.table. Private to src/web/.
#pragma once

#include <quip/value/value.hpp>

#include <optional>
#include <string>

namespace quip::web {

/// The rows of an array, an object, a Map or a Set as a table in the manner of Node; nothing for
/// what has no rows. `columns` lists the properties to show, if it is an array. Runs no script.
std::optional<std::string> table_of(const Value& data, const Value& columns);

}  // namespace quip::web

// Which handles of a runtime are alive: how many, and in a build that traces them, made where.
#pragma once

#include <quip/core/limits.hpp>
#include <quip/core/result.hpp>

#include <cstddef>
#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

namespace quip {

class Context;
class Runtime;

/// A handle (a Value or its kin, or a Context) that C++ holds.
struct LivingHandle {
  std::string value;      ///< what it refers to, in short: "Array", "function parse", "\"text\""
  std::size_t realm = 0;  ///< which context's it is, from 1 in the order that they were made
  std::string site;       ///< where it was made: the calls, the innermost first, a line each

  friend std::ostream& operator<<(std::ostream& out, const LivingHandle& handle);
};

/// How many handles the context has in C++: Values and their kin, Atoms, and Contexts. In any
/// build.
std::size_t count_handles(const Context& context);
/// The same of all contexts of a runtime. Throw RuntimeGone.
std::size_t count_handles(const Runtime& runtime);

/// Whether this is a build that traces handles: the CMake option QUIP_TRACE_HANDLES. Every handle
/// then costs a look at the stack where it is made; without the option, nothing is done at all.
[[nodiscard]] bool has_handle_tracing() noexcept;

/// Every handle of the runtime's with the place where it was made, in the order that they were
/// made; a handle that was moved is where it is now what it was before. (Atoms are counted, but not
/// traced.) Runs no script. Throws Error in a build that traces none, and RuntimeGone.
std::vector<LivingHandle> living_handles(detail::Within within);
/// As `living_handles`, with the error as a value.
Result<std::vector<LivingHandle>> try_living_handles(detail::Within within);

/// Hears of the handles that are still alive when a Runtime is destroyed.
using LeakHandler = std::function<void(const std::vector<LivingHandle>&)>;
/// Has the handler called at the end of the runtime if there are any: after its callbacks and
/// native objects are gone, so that what these held is not told. What it throws is lost. An empty
/// function reports to standard error. Throws Error in a build that traces no handles, and
/// RuntimeGone.
void report_leaks(detail::Within within, LeakHandler handler = {});

}  // namespace quip

#include "../core/core_state.hpp"
#include <quip/diagnostics/dump_flags.hpp>

namespace quip {

bool Runtime::has_dump_flags() noexcept {
  static const bool has = engine::has_dumps();
  return has;
}

void Runtime::set_dump_flags(DumpFlags flags) {
  const detail::Work work(owned_core());
  if (flags != DumpFlags::none && !has_dump_flags()) {
    throw Error::plain("the engine " + engine() +
                       " was built without dumps that can be turned on at run time");
  }
  engine::set_dump_flags(work->runtime, static_cast<std::uint32_t>(flags));
}

}  // namespace quip

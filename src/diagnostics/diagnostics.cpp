#include "diagnostics.hpp"

#include "../core/core_state.hpp"

#include <cstdio>
#include <sstream>

namespace quip::detail {

Diagnostics& Diagnostics::of(CoreState& core) {
  if (core.diagnostics == nullptr) core.diagnostics = std::make_unique<Diagnostics>();
  return *core.diagnostics;
}

engine::StackReader& Diagnostics::reader(CoreState& core) {
  if (reader_ == nullptr) {
    // The engines corrupt their heap when a context meets the limit half made.
    engine::set_memory_limit(core.runtime, 0);
    is_making_reader_ = true;
    reader_ = engine::StackReader::make(core.runtime);
    is_making_reader_ = false;
    engine::set_memory_limit(core.runtime, core.memory_limit);
    if (reader_ == nullptr) throw Error::from(std::make_exception_ptr(std::bad_alloc()));
  }
  return *reader_;
}

void Diagnostics::close(CoreState& core) noexcept {
  sampler.reset();
  reader_.reset();
  const std::optional<LeakHandler> handler = std::move(leak_handler);
  leak_handler.reset();
  if (!handler) return;
  try {
    const std::vector<LivingHandle> handles = list_handles(core);
    if (handles.empty()) return;
    if (*handler) {
      (*handler)(handles);
      return;
    }
    std::ostringstream text;
    text << "quip: " << handles.size() << (handles.size() == 1 ? " handle is" : " handles are")
         << " alive at the end of the runtime\n";
    for (const LivingHandle& handle : handles) text << handle;
    const std::string report = std::move(text).str();
    std::fwrite(report.data(), 1, report.size(), stderr);
  } catch (...) {
    // a report that fails has nobody to tell
  }
}

}  // namespace quip::detail

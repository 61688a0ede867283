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
    core.lift_memory_limits();
    is_at_work_ = true;
    reader_ = engine::StackReader::make(core.runtime);
    is_at_work_ = false;
    core.limit_memory();
    if (reader_ == nullptr) throw Error::from(std::make_exception_ptr(std::bad_alloc()));
  }
  return *reader_;
}

/// The engine asks at every 10,000th call or loop, which in a loop of two calls would always be the
/// same one. So some of them are calls of ours, of the function of each context that does nothing.
void Diagnostics::shift(CoreState& core) noexcept {
  constexpr unsigned most = 31;
  is_at_work_ = true;
  for (const Realm* realm = core.realms; realm != nullptr; realm = realm->next) {
    if (!realm->in_engine) continue;
    for (auto count = random_() % most; count > 0; --count) {
      JSValue nothing = ::JS_Call(realm->context, realm->token, engine::undefined(), 0, nullptr);
      if (!engine::is_exception(nothing)) continue;
      engine::release(realm->context, ::JS_GetException(realm->context));
      break;  // the stack is short
    }
  }
  is_at_work_ = false;
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

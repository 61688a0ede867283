// Runtimes that others made (see core/raw.hpp), and how what the engine calls finds the way back to
// quip where the engine's opaque pointers are not ours. Private to src/.
#pragma once

#include "core_state.hpp"
#include <quip/core/lifetime.hpp>

#include <memory>
#include <optional>
#include <string>

namespace quip::detail {

/// Every runtime that quip knows, own ones included.
void remember_runtime(CoreState& core);
void forget_runtime(const CoreState& core) noexcept;
/// The core of a runtime; null when quip does not know it.
CoreState* core_of(JSRuntime* rt) noexcept;

/// Memory that an ArrayBuffer of a borrowed runtime still has when quip leaves it.
void leave_memory(JSRuntime* rt, std::unique_ptr<Memory> memory) noexcept;
/// What resize_memory does with such memory.
void* resize_left_memory(JSRuntime* rt, void* data, std::size_t size) noexcept;

/// The TypeError of a function whose C++ is gone while scripts go on.
JSValue throw_left(JSContext* ctx) noexcept;

/// What is wrong between the engine's header and the library; empty when nothing is. Looked at
/// once.
std::string library_mismatch(JSRuntime* rt);

/// The right to touch the runtime, for what the engine calls: of use only where others run scripts;
/// elsewhere the thread has entered it, and nothing is done.
class CalledEntry {
 public:
  explicit CalledEntry(JSContext* ctx) noexcept {
    if (foreign_runtimes.load(std::memory_order_relaxed) != 0) [[unlikely]] {
      const Realm* realm = find_realm(ctx);
      if (realm == &nowhere || realm->core->is_borrowed) entry_.emplace(realm);
    }
  }
  /// False when quip has left the runtime.
  explicit operator bool() const noexcept { return !entry_ || *entry_; }

 private:
  std::optional<Entry> entry_;
};

}  // namespace quip::detail

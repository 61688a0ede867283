// What a core keeps for diagnostics, from their first use. Private to src/.
#pragma once

#include "../engine/stack.hpp"
#include "sampler.hpp"
#include <quip/diagnostics/handles.hpp>

#include <memory>
#include <optional>
#include <random>

namespace quip::detail {

class CoreState;

/// All of it belongs to the thread that holds the core's lock.
class Diagnostics {
 public:
  /// Those of the core. Throws std::bad_alloc.
  static Diagnostics& of(CoreState& core);
  /// What reads its stack. Throws Error when memory is short.
  engine::StackReader& reader(CoreState& core);

  /// Whether the engine is reading its stack right now, or getting ready to: it may ask in between
  /// whether that is to go on.
  [[nodiscard]] bool is_reading() const noexcept {
    return is_at_work_ || (reader_ != nullptr && reader_->is_reading());
  }
  /// A thread has entered the runtime, and is about to leave it.
  void entered() noexcept {
    if (sampler != nullptr) sampler->entered();
  }
  void left() noexcept {
    if (sampler != nullptr) sampler->left();
  }
  /// The engine asks whether the script that runs is to go on.
  void polled(CoreState& core) noexcept {
    if (sampler == nullptr || sampler->is_over()) return;
    sampler->polled(*reader_);
    shift(core);
  }
  /// The heap is about to be freed.
  void close(CoreState& core) noexcept;

  std::shared_ptr<Sampler> sampler;         ///< null when there was none
  std::optional<LeakHandler> leak_handler;  ///< empty when nobody asked for a report

 private:
  void shift(CoreState& core) noexcept;

  std::unique_ptr<engine::StackReader> reader_;  // there if a sampler is
  bool is_at_work_ = false;
  std::minstd_rand random_;
};

/// What a value is, in short and without running a script: "function parse". Throws std::bad_alloc.
std::string outline(JSContext* ctx, JSValueConst value);
/// The core's handles; those of no value and of no Context among them. The thread holds its lock.
std::vector<LivingHandle> list_handles(CoreState& core);

}  // namespace quip::detail

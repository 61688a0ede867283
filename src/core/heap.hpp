// A heap's memory: the allocator that it comes from and the limits. Private to src/.
#pragma once

#include "quota.hpp"
#include <quip/core/allocator.hpp>
#include <quip/engine/engine.hpp>

#include <memory>
#include <utility>

namespace quip::detail {

/// It outlives the engine that is made on it.
class Heap {
 public:
  /// On that allocator, or on the default for null. Null when there is no memory.
  static std::unique_ptr<Heap> make(std::shared_ptr<Allocator> allocator) noexcept;

  Heap(const Heap&) = delete;
  Heap& operator=(const Heap&) = delete;
  virtual ~Heap() = default;

  /// The engine; null when there is no memory. Once.
  virtual JSRuntime* new_runtime() noexcept = 0;
  /// The limits of that engine: 0 for none.
  void limit(JSRuntime* rt, std::size_t hard, std::size_t soft) noexcept;

  [[nodiscard]] Quota& quota() noexcept { return quota_; }

 protected:
  explicit Heap(std::shared_ptr<Allocator> allocator) noexcept : allocator_(std::move(allocator)) {}
  Quota quota_;

 private:
  std::shared_ptr<Allocator> allocator_;
};

}  // namespace quip::detail

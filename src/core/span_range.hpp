// The range of addresses that all pools of the process share. Private to src/.
#pragma once

#include "pool.hpp"

#include <mutex>

namespace quip::detail {

/// Where spans come from and go back to; safe to use from any thread.
class SpanRange {
 public:
  /// The process's only one. Nothing runs at its end: pools may be destroyed later.
  static SpanRange& shared() noexcept;

  /// Reserves the addresses, at its first call. Where there are none, pools do without spans.
  void reserve() noexcept;
  /// A span of which nothing is set yet; null when there is no memory.
  Span* take() noexcept;
  void give_back(Span& span) noexcept;

 private:
  bool open_group() noexcept;

  std::mutex lock_;
  bool is_reserved_ = false;
  std::uintptr_t opened_ = 0;  // up to here spans are in use or listed
  std::uintptr_t end_ = 0;
  SpanList dirty_;  // their pages are there
  std::size_t dirty_count_ = 0;
  SpanList clean_;  // the system has their pages
};

}  // namespace quip::detail

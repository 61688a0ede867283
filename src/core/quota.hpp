// The limits of a heap: between an engine and the allocator that it takes its memory from. Private
// to src/.
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>

namespace quip::detail {

/// What a heap may take. Where the engine counts for itself and knows a limit, it watches over the
/// hard limit alone; the count here is of what it takes from the allocator then, and the soft
/// limit's.
///
/// **Lending.** Bellard's engine goes on with an error object that is freed if its memory runs out
/// while it adds the stack to an error: it writes the stack as a text that grows, makes a string of
/// that, and a property. So it does not run out there: beyond the limit a short text is granted,
/// its copy and a few small requests behind it; a long one must leave room for its copy. After a
/// refusal the error that tells of it is granted too. A script that swallows errors and takes what
/// is lent for them is stopped.
class Quota {
 public:
  static constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();
  /// The most that is lent, beyond the limit or what was there when a lower one was set: to errors,
  /// and to stacks until such a script is stopped.
  static constexpr std::size_t lent_to_errors = std::size_t{64} << 10;
  static constexpr std::size_t lent_to_stacks = std::size_t{16} << 20;

  std::size_t size = 0;   // the heap, where the engine keeps no count
  std::size_t count = 0;  // the same of its blocks
  std::size_t peak = 0;   // the most that the heap ever was

  /// From here on; `unlimited` for none. What is large is refused above `large_up_to`.
  void limit(std::size_t hard, std::size_t soft, std::size_t large_up_to) noexcept {
    hard_ = hard;
    soft_ = soft;
    large_up_to_ = large_up_to;
    mark_ = std::min(hard, soft);
    lent_from_ = unlimited;
    window_ = 0;
    is_due_ = false;
    is_starved_ = false;
  }

  /// Whether a heap of that size may take a block more. The heap's size must stay where it is.
  bool admits(const std::size_t& held, std::size_t bytes) noexcept {
    const std::size_t wanted = held + bytes;
    if (wanted <= mark_ && wanted >= bytes) [[likely]]
      return true;
    return admits_slowly(held, bytes, bytes, false);
  }
  /// The same of a block that may grow, as a text does: see `begins`.
  bool admits_text(const std::size_t& held, std::size_t bytes) noexcept {
    const std::size_t wanted = held + bytes;
    if (wanted <= mark_ && wanted >= bytes) [[likely]]
      return true;
    return admits_slowly(held, bytes, bytes, true);
  }
  /// The same of a block that grows.
  bool admits_growth(const std::size_t& held, const void* block, std::size_t before,
                     std::size_t bytes) noexcept {
    const std::size_t more = bytes - before;
    const std::size_t wanted = held + more;
    if (bytes <= long_text && wanted <= mark_ && wanted >= more) [[likely]]
      return true;
    return leaves_room(held, block, more, bytes) &&
           admits_slowly(held, more, bytes, block == text_);
  }
  /// A block is made that may grow, as a text does; and it grew.
  void begins(const void* block, std::size_t bytes) noexcept {
    text_ = block;
    text_size_ = bytes;
  }
  void grew(const void* before, const void* block, std::size_t bytes) noexcept {
    if (before == text_) begins(block, bytes);
  }
  void took(std::size_t held) noexcept {
    if (held > peak) peak = held;
  }

  /// Whether somebody should collect the garbage and ask `exceeded`.
  [[nodiscard]] bool is_due() const noexcept { return is_due_ || is_starved_; }
  /// The limit that the heap is above after a collection, 0 for none; the script is to be stopped.
  /// Lends what the error takes.
  std::size_t exceeded() noexcept;

 private:
  static constexpr std::size_t long_text = std::size_t{64} << 10;

  bool leaves_room(std::size_t held, const void* block, std::size_t more,
                   std::size_t bytes) const noexcept;
  bool admits_slowly(const std::size_t& held, std::size_t more, std::size_t bytes,
                     bool is_text) noexcept;
  bool lends(std::size_t held, std::size_t more, std::size_t bytes, bool is_text) noexcept;
  void open_window(int requests, std::size_t bytes, std::size_t lent) noexcept;

  std::size_t mark_ = unlimited;  // up to here there is nothing to look at
  std::size_t hard_ = unlimited;
  std::size_t soft_ = unlimited;
  std::size_t large_up_to_ = unlimited;
  std::size_t lent_from_ = unlimited;  // what is lent is beyond this; see lends
  int window_ = 0;                     // requests that are granted whatever the limit,
  std::size_t window_bytes_ = 0;       // of so many bytes together,
  std::size_t window_lent_ = 0;        // as long as no more than that is lent
  const void* text_ = nullptr;         // that began last; nothing is lent for it yet
  std::size_t text_size_ = 0;
  bool is_due_ = false;                // above the soft limit
  bool is_starved_ = false;            // all is lent
  const std::size_t* held_ = nullptr;  // where the heap's size is, once it was near a limit
};

}  // namespace quip::detail

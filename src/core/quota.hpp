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
/// **Lending.** Bellard's engine goes on with an error object that is freed when, while it adds the
/// stack to an error, its memory runs out. So it does not run out there: once a request was
/// refused, some small ones behind it are granted beyond the limit, and so are those behind the
/// first piece of a text that grows, which is how a stack begins. What is lent must come back
/// before there is more; a script that goes on to take it all is stopped.
class Quota {
 public:
  static constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();
  /// The most that is lent: beyond the limit, or beyond what was there when a lower limit was set.
  static constexpr std::size_t most_lent = std::size_t{128} << 10;

  /// What is asked for.
  enum class Request : unsigned char {
    block,
    text,  // the first piece of what may grow
    more,  // of a block
  };

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

  /// Whether a heap of that size may take so much more. The heap's size must stay where it is.
  bool admits(const std::size_t& held, std::size_t bytes, Request request) noexcept {
    const std::size_t wanted = held + bytes;
    if (wanted <= mark_ && wanted >= bytes) [[likely]]
      return true;
    return admits_slowly(held, bytes, request);
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
  bool admits_slowly(const std::size_t& held, std::size_t bytes, Request request) noexcept;
  bool lends(std::size_t held, std::size_t bytes, Request request) noexcept;

  std::size_t mark_ = unlimited;  // up to here there is nothing to look at
  std::size_t hard_ = unlimited;
  std::size_t soft_ = unlimited;
  std::size_t large_up_to_ = unlimited;
  std::size_t lent_from_ = unlimited;  // what is lent is beyond this; see lends
  std::size_t lent_up_to_ = 0;         // for the requests of the window
  int window_ = 0;                     // requests that are granted whatever the limit
  bool is_due_ = false;                // above the soft limit
  bool is_starved_ = false;            // all is lent
  const std::size_t* held_ = nullptr;  // where the heap's size is, once it was near a limit
};

}  // namespace quip::detail

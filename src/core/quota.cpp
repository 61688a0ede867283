#include "quota.hpp"

namespace quip::detail {

namespace {
// Errors take less. A stack that grew to `small_text` is copied to a block with a header.
constexpr std::size_t small_text = std::size_t{8} << 10;
constexpr std::size_t small_block = small_text + 256;
// The requests that it takes to make an error, with some to spare, and its stack alone.
constexpr int requests_of_error = 64;
constexpr int requests_of_stack = 32;
// Not for the small blocks of the engine's own work.
constexpr std::size_t large = std::size_t{64} << 10;
}  // namespace

bool Quota::admits_slowly(const std::size_t& held, std::size_t bytes, Request request) noexcept {
  if (bytes > unlimited - held) return false;
  const std::size_t wanted = held + bytes;
  held_ = &held;
  if (wanted > soft_) {
    is_due_ = true;
    if (bytes >= large && wanted > large_up_to_) return false;
  }
  return wanted <= hard_ || lends(held, bytes, request);
}

bool Quota::lends(std::size_t held, std::size_t bytes, Request request) noexcept {
  // A limit may have been set below what the heap has: that is not lent. It does not rise again.
  lent_from_ = std::max(hard_, std::min(lent_from_, held));
  const std::size_t wanted = held + bytes;
  const std::size_t room = wanted - lent_from_;  // what would be lent then
  const bool is_text = request == Request::text && bytes <= small_text;
  if (is_text && room <= most_lent) {
    window_ = std::max(window_, requests_of_stack);
    lent_up_to_ = lent_from_ + most_lent;
  }
  if (window_ > 0 && wanted <= lent_up_to_ &&
      bytes <= (request == Request::block ? small_block : small_text)) {
    --window_;
    return true;
  }
  // half of it is for stacks alone
  if (room > most_lent / 2 && bytes <= small_block) is_starved_ = true;
  window_ = requests_of_error;
  lent_up_to_ = lent_from_ + most_lent / 2;
  return false;
}

std::size_t Quota::exceeded() noexcept {
  is_due_ = false;
  const std::size_t held = *held_;
  const bool is_starved = is_starved_ && held > hard_;
  is_starved_ = false;
  if (held <= soft_ && !is_starved) {
    // not for every few bytes again
    if (soft_ != unlimited) mark_ = std::min(hard_, std::max(soft_, held + soft_ / 16));
    return 0;
  }
  if (is_starved) {
    window_ = requests_of_error;
    lent_up_to_ = lent_from_ + most_lent;
  }
  return is_starved ? hard_ : soft_;
}

}  // namespace quip::detail

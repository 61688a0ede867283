#include "quota.hpp"

namespace quip::detail {

namespace {
// Errors take less.
constexpr std::size_t small = std::size_t{8} << 10;
// What a string has before its text, at the most.
constexpr std::size_t string_header = 64;
// What it takes to make an error; and a stack's property, behind its string.
constexpr int requests_of_error = 64;
constexpr std::size_t bytes_of_error = std::size_t{32} << 10;
constexpr int requests_of_stack = 8;
constexpr std::size_t bytes_of_stack = std::size_t{4} << 10;
// Not for the small blocks of the engine's own work.
constexpr std::size_t large = std::size_t{64} << 10;
// Arrays grow by whole values; texts hardly ever do.
constexpr std::size_t value_size = 16;
}  // namespace

/// A long text must leave room for its copy.
bool Quota::leaves_room(std::size_t held, const void* block, std::size_t more,
                        std::size_t bytes) const noexcept {
  if (block != text_ || bytes <= long_text || bytes % value_size == 0 || hard_ == unlimited) {
    return true;
  }
  return held <= hard_ && more <= hard_ - held && bytes <= hard_ - held - more;
}

bool Quota::admits_slowly(const std::size_t& held, std::size_t more, std::size_t bytes,
                          bool is_text) noexcept {
  if (more > unlimited - held) return false;
  const std::size_t wanted = held + more;
  if (wanted <= mark_) return true;
  held_ = &held;
  if (wanted > soft_) {
    is_due_ = true;
    if (bytes >= large && wanted > large_up_to_) return false;
  }
  return wanted <= hard_ || lends(held, more, bytes, is_text);
}

void Quota::open_window(int requests, std::size_t bytes, std::size_t lent) noexcept {
  window_ = requests;
  window_bytes_ = bytes;
  window_lent_ = lent;
}

bool Quota::lends(std::size_t held, std::size_t more, std::size_t bytes, bool is_text) noexcept {
  // A limit may have been set below what the heap has: that is not lent. It does not rise again.
  lent_from_ = std::max(hard_, std::min(lent_from_, held));
  const std::size_t lent = held + more - lent_from_;
  const bool is_small = bytes <= small;
  if (is_text) {
    if (is_small && lent <= lent_to_errors) return true;
    // the engine can do without the text, though not without what comes behind
    if (lent > lent_to_errors) is_starved_ = true;
    if (text_ == nullptr) begins(this, 0);
    return false;
  }
  const bool is_copy = text_size_ <= long_text && bytes <= text_size_ + string_header;
  if (text_ != nullptr && (is_small || is_copy)) {
    text_ = nullptr;
    open_window(requests_of_stack, std::min(text_size_, long_text) + string_header + bytes_of_stack,
                lent_to_stacks);
  }
  if (window_ > 0 && more <= window_bytes_ && lent <= window_lent_) {
    --window_;
    window_bytes_ -= more;
    return true;
  }
  if (is_small && lent > lent_to_errors) is_starved_ = true;
  open_window(requests_of_error, bytes_of_error, lent_to_errors);
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
    open_window(requests_of_error, bytes_of_error, lent_to_stacks);
  }
  return is_starved ? hard_ : soft_;
}

}  // namespace quip::detail

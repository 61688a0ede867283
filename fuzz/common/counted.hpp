// Objects that know how many of them live: what is destroyed twice or never is seen.
#pragma once

#include <atomic>

namespace quip::fuzz {

/// A part of what JavaScript owns; at an input's end all must be gone.
class Counted {
 public:
  Counted() noexcept { ++alive; }
  Counted(const Counted&) noexcept : Counted() {}
  Counted(Counted&&) noexcept : Counted() {}
  Counted& operator=(const Counted&) noexcept = default;
  Counted& operator=(Counted&&) noexcept = default;
  ~Counted() { --alive; }

  static int live() noexcept { return alive.load(); }

 private:
  inline static std::atomic<int> alive{0};
};

}  // namespace quip::fuzz

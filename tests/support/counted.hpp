// Objects that know how many of them live: what is destroyed twice or never is seen.
#pragma once

#include <gtest/gtest.h>

#include <atomic>

namespace quip::test {

/// Counts the objects of its kind between construction and destruction, copies and moves included.
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

/// At its end, all Counted that were made since its beginning must be gone.
class NoneLeft {
 public:
  NoneLeft() noexcept : before_(Counted::live()) {}
  NoneLeft(const NoneLeft&) = delete;
  NoneLeft& operator=(const NoneLeft&) = delete;
  ~NoneLeft() { EXPECT_EQ(Counted::live(), before_) << "C++ objects destroyed never, or twice"; }

 private:
  int before_;
};

}  // namespace quip::test

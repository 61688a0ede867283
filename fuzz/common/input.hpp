// What an input of a fuzz target is read through, and what every target checks.
#pragma once

#include "support/arbitrary.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace quip::fuzz {

/// An input's bytes; zeros behind their end. Every choice's first alternative is one that ends.
class Input : public test::Random {
 public:
  Input(const unsigned char* data, std::size_t size) : data_(data), left_(size) {}
  std::uint64_t bits() override {
    std::uint64_t value = 0;
    for (int i = 0; i < 8; ++i) {
      value = value << 8U | byte();
    }
    return value;
  }
  std::size_t below(std::size_t count) override {
    if (count <= 256) {
      return byte() % count;
    }
    return (std::size_t{byte()} << 8U | byte()) % count;
  }
  [[nodiscard]] std::size_t left() const noexcept { return left_; }

 private:
  unsigned char byte() {
    if (left_ == 0) {
      return 0;
    }
    --left_;
    return *data_++;
  }
  const unsigned char* data_;
  std::size_t left_;
};

/// Says what is wrong and aborts, which libFuzzer takes for a find.
[[noreturn]] void fail(const std::string& text);
/// What holds of every error of a runtime that is there; all that it says is read. Of one whose
/// runtime may be gone, `may_be_gone`.
void check(const Error& error, bool may_be_gone = false);
/// Whether QUIP_FUZZ_SHOW is in the environment: targets print what they do before they do it.
bool shows();

}  // namespace quip::fuzz

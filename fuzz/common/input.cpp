#include "input.hpp"

#include <cstdio>
#include <cstdlib>

namespace quip::fuzz {

[[noreturn]] void fail(const std::string& text) {
  std::fprintf(stderr, "fuzz: %s\n", text.c_str());
  std::abort();
}

void check(const Error& error, bool may_be_gone) {
  const std::string all = error.message() + error.name() + error.stack() + error.what();
  for (const Error& problem : error.problems()) {
    (void)problem.what();
    if (problem.kind() != ErrorKind::conversion) {
      fail("a problem that is none: " + problem.message());
    }
  }
  if (error.kind() == ErrorKind::conversion && error.message().empty()) {
    fail("an error without a message");
  }
  if (!may_be_gone && error.kind() == ErrorKind::runtime_gone) {
    fail("the runtime is there: " + error.message());
  }
}

bool shows() {
  static const bool is_set = std::getenv("QUIP_FUZZ_SHOW") != nullptr;
  return is_set;
}

}  // namespace quip::fuzz

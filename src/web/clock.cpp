#include "clock.hpp"

#include <chrono>

namespace quip::web {

namespace {

struct Origin {
  std::chrono::steady_clock::time_point steady = std::chrono::steady_clock::now();
  std::chrono::system_clock::time_point wall = std::chrono::system_clock::now();
};
const Origin& origin() noexcept {
  static const Origin known;
  return known;
}
using Milliseconds = std::chrono::duration<double, std::milli>;

}  // namespace

double now() noexcept {
  const Origin& from = origin();
  return Milliseconds(std::chrono::steady_clock::now() - from.steady).count();
}

double time_origin() noexcept { return Milliseconds(origin().wall.time_since_epoch()).count(); }

}  // namespace quip::web

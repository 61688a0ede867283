// Tables of what a runtime or a realm has of things that are numbered for the whole process.
// Private to src/.
#pragma once

#include <algorithm>
#include <cstddef>
#include <new>
#include <utility>

namespace quip::detail {

/// Makes room for the entry of that number, `least` entries at first; new ones are zero. False, and
/// the table as it was, when memory is short.
template <class T>
bool make_room(T*& table, std::size_t& count, std::size_t number, std::size_t least) noexcept {
  if (number < count) {
    return true;
  }
  const std::size_t wanted = std::max(least, number * 2);
  T* grown = new (std::nothrow) T[wanted]();
  if (grown == nullptr) {
    return false;
  }
  std::copy_n(table, count, grown);
  delete[] std::exchange(table, grown);
  count = wanted;
  return true;
}

}  // namespace quip::detail

// Which members of a struct have a default initialiser. The language does not tell; what a
// constructor does to memory and to members does.
#pragma once

#include <quip/convert/reflect.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <type_traits>
#include <utility>

namespace quip::detail {

/// What tells about the members that are scalars: where each lies, 0 bytes for all others.
struct ScalarMember {
  std::size_t offset;
  std::size_t size;
};
/// A bit for each scalar that T's constructor writes to; `construct` makes a T without parentheses.
std::uint64_t initialized_scalars(std::size_t size, std::size_t alignment, void (*construct)(void*),
                                  void (*destroy)(void*), const ScalarMember* members,
                                  std::size_t count);

template <class M>
bool has_initializer(const M& member);
/// The same for a part of a class's object, where scalars are zero by themselves.
template <class M>
bool is_other_than_fresh(const M& part) {
  if constexpr (std::is_scalar_v<M>) {
    return part != M();
  } else {
    return has_initializer(part);
  }
}

/// Whether the member is another one than its type makes by itself.
template <class M>
bool has_initializer(const M& member) {
  if constexpr (!std::is_default_constructible_v<M>) {
    return true;  // or the struct would have no default constructor
  } else if constexpr (requires { member.begin(), std::tuple_size<M>::value; }) {
    for (const auto& element : member) {  // std::array
      if (is_other_than_fresh(element)) {
        return true;
      }
    }
    return false;
  } else if constexpr (requires { std::tuple_size<M>::value; }) {
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      return (is_other_than_fresh(get<I>(member)) || ...);
    }(std::make_index_sequence<std::tuple_size_v<M>>());
  } else if constexpr (requires { member.valueless_by_exception(); }) {
    return member.index() != 0 || is_other_than_fresh(get<0>(member));  // std::variant
  } else if constexpr (requires { member.empty(); }) {
    return M().empty() != member.empty();
  } else if constexpr (requires {
                         static_cast<bool>(member);
                         *member;
                       }) {
    return static_cast<bool>(member);  // optional, and pointers that own
  } else if constexpr (reflectable<M>) {
    bool differs = false;
    const M fresh = M();
    bind_fields<field_count<M>>(fresh, [&](const auto&... a) {
      bind_fields<field_count<M>>(member, [&](const auto&... b) {
        const auto compare = [&]<class X>(const X& x, const X& y) {
          if constexpr (std::is_scalar_v<X>) {
            differs = differs || x != y;
          } else {
            differs = differs || has_initializer(x) != has_initializer(y);
          }
        };
        (compare(a, b), ...);
      });
    });
    return differs;
  } else if constexpr (std::equality_comparable<M>) {
    return !(M() == member);
  } else {
    return false;
  }
}

}  // namespace quip::detail

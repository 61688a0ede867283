// What a queue of callbacks is made of.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace quip::detail {

/// A `std::move_only_function<void()>`, which C++20 does not have: what it calls need not be
/// copyable, and up to four words of it lie within.
class MoveOnlyFunction {
 public:
  MoveOnlyFunction() noexcept = default;
  /// Throws when memory is short, and what F's constructor throws. A null pointer and an empty
  /// std::function make an empty one.
  template <class F>
    requires(!std::is_same_v<std::remove_cvref_t<F>, MoveOnlyFunction> &&
             std::is_invocable_v<std::decay_t<F>&>)
  MoveOnlyFunction(F&& function) {  // NOLINT(google-explicit-constructor): as the one of C++23
    using Stored = std::decay_t<F>;
    if constexpr (std::is_pointer_v<Stored> || std::is_same_v<Stored, std::function<void()>>) {
      if (function == nullptr) return;
    }
    if constexpr (is_within<Stored>) {
      ::new (place()) Stored(std::forward<F>(function));
    } else {
      ::new (place()) Stored*(new Stored(std::forward<F>(function)));
    }
    does_ = &does<Stored>;
  }
  MoveOnlyFunction(MoveOnlyFunction&& other) noexcept { take(other); }
  MoveOnlyFunction& operator=(MoveOnlyFunction&& other) noexcept {
    if (this == &other) return *this;
    MoveOnlyFunction replaced;  // ends last: it may be the user's
    replaced.take(*this);
    take(other);
    return *this;
  }
  ~MoveOnlyFunction() {
    if (does_ != nullptr) does_(Deed::destroy, *this, nullptr);
  }

  explicit operator bool() const noexcept { return does_ != nullptr; }
  /// Throws what it throws, and std::bad_function_call when it is empty.
  void operator()() {
    if (does_ == nullptr) throw std::bad_function_call();
    does_(Deed::call, *this, nullptr);
  }

 private:
  enum class Deed : unsigned char { call, move, destroy };
  using Does = void (*)(Deed deed, MoveOnlyFunction& self, MoveOnlyFunction* to);

  static constexpr std::size_t room = 4 * sizeof(void*);
  template <class F>
  static constexpr bool is_within =
      sizeof(F) <= room && alignof(F) <= alignof(void*) && std::is_nothrow_move_constructible_v<F>;

  [[nodiscard]] void* place() noexcept { return static_cast<void*>(data_); }
  void take(MoveOnlyFunction& other) noexcept {
    if (other.does_ == nullptr) return;
    other.does_(Deed::move, other, this);
    does_ = std::exchange(other.does_, nullptr);
  }
  template <class F>
  static void does(Deed deed, MoveOnlyFunction& self, MoveOnlyFunction* to) {
    if constexpr (is_within<F>) {
      F& function = *std::launder(static_cast<F*>(self.place()));
      if (deed == Deed::call) {
        std::invoke(function);
        return;
      }
      if (deed == Deed::move) ::new (to->place()) F(std::move(function));
      std::destroy_at(std::launder(static_cast<F*>(self.place())));
    } else {
      F* function = *std::launder(static_cast<F**>(self.place()));
      if (deed == Deed::call) {
        std::invoke(*function);
      } else if (deed == Deed::move) {
        ::new (to->place()) F*(function);
      } else {
        delete function;
      }
    }
  }

  alignas(void*) std::byte data_[room];
  Does does_ = nullptr;
};

}  // namespace quip::detail

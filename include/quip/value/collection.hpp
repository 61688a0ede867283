// What Map and Set have in common: calls of the intrinsic methods, and the walk through the
// content.
#pragma once

#include <quip/core/intrinsic.hpp>
#include <quip/value/object.hpp>

#include <array>
#include <cstddef>
#include <iterator>
#include <type_traits>
#include <utility>

namespace quip::detail {

/// Calls an intrinsic method of an object with C++ values; owned, or an exception. The thread has
/// entered the runtime.
template <class... A>
JSValue call_method(Realm* realm, const Handle& self, Intrinsic which, A&&... arguments) {
  // NOLINTNEXTLINE(performance-unnecessary-copy-initialization): it keeps the object alive
  const Handle keep(self);
  std::array<Handle, sizeof...(A) + 1> converted;
  std::size_t count = 0;
  [[maybe_unused]] const auto convert = [&](auto&& argument) {
    converted[count] =
        Handle(realm, into_js(realm->context, std::forward<decltype(argument)>(argument)));
    return !engine::is_exception(converted[count++].get());
  };
  if (!(... && convert(std::forward<A>(arguments)))) [[unlikely]] {
    return engine::exception();
  }
  return [&]<std::size_t... I>(std::index_sequence<I...>) {
    return call_intrinsic(realm, which, keep.get(), converted[I].get()...);
  }(std::index_sequence_for<A...>());
}

/// The same, entering the runtime first, with the result converted.
template <class T, class... A>
Result<T> invoke_method(const Handle& self, Intrinsic which, A&&... arguments) {
  Realm* realm = self.realm();
  const Entry entry(realm);
  if (!entry) [[unlikely]] {
    return refusal(realm);
  }
  return from_owned<T>(realm, call_method(realm, self, which, std::forward<A>(arguments)...));
}

Result<std::size_t> collection_size(const Handle& self, Intrinsic getter);

/// Goes through the content of a collection by one of its intrinsic iterators. The collection may
/// change meanwhile: what is removed before it is reached is not seen, what is added is.
class Steps {
 public:
  /// At the end.
  Steps() noexcept = default;
  /// Before the first step. `make` is the method that makes the iterator, `next` its `next`.
  static Result<Steps> start(const Handle& collection, Intrinsic make, Intrinsic next);
  /// Takes a step; false when there was none left, and the end is reached.
  Result<bool> advance();
  [[nodiscard]] bool at_end() const noexcept { return iterator_.handle().empty(); }
  [[nodiscard]] const Value& current() const noexcept { return current_; }
  /// The first or second half of an entry of a Map.
  [[nodiscard]] Result<Value> half(int index) const;
  /// Both halves; throws Error.
  [[nodiscard]] std::pair<Value, Value> entry() const;

 private:
  Value iterator_;
  Value current_;
  Intrinsic next_{};
};

/// A collection's input iterator; `read` is the member of Steps that gives the value of a step.
template <auto read>
class StepIterator {
 public:
  using value_type = std::remove_cvref_t<std::invoke_result_t<decltype(read), const Steps&>>;
  using difference_type = std::ptrdiff_t;
  using iterator_category = std::input_iterator_tag;
  StepIterator() = default;
  explicit StepIterator(Steps steps) : steps_(std::move(steps)) { ++*this; }
  value_type operator*() const { return (steps_.*read)(); }
  StepIterator& operator++() {
    (void)steps_.advance().value();
    return *this;
  }
  void operator++(int) { ++*this; }
  /// True for two that are at the end; others are never equal.
  friend bool operator==(const StepIterator& a, const StepIterator& b) noexcept {
    return a.steps_.at_end() && b.steps_.at_end();
  }

 private:
  Steps steps_;
};

}  // namespace quip::detail

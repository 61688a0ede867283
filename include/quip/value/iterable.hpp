// C++ ranges as JavaScript's iterables and iterators.
#pragma once

#include <quip/convert/trace.hpp>
#include <quip/core/error.hpp>
#include <quip/value/value.hpp>

#include <concepts>
#include <functional>
#include <memory>
#include <optional>
#include <ranges>
#include <type_traits>
#include <utility>

namespace quip {

namespace detail {

/// The C++ side of a JS iterator. The functions may throw.
struct NativeIterator : Payload {
  enum class State : unsigned char { suspended, running, ended };
  /// The next element, owned, or an exception; false at the end.
  virtual bool step(JSContext* ctx, JSValue& element) = 0;
  /// Destroys what is iterated over.
  virtual void drop() noexcept = 0;
  State state = State::suspended;
};

/// The C++ side of a JS object with a `[Symbol.iterator]`.
struct NativeIterable : Payload {
  /// A new JS iterator from the beginning; owned, or an exception.
  virtual JSValue iterate(JSContext* ctx) = 0;
};

/// The JS objects that own these; an exception when memory is short.
JSValue give_iterator(JSContext* ctx, std::unique_ptr<NativeIterator> iterator) noexcept;
JSValue give_iterable(JSContext* ctx, std::unique_ptr<NativeIterable> iterable) noexcept;

/// An element of a range; a proxy such as std::vector<bool>'s as the value that it stands for.
template <class Plain, class E>
JSValue give_element(JSContext* ctx, E&& element) {
  if constexpr (!std::is_same_v<std::remove_cvref_t<E>, Plain>) {
    return into_js(ctx, static_cast<Plain>(std::forward<E>(element)));
  } else if constexpr (std::is_lvalue_reference_v<E>) {
    return into_js(ctx, std::as_const(element));
  } else {
    return into_js(ctx, std::forward<E>(element));
  }
}

template <class R>
struct RangeIterator final : NativeIterator {
  /// `whole` is the JS object that owns the range too; empty when this one does alone.
  explicit RangeIterator(std::shared_ptr<R> source, Handle whole = {}) noexcept
      : range(std::move(source)), iterable(std::move(whole)) {}
  bool step(JSContext* ctx, JSValue& element) override {
    // the place moves on only when the next element is wanted: it may have to wait for it
    if (place) {
      ++*place;
    } else {
      place.emplace(std::ranges::begin(*range));
    }
    if (*place == std::ranges::end(*range)) {
      return false;
    }
    element = give_element<std::ranges::range_value_t<R>>(ctx, **place);
    return true;
  }
  void drop() noexcept override {
    place.reset();
    range.reset();
    iterable = Handle();
  }
  void trace(Tracer& tracer) const noexcept override {
    if constexpr (is_traceable<R>) {
      if (iterable.empty() && range != nullptr) {
        tracer(*range);
      } else {
        tracer(iterable);
      }
    }
  }
  std::shared_ptr<R> range;
  std::optional<std::ranges::iterator_t<R>> place;  // destroyed before the range
  Handle iterable;
};

template <class R>
struct RangeIterable final : NativeIterable {
  explicit RangeIterable(std::shared_ptr<R> source) noexcept : range(std::move(source)) {}
  JSValue iterate(JSContext* ctx) override {
    if constexpr (is_traceable<R>) {
      // The values in the range are shown by one of its owners, which the others keep alive.
      Handle whole(realm_of(ctx), engine::duplicate(ctx, object));
      return give_iterator(ctx, std::make_unique<RangeIterator<R>>(range, std::move(whole)));
    } else {
      return give_iterator(ctx, std::make_unique<RangeIterator<R>>(range));
    }
  }
  void trace(Tracer& tracer) const noexcept override {
    if constexpr (is_traceable<R>) tracer(*range);
  }
  std::shared_ptr<R> range;
};

template <class F>
struct FunctionIterator final : NativeIterator {
  explicit FunctionIterator(F&& callable) : function(std::move(callable)) {}
  bool step(JSContext* ctx, JSValue& element) override {
    auto outcome = std::invoke(*function);
    if constexpr (is_result<decltype(outcome)>) {
      if (!outcome) [[unlikely]] {
        element = throw_error(ctx, outcome.error());
        return true;
      }
      return give(ctx, *std::move(outcome), element);
    } else {
      return give(ctx, std::move(outcome), element);
    }
  }
  void drop() noexcept override { function.reset(); }
  void trace(Tracer& tracer) const noexcept override {
    if constexpr (is_traceable<F>) tracer(function);
  }

  template <class T>
  static bool give(JSContext* ctx, std::optional<T> given, JSValue& element) {
    if (given) {
      element = into_js(ctx, *std::move(given));
    }
    return given.has_value();
  }
  std::optional<F> function;
};

template <class T>
inline constexpr bool is_next = false;
template <class T>
inline constexpr bool is_next<std::optional<T>> = true;
template <class T>
inline constexpr bool is_next<Result<std::optional<T>>> = true;

/// A range that can be stored.
template <class R>
concept OwnedRange = std::ranges::input_range<R> && std::movable<R>;

}  // namespace detail

/// A C++ range on its way to become a JS iterable, `for (const x of it)`: what `iterable` makes.
template <detail::OwnedRange R>
class Iterable {
 public:
  explicit Iterable(R range) : range_(std::move(range)) {}

 private:
  friend struct Convert<Iterable>;
  R range_;
};

/// A C++ range on its way to become a JS iterator: what `iterator` makes.
template <detail::OwnedRange R>
class IteratorOver {
 public:
  explicit IteratorOver(R range) : range_(std::move(range)) {}

 private:
  friend struct Convert<IteratorOver>;
  R range_;
};

/// A C++ function on its way to become a JS iterator: what `iterator_from` makes.
template <std::move_constructible F>
  requires detail::is_next<std::invoke_result_t<F&>>
class IteratorFrom {
 public:
  explicit IteratorFrom(F function) : function_(std::move(function)) {}

 private:
  friend struct Convert<IteratorFrom>;
  F function_;
};

/// The range as an object that JavaScript can iterate over (ECMA-262 27.1.1.1): a container, a
/// view, any input range. JavaScript owns it: an lvalue is copied, but what a view refers to must
/// outlive the object. Elements convert one by one as they are asked for; those of a map are
/// `[key, value]`.
///
///     ctx.globals().set("words", quip::iterable(std::move(words)));
///
/// A forward range can be iterated over any number of times, each from the beginning and with an
/// iterator of its own; an input range gives the one `iterator` over it. A C++ exception in the
/// range is one of the script.
template <class R>
  requires detail::OwnedRange<std::decay_t<R>>
[[nodiscard]] Iterable<std::decay_t<R>> iterable(R&& range) {
  return Iterable<std::decay_t<R>>(std::forward<R>(range));
}
/// A range that is borrowed by std::ref: it must outlive every iterator over it, and must not
/// change in a way that makes C++ iterators invalid while one is in use.
template <std::ranges::input_range R>
[[nodiscard]] Iterable<std::ranges::ref_view<R>> iterable(std::reference_wrapper<R> range) {
  return Iterable<std::ranges::ref_view<R>>(std::ranges::ref_view<R>(range.get()));
}

/// The range as a JS iterator (ECMA-262 27.1.1.2), which can be gone through once. It inherits from
/// %IteratorPrototype%: it is iterable itself, and has the iterator helpers (`map`, `filter`,
/// `take`, …) of engines that know them. At the end, after an error and by `return` (which `break`
/// in a loop calls) the range is destroyed. A range that calls back a script which asks the same
/// iterator for more gives that script a TypeError.
template <class R>
  requires detail::OwnedRange<std::decay_t<R>>
[[nodiscard]] IteratorOver<std::decay_t<R>> iterator(R&& range) {
  return IteratorOver<std::decay_t<R>>(std::forward<R>(range));
}
/// The same over a borrowed range (see `iterable`).
template <std::ranges::input_range R>
[[nodiscard]] IteratorOver<std::ranges::ref_view<R>> iterator(std::reference_wrapper<R> range) {
  return IteratorOver<std::ranges::ref_view<R>>(std::ranges::ref_view<R>(range.get()));
}

/// A JS iterator, as `iterator` gives, of what the function returns: a std::optional<T> that is
/// empty at the end, or a Result of one. After the end the function is not called again.
///
///     ctx.globals().set("countdown", quip::iterator_from([n = 3]() mutable {
///       return n > 0 ? std::optional(n--) : std::nullopt;
///     }));
template <class F>
  requires detail::is_next<std::invoke_result_t<std::decay_t<F>&>>
[[nodiscard]] IteratorFrom<std::decay_t<F>> iterator_from(F&& function) {
  return IteratorFrom<std::decay_t<F>>(std::forward<F>(function));
}

template <class R>
struct Convert<Iterable<R>> {
  static JSValue into_js(JSContext* ctx, Iterable<R>&& iterable) {
    auto range = std::make_shared<R>(std::move(iterable.range_));
    if constexpr (std::ranges::forward_range<R>) {
      return detail::give_iterable(ctx,
                                   std::make_unique<detail::RangeIterable<R>>(std::move(range)));
    } else {
      return detail::give_iterator(ctx,
                                   std::make_unique<detail::RangeIterator<R>>(std::move(range)));
    }
  }
  static JSValue into_js(JSContext* ctx, const Iterable<R>& iterable)
    requires std::copy_constructible<R>
  {
    return into_js(ctx, Iterable<R>(iterable));
  }
};

template <class R>
struct Convert<IteratorOver<R>> {
  static JSValue into_js(JSContext* ctx, IteratorOver<R>&& iterator) {
    return detail::give_iterator(ctx, std::make_unique<detail::RangeIterator<R>>(
                                          std::make_shared<R>(std::move(iterator.range_))));
  }
  static JSValue into_js(JSContext* ctx, const IteratorOver<R>& iterator)
    requires std::copy_constructible<R>
  {
    return into_js(ctx, IteratorOver<R>(iterator));
  }
};

template <class F>
struct Convert<IteratorFrom<F>> {
  static JSValue into_js(JSContext* ctx, IteratorFrom<F>&& iterator) {
    if constexpr (std::is_constructible_v<bool, const F&> && !std::is_empty_v<F>) {
      if (!static_cast<bool>(iterator.function_)) [[unlikely]] {
        return detail::throw_error(ctx, Error::type("an empty function gives no elements"));
      }
    }
    return detail::give_iterator(
        ctx, std::make_unique<detail::FunctionIterator<F>>(std::move(iterator.function_)));
  }
  static JSValue into_js(JSContext* ctx, const IteratorFrom<F>& iterator)
    requires std::copy_constructible<F>
  {
    return into_js(ctx, IteratorFrom<F>(iterator));
  }
};

}  // namespace quip

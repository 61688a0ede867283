// Instances that scripts iterate over: what ClassDef::iterable binds.
#pragma once

#include <quip/class/construction.hpp>
#include <quip/value/iterable.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <ranges>
#include <type_traits>
#include <utility>
#include <vector>

namespace quip::detail {

/// A container whose elements are found by their places.
template <class R>
concept PlacedRange = std::ranges::random_access_range<R> && std::ranges::sized_range<R>;

/// The elements of a container of an instance, which is asked for it anew each time: nothing of it
/// is held meanwhile. `T` is const when the object is only read.
template <class T, class F>
struct PlaceIterator final : NativeIterator {
  PlaceIterator(std::shared_ptr<F> function, Handle instance) noexcept
      : range_of(std::move(function)), whole(std::move(instance)) {}
  bool step(JSContext* ctx, JSValue& element) override {
    const ValueRef instance(ctx, whole.get());
    const Result<Found> found = find_in<T>(instance, !std::is_const_v<T>);
    if (!found) {
      element = throw_error(ctx, found.error());
      return true;
    }
    const Using use(found->cell);
    auto& range = std::invoke(*range_of, *static_cast<T*>(found->object));
    if (next >= static_cast<std::size_t>(std::ranges::size(range))) {
      return false;
    }
    using R = std::remove_cvref_t<decltype(range)>;
    const auto at = static_cast<std::ranges::range_difference_t<R>>(next++);
    element = give_element<std::ranges::range_value_t<R>>(ctx, std::ranges::begin(range)[at]);
    return true;
  }
  void drop() noexcept override { whole = Handle(); }
  void trace(Tracer& tracer) const noexcept override { tracer(whole); }
  std::shared_ptr<F> range_of;
  Handle whole;
  std::size_t next = 0;
};

/// A range that the iterator owns, while it also keeps the instance.
template <class R>
struct OwnedIterator final : NativeIterator {
  OwnedIterator(R&& source, Handle instance)
      : range(std::in_place, std::move(source)), whole(std::move(instance)) {}
  OwnedIterator(const R& source, Handle instance)
      : range(std::in_place, source), whole(std::move(instance)) {}
  bool step(JSContext* ctx, JSValue& element) override {
    if constexpr (std::ranges::view<R>) {
      // it may show parts of the object
      const Cell* cell = cell_in(whole.get());
      if (cell == nullptr || cell->any_object() == nullptr) {
        element = throw_error(ctx, Error::type("the object that is iterated over is gone"));
        return true;
      }
    }
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
    whole = Handle();
  }
  void trace(Tracer& tracer) const noexcept override {
    tracer(whole);
    if constexpr (is_traceable<R>) tracer(range);
  }
  std::optional<R> range;
  std::optional<std::ranges::iterator_t<R>> place;  // destroyed before the range
  Handle whole;
};

/// The method `[Symbol.iterator]` by a function that takes the object.
template <class T, class F>
class IterateMethod {
  static constexpr bool reads = std::is_invocable_v<F&, const T&>;
  using Object = std::conditional_t<reads, const T, T>;
  static_assert(std::is_invocable_v<F&, Object&>,
                "iterable: give a function that takes the object and returns a range");
  using Returned = std::invoke_result_t<F&, Object&>;
  using Plain = std::remove_cvref_t<Returned>;
  static constexpr bool is_range = std::ranges::input_range<Plain>;
  static auto described() {
    if constexpr (is_range) {
      return std::type_identity<IteratorOver<std::vector<std::ranges::range_value_t<Plain>>>>();
    } else {
      return std::type_identity<Plain>();
    }
  }

 public:
  /// What it returns, for descriptions.
  using Described = typename decltype(described())::type;

  explicit IterateMethod(F&& function) : function_(std::make_shared<F>(std::move(function))) {}
  explicit IterateMethod(const F& function) : function_(std::make_shared<F>(function)) {}
  RawResult operator()(Self<Object> self, This<Value> instance, Ctx ctx) const {
    JSContext* raw = ctx.realm()->context;
    if constexpr (!is_range) {
      return {into_js(raw, std::invoke(*function_, *self.object))};
    } else if constexpr (std::is_lvalue_reference_v<Returned> &&
                         PlacedRange<std::remove_reference_t<Returned>>) {
      return {give_iterator(
          raw, std::make_unique<PlaceIterator<Object, F>>(function_, instance.value.handle()))};
    } else {
      return {
          give_iterator(raw, std::make_unique<OwnedIterator<Plain>>(
                                 std::invoke(*function_, *self.object), instance.value.handle()))};
    }
  }

 private:
  std::shared_ptr<F> function_;
};

}  // namespace quip::detail

#include <quip/convert/names.hpp>
#include <quip/convert/sequence.hpp>
#include <quip/core/intrinsic.hpp>
#include <quip/value/iterator.hpp>
#include <quip/value/typed_array.hpp>

#include <algorithm>
#include <exception>
#include <limits>
#include <new>

namespace quip::detail {

namespace {

/// The sink that the engine is collecting an array's elements for, and what `take` threw.
struct Collection {
  ElementSink& sink;
  std::exception_ptr thrown;
};
constinit thread_local Collection* collection = nullptr;

Error not_taken(ElementSink& sink, Realm* realm) {
  return sink.error ? *std::move(sink.error) : caught(realm);
}

/// Lets the engine copy the elements out and pass them on as the arguments of a call.
Result<void> read_at_once(Realm* realm, ElementSink& sink) {
  JSValue collector = intrinsic(realm, Intrinsic::element_collector);
  if (engine::is_exception(collector)) {
    return caught(realm);
  }
  Collection mine{sink, nullptr};
  Collection* outer = std::exchange(collection, &mine);
  JSValue outcome = call_intrinsic<JSValueConst, JSValueConst>(
      realm, Intrinsic::function_apply, collector, engine::undefined(), sink.whole.raw());
  collection = outer;
  if (mine.thrown != nullptr) {
    std::rethrow_exception(mine.thrown);
  }
  if (engine::is_exception(outcome)) {
    return not_taken(sink, realm);
  }
  engine::release(realm->context, outcome);
  if (sink.error) {
    return *std::move(sink.error);
  }
  return {};
}

/// Whether the array lacks the element that read as undefined; an error when it cannot be told.
Result<bool> is_hole(Realm* realm, JSValueConst array, std::uint32_t index) {
  const KeyAtom atom = key_atom(realm, index);
  const int has = atom.get() == 0 ? -1 : ::JS_HasProperty(realm->context, array, atom.get());
  if (has < 0) {
    return caught(realm);
  }
  return has == 0;
}

Result<void> read_one_by_one(Realm* realm, ElementSink& sink, std::size_t length) {
  // A script may set any length without an element: what it costs is bounded by what it has.
  constexpr std::uint32_t most_holes = 1U << 20;
  JSContext* ctx = realm->context;
  JSValueConst array = sink.whole.raw();
  std::uint32_t holes = 0;
  for (std::size_t i = 0; i < length; ++i) {
    // no engine has arrays that go further
    const auto index = static_cast<std::uint32_t>(i);
    JSValue raw = ::JS_GetPropertyUint32(ctx, array, index);
    if (engine::is_exception(raw)) {
      return caught(realm);
    }
    const Handle element(realm, raw);
    if (engine::is_undefined(raw) && length > most_holes) {
      Result<bool> hole = is_hole(realm, array, index);
      if (!hole) {
        return std::move(hole).error();
      }
      holes += *hole ? 1U : 0U;
      if (holes > most_holes) {
        return Error::out_of_range("an array with less than a million holes", "array");
      }
    }
    JSValueConst borrowed = raw;
    if (!sink.take(sink, &borrowed, 1)) {
      return *std::move(sink.error);  // NOLINT(bugprone-unchecked-optional-access)
    }
  }
  return {};
}

Result<void> read_array(Realm* realm, ElementSink& sink) {
  JSContext* ctx = realm->context;
  const OwnedValue keep(ctx, engine::duplicate(ctx, sink.whole.raw()));
  const JSAtom key = Key<"length">::atom(realm);
  JSValue length = key == 0 ? engine::exception() : ::JS_GetProperty(ctx, keep.get(), key);
  if (engine::is_exception(length)) {
    return caught(realm);
  }
  // an array's length is always a whole number below 2^32
  const auto size = static_cast<std::uint32_t>(engine::is_int32(length)
                                                   ? static_cast<double>(engine::get_int32(length))
                                                   : engine::get_float64(length));
  // below, a call costs more than it saves; above, the engine refuses so many arguments
  constexpr std::uint32_t least = 6;
  constexpr std::uint32_t most = 65000;
  return size < least || size > most ? read_one_by_one(realm, sink, size)
                                     : read_at_once(realm, sink);
}

Result<void> read_iterable(ElementSink& sink) {
  return for_each_iterated(sink.whole, [&sink](ValueRef element) -> Result<void> {
    JSValueConst borrowed = element.raw();
    if (!sink.take(sink, &borrowed, 1)) {
      return *std::move(sink.error);  // NOLINT(bugprone-unchecked-optional-access)
    }
    return {};
  });
}

}  // namespace

JSValue collect_elements(JSContext*, JSValueConst, int argc, JSValueConst* argv) noexcept {
  Collection* mine = std::exchange(collection, nullptr);
  if (mine != nullptr) {
    try {
      mine->sink.take(mine->sink, argv, static_cast<std::size_t>(argc));
    } catch (...) {
      mine->thrown = std::current_exception();
    }
  }
  return engine::undefined();
}

Result<void> read_elements(ElementSink& sink) {
  const ValueRef whole = sink.whole;
  Realm* realm = realm_of(whole.context());
  if (is_too_deep(realm)) [[unlikely]] {
    return too_deep();
  }
  if (engine::is_array(whole.context(), whole.raw())) [[likely]] {
    return read_array(realm, sink);
  }
  if (const std::optional<TypedSpan> typed = typed_array_span(whole)) {
    if (typed->problem != nullptr) {
      return Error::type(typed->problem);
    }
    const OwnedValue keep(whole.context(), engine::duplicate(whole.context(), whole.raw()));
    return read_one_by_one(realm, sink, typed->count);
  }
  Result<bool> iterable = is_iterable(whole);
  if (!iterable) {
    return std::move(iterable).error();
  }
  return *iterable ? read_iterable(sink) : not_a("array", whole);
}

Error wrong_element_count(std::size_t expected, std::size_t actual) {
  return Error::conversion("an array of " + std::to_string(expected) + " elements",
                           "one of " + std::to_string(actual));
}

// ---- making ------------------------------------------------------------------------------------

ArrayBuilder::~ArrayBuilder() {
  for (std::size_t i = 0; i < size_; ++i) {
    engine::release(ctx_, values_[head + i]);
  }
}

bool ArrayBuilder::grow(std::size_t count) noexcept {
  // the engine counts elements and arguments in an int
  constexpr std::size_t most = std::numeric_limits<int>::max() - head;
  if (count > most) {
    ::JS_ThrowRangeError(ctx_, "an array of so many elements cannot be made at once");
    return false;
  }
  const std::size_t capacity = std::min(most, std::max(count, 2 * capacity_));
  std::unique_ptr<JSValue[]> grown(new (std::nothrow) JSValue[head + capacity]);
  if (grown == nullptr) {
    ::JS_ThrowOutOfMemory(ctx_);
    return false;
  }
  std::copy_n(values_, head + size_, grown.get());
  heap_values_ = std::move(grown);
  values_ = heap_values_.get();
  capacity_ = capacity;
  return true;
}

bool ArrayBuilder::append(JSValue element) noexcept {
  if (!engine::is_exception(element) && reserve(size_ + 1)) [[likely]] {
    add(element);
    return true;
  }
  engine::release(ctx_, element);
  return false;
}

JSValue ArrayBuilder::finish() noexcept {
  if constexpr (engine::has_new_array_from) {
    const int count = static_cast<int>(std::exchange(size_, 0));
    return engine::new_array_from(ctx_, count, values_ + head);
  } else {
    // [].toSpliced(0, 0, …elements) is the engine's one way to take many values over at once. The
    // realm's token stands for the empty array: it is a function whose `length` is 0.
    Realm* realm = realm_of(ctx_);
    JSValue to_spliced = intrinsic(realm, Intrinsic::array_to_spliced);
    if (engine::is_exception(to_spliced)) {
      return to_spliced;
    }
    values_[0] = values_[1] = engine::int32(0);
    // the engine's parameter is a pointer to borrowed values; ours are the same values, owned
    return engine::call(ctx_, to_spliced, realm->token, static_cast<int>(head + size_),
                        const_cast<JSValueConst*>(reinterpret_cast<const JSValueConst*>(values_)));
  }
}

}  // namespace quip::detail

// JavaScript's iterables as C++ ranges: `for (int n : quip::iterate<int>(value))`.
#pragma once

#include <quip/value/object.hpp>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>

namespace quip {

namespace detail {

/// An iterator in use: the Iterator Record of ECMA-262 7.4.1. When it is destroyed before the
/// iterator has ended, the iterator's `return` is called. Move-only.
class IteratorRecord {
 public:
  /// What `value[Symbol.iterator]()` gives (ECMA-262 7.4.3 GetIterator).
  static Result<IteratorRecord> open(ValueRef iterable);
  /// The object as the iterator that it is (7.4.4 GetIteratorDirect).
  static Result<IteratorRecord> direct(ValueRef iterator);
  IteratorRecord(IteratorRecord&& other) noexcept
      : iterator_(std::move(other.iterator_)),
        next_(std::move(other.next_)),
        done_(std::exchange(other.done_, true)),
        count_(other.count_) {}
  IteratorRecord(const IteratorRecord&) = delete;
  IteratorRecord& operator=(const IteratorRecord&) = delete;
  ~IteratorRecord() { close_quietly(); }

  [[nodiscard]] Realm* realm() const noexcept { return iterator_.realm(); }
  /// How many elements came so far.
  [[nodiscard]] std::size_t count() const noexcept { return count_; }
  /// Steps (7.4.10 IteratorStepValue): true and an owned element, or false at the end. What the
  /// iterator itself throws ends it. The thread must have entered the runtime.
  Result<bool> step(JSValue& element);
  /// Calls the iterator's `return`, if it has one and neither it nor the iteration has ended yet
  /// (7.4.11 IteratorClose).
  Result<void> close();
  /// The same on the way out of something that failed: nobody hears of its errors, and an exception
  /// that is pending stays so. Does nothing where no script may run.
  void close_quietly() noexcept;

 private:
  IteratorRecord(Handle iterator, Handle next) noexcept
      : iterator_(std::move(iterator)), next_(std::move(next)) {}
  /// False with a pending exception.
  [[nodiscard]] bool call_return() const noexcept;
  Handle iterator_;
  Handle next_;
  bool done_ = false;
  std::size_t count_ = 0;
};

/// Closes what is iterated over when a scope is left without `dismiss`: by an error or a C++
/// exception.
class ClosesIterator {
 public:
  explicit ClosesIterator(IteratorRecord& record) noexcept : record_(&record) {}
  ClosesIterator(const ClosesIterator&) = delete;
  ClosesIterator& operator=(const ClosesIterator&) = delete;
  ~ClosesIterator() {
    if (record_ != nullptr) record_->close_quietly();
  }
  void dismiss() noexcept { record_ = nullptr; }

 private:
  IteratorRecord* record_;
};

/// Adds an element's index to a conversion error's path.
struct AtIndex {
  std::size_t index;
  void operator()(Error& error) const { error.at(key_text(index)); }
};

/// Whether the value is an object with a callable `[Symbol.iterator]`. Reads that property, which
/// may run a script's getter: an error is what it throws.
Result<bool> is_iterable(ValueRef value);

/// How many elements a container may get from an iterable: an endless generator is an error, not
/// the end of all memory.
inline constexpr std::size_t most_iterated = std::size_t{1} << 24;
Error too_many_elements(ValueRef iterable, std::size_t most);

/// Looks at every element of an iterable: visit(ValueRef) returns an error to stop with; then, and
/// when it throws, the iterator's `return` is called. More than `most` elements are a RangeError.
/// The thread must have entered the runtime.
template <class Visit>
Result<void> for_each_iterated(ValueRef iterable, Visit&& visit, std::size_t most = most_iterated) {
  Result<IteratorRecord> record = IteratorRecord::open(iterable);
  if (!record) [[unlikely]] {
    return std::move(record).error();
  }
  for (;;) {
    JSValue raw = engine::undefined();
    Result<bool> more = record->step(raw);
    if (!more) [[unlikely]] {
      return std::move(more).error();
    }
    if (!*more) {
      return {};
    }
    const Handle element(record->realm(), raw);
    if (record->count() > most) [[unlikely]] {
      return too_many_elements(iterable, most);
    }
    if (Result<void> visited = visit(iterable.part(raw)); !visited) [[unlikely]] {
      return visited;
    }
  }
}

}  // namespace detail

/// The elements of a JavaScript iterable, or what a JavaScript iterator gives: an input range. It
/// may be looped over with `for`, given to the algorithms and views of std::ranges, or asked step
/// by step with `next`. Each element converts strictly to a T.
///
/// A loop that is left early closes the iterator, as `for … of` does: the `return` of it, a
/// generator's `finally`, runs once when this is destroyed, by `close`, and when an element does
/// not convert; not when the iterator has ended or has thrown by itself. Move-only. May outlive
/// its runtime, and is then over with RuntimeGone.
template <class T = Value>
class Iterator {
 public:
  /// An empty one: every use is the error RuntimeGone.
  Iterator() noexcept = default;
  /// What an object that is an iterator gives: one with a method `next`, which need not be iterable
  /// (ECMA-262 7.4.4). `iterate` asks an iterable for its iterator. Throws what reading `next`
  /// throws.
  explicit Iterator(const Object& iterator) : Iterator(try_make(iterator).value()) {}
  /// As the constructor, with the error as a value.
  static Result<Iterator> try_make(const Object& iterator);

  Iterator(Iterator&&) noexcept = default;
  Iterator& operator=(Iterator&&) noexcept = default;
  Iterator(const Iterator&) = delete;
  Iterator& operator=(const Iterator&) = delete;
  /// Closes the iterator if it has not ended. A destructor has nobody to tell what its `return`
  /// throws: call `close` where that matters.
  ~Iterator() = default;

  /// The next element, or none at the end and from then on. Throws what the iterator throws, and
  /// conversion errors, which name the element: `[2]: expected string, got 5 (number)`.
  [[nodiscard]] std::optional<T> next() { return try_next().value(); }
  /// As `next`, with the error as a value.
  [[nodiscard]] Result<std::optional<T>> try_next();

  /// Ends the iteration now. Throws what the iterator's `return` throws, TypeError when that gives
  /// no object. Does nothing when the iteration has ended.
  void close() { try_close().value(); }
  /// As `close`, with the error as a value.
  Result<void> try_close() {
    const std::shared_ptr<detail::IteratorRecord> record = record_;
    return record ? record->close() : Result<void>(detail::refusal(&detail::nowhere));
  }

  /// The place of a loop in the range; what `begin` gives. Its `++` throws as `next` does.
  class Cursor {
   public:
    using value_type = T;
    using difference_type = std::ptrdiff_t;
    using iterator_concept = std::input_iterator_tag;
    Cursor() noexcept = default;
    explicit Cursor(Iterator* range) noexcept : range_(range) {}
    T& operator*() const noexcept { return *range_->current_; }
    T* operator->() const noexcept { return &*range_->current_; }
    Cursor& operator++() {
      range_->advance();
      return *this;
    }
    void operator++(int) { range_->advance(); }
    friend bool operator==(const Cursor& cursor, std::default_sentinel_t) noexcept {
      return cursor.is_at_end();
    }

   private:
    [[nodiscard]] bool is_at_end() const noexcept { return !range_->current_.has_value(); }
    Iterator* range_ = nullptr;
  };
  /// Takes the next element and stands at it. The range can be gone through once: a second loop
  /// goes on after the element where the first one ended.
  [[nodiscard]] Cursor begin() {
    advance();
    return Cursor(this);
  }
  [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }

  /// @internal
  explicit Iterator(detail::IteratorRecord record)
      : record_(std::make_shared<detail::IteratorRecord>(std::move(record))) {}

 private:
  void advance() {
    current_.reset();
    if (std::optional<T> element = next()) {
      current_.emplace(std::move(*element));
    }
  }
  // shared with the step that runs: what the script calls may destroy this
  std::shared_ptr<detail::IteratorRecord> record_;
  std::optional<T> current_;
};

/// The elements of an iterable value, each as a T: arrays, strings (by code points), Sets, Maps
/// (entries), generators, and every object with `[Symbol.iterator]` (ECMA-262 7.4.3).
///
///     for (const std::string& word : quip::iterate<std::string>(words)) { … }
///
/// Throws a conversion error for what is not iterable, and what its `[Symbol.iterator]` throws.
template <class T = Value>
[[nodiscard]] Iterator<T> iterate(const Value& iterable);
/// As `iterate`, with the error as a value.
template <class T = Value>
[[nodiscard]] Result<Iterator<T>> try_iterate(const Value& iterable) {
  detail::Realm* realm = iterable.handle().realm();
  const detail::Entry entry(realm);
  if (!entry) [[unlikely]] {
    return detail::refusal(realm);
  }
  Result<detail::IteratorRecord> record =
      detail::IteratorRecord::open(ValueRef(realm->context, iterable.raw()));
  if (!record) [[unlikely]] {
    return std::move(record).error();
  }
  return Iterator<T>(std::move(*record));
}
template <class T>
Iterator<T> iterate(const Value& iterable) {
  return try_iterate<T>(iterable).value();
}

/// A parameter `Iterator<int> numbers` of a bound function takes any iterable.
template <class T>
struct Convert<Iterator<T>> {
  static Result<Iterator<T>> from_js(ValueRef value) {
    Result<detail::IteratorRecord> record = detail::IteratorRecord::open(value);
    if (!record) [[unlikely]] {
      return std::move(record).error();
    }
    return Iterator<T>(std::move(*record));
  }
};

template <class T>
Result<Iterator<T>> Iterator<T>::try_make(const Object& iterator) {
  detail::Realm* realm = iterator.handle().realm();
  const detail::Entry entry(realm);
  if (!entry) [[unlikely]] {
    return detail::refusal(realm);
  }
  Result<detail::IteratorRecord> record =
      detail::IteratorRecord::direct(ValueRef(realm->context, iterator.raw()));
  if (!record) [[unlikely]] {
    return std::move(record).error();
  }
  return Iterator(std::move(*record));
}

template <class T>
Result<std::optional<T>> Iterator<T>::try_next() {
  const std::shared_ptr<detail::IteratorRecord> record = record_;
  detail::Realm* realm = record ? record->realm() : &detail::nowhere;
  const detail::Entry entry(realm);
  if (!entry) [[unlikely]] {
    return detail::refusal(realm);
  }
  JSValue element = engine::undefined();
  const Result<bool> more = record->step(element);
  if (!more) [[unlikely]] {
    return more.error();
  }
  if (!*more) {
    return std::optional<T>();
  }
  detail::ClosesIterator closes(*record);
  Result<T> converted = detail::finish<T>(realm, element, detail::AtIndex{record->count() - 1});
  if (!converted) [[unlikely]] {
    return std::move(converted).error();
  }
  closes.dismiss();
  return std::optional<T>(std::move(*converted));
}

}  // namespace quip

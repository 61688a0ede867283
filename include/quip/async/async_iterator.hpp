// JavaScript's async iterables for coroutines: `while (auto item = co_await iterator.next())`.
#pragma once

#include <quip/async/promise.hpp>
#include <quip/async/task.hpp>
#include <quip/convert/type_info.hpp>
#include <quip/value/iterator.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <utility>

namespace quip {

namespace detail {

/// An async iterator in use, or a sync one as one (ECMA-262 27.1.6). When it is destroyed before
/// the iterator has ended, the iterator's `return` is called, and not waited for.
class AsyncIteratorRecord {
 public:
  /// What `value[Symbol.asyncIterator]()` gives, else `value[Symbol.iterator]()` (7.4.3
  /// GetIterator).
  static Result<std::shared_ptr<AsyncIteratorRecord>> open(ValueRef iterable);
  AsyncIteratorRecord(Handle iterator, Handle next) noexcept
      : iterator_(std::move(iterator)), next_(std::move(next)) {}
  explicit AsyncIteratorRecord(IteratorRecord&& sync) noexcept : sync_(std::move(sync)) {}
  AsyncIteratorRecord(const AsyncIteratorRecord&) = delete;
  AsyncIteratorRecord& operator=(const AsyncIteratorRecord&) = delete;
  ~AsyncIteratorRecord();

  /// How many elements came so far.
  [[nodiscard]] std::size_t count() const noexcept { return count_; }
  /// Asks for the next element. What is to be awaited; nothing at the end.
  Result<std::optional<Promise<>>> ask();
  /// What was awaited, as an element; none at the end.
  Result<std::optional<Value>> take(Result<Value> answer);
  /// Ends the iteration. What is to be awaited, if the iterator has a `return`.
  Result<std::optional<Promise<>>> close();
  /// What was awaited after `close`.
  static Result<void> closed(const Result<Value>& answer);

 private:
  Result<std::optional<Value>> failed(Error error) noexcept;
  [[nodiscard]] Realm* realm() const noexcept { return sync_ ? sync_->realm() : iterator_.realm(); }
  Handle iterator_;
  Handle next_;
  std::optional<IteratorRecord> sync_;
  bool done_ = false;
  std::size_t count_ = 0;
};

}  // namespace detail

/// The elements of a JavaScript async iterable (a stream, an async generator), each as a T, for a
/// coroutine. What is only iterable is one too, and its elements may be promises, as `for await`
/// has it. As a parameter of a bound coroutine it takes either.
///
///     quip::Task<int> sum(quip::AsyncIterator<int> numbers) {
///       int total = 0;
///       while (std::optional<int> number = co_await numbers.next()) total += *number;
///       co_return total;
///     }
///
/// When it is destroyed before the end, the iterator's `return` is called: nobody waits for what
/// that does, nor hears of its errors; `close` does. Move-only.
template <class T = Value>
class AsyncIterator {
 public:
  using value_type = T;
  /// An empty one: every use is the error RuntimeGone.
  AsyncIterator() noexcept = default;
  AsyncIterator(AsyncIterator&&) noexcept = default;
  AsyncIterator& operator=(AsyncIterator&&) noexcept = default;
  AsyncIterator(const AsyncIterator&) = delete;
  AsyncIterator& operator=(const AsyncIterator&) = delete;
  ~AsyncIterator() = default;

  /// `co_await iterator.next()`: the next element, or none at the end and from then on. Throws what
  /// the iterator throws or rejects with, and conversion errors, which name the element: those end
  /// the iteration, and the iterator's `return` is awaited before.
  [[nodiscard]] Task<std::optional<T>> next() const { return step(record_); }
  /// `co_await iterator.close()`: ends the iteration now. Throws what the iterator's `return`
  /// throws or rejects with, TypeError when that gives no object. Does nothing when it has ended.
  [[nodiscard]] Task<void> close() const { return end(record_); }

  /// @internal
  explicit AsyncIterator(std::shared_ptr<detail::AsyncIteratorRecord> record) noexcept
      : record_(std::move(record)) {}

 private:
  using Record = std::shared_ptr<detail::AsyncIteratorRecord>;
  static Task<std::optional<T>> step(Record record) {
    if (record == nullptr) detail::refusal(&detail::nowhere).raise();
    std::optional<Promise<>> asked = record->ask().value();
    if (!asked) co_return std::nullopt;
    Result<Value> answer = co_await asked->as_result();
    std::optional<Value> element = record->take(std::move(answer)).value();
    if (!element) co_return std::nullopt;
    Result<T> converted = element->template try_as<T>();
    if (!converted) {
      Error error = std::move(converted).error();
      detail::AtIndex{record->count() - 1}(error);
      const Result<std::optional<Promise<>>> closing = record->close();
      if (closing && *closing) {
        const Result<Value> ignored = co_await (*closing)->as_result();
      }
      error.raise();
    }
    co_return std::optional<T>(*std::move(converted));
  }
  static Task<void> end(Record record) {
    if (record == nullptr) detail::refusal(&detail::nowhere).raise();
    const std::optional<Promise<>> closing = record->close().value();
    if (!closing) co_return;
    const Result<Value> answer = co_await closing->as_result();
    detail::AsyncIteratorRecord::closed(answer).value();
  }
  // shared with the steps that run
  Record record_;
};

/// The elements of an async iterable value, or of an iterable one (ECMA-262 7.4.3). Throws a
/// conversion error for what is neither, and what its method throws.
template <class T = Value>
[[nodiscard]] Result<AsyncIterator<T>> try_iterate_async(const Value& iterable) {
  detail::Realm* realm = iterable.handle().realm();
  const detail::Entry entry(realm);
  if (!entry) [[unlikely]] {
    return detail::refusal(realm);
  }
  auto record = detail::AsyncIteratorRecord::open(ValueRef(realm->context, iterable.raw()));
  if (!record) [[unlikely]] {
    return std::move(record).error();
  }
  return AsyncIterator<T>(*std::move(record));
}
template <class T = Value>
[[nodiscard]] AsyncIterator<T> iterate_async(const Value& iterable) {
  return try_iterate_async<T>(iterable).value();
}

template <class T>
struct Convert<AsyncIterator<T>> {
  static Result<AsyncIterator<T>> from_js(ValueRef value) {
    auto record = detail::AsyncIteratorRecord::open(value);
    if (!record) [[unlikely]] {
      return std::move(record).error();
    }
    return AsyncIterator<T>(*std::move(record));
  }
};

namespace detail {
template <class T>
struct TypeFamily<AsyncIterator<T>> {
  static TypeInfo make() {
    return {.kind = TypeKind::async_iterable, .name = "AsyncIterable", .of = {type_of<T>}};
  }
};
}  // namespace detail

}  // namespace quip

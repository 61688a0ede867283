// Coroutines that yield values: ranges for C++, iterators for scripts.
#pragma once

#include <quip/async/task.hpp>
#include <quip/convert/type_info.hpp>
#include <quip/core/error.hpp>
#include <quip/function/native.hpp>
#include <quip/value/iterable.hpp>

#include <concepts>
#include <coroutine>
#include <cstddef>
#include <exception>
#include <iterator>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace quip {

/// A coroutine that yields one value after the other, each when it is asked for: an input range.
///
///     quip::Generator<int> countdown(int from) {
///       for (int n = from; n > 0; --n) co_yield n;
///     }
///     for (int n : countdown(3)) …
///     ctx.globals().set("countdown", &countdown);  // JavaScript: for (const n of countdown(3)) …
///
/// Returned from a bound function it is a JavaScript iterator, which can be iterated over once (see
/// quip::iterator). Its `return`, which `break` in a loop calls, destroys the frame, and so does
/// the collector when the iterator is garbage; what the coroutine throws comes out of `next`.
/// Values in the frame are not seen by the collector: an iterator that a value in its own frame
/// refers to stays until the runtime ends. The parameters are as those of a Task.
///
/// It cannot `co_await`: that is what AsyncGenerator is for. Move-only.
template <class T>
class [[nodiscard]] Generator {
  static_assert(std::is_object_v<T> && !std::is_const_v<T>,
                "a Generator yields values: pointers or handles instead of references");

 public:
  using value_type = T;
  class promise_type {
   public:
    Generator get_return_object() noexcept { return Generator(Frame::from_promise(*this)); }
    [[nodiscard]] std::suspend_always initial_suspend() const noexcept { return {}; }
    [[nodiscard]] std::suspend_always final_suspend() const noexcept { return {}; }
    /// `co_yield value`.
    template <class U = T>
      requires std::constructible_from<T, U&&>
    std::suspend_always yield_value(U&& value) {
      current_.emplace(std::forward<U>(value));
      return {};
    }
    void return_void() const noexcept {}
    void unhandled_exception() noexcept { failure_ = std::current_exception(); }
    template <class A>
    void await_transform(A&&) {
      static_assert(!std::is_same_v<A, A>, "a Generator cannot wait: make it an AsyncGenerator");
    }

   private:
    friend Generator;
    std::optional<T> current_;
    std::exception_ptr failure_;
    bool has_begun_ = false;
    bool is_running_ = false;
  };
  using Frame = std::coroutine_handle<promise_type>;

  /// One that yields nothing.
  Generator() noexcept = default;
  Generator(Generator&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  Generator& operator=(Generator&& other) noexcept {
    Generator moved(std::move(other));
    std::swap(frame_, moved.frame_);
    return *this;
  }
  /// Destroys the frame, and with it what the coroutine holds. Not while it runs.
  ~Generator() {
    if (frame_ != nullptr) frame_.destroy();
  }
  /// Whether there is a coroutine.
  explicit operator bool() const noexcept { return frame_ != nullptr; }

  /// The place of a loop; what `begin` gives.
  class Cursor {
   public:
    using value_type = T;
    using difference_type = std::ptrdiff_t;
    using iterator_concept = std::input_iterator_tag;
    Cursor() noexcept = default;
    explicit Cursor(Frame frame) noexcept : frame_(frame) {}
    /// What was yielded; it may be moved from.
    T&& operator*() const noexcept { return std::move(*frame_.promise().current_); }
    T* operator->() const noexcept { return &*frame_.promise().current_; }
    /// Has the coroutine go on. Throws what that throws.
    Cursor& operator++() {
      Generator::go_on(frame_);
      return *this;
    }
    void operator++(int) { Generator::go_on(frame_); }
    friend bool operator==(const Cursor& cursor, std::default_sentinel_t) noexcept {
      return cursor.frame_ == nullptr || cursor.frame_.done();
    }

   private:
    Frame frame_ = nullptr;
  };
  /// Begins the coroutine, or stands where it was left. Throws what it throws; an Error of kind
  /// usage inside of the coroutine itself.
  [[nodiscard]] Cursor begin() {
    if (frame_ != nullptr && (!frame_.promise().has_begun_ || frame_.promise().is_running_)) {
      go_on(frame_);
    }
    return Cursor(frame_);
  }
  [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }

 private:
  explicit Generator(Frame frame) noexcept : frame_(frame) {}
  static void go_on(Frame frame) {
    promise_type& promise = frame.promise();
    if (promise.is_running_) Error::type("the generator is already running").raise();
    if (frame.done()) return;
    promise.has_begun_ = true;
    promise.is_running_ = true;
    promise.current_.reset();
    frame.resume();
    promise.is_running_ = false;
    if (promise.failure_ != nullptr)
      std::rethrow_exception(std::exchange(promise.failure_, nullptr));
  }
  Frame frame_ = nullptr;
};

namespace detail {

/// A generator as a JS iterator, with what it was called with.
template <class T>
struct GeneratorIterator final : NativeIterator {
  GeneratorIterator(Generator<T>&& source, KeptCall&& call) noexcept
      : kept(std::move(call)), generator(std::move(source)) {}
  bool step(JSContext* ctx, JSValue& element) override {
    if (place) {
      ++*place;
    } else {
      place.emplace(generator.begin());
    }
    if (*place == generator.end()) return false;
    element = into_js(ctx, **place);
    return true;
  }
  void drop() noexcept override {
    place.reset();
    generator = {};
    kept = {};
  }
  void trace(Tracer& tracer) const noexcept override { kept.trace(tracer); }
  KeptCall kept;
  Generator<T> generator;  // ends before what it refers to
  std::optional<typename Generator<T>::Cursor> place;
};

template <class T>
JSValue iterator_of(JSContext* ctx, Generator<T>&& generator, KeptCall&& call) {
  if (!generator) Error::type("a Generator without a coroutine yields nothing").raise();
  return give_iterator(
      ctx, std::make_unique<GeneratorIterator<T>>(std::move(generator), std::move(call)));
}

template <class T>
struct ResultOf<Generator<T>> {
  static JSValue into_js(const NativeCall& call, Generator<T>&& generator) {
    return iterator_of(call.ctx, std::move(generator), KeptCall(call));
  }
};
template <class T>
inline constexpr bool outlives_its_call<Generator<T>> = true;

template <class T>
struct TypeFamily<Generator<T>> : IteratorType<T> {};

}  // namespace detail

/// A Generator becomes a JavaScript iterator.
template <class T>
struct Convert<Generator<T>> {
  static JSValue into_js(JSContext* ctx, Generator<T>&& generator) {
    return detail::iterator_of(ctx, std::move(generator), detail::KeptCall());
  }
};

}  // namespace quip

// Coroutines that wait and yield values: for C++, and as async iterators for scripts.
#pragma once

#include <quip/async/coroutine.hpp>
#include <quip/async/task.hpp>
#include <quip/convert/type_info.hpp>
#include <quip/core/error.hpp>
#include <quip/function/native.hpp>

#include <concepts>
#include <coroutine>
#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace quip {

template <class T>
class AsyncGenerator;

namespace detail {

/// What the coroutine of an AsyncGenerator keeps beside its frame, but for its values.
class GeneratorLink : public Link {
 public:
  /// Gives control back to who asked for a value.
  class Yield {
   public:
    explicit Yield(GeneratorLink& link) noexcept : link_(link) {}
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<>) const noexcept { link_.give_back(); }
    void await_resume() const {
      if (link_.thrown != nullptr) std::rethrow_exception(std::exchange(link_.thrown, nullptr));
    }

   private:
    GeneratorLink& link_;
  };
  void return_void() const noexcept {}
  void unhandled_exception() noexcept { failure = std::current_exception(); }

  std::exception_ptr failure;  ///< what it ended with, until somebody got that
  std::exception_ptr thrown;   ///< what `co_yield` is to throw
  bool is_running = false;     ///< somebody waits for a value

 private:
  void give_back() const noexcept {
    if (parent != nullptr) {
      run_next(parent);
    } else {
      finish_next(*chain);
    }
  }
};

template <class T>
class AsyncGeneratorLink final : public GeneratorLink {
 public:
  AsyncGenerator<T> get_return_object() noexcept;
  /// `co_yield value`.
  template <class U = T>
    requires std::constructible_from<T, U&&>
  Yield yield_value(U&& value) {
    yielded.emplace(std::forward<U>(value));
    return Yield(*this);
  }
  std::optional<T> yielded;
  AsyncGenerator<T>* owner = nullptr;  ///< null when it went while somebody waited
};

/// Throws the error of an AsyncGenerator that is asked for a value while somebody waits for one.
[[noreturn]] void throw_generator_is_running();

/// A coroutine's wait for the next value. The generator's coroutine is a part of its chain
/// meanwhile.
template <class T>
class NextAwaiter {
 public:
  using Frame = std::coroutine_handle<AsyncGeneratorLink<T>>;
  NextAwaiter(Frame frame, Chain& chain) noexcept : frame_(frame), chain_(chain) {}
  NextAwaiter(const NextAwaiter&) = delete;
  NextAwaiter& operator=(const NextAwaiter&) = delete;
  ~NextAwaiter() {
    // It waits for something on behalf of a coroutine that is being destroyed.
    if (is_pending_) destroy();
  }
  [[nodiscard]] bool await_ready() const {
    if (frame_ == nullptr) return true;
    if (frame_.promise().is_running) throw_generator_is_running();
    return frame_.done();
  }
  void await_suspend(std::coroutine_handle<> parent) noexcept {
    AsyncGeneratorLink<T>& link = frame_.promise();
    link.chain = &chain_;
    link.parent = parent;
    link.is_running = true;
    link.yielded.reset();
    is_pending_ = true;
    run_next(frame_);
  }
  std::optional<T> await_resume() {
    if (!std::exchange(is_pending_, false)) return std::nullopt;
    AsyncGeneratorLink<T>& link = frame_.promise();
    link.is_running = false;
    std::optional<T> item = frame_.done() ? std::nullopt : std::move(link.yielded);
    const std::exception_ptr failure = std::exchange(link.failure, nullptr);
    if (link.owner == nullptr) frame_.destroy();
    if (failure != nullptr) std::rethrow_exception(failure);
    return item;
  }

 private:
  void destroy() noexcept {
    if (AsyncGenerator<T>* owner = frame_.promise().owner) owner->forget();
    frame_.destroy();
  }
  Frame frame_;
  Chain& chain_;
  bool is_pending_ = false;
};

template <class T>
class NextOf {
 public:
  explicit NextOf(typename NextAwaiter<T>::Frame frame) noexcept : frame_(frame) {}
  [[nodiscard]] NextAwaiter<T> await_in(Chain& chain) const noexcept {
    return NextAwaiter<T>(frame_, chain);
  }

 private:
  typename NextAwaiter<T>::Frame frame_;
};

}  // namespace detail

/// A coroutine that yields one value after the other, and may wait in between.
///
///     quip::AsyncGenerator<std::string> lines(Connection connection) {
///       while (std::optional<std::string> line = co_await connection.read_line()) {
///         co_yield std::move(*line);
///       }
///     }
///
/// C++ asks for one value at a time; when what asks is destroyed while it waits, the generator's
/// frame is, too:
///
///     while (std::optional<std::string> line = co_await generator.next()) …
///
/// Returned from a bound function it is a JavaScript async iterator, for `for await (const line of
/// lines())`. Calls of `next` before the last one is answered are answered in their order (ECMA-262
/// 27.6). `return`, which `break` calls, destroys the frame where it waits in `co_yield`; the
/// argument of `throw` is thrown there, as a quip::Error. What the coroutine throws rejects.
///
/// While a script waits for a value the runtime owns the coroutine, else its JS object does, and
/// ends it as garbage. Values in the frame are not seen by the collector: an iterator that a value
/// in its own frame refers to stays until the runtime ends. The parameters are as those of a Task.
/// A promise that is yielded is the value as it is: `co_await` it first. Move-only.
template <class T>
class [[nodiscard]] AsyncGenerator {
  static_assert(std::is_object_v<T> && !std::is_const_v<T>,
                "an AsyncGenerator yields values: pointers or handles instead of references");

 public:
  using value_type = T;
  using promise_type = detail::AsyncGeneratorLink<T>;
  using Frame = std::coroutine_handle<promise_type>;

  /// One that yields nothing.
  AsyncGenerator() noexcept = default;
  AsyncGenerator(AsyncGenerator&& other) noexcept { take(other); }
  AsyncGenerator& operator=(AsyncGenerator&& other) noexcept {
    if (this != &other) {
      end();
      take(other);
    }
    return *this;
  }
  /// Destroys the frame, unless somebody waits for a value: then that one does, when it has it.
  ~AsyncGenerator() { end(); }
  /// Whether there is a coroutine.
  explicit operator bool() const noexcept { return frame_ != nullptr; }

  /// `co_await generator.next()`: the next value, none at the end and from then on. Throws what the
  /// coroutine throws; an Error of kind usage while another waits for a value.
  [[nodiscard]] detail::NextOf<T> next() const noexcept { return detail::NextOf<T>(frame_); }

  /// @internal
  explicit AsyncGenerator(Frame frame) noexcept : frame_(frame) { frame.promise().owner = this; }
  [[nodiscard]] Frame frame() const noexcept { return frame_; }
  void forget() noexcept { frame_ = nullptr; }

 private:
  void take(AsyncGenerator& other) noexcept {
    frame_ = std::exchange(other.frame_, nullptr);
    if (frame_ != nullptr) frame_.promise().owner = this;
  }
  void end() noexcept {
    const Frame frame = std::exchange(frame_, nullptr);
    if (frame == nullptr) return;
    if (frame.promise().is_running) {
      frame.promise().owner = nullptr;
    } else {
      frame.destroy();
    }
  }
  Frame frame_ = nullptr;
};

namespace detail {

template <class T>
AsyncGenerator<T> AsyncGeneratorLink<T>::get_return_object() noexcept {
  return AsyncGenerator<T>(AsyncGenerator<T>::Frame::from_promise(*this));
}

// ---- for scripts -------------------------------------------------------------------------------

/// A generator that scripts ask for values.
class AsyncSource {
 public:
  AsyncSource() = default;
  AsyncSource(const AsyncSource&) = delete;
  AsyncSource& operator=(const AsyncSource&) = delete;
  virtual ~AsyncSource() = default;
  /// What has to be resumed, so that it runs to the next value as the outermost of that chain;
  /// `co_yield` throws the exception if there is one.
  virtual std::coroutine_handle<> ready(Chain& chain, std::exception_ptr thrown) noexcept = 0;
  /// After that.
  [[nodiscard]] virtual bool has_ended() const noexcept = 0;
  /// The value, owned; at the end undefined. Throws what the coroutine threw.
  virtual JSValue take(JSContext* ctx) = 0;
};

template <class T>
class AsyncSourceOf final : public AsyncSource {
 public:
  explicit AsyncSourceOf(AsyncGenerator<T>&& generator) noexcept
      : generator_(std::move(generator)) {}
  std::coroutine_handle<> ready(Chain& chain, std::exception_ptr thrown) noexcept override {
    AsyncGeneratorLink<T>& link = generator_.frame().promise();
    link.chain = &chain;
    link.parent = nullptr;
    link.yielded.reset();
    link.thrown = std::move(thrown);
    return generator_.frame();
  }
  [[nodiscard]] bool has_ended() const noexcept override { return generator_.frame().done(); }
  JSValue take(JSContext* ctx) override {
    AsyncGeneratorLink<T>& link = generator_.frame().promise();
    if (has_ended()) {
      if (link.failure != nullptr) std::rethrow_exception(std::exchange(link.failure, nullptr));
      return engine::undefined();
    }
    return into_js(ctx, std::move(*link.yielded));
  }

 private:
  AsyncGenerator<T> generator_;
};

/// The JS object of one; an exception when memory is short.
JSValue give_async_iterator(JSContext* ctx, std::unique_ptr<AsyncSource> source, KeptCall&& call);

template <class T>
JSValue async_iterator_of(JSContext* ctx, AsyncGenerator<T>&& generator, KeptCall&& call) {
  if (!generator) Error::type("an AsyncGenerator without a coroutine yields nothing").raise();
  if (generator.frame().promise().is_running) throw_generator_is_running();
  return give_async_iterator(ctx, std::make_unique<AsyncSourceOf<T>>(std::move(generator)),
                             std::move(call));
}

template <class T>
struct ResultOf<AsyncGenerator<T>> {
  static JSValue into_js(const NativeCall& call, AsyncGenerator<T>&& generator) {
    return async_iterator_of(call.ctx, std::move(generator), KeptCall(call));
  }
};
template <class T>
inline constexpr bool outlives_its_call<AsyncGenerator<T>> = true;

template <class T>
struct TypeFamily<AsyncGenerator<T>> {
  static TypeInfo make() {
    return {.kind = TypeKind::async_iterable, .name = "AsyncIterableIterator", .of = {type_of<T>}};
  }
};

}  // namespace detail

/// An AsyncGenerator becomes a JavaScript async iterator.
template <class T>
struct Convert<AsyncGenerator<T>> {
  static JSValue into_js(JSContext* ctx, AsyncGenerator<T>&& generator) {
    return detail::async_iterator_of(ctx, std::move(generator), detail::KeptCall());
  }
};

}  // namespace quip

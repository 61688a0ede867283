// What the coroutines of quip have in common: chains of them, what they wait for, how they go on.
#pragma once

#include <quip/core/error.hpp>
#include <quip/core/lifetime.hpp>

#include <coroutine>
#include <cstdint>
#include <exception>
#include <stop_token>
#include <type_traits>
#include <utility>

namespace quip {

/// How a coroutine of quip awaits an A, for types that are not quip's own: a specialisation with
///
///     static auto awaiter(A&& awaited, quip::detail::Chain& chain);   // an awaiter
///
/// Most want no awaiter of their own but a Completion (see completion.hpp).
template <class A>
struct Await;

namespace detail {

struct Chain;
class WaiterList;

/// What one suspended coroutine waits for: a part of its frame, so that nothing is allocated and
/// nothing is left behind when the frame is destroyed.
class Waiter {
 public:
  explicit Waiter(Chain& chain) noexcept : chain_(chain) {}
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;
  virtual inline ~Waiter();
  /// Somebody wants the coroutine to stop: it is to wait no longer. Called at most once, on the
  /// runtime's thread.
  virtual void stop() noexcept = 0;
  /// Whether the coroutine's frame may be destroyed now: nothing of it runs further up this stack.
  [[nodiscard]] virtual bool can_end() const noexcept { return true; }

 protected:
  [[nodiscard]] Chain& chain() const noexcept { return chain_; }
  /// The coroutine is suspended from here on.
  void begin(std::coroutine_handle<> frame) noexcept;
  /// It may go on; the scheduler resumes it. On the runtime's thread. Runs nothing by itself.
  void go_on() noexcept;
  /// It may go on when all others have had their turn.
  void go_on_later() noexcept;
  /// It may go on when nothing can.
  void go_on_when_idle() noexcept;
  /// It need not wait after all: `await_suspend` returns false.
  void begin_not() noexcept;

 private:
  friend class Scheduler;
  friend class WaiterList;
  void leave_list() noexcept;
  Chain& chain_;
  std::coroutine_handle<> frame_;
  Waiter** place_ = nullptr;  // what points to it in a list of the scheduler
  Waiter* next_ = nullptr;
  WaiterList* list_ = nullptr;
  std::uint64_t turn_ = 0;  // in which it began to wait for the next
};

/// A chain of coroutines, each awaiting the next: one of them runs, or waits. It owns the
/// outermost.
struct Chain {
  explicit Chain(Core* runtime) noexcept : core(runtime) {}
  Chain(const Chain&) = delete;
  Chain& operator=(const Chain&) = delete;
  virtual ~Chain() = default;
  /// The outermost coroutine has ended. It may delete the chain.
  virtual void finish() noexcept = 0;
  /// Has what the chain waits for, and all that it will wait for, end with an AbortError.
  void stop() noexcept;

  Core* core;
  Waiter* waiting = nullptr;
  std::stop_token token = {};  ///< what the user gave it, for those who ask
  bool is_stopped = false;
};

Waiter::~Waiter() {
  if (place_ != nullptr) leave_list();
  if (chain_.waiting == this) chain_.waiting = nullptr;
}

/// Runs a coroutine and those that go on because of it, until all are suspended or have ended. The
/// thread has entered the runtime. No coroutine is resumed inside of another: the stack does not
/// grow however many there are.
void run_frames(std::coroutine_handle<> first) noexcept;
/// Has the innermost run_frames go on with that coroutine, when the one that calls has suspended.
void run_next(std::coroutine_handle<> frame) noexcept;
/// The same with the end of a chain.
void finish_next(Chain& chain) noexcept;

/// The error of a coroutine that was stopped: "AbortError".
Error stopped_error();

template <class A>
concept AwaitedInChain =
    requires(A&& awaited, Chain& chain) { std::forward<A>(awaited).await_in(chain); };
template <class A>
concept AwaitedBySpecialisation = requires(A&& awaited, Chain& chain) {
  Await<std::remove_cvref_t<A>>::awaiter(std::forward<A>(awaited), chain);
};

class Link;

/// A coroutine that another awaits, in the frame of that one, which owns it.
struct Child {
  std::coroutine_handle<> frame;
  Link* link = nullptr;   ///< of the coroutine
  Link* owner = nullptr;  ///< of the one that awaits it, as long as it does
};

/// Ends the coroutines that one awaits, the innermost first: frames that end one inside of the
/// other need a stack as deep as there are many.
void end_awaited(Link& link) noexcept;

/// The part of every coroutine's promise that makes it one of a chain.
class Link {
 public:
  Chain* chain = nullptr;
  std::coroutine_handle<> parent;  ///< who awaits it; null for the outermost
  Child* held_by = nullptr;        ///< in that one's frame
  Child* awaited = nullptr;        ///< what it awaits, if that is a coroutine

  [[nodiscard]] std::suspend_always initial_suspend() const noexcept { return {}; }
  struct End {
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    template <class P>
    void await_suspend(std::coroutine_handle<P> frame) const noexcept {
      const Link& link = frame.promise();
      if (link.parent != nullptr) {
        run_next(link.parent);
      } else {
        finish_next(*link.chain);
      }
    }
    void await_resume() const noexcept {}
  };
  [[nodiscard]] End final_suspend() const noexcept { return {}; }

  template <class A>
  auto await_transform(A&& operand) {
    static_assert(AwaitedInChain<A> || AwaitedBySpecialisation<A>,
                  "a coroutine of quip can await tasks, promises, sleep, yield, idle, when_all, "
                  "when_any and Completions; for anything else specialise quip::Await<T>, or have "
                  "it complete a quip::Completion<T>");
    if constexpr (AwaitedInChain<A>) {
      // NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage): whoever resumes has set it
      return std::forward<A>(operand).await_in(*chain);
    } else {
      return Await<std::remove_cvref_t<A>>::awaiter(std::forward<A>(operand), *chain);
    }
  }
};

}  // namespace detail
}  // namespace quip

// Several coroutines at once: all of them, or the first that ends.
#pragma once

#include <quip/async/coroutine.hpp>
#include <quip/async/executor.hpp>
#include <quip/async/task.hpp>
#include <quip/async/wait.hpp>

#include <coroutine>
#include <cstddef>
#include <deque>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace quip {

namespace detail {

// ---- what is awaited, as a Task ----------------------------------------------------------------

template <class A>
concept Awaited = AwaitedInChain<A> || AwaitedBySpecialisation<A>;

/// What `co_await` of an A gives.
template <class A>
using AwaitedBy = std::remove_cvref_t<
    decltype(std::declval<Link&>().await_transform(std::declval<A>()).await_resume())>;

template <class A>
Task<AwaitedBy<A>> as_task(A awaited) {
  if constexpr (std::is_void_v<AwaitedBy<A>>) {
    co_await std::move(awaited);
  } else {
    co_return co_await std::move(awaited);
  }
}
template <class T>
Task<T> as_task(Task<T> task) noexcept {
  return task;
}

template <class T>
using OrMonostate = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

// ---- branches ----------------------------------------------------------------------------------

class BranchesWait;

/// A chain of its own for each of the coroutines. The coroutine that awaits them owns it.
class Branch : public Chain {
 public:
  explicit Branch(BranchesWait& group) noexcept;
  void finish() noexcept final;
  /// Whether it waits, and with it all that it has begun.
  [[nodiscard]] bool can_end() const noexcept { return waiting != nullptr && waiting->can_end(); }
  [[nodiscard]] std::size_t index() const noexcept { return index_; }

 protected:
  [[nodiscard]] virtual std::coroutine_handle<> frame() const noexcept = 0;
  [[nodiscard]] virtual bool has_failed() const noexcept = 0;
  /// Destroys the frame.
  virtual void drop() noexcept = 0;
  /// Throws what the coroutine has ended with.
  virtual void rethrow() = 0;

 private:
  friend class BranchesWait;
  /// It goes on, for the first time, when it is its turn.
  class Start final : public Waiter {
   public:
    explicit Start(Branch& branch) noexcept;
    void stop() noexcept override {}  // it begins nevertheless, and hears of it where it waits
  };
  BranchesWait& group_;
  Branch* next_ = nullptr;
  std::size_t index_ = 0;
  bool has_ended_ = false;  // or was dropped
  std::optional<Start> start_;
};

/// How a coroutine waits for several.
class BranchesWait : public Waiter {
 public:
  bool await_ready() noexcept;
  void await_suspend(std::coroutine_handle<> frame) noexcept;
  void stop() noexcept override;
  [[nodiscard]] bool can_end() const noexcept override;

 protected:
  enum class Until : unsigned char { all_ended, first_ended };
  BranchesWait(Until until, Chain& chain) noexcept : Waiter(chain), until_(until) {}
  /// One more; before it is awaited.
  void add(Branch& branch) noexcept;
  /// Throws when it was stopped, or when a branch has failed.
  void check() const;
  /// The branch that ended first. After `check`, when there are branches.
  [[nodiscard]] const Branch& first() const noexcept { return *decisive_; }

 private:
  friend class Branch;
  void note_end(Branch& branch) noexcept;
  void end_others() noexcept;
  Until until_;
  Branch* branches_ = nullptr;
  Branch** last_ = &branches_;
  std::size_t count_ = 0;
  std::size_t running_ = 0;     // that have not ended
  Branch* decisive_ = nullptr;  // whose end ended the others
  std::coroutine_handle<> waiting_;
  bool is_stopped_ = false;
  bool is_ending_ = false;  // the others
};

template <class T>
class BranchOf final : public Branch {
 public:
  /// Two arguments as one, for std::tuple.
  class Seed {
   public:
    Seed(Task<T>&& task, BranchesWait& group) noexcept : task_(std::move(task)), group_(group) {}

   private:
    friend class BranchOf;
    Task<T> task_;
    BranchesWait& group_;
  };
  /// Throws when the task is empty.
  explicit BranchOf(Seed&& seed) : Branch(seed.group_), task_(std::move(seed.task_)) {
    if (!task_) throw_empty_task();
    task_.frame().promise().chain = this;
  }
  /// Once, when it has ended.
  OrMonostate<T> take() {
    if constexpr (std::is_void_v<T>) {
      task_.frame().promise().outcome.take();
      return {};
    } else {
      return task_.frame().promise().outcome.take();
    }
  }

 private:
  [[nodiscard]] std::coroutine_handle<> frame() const noexcept override { return task_.frame(); }
  [[nodiscard]] bool has_failed() const noexcept override {
    return task_.frame().promise().outcome.has_failed();
  }
  void drop() noexcept override { task_ = Task<T>(); }
  void rethrow() override { (void)take(); }
  Task<T> task_;
};

/// Branches that are known when the program is compiled.
template <class... T>
class TupleWait : public BranchesWait {
 protected:
  TupleWait(Until until, std::tuple<Task<T>...>&& tasks, Chain& chain)
      : TupleWait(until, std::move(tasks), chain, std::index_sequence_for<T...>()) {}
  std::tuple<BranchOf<T>...> branches;

 private:
  template <std::size_t... I>
  TupleWait(Until until, [[maybe_unused]] std::tuple<Task<T>...>&& tasks, Chain& chain,
            std::index_sequence<I...>)
      : BranchesWait(until, chain),
        branches(typename BranchOf<T>::Seed(std::move(std::get<I>(tasks)), *this)...) {
    (this->add(std::get<I>(branches)), ...);
  }
};

/// Any number.
template <class T>
class ListWait : public BranchesWait {
 protected:
  ListWait(Until until, std::vector<Task<T>>&& tasks, Chain& chain) : BranchesWait(until, chain) {
    for (Task<T>& task : tasks) {
      this->add(branches.emplace_back(typename BranchOf<T>::Seed(std::move(task), *this)));
    }
    tasks.clear();
  }
  std::deque<BranchOf<T>> branches;
};

// ---- awaiters ----------------------------------------------------------------------------------

template <class... T>
class AllAwaiter final : public TupleWait<T...> {
 public:
  AllAwaiter(std::tuple<Task<T>...>&& tasks, Chain& chain)
      : TupleWait<T...>(BranchesWait::Until::all_ended, std::move(tasks), chain) {}
  std::tuple<OrMonostate<T>...> await_resume() {
    this->check();
    return std::apply([](auto&... each) { return std::tuple<OrMonostate<T>...>{each.take()...}; },
                      this->branches);
  }
};

template <class T>
class AllListAwaiter final : public ListWait<T> {
 public:
  AllListAwaiter(std::vector<Task<T>>&& tasks, Chain& chain)
      : ListWait<T>(BranchesWait::Until::all_ended, std::move(tasks), chain) {}
  auto await_resume() {
    this->check();
    if constexpr (!std::is_void_v<T>) {
      std::vector<T> results;
      results.reserve(this->branches.size());
      for (BranchOf<T>& each : this->branches) results.push_back(each.take());
      return results;
    }
  }
};

}  // namespace detail

/// What ended first: which one it was, from 0, and its result.
template <class V>
struct First {
  First(std::size_t which, V result) : index(which), value(std::move(result)) {}
  std::size_t index;
  V value;
};

namespace detail {

template <class... T>
class AnyAwaiter final : public TupleWait<T...> {
 public:
  using Result = First<std::variant<OrMonostate<T>...>>;
  AnyAwaiter(std::tuple<Task<T>...>&& tasks, Chain& chain)
      : TupleWait<T...>(BranchesWait::Until::first_ended, std::move(tasks), chain) {}
  Result await_resume() {
    this->check();
    return take(std::index_sequence_for<T...>());
  }

 private:
  template <std::size_t I>
  static Result take_one(AnyAwaiter& self) {
    using Any = std::variant<OrMonostate<T>...>;
    return Result(I, Any(std::in_place_index<I>, std::get<I>(self.branches).take()));
  }
  template <std::size_t... I>
  Result take(std::index_sequence<I...>) {
    using Take = Result (*)(AnyAwaiter&);
    static constexpr Take takers[] = {&take_one<I>...};
    return takers[this->first().index()](*this);
  }
};

template <class T>
class AnyListAwaiter final : public ListWait<T> {
 public:
  AnyListAwaiter(std::vector<Task<T>>&& tasks, Chain& chain)
      : ListWait<T>(BranchesWait::Until::first_ended, std::move(tasks), chain) {}
  First<OrMonostate<T>> await_resume() {
    this->check();
    const std::size_t index = this->first().index();
    return First<OrMonostate<T>>(index, this->branches[index].take());
  }
};

/// What when_all and when_any return: tasks that begin when it is awaited.
template <class Awaiter, class Tasks>
class [[nodiscard]] Several {
 public:
  explicit Several(Tasks&& tasks) noexcept : tasks_(std::move(tasks)) {}
  /// @internal
  [[nodiscard]] Awaiter await_in(Chain& chain) && { return Awaiter(std::move(tasks_), chain); }

 private:
  Tasks tasks_;
};

template <template <class...> class Awaiter, class... T>
auto several(Task<T>... tasks) {
  using Tasks = std::tuple<Task<T>...>;
  return Several<Awaiter<T...>, Tasks>(Tasks(std::move(tasks)...));
}
template <template <class...> class Awaiter, class A>
auto several_listed(std::vector<A>&& awaited) {
  using T = AwaitedBy<A>;
  using Tasks = std::vector<Task<T>>;
  Tasks tasks;
  tasks.reserve(awaited.size());
  for (A& each : awaited) tasks.push_back(as_task(std::move(each)));
  return Several<Awaiter<T>, Tasks>(std::move(tasks));
}
/// Throws: nothing would ever end.
[[noreturn]] void throw_nothing_to_await();
/// The error of with_timeout: "TimeoutError".
Error timeout_error();

}  // namespace detail

/// Awaits all of them at once: tasks, promises, `sleep`, whatever can be awaited. They begin in the
/// order in which they stand here, when what can go on before them has; one runs at a time.
///
///     auto [user, orders] = co_await quip::when_all(load_user(id), load_orders(id));
///
/// What comes is a std::tuple of the results, std::monostate for those that have none. The first
/// that fails ends the others, whose frames are destroyed where they wait, and what it threw comes
/// out. When the coroutine that awaits is stopped, each of them gets an AbortError where it waits;
/// when all have ended, it gets one too.
///
/// Tasks are moved from; promises are copied.
template <class... A>
  requires(detail::Awaited<std::decay_t<A>> && ...)
[[nodiscard]] auto when_all(A&&... awaited) {
  return detail::several<detail::AllAwaiter>(
      detail::as_task(std::decay_t<A>(std::forward<A>(awaited)))...);
}
/// The same of any number of one kind: a std::vector of the results, nothing when they have none.
template <class A>
  requires detail::Awaited<A>
[[nodiscard]] auto when_all(std::vector<A> awaited) {
  return detail::several_listed<detail::AllListAwaiter>(std::move(awaited));
}

/// Awaits the first of them that ends, whether it fails or not: then what it threw comes out. The
/// others' frames are destroyed where they wait.
///
///     auto [index, value] = co_await quip::when_any(answer, quip::sleep(5s));
///     if (index == 0) use(std::get<0>(value));
///
/// `value` is a std::variant of all results, std::monostate for those that have none. For the rest
/// see when_all.
template <class... A>
  requires(sizeof...(A) > 0 && (detail::Awaited<std::decay_t<A>> && ...))
[[nodiscard]] auto when_any(A&&... awaited) {
  return detail::several<detail::AnyAwaiter>(
      detail::as_task(std::decay_t<A>(std::forward<A>(awaited)))...);
}
/// The same of any number of one kind: `value` is the result, std::monostate when they have none.
/// Throws an Error of kind usage for an empty vector.
template <class A>
  requires detail::Awaited<A>
[[nodiscard]] auto when_any(std::vector<A> awaited) {
  if (awaited.empty()) detail::throw_nothing_to_await();
  return detail::several_listed<detail::AnyListAwaiter>(std::move(awaited));
}

/// A task with the result of what is awaited, if that ends within the time; else the error of the
/// name "TimeoutError", and the frame of what was awaited is destroyed.
///
///     const std::string body = co_await quip::with_timeout(fetch(url), 10s);
template <class A>
  requires detail::Awaited<A>
Task<detail::AwaitedBy<A>> with_timeout(A awaited, Clock::duration limit) {
  auto first = co_await when_any(std::move(awaited), sleep(limit));
  if (first.index == 1) detail::timeout_error().raise();
  if constexpr (!std::is_void_v<detail::AwaitedBy<A>>) {
    co_return std::get<0>(std::move(first.value));
  }
}

}  // namespace quip

// The owner of an engine: one heap, its limits, its jobs.
#pragma once

#include <quip/async/executor.hpp>
#include <quip/async/rejections.hpp>
#include <quip/core/allocator.hpp>
#include <quip/core/lifetime.hpp>
#include <quip/core/memory_usage.hpp>
#include <quip/core/result.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace quip {

class Ctx;
class Loader;
class Object;
class Poster;
class Resolver;
template <class T>
class Task;
class TypedData;
class Value;
enum class DumpFlags : std::uint32_t;

/// What a Runtime is made with; every member may be left out.
struct RuntimeOptions {
  /// The most bytes that the heap may take; 0 for no limit.
  std::size_t memory_limit = 0;
  /// Above so many bytes scripts are stopped; 0 for no limit. See Runtime::set_soft_memory_limit.
  std::size_t soft_memory_limit = 0;
  /// The most bytes of the C stack that scripts may use. Where the thread's own stack leaves less,
  /// less is used; 0 is refused.
  std::size_t stack_size = std::size_t{1} << 20;
  /// Bytes allocated before the first automatic collection of cycles.
  std::size_t gc_threshold = std::size_t{256} << 10;
  /// A name that the engine prints in its own diagnostics.
  std::string info = {};
  /// Where the heap takes its memory from; null for the default (see core/allocator.hpp).
  std::shared_ptr<Allocator> allocator = nullptr;
};

/// Adds to the `import.meta` of a JavaScript module (ECMA-262 13.3.12,
/// HostGetImportMetaProperties).
using ImportMetaHook = std::function<void(Ctx ctx, const Object& meta, std::string_view name)>;

namespace detail {
/// The Error for an exception, or nothing when it is of another class. The first argument is null
/// when the exception is no std::exception.
using ExceptionMap =
    std::function<std::optional<Error>(const std::exception*, const std::exception_ptr&)>;
}  // namespace detail

/// One JavaScript engine: a heap with its contexts, jobs and limits. One thread uses it at a time;
/// it may move between threads, and runtimes on different threads are independent.
///
/// Destroying it is legal at any time and in any order: pending jobs are dropped, the C++ objects
/// and closures that JavaScript owns are destroyed, contexts are freed. Handles that are still
/// alive keep only the bare heap; every use of them is the error RuntimeGone. Destroyed from
/// inside a callback, it ends when that outermost call returns. A Runtime that was moved from owns
/// nothing: every use of it is the error RuntimeGone.
class Runtime {
 public:
  /// Throws Error when the options make no sense, memory is short, or the engine's library does
  /// not match the header that quip was compiled with.
  explicit Runtime(RuntimeOptions options = {});
  /// As the constructor, with the error as a value.
  static Result<Runtime> try_make(RuntimeOptions options = {});
  Runtime(Runtime&& other) noexcept;
  Runtime& operator=(Runtime&& other) noexcept;
  ~Runtime();

  /// The engine's name and version, e.g. "quickjs-ng 0.17.0".
  static std::string engine();

  /// The most bytes that the heap may take (MemoryUsage::malloc_size); 0 for no limit. What asks
  /// for more gets the engine's out-of-memory error, which scripts can catch. A limit below what
  /// the heap has already is allowed: the next allocation fails. To tell of that the heap may
  /// exceed the limit by some KiB; a script that swallows the errors and goes on to take that too
  /// is stopped where the engine cannot do without (Bellard's: above 64 KiB).
  void set_memory_limit(std::size_t bytes);
  /// Above so many bytes a script is stopped, before it meets the other limit, where engines may
  /// run short in the midst of their own work; 0 for no limit. Asked now and then while a script
  /// runs: it collects the garbage then, and when that does not help the script ends with an Error
  /// of ErrorKind::out_of_memory that no script catches. The runtime stays usable. Without a memory
  /// limit there is one at the same time, a quarter above this one, or 16 MiB if that is more.
  /// Throws Error for a runtime that is not quip's own (see raw::borrow).
  void set_soft_memory_limit(std::size_t bytes);
  /// See RuntimeOptions. Throw Error when the value makes no sense.
  void set_stack_size(std::size_t bytes);
  void set_gc_threshold(std::size_t bytes);
  void set_info(std::string info);
  /// Whether scripts may call Atomics.wait, which blocks the thread (ECMA-262 9.9, [[CanBlock]]);
  /// not by default: then it throws a TypeError. While it waits, no deadline and no stop token is
  /// asked, and no other thread may use the runtime. Engine: JS_SetCanBlock.
  void set_can_block(bool can_block);

  /// What the engine prints of its inner work to standard output, from here on (engine:
  /// JS_SetDumpFlags; see diagnostics/dump_flags.hpp). Throws Error where the engine cannot be told
  /// so; DumpFlags::none is fine there too.
  void set_dump_flags(DumpFlags flags);
  /// Whether the engine in use prints any of it on demand: a quickjs-ng that was built without
  /// NDEBUG. What Bellard's engine dumps is chosen when it is compiled.
  [[nodiscard]] static bool has_dump_flags() noexcept;

  /// Collects unreachable cycles now; in a destructor that a script's object runs, soon after it.
  void run_gc();
  /// The heap in numbers; walks all of it.
  [[nodiscard]] MemoryUsage memory_usage() const;

  /// True when a promise reaction or another job waits to run.
  [[nodiscard]] bool is_job_pending() const;
  /// Runs the oldest pending job, if any; tells whether there was one. Throws what the job throws.
  /// An Error while a module that may await is being evaluated further up this stack: engines lose
  /// their place when a job runs there. The same holds for `run` and `poll`.
  bool execute_pending_job() { return try_execute_pending_job().value(); }
  /// As `execute_pending_job`, with the error as a value.
  Result<bool> try_execute_pending_job();

  /// Runs the runtime's own loop until nothing is left to do: jobs, coroutines, timers, and what
  /// other threads still are to settle. It sleeps in between. Throws what a job or a callback
  /// throws; what is behind it stays. An Error when the runtime is driven by an executor.
  void run() { try_run().value(); }
  /// As `run`, with the error as a value.
  Result<void> try_run();
  /// Runs the loop until a task has ended, and returns its result; throws what it throws, and an
  /// Error when nothing is left that the task could be waiting for.
  template <class T>
  T run_until(Task<T> task);
  /// Runs the loop until that time at most; tells whether there was anything to do.
  bool run_until(Clock::time_point time) { return try_run_until(time).value(); }
  Result<bool> try_run_until(Clock::time_point time);
  bool run_for(Clock::duration duration) {
    const Clock::time_point now = Clock::now();
    return run_until(duration > Clock::time_point::max() - now ? Clock::time_point::max()
                                                               : now + duration);
  }
  /// Waits until there is something to do, and does one thing with what follows from it: a timer, a
  /// callback, or the jobs and coroutines that can go on. False when nothing is left.
  bool run_one() { return try_run_one().value(); }
  Result<bool> try_run_one();
  /// Does all that can be done now, each thing once, without waiting: for a frame of a game, or a
  /// loop of another kind (see next_timer). Tells whether there was anything to do. Allowed with an
  /// executor as well.
  bool poll() { return try_poll().value(); }
  Result<bool> try_poll();
  /// When the next timer is due; nothing when there is none.
  [[nodiscard]] std::optional<Clock::time_point> next_timer() const;

  /// Has a loop of another kind drive the runtime from here on (see Executor and the adapters in
  /// async/): it calls when there is something to do, and only then. Null gives it back to `run`.
  /// The executor is let go with the runtime.
  void set_executor(std::shared_ptr<Executor> executor);
  /// What other threads leave work with for the loop.
  [[nodiscard]] Poster poster() const;

  /// How `import` finds and reads modules (see module/resolver.hpp and module/loader.hpp): both
  /// are asked on the thread that runs scripts, and may throw or return an Error; the importing
  /// script gets it. Without both, imports fail. Modules that are there already stay.
  void set_loader(Resolver resolver, Loader loader);
  /// Called for each JavaScript module before it runs, when `import.meta` has its `url` and `main`;
  /// what it throws is the error of the module's import.
  void set_import_meta(ImportMetaHook hook);
  /// Whether scripts can say `import … with { type: "json" }`; the engine decides.
  [[nodiscard]] static bool has_import_attributes() noexcept;

  /// Asked now and then while a script or a regular expression runs, on the thread that runs it
  /// (engine: JS_SetInterruptHandler): true stops it, with an Error of ErrorKind::interrupted that
  /// no script catches. So does what it throws, which then comes out in C++ as the same object. The
  /// thread is outside of the runtime meanwhile: no script may run, handles may be copied and
  /// dropped. An empty function removes it. For a time limit there is Deadline (core/limits.hpp).
  void set_interrupt_handler(std::function<bool()> handler);
  /// The most time that the runtime's loop, or the one that drives it, gives a single job, callback
  /// or timer; 0 for no limit. What takes longer is stopped: it fails with an Error of
  /// ErrorKind::interrupted.
  void set_turn_limit(std::chrono::nanoseconds most);

  /// Hears of rejections at once (see RejectionHandler). An empty function removes it.
  void set_rejection_handler(RejectionHandler handler);
  /// Hears of each promise that is still rejected with nobody listening when no job is pending any
  /// more, as `run` and every loop find out; a promise is kept until then. What it throws goes to
  /// the ErrorHandler. With an empty function the runtime reports to standard error, unless a
  /// RejectionHandler is set; `ignore_unhandled_rejections` says nothing. What a script that is
  /// stopped rejects by that is not told.
  void set_unhandled_rejection_handler(UnhandledRejectionHandler handler);
  /// Hears of errors that no caller gets (see ErrorHandler). With an empty function the runtime
  /// reports to standard error.
  void set_error_handler(ErrorHandler handler);
  /// Hears of each step in a promise's life (see PromiseHook), in the midst of the script: it costs
  /// that script its time. It may run scripts; of what these do with promises nothing is told. What
  /// it throws goes to the ErrorHandler. Throws Error where the engine has no hooks; an empty
  /// function is fine there too.
  void set_promise_hook(PromiseHookHandler hook);
  /// Whether the engine tells of promises: quickjs-ng does, Bellard's engine does not.
  [[nodiscard]] static bool has_promise_hooks() noexcept;

  /// Says what a C++ exception of class E (or derived from it) is to the scripts of this runtime:
  /// it becomes the Error that `map(const E&)` returns, which still carries the exception, so that
  /// C++ further up catches the very same. One that was said later is asked first; quip's own rules
  /// (see Error::from) come last, also when `map` throws.
  ///
  ///     runtime.map_exception<ParseError>([](const ParseError& error) {
  ///       return quip::Error::named("ParseError", error.what());
  ///     });
  ///
  /// Exceptions that do not derive from std::exception can be mapped too; each is thrown again to
  /// be looked at, which costs as much as a throw.
  template <class E, class F>
  void map_exception(F&& map);

  /// C++ objects that belong to the runtime, by their types (see TypedData).
  [[nodiscard]] TypedData data() const;

  /// The engine's runtime, borrowed; null for a Runtime that was moved from.
  [[nodiscard]] JSRuntime* raw() const noexcept {
    return core_ == nullptr ? nullptr : core_->runtime;
  }
  /// @internal
  explicit Runtime(detail::Core* core) noexcept : core_(core) {}
  [[nodiscard]] detail::Core* core() const noexcept { return core_; }

 private:
  [[nodiscard]] detail::Core* owned_core() const;
  /// Runs the loop while that is true and anything is left to do.
  static void run_while(detail::Core* core, const std::function<bool()>& goes_on);
  [[noreturn]] static void raise_stuck(detail::Core* core);
  void add_exception_map(detail::ExceptionMap map);
  detail::Core* core_;
};

template <class E, class F>
void Runtime::map_exception(F&& map) {
  static_assert(std::is_invocable_r_v<Error, F&, const E&>,
                "map_exception<E> takes a function of a const E& that returns a quip::Error");
  add_exception_map([map = std::forward<F>(map)](
                        const std::exception* known,
                        const std::exception_ptr& exception) mutable -> std::optional<Error> {
    if constexpr (std::is_convertible_v<E*, std::exception*>) {
      const auto* found = dynamic_cast<const E*>(known);
      return found == nullptr ? std::optional<Error>() : std::optional<Error>(map(*found));
    } else {
      try {
        std::rethrow_exception(exception);
      } catch (const E& found) {
        return map(found);
      } catch (...) {
        return std::nullopt;
      }
    }
  });
}

}  // namespace quip

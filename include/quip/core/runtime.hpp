// The owner of an engine: one heap, its limits, its jobs.
#pragma once

#include <quip/core/lifetime.hpp>
#include <quip/core/result.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace quip {

class Ctx;
class Value;

/// What a Runtime is made with; every member may be left out.
struct RuntimeOptions {
  /// The most bytes that the heap may take; 0 for no limit.
  std::size_t memory_limit = 0;
  /// The most bytes of the C stack that scripts may use. Where the thread's own stack leaves less,
  /// less is used; 0 is refused.
  std::size_t stack_size = std::size_t{1} << 20;
  /// Bytes allocated before the first automatic collection of cycles.
  std::size_t gc_threshold = std::size_t{256} << 10;
  /// A name that the engine prints in its own diagnostics.
  std::string info = {};
};

/// The heap of a runtime in numbers (engine: JS_ComputeMemoryUsage).
struct MemoryUsage {
  std::int64_t malloc_size = 0;   ///< bytes taken from the allocator
  std::int64_t malloc_count = 0;  ///< blocks taken from the allocator
  std::int64_t object_count = 0;
  std::int64_t string_count = 0;
  std::int64_t atom_count = 0;
  std::int64_t function_count = 0;  ///< functions with bytecode
};

/// Finds the module that a specifier names: (base module's name, specifier) to the full name.
using ModuleResolver =
    std::function<Result<std::string>(std::string_view base, std::string_view specifier)>;
/// Fetches the source text of a module by its full name.
using ModuleLoader = std::function<Result<std::string>(std::string_view name)>;
/// Hears of a promise that was rejected with nobody listening (`handled` false), and again when
/// somebody listens after all (`handled` true). HTML's HostPromiseRejectionTracker.
using RejectionHandler =
    std::function<void(Ctx ctx, const Value& promise, const Value& reason, bool handled)>;

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

  /// See RuntimeOptions. Throw Error when the value makes no sense.
  void set_memory_limit(std::size_t bytes);
  void set_stack_size(std::size_t bytes);
  void set_gc_threshold(std::size_t bytes);
  void set_info(std::string info);

  /// Collects unreachable cycles now.
  void run_gc();
  [[nodiscard]] MemoryUsage memory_usage() const;

  /// True when a promise reaction or another job waits to run.
  [[nodiscard]] bool is_job_pending() const;
  /// Runs the oldest pending job, if any; tells whether there was one. Throws what the job throws.
  bool execute_pending_job() { return try_execute_pending_job().value(); }
  /// As `execute_pending_job`, with the error as a value.
  Result<bool> try_execute_pending_job();
  /// Runs jobs until none is pending, also those that jobs add. Throws what a job throws; the
  /// jobs behind it stay pending.
  void run() { try_run().value(); }
  /// As `run`, with the error as a value.
  Result<void> try_run();

  /// How `import` finds and reads modules. Both are called on the thread that runs scripts, and may
  /// throw or return an Error; the importing script gets it. Without a loader, imports fail.
  void set_loader(ModuleResolver resolver, ModuleLoader loader);
  void set_rejection_handler(RejectionHandler handler);

  /// @internal
  [[nodiscard]] detail::Core* core() const noexcept { return core_; }

 private:
  explicit Runtime(detail::Core* core) noexcept : core_(core) {}
  [[nodiscard]] detail::Core* owned_core() const;
  detail::Core* core_;
};

}  // namespace quip

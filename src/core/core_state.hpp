// What a core keeps besides the part that inlined code touches. Private to src/.
#pragma once

#include <quip/core/context.hpp>
#include <quip/core/runtime.hpp>
#include <quip/value/value.hpp>

#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace quip::detail {

/// A reference that a thread without the lock gave up.
struct Deferred {
  Realm* realm;
  JSValue value;
  JSAtom atom;
};

/// An Error object's C++ exception (see CoreState::origin_key).
struct Origin final : Payload {
  explicit Origin(std::exception_ptr carried) noexcept : exception(std::move(carried)) {}
  std::exception_ptr exception;
};

class CoreState final : public Core {
 public:
  std::recursive_mutex lock;
  int depth = 0;        // entries of the thread that holds the lock
  int collecting = 0;   // finalizers of ours on that thread's stack: no script may run
  bool closed = false;  // closing, and its contexts, payloads and memories are gone
  bool idle = false;    // some pinned realm may have lost its last handle

  Realm* realms = nullptr;
  Payload* payloads = nullptr;
  // by address; two buffers may have the same bytes
  std::unordered_multimap<void*, std::unique_ptr<Memory>> memories;
  JSClassID realm_class = 0;
  JSAtom origin_key = 0;  // 0 until the first context

  std::mutex deferred_lock;  // taken after `lock` is held, or together with try_lock of it
  std::vector<Deferred> deferred;

  std::vector<JSValue> used;  // references to objects in use that their handles gave up
  bool is_abandoned = false;  // the heap cannot be freed (see keep_used)

  std::size_t memory_limit = 0;
  std::size_t stack_size = 0;
  std::size_t armed_stack_size = 0;
  std::string info;
  ModuleResolver resolver;
  ModuleLoader loader;
  RejectionHandler rejection_handler;

  static CoreState& of(Core* core) noexcept { return *static_cast<CoreState*>(core); }
  static CoreState& of(JSRuntime* rt) noexcept {
    return of(static_cast<Core*>(::JS_GetRuntimeOpaque(rt)));
  }

  /// Registers the classes; false when memory is short.
  bool set_up() noexcept;
  /// A realm for a fresh context, which it takes over; null when memory is short.
  Realm* adopt(JSContext* ctx) noexcept;

  /// Begins and ends a stretch of work under the lock that runs no script. The end of the
  /// outermost one does what had to wait for it, and may delete this.
  void begin() noexcept;
  void end() noexcept;
  /// Marks the Runtime as destroyed; the rest happens as soon as nothing runs.
  void close() noexcept;
  void drop(const Deferred& reference) noexcept;
  /// Takes over a handle's reference to an object in use, and drops those that no longer are. False
  /// when there is one already: then the handle gives its own up as ever.
  bool keep_used(JSValueConst value) noexcept;
  /// The payload's JS object is gone.
  void finalize(Payload* payload) noexcept;
  /// The engine's context of the realm is gone.
  void forget(Realm* realm) noexcept;

  /// While alive, no script may run on this thread in this runtime.
  class NoScript {
   public:
    explicit NoScript(CoreState& core) noexcept;
    ~NoScript();
    NoScript(const NoScript&) = delete;
    NoScript& operator=(const NoScript&) = delete;

   private:
    CoreState& core_;
    Core* previous_;
  };

 private:
  friend class Core;
  ~CoreState();
  template <class Predicate>
  void unpin(Predicate which) noexcept;
  void arm_stack() noexcept;
  void tidy() noexcept;
  void drop_unused() noexcept;
  void finish_close() noexcept;
  [[nodiscard]] bool has_handles() const noexcept;
  void unlink(Payload* payload) noexcept;
};

/// Compiles a module and fills its import.meta; owned, or an exception (src/module/loader.cpp).
JSValue compile_module(JSContext* ctx, std::string_view source, const std::string& name,
                       bool is_main);
/// Tells the engine to ask the core's resolver and loader.
void install_loader(CoreState& core) noexcept;

/// A whole file's bytes; the error says why not, without the file's name.
Result<std::string> read_file(const std::filesystem::path& path);

/// `entered` after a runtime has been left: the one before, unless that is being destroyed.
Core* reentered(Core* previous) noexcept;

}  // namespace quip::detail

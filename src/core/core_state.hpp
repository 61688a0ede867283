// What a core keeps besides the part that inlined code touches. Private to src/.
#pragma once

#include "../async/rejections_state.hpp"
#include "limits_state.hpp"
#include <quip/core/context.hpp>
#include <quip/core/runtime.hpp>
#include <quip/module/loader.hpp>
#include <quip/module/resolver.hpp>
#include <quip/value/value.hpp>

#include <atomic>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace quip::detail {

/// A reference that a thread without the lock gave up.
struct GivenUp {
  Realm* realm;
  JSValue value;
  JSAtom atom;
};

/// What of C++ an Error object carries (see CoreState::origin_key).
struct Origin final : Payload {
  Origin(std::exception_ptr carried, std::string stopped) noexcept
      : exception(std::move(carried)), stop(std::move(stopped)) {}
  std::exception_ptr exception;
  std::string stop;  // what stopped the script; empty for an error as any
};

class FunctionNames;
class Scheduler;

/// A handle that a payload showed to the tracer, and what it refers to.
struct Visit {
  enum class Kind : unsigned char { handle, context, atom };
  const void* where;
  Realm* realm;
  JSValue value;  // of an atom, its number
  Kind kind;
};

/// While contexts without an owner are looked at: a reference to another realm's token on behalf of
/// a payload that owns handles of that realm.
struct Tie {
  Payload* payload;
  Realm* realm;
};

class CoreState final : public Core {
 public:
  std::recursive_mutex lock;
  int depth = 0;        // entries of the thread that holds the lock
  int collecting = 0;   // finalizers of ours on that thread's stack: no script may run
  int asking = 0;       // interrupt handlers among them
  bool closed = false;  // closing, and its contexts, payloads and memories are gone
  bool idle = false;    // some pinned realm may have lost its last handle
  // some realm may have lost its last handle but those that payloads own
  std::atomic<bool> orphaned = false;

  Realm* realms = nullptr;
  Realm* ended = nullptr;  // realms without context and handles, until nothing runs
  Payload* payloads = nullptr;
  // by address; two buffers may have the same bytes
  std::unordered_multimap<void*, std::unique_ptr<Memory>> memories;
  // instances of native classes by the addresses of their C++ objects: those that C++ holds too,
  // and all of them once somebody has asked for one by its address
  std::unordered_multimap<const void*, Payload*> instances;
  bool indexes_all = false;
  JSClassID realm_class = 0;
  JSClassID anchor_class = 0;
  JSAtom origin_key = 0;  // 0 until the first context

  std::mutex deferred_lock;  // taken after `lock` is held, or together with try_lock of it
  std::vector<GivenUp> deferred;

  // What the collector sees of payloads. It asks for the references of each object twice: to take
  // them away, and to give them back. The answer must be the same, so it is kept.
  JSValue
      anchor{};  // owned: the first object of the heap that the collector looks at; see mark_anchor
  enum class Pass : unsigned char { none, taking, giving_back };
  Pass pass = Pass::none;
  JS_MarkFunc* keeping = nullptr;  // how the collector gives back to what is no garbage
  std::vector<Visit> visits;
  std::vector<Tie> ties;
  bool is_tracing = false;
  std::size_t copies = 0;      // handles that a `trace` copied and has not dropped yet
  bool has_orphans = false;    // contexts that no Context owns but other handles do
  bool is_collecting = false;  // for the contexts too

  std::vector<JSValue> used;  // references to objects in use that their handles gave up
  bool is_abandoned = false;  // the heap cannot be freed (see keep_used)

  std::size_t memory_limit = 0;
  std::size_t stack_size = 0;
  std::size_t armed_stack_size = 0;
  std::string info;
  Resolver resolver;
  Loader loader;
  ImportMetaHook import_meta;
  int awaiting_evaluations = 0;    // modules being evaluated that no job may meet (see ModuleTable)
  std::shared_ptr<Limits> limits;  // scripts that must stop; null before set_up
  std::unique_ptr<Rejections> rejections;                     // null before set_up
  std::shared_ptr<std::vector<ExceptionMap>> exception_maps;  // null while there are none
  std::shared_ptr<FunctionNames> functions;  // null before the first (src/function/)
  std::unique_ptr<Scheduler> scheduler;      // null before its first use (src/async/)

  CoreState();
  CoreState(const CoreState&) = delete;
  CoreState& operator=(const CoreState&) = delete;
  ~CoreState();

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
  void drop(const GivenUp& reference) noexcept;
  /// Takes over a handle's reference to an object in use, and drops those that no longer are. False
  /// when there is one already: then the handle gives its own up as ever.
  bool keep_used(JSValueConst value) noexcept;
  /// The collector begins to look at the heap, for the first or the second time.
  void begin_pass(JS_MarkFunc* function) noexcept;
  /// The collector looks at a payload's object.
  void mark(Payload* payload, JS_MarkFunc* function) noexcept;
  /// A payload shows a handle.
  void visit(const Visit& visit) noexcept;
  /// As `drop`, of what a `trace` drops.
  void drop_while_tracing(const GivenUp& reference) noexcept;
  /// Collects the garbage of the heap, and contexts that only garbage uses. When that is all that
  /// this is for (`contexts_only`), nothing is done if there are no such.
  void collect(bool contexts_only) noexcept;
  /// From here on the object owns the payload, and keeps the realm's context alive if it is to.
  void link(Payload* payload, Realm* realm, JSValue object, bool holds_context) noexcept {
    payload->core = this;
    payload->realm = realm;
    payload->object = object;
    if (holds_context) payload->token = ::JS_DupValue(realm->context, realm->token);
    payload->place = &payloads;
    payload->next = payloads;
    if (payloads != nullptr) payloads->place = &payload->next;
    payloads = payload;
    ::JS_SetOpaque(object, payload);
  }
  /// The payload's JS object is gone.
  void finalize(Payload* payload) noexcept {
    unlink(payload);
    if (engine::is_null(payload->token)) {  // nothing of the user's runs at its end
      payload->destroy();
    } else {
      finalize_users(payload);
    }
  }
  /// The engine's context of the realm is gone.
  void forget(Realm* realm) noexcept;

  /// Tells of promises that were rejected and that nobody listens to, each once. No job is pending.
  void report_rejections() noexcept;
  /// Tells of what failed where no caller of C++ can be told.
  void report_error(const Error& error) noexcept;

  /// Why the thread must run no script of this runtime any more, if so: to be asked before a job.
  std::optional<Error> stop_due() noexcept;
  /// The same of a script that was stopped and has ended all the same, because the engine made a
  /// promise's rejection of its error. C++ is told by this.
  std::optional<Error> take_stop() noexcept;
  /// The outermost entry ends: what was stopped, if anything, is over.
  void forget_stops() noexcept {
    if (limits->raised || limits->last) [[unlikely]]
      limits->forget();
  }
  /// Lets go of what the user set; the runtime is closed.
  void drop_handlers() noexcept;

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
  bool set_up_limits() noexcept;
  bool set_up_rejections() noexcept;
  template <class Predicate>
  void unpin(Predicate which) noexcept;
  void arm_stack() noexcept;
  void tidy() noexcept;
  void drop_unused() noexcept;
  void hold_contexts_longest() noexcept;
  void finish_close() noexcept;
  [[nodiscard]] bool has_handles() const noexcept;
  static void unlink(Payload* payload) noexcept {
    *payload->place = payload->next;
    if (payload->next != nullptr) payload->next->place = payload->place;
  }
  [[gnu::noinline]] void finalize_users(Payload* payload) noexcept;
  void trace(Payload* payload) noexcept;
  bool release_orphans() noexcept;
  void tie_orphans() noexcept;
  void untie(const Payload* payload) noexcept;
  void give_up_visits(const Payload& payload) noexcept;
};

inline TurnLimit::TurnLimit(CoreState& core) {
  const std::chrono::nanoseconds span = core.limits->turn;
  if (span.count() != 0) scope_.emplace(core, span);
}

/// Work on a runtime that runs no script.
class Work {
 public:
  explicit Work(Core* core) noexcept : core_(CoreState::of(core)) { core_.begin(); }
  ~Work() { core_.end(); }
  Work(const Work&) = delete;
  Work& operator=(const Work&) = delete;
  CoreState* operator->() const noexcept { return &core_; }

 private:
  CoreState& core_;
};

/// An error that stops the core's scripts.
Error interrupted(const Core* core, const Stop& stop) noexcept;

/// Gives up our references to the contexts of the realms that `which` picks.
template <class Predicate>
void CoreState::unpin(Predicate which) noexcept {
  for (Realm* realm = realms; realm != nullptr;) {
    if (!realm->pinned || !which(*realm)) {
      realm = realm->next;
      continue;
    }
    realm->pinned = false;
    ::JS_FreeContext(realm->context);  // may end this realm and others: start anew
    realm = realms;
  }
}

/// Tells the engine to ask the core's resolver and loader (src/module/).
void install_loader(CoreState& core) noexcept;
/// Ends what a realm knows of its modules; its context is gone.
void forget_modules(Realm* realm) noexcept;

/// Runs the oldest job, if any; tells whether there was one.
Result<bool> execute_job(CoreState& core);

/// A whole file's bytes; the error says why not, without the file's name.
Result<std::string> read_file(const std::filesystem::path& path);

/// What is done to instances of native classes (src/class/).
JSValue call_instance(JSContext* ctx, JSValueConst instance, JSValueConst this_value, int argc,
                      JSValueConst* argv, int flags) noexcept;
JSClassExoticMethods* exotic_methods() noexcept;
/// Ends what a realm has of native classes; its context is gone.
void forget_classes(Realm* realm) noexcept;

/// `entered` after a runtime has been left: the one before, unless that is being destroyed.
Core* reentered(Core* previous) noexcept;

}  // namespace quip::detail

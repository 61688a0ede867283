// How long things live. Every handle points to its realm, every realm to its core; a core is one
// JSRuntime with all that quip keeps about it, and it lives until the Runtime that owns it and
// the last handle are gone. docs/design/lifetime.md tells why it is built this way.
#pragma once

#include <quip/engine/engine.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace quip {
class Tracer;
}  // namespace quip

namespace quip::detail {

class Core;
class ModuleTable;
struct Payload;
struct RealmClass;

// Variables of these headers that the whole process has once are visible to native modules, also
// when the rest of a program or a module is compiled with hidden visibility.

/// The runtime whose lock this thread holds and whose scripts it may run now: the innermost one
/// entered. One comparison with it answers "may I touch this value here?".
[[gnu::visibility("default")]] inline constinit thread_local Core* entered = nullptr;

/// One JSContext, as long as anybody may ask for it: the engine, a Context, or a handle.
struct Realm {
  JSContext* context = nullptr;
  Core* core = nullptr;
  std::size_t handles = 0;    ///< handles and Contexts in C++
  bool pinned = false;        ///< whether we own a counted reference to the context
  bool in_engine = false;     ///< whether the engine still has the context
  bool has_transfer = false;  ///< whether Intrinsic::array_buffer_transfer is the engine's own
  JSValue token{};  ///< borrowed: a hidden function of the context; who holds and marks it
                    ///< keeps the context alive and collectable (see Payload)
  JSValue* intrinsics =
      nullptr;  ///< borrowed from the token; null before the first (see Intrinsic)
  unsigned char* shapes = nullptr;  ///< how often each record type was made here (see RecordWriter)
  std::size_t shape_count = 0;
  RealmClass** classes = nullptr;  ///< native classes by their process-wide number (see class/)
  std::size_t class_count = 0;
  ModuleTable* modules = nullptr;  ///< its modules; null before the first (see src/module/)
  Core* owner = nullptr;  ///< the core; `core` is `no_core` once the context ended under handles
  std::atomic<std::size_t> contexts = 0;  ///< Contexts among the handles
  std::size_t traced = 0;          ///< handles that payloads own; while garbage is looked for
  bool has_foreign_owner = false;  ///< whether some of these payloads are of other realms
  std::uint32_t lacks = 0;         ///< parts of the standard library (see core/custom_context.hpp)
  Payload* data = nullptr;  ///< the user's data; null before the first (see core/user_data.hpp)
  Realm* previous = nullptr;
  Realm* next = nullptr;
};

/// An object in use by a call from C++ into the engine. A callback may drop the last handle to the
/// very object that is being called; the core then keeps that reference until it may go.
struct InUse {
  void* object;
  InUse* outer;
};
[[gnu::visibility("default")]] inline constinit thread_local InUse* in_use = nullptr;

/// What quip knows about one JSRuntime: the part that inlined code touches. The rest is
/// CoreState in src/core/.
class Core {
 public:
  JSRuntime* runtime = nullptr;
  std::uintptr_t stack_limit = 0;  ///< native functions that go deeper throw
  JSAtom* keys = nullptr;          ///< atoms of literal keys by their process-wide number
  std::size_t key_count = 0;
  JSAtom** names = nullptr;  ///< atoms of fixed lists of names by their process-wide number
  std::size_t name_count = 0;
  JSClassID function_class = 0;  ///< callable, its payload a Callable
  JSClassID origin_class = 0;    ///< carries the C++ exception that an Error object came from
  bool closing = false;          ///< the Runtime is destroyed: no script will run any more
  int looks = 0;                 ///< Looks on the stack of the thread that holds the lock
  bool is_borrowed = false;      ///< others own the runtime and run its scripts (core/raw.hpp)
  JSClassID iterator_class = 0;  ///< iterators over C++ ranges, their payload a NativeIterator
  JSClassID iterable_class = 0;  ///< C++ ranges that are iterated anew, a NativeIterable
  JSClassID async_iterator_class = 0;  ///< coroutines that yield, a NativeAsyncIterator
  // Instances of native classes, their payload an Instance: there are as many ids as there are ways
  // for an object to behave, because engines have few ids, and hand them out once for ever.
  JSClassID instance_class = 0;         ///< as any object
  JSClassID callable_class = 0;         ///< with a call operator
  JSClassID exotic_class = 0;           ///< with properties that C++ answers for
  JSClassID exotic_callable_class = 0;  ///< both

  /// Takes the lock and makes this the runtime that the thread may use. False when no script may
  /// run: the runtime is closed, or further up this stack the engine is collecting garbage or a
  /// Look is alive.
  bool enter(Core*& previous) noexcept;
  void leave(Core* previous) noexcept;
  /// The atom of a literal key that has no number in this core yet; 0 with a pending exception.
  JSAtom intern(JSContext* ctx, std::size_t number, const char* text, std::size_t length) noexcept;

  constexpr Core() = default;
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;
};

/// Where empty handles are: a realm of a core that nobody ever enters, so that the test whether a
/// thread may use a handle's realm refuses them too.
[[gnu::visibility("default")]] inline constinit Core no_core;
[[gnu::visibility("default")]] inline constinit Realm nowhere{.core = &no_core, .pinned = true};

/// A C++ object that JavaScript owns. Its core knows all of them, so that they are destroyed
/// with the runtime even when a cycle through C++ keeps their JS objects alive.
struct Payload {
  Payload() = default;
  Payload(const Payload&) = delete;
  Payload& operator=(const Payload&) = delete;
  virtual ~Payload() = default;
  /// Shows the tracer each handle that this object owns, once. Runs no script, changes nothing.
  virtual void trace(Tracer&) const noexcept {}
  /// The JS object is gone, or its runtime.
  virtual void destroy() noexcept { delete this; }

  Core* core = nullptr;
  Realm* realm = &nowhere;  ///< until an object owns it, nobody's
  JSValue object{};         ///< borrowed: the JS object whose opaque pointer this is
  /// Owned: keeps the realm's context alive (see Realm::token). Undefined for a payload that needs
  /// no context; null when its end runs nothing of the user's besides.
  JSValue token = engine::undefined();
  std::uint32_t first_visit = 0;  ///< what `trace` showed, while the engine collects garbage
  std::uint32_t visit_count = 0;
  Payload** place = nullptr;  ///< what points to this one in the core's list
  Payload* next = nullptr;
};

/// A payload that a script can call: the C++ callable behind a JS function. Its class is
/// Core::function_class, and calls of the JS function end in `invoke`: `flags` are the engine's,
/// with JS_CALL_FLAG_CONSTRUCTOR `this_value` is new.target.
struct Callable : Payload {
  using Invoke = JSValue (*)(Callable* self, JSValueConst this_value, int argc, JSValueConst* argv,
                             int flags) noexcept;
  explicit Callable(Invoke function) noexcept : invoke(function) {}
  Invoke invoke;
  int number = 0;  ///< of its name, for errors (see function_number)
};

/// Memory of C++'s that is the data of an ArrayBuffer. Destroying it gives it back; its core knows
/// all of it by the address, because engines tell no more than that when they let go of it.
struct Memory {
  Memory() = default;
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  virtual ~Memory() = default;

  void* data = nullptr;
  std::size_t size = 0;       ///< in bytes
  bool is_exclusive = false;  ///< nobody else has it: it may go to another runtime, and its thread
};

/// Makes a JS object of one of the core's classes that owns the payload; takes the payload over
/// in any case. Returns the object, or an exception.
JSValue own(Realm* realm, JSClassID class_id, Payload* payload) noexcept;
/// The same for an object that was just made, with a prototype of its own; it may be an exception.
JSValue own_object(Realm* realm, JSValue object, Payload* payload) noexcept;

void pin(Realm* realm) noexcept;

/// How many runtimes of others quip was ever let into (see core/raw.hpp): what the opaque pointers
/// of their contexts mean is their owners' business.
[[gnu::visibility("default")]] inline constinit std::atomic<std::size_t> foreign_runtimes = 0;
/// The realm of a context when there are such runtimes; `nowhere` in one that quip has left.
Realm* find_realm(JSContext* ctx) noexcept;

/// The realm of a context that the engine hands to a callback, made safe to make handles in: a
/// context whose owner is gone but whose functions still run must not die under a new handle.
inline Realm* realm_of(JSContext* ctx) noexcept {
  Realm* realm = foreign_runtimes.load(std::memory_order_relaxed) == 0
                     ? static_cast<Realm*>(::JS_GetContextOpaque(ctx))
                     : find_realm(ctx);
  if (!realm->pinned) [[unlikely]]
    pin(realm);
  return realm;
}

// The paths of a thread that has not entered the runtime, and the rare ends of the others.
void retain_outside(Realm* realm, JSValueConst value) noexcept;
void release_outside(Realm* realm, JSValue value, JSAtom atom) noexcept;
void last_handle_gone(Realm* realm) noexcept;
/// A Context is being destroyed; its handle still is there.
void context_gone(Realm* realm) noexcept;
bool hand_over(Core* core, JSValueConst value) noexcept;

/// Makes a second reference for a second handle.
inline void retain(Realm* realm, JSValueConst value) noexcept {
  if (entered == realm->core) [[likely]] {
    (void)engine::duplicate(realm->context, value);
    ++realm->handles;
  } else {
    retain_outside(realm, value);
  }
}

/// Gives up the reference of a handle that dies. On a thread that does not hold the runtime's
/// lock it waits for nobody: the reference is dropped when the lock is next released.
inline void release(Realm* realm, JSValue value) noexcept {
  Core* core = realm->core;
  if (entered == core) [[likely]] {
    if (engine::is_counted(value)) {
      if (in_use == nullptr || !hand_over(core, value)) [[likely]] {
        ::JS_FreeValueRT(core->runtime, value);
      }
    }
    if (--realm->handles == 0) [[unlikely]]
      last_handle_gone(realm);
  } else {
    release_outside(realm, value, 0);
  }
}

/// The right to touch a runtime, for one scope. Inside `Context::with` and callbacks it costs a
/// comparison; elsewhere it takes the lock, and re-arms the stack limit of this thread.
class Entry {
 public:
  explicit Entry(const Realm* realm) noexcept {
    if (entered != realm->core) [[unlikely]] {
      open(realm->core);
    }
  }
  explicit Entry(Core* core) noexcept {
    if (entered != core) open(core);
  }
  Entry(const Entry&) = delete;
  Entry& operator=(const Entry&) = delete;
  ~Entry() {
    if (state_ == State::outermost) [[unlikely]]
      core_->leave(previous_);
  }
  /// False when no script may run; `refusal` tells why.
  explicit operator bool() const noexcept { return state_ != State::refused; }

 private:
  enum class State : unsigned char { inside, outermost, refused };
  void open(Core* core) noexcept {
    core_ = core;
    state_ = core->enter(previous_) ? State::outermost : State::refused;
  }
  Core* core_ = nullptr;
  Core* previous_ = nullptr;
  State state_ = State::inside;
};

/// Does something with an object in the engine, and keeps the object alive meanwhile. `work` must
/// not throw.
template <class Work>
[[gnu::always_inline]] inline auto keeping_alive(JSValueConst object, const Work& work) noexcept {
  InUse use{engine::get_pointer(object), in_use};
  in_use = &use;
  const auto result = work();
  in_use = use.outer;
  return result;
}

/// Keeps an object alive in a scope that may also end by an exception, as keeping_alive does. (A
/// getter may drop the last handle to the very value that is being converted.)
class KeptAlive {
 public:
  explicit KeptAlive(JSValueConst value) noexcept
      : KeptAlive(engine::is_object(value) ? engine::get_pointer(value) : nullptr) {}
  /// Of what is known to be an object, by its address.
  explicit KeptAlive(void* object) noexcept : use_{object, in_use} { in_use = &use_; }
  KeptAlive(const KeptAlive&) = delete;
  KeptAlive& operator=(const KeptAlive&) = delete;
  ~KeptAlive() { in_use = use_.outer; }

 private:
  InUse use_;
};

/// A scope of a thread that has entered the runtime, in which it runs no script: what scripts could
/// move or free stays where it is. The thread is outside of the runtime meanwhile and cannot
/// enter it. Handles may be dropped; an object that must not go with them needs a KeptAlive.
class Look {
 public:
  explicit Look(Core* core) noexcept : core_(core) {
    ++core->looks;
    entered = nullptr;
  }
  Look(const Look&) = delete;
  Look& operator=(const Look&) = delete;
  ~Look() {
    --core_->looks;
    entered = core_->closing ? nullptr : core_;
  }

 private:
  Core* core_;
};

// A build that traces handles (the CMake option QUIP_TRACE_HANDLES) remembers where each living one
// was made, by its address; see diagnostics/handles.hpp. Other builds pay nothing for it.
class Handle;
#if defined(QUIP_TRACE_HANDLES)
inline constexpr bool traces_handles = true;
#else
inline constexpr bool traces_handles = false;
#endif
void handle_made(const Handle* handle) noexcept;
void handle_gone(const Handle* handle) noexcept;
/// What was made for the one is the other's from here on.
void handle_moved(const Handle* from, const Handle* to) noexcept;
void handles_swapped(const Handle* one, const Handle* other) noexcept;

/// The part of every handle that owns: a counted reference to one JS value, and the realm that it
/// is used in. Empty after default construction and after a move.
class Handle {
 public:
  Handle() noexcept : value_(engine::undefined()) {}
  /// Takes over a reference. The calling thread must have entered the runtime.
  Handle(Realm* realm, JSValue owned) noexcept : realm_(realm), value_(owned) {
    ++realm->handles;
    if constexpr (traces_handles) handle_made(this);
  }
  Handle(const Handle& other) noexcept : realm_(other.realm_), value_(other.value_) {
    if (realm_ == &nowhere) return;
    retain(realm_, value_);
    if constexpr (traces_handles) handle_made(this);
  }
  Handle(Handle&& other) noexcept
      : realm_(std::exchange(other.realm_, &nowhere)), value_(other.value_) {
    other.value_ = engine::undefined();
    if constexpr (traces_handles) handle_moved(&other, this);
  }
  Handle& operator=(const Handle& other) noexcept {
    Handle copy(other);
    swap(copy);
    return *this;
  }
  Handle& operator=(Handle&& other) noexcept {
    if (this == &other) return *this;
    Realm* replaced = std::exchange(realm_, std::exchange(other.realm_, &nowhere));
    JSValue value = std::exchange(value_, std::exchange(other.value_, engine::undefined()));
    if constexpr (traces_handles) handle_moved(&other, this);
    if (replaced != &nowhere) release(replaced, value);
    return *this;
  }
  // most handles that end were moved from: that much is to be seen where they end
  [[gnu::always_inline]] ~Handle() {
    if (realm_ == &nowhere) return;
    if constexpr (traces_handles) handle_gone(this);
    release(realm_, value_);
  }
  void swap(Handle& other) noexcept {
    std::swap(realm_, other.realm_);
    std::swap(value_, other.value_);
    if constexpr (traces_handles) handles_swapped(this, &other);
  }

  /// Takes over a reference, as the constructor does. The handle is empty.
  void take_over(Realm* realm, JSValue owned) noexcept {
    realm_ = realm;
    value_ = owned;
    ++realm->handles;
    if constexpr (traces_handles) handle_made(this);
  }
  /// Gives the reference up and leaves the handle empty.
  void clear() noexcept {
    Realm* realm = std::exchange(realm_, &nowhere);
    JSValue value = std::exchange(value_, engine::undefined());
    if constexpr (traces_handles) handle_gone(this);
    if (realm != &nowhere) release(realm, value);
  }

  /// True for a handle of nothing.
  [[nodiscard]] bool empty() const noexcept { return realm_ == &nowhere; }
  [[nodiscard]] Realm* realm() const noexcept { return realm_; }
  [[nodiscard]] JSValueConst get() const noexcept { return value_; }
  /// Gives the reference away and leaves the handle empty. The thread must have entered.
  JSValue take() noexcept {
    Realm* realm = std::exchange(realm_, &nowhere);
    JSValue value = value_;
    value_ = engine::undefined();
    if constexpr (traces_handles) handle_gone(this);
    if (realm != &nowhere && --realm->handles == 0) last_handle_gone(realm);
    return value;
  }

  /// Empties the handle without giving its reference up: the collector took that already. (So the
  /// members are mutable: whatever owns the handle is garbage, but it may call it constant.)
  void lose() const noexcept {
    Realm* realm = std::exchange(realm_, &nowhere);
    value_ = engine::undefined();
    if constexpr (traces_handles) handle_gone(this);
    if (--realm->handles == 0) last_handle_gone(realm);
  }

 private:
  mutable Realm* realm_ = &nowhere;
  mutable JSValue value_;
};

}  // namespace quip::detail

#include "../async/scheduler.hpp"
#include "core_state.hpp"
#include "numbered_table.hpp"
#include "stack.hpp"
#include <quip/convert/trace.hpp>
#include <quip/core/intrinsic.hpp>
#include <quip/core/lifetime.hpp>
#include <quip/value/atom.hpp>
#include <quip/value/string.hpp>

#include <algorithm>
#include <atomic>
#include <functional>
#include <limits>
#include <new>

namespace quip::detail {

Core* reentered(Core* previous) noexcept {
  return previous != nullptr && CoreState::of(previous).closing ? nullptr : previous;
}

CoreState::NoScript::NoScript(CoreState& core) noexcept : core_(core), previous_(entered) {
  ++core_.collecting;
  entered = nullptr;
}
CoreState::NoScript::~NoScript() {
  --core_.collecting;
  entered = reentered(previous_);
}

// ---- entering and leaving ----------------------------------------------------------------------

bool Core::enter(Core*& previous) noexcept {
  if (this == &no_core) {
    return false;
  }
  auto& core = CoreState::of(this);
  core.lock.lock();
  if (core.closing || core.collecting > 0 || core.looks > 0) {
    // other threads may have deferred references while the lock was held
    ++core.depth;
    core.end();
    return false;
  }
  if (core.depth++ == 0) core.arm_stack();
  previous = entered;
  entered = this;
  return true;
}

void Core::leave(Core* previous) noexcept {
  auto& core = CoreState::of(this);
  if (core.depth == 1) {
    core.forget_stops();
    // A host that runs no jobs is told now and then; one that does is told by its loop.
    constexpr std::size_t most_untold = 1000;
    if (core.rejections->size() > most_untold && !::JS_IsJobPending(runtime)) [[unlikely]] {
      core.report_rejections();
    }
  }
  entered = reentered(previous);
  core.end();
}

void CoreState::begin() noexcept {
  lock.lock();
  ++depth;
}

void CoreState::end() noexcept {
  if (depth > 1) {
    --depth;
    lock.unlock();
    return;
  }
  for (;;) {
    tidy();
    if (closing && !closed) finish_close();
    if (scheduler != nullptr && !closing) scheduler->left();
    // A thread that finds the lock taken defers under deferred_lock. Released under it too, the
    // lock cannot be given up between that thread's look and what it then leaves behind.
    std::unique_lock guard(deferred_lock);
    if (!deferred.empty()) continue;
    const bool last = closed && !has_handles() && (scheduler == nullptr || scheduler->pins == 0);
    --depth;
    lock.unlock();
    if (!last) return;
    guard.unlock();
    delete this;
    return;
  }
}

/// The engine counts its stack limit from where it is told, so it is told once, at the outermost
/// entry of each thread; told at nested entries it would never see the stack end.
void CoreState::arm_stack() noexcept {
  // what native code below the last check of the engine may need
  constexpr std::size_t margin = std::size_t{96} << 10;
  constexpr std::size_t least = std::size_t{16} << 10;
  const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
  std::size_t size = stack_size;
  const std::uintptr_t end = stack_end();
  // a fiber's stack lies elsewhere and its size is its owner's business
  if (end != 0 && here > end && here - end < (std::uintptr_t{1} << 30)) {
    const std::size_t room = here - end;
    size = std::min(size, room > margin + least ? room - margin : least);
  }
  if (size != armed_stack_size) {
    ::JS_SetMaxStackSize(runtime, size);
    armed_stack_size = size;
  }
  ::JS_UpdateStackTop(runtime);
  // Native code stops before the engine does: what it has begun, the engine can still finish, and
  // the error for a value that is nested too deeply is ours wherever it is met.
  constexpr std::size_t reserve = std::size_t{16} << 10;
  stack_limit = here - size + std::min(reserve, size / 8);
}

/// What had to wait until nothing runs.
void CoreState::tidy() noexcept {
  drop_unused();
  for (;;) {
    std::vector<GivenUp> references;
    {
      const std::scoped_lock guard(deferred_lock);
      references.swap(deferred);
    }
    if (references.empty()) break;
    for (const GivenUp& reference : references) drop(reference);
  }
  if (collecting == 0) {
    while (ended != nullptr) delete std::exchange(ended, ended->next);
  }
  if (closing || !(idle || orphaned.load(std::memory_order_relaxed))) return;
  // A pending job holds its context without a reference in some engines: contexts wait for it.
  if (::JS_IsJobPending(runtime)) return;
  if (orphaned.exchange(false)) collect(true);
  idle = false;
  hold_contexts_longest();
  unpin([](const Realm& realm) { return realm.handles == 0; });
}

// ---- references --------------------------------------------------------------------------------

namespace {
bool is_in_use(JSValueConst value) noexcept {
  for (const InUse* use = in_use; use != nullptr; use = use->outer) {
    if (use->object == engine::get_pointer(value)) {
      return true;
    }
  }
  return false;
}
}  // namespace

bool hand_over(Core* core, JSValueConst value) noexcept {
  return engine::is_object(value) && is_in_use(value) && CoreState::of(core).keep_used(value);
}

bool CoreState::keep_used(JSValueConst value) noexcept {
  drop_unused();
  // One reference keeps the object: however often it is handed over, there is no second.
  for (const JSValue& kept : used) {
    if (engine::get_pointer(kept) == engine::get_pointer(value)) {
      return false;
    }
  }
  try {
    used.push_back(engine::take_ownership(value));
  } catch (const std::bad_alloc&) {
    // Freed now it would be used after; never freed it would trip the engine's own count at the
    // end. Rather lose the whole heap then.
    is_abandoned = true;
  }
  return true;
}

void CoreState::drop_unused() noexcept {
  for (std::size_t i = 0; i < used.size();) {
    if (is_in_use(used[i])) {
      ++i;
      continue;
    }
    JSValue value = used[i];
    used.erase(used.begin() + static_cast<std::ptrdiff_t>(i));
    ::JS_FreeValueRT(runtime, value);  // may call a destructor of the user's, and come back here
    i = 0;
  }
}

void last_handle_gone(Realm* realm) noexcept {
  auto& core = CoreState::of(realm->owner);
  if (realm->in_engine) {
    core.idle = true;
  } else {
    core.forget(realm);
  }
}

void context_gone(Realm* realm) noexcept {
  if (realm->contexts.fetch_sub(1, std::memory_order_relaxed) == 1) {
    CoreState::of(realm->owner).orphaned.store(true, std::memory_order_relaxed);
  }
}

void pin(Realm* realm) noexcept {
  ::JS_DupContext(realm->context);
  realm->pinned = true;
  CoreState::of(realm->core).idle = true;
}

void CoreState::drop(const GivenUp& reference) noexcept {
  if (reference.atom != 0 && !closed) ::JS_FreeAtomRT(runtime, reference.atom);
  if (engine::is_counted(reference.value) &&
      (in_use == nullptr || !hand_over(this, reference.value))) {
    ::JS_FreeValueRT(runtime, reference.value);
  }
  if (--reference.realm->handles == 0) last_handle_gone(reference.realm);
}

void retain_outside(Realm* realm, JSValueConst value) noexcept {
  auto& core = CoreState::of(realm->owner);
  core.begin();
  if (core.is_tracing) {
    ++core.copies;  // the collector is counting references: this one must not last
  } else {
    (void)::JS_DupValueRT(core.runtime, value);
  }
  ++realm->handles;
  core.end();
}

void retain_atom(Realm* realm, JSAtom atom) noexcept {
  auto& core = CoreState::of(realm->owner);
  core.begin();
  if (core.is_tracing) {
    ++core.copies;
  } else if (!core.closed) {
    // of a closed core's atoms nobody counts references: they go with the heap
    ::JS_DupAtom(realm->context, atom);
  }
  ++realm->handles;
  core.end();
}

void release_outside(Realm* realm, JSValue value, JSAtom atom) noexcept {
  auto& core = CoreState::of(realm->owner);
  const GivenUp reference{realm, value, atom};
  {
    const std::scoped_lock guard(core.deferred_lock);
    if (!core.lock.try_lock()) {
      try {
        core.deferred.push_back(reference);
        return;
      } catch (const std::bad_alloc&) {
        // no memory to defer it: wait below
      }
      core.lock.lock();
    }
  }
  ++core.depth;
  if (core.is_tracing) [[unlikely]] {
    core.drop_while_tracing(reference);
  } else {
    core.drop(reference);
  }
  core.end();
}

// ---- payloads ----------------------------------------------------------------------------------

/// The end of a payload that runs what the user wrote, or may refer to other values.
void CoreState::finalize_users(Payload* payload) noexcept {
  engine::release(runtime, payload->token);
  payload->token = engine::undefined();
  give_up_visits(*payload);
  untie(payload);
  // destructors are the user's: whatever they try, no script runs inside the collector
  const NoScript no_script(*this);
  payload->destroy();
}

JSValue own(Realm* realm, JSClassID class_id, Payload* payload) noexcept {
  return own_object(realm, engine::new_object(realm->context, class_id), payload);
}

JSValue own_object(Realm* realm, JSValue object, Payload* payload) noexcept {
  if (engine::is_exception(object)) [[unlikely]] {
    // an exception is pending: its destructor runs no script either
    const CoreState::NoScript no_script(CoreState::of(realm->core));
    payload->destroy();
  } else {
    CoreState::of(realm->core).link(payload, realm, object, true);
  }
  return object;
}

// ---- realms ------------------------------------------------------------------------------------

namespace {
/// See ascii_offset.
void learn_ascii_offset(JSContext* ctx) noexcept {
  if (ascii_offset.load(std::memory_order_relaxed) >= 0) {
    return;
  }
  JSValue sample = ::JS_NewStringLen(ctx, "sample", 6);
  const char* text = engine::is_exception(sample) ? nullptr : ::JS_ToCString(ctx, sample);
  if (text != nullptr) {
    const std::ptrdiff_t offset = text - static_cast<const char*>(engine::get_pointer(sample));
    // an engine that copies would have its text anywhere
    constexpr std::ptrdiff_t furthest_header = 64;
    if (offset > 0 && offset < furthest_header) {
      ascii_offset.store(offset, std::memory_order_relaxed);
    }
    ::JS_FreeCString(ctx, text);
  }
  ::JS_FreeValue(ctx, sample);
}
}  // namespace

Realm* CoreState::adopt(JSContext* ctx) noexcept {
  if (!engine::learn_kinds()) {
    ::JS_FreeContext(ctx);
    return nullptr;
  }
  learn_ascii_offset(ctx);
  auto* realm = new (std::nothrow) Realm;
  // The token is a function because functions hold their realm, and the collector knows it. The
  // object that it carries is freed with it and tells us that the context has ended.
  constexpr auto nothing = [](JSContext*, JSValueConst, int, JSValueConst*) -> JSValue {
    return engine::undefined();
  };
  JSValue token = ::JS_NewCFunction(ctx, nothing, "", 0);
  JSValue witness = ::JS_NewObjectProtoClass(ctx, engine::null(), realm_class);
  JSValue function_prototype = engine::function_prototype(ctx);
  if (!engine::is_object(anchor)) {
    anchor = ::JS_NewObjectProtoClass(ctx, engine::null(), anchor_class);
  }
  if (origin_key == 0) {
    JSValue symbol = engine::new_symbol(ctx, "quip.origin");
    if (!engine::is_exception(symbol)) origin_key = ::JS_ValueToAtom(ctx, symbol);
    ::JS_FreeValue(ctx, symbol);
  }
  if (realm == nullptr || engine::is_exception(token) || engine::is_exception(witness) ||
      engine::is_exception(function_prototype) || !engine::is_object(anchor) || origin_key == 0 ||
      !engine::define(ctx, token, origin_key, ::JS_DupValue(ctx, witness), 0)) {
    ::JS_FreeValue(ctx, function_prototype);
    ::JS_FreeValue(ctx, witness);
    ::JS_FreeValue(ctx, token);
    delete realm;
    ::JS_FreeContext(ctx);
    return nullptr;
  }
  realm->context = ctx;
  realm->core = this;
  realm->owner = this;
  realm->pinned = true;
  realm->in_engine = true;
  realm->token = token;
  realm->next = realms;
  if (realms != nullptr) realms->previous = realm;
  realms = realm;
  ::JS_SetOpaque(witness, realm);
  ::JS_FreeValue(ctx, witness);
  // the context owns these from here on
  ::JS_SetClassProto(ctx, realm_class, token);
  ::JS_SetClassProto(ctx, function_class, function_prototype);
  ::JS_SetContextOpaque(ctx, realm);
  // Scripts have not run yet: what makes all symbols is the engine's own, for good. (Short memory
  // is no failure here; it is found at its first use then.)
  if (engine::is_exception(intrinsic(realm, Intrinsic::symbol))) {
    engine::release(ctx, ::JS_GetException(ctx));
  }
  // The same of `then`, where the engine has no function for it; a bare context has no promises.
  if (!engine::has_promise_then &&
      engine::is_exception(intrinsic(realm, Intrinsic::promise_then))) {
    engine::release(ctx, ::JS_GetException(ctx));
  }
  return realm;
}

void CoreState::forget(Realm* realm) noexcept {
  realm->in_engine = false;
  realm->context = nullptr;
  delete[] std::exchange(realm->intrinsics, nullptr);
  delete[] std::exchange(realm->shapes, nullptr);
  realm->shape_count = 0;
  forget_classes(realm);
  forget_modules(realm);
  if (realm->handles > 0) {
    // handles that nothing can be done with any more
    if (!closing) realm->core = &no_core;
    return;
  }
  (realm->previous != nullptr ? realm->previous->next : realms) = realm->next;
  if (realm->next != nullptr) realm->next->previous = realm->previous;
  // What ends together with its context may still look at it, and finds that it is gone.
  realm->core = &no_core;
  realm->next = ended;
  ended = realm;
}

bool CoreState::has_handles() const noexcept {
  for (const Realm* realm = realms; realm != nullptr; realm = realm->next) {
    if (realm->handles > 0) return true;
  }
  return false;
}

// ---- the core's beginning and end --------------------------------------------------------------

void CoreState::close() noexcept {
  lock.lock();
  closing = true;
  ++depth;
  if (entered == this) entered = nullptr;
  end();  // finishes now, or when the outermost entry up the stack ends
}

void CoreState::finish_close() noexcept {
  closed = true;
  const NoScript no_script(*this);
  // first of all what runs: coroutines end while all that they hold is there
  if (scheduler != nullptr) scheduler->close();
  // C++ objects first: what they hold of the heap goes with them, and no cycle through them stays
  while (payloads != nullptr) {
    Payload* payload = payloads;
    payloads = payload->next;  // as unlink does, which the analyzer does not follow
    if (payloads != nullptr) payloads->place = &payloads;
    ::JS_SetOpaque(payload->object, nullptr);
    ::JS_FreeValueRT(runtime, payload->token);
    payload->destroy();
  }
  instances.clear();
  // Memory too: no script will look at it any more, and who waits for it need not wait for the
  // last handle. What gives it back may hold handles itself. The engine's own news that it has let
  // go finds nothing then.
  while (!memories.empty()) memories.extract(memories.begin());
  resolver = {};
  loader = {};
  import_meta = nullptr;
  drop_handlers();
  exception_maps = nullptr;
  for (std::size_t i = 0; i < key_count; ++i) {
    if (keys[i] != 0) ::JS_FreeAtomRT(runtime, keys[i]);
  }
  key_count = 0;
  for (std::size_t i = 0; i < name_count; ++i) {
    for (const JSAtom* atom = names[i]; atom != nullptr && *atom != 0; ++atom) {
      ::JS_FreeAtomRT(runtime, *atom);
    }
    delete[] names[i];
  }
  name_count = 0;
  if (origin_key != 0) ::JS_FreeAtomRT(runtime, origin_key);
  origin_key = 0;
  ::JS_FreeValueRT(runtime, std::exchange(anchor, engine::undefined()));
  hold_contexts_longest();
  unpin([](const Realm&) { return true; });
  // what only handles hold stays; the rest of the heap goes now
  if (has_handles()) ::JS_RunGC(runtime);
}

CoreState::CoreState() = default;

CoreState::~CoreState() {
  if (runtime != nullptr && !is_abandoned) {
    const NoScript no_script(*this);
    ::JS_FreeRuntime(runtime);
  }
  while (ended != nullptr) delete std::exchange(ended, ended->next);
  delete[] keys;
  delete[] names;
}

// ---- keys --------------------------------------------------------------------------------------

std::size_t number_key(std::atomic<std::size_t>& number) noexcept {
  static std::atomic<std::size_t> last{0};
  std::size_t known = number.load(std::memory_order_relaxed);
  if (known == 0) {
    const std::size_t fresh = ++last;
    // of two threads that meet the key first, one wins; the other's number stays unused
    known = number.compare_exchange_strong(known, fresh) ? fresh : known;
  }
  return known;
}

JSAtom Core::intern(JSContext* ctx, std::size_t number, const char* text,
                    std::size_t length) noexcept {
  if (!make_room(keys, key_count, number, 64)) {
    ::JS_ThrowOutOfMemory(ctx);
    return 0;
  }
  return keys[number] = engine::new_atom(ctx, text, length);
}

}  // namespace quip::detail

namespace quip {

void Tracer::add(const detail::Handle& handle) noexcept {
  core_.visit(
      {&handle, handle.realm(), engine::take_ownership(handle.get()), detail::Visit::Kind::handle});
}
void Tracer::add_context(const detail::Handle& handle) noexcept {
  core_.visit({&handle, handle.realm(), engine::take_ownership(handle.get()),
               detail::Visit::Kind::context});
}
void Tracer::add(const Atom& atom) noexcept {
  core_.visit({&atom, atom.realm(), engine::int32(static_cast<std::int32_t>(atom.raw())),
               detail::Visit::Kind::atom});
}

}  // namespace quip

#include "core_state.hpp"
#include "foreign.hpp"
#include <quip/core/raw.hpp>
#include <quip/engine/intrinsics.hpp>

#include <map>
#include <mutex>
#include <new>
#include <unordered_map>
#include <utility>

namespace quip {

namespace detail {

namespace {

/// The runtimes of the process, and memory that was left in those that quip has left.
struct Runtimes {
  std::mutex lock;
  std::unordered_map<JSRuntime*, CoreState*> cores;
  std::multimap<std::pair<JSRuntime*, void*>, std::unique_ptr<Memory>> memories;
};
Runtimes& runtimes() {
  // never destroyed: runtimes may end after this
  static auto* all = new Runtimes;
  return *all;
}

}  // namespace

void remember_runtime(CoreState& core) {
  Runtimes& all = runtimes();
  const std::scoped_lock guard(all.lock);
  all.cores[core.runtime] = &core;
}

void forget_runtime(const CoreState& core) noexcept {
  Runtimes& all = runtimes();
  const std::scoped_lock guard(all.lock);
  // by its core: the engine of a borrowed one may be gone, and its address another's
  std::erase_if(all.cores, [&](const auto& known) { return known.second == &core; });
}

CoreState* core_of(JSRuntime* rt) noexcept {
  if (entered != nullptr && entered->runtime == rt) return &CoreState::of(entered);
  Runtimes& all = runtimes();
  const std::scoped_lock guard(all.lock);
  const auto found = all.cores.find(rt);
  return found == all.cores.end() ? nullptr : found->second;
}

Realm* find_realm(JSContext* ctx) noexcept {
  CoreState* core = core_of(::JS_GetRuntime(ctx));
  if (core == nullptr || (core->is_borrowed && core->closed)) return &nowhere;
  if (!core->is_foreign) return static_cast<Realm*>(::JS_GetContextOpaque(ctx));
  // also while the runtime is being left inside of a callback, which ends in its realm yet
  if (Realm* known = core->realm_with(ctx)) return known;
  const Entry entry(core);
  if (!entry) return &nowhere;
  // another context of theirs, whose script came to us
  Realm* met = core->adopt(::JS_DupContext(ctx));
  if (met == nullptr) {
    // no memory: any realm of the runtime serves better than none
    return core->realms == nullptr || !core->realms->in_engine ? &nowhere : core->realms;
  }
  met->lacks = engine::parts_available & ~engine::parts_of(ctx);
  core->idle = true;
  return met;
}

// ---- what stays when quip leaves ---------------------------------------------------------------

void leave_memory(JSRuntime* rt, std::unique_ptr<Memory> memory) noexcept {
  Runtimes& all = runtimes();
  const std::scoped_lock guard(all.lock);
  try {
    void* data = memory->data;
    all.memories.emplace(std::pair(rt, data), std::move(memory));
  } catch (const std::bad_alloc&) {
    // rather lost than given back while scripts can see it
    (void)memory.release();  // NOLINT(bugprone-unused-return-value)
  }
}

void* resize_left_memory(JSRuntime* rt, void* data, std::size_t size) noexcept {
  Runtimes& all = runtimes();
  std::unique_ptr<Memory>
      ended;  // gives the memory back, which is the user's code, without the lock
  const std::scoped_lock guard(all.lock);
  const auto found = all.memories.find(std::pair(rt, data));
  if (found == all.memories.end()) return nullptr;
  if (size != 0) return size <= found->second->size ? data : nullptr;
  ended = std::move(found->second);
  all.memories.erase(found);
  return nullptr;
}

JSValue throw_left(JSContext* ctx) noexcept {
  return ::JS_ThrowTypeError(ctx, "the C++ of this function is gone: quip has left the runtime");
}

/// Takes the hidden objects back by which contexts know their realms. Nothing runs, and no handle
/// is left.
void CoreState::leave_borrowed() noexcept {
  for (Realm* realm = realms; realm != nullptr;) {
    if (!realm->in_engine) {
      realm = realm->next;
      continue;
    }
    // the token goes with it, and tells that the realm has ended
    ::JS_SetClassProto(realm->context, realm_class, engine::null());
    if (realm->in_engine) forget(realm);  // somebody else has the token
    realm = realms;
  }
}

// ---- what is the owner's -----------------------------------------------------------------------

void CoreState::check_interrupts() const {
  if (takes_interrupts) return;
  throw Error::plain(
      "the runtime is borrowed, and its interrupt handler is its owner's: nothing could stop a "
      "script. Borrow it with raw::Leave{.interrupts = true}");
}
void CoreState::check_rejections() const {
  if (takes_rejections) return;
  throw Error::plain(
      "the runtime is borrowed, and its rejection tracker is its owner's: borrow it with "
      "raw::Leave{.rejections = true}");
}
std::optional<Error> CoreState::modules_refusal() const {
  if (takes_modules) return std::nullopt;
  return Error::plain("the runtime is borrowed, and its modules are its owner's");
}

Core* known_core(JSContext* ctx) noexcept {
  return ctx == nullptr ? nullptr : core_of(::JS_GetRuntime(ctx));
}
Error unknown_context() {
  return Error::plain(
      "quip does not know the runtime of this JSContext (any more): see raw::borrow");
}
JSValue throw_unknown(JSContext* ctx) noexcept {
  return ::JS_ThrowTypeError(ctx, "%s", "quip does not know this runtime (any more)");
}

}  // namespace detail

namespace raw {

namespace {

Error no_memory() { return Error::from(std::make_exception_ptr(std::bad_alloc())); }

Result<Runtime> open(JSRuntime* rt, bool is_borrowed, Leave leave) {
  if (rt == nullptr) return Error::type("the JSRuntime is null");
  if (const detail::CoreState* known = detail::core_of(rt)) {
    return Error::plain(!known->is_foreign ? "the JSRuntime is quip's own"
                        : known->closing   ? "handles of an earlier borrowing are still alive"
                                           : "the JSRuntime is borrowed or adopted already");
  }
  if (std::string wrong = detail::library_mismatch(rt); !wrong.empty()) {
    return Error::plain(std::move(wrong));
  }
  auto* core = new (std::nothrow) detail::CoreState;
  if (core == nullptr) return no_memory();
  core->runtime = rt;
  core->is_foreign = true;
  core->is_borrowed = true;  // until it is there: nobody else frees it then
  core->takes_interrupts = !is_borrowed || leave.interrupts;
  core->takes_rejections = !is_borrowed || leave.rejections;
  core->takes_modules = !is_borrowed;
  core->stack_size = RuntimeOptions().stack_size;
  core->home = std::this_thread::get_id();
  Runtime runtime(core);
  try {
    detail::remember_runtime(*core);
  } catch (const std::bad_alloc&) {
    return no_memory();
  }
  detail::foreign_runtimes.fetch_add(1, std::memory_order_relaxed);
  if (!core->set_up()) return no_memory();
  core->is_borrowed = is_borrowed;
  return runtime;
}

Result<Context> take(const Runtime& runtime, JSContext* ctx, bool is_owned) {
  if (ctx == nullptr) return Error::type("the JSContext is null");
  if (runtime.core() == nullptr) return RuntimeGone();
  auto& core = detail::CoreState::of(runtime.core());
  const detail::Entry entry(&core);
  if (!entry) return RuntimeGone();
  if (::JS_GetRuntime(ctx) != core.runtime) {
    return Error::type("the JSContext is of another JSRuntime");
  }
  detail::Realm* realm = core.realm_with(ctx);
  if (realm != nullptr) {
    if (!realm->pinned) detail::pin(realm);
    Context context(detail::Handle(realm, engine::undefined()));
    if (is_owned) ::JS_FreeContext(ctx);
    return context;
  }
  if (!core.is_foreign) return Error::type("quip did not make this JSContext, but its JSRuntime");
  // a reference of its own: the caller's stays when that fails
  realm = core.adopt(::JS_DupContext(ctx));
  if (realm == nullptr) return no_memory();
  realm->lacks = engine::parts_available & ~engine::parts_of(ctx);
  Context context(detail::Handle(realm, engine::undefined()));
  if (is_owned) ::JS_FreeContext(ctx);
  return context;
}

}  // namespace

Runtime borrow(JSRuntime* runtime, Leave leave) { return try_borrow(runtime, leave).value(); }
Result<Runtime> try_borrow(JSRuntime* runtime, Leave leave) { return open(runtime, true, leave); }

Context borrow(const Runtime& runtime, JSContext* context) {
  return try_borrow(runtime, context).value();
}
Result<Context> try_borrow(const Runtime& runtime, JSContext* context) {
  return take(runtime, context, false);
}

Borrowed borrow(JSContext* context, Leave leave) { return try_borrow(context, leave).value(); }
Result<Borrowed> try_borrow(JSContext* context, Leave leave) {
  if (context == nullptr) return Error::type("the JSContext is null");
  Result<Runtime> runtime = open(::JS_GetRuntime(context), true, leave);
  if (!runtime) return std::move(runtime).error();
  Result<Context> taken = take(*runtime, context, false);
  if (!taken) return std::move(taken).error();
  return Borrowed{*std::move(runtime), *std::move(taken)};
}

Runtime adopt(JSRuntime* runtime) { return try_adopt(runtime).value(); }
Result<Runtime> try_adopt(JSRuntime* runtime) { return open(runtime, false, {}); }
Context adopt(const Runtime& runtime, JSContext* context) {
  return try_adopt(runtime, context).value();
}
Result<Context> try_adopt(const Runtime& runtime, JSContext* context) {
  return take(runtime, context, true);
}

}  // namespace raw

}  // namespace quip

#include "../value/shared_memory.hpp"
#include "core_state.hpp"
#include "foreign.hpp"
#include <quip/core/runtime.hpp>

#include <mutex>
#include <new>

namespace quip {

using detail::Work;

/// The first runtime of the process looks whether header and library belong together.
std::string detail::library_mismatch(JSRuntime* rt) {
  static std::mutex lock;
  static bool looked = false;
  static std::string found;
  const std::scoped_lock guard(lock);
  if (!looked) {
    JSContext* ctx = ::JS_NewContextRaw(rt);
    if (ctx != nullptr) {
      found = engine::mismatch(ctx);
      if (found.empty()) ::JS_FreeContext(ctx);
      looked = true;
    }
  }
  return found;
}

namespace {

Result<void> check_stack_size(std::size_t bytes) {
  if (bytes == 0) {
    return Error::range("stack_size is 0: scripts need a stack, give its size in bytes");
  }
  return {};
}

}  // namespace

/// A job may destroy the Runtime that it runs in; the core lives until the entry ends.
Result<bool> detail::execute_job(CoreState& core) {
  std::optional<detail::Entry> entry;  // the loop has entered it for all of its jobs
  if (entered != &core && !entry.emplace(&core)) return RuntimeGone();
  if (!::JS_IsJobPending(core.runtime)) return false;
  if (core.awaiting_evaluations > 0) {
    return Error::plain(
        "no job can run while a module that may await is being evaluated further up this stack");
  }
  if (core.limits->has_any()) {
    if (std::optional<Error> stop = core.stop_due()) return *std::move(stop);
  }
  // a throw that a script handled before leaves its stack behind
  for (detail::Realm* realm = core.realms; realm != nullptr; realm = realm->next) {
    if (realm->in_engine) {
      engine::release(core.runtime, engine::take_backtrace(realm->context));
    }
  }
  const detail::TurnLimit turn(core);
  JSContext* unreliable = nullptr;  // may be gone by the time it is returned
  const int outcome = ::JS_ExecutePendingJob(core.runtime, &unreliable);
  if (outcome >= 0) {
    // stopped, but an engine made a promise's rejection of that
    if (std::optional<Error> stop = core.take_stop()) return *std::move(stop);
    return outcome > 0;
  }
  // the exception is the runtime's; any context of it can fetch it
  for (detail::Realm* realm = core.realms; realm != nullptr; realm = realm->next) {
    if (realm->in_engine) {
      if (!realm->pinned) detail::pin(realm);
      return detail::caught(realm);
    }
  }
  return Error::plain("a job failed in a context that is gone");
}

Runtime::Runtime(RuntimeOptions options) : Runtime(try_make(std::move(options)).value()) {}

Result<Runtime> Runtime::try_make(RuntimeOptions options) {
  if (Result<void> checked = check_stack_size(options.stack_size); !checked) {
    return std::move(checked).error();
  }
  const Error no_memory = Error::from(std::make_exception_ptr(std::bad_alloc()));
  auto* core = new (std::nothrow) detail::CoreState;
  if (core == nullptr) return no_memory;
  Runtime runtime(core);  // its destructor closes what there is
  core->heap = detail::Heap::make(std::move(options.allocator));
  if (core->heap == nullptr) return no_memory;
  core->runtime = core->heap->new_runtime();
  if (core->runtime == nullptr) return no_memory;
  ::JS_SetRuntimeOpaque(core->runtime, static_cast<detail::Core*>(core));
  if (std::string wrong = detail::library_mismatch(core->runtime); !wrong.empty()) {
    core->runtime = nullptr;  // nothing of this library can be trusted to free it
    return Error::plain(std::move(wrong));
  }
  try {
    detail::remember_runtime(*core);
  } catch (const std::bad_alloc&) {
    return no_memory;
  }
  if (!core->set_up()) return no_memory;
  detail::share_memory(*core);
  core->stack_size = options.stack_size;
  ::JS_SetGCThreshold(core->runtime, options.gc_threshold);
  if (!options.info.empty()) runtime.set_info(std::move(options.info));
  core->memory_limit = options.memory_limit;
  core->soft_memory_limit = options.soft_memory_limit;
  core->limit_memory();
  if (core->memory_limit != 0 &&
      static_cast<std::size_t>(runtime.memory_usage().malloc_size) > core->memory_limit) {
    return no_memory;
  }
  return runtime;
}

Runtime::Runtime(Runtime&& other) noexcept : core_(std::exchange(other.core_, nullptr)) {}

Runtime& Runtime::operator=(Runtime&& other) noexcept {
  Runtime moved(std::move(other));
  std::swap(core_, moved.core_);
  return *this;
}

Runtime::~Runtime() {
  if (core_ != nullptr) detail::CoreState::of(core_).close();
}

detail::Core* Runtime::owned_core() const {
  if (core_ == nullptr) {
    throw RuntimeGone();
  }
  return core_;
}

std::string Runtime::engine() { return engine::version(); }

void Runtime::set_stack_size(std::size_t bytes) {
  check_stack_size(bytes).value();
  // takes effect at the next outermost entry
  const Work work(owned_core());
  if (work->is_borrowed) {
    throw Error::plain("the runtime is borrowed, and its stack limit is its owner's");
  }
  work->stack_size = bytes;
}

void Runtime::set_gc_threshold(std::size_t bytes) {
  const Work work(owned_core());
  ::JS_SetGCThreshold(work->runtime, bytes);
}

void Runtime::set_info(std::string info) {
  const Work work(owned_core());
  // the engine keeps the pointer
  work->info = std::move(info);
  ::JS_SetRuntimeInfo(work->runtime, work->info.c_str());
}

void Runtime::set_can_block(bool can_block) {
  const Work work(owned_core());
  ::JS_SetCanBlock(work->runtime, can_block);
}

void Runtime::run_gc() {
  const Work work(owned_core());
  work->collect(false);
}

bool Runtime::is_job_pending() const {
  const Work work(owned_core());
  return ::JS_IsJobPending(work->runtime) != 0;
}

Result<bool> Runtime::try_execute_pending_job() {
  if (core_ == nullptr) {
    return RuntimeGone();
  }
  return detail::execute_job(detail::CoreState::of(core_));
}

void Runtime::add_exception_map(detail::ExceptionMap map) {
  const Work work(owned_core());
  // one may be added by another that is being asked
  auto maps = std::make_shared<std::vector<detail::ExceptionMap>>();
  maps->push_back(std::move(map));
  if (work->exception_maps != nullptr) {
    maps->insert(maps->end(), work->exception_maps->begin(), work->exception_maps->end());
  }
  work->exception_maps = std::move(maps);
}

void Runtime::set_loader(Resolver resolver, Loader loader) {
  const Work work(owned_core());
  if (const std::optional<Error> refused = work->modules_refusal()) refused->raise();
  // dropped when nothing else can go wrong: what they are made of may run code of the user's
  std::swap(work->resolver, resolver);
  std::swap(work->loader, loader);
}

void Runtime::set_import_meta(ImportMetaHook hook) {
  const Work work(owned_core());
  std::swap(work->import_meta, hook);
}

bool Runtime::has_import_attributes() noexcept { return engine::has_import_attributes; }

}  // namespace quip

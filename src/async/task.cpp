#include "../core/core_state.hpp"
#include "scheduler.hpp"
#include "settle.hpp"
#include <quip/async/task.hpp>
#include <quip/class/cell.hpp>
#include <quip/core/custom_context.hpp>

#include <array>

namespace quip::detail {

void KeptCall::keep(const NativeCall& call) {
  keep(call.ctx, call.this_value);
  for (int i = 0; i < call.argc; ++i) keep(call.ctx, call.argv[i]);
  if (call.callable != nullptr) {
    function_.take_over(realm_of(call.ctx), engine::duplicate(call.ctx, call.callable->object));
  }
}

/// An instance of a native class: the call may have a reference to its C++ object.
void KeptCall::keep(JSContext* ctx, JSValueConst value) {
  if (!engine::is_object(value)) return;
  Cell* cell = cell_in(value);
  if (cell == nullptr) return;
  Handle kept(realm_of(ctx), engine::duplicate(ctx, value));
  // what is ready can be used by anybody at any time: nobody takes it away
  if (cell->ready != nullptr && dynamic_cast<PartCell*>(cell) == nullptr) {
    values_.push_back(std::move(kept));
  } else {
    used_.emplace_back(std::move(kept), cell);
    ++cell->uses;
  }
}

void KeptCall::keep_beyond_runtime() {
  const auto share = [this](const Handle& value) {
    Cell* cell = cell_in(value.get());
    if (cell == nullptr) return;
    if (std::shared_ptr<void> object = cell->share(value.realm())) {
      objects_.push_back(std::move(object));
    }
  };
  share(function_);
  for (const Handle& value : values_) share(value);
  for (const Used& used : used_) share(used.value);
}

void KeptCall::trace(Tracer& tracer) const noexcept {
  if (!function_.empty()) tracer(function_);
  for (const Handle& value : values_) tracer(value);
}

KeptCall::~KeptCall() {
  if (used_.empty()) return;
  const Core* core = used_.front().value.realm()->core;
  const Entry entry(used_.front().value.realm());
  // When it ends, nobody counts. (Refused while garbage is collected, this thread has the lock.)
  if (!entry && (core == &no_core || core->closing)) return;
  for (const Used& used : used_) --used.cell->uses;
}

JSValue PromisedRoot::start(JSContext* ctx, PromisedRoot* root, const NativeCall* call) noexcept {
  std::unique_ptr<PromisedRoot> owned(root);
  Realm* realm = realm_of(ctx);
  if (!has_part(realm, engine::Part::promise)) return engine::exception();
  std::array<JSValue, 2> functions{};
  JSValue promise = ::JS_NewPromiseCapability(ctx, functions.data());
  if (engine::is_exception(promise)) return promise;
  root->resolve_.take_over(realm, functions[0]);
  root->reject_.take_over(realm, functions[1]);
  JSValue failed = engine::undefined();
  if (call != nullptr) {
    failed = contained(ctx, [&]() -> JSValue {
      root->kept_.keep(*call);
      return engine::undefined();
    });
  }
  if (engine::is_exception(failed)) {
    engine::release(ctx, promise);
    return failed;
  }
  run_frames(owned.release()->frame());
  return promise;
}

void PromisedRoot::settle(JSValue value) noexcept {
  JSContext* ctx = context();
  const bool is_rejected = engine::is_exception(value);
  if (is_rejected) value = ::JS_GetException(ctx);
  call_settler(ctx, is_rejected ? reject_ : resolve_, value);
}

}  // namespace quip::detail

#include "../core/core_state.hpp"
#include "scheduler.hpp"
#include <quip/async/task.hpp>
#include <quip/class/cell.hpp>

#include <array>

namespace quip::detail {

/// An instance of a native class: the call may have a reference to its C++ object.
void PromisedRoot::keep(JSContext* ctx, JSValueConst value) {
  Cell* cell = cell_in(value);
  if (cell == nullptr) return;
  kept_.emplace_back(realm_of(ctx), engine::duplicate(ctx, value));
  ++cell->uses;  // nobody may take the C++ object away meanwhile
}

PromisedRoot::~PromisedRoot() {
  for (const Handle& value : kept_) {
    if (Cell* cell = cell_in(value.get())) --cell->uses;
  }
}

JSValue PromisedRoot::start(JSContext* ctx, PromisedRoot* root, const NativeCall* call) noexcept {
  std::unique_ptr<PromisedRoot> owned(root);
  Realm* realm = realm_of(ctx);
  std::array<JSValue, 2> functions{};
  JSValue promise = ::JS_NewPromiseCapability(ctx, functions.data());
  if (engine::is_exception(promise)) return promise;
  root->resolve_ = Handle(realm, functions[0]);
  root->reject_ = Handle(realm, functions[1]);
  JSValue failed = engine::undefined();
  if (call != nullptr) {
    failed = contained(ctx, [&]() -> JSValue {
      root->keep(ctx, call->this_value);
      for (int i = 0; i < call->argc; ++i) root->keep(ctx, call->argv[i]);
      if (call->callable != nullptr) {
        root->kept_.emplace_back(realm, engine::duplicate(ctx, call->callable->object));
      }
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
  const Handle& function = is_rejected ? reject_ : resolve_;
  JSValueConst argument = value;
  JSValue ignored = engine::call(ctx, function.get(), engine::undefined(), 1, &argument);
  // only short memory can make it fail, and then the promise stays pending
  engine::release(ctx, engine::is_exception(ignored) ? ::JS_GetException(ctx) : ignored);
  engine::release(ctx, value);
}

}  // namespace quip::detail

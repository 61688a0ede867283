#include "../core/core_state.hpp"
#include "scheduler.hpp"
#include "settle.hpp"
#include <quip/async/deferred.hpp>

#include <array>

namespace quip::detail {

Settler::Settler(Realm* realm)
    : core_(realm->core), operation_(std::in_place, Mailbox::of(realm->core)) {
  std::array<JSValue, 2> functions{};
  JSValue promise = ::JS_NewPromiseCapability(realm->context, functions.data());
  if (engine::is_exception(promise)) caught(realm).raise();
  promise_ = Handle(realm, promise);
  resolve_ = Handle(realm, functions[0]);
  reject_ = Handle(realm, functions[1]);
}
Settler::~Settler() = default;

void Settler::finish(JSValue value) noexcept {
  // a script that is asked for `then` may drop the last Deferred
  const std::shared_ptr<Settler> keep = shared_from_this();
  JSContext* ctx = context();
  const bool is_rejected = engine::is_exception(value);
  if (is_rejected) value = ::JS_GetException(ctx);
  const Handle function = std::move(is_rejected ? reject_ : resolve_);
  call_settler(ctx, function, value);
  resolve_ = Handle();
  reject_ = Handle();
  operation_.reset();
}

Promisor::~Promisor() {
  if (!settler->claim()) return;
  try {
    settler->settle([to = settler.get()] {
      return throw_error(to->context(),
                         Error::plain("the promise was given up: what was to settle it is gone"));
    });
  } catch (...) {
    // no memory to say it: the promise stays pending
  }
}

}  // namespace quip::detail

#include "../core/core_state.hpp"
#include "scheduler.hpp"
#include "settle.hpp"
#include <quip/async/deferred.hpp>
#include <quip/core/custom_context.hpp>

#include <array>

namespace quip::detail {

Settler::Made Settler::make(Realm* realm) {
  if (!has_part(realm, engine::Part::promise)) caught(realm).raise();
  std::array<JSValue, 2> functions{};
  JSValue promise = ::JS_NewPromiseCapability(realm->context, functions.data());
  if (engine::is_exception(promise)) caught(realm).raise();
  return {promise, functions[0], functions[1]};
}
Settler::Settler(Realm* realm, const Made& made)
    : core_(realm->core),
      promise_(realm, made.promise),
      unsettled_{Handle(realm, made.resolve), Handle(realm, made.reject),
                 Operation(Mailbox::of(realm->core))} {}

Settler::~Settler() {
  if (is_claimed_) return;
  auto give_up = [](JSContext* ctx) {
    return throw_error(ctx,
                       Error::plain("the promise was given up: what was to settle it is gone"));
  };
  try {
    if (entered == core_) {
      unsettled_.settle(give_up);
    } else {
      const std::shared_ptr<Mailbox> mailbox = unsettled_.operation.mailbox();
      mailbox->post([rest = std::move(unsettled_), give_up]() mutable { rest.settle(give_up); });
    }
  } catch (...) {
    // no memory to say it: the promise stays pending
  }
}

void Settler::Unsettled::settle_with(JSValue value) noexcept {
  JSContext* ctx = resolve.realm()->context;
  const bool is_rejected = engine::is_exception(value);
  if (is_rejected) value = ::JS_GetException(ctx);
  call_settler(ctx, is_rejected ? reject : resolve, value);
  resolve.clear();
  reject.clear();
  operation.end();
}

}  // namespace quip::detail

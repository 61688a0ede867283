#include <quip/async/promise.hpp>

namespace quip {

Result<PromiseState> Promise::try_state() const {
  detail::Realm* realm = handle().realm();
  detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  switch (static_cast<int>(::JS_PromiseState(realm->context, engine::take_ownership(raw())))) {
    case JS_PROMISE_PENDING:
      return PromiseState::pending;
    case JS_PROMISE_FULFILLED:
      return PromiseState::fulfilled;
    default:
      return PromiseState::rejected;
  }
}

Result<Value> Promise::try_settled() const {
  Result<PromiseState> state = try_state();
  if (!state) return std::move(state).error();
  if (*state == PromiseState::pending) {
    return Error::plain("the promise is pending: it has no result before Runtime::run settles it");
  }
  detail::Realm* realm = handle().realm();
  detail::Entry entry(realm);
  JSValue result = ::JS_PromiseResult(realm->context, engine::take_ownership(raw()));
  if (*state == PromiseState::fulfilled) return detail::from_owned<Value>(realm, result);
  ::JS_Throw(realm->context, result);
  return detail::caught(realm);
}

}  // namespace quip

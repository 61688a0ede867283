#include <quip/value/iterator.hpp>

#include <string>

namespace quip::detail {

namespace {

/// `value[Symbol.iterator]`; owned, or an exception.
JSValue iterator_method(JSContext* ctx, JSValueConst value) noexcept {
  return engine::get_property(ctx, value, engine::atom_of(engine::WellKnown::iterator));
}

bool is_nullish(JSValueConst value) noexcept {
  return engine::is_undefined(value) || engine::is_null(value);
}

}  // namespace

Result<IteratorRecord> IteratorRecord::open(ValueRef iterable) {
  JSContext* ctx = iterable.context();
  Realm* realm = realm_of(ctx);
  // a getter may drop what it is read from
  const Handle keep(realm, engine::duplicate(ctx, iterable.raw()));
  if (is_nullish(keep.get())) {
    return Error::conversion("an iterable", describe(iterable));
  }
  JSValue found = iterator_method(ctx, keep.get());
  if (engine::is_exception(found)) {
    return caught(realm);
  }
  const Handle method(realm, found);
  if (!engine::is_function(ctx, method.get())) {
    return Error::conversion("an iterable", describe(iterable));
  }
  JSValue made = engine::call(ctx, method.get(), keep.get(), 0, nullptr);
  if (engine::is_exception(made)) {
    return caught(realm);
  }
  const Handle iterator(realm, made);
  if (!engine::is_object(made)) {
    return Error::type("[Symbol.iterator]() gave no object");
  }
  return direct(ValueRef(ctx, iterator.get()));
}

Result<IteratorRecord> IteratorRecord::direct(ValueRef iterator) {
  JSContext* ctx = iterator.context();
  Realm* realm = realm_of(ctx);
  Handle keep(realm, engine::duplicate(ctx, iterator.raw()));
  const JSAtom key = Key<"next">::atom(realm);
  JSValue next = key == 0 ? engine::exception() : engine::get_property(ctx, keep.get(), key);
  if (engine::is_exception(next)) {
    return caught(realm);
  }
  return IteratorRecord(std::move(keep), Handle(realm, next));
}

Result<bool> IteratorRecord::step(JSValue& element) {
  if (done_) {
    return false;
  }
  Realm* realm = iterator_.realm();
  JSContext* ctx = realm->context;
  const JSAtom done_key = Key<"done">::atom(realm);
  const JSAtom value_key = Key<"value">::atom(realm);
  JSValue outcome = done_key == 0 || value_key == 0
                        ? engine::exception()
                        : engine::call(ctx, next_.get(), iterator_.get(), 0, nullptr);
  // an iterator that failed or ended by itself is not asked to `return`
  const Handle result(realm, outcome);
  JSValue done = engine::is_object(outcome) ? engine::get_property(ctx, outcome, done_key)
                                            : engine::exception();
  if (engine::is_exception(done)) {
    done_ = true;
    return engine::is_exception(outcome) || engine::is_object(outcome)
               ? caught(realm)
               : Error::type("the iterator's next() gave no object");
  }
  const bool is_done = ::JS_ToBool(ctx, done) != 0;
  engine::release(ctx, done);
  if (is_done) {
    done_ = true;
    return false;
  }
  element = engine::get_property(ctx, outcome, value_key);
  if (engine::is_exception(element)) {
    done_ = true;
    return caught(realm);
  }
  ++count_;
  return true;
}

bool IteratorRecord::call_return() const noexcept {
  const Handle iterator(iterator_);
  Realm* realm = iterator.realm();
  JSContext* ctx = realm->context;
  const JSAtom key = Key<"return">::atom(realm);
  JSValue found = key == 0 ? engine::exception() : engine::get_property(ctx, iterator.get(), key);
  if (engine::is_exception(found)) {
    return false;
  }
  const Handle method(realm, found);
  if (is_nullish(found)) {
    return true;
  }
  JSValue result = engine::call(ctx, method.get(), iterator.get(), 0, nullptr);
  if (engine::is_exception(result)) {
    return false;
  }
  const bool is_object = engine::is_object(result);
  engine::release(ctx, result);
  if (!is_object) {
    ::JS_ThrowTypeError(ctx, "the iterator's return() gave no object");
  }
  return is_object;
}

Result<void> IteratorRecord::close() {
  Realm* realm = iterator_.realm();
  const Entry entry(realm);
  if (!entry) {
    return refusal(realm);
  }
  if (!std::exchange(done_, true) && !call_return()) {
    return caught(realm);
  }
  return {};
}

void IteratorRecord::close_quietly() noexcept {
  if (std::exchange(done_, true)) {
    return;
  }
  Realm* realm = iterator_.realm();
  const Entry entry(realm);
  if (!entry) {
    return;
  }
  JSContext* ctx = realm->context;
  const bool is_pending = ::JS_HasException(ctx);
  JSValue pending = is_pending ? ::JS_GetException(ctx) : engine::undefined();
  if (!call_return()) {
    engine::release(ctx, ::JS_GetException(ctx));
  }
  if (is_pending) {
    ::JS_Throw(ctx, pending);
  }
}

Result<bool> is_iterable(ValueRef value) {
  if (!engine::is_object(value.raw())) {
    return false;
  }
  JSContext* ctx = value.context();
  Realm* realm = realm_of(ctx);
  const Handle keep(realm, engine::duplicate(ctx, value.raw()));
  JSValue method = iterator_method(ctx, keep.get());
  if (engine::is_exception(method)) {
    return caught(realm);
  }
  const bool is_callable = engine::is_function(ctx, method);
  engine::release(ctx, method);
  return is_callable;
}

Error too_many_elements(ValueRef iterable, std::size_t most) {
  return Error::out_of_range("an iterable of at most " + std::to_string(most) + " elements",
                             describe(iterable));
}

}  // namespace quip::detail

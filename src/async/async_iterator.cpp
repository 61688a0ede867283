#include <quip/async/async_iterator.hpp>
#include <quip/value/atom.hpp>

namespace quip::detail {

namespace {

bool is_nullish(JSValueConst value) noexcept {
  return engine::is_undefined(value) || engine::is_null(value);
}

/// What a script's method gave, as a promise. Throws nothing.
Result<std::optional<Promise<>>> as_promise(Handle given) {
  Result<Value> made = try_as_promise(Value(std::move(given)));
  if (!made) return std::move(made).error();
  return std::optional(Promise<>(Handle(made->handle())));
}

}  // namespace

Result<std::shared_ptr<AsyncIteratorRecord>> AsyncIteratorRecord::open(ValueRef iterable) {
  JSContext* ctx = iterable.context();
  Realm* realm = realm_of(ctx);
  // a getter may drop what it is read from
  const Handle keep(realm, engine::duplicate(ctx, iterable.raw()));
  if (is_nullish(keep.get())) return Error::conversion("an async iterable", describe(iterable));
  JSValue found =
      engine::get_property(ctx, keep.get(), engine::atom_of(engine::WellKnown::async_iterator));
  if (engine::is_exception(found)) return caught(realm);
  const Handle method(realm, found);
  if (is_nullish(found)) {
    Result<IteratorRecord> sync = IteratorRecord::open(iterable);
    if (!sync) {
      if (sync.error().kind() == ErrorKind::conversion) {
        return Error::conversion("an async iterable", describe(iterable));
      }
      return std::move(sync).error();
    }
    return std::make_shared<AsyncIteratorRecord>(*std::move(sync));
  }
  if (!engine::is_function(ctx, found)) {
    return Error::conversion("an async iterable", describe(iterable));
  }
  JSValue made = engine::call(ctx, method.get(), keep.get(), 0, nullptr);
  if (engine::is_exception(made)) return caught(realm);
  Handle iterator(realm, made);
  if (!engine::is_object(made)) return Error::type("[Symbol.asyncIterator]() gave no object");
  const JSAtom key = Key<"next">::atom(realm);
  JSValue next = key == 0 ? engine::exception() : engine::get_property(ctx, made, key);
  if (engine::is_exception(next)) return caught(realm);
  return std::make_shared<AsyncIteratorRecord>(std::move(iterator), Handle(realm, next));
}

Result<std::optional<Promise<>>> AsyncIteratorRecord::ask() {
  const Entry entry(realm());
  if (!entry) return refusal(realm());
  if (done_) return std::optional<Promise<>>();
  if (!sync_) {
    Realm* realm = iterator_.realm();
    JSContext* ctx = realm->context;
    const Handle iterator(iterator_);
    JSValue given = engine::call(ctx, next_.get(), iterator.get(), 0, nullptr);
    if (engine::is_exception(given)) {
      done_ = true;
      return caught(realm);
    }
    auto promise = as_promise(Handle(realm, given));
    done_ = done_ || !promise;
    return promise;
  }
  JSValue element = engine::undefined();
  const Result<bool> more = sync_->step(element);
  if (!more || !*more) {
    done_ = true;
    if (!more) return more.error();
    return std::optional<Promise<>>();
  }
  auto promise = as_promise(Handle(sync_->realm(), element));
  if (!promise) return failed(std::move(promise).error()).error();
  return promise;
}

/// A sync iterator whose element cannot be had is closed (ECMA-262 27.1.6.4).
Result<std::optional<Value>> AsyncIteratorRecord::failed(Error error) noexcept {
  if (!std::exchange(done_, true) && sync_) sync_->close_quietly();
  return error;
}

Result<std::optional<Value>> AsyncIteratorRecord::take(Result<Value> answer) {
  const Entry entry(realm());
  if (!entry) return refusal(realm());
  if (!answer) return failed(std::move(answer).error());
  if (sync_) {
    ++count_;
    return std::optional(*std::move(answer));
  }
  const Handle result(answer->handle());
  Realm* realm = result.realm();
  JSContext* ctx = realm->context;
  if (!engine::is_object(result.get())) {
    return failed(Error::type("the async iterator's next() gave no object"));
  }
  const JSAtom done_key = Key<"done">::atom(realm);
  const JSAtom value_key = Key<"value">::atom(realm);
  JSValue done = done_key == 0 || value_key == 0
                     ? engine::exception()
                     : engine::get_property(ctx, result.get(), done_key);
  if (engine::is_exception(done)) return failed(caught(realm));
  const bool is_done = ::JS_ToBool(ctx, done) != 0;
  engine::release(ctx, done);
  if (is_done) {
    done_ = true;
    return std::optional<Value>();
  }
  JSValue value = engine::get_property(ctx, result.get(), value_key);
  if (engine::is_exception(value)) return failed(caught(realm));
  ++count_;
  return std::optional(Value(Handle(realm, value)));
}

Result<std::optional<Promise<>>> AsyncIteratorRecord::close() {
  const Entry entry(realm());
  if (!entry) return refusal(realm());
  if (std::exchange(done_, true)) return std::optional<Promise<>>();
  if (sync_) {
    if (Result<void> closed = sync_->close(); !closed) return std::move(closed).error();
    return std::optional<Promise<>>();
  }
  const Handle iterator(iterator_);
  Realm* realm = iterator.realm();
  JSContext* ctx = realm->context;
  const JSAtom key = Key<"return">::atom(realm);
  JSValue found = key == 0 ? engine::exception() : engine::get_property(ctx, iterator.get(), key);
  if (engine::is_exception(found)) return caught(realm);
  const Handle method(realm, found);
  if (is_nullish(found)) return std::optional<Promise<>>();
  JSValue given = engine::call(ctx, method.get(), iterator.get(), 0, nullptr);
  if (engine::is_exception(given)) return caught(realm);
  return as_promise(Handle(realm, given));
}

Result<void> AsyncIteratorRecord::closed(const Result<Value>& answer) {
  if (!answer) return answer.error();
  if (!answer->is_object()) return Error::type("the async iterator's return() gave no object");
  return {};
}

AsyncIteratorRecord::~AsyncIteratorRecord() {
  if (done_ || sync_) return;  // a sync one closes by itself
  const Entry entry(realm());
  if (!entry) return;
  JSContext* ctx = realm()->context;
  const bool is_pending = ::JS_HasException(ctx);
  JSValue pending = is_pending ? ::JS_GetException(ctx) : engine::undefined();
  try {
    const Result<std::optional<Promise<>>> closing = close();
    if (closing) {
      if (const std::optional<Promise<>>& answer = *closing) answer->mark_handled();
    }
  } catch (...) {
    // short memory: nobody is told of it
  }
  if (is_pending) ::JS_Throw(ctx, pending);
}

}  // namespace quip::detail

#include "../core/foreign.hpp"
#include "native_iterator.hpp"
#include <quip/core/intrinsic.hpp>
#include <quip/value/atom.hpp>
#include <quip/value/iterable.hpp>

namespace quip::detail {

namespace {

/// Destroys what is iterated over: destructors are the user's, and may call scripts. A pending
/// exception stays so.
void finish(JSContext* ctx, NativeIterator& iterator) noexcept {
  const bool is_pending = ::JS_HasException(ctx);
  JSValue pending = is_pending ? ::JS_GetException(ctx) : engine::undefined();
  iterator.state = NativeIterator::State::running;
  iterator.drop();
  iterator.state = NativeIterator::State::ended;
  if (is_pending) {
    ::JS_Throw(ctx, pending);
  }
}

/// What `next` and `return` begin with: the iterator that is `this`, or null with a pending
/// exception.
NativeIterator* idle_iterator(Realm* realm, JSValueConst this_value) noexcept {
  auto* iterator = payload_of<NativeIterator>(this_value, realm->core->iterator_class);
  if (iterator == nullptr) {
    ::JS_ThrowTypeError(realm->context, "'this' is not an iterator of C++ values");
  } else if (iterator->state == NativeIterator::State::running) {
    ::JS_ThrowTypeError(realm->context, "the iterator is already running");
    iterator = nullptr;
  }
  return iterator;
}

/// True and an element or an exception; false at the end.
bool guarded_step(JSContext* ctx, NativeIterator& iterator, JSValue& element) noexcept {
  try {
    return iterator.step(ctx, element);
  } catch (...) {
    element = throw_current(ctx);
    return true;
  }
}

JSValue next(JSContext* ctx, JSValueConst this_value, int, JSValueConst*) noexcept {
  const CalledEntry entry(ctx);
  if (!entry) return throw_left(ctx);
  Realm* realm = realm_of(ctx);
  NativeIterator* iterator = idle_iterator(realm, this_value);
  if (iterator == nullptr) {
    return engine::exception();
  }
  if (iterator->state == NativeIterator::State::ended) {
    return iterator_result(realm, engine::undefined(), true);
  }
  // the script that the range calls may drop the iterator
  const Handle keep(realm, engine::duplicate(ctx, this_value));
  iterator->state = NativeIterator::State::running;
  JSValue element = engine::undefined();
  const bool has_element = guarded_step(iterator->realm->context, *iterator, element);
  if (!has_element || engine::is_exception(element)) {
    finish(ctx, *iterator);
    return has_element ? engine::exception() : iterator_result(realm, engine::undefined(), true);
  }
  iterator->state = NativeIterator::State::suspended;
  return iterator_result(realm, element, false);
}

JSValue end(JSContext* ctx, JSValueConst this_value, int argc, JSValueConst* argv) noexcept {
  const CalledEntry entry(ctx);
  if (!entry) return throw_left(ctx);
  Realm* realm = realm_of(ctx);
  NativeIterator* iterator = idle_iterator(realm, this_value);
  if (iterator == nullptr) {
    return engine::exception();
  }
  const Handle keep(realm, engine::duplicate(ctx, this_value));
  if (iterator->state != NativeIterator::State::ended) {
    finish(ctx, *iterator);
  }
  return iterator_result(realm, argc > 0 ? engine::duplicate(ctx, argv[0]) : engine::undefined(),
                         true);
}

JSValue iterate(JSContext* ctx, JSValueConst this_value, int, JSValueConst*) noexcept {
  const CalledEntry entry(ctx);
  if (!entry) return throw_left(ctx);
  Realm* realm = realm_of(ctx);
  auto* iterable = payload_of<NativeIterable>(this_value, realm->core->iterable_class);
  if (iterable == nullptr) {
    return ::JS_ThrowTypeError(ctx, "'this' is not an iterable of C++ values");
  }
  try {
    return iterable->iterate(ctx);
  } catch (...) {
    return throw_current(ctx);
  }
}

JSValue make_iterator_prototype(Realm* realm) noexcept {
  JSContext* ctx = realm->context;
  JSValue parent = intrinsic(realm, Intrinsic::iterator_prototype);
  if (engine::is_exception(parent)) {
    return parent;
  }
  // found through an array's iterator: a script that changed those may have led it astray
  if (!engine::is_object(parent)) {
    return ::JS_ThrowTypeError(ctx, "this context has no iterator prototype any more");
  }
  PrototypeBuilder builder(ctx, ::JS_NewObjectProto(ctx, parent));
  builder.method(Key<"next">::atom(realm), "next", &next);
  builder.method(Key<"return">::atom(realm), "return", &end);
  builder.tag("Native Iterator");
  return builder.finish();
}

JSValue make_iterable_prototype(Realm* realm) noexcept {
  JSContext* ctx = realm->context;
  PrototypeBuilder builder(ctx, ::JS_NewObject(ctx));
  builder.method(engine::atom_of(engine::WellKnown::iterator), "[Symbol.iterator]", &iterate);
  builder.tag("Native Iterable");
  return builder.finish();
}

}  // namespace

JSValue give_iterator(JSContext* ctx, std::unique_ptr<NativeIterator> iterator) noexcept {
  return give(ctx, realm_of(ctx)->core->iterator_class, &make_iterator_prototype,
              std::move(iterator));
}

JSValue give_iterable(JSContext* ctx, std::unique_ptr<NativeIterable> iterable) noexcept {
  return give(ctx, realm_of(ctx)->core->iterable_class, &make_iterable_prototype,
              std::move(iterable));
}

}  // namespace quip::detail

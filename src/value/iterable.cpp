#include <quip/core/intrinsic.hpp>
#include <quip/value/atom.hpp>
#include <quip/value/iterable.hpp>

namespace quip::detail {

namespace {

/// The payload of `this`; null for everything but an object of the class.
template <class P>
P* payload_of(JSValueConst this_value, JSClassID class_id) noexcept {
  return static_cast<P*>(static_cast<Payload*>(::JS_GetOpaque(this_value, class_id)));
}

/// `{ value, done }` (ECMA-262 7.4.14); takes the value over. Owned, or an exception.
JSValue iterator_result(Realm* realm, JSValue value, bool done) noexcept {
  JSContext* ctx = realm->context;
  const JSAtom value_key = Key<"value">::atom(realm);
  const JSAtom done_key = Key<"done">::atom(realm);
  JSValue result = value_key == 0 || done_key == 0 ? engine::exception() : ::JS_NewObject(ctx);
  if (engine::is_exception(result)) {
    engine::release(ctx, value);
    return result;
  }
  if (!engine::define(ctx, result, value_key, value) ||
      !engine::define(ctx, result, done_key, engine::boolean(done))) {
    engine::release(ctx, result);
    return engine::exception();
  }
  return result;
}

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

/// The properties of a prototype, one after the other until one fails.
class PrototypeBuilder {
 public:
  /// Takes the prototype over, which may be an exception.
  PrototypeBuilder(JSContext* ctx, JSValue prototype) noexcept : ctx_(ctx), prototype_(prototype) {}
  PrototypeBuilder(const PrototypeBuilder&) = delete;
  PrototypeBuilder& operator=(const PrototypeBuilder&) = delete;
  ~PrototypeBuilder() { engine::release(ctx_, prototype_); }
  void method(JSAtom key, const char* name, JSCFunction* function) noexcept {
    if (!engine::is_exception(prototype_)) {
      define(key, ::JS_NewCFunction(ctx_, function, name, 0),
             JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE);
    }
  }
  void tag(const char* name) noexcept {
    if (!engine::is_exception(prototype_)) {
      define(engine::atom_of(engine::WellKnown::to_string_tag), ::JS_NewString(ctx_, name),
             JS_PROP_CONFIGURABLE);
    }
  }
  JSValue finish() noexcept { return std::exchange(prototype_, engine::undefined()); }

 private:
  void define(JSAtom key, JSValue value, int flags) noexcept {
    if (key == 0 || engine::is_exception(value) ||
        !engine::define(ctx_, prototype_, key, value, flags)) {
      engine::release(ctx_, std::exchange(prototype_, engine::exception()));
    }
  }
  JSContext* ctx_;
  JSValue prototype_;
};

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

/// Makes the object; the class's prototype too, when it is the first in its context.
JSValue give(JSContext* ctx, JSClassID class_id, JSValue (*make_prototype)(Realm*) noexcept,
             std::unique_ptr<Payload> payload) noexcept {
  Realm* realm = realm_of(ctx);
  JSValue prototype = ::JS_GetClassProto(ctx, class_id);
  if (!engine::is_object(prototype)) {
    prototype = make_prototype(realm);
    if (engine::is_exception(prototype)) {
      return prototype;
    }
    ::JS_SetClassProto(ctx, class_id, engine::duplicate(ctx, prototype));
  }
  engine::release(ctx, prototype);
  return own(realm, class_id, payload.release());
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

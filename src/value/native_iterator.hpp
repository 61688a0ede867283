// What the JS objects of C++ iterators, sync and async, have in common: their prototypes, and
// what they return. Private to src/.
#pragma once

#include <quip/core/lifetime.hpp>
#include <quip/value/atom.hpp>

#include <memory>
#include <utility>

namespace quip::detail {

/// The payload of `this`; null for everything but an object of the class.
template <class P>
P* payload_of(JSValueConst this_value, JSClassID class_id) noexcept {
  return static_cast<P*>(static_cast<Payload*>(::JS_GetOpaque(this_value, class_id)));
}

/// `{ value, done }` (ECMA-262 7.4.14); takes the value over. Owned, or an exception.
inline JSValue iterator_result(Realm* realm, JSValue value, bool done) noexcept {
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
  /// One of several methods with one argument that a C function does; it is told which.
  void method(JSAtom key, const char* name, JSCFunctionMagic* function, int which) noexcept {
    if (!engine::is_exception(prototype_)) {
      define(key, ::JS_NewCFunctionMagic(ctx_, function, name, 1, JS_CFUNC_generic_magic, which),
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
    if (key == 0) {
      engine::release(ctx_, std::exchange(value, engine::exception()));
    }
    if (engine::is_exception(value) || !engine::define(ctx_, prototype_, key, value, flags)) {
      engine::release(ctx_, std::exchange(prototype_, engine::exception()));
    }
  }
  JSContext* ctx_;
  JSValue prototype_;
};

/// Makes the object; the class's prototype too, when it is the first in its context.
inline JSValue give(JSContext* ctx, JSClassID class_id, JSValue (*make_prototype)(Realm*) noexcept,
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

}  // namespace quip::detail

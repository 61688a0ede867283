#include <quip/function/constructor.hpp>

namespace quip::detail {

namespace {

/// What the objects of a call of `new` inherit from; owned, or an exception. (ECMA-262 10.1.14:
/// when it is no object, the realm's Object.prototype.)
JSValue prototype_of(const NativeCall& call) noexcept {
  const JSAtom key = Key<"prototype">::atom(realm_of(call.ctx));
  return key == 0 ? engine::exception() : engine::get_property(call.ctx, call.this_value, key);
}

JSValue new_object(JSContext* ctx, JSValueConst prototype) noexcept {
  return engine::is_object(prototype) ? ::JS_NewObjectProto(ctx, prototype) : ::JS_NewObject(ctx);
}

/// The object that is there or, if none, the one that was returned, with the prototype.
JSValue finish(JSContext* ctx, JSValue returned, JSValueConst prototype) noexcept {
  if (!engine::is_object(returned)) {
    engine::release(ctx, returned);
    return new_object(ctx, prototype);
  }
  if (engine::is_object(prototype) && ::JS_SetPrototype(ctx, returned, prototype) < 0) {
    engine::release(ctx, returned);
    return engine::exception();
  }
  return returned;
}

}  // namespace

JSValue construct_by(const NativeCall& call, bool fills, void* function,
                     JSValue (*invoke)(void* function, const NativeCall& call) noexcept) noexcept {
  JSContext* ctx = call.ctx;
  JSValue prototype = prototype_of(call);
  if (engine::is_exception(prototype)) return prototype;
  const JSValueConst new_target = call.this_value;
  NativeCall inner = call;
  inner.new_target = &new_target;
  JSValue made = engine::undefined();
  if (fills) {
    made = new_object(ctx, prototype);
    if (engine::is_exception(made)) {
      engine::release(ctx, prototype);
      return made;
    }
  }
  inner.this_value = made;
  JSValue returned = invoke(function, inner);
  if (engine::is_exception(returned) || (fills && engine::is_object(returned))) {
    engine::release(ctx, made);
  } else if (!fills) {
    returned = finish(ctx, returned, prototype);
  } else {
    engine::release(ctx, returned);
    returned = made;
  }
  engine::release(ctx, prototype);
  return returned;
}

JSValue make_constructor(JSContext* ctx, NativeFunction&& function) noexcept {
  Realm* realm = realm_of(ctx);
  JSValue made = make_native(ctx, std::move(function));
  if (engine::is_exception(made)) return made;
  const JSAtom prototype_key = Key<"prototype">::atom(realm);
  const JSAtom constructor_key = Key<"constructor">::atom(realm);
  JSValue prototype = ::JS_NewObject(ctx);
  // as of a function of JavaScript's own (ECMA-262 10.2.5)
  const bool linked =
      prototype_key != 0 && constructor_key != 0 && !engine::is_exception(prototype) &&
      engine::define(ctx, prototype, constructor_key, engine::duplicate(ctx, made),
                     JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE) &&
      engine::define(ctx, made, prototype_key, engine::duplicate(ctx, prototype), JS_PROP_WRITABLE);
  engine::release(ctx, prototype);
  if (linked) return made;
  engine::release(ctx, made);
  return engine::exception();
}

}  // namespace quip::detail

#include <quip/function/native.hpp>
#include <quip/value/atom.hpp>

namespace quip::detail {

namespace {
/// The function with the `name` and `length` that every function has (ECMA-262 20.2.4); an
/// exception, and the function freed, when that fails.
JSValue with_shape(Realm* realm, JSValue function, const FunctionShape& shape) noexcept {
  JSContext* ctx = realm->context;
  const JSAtom name = Key<"name">::atom(realm);
  const JSAtom length = Key<"length">::atom(realm);
  if (name != 0 && length != 0 &&
      engine::define(ctx, function, length, engine::int32(shape.length), JS_PROP_CONFIGURABLE) &&
      engine::define(ctx, function, name,
                     ::JS_NewStringLen(ctx, shape.name.data(), shape.name.size()),
                     JS_PROP_CONFIGURABLE)) {
    return function;
  }
  ::JS_FreeValue(ctx, function);
  return engine::exception();
}
}  // namespace

JSValue new_stateless_function(JSContext* ctx, JSCFunction* function,
                               const FunctionShape& shape) noexcept {
  // A declared length makes the engine fill absent arguments up; with 0 it hands over just what
  // the script gave, which is all that is looked at.
  JSValue made = ::JS_NewCFunction(ctx, function, "", 0);
  if (engine::is_exception(made)) return made;
  return with_shape(realm_of(ctx), made, shape);
}

JSValue new_function(JSContext* ctx, Callable* callable, const FunctionShape& shape) noexcept {
  if (callable == nullptr) return ::JS_ThrowOutOfMemory(ctx);
  Realm* realm = realm_of(ctx);
  JSValue made = own(realm, realm->core->function_class, callable);
  if (engine::is_exception(made)) return made;
  return with_shape(realm, made, shape);
}

}  // namespace quip::detail

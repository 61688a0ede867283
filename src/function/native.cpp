#include <quip/function/native.hpp>
#include <quip/value/atom.hpp>

#include <string>

namespace quip::detail {

namespace {

/// The `name` of a function: of an accessor's "get port" (ECMA-262 10.2.9). Owned, or an exception.
JSValue name_text(JSContext* ctx, FunctionKind kind, std::string_view name) noexcept {
  if (kind != FunctionKind::getter && kind != FunctionKind::setter) {
    return ::JS_NewStringLen(ctx, name.data(), name.size());
  }
  return contained(ctx, [&] {
    std::string text(kind == FunctionKind::getter ? "get " : "set ");
    text += name;
    return ::JS_NewStringLen(ctx, text.data(), text.size());
  });
}

/// The function with the `name` and `length` that every function has (ECMA-262 20.2.4); an
/// exception, and the function freed, when that fails.
JSValue with_shape(Realm* realm, JSValue function, FunctionKind kind, std::string_view name,
                   int length) noexcept {
  JSContext* ctx = realm->context;
  const JSAtom name_key = Key<"name">::atom(realm);
  const JSAtom length_key = Key<"length">::atom(realm);
  if (name_key != 0 && length_key != 0 &&
      engine::define(ctx, function, length_key, engine::int32(length), JS_PROP_CONFIGURABLE) &&
      engine::define(ctx, function, name_key, name_text(ctx, kind, name), JS_PROP_CONFIGURABLE)) {
    return function;
  }
  ::JS_FreeValue(ctx, function);
  return engine::exception();
}

JSValue new_stateless(JSContext* ctx, const NativeFunction& function, int number) noexcept {
  JSCFunctionType type{};
  type.generic_magic = function.stateless;
  // A declared length makes the engine fill absent arguments up; with 0 it hands over just what
  // the script gave, which is all that is looked at.
  return ::JS_NewCFunction2(
      ctx, type.generic, "", 0,
      function.is_constructor ? JS_CFUNC_constructor_or_func_magic : JS_CFUNC_generic_magic,
      number);
}

/// The same where others run the scripts: the engine's own functions would not notice that quip has
/// left, nor that the thread has not entered the runtime.
struct BorrowedCall final : Callable {
  BorrowedCall(JSCFunctionMagic* stateless, int number_of_name) noexcept
      : Callable(&call), function(stateless) {
    number = number_of_name;
  }
  static JSValue call(Callable* self, JSValueConst this_value, int argc, JSValueConst* argv,
                      int flags) noexcept {
    const auto* mine = static_cast<BorrowedCall*>(self);
    // the engine tells a function that may be constructed new.target in place of `this`
    const bool is_target = (flags & JS_CALL_FLAG_CONSTRUCTOR) != 0 || !mine->is_constructor;
    return mine->function(mine->realm->context, is_target ? this_value : engine::undefined(), argc,
                          argv, mine->number);
  }
  JSCFunctionMagic* function;
  bool is_constructor = false;
};

JSValue new_borrowed(Realm* realm, const NativeFunction& function, int number) noexcept {
  auto* made = new (std::nothrow) BorrowedCall(function.stateless, number);
  if (made == nullptr) return ::JS_ThrowOutOfMemory(realm->context);
  made->is_constructor = function.is_constructor;
  return own(realm, realm->core->function_class, made);
}

}  // namespace

JSValue make_native(JSContext* ctx, NativeFunction&& function) noexcept {
  Realm* realm = realm_of(ctx);
  if (function.is_empty) {
    return throw_error(ctx, Error::type("an empty function cannot be bound"));
  }
  if (function.stateless == nullptr && function.callable == nullptr) {
    return ::JS_ThrowOutOfMemory(ctx);
  }
  const int number = function_number(realm->core, function.kind, function.owner, function.name,
                                     function.arguments);
  JSValue made = engine::undefined();
  if (function.stateless != nullptr) {
    made = realm->core->is_borrowed ? new_borrowed(realm, function, number)
                                    : new_stateless(ctx, function, number);
  } else {
    function.callable->number = number;
    made = own(realm, realm->core->function_class, function.callable.release());
  }
  if (engine::is_exception(made)) return made;
  if (function.is_constructor && (function.stateless == nullptr || realm->core->is_borrowed)) {
    ::JS_SetConstructorBit(ctx, made, true);
  }
  return with_shape(realm, made, function.kind, function.name, function.length);
}

}  // namespace quip::detail

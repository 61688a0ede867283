#include "parts.hpp"
#include <quip/core/custom_context.hpp>
#include <quip/core/intrinsic.hpp>

#include <new>
#include <utility>

namespace quip::detail {

namespace {

/// An own or inherited property by its name; owned, or an exception.
JSValue property(JSContext* ctx, JSValueConst object, std::string_view name) noexcept {
  const JSAtom atom = ::JS_NewAtomLen(ctx, name.data(), name.size());
  if (atom == 0) {
    return engine::exception();
  }
  JSValue value = ::JS_GetProperty(ctx, object, atom);
  ::JS_FreeAtom(ctx, atom);
  return value;
}

/// The getter of an own accessor; owned, undefined when there is none, or an exception.
JSValue getter(JSContext* ctx, JSValueConst object, std::string_view name) noexcept {
  const JSAtom atom = ::JS_NewAtomLen(ctx, name.data(), name.size());
  if (atom == 0) {
    return engine::exception();
  }
  JSPropertyDescriptor descriptor;
  const int found = ::JS_GetOwnProperty(ctx, &descriptor, object, atom);
  ::JS_FreeAtom(ctx, atom);
  if (found <= 0) {
    return found < 0 ? engine::exception() : engine::undefined();
  }
  engine::release(ctx, descriptor.value);
  engine::release(ctx, descriptor.setter);
  return descriptor.getter;
}

/// The prototype that all iterators of the standard library have; owned, or an exception.
JSValue iterator_prototype(Realm* realm) noexcept {
  JSContext* ctx = realm->context;
  JSValue array = ::JS_NewArray(ctx);
  JSValue values = engine::is_exception(array) ? array : property(ctx, array, "values");
  JSValue iterator =
      engine::is_exception(values) ? values : engine::call(ctx, values, array, 0, nullptr);
  engine::release(ctx, values);
  engine::release(ctx, array);
  // an array's iterator has %ArrayIteratorPrototype%, and that has the one that is wanted
  for (int step = 0; step < 2 && !engine::is_exception(iterator); ++step) {
    JSValue prototype = ::JS_GetPrototype(ctx, iterator);
    engine::release(ctx, std::exchange(iterator, prototype));
  }
  return iterator;
}

/// The prototype that all async iterators of the standard library have; owned, or an exception.
JSValue async_iterator_prototype(Realm* realm) noexcept {
  JSContext* ctx = realm->context;
  // ECMA-262 27.4.3: such a function's `prototype` inherits from %AsyncGeneratorPrototype%, and
  // that from the one that is wanted
  JSValue function = intrinsic(realm, Intrinsic::async_generator_function);
  JSValue found = engine::is_exception(function) ? function : property(ctx, function, "prototype");
  for (int step = 0; step < 2 && engine::is_object(found); ++step) {
    JSValue prototype = ::JS_GetPrototype(ctx, found);
    engine::release(ctx, std::exchange(found, prototype));
  }
  return found;
}

/// What a path of names leads to; the last may be an accessor's. Owned, or an exception.
JSValue follow(JSContext* ctx, std::string_view path, bool wants_getter) noexcept {
  constexpr std::string_view of_symbol = "Symbol.";
  JSValue found = engine::undefined();
  if (path.starts_with(of_symbol)) {  // known since before any script ran
    path.remove_prefix(of_symbol.size());
    found = engine::duplicate(ctx, intrinsic(realm_of(ctx), Intrinsic::symbol));
  } else {
    found = ::JS_GetGlobalObject(ctx);
  }
  for (bool is_last = false; !is_last && !engine::is_exception(found);) {
    const std::size_t dot = path.find('.');
    is_last = dot == std::string_view::npos;
    const std::string_view name = path.substr(0, dot);
    JSValue next = engine::is_undefined(found) ? engine::undefined()
                   : is_last && wants_getter   ? getter(ctx, found, name)
                                               : property(ctx, found, name);
    engine::release(ctx, std::exchange(found, next));
    path.remove_prefix(is_last ? 0 : dot + 1);
  }
  return found;
}

/// The `next` of the iterators that a method of a class makes; owned, undefined when the context
/// has no such class, or an exception.
JSValue iterator_next(Realm* realm, std::string_view path) noexcept {
  JSContext* ctx = realm->context;
  Handle owner(realm, follow(ctx, path.substr(0, path.find('.')), false));
  if (!engine::is_object(owner.get())) return owner.take();
  Handle method(realm, follow(ctx, path, false));
  if (!engine::is_object(method.get())) return method.take();
  Handle object(realm, ::JS_CallConstructor(ctx, owner.get(), 0, nullptr));
  if (!engine::is_object(object.get())) return object.take();
  Handle iterator(realm, engine::call(ctx, method.get(), object.get(), 0, nullptr));
  return engine::is_object(iterator.get()) ? property(ctx, iterator.get(), "next")
                                           : iterator.take();
}

JSValue find(Realm* realm, Intrinsic which) noexcept {
  JSContext* ctx = realm->context;
  if (which == Intrinsic::iterator_prototype) {
    return iterator_prototype(realm);
  }
  if (which == Intrinsic::async_iterator_prototype) {
    return async_iterator_prototype(realm);
  }
  if (which == Intrinsic::element_collector) {
    return ::JS_NewCFunction(ctx, &collect_elements, "", 0);
  }
  const std::string_view path = intrinsic_paths[static_cast<std::size_t>(which)];
  constexpr std::string_view get = "get ";
  constexpr std::string_view next = "next ";
  if (path.starts_with('=')) {  // the rest of a literal, so that a NUL follows
    if (!has_part(realm, engine::Part::eval)) return engine::exception();
    return ::JS_Eval(ctx, path.data() + 1, path.size() - 1, "<quip>", JS_EVAL_TYPE_GLOBAL);
  }
  if (path.starts_with(next)) {
    return iterator_next(realm, path.substr(next.size()));
  }
  const bool wants_getter = path.starts_with(get);
  return follow(ctx, wants_getter ? path.substr(get.size()) : path, wants_getter);
}

}  // namespace

JSValue intrinsic(Realm* realm, Intrinsic which) noexcept {
  JSContext* ctx = realm->context;
  const auto number = static_cast<std::size_t>(which);
  if (realm->intrinsics == nullptr) {
    realm->intrinsics = new (std::nothrow) JSValue[intrinsic_paths.size()];
    if (realm->intrinsics == nullptr) {
      return ::JS_ThrowOutOfMemory(ctx);
    }
    for (std::size_t i = 0; i < intrinsic_paths.size(); ++i) {
      realm->intrinsics[i] = engine::undefined();
    }
  }
  JSValue& known = realm->intrinsics[number];
  if (!engine::is_undefined(known)) [[likely]] {
    return known;
  }
  JSValue found = find(realm, which);
  if (engine::is_exception(found)) {
    return found;
  }
  if (engine::is_undefined(found)) {
    return throw_no_intrinsic(realm, intrinsic_paths[number]);
  }
  // a script's getter among the globals may have come here before us
  if (!engine::is_undefined(known)) {
    engine::release(ctx, found);
    return known;
  }
  // the realm's token holds it: the collector sees that it belongs to the context
  if (::JS_DefinePropertyValueUint32(ctx, realm->token, static_cast<std::uint32_t>(number),
                                     engine::duplicate(ctx, found), 0) < 0) {
    engine::release(ctx, found);
    return engine::exception();
  }
  engine::release(ctx, found);
  return known = found;
}

}  // namespace quip::detail

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

JSValue find(Realm* realm, std::string_view path) noexcept {
  if (path.empty()) {
    return iterator_prototype(realm);
  }
  JSContext* ctx = realm->context;
  constexpr std::string_view get = "get ";
  const bool wants_getter = path.starts_with(get);
  if (wants_getter) {
    path.remove_prefix(get.size());
  }
  JSValue found = ::JS_GetGlobalObject(ctx);
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
  const std::string_view path = intrinsic_paths[number];
  JSValue found = find(realm, path);
  if (engine::is_exception(found)) {
    return found;
  }
  if (engine::is_undefined(found)) {
    return ::JS_ThrowTypeError(ctx, "this context has no '%.*s'", static_cast<int>(path.size()),
                               path.data());
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

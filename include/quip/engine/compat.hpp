// The only header that includes quickjs.h. Where the functions of quickjs-ng and Bellard's QuickJS
// differ, the difference ends here: by the signatures that the header in use declares, never by a
// configure-time probe that could go stale. What the rest of quip uses is in engine.hpp.
#pragma once

#include <array>
#include <cmath>  // Bellard's header uses NAN without including it
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <quickjs.h>

namespace quip::engine {

/// The two families of the engine.
enum class Family { quickjs, quickjs_ng };

#if defined(QUICKJS_NG)
inline constexpr Family family = Family::quickjs_ng;
static_assert(QJS_VERSION_MAJOR > 0 || QJS_VERSION_MINOR >= 12,
              "quip needs quickjs-ng 0.12 or later; the quickjs.h on the include path is older");
#else
inline constexpr Family family = Family::quickjs;
#endif

/// The engine's name and version as the linked library itself tells it, e.g. "quickjs-ng 0.17.0".
std::string version();

/// The same of the quickjs.h in use, NUL-terminated. Bellard's does not tell its version: it is
/// what the macro QUIP_ENGINE_VERSION says, or left out.
consteval std::array<char, 48> compiled_version() noexcept {
  std::array<char, 48> text{};
  std::size_t size = 0;
  const auto add = [&](std::string_view more) {
    for (const char c : more) text[size++] = c;
  };
#if defined(QUICKJS_NG)
  const auto add_number = [&](int number) {
    for (int unit = number < 10 ? 1 : number < 100 ? 10 : 100; unit > 0; unit /= 10) {
      text[size++] = static_cast<char>('0' + number / unit % 10);
    }
  };
  add("quickjs-ng ");
  add_number(QJS_VERSION_MAJOR);
  add(".");
  add_number(QJS_VERSION_MINOR);
  add(".");
  add_number(QJS_VERSION_PATCH);
#else
  add("quickjs");
#if defined(QUIP_ENGINE_VERSION)
  add(" " QUIP_ENGINE_VERSION);
#endif
#endif
  return text;
}

/// What is wrong between the quickjs.h that quip was compiled with and the library that it is
/// linked with; empty when they agree. Cheap; run once for every first context.
std::string mismatch(JSContext* ctx);

// ---- values ---------------------------------------------------------------------------------
// The engine's JS_UNDEFINED and its kin are compound literals in one family and calls in the
// other; these are functions in both.
inline JSValue make(int tag, int payload) noexcept {
#if defined(CONFIG_CHECK_JSVALUE) || defined(QUICKJS_NG) || defined(JS_NAN_BOXING)
  return JS_MKVAL(tag, payload);
#else
  JSValue value;
  value.u.int32 = payload;
  value.tag = tag;
  return value;
#endif
}
/// The value that an address is of; it owns nothing.
inline JSValue at_address(int tag, void* address) noexcept {
#if defined(CONFIG_CHECK_JSVALUE) || defined(QUICKJS_NG) || defined(JS_NAN_BOXING)
  return JS_MKPTR(tag, address);
#else
  JSValue value;
  value.u.ptr = address;
  value.tag = tag;
  return value;
#endif
}
inline JSValue object_at(void* address) noexcept { return at_address(JS_TAG_OBJECT, address); }
inline JSValue string_at(void* address) noexcept { return at_address(JS_TAG_STRING, address); }
inline JSValue undefined() noexcept { return make(JS_TAG_UNDEFINED, 0); }
inline JSValue null() noexcept { return make(JS_TAG_NULL, 0); }
inline JSValue exception() noexcept { return make(JS_TAG_EXCEPTION, 0); }
inline JSValue boolean(bool value) noexcept { return make(JS_TAG_BOOL, value ? 1 : 0); }
inline JSValue int32(std::int32_t value) noexcept { return make(JS_TAG_INT, value); }
// ---- functions that one of the engines may lack -------------------------------------------
// An unqualified call with a JSContext* or JSRuntime* finds the engine's function by
// argument-dependent look-up if the header declares it, and it beats the ellipsis below.
struct Missing {};
namespace fallback {
Missing JS_FreePropertyEnum(...);
Missing JS_GetFunctionProto(...);
Missing JS_NewArrayFrom(...);
Missing JS_PromiseThen(...);
Missing JS_NewSymbol(...);
Missing JS_IsStrictEqual(...);
Missing JS_IsSameValue(...);
Missing JS_IsSameValueZero(...);
Missing js_std_cmd(...);
Missing JS_IsImmutableArrayBuffer(...);
Missing JS_SetImmutableArrayBuffer(...);
Missing JS_SetModuleNormalizeFunc2(...);
Missing JS_SetModuleLoaderFunc2(...);
Missing JS_SetPromiseHook(...);
Missing JS_SetUncatchableError(...);
Missing JS_SetUncatchableException(...);
Missing JS_IsUncatchableError(...);

template <class T>
inline constexpr bool present = !std::is_same_v<T, Missing>;

template <class C>
void free_property_enum(C* ctx, JSPropertyEnum* table, std::uint32_t count) noexcept {
  if constexpr (present<decltype(JS_FreePropertyEnum(ctx, table, count))>) {
    JS_FreePropertyEnum(ctx, table, count);
  } else {
    for (std::uint32_t i = 0; i < count; ++i) ::JS_FreeAtom(ctx, table[i].atom);
    ::js_free(ctx, table);
  }
}

template <class C>
JSValue function_prototype(C* ctx) noexcept {
  if constexpr (present<decltype(JS_GetFunctionProto(ctx))>) {
    return JS_GetFunctionProto(ctx);
  } else {
    // Bellard's engine has no call for it; any function that it makes knows its prototype.
    constexpr auto nothing = [](JSContext*, JSValueConst, int, JSValueConst*) -> JSValue {
      return undefined();
    };
    JSValue function = ::JS_NewCFunction(ctx, nothing, "", 0);
    if (JS_IsException(function)) return function;
    JSValue prototype = ::JS_GetPrototype(ctx, function);
    ::JS_FreeValue(ctx, function);
    return prototype;
  }
}

template <class C>
inline constexpr bool has_new_array_from =
    present<decltype(JS_NewArrayFrom(std::declval<C*>(), 0, std::declval<const JSValue*>()))>;
template <class C>
JSValue new_array_from(C* ctx, int count, const JSValue* values) noexcept {
  if constexpr (has_new_array_from<C>) {
    return JS_NewArrayFrom(ctx, count, values);
  } else {
    return exception();
  }
}

template <class C>
JSValue take_backtrace(C* ctx) noexcept {
  JSValue backtrace = undefined();
  constexpr int take = 2;
  if constexpr (present<decltype(js_std_cmd(take, ctx, &backtrace))>) {
    js_std_cmd(take, ctx, &backtrace);
  }
  return backtrace;
}

template <class C>
inline constexpr bool has_promise_then = present<decltype(JS_PromiseThen(
    std::declval<C*>(), JSValueConst(), JSValueConst(), JSValueConst()))>;
template <class C>
JSValue promise_then(C* ctx, JSValueConst promise, JSValueConst on_fulfilled,
                     JSValueConst on_rejected) noexcept {
  if constexpr (has_promise_then<C>) {
    return JS_PromiseThen(ctx, promise, on_fulfilled, on_rejected);
  } else {
    return exception();
  }
}

template <class R>
inline constexpr bool has_promise_hooks =
    present<decltype(JS_SetPromiseHook(std::declval<R*>(), nullptr, nullptr))>;
template <auto Hook, class R>
void set_promise_hook([[maybe_unused]] R* rt, [[maybe_unused]] void* opaque) noexcept {
  if constexpr (has_promise_hooks<R>) {
    if constexpr (std::is_null_pointer_v<decltype(Hook)>) {
      JS_SetPromiseHook(rt, nullptr, nullptr);
    } else {
      constexpr auto hear = [](JSContext* ctx, auto type, JSValueConst promise, JSValueConst parent,
                               void* of) -> void {
        Hook(ctx, static_cast<int>(type), promise, parent, of);
      };
      JS_SetPromiseHook(rt, hear, opaque);
    }
  }
}

/// Errors that no script catches: one engine marks the error object, another one its runtime, for
/// the exception that is pending.
template <class C>
void set_uncatchable(C* ctx, JSValueConst error, bool is_uncatchable) noexcept {
  if constexpr (present<decltype(JS_SetUncatchableException(ctx, is_uncatchable))>) {
    JS_SetUncatchableException(ctx, is_uncatchable);
  } else if constexpr (present<decltype(JS_SetUncatchableError(ctx, error, is_uncatchable))>) {
    JS_SetUncatchableError(ctx, error, is_uncatchable);
  } else if (is_uncatchable) {
    JS_SetUncatchableError(ctx, error);
  } else {
    JS_ClearUncatchableError(ctx, error);
  }
}
template <class V>
bool may_be_uncatchable(V error) noexcept {
  if constexpr (present<decltype(JS_IsUncatchableError(error))>) {
    return JS_IsUncatchableError(error);
  } else {
    return true;
  }
}

template <class V>
bool is_immutable_buffer(V buffer) noexcept {
  if constexpr (present<decltype(JS_IsImmutableArrayBuffer(buffer))>) {
    return JS_IsImmutableArrayBuffer(buffer) > 0;
  } else {
    return false;
  }
}

template <class V>
bool make_buffer_immutable(V buffer) noexcept {
  if constexpr (present<decltype(JS_SetImmutableArrayBuffer(buffer, true))>) {
    return JS_SetImmutableArrayBuffer(buffer, true) == 0;
  } else {
    return false;
  }
}

/// What a module is called with its attributes, which identity needs, only an engine with both
/// calls asks.
// NOLINTBEGIN(misc-redundant-expression): the two calls look alike to it
template <class R>
inline constexpr bool has_import_attributes =
    present<decltype(JS_SetModuleNormalizeFunc2(std::declval<R*>(), nullptr))> &&
    present<decltype(JS_SetModuleLoaderFunc2(std::declval<R*>(), nullptr, nullptr, nullptr,
                                             nullptr))>;
// NOLINTEND(misc-redundant-expression)

template <auto Resolve, auto Load, auto Check, class R>
void set_module_hooks(R* rt, void* opaque) noexcept {
  constexpr auto resolve = [](JSContext* ctx, const char* base, const char* specifier,
                              void* of) -> char* {
    return Resolve(ctx, base, specifier, undefined(), of);
  };
  constexpr auto load = [](JSContext* ctx, const char* name, void* of) -> JSModuleDef* {
    return Load(ctx, name, of);
  };
  if constexpr (present<decltype(JS_SetModuleLoaderFunc2(rt, resolve, nullptr, nullptr, opaque))>) {
    constexpr auto load_with_attributes = [](JSContext* ctx, const char* name, void* of,
                                             JSValueConst) -> JSModuleDef* {
      return Load(ctx, name, of);
    };
    constexpr auto check = [](JSContext* ctx, void* of, JSValueConst attributes) -> int {
      return Check(ctx, attributes, of);
    };
    JS_SetModuleLoaderFunc2(rt, resolve, load_with_attributes, check, opaque);
    if constexpr (has_import_attributes<R>) {
      constexpr auto resolve_with_attributes =
          [](JSContext* ctx, const char* base, const char* specifier, JSValueConst attributes,
             void* of) -> char* { return Resolve(ctx, base, specifier, attributes, of); };
      JS_SetModuleNormalizeFunc2(rt, resolve_with_attributes);
    }
  } else {
    ::JS_SetModuleLoaderFunc(rt, resolve, load, opaque);
  }
}

template <class C>
bool strictly_equal(C* ctx, JSValueConst a, JSValueConst b) noexcept {
  if constexpr (present<decltype(JS_IsStrictEqual(ctx, a, b))>) {
    return JS_IsStrictEqual(ctx, a, b);
  } else {
    return JS_StrictEq(ctx, a, b) != 0;
  }
}

template <class C>
bool same_value(C* ctx, JSValueConst a, JSValueConst b) noexcept {
  if constexpr (present<decltype(JS_IsSameValue(ctx, a, b))>) {
    return JS_IsSameValue(ctx, a, b);
  } else {
    return JS_SameValue(ctx, a, b) != 0;
  }
}

template <class C>
bool same_value_zero(C* ctx, JSValueConst a, JSValueConst b) noexcept {
  if constexpr (present<decltype(JS_IsSameValueZero(ctx, a, b))>) {
    return JS_IsSameValueZero(ctx, a, b);
  } else {
    return JS_SameValueZero(ctx, a, b) != 0;
  }
}
}  // namespace fallback

// ---- functions with another signature ------------------------------------------------------
namespace detail {
template <class F, class... Args>
auto with_optional_context(F* function, JSContext* ctx, Args... args) noexcept {
  if constexpr (std::is_invocable_v<F*, JSContext*, Args...>) {
    return function(ctx, args...);
  } else {
    return function(args...);
  }
}
template <class F = decltype(::JS_NewClassID)>
JSClassID new_class_id(JSRuntime* rt, JSClassID* id, F* function = &::JS_NewClassID) noexcept {
  if constexpr (std::is_invocable_v<F*, JSRuntime*, JSClassID*>) {
    return function(rt, id);
  } else {
    return function(id);
  }
}
template <auto Resize, class F>
JSValue new_array_buffer(F* make, JSContext* ctx, void* data, std::size_t size,
                         void* opaque) noexcept {
  auto* bytes = static_cast<std::uint8_t*>(data);
  if constexpr (std::is_invocable_v<F*, JSContext*, std::uint8_t*, std::size_t, std::size_t,
                                    decltype(Resize), void*, bool>) {
    return make(ctx, bytes, size, 0, Resize, opaque, false);
  } else {
    constexpr auto release = [](JSRuntime* rt, void* of, void* released) {
      (void)Resize(rt, of, released, 0);
    };
    return make(ctx, bytes, size, release, opaque, false);
  }
}
template <class Id>
JSValue new_object(JSValue (*make)(JSContext*, Id), JSContext* ctx, JSClassID id) noexcept {
  return make(ctx, static_cast<Id>(id));
}
}  // namespace detail

}  // namespace quip::engine

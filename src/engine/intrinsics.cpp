#include <quip/engine/intrinsics.hpp>

#include <array>

namespace quip::engine {

namespace {

/// Adds a part by a call that is void in some versions of an engine, and an int that is negative
/// for failure in others.
template <class Add>
bool did(const Add& add) noexcept {
  if constexpr (std::is_void_v<decltype(add())>) {
    add();
    return true;
  } else {
    return add() >= 0;
  }
}

template <class C>
bool add_own_parts(C* ctx, std::uint32_t parts) noexcept {
  using namespace fallback;
  const auto wants = [parts](Part part) { return (parts & bit(part)) != 0; };
  bool is_added = true;
  if constexpr (has_string_normalize<C>) {
    is_added =
        !wants(Part::string_normalize) || did([&] { return JS_AddIntrinsicStringNormalize(ctx); });
  }
  // atob throws DOMExceptions; the engine adds these with it in the first context alone
  if constexpr (has_dom_exception<C>) {
    const bool wants_it = wants(Part::dom_exception) || wants(Part::base64);
    is_added = is_added && (!wants_it || did([&] { return JS_AddIntrinsicDOMException(ctx); }));
  }
  if constexpr (has_base64<C>) {
    is_added = is_added && (!wants(Part::base64) || did([&] { return JS_AddIntrinsicAToB(ctx); }));
  }
  if constexpr (has_performance<C>) {
    is_added =
        is_added && (!wants(Part::performance) || did([&] { return JS_AddPerformance(ctx); }));
  }
  return is_added;
}

bool add_parts(JSContext* ctx, std::uint32_t parts) noexcept {
  const auto add = [&](Part part, auto function) {
    return (parts & bit(part)) == 0 || did([&] { return function(ctx); });
  };
  return add(Part::date, &::JS_AddIntrinsicDate) && add(Part::eval, &::JS_AddIntrinsicEval) &&
         add(Part::regexp_compiler, &::JS_AddIntrinsicRegExpCompiler) &&
         add(Part::regexp, &::JS_AddIntrinsicRegExp) && add(Part::json, &::JS_AddIntrinsicJSON) &&
         add(Part::proxy, &::JS_AddIntrinsicProxy) &&
         add(Part::map_set, &::JS_AddIntrinsicMapSet) &&
         add(Part::typed_arrays, &::JS_AddIntrinsicTypedArrays) &&
         add(Part::promise, &::JS_AddIntrinsicPromise) &&
         add(Part::weak_ref, &::JS_AddIntrinsicWeakRef) && add_own_parts(ctx, parts);
}

/// The class of a kind of object; 0 when it is not known.
JSClassID class_of(Kind kind) noexcept {
  for (std::size_t id = 1; id < kinds.size(); ++id) {
    if (kinds[id] == kind) return static_cast<JSClassID>(id);
  }
  return 0;
}

bool has_prototype(JSContext* ctx, Kind kind) noexcept {
  const JSClassID id = class_of(kind);
  if (id == 0 || !::JS_IsRegisteredClass(::JS_GetRuntime(ctx), id)) return false;
  JSValue prototype = ::JS_GetClassProto(ctx, id);
  const bool has = is_object(prototype);
  release(ctx, prototype);
  return has;
}

}  // namespace

JSContext* new_context(JSRuntime* rt, std::uint32_t parts) noexcept {
  JSContext* ctx = ::JS_NewContextRaw(rt);
  if (ctx == nullptr) return nullptr;
  if (!did([&] { return ::JS_AddIntrinsicBaseObjects(ctx); }) || !add_parts(ctx, parts)) {
    ::JS_FreeContext(ctx);
    return nullptr;
  }
  return ctx;
}

JSContext* new_base_context(JSRuntime* rt) noexcept { return new_context(rt, bit(Part::eval)); }

namespace {
/// quickjs-ng gives its DOMException to the first context of a runtime alone.
template <class C>
bool add_missing(C* ctx) noexcept {
  bool is_added = true;
  if constexpr (fallback::has_dom_exception<C>) {
    JSValue global = ::JS_GetGlobalObject(ctx);
    JSValue found = ::JS_GetPropertyStr(ctx, global, "DOMException");
    if (is_undefined(found)) is_added = did([&] { return JS_AddIntrinsicDOMException(ctx); });
    release(ctx, found);
    release(ctx, global);
  }
  return is_added;
}
}  // namespace

JSContext* new_full_context(JSRuntime* rt) noexcept {
  JSContext* ctx = ::JS_NewContext(rt);
  if (ctx != nullptr && !add_missing(ctx)) {
    ::JS_FreeContext(ctx);
    return nullptr;
  }
  return ctx;
}

std::uint32_t parts_of(JSContext* ctx) noexcept {
  struct Trace {
    Part part;
    Kind kind;
  };
  constexpr std::array traces{
      Trace{Part::date, Kind::date},       Trace{Part::regexp, Kind::regexp},
      Trace{Part::map_set, Kind::map},     Trace{Part::typed_arrays, Kind::array_buffer},
      Trace{Part::promise, Kind::promise}, Trace{Part::weak_ref, Kind::weak_ref},
  };
  std::uint32_t parts = parts_available;
  for (const Trace& trace : traces) {
    if (!has_prototype(ctx, trace.kind)) parts &= ~bit(trace.part);
  }
  return parts;
}

bool know_async_functions(JSRuntime* rt) noexcept {
  const JSClassID id = class_of(Kind::promise);
  if (id == 0) return false;
  if (::JS_IsRegisteredClass(rt, id)) return true;
  JSContext* ctx = new_context(rt, bit(Part::promise));
  if (ctx == nullptr) return false;
  ::JS_FreeContext(ctx);
  ::JS_RunGC(rt);  // what it was made of refers to itself
  return true;
}

}  // namespace quip::engine

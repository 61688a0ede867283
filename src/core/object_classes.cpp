// The engine's classes of the objects that C++ is behind, and what the engine calls for them.
#include "core_state.hpp"
#include "foreign.hpp"
#include <quip/core/lifetime.hpp>

#include <array>
#include <cstddef>
#include <new>

namespace quip::detail {

namespace {

void finalize_payload(JSRuntime*, JSValue object) {
  JSClassID class_id = 0;
  auto* payload = static_cast<Payload*>(::JS_GetAnyOpaque(object, &class_id));
  if (payload != nullptr) CoreState::of(payload->core).finalize(payload);
}

void mark_payload(JSRuntime*, JSValueConst object, JS_MarkFunc* mark) {
  JSClassID class_id = 0;
  auto* payload = static_cast<Payload*>(::JS_GetAnyOpaque(object, &class_id));
  if (payload != nullptr) CoreState::of(payload->core).mark(payload, mark);
}

// The collector goes through the objects of the heap in the order of their age, but for those that
// nothing outside of the heap refers to, which it may put off. The anchor is older than all
// payloads and is referred to: it is looked at before them in each of the two passes.
void mark_anchor(JSRuntime*, JSValueConst anchor, JS_MarkFunc* mark) {
  JSClassID class_id = 0;
  auto* core = static_cast<Core*>(::JS_GetAnyOpaque(anchor, &class_id));
  if (core != nullptr) CoreState::of(core).begin_pass(mark);
}

void finalize_realm(JSRuntime*, JSValue object) {
  JSClassID class_id = 0;
  auto* realm = static_cast<Realm*>(::JS_GetAnyOpaque(object, &class_id));
  if (realm != nullptr) CoreState::of(realm->owner).forget(realm);
}

/// A call where others run the scripts: the thread may not have entered the runtime, and the C++
/// behind the function may be gone.
[[gnu::noinline]] JSValue call_borrowed(JSContext* ctx, Callable* callable, JSValueConst this_value,
                                        int argc, JSValueConst* argv, int flags) noexcept {
  if (callable == nullptr) return throw_left(ctx);
  const Entry entry(callable->core);
  if (!entry) return throw_left(ctx);
  if (engine::stack_pointer() < callable->core->stack_limit) {
    return throw_stack_overflow(callable->realm->context);
  }
  return callable->invoke(callable, this_value, argc, argv, flags);
}

// Every call of a JS function with C++ state. The engine checks its stack for its own kinds of
// function alone, so this one is checked here. Whoever calls a function holds it (the engine does,
// and keeping_alive), so that its payload lives until the call returns.
JSValue call_payload(JSContext* ctx, JSValueConst function, JSValueConst this_value, int argc,
                     JSValueConst* argv, int flags) noexcept {
  JSClassID class_id = 0;
  auto* callable = static_cast<Callable*>(::JS_GetAnyOpaque(function, &class_id));
  if (callable == nullptr || callable->core->is_borrowed) [[unlikely]] {
    return call_borrowed(ctx, callable, this_value, argc, argv, flags);
  }
  if (engine::stack_pointer() < callable->core->stack_limit) [[unlikely]] {
    return throw_stack_overflow(callable->realm->context);
  }
  return callable->invoke(callable, this_value, argc, argv, flags);
}

// Class tables and names must be static: engines keep pointers to some of them.
JSClassDef class_definition(const char* name) {
  JSClassDef definition{};
  definition.class_name = name;
  definition.finalizer = &finalize_payload;
  definition.gc_mark = &mark_payload;
  return definition;
}

JSClassDef callable_definition(JSClassCall* call) {
  JSClassDef definition = class_definition("Function");
  definition.call = call;
  return definition;
}
JSClassDef exotic_definition(JSClassDef definition) {
  definition.exotic = exotic_methods();
  return definition;
}
JSClassDef realm_definition() {
  JSClassDef definition{};
  definition.class_name = "quip.Realm";
  definition.finalizer = &finalize_realm;
  return definition;
}
JSClassDef anchor_definition() {
  JSClassDef definition{};
  definition.class_name = "quip.Anchor";
  definition.gc_mark = &mark_anchor;
  return definition;
}

constexpr std::size_t class_count = 11;

/// The ids of all classes: of this runtime, or of the process.
std::array<JSClassID, class_count> class_ids(JSRuntime* rt) noexcept {
  const auto make = [rt] {
    std::array<JSClassID, class_count> ids{};
    for (JSClassID& id : ids) id = engine::new_class_id(rt);
    return ids;
  };
  if constexpr (engine::class_ids_per_runtime) {
    return make();
  } else {
    static const auto shared = make();
    return shared;
  }
}

}  // namespace

bool CoreState::set_up() noexcept {
  struct ObjectClass {
    JSClassID CoreState::* id;
    JSClassDef definition;
  };
  static const std::array<ObjectClass, class_count> classes{{
      {&CoreState::function_class, callable_definition(&call_payload)},
      {&CoreState::origin_class, class_definition("quip.Origin")},
      {&CoreState::realm_class, realm_definition()},
      {&CoreState::anchor_class, anchor_definition()},
      {&CoreState::iterator_class, class_definition("quip.Iterator")},
      {&CoreState::iterable_class, class_definition("quip.Iterable")},
      {&CoreState::async_iterator_class, class_definition("quip.AsyncIterator")},
      {&CoreState::instance_class, class_definition("Object")},
      {&CoreState::callable_class, callable_definition(&call_instance)},
      {&CoreState::exotic_class, exotic_definition(class_definition("Object"))},
      {&CoreState::exotic_callable_class, exotic_definition(callable_definition(&call_instance))},
  }};
  const std::array<JSClassID, class_count> ids = class_ids(runtime);
  for (std::size_t i = 0; i < class_count; ++i) {
    this->*classes[i].id = ids[i];
    // a runtime that was borrowed before has them still, where ids are the process's
    if (is_borrowed && ::JS_IsRegisteredClass(runtime, ids[i])) continue;
    if (::JS_NewClass(runtime, ids[i], &classes[i].definition) != 0) {
      return false;
    }
  }
  if (takes_modules) install_loader(*this);
  try {
    // keep_used can say nothing when memory is short: as many objects are rarely in use at once
    used.reserve(32);
  } catch (const std::bad_alloc&) {
    return false;
  }
  return set_up_limits() && set_up_rejections();
}

}  // namespace quip::detail

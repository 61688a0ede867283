// The engine's classes of the objects that C++ is behind, and what the engine calls for them.
#include "core_state.hpp"
#include <quip/core/lifetime.hpp>

namespace quip::detail {

namespace {

void finalize_payload(JSRuntime* rt, JSValue object) {
  JSClassID class_id = 0;
  auto* payload = static_cast<Payload*>(::JS_GetAnyOpaque(object, &class_id));
  if (payload != nullptr) CoreState::of(rt).finalize(payload);
}

void mark_payload(JSRuntime* rt, JSValueConst object, JS_MarkFunc* mark) {
  JSClassID class_id = 0;
  auto* payload = static_cast<Payload*>(::JS_GetAnyOpaque(object, &class_id));
  if (payload != nullptr) CoreState::of(rt).mark(payload, mark);
}

// The collector goes through the objects of the heap in the order of their age, but for those that
// nothing outside of the heap refers to, which it may put off. The anchor is older than all
// payloads and is referred to: it is looked at before them in each of the two passes.
void mark_anchor(JSRuntime* rt, JSValueConst, JS_MarkFunc* mark) {
  CoreState::of(rt).begin_pass(mark);
}

void finalize_realm(JSRuntime* rt, JSValue object) {
  JSClassID class_id = 0;
  auto* realm = static_cast<Realm*>(::JS_GetAnyOpaque(object, &class_id));
  if (realm != nullptr) CoreState::of(rt).forget(realm);
}

// Every call of a JS function with C++ state. The engine checks its stack for its own kinds of
// function alone, so this one is checked here. Whoever calls a function holds it (the engine does,
// and keeping_alive), so that its payload lives until the call returns.
JSValue call_payload(JSContext*, JSValueConst function, JSValueConst this_value, int argc,
                     JSValueConst* argv, int flags) noexcept {
  JSClassID class_id = 0;
  auto* callable = static_cast<Callable*>(::JS_GetAnyOpaque(function, &class_id));
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

JSClassID class_id(JSRuntime* rt, int which) noexcept {
  if constexpr (engine::class_ids_per_runtime) {
    return engine::new_class_id(rt);
  } else {
    static const JSClassID shared[] = {engine::new_class_id(rt), engine::new_class_id(rt),
                                       engine::new_class_id(rt), engine::new_class_id(rt),
                                       engine::new_class_id(rt), engine::new_class_id(rt),
                                       engine::new_class_id(rt), engine::new_class_id(rt),
                                       engine::new_class_id(rt), engine::new_class_id(rt)};
    return shared[which];
  }
}

}  // namespace

bool CoreState::set_up() noexcept {
  function_class = class_id(runtime, 0);
  origin_class = class_id(runtime, 1);
  realm_class = class_id(runtime, 2);
  iterator_class = class_id(runtime, 3);
  iterable_class = class_id(runtime, 4);
  anchor_class = class_id(runtime, 9);
  instance_class = class_id(runtime, 5);
  callable_class = class_id(runtime, 6);
  exotic_class = class_id(runtime, 7);
  exotic_callable_class = class_id(runtime, 8);
  static const JSClassDef function_definition = [] {
    JSClassDef definition = class_definition("Function");
    definition.call = &call_payload;
    return definition;
  }();
  static const JSClassDef origin_definition = class_definition("quip.Origin");
  static const JSClassDef iterator_definition = class_definition("quip.Iterator");
  static const JSClassDef iterable_definition = class_definition("quip.Iterable");
  static const JSClassDef instance_definition = class_definition("Object");
  static const JSClassDef callable_definition = [] {
    JSClassDef definition = class_definition("Function");
    definition.call = &call_instance;
    return definition;
  }();
  static const JSClassDef exotic_definition = [] {
    JSClassDef definition = class_definition("Object");
    definition.exotic = exotic_methods();
    return definition;
  }();
  static const JSClassDef exotic_callable_definition = [] {
    JSClassDef definition = callable_definition;
    definition.exotic = exotic_methods();
    return definition;
  }();
  static const JSClassDef realm_definition = [] {
    JSClassDef definition{};
    definition.class_name = "quip.Realm";
    definition.finalizer = &finalize_realm;
    return definition;
  }();
  static const JSClassDef anchor_definition = [] {
    JSClassDef definition{};
    definition.class_name = "quip.Anchor";
    definition.gc_mark = &mark_anchor;
    return definition;
  }();
  // a script that runs while its runtime is being destroyed must end
  ::JS_SetInterruptHandler(
      runtime,
      [](JSRuntime*, void* core) { return static_cast<CoreState*>(core)->closing ? 1 : 0; }, this);
  return ::JS_NewClass(runtime, function_class, &function_definition) == 0 &&
         ::JS_NewClass(runtime, origin_class, &origin_definition) == 0 &&
         ::JS_NewClass(runtime, iterator_class, &iterator_definition) == 0 &&
         ::JS_NewClass(runtime, anchor_class, &anchor_definition) == 0 &&
         ::JS_NewClass(runtime, iterable_class, &iterable_definition) == 0 &&
         ::JS_NewClass(runtime, instance_class, &instance_definition) == 0 &&
         ::JS_NewClass(runtime, callable_class, &callable_definition) == 0 &&
         ::JS_NewClass(runtime, exotic_class, &exotic_definition) == 0 &&
         ::JS_NewClass(runtime, exotic_callable_class, &exotic_callable_definition) == 0 &&
         ::JS_NewClass(runtime, realm_class, &realm_definition) == 0;
}

}  // namespace quip::detail

// Calls: a script calls C++, C++ calls a script.
#include "rows.hpp"

namespace bench {

namespace {

// ---- a script calls C
// ----------------------------------------------------------------------------

JSValue add_usual(JSContext* ctx, JSValueConst, int, JSValueConst* argv) {
  std::int32_t a = 0;
  std::int32_t b = 0;
  if (JS_ToInt32(ctx, &a, argv[0]) != 0) return engine::exception();
  if (JS_ToInt32(ctx, &b, argv[1]) != 0) return engine::exception();
  return JS_NewInt32(ctx, a + b);
}

// What the fastest C does with integers: look at the tags, and leave the rest to a function that
// is not inlined, so that nothing of it burdens the usual case.
bool are_ints(JSValueConst a, JSValueConst b) {
  return JS_VALUE_GET_TAG(a) == JS_TAG_INT && JS_VALUE_GET_TAG(b) == JS_TAG_INT;
}

[[gnu::noinline, gnu::cold]] JSValue add_other(JSContext* ctx, JSValueConst this_value, int argc,
                                               JSValueConst* argv) {
  if (argc < 2) return JS_ThrowTypeError(ctx, "add: two arguments are needed");
  return add_usual(ctx, this_value, argc, argv);
}

// Declared with a length of 0, and given its `length` afterwards: the engine then does not look
// whether absent arguments have to be filled up, and a test of the count is cheaper.
JSValue add_fastest(JSContext* ctx, JSValueConst this_value, int argc, JSValueConst* argv) {
  if (argc < 2 || !are_ints(argv[0], argv[1])) [[unlikely]] {
    return add_other(ctx, this_value, argc, argv);
  }
  return JS_NewInt32(ctx, JS_VALUE_GET_INT(argv[0]) + JS_VALUE_GET_INT(argv[1]));
}

void set_length(JSContext* ctx, JSValueConst function, int length) {
  JS_DefinePropertyValueStr(ctx, function, "length", JS_NewInt32(ctx, length),
                            JS_PROP_CONFIGURABLE);
}

void add_stateless(Rows& rows, const Sides& sides) {
  JSContext* c = sides.c.context();
  JSValue loop = sides.c.eval(loop_of_sums);
  JSValue fastest = sides.c.function(add_fastest, 0);
  set_length(c, fastest, 2);
  const quip::Function add(sides.ctx, "add", [](int a, int b) { return a + b; });
  rows.push_back(row("call_native", 1.05, 1000, quip_loop(sides.ctx, loop_of_sums, add),
                     script_loop(c, loop, fastest, engine::undefined()),
                     script_loop(c, loop, sides.c.function(add_usual, 2), engine::undefined())));
}

// ---- … with state
// -------------------------------------------------------------------------------- An object of a
// class with a call function is the cheapest function with state on both engines: the engine pushes
// no frame for it. With Function.prototype as its prototype and a name and a length of its
// own it looks like any function to a script.

struct Adder {
  std::int32_t bias;
};

[[gnu::noinline, gnu::cold]] JSValue add_to_other(JSContext* ctx, const Adder* adder, int argc,
                                                  JSValueConst* argv) {
  if (argc < 2) return JS_ThrowTypeError(ctx, "add: two arguments are needed");
  std::int32_t a = 0;
  std::int32_t b = 0;
  if (JS_ToInt32(ctx, &a, argv[0]) != 0) return engine::exception();
  if (JS_ToInt32(ctx, &b, argv[1]) != 0) return engine::exception();
  return JS_NewInt32(ctx, a + b + adder->bias);
}

JSValue call_adder(JSContext* ctx, JSValueConst function, JSValueConst, int argc,
                   JSValueConst* argv, int) {
  JSClassID id = 0;
  const auto* adder = static_cast<const Adder*>(JS_GetAnyOpaque(function, &id));
  if (argc < 2 || !are_ints(argv[0], argv[1])) [[unlikely]] {
    return add_to_other(ctx, adder, argc, argv);
  }
  return JS_NewInt32(ctx, JS_VALUE_GET_INT(argv[0]) + JS_VALUE_GET_INT(argv[1]) + adder->bias);
}

JSValue fastest_adder(CHost& host) {
  static Adder adder{3};
  static const JSClassDef definition = [] {
    JSClassDef it{};
    it.class_name = "Function";
    it.call = call_adder;
    return it;
  }();
  JSContext* ctx = host.context();
  const JSClassID id = engine::new_class_id(host.runtime());
  JS_NewClass(host.runtime(), id, &definition);
  JSValue prototype = host.own(engine::function_prototype(ctx));
  JSValue function = host.own(JS_NewObjectProtoClass(ctx, prototype, id));
  JS_SetOpaque(function, &adder);
  set_length(ctx, function, 2);
  JS_DefinePropertyValueStr(ctx, function, "name", JS_NewString(ctx, "add"), JS_PROP_CONFIGURABLE);
  return function;
}

// The documented way: data values beside the function, here an object that carries the pointer.
JSClassID holder_class = 0;

JSValue add_with_data(JSContext* ctx, JSValueConst, int, JSValueConst* argv, int, JSValue* data) {
  const auto* adder = static_cast<const Adder*>(JS_GetOpaque2(ctx, data[0], holder_class));
  if (adder == nullptr) return engine::exception();
  std::int32_t a = 0;
  std::int32_t b = 0;
  if (JS_ToInt32(ctx, &a, argv[0]) != 0) return engine::exception();
  if (JS_ToInt32(ctx, &b, argv[1]) != 0) return engine::exception();
  return JS_NewInt32(ctx, a + b + adder->bias);
}

JSValue usual_adder(CHost& host) {
  static Adder adder{3};
  static const JSClassDef definition = [] {
    JSClassDef it{};
    it.class_name = "Adder";
    return it;
  }();
  JSContext* ctx = host.context();
  holder_class = engine::new_class_id(host.runtime());
  JS_NewClass(host.runtime(), holder_class, &definition);
  JSValue holder = host.own(JS_NewObjectProtoClass(ctx, engine::null(), holder_class));
  JS_SetOpaque(holder, &adder);
  return host.own(JS_NewCFunctionData(ctx, add_with_data, 2, 0, 1, &holder));
}

void add_captured(Rows& rows, const Sides& sides) {
  JSContext* c = sides.c.context();
  JSValue loop = sides.c.eval(loop_of_sums);
  int bias = 3;  // not const: a constant would not be read from the lambda
  const quip::Function add(sides.ctx, "add", [bias](int a, int b) { return a + b + bias; });
  rows.push_back(row("call_native_captured", 1.05, 1000, quip_loop(sides.ctx, loop_of_sums, add),
                     script_loop(c, loop, fastest_adder(sides.c), engine::undefined()),
                     script_loop(c, loop, usual_adder(sides.c), engine::undefined())));
}

// ---- C calls a script
// ----------------------------------------------------------------------------

constexpr const char* script_add = "(function(a,b){return a+b;})";

Run call_fastest(JSContext* ctx, JSValue function) {
  return [=](std::int64_t n) {
    repeat(n, [=](std::int32_t i) {
      JSValue arguments[2] = {JS_NewInt32(ctx, i), JS_NewInt32(ctx, 1)};
      JSValue result = JS_Call(ctx, function, engine::undefined(), 2, arguments);
      // numbers have no reference count: nothing to free, and no call to find that out
      if (JS_VALUE_GET_TAG(result) != JS_TAG_INT) fail("call_script");
      keep(JS_VALUE_GET_INT(result));
    });
  };
}

Run call_usual(JSContext* ctx, JSValue function) {
  return [=](std::int64_t n) {
    repeat(n, [=](std::int32_t i) {
      JSValue arguments[2] = {JS_NewInt32(ctx, i), JS_NewInt32(ctx, 1)};
      JSValue result = JS_Call(ctx, function, engine::undefined(), 2, arguments);
      JS_FreeValue(ctx, arguments[0]);
      JS_FreeValue(ctx, arguments[1]);
      if (JS_IsException(result)) fail("call_script");
      std::int32_t sum = 0;
      if (JS_ToInt32(ctx, &sum, result) != 0) fail("call_script");
      JS_FreeValue(ctx, result);
      keep(sum);
    });
  };
}

void add_script_calls(Rows& rows, const Sides& sides) {
  JSContext* c = sides.c.context();
  JSValue function = sides.c.eval(script_add);
  const auto add = sides.ctx.eval<quip::Function>(script_add);
  const Run throwing = [add](std::int64_t n) {
    repeat(n, [&](std::int32_t i) { keep(add.call<int>(i, 1)); });
  };
  const Run trying = [add](std::int64_t n) {
    repeat(n, [&](std::int32_t i) {
      const quip::Result<int> sum = add.try_call<int>(i, 1);
      if (!sum) fail("call_script_try");
      keep(*sum);
    });
  };
  rows.push_back(
      row("call_script", 1.05, 1000, throwing, call_fastest(c, function), call_usual(c, function)));
  rows.push_back(row("call_script_try", 1.08, 1000, trying, call_fastest(c, function),
                     call_usual(c, function)));
}

}  // namespace

void add_call_rows(Rows& rows, const Sides& sides) {
  add_stateless(rows, sides);
  add_captured(rows, sides);
  add_script_calls(rows, sides);
}

}  // namespace bench

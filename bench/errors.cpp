// Errors: a script's in C++, C++'s in a script.
#include "rows.hpp"

#include <stdexcept>
#include <string>

namespace bench {

namespace {

constexpr const char* thrower = "(function(){throw new Error('boom');})";

// ---- a script throws
// -----------------------------------------------------------------------------

// All that a C host wants to know is that it failed.
Run catch_c(JSContext* ctx, JSValue function) {
  return [=](std::int64_t n) {
    repeat(n, [=](std::int32_t) {
      JSValue result = JS_Call(ctx, function, engine::undefined(), 0, nullptr);
      if (!JS_IsException(result)) fail("error_try");
      JS_FreeValue(ctx, JS_GetException(ctx));
    });
  };
}

/// What a host that reports errors reads of one.
struct Report {
  std::string name;
  std::string message;
  std::string stack;
};

template <class Get>
void read_into(std::string& text, JSContext* ctx, Get&& get) {
  JSValue value = get();
  std::size_t size = 0;
  const char* chars = JS_ToCStringLen(ctx, &size, value);
  if (chars == nullptr) fail("error_try_read");
  text.assign(chars, size);
  JS_FreeCString(ctx, chars);
  JS_FreeValue(ctx, value);
}

Run read_fastest(CHost& host, JSValue function) {
  JSContext* ctx = host.context();
  return [=, name = host.own_atom("name"), message = host.own_atom("message"),
          stack = host.own_atom("stack")](std::int64_t n) {
    repeat(n, [&](std::int32_t) {
      JSValue result = JS_Call(ctx, function, engine::undefined(), 0, nullptr);
      if (!JS_IsException(result)) fail("error_try_read");
      JSValue error = JS_GetException(ctx);
      Report report;
      read_into(report.name, ctx, [&] { return JS_GetProperty(ctx, error, name); });
      read_into(report.message, ctx, [&] { return JS_GetProperty(ctx, error, message); });
      read_into(report.stack, ctx, [&] { return JS_GetProperty(ctx, error, stack); });
      JS_FreeValue(ctx, error);
      keep(&report);
    });
  };
}

Run read_usual(JSContext* ctx, JSValue function) {
  return [=](std::int64_t n) {
    repeat(n, [=](std::int32_t) {
      JSValue result = JS_Call(ctx, function, engine::undefined(), 0, nullptr);
      if (!JS_IsException(result)) fail("error_try_read");
      JSValue error = JS_GetException(ctx);
      Report report;
      read_into(report.name, ctx, [=] { return JS_GetPropertyStr(ctx, error, "name"); });
      read_into(report.message, ctx, [=] { return JS_GetPropertyStr(ctx, error, "message"); });
      read_into(report.stack, ctx, [=] { return JS_GetPropertyStr(ctx, error, "stack"); });
      JS_FreeValue(ctx, error);
      keep(&report);
    });
  };
}

// ---- C++ throws
// --------------------------------------------------------------------------------------

// One C++ throw, caught where it can be told apart without throwing it again.
JSValue throw_fastest(JSContext* ctx, JSValueConst, int, JSValueConst*) {
  try {
    throw std::runtime_error("boom");
  } catch (const std::exception& exception) {
    JSValue error = JS_NewError(ctx);
    JS_DefinePropertyValueStr(ctx, error, "message", JS_NewString(ctx, exception.what()),
                              JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE);
    return JS_Throw(ctx, error);
  }
}

JSValue throw_usual(JSContext* ctx, JSValueConst, int, JSValueConst*) {
  try {
    throw std::runtime_error("boom");
  } catch (const std::exception& exception) {
    return JS_ThrowInternalError(ctx, "%s", exception.what());
  }
}

JSValue type_error(JSContext* ctx, JSValueConst, int, JSValueConst*) {
  return JS_ThrowTypeError(ctx, "boom");
}

}  // namespace

void add_error_rows(Rows& rows, const Sides& sides) {
  JSContext* c = sides.c.context();
  JSValue raw = sides.c.eval(thrower);
  const auto function = sides.ctx.eval<quip::Function>(thrower);
  const Run try_quip = [function](std::int64_t n) {
    repeat(n, [&](std::int32_t) {
      const quip::Result<int> result = function.try_call<int>();
      if (result) fail("error_try");
    });
  };
  const Run read_quip = [function](std::int64_t n) {
    repeat(n, [&](std::int32_t) {
      const quip::Result<int> result = function.try_call<int>();
      if (result) fail("error_try_read");
      keep(&result.error().name());
      keep(&result.error().message());
      keep(&result.error().stack());
    });
  };
  rows.push_back(row("error_try", 1.5, 200, try_quip, catch_c(c, raw), read_usual(c, raw)));
  rows.push_back(
      row("error_try_read", 1.2, 200, read_quip, read_fastest(sides.c, raw), read_usual(c, raw)));

  JSValue loop = sides.c.eval(loop_that_catches);
  const quip::Function throws(sides.ctx, "throws",
                              []() -> int { throw std::runtime_error("boom"); });
  rows.push_back(row("exception_to_script", 1.5, 200,
                     quip_loop(sides.ctx, loop_that_catches, throws),
                     script_loop(c, loop, sides.c.function(throw_fastest, 0), engine::undefined()),
                     script_loop(c, loop, sides.c.function(throw_usual, 0), engine::undefined())));
  const quip::Function returns(sides.ctx, "returns",
                               []() -> quip::Result<int> { return quip::Error::type("boom"); });
  rows.push_back(row("error_to_script", 1.2, 200, quip_loop(sides.ctx, loop_that_catches, returns),
                     script_loop(c, loop, sides.c.function(type_error, 0), engine::undefined()),
                     script_loop(c, loop, sides.c.function(type_error, 0), engine::undefined())));
}

}  // namespace bench

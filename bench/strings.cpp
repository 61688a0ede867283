// Text: a script hands a string to C++, C++ returns one.
#include "rows.hpp"

#include <string>
#include <string_view>

namespace bench {

namespace {

// Not digits: a string that reads as an index is treated apart by the engine.
const std::string& text_10() {
  static const std::string text(10, 'x');
  return text;
}
const std::string& text_10k() {
  static const std::string text(10240, 'x');
  return text;
}

// ---- hand-written C
// --------------------------------------------------------------------------------

// The text is looked at in place: for ASCII the engine copies nothing.
JSValue view_fastest(JSContext* ctx, JSValueConst, int, JSValueConst* argv) {
  std::size_t size = 0;
  const char* text = JS_ToCStringLen(ctx, &size, argv[0]);
  if (text == nullptr) return engine::exception();
  keep(text);
  JS_FreeCString(ctx, text);
  return JS_NewInt32(ctx, static_cast<std::int32_t>(size));
}

JSValue copy_fastest(JSContext* ctx, JSValueConst, int, JSValueConst* argv) {
  std::size_t size = 0;
  const char* text = JS_ToCStringLen(ctx, &size, argv[0]);
  if (text == nullptr) return engine::exception();
  const std::string copy(text, size);
  JS_FreeCString(ctx, text);
  keep(copy.data());
  return JS_NewInt32(ctx, static_cast<std::int32_t>(copy.size()));
}

JSValue copy_usual(JSContext* ctx, JSValueConst, int, JSValueConst* argv) {
  const char* text = JS_ToCString(ctx, argv[0]);
  if (text == nullptr) return engine::exception();
  const std::string copy(text);
  JS_FreeCString(ctx, text);
  keep(copy.data());
  return JS_NewInt32(ctx, static_cast<std::int32_t>(copy.size()));
}

JSValue return_10(JSContext* ctx, JSValueConst, int, JSValueConst*) {
  const std::string& text = text_10();
  return JS_NewStringLen(ctx, text.data(), text.size());
}
JSValue return_10_usual(JSContext* ctx, JSValueConst, int, JSValueConst*) {
  return JS_NewString(ctx, text_10().c_str());
}
JSValue return_10k(JSContext* ctx, JSValueConst, int, JSValueConst*) {
  const std::string& text = text_10k();
  return JS_NewStringLen(ctx, text.data(), text.size());
}
JSValue return_10k_usual(JSContext* ctx, JSValueConst, int, JSValueConst*) {
  return JS_NewString(ctx, text_10k().c_str());
}

// ---- the rows
// --------------------------------------------------------------------------------------

void add_in(Rows& rows, const Sides& sides, const std::string& suffix, const std::string& text,
            double view_limit, double copy_limit, std::int64_t batch) {
  JSContext* c = sides.c.context();
  JSValue loop = sides.c.eval(loop_with_argument);
  JSValue raw = sides.c.own(JS_NewStringLen(c, text.data(), text.size()));
  const quip::String argument(sides.ctx, text);
  const quip::Function view(sides.ctx, "view", [](std::string_view given) {
    keep(given.data());
    return static_cast<int>(given.size());
  });
  const quip::Function copy(sides.ctx, "copy", [](const std::string& given) {
    keep(given.data());
    return static_cast<int>(given.size());
  });
  rows.push_back(row("string_view_in_" + suffix, view_limit, batch,
                     quip_loop(sides.ctx, loop_with_argument, view, argument),
                     script_loop(c, loop, sides.c.function(view_fastest, 1), raw),
                     script_loop(c, loop, sides.c.function(copy_usual, 1), raw)));
  rows.push_back(row("string_in_" + suffix, copy_limit, batch,
                     quip_loop(sides.ctx, loop_with_argument, copy, argument),
                     script_loop(c, loop, sides.c.function(copy_fastest, 1), raw),
                     script_loop(c, loop, sides.c.function(copy_usual, 1), raw)));
}

}  // namespace

void add_string_rows(Rows& rows, const Sides& sides) {
  add_in(rows, sides, "10", text_10(), 1.1, 1.08, 1000);
  add_in(rows, sides, "10k", text_10k(), 1.05, 1.05, 100);

  JSContext* c = sides.c.context();
  JSValue loop = sides.c.eval(loop_without_argument);
  const quip::Function give_10(sides.ctx, "give", []() -> const std::string& { return text_10(); });
  const quip::Function give_10k(sides.ctx, "give",
                                []() -> const std::string& { return text_10k(); });
  rows.push_back(
      row("string_out_10", 1.05, 1000, quip_loop(sides.ctx, loop_without_argument, give_10),
          script_loop(c, loop, sides.c.function(return_10, 0), engine::undefined()),
          script_loop(c, loop, sides.c.function(return_10_usual, 0), engine::undefined())));
  rows.push_back(
      row("string_out_10k", 1.05, 100, quip_loop(sides.ctx, loop_without_argument, give_10k),
          script_loop(c, loop, sides.c.function(return_10k, 0), engine::undefined()),
          script_loop(c, loop, sides.c.function(return_10k_usual, 0), engine::undefined())));
}

}  // namespace bench

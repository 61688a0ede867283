// Beginnings and ends: a runtime with a context, a second handle of a value.
#include "rows.hpp"

#include <memory>

namespace bench {

void add_lifetime_rows(Rows& rows, const Sides& sides) {
  const Run start_c = [](std::int64_t n) {
    repeat(n, [](std::int32_t) {
      JSRuntime* runtime = JS_NewRuntime();
      JSContext* context = JS_NewContext(runtime);
      keep(context);
      JS_FreeContext(context);
      JS_FreeRuntime(runtime);
    });
  };
  const Run start_quip = [](std::int64_t n) {
    repeat(n, [](std::int32_t) {
      // as C's; rows with quip's own are in allocators.cpp
      const quip::Runtime runtime({.allocator = std::make_shared<quip::MallocAllocator>()});
      const quip::Context context(runtime);
      keep(&context);
    });
  };
  // the documentation's way is the only one
  // Of a new context quip keeps the genuine Symbol, before any script can have replaced it: 1 %.
  rows.push_back(row("startup", 1.06, 3, start_quip, start_c, start_c));

  const auto value = sides.ctx.eval<quip::Value>("({})");
  const Run copy_quip = [value](std::int64_t n) {
    repeat(n, [&](std::int32_t) {
      const quip::Value copy(value);
      keep(&copy);
    });
  };
  JSContext* c = sides.c.context();
  JSValue raw = sides.c.eval("({})");
  const Run copy_c = [c, raw](std::int64_t n) {
    repeat(n, [=](std::int32_t) {
      JSValue copy = JS_DupValue(c, raw);
      keep(&copy);
      JS_FreeValue(c, copy);
    });
  };
  rows.push_back(row("handle_copy", 2.5, 1000, copy_quip, copy_c, copy_c));
}

}  // namespace bench

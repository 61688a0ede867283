// Properties: by a name in text, by a key that stands in the source, by an atom kept by hand.
#include "rows.hpp"

#include <string_view>

namespace bench {

namespace {

// One property: whatever the engine numbers its atoms by, there is no neighbour to collide with.
constexpr const char* object_source = "({port: 8080})";
constexpr std::string_view name = "port";

/// The text as the engine sees it that was compiled before: with LTO it would be compiled anew for
/// this very name, the hash with it.
std::string_view opaque(std::string_view text) {
  const char* data = text.data();
  std::size_t size = text.size();
  asm volatile("" : "+r"(data), "+r"(size));
  return {data, size};
}

int read_port(JSValue value) {
  if (JS_VALUE_GET_TAG(value) != JS_TAG_INT) fail("get");
  return JS_VALUE_GET_INT(value);
}

// ---- hand-written C
// --------------------------------------------------------------------------------

Run get_by_atom(JSContext* ctx, JSValue object, JSAtom atom) {
  return [=](std::int64_t n) {
    repeat(n, [=](std::int32_t) { keep(read_port(JS_GetProperty(ctx, object, atom))); });
  };
}

// Faster than JS_GetPropertyStr, which measures the text first.
Run get_by_text(JSContext* ctx, JSValue object) {
  return [=](std::int64_t n) {
    repeat(n, [=](std::int32_t) {
      const std::string_view text = opaque(name);
      const JSAtom atom = JS_NewAtomLen(ctx, text.data(), text.size());
      if (atom == JS_ATOM_NULL) fail("get");
      JSValue value = JS_GetProperty(ctx, object, atom);
      JS_FreeAtom(ctx, atom);
      keep(read_port(value));
    });
  };
}

Run get_usual(JSContext* ctx, JSValue object) {
  return [=](std::int64_t n) {
    repeat(n, [=](std::int32_t) {
      JSValue value = JS_GetPropertyStr(ctx, object, "port");
      if (JS_IsException(value)) fail("get");
      std::int32_t port = 0;
      if (JS_ToInt32(ctx, &port, value) != 0) fail("get");
      JS_FreeValue(ctx, value);
      keep(port);
    });
  };
}

Run set_by_atom(JSContext* ctx, JSValue object, JSAtom atom) {
  return [=](std::int64_t n) {
    repeat(n, [=](std::int32_t i) {
      if (JS_SetProperty(ctx, object, atom, JS_NewInt32(ctx, i)) < 0) fail("set");
    });
  };
}

Run set_by_text(JSContext* ctx, JSValue object) {
  return [=](std::int64_t n) {
    repeat(n, [=](std::int32_t i) {
      const std::string_view text = opaque(name);
      const JSAtom atom = JS_NewAtomLen(ctx, text.data(), text.size());
      if (atom == JS_ATOM_NULL) fail("set");
      if (JS_SetProperty(ctx, object, atom, JS_NewInt32(ctx, i)) < 0) fail("set");
      JS_FreeAtom(ctx, atom);
    });
  };
}

Run set_usual(JSContext* ctx, JSValue object) {
  return [=](std::int64_t n) {
    repeat(n, [=](std::int32_t i) {
      if (JS_SetPropertyStr(ctx, object, "port", JS_NewInt32(ctx, i)) < 0) fail("set");
    });
  };
}

// ---- quip
// ------------------------------------------------------------------------------------------

template <class K>
Run get(const quip::Object& object, const K& key) {
  return [object, key](std::int64_t n) {
    repeat(n, [&](std::int32_t) { keep(object.get<int>(key)); });
  };
}

template <class K>
Run set(const quip::Object& object, const K& key) {
  return [object, key](std::int64_t n) { repeat(n, [&](std::int32_t i) { object.set(key, i); }); };
}

// A literal's length is known where it is written, and only there: no function in between.
Run get_literal(const quip::Object& object) {
  return
      [object](std::int64_t n) { repeat(n, [&](std::int32_t) { keep(object.get<int>("port")); }); };
}
Run set_literal(const quip::Object& object) {
  return [object](std::int64_t n) { repeat(n, [&](std::int32_t i) { object.set("port", i); }); };
}

}  // namespace

void add_property_rows(Rows& rows, const Sides& sides) {
  JSContext* c = sides.c.context();
  JSValue raw = sides.c.eval(object_source);
  const JSAtom raw_atom = sides.c.own_atom("port");
  const auto object = sides.ctx.eval<quip::Object>(object_source);
  const quip::Atom atom(sides.ctx, "port");

  rows.push_back(
      row("get_name", 1.25, 1000, get_literal(object), get_by_text(c, raw), get_usual(c, raw)));
  rows.push_back(row("get_key", 1.4, 1000, get(object, quip::key<"port">),
                     get_by_atom(c, raw, raw_atom), get_usual(c, raw)));
  rows.push_back(row("get_atom", 1.45, 1000, get(object, atom), get_by_atom(c, raw, raw_atom),
                     get_usual(c, raw)));
  rows.push_back(
      row("set_name", 1.2, 1000, set_literal(object), set_by_text(c, raw), set_usual(c, raw)));
  rows.push_back(row("set_key", 1.3, 1000, set(object, quip::key<"port">),
                     set_by_atom(c, raw, raw_atom), set_usual(c, raw)));
  rows.push_back(row("set_atom", 1.3, 1000, set(object, atom), set_by_atom(c, raw, raw_atom),
                     set_usual(c, raw)));
}

}  // namespace bench

// Structs and enums: C++ values whose names are known when the program is compiled.
#include "conversions.hpp"
#include "rows.hpp"

#include <array>
#include <cstring>
#include <string>

namespace bench {

namespace {

struct Player {
  int id;
  double score;
  bool active;
  std::string name;
  std::int64_t stamp;
};
const Player& player() {
  static const Player made{7, 1.5, true, "hello world", 1700000000000};
  return made;
}
constexpr const char* player_source =
    "({id: 7, score: 1.5, active: true, name: 'hello world', stamp: 1700000000000})";
constexpr std::size_t member_count = 5;
constexpr std::array<const char*, member_count> member_names = {"id", "score", "active", "name",
                                                                "stamp"};

enum class Color { red, green, blue };
const Color& color() {
  static const Color made = Color::green;
  return made;
}
constexpr std::array<const char*, 3> color_names = {"red", "green", "blue"};

// ---- hand-written C: structs
// ---------------------------------------------------------------------

template <std::size_t N>
std::array<JSAtom, N> own_atoms(CHost& host, const std::array<const char*, N>& names) {
  std::array<JSAtom, N> atoms{};
  for (std::size_t i = 0; i < N; ++i) atoms[i] = host.own_atom(names[i]);
  return atoms;
}

void define(JSContext* ctx, JSValueConst object, JSAtom key, JSValue value) {
  if (JS_DefinePropertyValue(ctx, object, key, value, JS_PROP_C_W_E) < 0) fail("property");
}

Run record_out(CHost& host) {
  JSContext* ctx = host.context();
  const auto atoms = own_atoms(host, member_names);
  // The engine finds the shape of an object with one property more as long as another object has
  // it: one is kept for every number of members.
  for (std::size_t count = 0; count <= member_count; ++count) {
    JSValue object = host.own(JS_NewObject(ctx));
    for (std::size_t i = 0; i < count; ++i) define(ctx, object, atoms[i], engine::undefined());
  }
  return [=](std::int64_t n) {
    const Player& given = player();
    repeat(n, [&](std::int32_t) {
      JSValue object = checked(JS_NewObject(ctx), "object");
      define(ctx, object, atoms[0], JS_NewInt32(ctx, given.id));
      define(ctx, object, atoms[1], JS_NewFloat64(ctx, given.score));
      define(ctx, object, atoms[2], JS_NewBool(ctx, given.active));
      define(ctx, object, atoms[3], JS_NewStringLen(ctx, given.name.data(), given.name.size()));
      define(ctx, object, atoms[4], JS_NewInt64(ctx, given.stamp));
      keep(object);
      JS_FreeValue(ctx, object);
    });
  };
}
Run record_out_usual(JSContext* ctx) {
  return [=](std::int64_t n) {
    const Player& given = player();
    repeat(n, [&](std::int32_t) {
      JSValue object = checked(JS_NewObject(ctx), "object");
      const bool set =
          JS_SetPropertyStr(ctx, object, "id", JS_NewInt32(ctx, given.id)) >= 0 &&
          JS_SetPropertyStr(ctx, object, "score", JS_NewFloat64(ctx, given.score)) >= 0 &&
          JS_SetPropertyStr(ctx, object, "active", JS_NewBool(ctx, given.active)) >= 0 &&
          JS_SetPropertyStr(ctx, object, "name", JS_NewString(ctx, given.name.c_str())) >= 0 &&
          JS_SetPropertyStr(ctx, object, "stamp", JS_NewInt64(ctx, given.stamp)) >= 0;
      if (!set) fail("property");
      keep(object);
      JS_FreeValue(ctx, object);
    });
  };
}

Run record_in(CHost& host, JSValue object) {
  return [ctx = host.context(), atoms = own_atoms(host, member_names), object](std::int64_t n) {
    repeat(n, [&](std::int32_t) {
      Player read{};
      read.id = read_int(JS_GetProperty(ctx, object, atoms[0]));
      read.score = read_double(JS_GetProperty(ctx, object, atoms[1]));
      read.active = read_bool(JS_GetProperty(ctx, object, atoms[2]));
      JSValue name = JS_GetProperty(ctx, object, atoms[3]);
      read_text(ctx, name,
                [&](const char* text, std::size_t size) { read.name.assign(text, size); });
      JS_FreeValue(ctx, name);
      read.stamp = read_int64(JS_GetProperty(ctx, object, atoms[4]));
      keep(read);
    });
  };
}
Run record_in_usual(JSContext* ctx, JSValue object) {
  return [=](std::int64_t n) {
    repeat(n, [=](std::int32_t) {
      Player read{};
      JSValue value = checked(JS_GetPropertyStr(ctx, object, "id"), "id");
      if (JS_ToInt32(ctx, &read.id, value) != 0) fail("id");
      JS_FreeValue(ctx, value);
      value = checked(JS_GetPropertyStr(ctx, object, "score"), "score");
      if (JS_ToFloat64(ctx, &read.score, value) != 0) fail("score");
      JS_FreeValue(ctx, value);
      value = checked(JS_GetPropertyStr(ctx, object, "active"), "active");
      read.active = JS_ToBool(ctx, value) > 0;
      JS_FreeValue(ctx, value);
      value = checked(JS_GetPropertyStr(ctx, object, "name"), "name");
      const char* text = JS_ToCString(ctx, value);
      if (text == nullptr) fail("name");
      read.name = text;
      JS_FreeCString(ctx, text);
      JS_FreeValue(ctx, value);
      value = checked(JS_GetPropertyStr(ctx, object, "stamp"), "stamp");
      if (JS_ToInt64(ctx, &read.stamp, value) != 0) fail("stamp");
      JS_FreeValue(ctx, value);
      keep(read);
    });
  };
}

// ---- hand-written C: enums
// -----------------------------------------------------------------------

Run enum_out(CHost& host) {
  return [ctx = host.context(), atoms = own_atoms(host, color_names)](std::int64_t n) {
    const Color& given = color();
    repeat(n, [&](std::int32_t) {
      keep(&given);  // read anew each time
      const auto place = static_cast<std::size_t>(given);
      if (place >= atoms.size()) fail("enum");
      JSValue name = checked(JS_AtomToString(ctx, atoms[place]), "enum");
      keep(name);
      JS_FreeValue(ctx, name);
    });
  };
}
Run enum_out_usual(JSContext* ctx) {
  return [=](std::int64_t n) {
    const Color& given = color();
    repeat(n, [&](std::int32_t) {
      keep(&given);
      const auto place = static_cast<std::size_t>(given);
      if (place >= color_names.size()) fail("enum");
      JSValue name = checked(JS_NewString(ctx, color_names[place]), "enum");
      keep(name);
      JS_FreeValue(ctx, name);
    });
  };
}

// The string of a literal is an atom already; of others the engine makes one.
Run enum_in(CHost& host, JSValue name) {
  return [ctx = host.context(), atoms = own_atoms(host, color_names), name](std::int64_t n) {
    repeat(n, [&](std::int32_t) {
      if (!JS_IsString(name)) fail("a string was expected");
      const JSAtom atom = JS_ValueToAtom(ctx, name);
      std::size_t place = 0;
      while (place < atoms.size() && atoms[place] != atom) ++place;
      JS_FreeAtom(ctx, atom);
      if (place == atoms.size()) fail("enum");
      keep(static_cast<Color>(place));
    });
  };
}
Run enum_in_usual(JSContext* ctx, JSValue name) {
  return [=](std::int64_t n) {
    repeat(n, [=](std::int32_t) {
      const char* text = JS_ToCString(ctx, name);
      if (text == nullptr) fail("enum");
      std::size_t place = 0;
      while (place < color_names.size() && std::strcmp(color_names[place], text) != 0) ++place;
      JS_FreeCString(ctx, text);
      if (place == color_names.size()) fail("enum");
      keep(static_cast<Color>(place));
    });
  };
}

}  // namespace

void add_record_rows(Rows& rows, const Sides& sides) {
  CHost& host = sides.c;
  JSContext* c = host.context();
  JSValue object = host.eval(player_source);
  rows.push_back(row("record_out", 1.05, 1000, value_out(sides.ctx, player()), record_out(host),
                     record_out_usual(c)));
  rows.push_back(row("record_in", 1.4, 1000, value_in<Player>(sides.ctx, player_source),
                     record_in(host, object), record_in_usual(c, object)));
  JSValue name = host.eval("'green'");
  rows.push_back(
      row("enum_out", 2.8, 1000, value_out(sides.ctx, color()), enum_out(host), enum_out_usual(c)));
  rows.push_back(row("enum_in", 1.65, 1000, value_in<Color>(sides.ctx, "'green'"),
                     enum_in(host, name), enum_in_usual(c, name)));
}

}  // namespace bench

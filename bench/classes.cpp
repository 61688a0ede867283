// Native classes: methods, properties, construction, overloads, virtual functions of a script.
#include "rows.hpp"
#include <quip/class/class_def.hpp>
#include <quip/class/scripted.hpp>

#include <memory>
#include <new>
#include <stdexcept>
#include <string>

namespace bench {

// ---- the class, twice --------------------------------------------------------------------------

struct Point {
  double x;
  std::int32_t count = 1;
  explicit Point(double at) : x(at) {}
  [[nodiscard]] std::int32_t add(std::int32_t a, std::int32_t b) const { return count + a + b; }
};
void define(quip::ClassDef<Point>& def) {
  def.constructor<double>().field<&Point::x>().method<&Point::add>();
}

struct Shape {
  Shape() = default;
  Shape(const Shape&) = default;
  Shape& operator=(const Shape&) = default;
  virtual ~Shape() = default;
  [[nodiscard]] virtual std::int32_t area(std::int32_t by) const { return by; }
};
struct ScriptShape : quip::Scripted<Shape> {
  using Scripted::Scripted;
  [[nodiscard]] std::int32_t area(std::int32_t by) const override {
    return call_or<&Shape::area>([&] { return Shape::area(by); }, by);
  }
};
void define(quip::ClassDef<Shape>& def) {
  def.overridable<ScriptShape>().constructor<>().method<&Shape::area>();
}

namespace {

JSClassID point_class = 0;
JSValue point_constructor;

Point* point_in(JSValueConst value) {
  return static_cast<Point*>(JS_GetOpaque(engine::take_ownership(value), point_class));
}

[[gnu::noinline, gnu::cold]] JSValue wrong_this(JSContext* ctx) {
  return JS_ThrowTypeError(ctx, "not a Point");
}
[[gnu::noinline, gnu::cold]] JSValue point_add_other(JSContext* ctx, const Point* point, int argc,
                                                     JSValueConst* argv) {
  std::int32_t a = 0;
  std::int32_t b = 0;
  if (argc < 2) return JS_ThrowTypeError(ctx, "add: two arguments are needed");
  if (JS_ToInt32(ctx, &a, argv[0]) != 0) return engine::exception();
  if (JS_ToInt32(ctx, &b, argv[1]) != 0) return engine::exception();
  return JS_NewInt32(ctx, point->add(a, b));
}
JSValue point_add(JSContext* ctx, JSValueConst self, int argc, JSValueConst* argv) {
  const Point* point = point_in(self);
  if (point == nullptr) [[unlikely]]
    return wrong_this(ctx);
  if (argc < 2 || JS_VALUE_GET_TAG(argv[0]) != JS_TAG_INT ||
      JS_VALUE_GET_TAG(argv[1]) != JS_TAG_INT) [[unlikely]] {
    return point_add_other(ctx, point, argc, argv);
  }
  return JS_NewInt32(ctx, point->add(JS_VALUE_GET_INT(argv[0]), JS_VALUE_GET_INT(argv[1])));
}
JSValue point_add_usual(JSContext* ctx, JSValueConst self, int, JSValueConst* argv) {
  const auto* point = static_cast<const Point*>(JS_GetOpaque2(ctx, self, point_class));
  std::int32_t a = 0;
  std::int32_t b = 0;
  if (point == nullptr) return engine::exception();
  if (JS_ToInt32(ctx, &a, argv[0]) != 0) return engine::exception();
  if (JS_ToInt32(ctx, &b, argv[1]) != 0) return engine::exception();
  return JS_NewInt32(ctx, point->add(a, b));
}

JSValue point_get_x(JSContext* ctx, JSValueConst self, int, JSValueConst*) {
  const Point* point = point_in(self);
  if (point == nullptr) [[unlikely]]
    return wrong_this(ctx);
  return JS_NewFloat64(ctx, point->x);
}
JSValue point_get_x_usual(JSContext* ctx, JSValueConst self, int, JSValueConst*) {
  const auto* point = static_cast<const Point*>(JS_GetOpaque2(ctx, self, point_class));
  return point == nullptr ? engine::exception() : JS_NewFloat64(ctx, point->x);
}
[[gnu::noinline, gnu::cold]] JSValue point_set_other(JSContext* ctx, Point* point,
                                                     JSValueConst value) {
  return JS_ToFloat64(ctx, &point->x, value) == 0 ? engine::undefined() : engine::exception();
}
JSValue point_set_x(JSContext* ctx, JSValueConst self, int argc, JSValueConst* argv) {
  Point* point = point_in(self);
  if (point == nullptr || argc < 1) [[unlikely]]
    return wrong_this(ctx);
  const int tag = JS_VALUE_GET_TAG(argv[0]);
  if (tag == JS_TAG_INT) {
    point->x = JS_VALUE_GET_INT(argv[0]);
  } else if (JS_TAG_IS_FLOAT64(tag)) {
    point->x = JS_VALUE_GET_FLOAT64(argv[0]);
  } else {
    return point_set_other(ctx, point, argv[0]);
  }
  return engine::undefined();
}
JSValue point_set_x_usual(JSContext* ctx, JSValueConst self, int, JSValueConst* argv) {
  auto* point = static_cast<Point*>(JS_GetOpaque2(ctx, self, point_class));
  if (point == nullptr || JS_ToFloat64(ctx, &point->x, argv[0]) != 0) return engine::exception();
  return engine::undefined();
}

// The constructor's own `prototype` cannot change, so that `new` of it need not look it up.
template <bool fast>
JSValue point_new(JSContext* ctx, JSValueConst target, int argc, JSValueConst* argv) {
  double x = 0;
  if (argc < 1) return JS_ThrowTypeError(ctx, "Point: an argument is needed");
  const int tag = JS_VALUE_GET_TAG(argv[0]);
  if (fast && tag == JS_TAG_INT) {
    x = JS_VALUE_GET_INT(argv[0]);
  } else if (JS_ToFloat64(ctx, &x, argv[0]) != 0) {
    return engine::exception();
  }
  JSValue object = engine::undefined();
  if (fast && engine::get_pointer(target) == engine::get_pointer(point_constructor)) {
    object = engine::new_object(ctx, point_class);
  } else {
    JSValue prototype = JS_GetPropertyStr(ctx, target, "prototype");
    if (JS_IsException(prototype)) return prototype;
    object = JS_NewObjectProtoClass(ctx, prototype, point_class);
    JS_FreeValue(ctx, prototype);
  }
  if (JS_IsException(object)) return object;
  auto* point = new (std::nothrow) Point(x);
  if (point == nullptr) {
    JS_FreeValue(ctx, object);
    return JS_ThrowOutOfMemory(ctx);
  }
  JS_SetOpaque(object, point);
  return object;
}

void end_point(JSRuntime*, JSValue object) { delete point_in(object); }

JSValue instance_of(CHost& host, bool fast) {
  JSContext* ctx = host.context();
  JSValue object = host.own(engine::new_object(ctx, point_class));
  JS_SetOpaque(object, new Point(2));
  JSValue prototype = host.own(JS_NewObject(ctx));
  const auto define = [&](const char* name, JSCFunction* get, JSCFunction* set) {
    JS_DefinePropertyGetSet(ctx, prototype, host.own_atom(name), JS_NewCFunction(ctx, get, name, 0),
                            JS_NewCFunction(ctx, set, name, fast ? 0 : 1), JS_PROP_CONFIGURABLE);
  };
  define("x", fast ? point_get_x : point_get_x_usual, fast ? point_set_x : point_set_x_usual);
  JS_DefinePropertyValueStr(
      ctx, prototype, "add",
      JS_NewCFunction(ctx, fast ? point_add : point_add_usual, "add", fast ? 0 : 2),
      JS_PROP_CONFIGURABLE);
  JS_SetPrototype(ctx, object, prototype);
  return object;
}

// ---- overloads ---------------------------------------------------------------------------------

JSValue pick(JSContext* ctx, JSValueConst, int argc, JSValueConst* argv) {
  if (argc >= 2) {
    if (JS_VALUE_GET_TAG(argv[0]) == JS_TAG_INT && JS_VALUE_GET_TAG(argv[1]) == JS_TAG_INT) {
      return JS_NewInt32(ctx, JS_VALUE_GET_INT(argv[0]) + JS_VALUE_GET_INT(argv[1]));
    }
  } else if (argc == 1) {
    if (JS_VALUE_GET_TAG(argv[0]) == JS_TAG_INT) {
      return JS_NewInt32(ctx, JS_VALUE_GET_INT(argv[0]));
    }
    if (JS_IsString(argv[0])) {
      std::size_t length = 0;
      const char* text = JS_ToCStringLen(ctx, &length, argv[0]);
      if (text == nullptr) return engine::exception();
      JS_FreeCString(ctx, text);
      return JS_NewInt32(ctx, static_cast<std::int32_t>(length));
    }
  }
  return JS_ThrowTypeError(ctx, "pick: no such overload");
}

// ---- virtual functions -------------------------------------------------------------------------

/// The same in C: a Shape whose functions are those of a script's object. What is no object is
/// undefined (there is no such method) or an exception, and is told apart out of line.
template <bool fast>
struct CShape : Shape {
  CShape(JSContext* context, JSValueConst script_object, JSAtom name)
      : ctx(context), object(engine::take_ownership(script_object)), area_name(name) {}
  [[nodiscard]] std::int32_t area(std::int32_t by) const override {
    JSValue method =
        fast ? JS_GetProperty(ctx, object, area_name) : JS_GetPropertyStr(ctx, object, "area");
    if (JS_VALUE_GET_TAG(method) != JS_TAG_OBJECT) [[unlikely]] {
      return no_method(method, by);
    }
    JSValueConst argument = engine::int32(by);
    JSValue result = JS_Call(ctx, method, object, 1, &argument);
    JS_FreeValue(ctx, method);
    if (JS_VALUE_GET_TAG(result) != JS_TAG_INT) [[unlikely]] {
      return other_result(result);
    }
    return JS_VALUE_GET_INT(result);
  }
  [[gnu::noinline, gnu::cold]] std::int32_t no_method(JSValue method, std::int32_t by) const {
    if (JS_IsUndefined(method)) return Shape::area(by);
    JS_FreeValue(ctx, method);
    throw std::runtime_error("area");
  }
  [[gnu::noinline, gnu::cold]] std::int32_t other_result(JSValue result) const {
    std::int32_t number = 0;
    const bool failed = JS_IsException(result) || JS_ToInt32(ctx, &number, result) != 0;
    JS_FreeValue(ctx, result);
    if (failed) throw std::runtime_error("area");
    return number;
  }
  JSContext* ctx;
  JSValue object;
  JSAtom area_name;
};

constexpr const char* loop_of_methods =
    "(function(f,p,n){var r=0;for(var i=0;i<n;i++)r=p.add(i,1);return r;})";
constexpr const char* loop_of_gets =
    "(function(f,p,n){var r=0;for(var i=0;i<n;i++)r=p.x;return r;})";
constexpr const char* loop_of_sets = "(function(f,p,n){for(var i=0;i<n;i++)p.x=i;})";
constexpr const char* loop_of_new = "(function(F,x,n){var r;for(var i=0;i<n;i++)r=new F(i);})";
constexpr const char* square = "area(by) { return by; }";

}  // namespace

void add_class_rows(Rows& rows, const Sides& sides) {
  JSContext* c = sides.c.context();
  static const JSClassDef definition = [] {
    JSClassDef it{};
    it.class_name = "Point";
    it.finalizer = end_point;
    return it;
  }();
  point_class = engine::new_class_id(sides.c.runtime());
  JS_NewClass(sides.c.runtime(), point_class, &definition);
  const quip::Object point = quip::Instance<Point>::make(sides.ctx, 2.0);
  JSValue fast = instance_of(sides.c, true);
  JSValue usual = instance_of(sides.c, false);
  const quip::Function none(sides.ctx, "none", [] {});
  const auto on_point = [&](const char* name, const char* loop) {
    rows.push_back(row(name, 1.05, 1000, quip_loop(sides.ctx, loop, none, point),
                       script_loop(c, sides.c.eval(loop), engine::undefined(), fast),
                       script_loop(c, sides.c.eval(loop), engine::undefined(), usual)));
  };
  on_point("class_method", loop_of_methods);
  on_point("class_get", loop_of_gets);
  on_point("class_set", loop_of_sets);

  const auto c_class = [&](JSCFunction* construct) {
    JSValue made = sides.c.own(JS_NewCFunction2(c, construct, "Point", 0, JS_CFUNC_constructor, 0));
    JSValue prototype = JS_NewObject(c);
    JS_SetConstructor(c, made, prototype);
    JS_SetClassProto(c, point_class, prototype);
    return made;
  };
  JSValue usual_class = c_class(point_new<false>);
  point_constructor = c_class(point_new<true>);
  const auto constructor = quip::Instance<Point>::constructor(sides.ctx).as<quip::Function>();
  rows.push_back(
      row("class_new", 1.10, 1000, quip_loop(sides.ctx, loop_of_new, constructor),
          script_loop(c, sides.c.eval(loop_of_new), point_constructor, engine::undefined()),
          script_loop(c, sides.c.eval(loop_of_new), usual_class, engine::undefined())));

  const quip::Function picker(
      sides.ctx, "pick",
      quip::overload([](const std::string& text) { return static_cast<std::int32_t>(text.size()); },
                     [](std::int32_t a) { return a; },
                     [](std::int32_t a, std::int32_t b) { return a + b; }));
  rows.push_back(row(
      "overload_3", 1.05, 1000, quip_loop(sides.ctx, loop_of_sums, picker),
      script_loop(c, sides.c.eval(loop_of_sums), sides.c.function(pick, 0), engine::undefined()),
      script_loop(c, sides.c.eval(loop_of_sums), sides.c.function(pick, 2), engine::undefined())));

  sides.ctx.globals().set("Shape", quip::Instance<Shape>::constructor(sides.ctx));
  const auto shape = sides.ctx.eval<quip::Instance<Shape>>("new (class extends Shape { " +
                                                           std::string(square) + " })()");
  JSValue object = sides.c.eval("new (class { area(by) { return by; } })()");
  const JSAtom area = sides.c.own_atom("area");
  // Who calls a virtual function does not know whose it is: nor does the compiler here.
  const auto areas = [](const std::shared_ptr<const Shape>& shape_of_any) {
    return [shape_of_any](std::int64_t n) {
      const Shape* in_cpp = shape_of_any.get();
      asm volatile("" : "+r"(in_cpp));
      repeat(n, [&](std::int32_t i) { keep(in_cpp->area(i)); });
    };
  };
  rows.push_back(row("virtual_override", 1.14, 1000, areas(shape.share()),
                     areas(std::make_shared<CShape<true>>(c, object, area)),
                     areas(std::make_shared<CShape<false>>(c, object, area))));
}

}  // namespace bench

#include "support/js.hpp"
#include <quip/class/class_def.hpp>
#include <quip/class/scripted.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace quip::test {
namespace {

struct Shape {
  inline static int alive = 0;
  explicit Shape(std::string n = "shape") : name(std::move(n)) { ++alive; }
  Shape(const Shape& other) : name(other.name) { ++alive; }
  Shape& operator=(const Shape&) = default;
  virtual ~Shape() { --alive; }
  [[nodiscard]] virtual double area() const = 0;
  [[nodiscard]] virtual std::string describe(const std::string& prefix) const {
    return prefix + name + " of " + std::to_string(static_cast<int>(area()));
  }
  virtual int grow(int by) { return by; }
  std::string name;
};

struct ScriptShape : Scripted<Shape> {
  using Scripted::Scripted;
  [[nodiscard]] double area() const override { return pure<&Shape::area>(); }
  [[nodiscard]] std::string describe(const std::string& prefix) const override {
    return call_or<&Shape::describe>([&] { return Shape::describe(prefix); }, prefix);
  }
  int grow(int by) override {
    return call_or<&Shape::grow>([&] { return Shape::grow(by); }, by);
  }
};

void define(ClassDef<Shape>& def) {
  def.overridable<ScriptShape>()
      .constructor<std::string>()
      .field<&Shape::name>()
      .method<&Shape::area>()
      .method<&Shape::describe>()
      .method<&Shape::grow>();
}

struct Circle final : Shape {
  explicit Circle(double r) : Shape("circle"), radius(r) {}
  [[nodiscard]] double area() const override { return 3 * radius * radius; }
  double radius;
};
void define(ClassDef<Circle>& def) {
  def.extends<Shape>().constructor<double>().field<&Circle::radius>();
}

class ScriptedClasses : public JsTest {
 protected:
  void SetUp() override {
    with([](Ctx ctx) {
      ctx.globals().set("Shape", Instance<Shape>::constructor(ctx));
      ctx.globals().set("Circle", Instance<Circle>::constructor(ctx));
      ctx.globals().set("areaOf", [](const Shape& shape) { return shape.area(); });
      ctx.globals().set("describe", [](const Shape& shape) { return shape.describe("a "); });
      ctx.globals().set("grow", [](Shape& shape, int by) { return shape.grow(by); });
      ctx.eval<void>(R"(
        class Square extends Shape {
          #side;
          constructor(side) { super('square'); this.#side = side; }
          area() { return this.#side ** 2; }
          grow(by) { this.#side += by; return super.grow(by) + 100; }
        }
        class Lazy extends Shape { constructor() { super('lazy'); } }
        globalThis.Square = Square; globalThis.Lazy = Lazy;
      )");
    });
  }
};

TEST_F(ScriptedClasses, CppCallsTheScriptsMethods) {
  EXPECT_EQ(eval<double>("areaOf(new Square(3))"), 9);
  EXPECT_EQ(eval<std::string>("describe(new Square(3))"), "a square of 9");
  EXPECT_EQ(eval<int>("const s = new Square(3); grow(s, 2)"), 102);
  EXPECT_EQ(eval<double>("areaOf(s)"), 25);
  EXPECT_EQ(eval<std::string>("s.describe('the ')"), "the square of 25");
  EXPECT_TRUE(eval<bool>("s instanceof Shape && s instanceof Square"));
}

TEST_F(ScriptedClasses, ThePureOnesMustBeThere) {
  expect_eval("areaOf(new Lazy())", "throws",
              "TypeError: the script's class does not have the method 'area'");
  expect_eval("new Shape('x')", "throws",
              "TypeError: an abstract class is constructed by its subclasses only");
  EXPECT_EQ(eval<int>("grow(new Lazy(), 4)"), 4);
}

TEST_F(ScriptedClasses, ErrorsComeOutOfTheVirtualFunction) {
  expect_eval("areaOf(new (class extends Shape { area() { throw new RangeError('no'); } })('x'))",
              "throws", "RangeError: no");
  EXPECT_FALSE(try_eval("areaOf(new (class extends Shape { area() { return 'x'; } })('x'))"));
}

TEST_F(ScriptedClasses, PropertiesThatAreNoMethods) {
  expect_eval(
      "areaOf(new (class extends Shape { get area() { throw new RangeError('no'); } })('x'))",
      "throws", "RangeError: no");
  for (const char* value : {"5", "null", "'text'", "Symbol()", "{}"}) {
    eval<void>("globalThis.value = " + std::string("(") + value + ")");
    EXPECT_EQ(try_eval("grow(new (class extends Shape { grow = value; })('x'), 1)").error().name(),
              "TypeError")
        << value;
  }
  EXPECT_EQ(eval<int>("grow(new (class extends Shape { grow = undefined; })('x'), 3)"), 3);
}

TEST_F(ScriptedClasses, AMethodMayDropItsObject) {
  std::shared_ptr<Shape> kept;
  with([&](Ctx ctx) {
    ctx.globals().set("drop", [&kept] { kept.reset(); });
    kept = ctx.eval<std::shared_ptr<Shape>>(R"(
      new (class extends Shape {
        #by = 40;
        grow(by) { drop(); return this.#by + by; }
      })('x'))");
  });
  EXPECT_EQ(kept.get()->grow(2), 42);
  EXPECT_EQ(kept, nullptr);
}

/// Asks for its virtual function when it ends.
struct Farewell {
  inline static std::vector<int> said;
  Farewell() = default;
  Farewell(const Farewell&) = default;
  Farewell& operator=(const Farewell&) = default;
  virtual ~Farewell() = default;
  [[nodiscard]] virtual int word() const { return 1; }
  [[nodiscard]] virtual int last() const = 0;
};
struct ScriptFarewell final : Scripted<Farewell> {
  ScriptFarewell() = default;
  ScriptFarewell(const ScriptFarewell&) = default;
  ScriptFarewell& operator=(const ScriptFarewell&) = delete;
  ~ScriptFarewell() override {
    said.push_back(ScriptFarewell::word());
    try {
      said.push_back(ScriptFarewell::last());
    } catch (const Error&) {
      said.push_back(-1);
    }
  }
  [[nodiscard]] int word() const override {
    return call_or<&Farewell::word>([&] { return Farewell::word(); });
  }
  [[nodiscard]] int last() const override { return pure<&Farewell::last>(); }
};
void define(ClassDef<Farewell>& def) {
  def.overridable<ScriptFarewell>().constructor<>().method<&Farewell::word>();
}

TEST_F(ScriptedClasses, AnEndBesideTheScript) {
  with([](Ctx ctx) { ctx.globals().set("Farewell", Instance<Farewell>::constructor(ctx)); });
  Farewell::said.clear();
  // it never became an object of the script's
  expect_eval(R"(
      const target = class extends Farewell { word() { return 2; } last() { return 3; } };
      Reflect.construct(Farewell, [], new Proxy(target, {
        get(of, key) { if (key === 'prototype') throw new RangeError('no'); return of[key]; },
      })))",
              "throws", "RangeError: no");
  EXPECT_EQ(Farewell::said, (std::vector<int>{1, -1}));
  // nor is it one any more
  Farewell::said.clear();
  eval<void>("new target(); 0");
  runtime.run_gc();
  EXPECT_EQ(Farewell::said, (std::vector<int>{1, -1}));
}

TEST_F(ScriptedClasses, InheritanceOfCpp) {
  EXPECT_EQ(eval<double>("const c = new Circle(2); areaOf(c)"), 12);
  EXPECT_EQ(eval<double>("c.area()"), 12);
  EXPECT_EQ(eval<std::string>("c.name"), "circle");
  EXPECT_TRUE(
      eval<bool>("c instanceof Shape && Object.getPrototypeOf(Circle) === Shape && "
                 "Object.getPrototypeOf(Circle.prototype) === Shape.prototype"));
  expect_eval(
      "Object.getOwnPropertyDescriptor(Circle.prototype, 'radius').get.call(new Square(1))",
      "throws",
      "TypeError: Failed to read the 'radius' property from 'Circle': 'this' is not of type "
      "'Circle' (got Shape)");
  with([](Ctx ctx) {
    std::shared_ptr<Shape> shape = std::make_shared<Circle>(1);
    ctx.globals().set("found", shape);
    EXPECT_TRUE(ctx.eval<bool>("found instanceof Circle && found.radius === 1"));
    EXPECT_EQ(ctx.eval<std::shared_ptr<Shape>>("found"), shape);
    EXPECT_EQ(ctx.eval<std::shared_ptr<Circle>>("found"), shape);
  });
}

TEST_F(ScriptedClasses, CppKeepsAScriptsObject) {
  const int before = Shape::alive;
  std::shared_ptr<Shape> kept = eval<std::shared_ptr<Shape>>("new Square(4)");
  runtime.run_gc();
  EXPECT_EQ(kept->area(), 16);
  runtime = Runtime();
  EXPECT_THROW((void)kept->area(), Error);
  EXPECT_EQ(kept->name, "square");
  kept.reset();
  EXPECT_EQ(Shape::alive, before);
}

TEST_F(ScriptedClasses, ASubclassThatSkipsSuper) {
  EXPECT_EQ(try_eval("new (class extends Shape { constructor() {} })()").error().name(),
            "ReferenceError");
  expect_eval("Reflect.construct(Object, [], Square).name", "throws",
              "TypeError: Failed to read the 'name' property from 'Shape': 'this' is not of type "
              "'Shape' (got object)");
  EXPECT_TRUE(eval<bool>("Reflect.construct(Circle, [1], Square) instanceof Square"));
}

}  // namespace
}  // namespace quip::test

#include "support/js.hpp"
#include <quip/class/class_def.hpp>

#include <cmath>
#include <memory>
#include <string>
#include <vector>

namespace quip::test {
namespace {

struct Point {
  double x = 0;
  double y = 0;
  Point() = default;
  Point(double px, double py) : x(px), y(py) {}
  [[nodiscard]] double norm() const { return std::sqrt(x * x + y * y); }
  void move(double dx, double dy) noexcept {
    x += dx;
    y += dy;
  }
  [[nodiscard]] double dot(const Point& other) const { return x * other.x + y * other.y; }
  Point& self() { return *this; }
  static Point origin() { return {}; }
  [[nodiscard]] int label() const noexcept { return label_; }
  void set_label(int label) { label_ = label; }
  int label_ = 7;
};

void define(ClassDef<Point>& def) {
  def.constructor<double, double>()
      .field<&Point::x>()
      .field<&Point::y>()
      .method<&Point::norm>()
      .method<&Point::move>()
      .method<&Point::dot>()
      .method<&Point::self>()
      .method("scale",
              [](Point& p, double by) {
                p.x *= by;
                p.y *= by;
              })
      .property<&Point::label, &Point::set_label>("label")
      .static_method<&Point::origin>()
      .constant("DIMENSIONS", 2);
}

struct Named {
  [[nodiscard]] int twice(int n) const { return factor * n; }
  int factor = 2;
};
void define(ClassDef<Named>& def) {
  // what only lives as long as this function
  const std::string base = "A name that is longer than a small string";
  def.name(base + "!").constructor<>().callable<&Named::twice>();
  def.method(base + "?", [](const Named& named) { return named.factor; });
}

class ClassDefs : public JsTest {};

TEST_F(ClassDefs, NamesAreCopied) {
  with([](Ctx ctx) { ctx.globals().set("Named", Instance<Named>::constructor(ctx)); });
  EXPECT_EQ(eval<std::string>("Named.name"), "A name that is longer than a small string!");
  EXPECT_EQ(eval<int>("new Named()['A name that is longer than a small string?']()"), 2);
  EXPECT_EQ(eval<int>("new Named()(4)"), 8);
}

TEST_F(ClassDefs, AnInstanceIsAnObjectToo) {
  with([](Ctx ctx) {
    const auto point = Instance<Point>::make(ctx, 1.0, 2.0);
    EXPECT_EQ(point.get<double>("y"), 2);
    EXPECT_EQ(point.get().y, 2);
    EXPECT_EQ(*point.try_get<int>("label"), 7);
  });
}

TEST_F(ClassDefs, AClassIsConstructedAndUsed) {
  with([](Ctx ctx) { ctx.globals().set("Point", Instance<Point>::constructor(ctx)); });
  EXPECT_EQ(eval<double>("new Point(3, 4).norm()"), 5);
  EXPECT_EQ(eval<double>("const p = new Point(1, 2); p.move(2, 2); p.x * 10 + p.y"), 34);
  EXPECT_EQ(eval<int>("Point.DIMENSIONS"), 2);
  EXPECT_EQ(eval<double>("p.dot(new Point(1, 1))"), 7);
  EXPECT_TRUE(eval<bool>("p.self() === p"));
  EXPECT_TRUE(eval<bool>("p instanceof Point && Point.origin() instanceof Point"));
  EXPECT_EQ(eval<int>("p.label = 9; p.label"), 9);
  EXPECT_EQ(eval<double>("p.scale(2); p.x"), 6);
  EXPECT_EQ(eval<std::string>("typeof Point + Point.name + Point.length"), "functionPoint2");
  EXPECT_THROW(eval<double>("Point(1, 2)"), Error);
  EXPECT_THROW(eval<double>("Point.prototype.norm.call({})"), Error);
}

}  // namespace
}  // namespace quip::test

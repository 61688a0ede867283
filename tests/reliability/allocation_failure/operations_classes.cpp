// Classes of C++ for scripts.
#include "operation.hpp"

#include <compare>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace quip::test {

// with a name, because class names are part of what scripts see
namespace classes {

struct Point {
  double x = 0;
  double y = 0;
  Point() = default;
  Point(double a, double b) : x(a), y(b) {}
  [[nodiscard]] double dot(const Point& other) const { return x * other.x + y * other.y; }
  [[nodiscard]] std::string text() const { return std::to_string(x) + "|" + std::to_string(y); }
  static Point unit() { return {1, 0}; }
  Point operator+(const Point& other) const { return {x + other.x, y + other.y}; }
  bool operator==(const Point&) const = default;
};

struct Animal {
  explicit Animal(std::string called = "animal") : name(std::move(called)) {}
  Animal(const Animal&) = default;
  Animal& operator=(const Animal&) = default;
  virtual ~Animal() = default;
  [[nodiscard]] virtual std::string sound() const { return name + " is silent"; }
  std::string name;
};
struct Dog : Animal {
  explicit Dog(std::string called = "dog") : Animal(std::move(called)) {}
  [[nodiscard]] std::string sound() const override { return name + " barks"; }
  [[nodiscard]] int legs() const { return 4; }
};
struct ScriptAnimal : Scripted<Animal> {
  using Scripted::Scripted;
  [[nodiscard]] std::string sound() const override {
    return call_or<&Animal::sound>([&] { return Animal::sound(); });
  }
};

struct Node {
  std::vector<Value> children;
  void add(const Value& child) { children.push_back(child); }
  [[nodiscard]] std::size_t size() const { return children.size(); }
  void trace(Tracer& tracer) const { tracer(children); }
};

struct Dictionary {
  std::map<std::string, int> entries;
};

struct Counter {
  int operator()(int by) { return count += by; }
  int count = 0;
};

void define(ClassDef<Point>& def) {
  def.constructor<double, double>()
      .constructor<>()
      .field<&Point::x>()
      .field<&Point::y>()
      .method<&Point::dot>()
      .method<&Point::text>()
      .property("length", [](const Point& p) { return p.dot(p); })
      .static_method<&Point::unit>()
      .constant("dimensions", 2)
      .operators<Op::add, Op::equals>();
}
void define(ClassDef<Animal>& def) {
  def.overridable<ScriptAnimal>()
      .constructor<std::string>()
      .field<&Animal::name>()
      .method<&Animal::sound>();
}
void define(ClassDef<Dog>& def) {
  def.extends<Animal>().constructor<std::string>().method<&Dog::legs>();
}
void define(ClassDef<Node>& def) {
  def.constructor<>().method<&Node::add>().method<&Node::size>().iterable(&Node::children);
}
void define(ClassDef<Dictionary>& def) {
  Exotic<Dictionary> exotic;
  exotic.get = [](Dictionary& self, Ctx ctx, const Atom& key) -> std::optional<Value> {
    const auto found = self.entries.find(key.is_symbol() ? "" : key.to_string());
    if (found == self.entries.end()) return std::nullopt;
    return Value(ctx, found->second);
  };
  exotic.set = [](Dictionary& self, Ctx, const Atom& key, const Value& value) {
    self.entries[key.to_string()] = value.as<int>();
    return true;
  };
  exotic.keys = [](Dictionary& self, Ctx ctx) {
    std::vector<Atom> keys;
    for (const auto& entry : self.entries) keys.emplace_back(ctx, entry.first);
    return keys;
  };
  def.constructor<>().exotic(std::move(exotic));
}
void define(ClassDef<Counter>& def) { def.constructor<>().callable<&Counter::operator()>(); }

}  // namespace classes

namespace {

using classes::Animal;
using classes::Counter;
using classes::Dictionary;
using classes::Dog;
using classes::Node;
using classes::Point;
using enum Source;
using enum Where;

/// A script's function that is called with a class of C++, whose first use that is unless it is
/// known from `is_known` on.
template <class T>
Operation with_class(std::string_view name, std::string_view script, std::string_view expected,
                     bool is_known = true) {
  return {name, none, inside, [script, expected, is_known](World& world) {
            const auto function = world.eval<Function>(script);
            if (is_known) (void)Instance<T>::constructor(world.ctx());
            return [ctx = world.ctx(), function, expected] {
              const Value result = function.call(Instance<T>::constructor(ctx));
              expect(result.to_display_string() == expected);
            };
          }};
}

}  // namespace

Operations class_operations() {
  return {
      {"Instance::constructor, the first in a realm", none, inside,
       [](World& world) {
         return [ctx = world.ctx()] { expect(Instance<Point>::constructor(ctx).is_function()); };
       }},
      {"Instance::constructor of a derived class", none, inside,
       [](World& world) {
         return [ctx = world.ctx()] { expect(Instance<Dog>::constructor(ctx).is_function()); };
       }},
      {"Instance::prototype", none, inside,
       [](World& world) {
         return [ctx = world.ctx()] { expect(Instance<Node>::prototype(ctx).has("add")); };
       }},
      {"Instance::make", none, inside,
       [](World& world) {
         return [ctx = world.ctx()] {
           const auto point = Instance<Point>::make(ctx, 1.0, 2.0);
           expect(point->y == 2 && point.get<double>("x") == 1);
         };
       }},
      {"Instance::make_with_prototype", none, inside,
       [](World& world) {
         const auto prototype = world.eval<Object>("({ extra: 1 })");
         return [ctx = world.ctx(), prototype] {
           const auto point = Instance<Point>::make_with_prototype(ctx, prototype, 1.0, 2.0);
           expect(point.Object::get<int>("extra") == 1);
         };
       }},
      {"an object by value, both ways", none, inside,
       [](World& world) {
         return [ctx = world.ctx()] { expect(Value(ctx, Point(3, 4)).as<Point>().y == 4); };
       }},
      {"an object by std::shared_ptr, both ways", none, inside,
       [](World& world) {
         return [ctx = world.ctx()] {
           const auto dog = std::make_shared<Dog>("rex");
           const Value value(ctx, dog);
           expect(value.as<std::shared_ptr<Dog>>() == dog);
           expect(value.as<std::shared_ptr<Animal>>() == dog);
         };
       }},
      {"an object by std::unique_ptr, both ways", none, inside,
       [](World& world) {
         return [ctx = world.ctx()] {
           const Value value(ctx, std::make_unique<Point>(1, 2));
           expect(value.as<std::unique_ptr<Point>>()->y == 2);
         };
       }},
      {"an object that is lent", none, inside,
       [](World& world) {
         const auto function = world.eval<Function>("p => { p.x += 1; return p.x }");
         return [function] {
           Point point(1, 2);
           const Loan<Point> loan(point);
           expect(function.call<double>(loan) == 2 && point.x == 2);
         };
       }},
      {"Instance::share", none, inside,
       [](World& world) {
         return [ctx = world.ctx()] {
           const auto dog = Instance<Dog>::make(ctx, "rex");
           expect(dog.share()->name == "rex");
         };
       }},
      {"an object of the wrong class", none, inside,
       [](World& world) {
         const Value value(world.ctx(), Point(1, 2));
         return [value] { expect(!value.try_as<std::shared_ptr<Dog>>()); };
       }},
      with_class<Point>("new, a method and fields", "P => new P(1, 2).dot(new P(3, 4)) + 1", "12"),
      with_class<Point>("new of a class that nobody used", "P => new P(1, 2).y", "2", false),
      with_class<Point>("a property", "P => new P(3, 4).length", "25"),
      with_class<Point>("setting a field", "P => { const p = new P(); p.x = 5; return p.x }", "5"),
      with_class<Point>("a static method and a constant", "P => P.unit().x + P.dimensions", "3"),
      with_class<Point>("operators", "P => new P(1, 2).equals?.(new P(1, 2)) ?? true", "true"),
      with_class<Point>("a constructor that is called without new",
                        "P => { try { P(1, 2) } catch (e) { return true } }", "true"),
      with_class<Point>("a method with the wrong this",
                        "P => { try { P.prototype.text.call({}) }"
                        "catch (e) { return true } }",
                        "true"),
      with_class<Point>("a class of a script that extends one of C++",
                        "P => { class Q extends P { constructor() { super(1, 2); this.z = 3 }"
                        "sum() { return this.x + this.y + this.z } } return new Q().sum() }",
                        "6"),
      with_class<Dog>("an inherited method", "D => new D('rex').sound()", "rex barks"),
      with_class<Node>("objects that hold values",
                       "N => { const n = new N(); n.add({ n }); n.add(1); return n.size() }", "2"),
      with_class<Node>("an iterable class",
                       "N => { const n = new N(); n.add(1); n.add(2); return [...n].length }", "2"),
      with_class<Dictionary>("an exotic class",
                             "D => { const d = new D(); d.a_key = 1; d.other = 2;"
                             "return d.a_key + Object.keys(d).length }",
                             "3"),
      with_class<Counter>("a callable class", "C => { const c = new C(); c(1); return c(2) }", "3"),
      {"a virtual function that a script overrides", none, inside,
       [](World& world) {
         const auto make = world.eval<Function>(
             "A => { class Cat extends A { sound() { return this.name + ' meows' } }"
             "return new Cat('tom') }");
         return [ctx = world.ctx(), make] {
           const auto cat = make.call<std::shared_ptr<Animal>>(Instance<Animal>::constructor(ctx));
           expect(cat->sound() == "tom meows");
         };
       }},
      {"a virtual function that no script overrides", none, inside,
       [](World& world) {
         const auto make = world.eval<Function>("A => new A('it')");
         return [ctx = world.ctx(), make] {
           const auto animal =
               make.call<std::shared_ptr<Animal>>(Instance<Animal>::constructor(ctx));
           expect(animal->sound() == "it is silent");
         };
       }},
      {"cycles through objects of C++", none, outside,
       [](World& world) {
         const auto function = world.eval<Function>(
             "N => { for (let i = 0; i < 5; ++i) { const n = new N(); n.add([n]) } }");
         return [&world, function] {
           world.context().with(
               [&](Ctx ctx) { function.call<void>(Instance<Node>::constructor(ctx)); });
           world.runtime().run_gc();
         };
       }},
      {"describe a class", none, outside,
       [](World&) { return [] { expect(describe<Point>().name == "Point"); }; }},
  };
}

}  // namespace quip::test

#include "support/js.hpp"
#include <quip/class/class_def.hpp>

#include <compare>
#include <list>
#include <map>
#include <memory>
#include <ostream>
#include <ranges>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace quip::test {
namespace {

struct Money {
  int cents = 0;
  explicit Money(int c) : cents(c) {}
  friend Money operator+(const Money& a, const Money& b) { return Money(a.cents + b.cents); }
  friend Money operator-(const Money& a, const Money& b) { return Money(a.cents - b.cents); }
  friend Money operator*(const Money& a, double by) {
    return Money(static_cast<int>(a.cents * by));
  }
  friend double operator/(const Money& a, const Money& b) {
    if (b.cents == 0) throw std::domain_error("division by nothing");
    return static_cast<double>(a.cents) / b.cents;
  }
  friend Money operator/(const Money& a, double by) {
    return Money(static_cast<int>(a.cents / by));
  }
  friend Money operator%(const Money& a, const Money& b) { return Money(a.cents % b.cents); }
  Money operator-() const { return Money(-cents); }
  friend bool operator==(const Money&, const Money&) = default;
  friend auto operator<=>(const Money&, const Money&) = default;
  explicit operator double() const { return cents; }
  friend std::ostream& operator<<(std::ostream& out, const Money& m) {
    return out << m.cents << " ct";
  }
};
void define(ClassDef<Money>& def) {
  def.constructor<int>()
      .field<&Money::cents>()
      .operators<Op::add, Op::subtract, Op::multiply, Op::divide, Op::remainder, Op::negate,
                 Op::equals, Op::compare, Op::to_string, Op::value_of>();
}

/// Ordered by `<` alone, with a text of its own.
struct Version {
  int number = 0;
  explicit Version(int n) : number(n) {}
  friend bool operator<(const Version& a, const Version& b) { return a.number < b.number; }
  friend std::string to_string(const Version& v) { return "v" + std::to_string(v.number); }
};
void define(ClassDef<Version>& def) {
  def.constructor<int>().operators<Op::compare, Op::to_string>();
}
/// Without an order for all.
struct Measure {
  double value = 0;
  explicit Measure(double v) : value(v) {}
  friend std::partial_ordering operator<=>(const Measure&, const Measure&) = default;
};
void define(ClassDef<Measure>& def) { def.constructor<double>().operators<Op::compare>(); }

struct Named {
  std::string name;
  bool closed = false;
  explicit Named(std::string n) : name(std::move(n)) {}
  void close() { closed = true; }
};
void define(ClassDef<Named>& def) {
  def.constructor<std::string>()
      .field<&Named::closed>()
      .dispose<&Named::close>()
      .prototype_constant(symbol::to_string_tag, "Tagged")
      .method(symbol::to_primitive,
              [](const Named& n, const std::string& hint) { return n.name + ":" + hint; })
      .static_method(symbol::has_instance, [](const Value& value) { return value.is_object(); })
      .property(symbol::is_concat_spreadable, [](const Named&) { return false; });
}

struct Adder {
  int base = 0;
  explicit Adder(int b) : base(b) {}
};
void define(ClassDef<Adder>& def) {
  def.constructor<int>().field<&Adder::base>().callable(
      [](Adder& adder, int n, Opt<int> more) { return adder.base += n + more.value_or(0); });
}

struct Bag {
  std::vector<int> items{1, 2, 3};
  std::list<std::string> names{"a", "b"};
  std::map<std::string, int> table{{"x", 1}};
  [[nodiscard]] const std::vector<int>& all() const { return items; }
};
/// Each kind of iteration as a class of its own, because a class has one iterator.
template <int kind>
struct BagOf : Bag {};
void define(ClassDef<BagOf<0>>& def) {
  def.name("Places").constructor<>().iterable([](const Bag& bag) -> auto& { return bag.items; });
  def.method("push", [](BagOf<0>& bag, int n) { bag.items.push_back(n); })
      .method("clear", [](BagOf<0>& bag) { bag.items = {}; });
}
void define(ClassDef<BagOf<1>>& def) {
  def.name("Names").constructor<>().iterable(&BagOf<1>::names);
  def.method("clear", [](BagOf<1>& bag) { bag.names.clear(); });
}
void define(ClassDef<BagOf<2>>& def) {
  def.name("Doubled").constructor<>().iterable([](const BagOf<2>& bag) {
    return bag.items | std::views::transform([](int n) { return 2 * n; });
  });
}
void define(ClassDef<BagOf<3>>& def) {
  def.name("Table").constructor<>().iterable([](const BagOf<3>& bag) { return bag.table; });
}
void define(ClassDef<BagOf<4>>& def) {
  def.name("Counting").constructor<>().iterable([](const BagOf<4>& bag) {
    return iterator_from([n = bag.items.size()]() mutable {
      return n > 0 ? std::optional<std::size_t>(n--) : std::nullopt;
    });
  });
}
void define(ClassDef<BagOf<5>>& def) {
  def.name("Member").held_by<std::unique_ptr<BagOf<5>>>().constructor<>().iterable(&BagOf<5>::all);
}

class Operators : public JsTest {
 protected:
  template <class... T>
  void add() {
    with([](Ctx ctx) {
      (ctx.globals().set(Instance<T>::constructor(ctx).template get<std::string>("name"),
                         Instance<T>::constructor(ctx)),
       ...);
    });
  }
};

TEST_F(Operators, AreMethods) {
  add<Money>();
  eval("globalThis.a = new Money(30); globalThis.b = new Money(12); 0");
  expect_eval("a.add(b).cents", "number", "42");
  expect_eval("a.subtract(b).cents", "number", "18");
  expect_eval("a.multiply(1.5).cents", "number", "45");
  expect_eval("a.divide(b)", "number", "2.5");
  expect_eval("a.divide(3).cents", "number", "10");
  expect_eval("a.divide(new Money(0))", "throws", "RangeError: division by nothing");
  expect_eval("a.remainder(b).cents", "number", "6");
  expect_eval("a.negate().cents", "number", "-30");
  expect_eval("[a.equals(b), a.equals(new Money(30))].join()", "string", "false,true");
  expect_eval("[a.compare(b), b.compare(a), a.compare(a)].join()", "string", "1,-1,0");
  expect_eval("`${a}` + String(b)", "string", "30 ct12 ct");
  expect_eval("+a + b * 2", "number", "54");
  expect_eval("a > b && !(a < b)", "boolean", "true");
  expect_eval("[b, a].sort((x, y) => y.compare(x))[0] === a", "boolean", "true");
  expect_eval("a.add(1)", "throws",
              "TypeError: Failed to execute 'add' on 'Money': parameter 1 is not of type 'Money' "
              "(got 1 (number))");
  EXPECT_TRUE(
      show(try_eval("a.divide('x')"))
          .text.starts_with("TypeError: Failed to execute 'divide' on 'Money': no overload"));
}

TEST_F(Operators, OrdersAndTexts) {
  add<Version, Measure>();
  expect_eval(
      "const v = n => new Version(n); [v(1).compare(v(2)), v(2).compare(v(1)), "
      "v(1).compare(v(1)), `${v(3)}`].join()",
      "string", "-1,1,0,v3");
  expect_eval("new Measure(1).compare(new Measure(NaN))", "number", "NaN");
  expect_eval("new Measure(1).compare(new Measure(2))", "number", "-1");
}

TEST_F(Operators, SymbolsAreNames) {
  add<Named>();
  eval("globalThis.n = new Named('it'); 0");
  expect_eval("Object.prototype.toString.call(n)", "string", "[object Tagged]");
  expect_eval("`${n}` + (n + '') + +new Named('5').closed", "string", "it:stringit:default0");
  expect_eval("({}) instanceof Named && !(1 instanceof Named)", "boolean", "true");
  expect_eval("Named.prototype[Symbol.toPrimitive].name", "string", "[Symbol.toPrimitive]");
  expect_eval("[].concat(n)[0] === n", "boolean", "true");
  expect_eval("Named.prototype[Symbol.toPrimitive].call({}, 'x')", "throws",
              "TypeError: Failed to execute '[Symbol.toPrimitive]' on 'Named': 'this' is not of "
              "type 'Named' (got object)");
}

TEST_F(Operators, DisposeIsBoundWhereTheEngineHasIt) {
  add<Named>();
  expect_eval(R"(
    const n = new Named('x');
    if (typeof Symbol.dispose === 'symbol') n[Symbol.dispose]();
    n.closed === (typeof Symbol.dispose === 'symbol'))",
              "boolean", "true");
}

TEST_F(Operators, InstancesAreFunctions) {
  add<Adder>();
  eval("globalThis.adder = new Adder(1); 0");
  expect_eval("typeof adder", "string", "function");
  expect_eval("adder(2) + adder.base", "number", "6");
  expect_eval("adder.call(null, 1) + adder.apply(null, [1, 1])", "number", "10");
  expect_eval("adder.bind(null, 4)()", "number", "10");
  expect_eval("[1, 2].map(adder).join()", "string", "11,14");
  expect_eval("(() => { try { new adder(1) } catch (e) { return e.name } })()", "string",
              "TypeError");
  expect_eval("adder instanceof Adder && adder instanceof Function", "boolean", "true");
  EXPECT_THROW(eval("adder('x')"), Error);
  expect_eval("class More extends Adder { twice(n) { return this(2 * n); } } new More(1).twice(2)",
              "number", "5");
}

TEST_F(Operators, AContainerWithPlacesIsLive) {
  add<BagOf<0>>();
  expect_eval("[...new Places()].join()", "string", "1,2,3");
  expect_eval(R"(
    const bag = new Places(), seen = [];
    for (const n of bag) { seen.push(n); if (n < 3) bag.push(n + 10); }
    seen.join())",
              "string", "1,2,3,11,12");
  expect_eval(R"(
    const bag2 = new Places(), seen2 = [];
    for (const n of bag2) { seen2.push(n); bag2.clear(); }
    seen2.join())",
              "string", "1");
  // the iterator keeps the object
  expect_eval("const it = new Places()[Symbol.iterator](); it.next().value + it.next().value",
              "number", "3");
  expect_eval("it[Symbol.iterator]() === it && Array.from(it).join()", "string", "3");
  expect_eval("Places.prototype[Symbol.iterator].call([])", "throws",
              "TypeError: Failed to execute '[Symbol.iterator]' on 'Places': 'this' is not of type "
              "'Places' (got array)");
}

TEST_F(Operators, OtherRangesAreCopiedOrOwned) {
  add<BagOf<1>, BagOf<2>, BagOf<3>, BagOf<4>>();
  expect_eval(
      "const bag = new Names(), seen = []; "
      "for (const n of bag) { bag.clear(); seen.push(n); } seen.join()",
      "string", "a,b");
  expect_eval("[...new Doubled()].join()", "string", "2,4,6");
  expect_eval(
      "const view = new Doubled()[Symbol.iterator](); "
      "view.next(); [...view].join()",
      "string", "4,6");
  expect_eval("[...new Table()].join('|')", "string", "x,1");
  expect_eval("[...new Counting()].join()", "string", "3,2,1");
}

TEST_F(Operators, AnObjectThatGoesEndsItsIteration) {
  add<BagOf<5>>();
  eval("globalThis.bag = new Member(); globalThis.it = bag[Symbol.iterator](); it.next(); 0");
  EXPECT_EQ(eval<std::unique_ptr<BagOf<5>>>("bag")->items.size(), 3U);
  expect_eval("it.next()", "throws", "TypeError: the value is a 'Member' whose C++ object is gone");
  expect_eval("it.next().done", "boolean", "true");
}

}  // namespace
}  // namespace quip::test

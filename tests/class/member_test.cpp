#include "support/js.hpp"
#include <quip/class/class_def.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace quip::test {
namespace {

enum class Color { red, green };
struct Size {
  int width = 1;
  int height = 2;
};

struct Gear {
  int teeth = 0;
  explicit Gear(int t = 0) : teeth(t) {}
  [[nodiscard]] int doubled() const noexcept { return 2 * teeth; }
};
void define(ClassDef<Gear>& def) {
  def.constructor<int>().field<&Gear::teeth>().method<&Gear::doubled>();
}

/// What a record with objects in it is.
struct Pair {
  std::shared_ptr<Gear> first;
  std::shared_ptr<Gear> second;
};

class EngineBase {
 public:
  [[nodiscard]] std::string describe_base() const { return "base " + serial; }
  std::string serial = "s1";
};

class Machine : public EngineBase {
 public:
  Color color = Color::green;
  Size size;
  std::string label = "m";
  std::vector<int> numbers{1, 2};
  std::optional<int> limit;
  const int fixed = 42;
  Gear gear{8};
  std::shared_ptr<Gear> spare = std::make_shared<Gear>(3);
  inline static int built = 0;
  inline static const int version = 5;
  inline static Gear standard{11};

  int at(int index) & { return numbers.at(static_cast<std::size_t>(index)); }
  [[nodiscard]] std::string take() && { return std::move(label); }
  [[nodiscard]] int size_of() const& noexcept { return static_cast<int>(numbers.size()); }
  [[nodiscard]] int find(int number) const { return number * 10; }
  [[nodiscard]] std::string find(const std::string& text) const { return text + "!"; }
  Gear& part() { return gear; }
  [[nodiscard]] const Gear& look() const { return gear; }
  Gear* maybe(bool is) { return is ? &gear : nullptr; }
  [[nodiscard]] std::unique_ptr<Gear> fresh() const { return std::make_unique<Gear>(1); }
  [[nodiscard]] std::shared_ptr<const Gear> shared() const { return spare; }
  [[nodiscard]] Result<int> checked(int n) const {
    if (n < 0) return Error::range("negative");
    return n;
  }
  [[nodiscard]] std::optional<Gear> some(bool is) const {
    return is ? std::optional<Gear>(gear) : std::nullopt;
  }
  [[nodiscard]] std::vector<std::shared_ptr<Gear>> all() const { return {spare, spare}; }
  [[nodiscard]] Pair pair() const { return {spare, nullptr}; }
  int sum(const Pair& pair) { return pair.first->teeth + (pair.second ? 1 : 0); }

 private:
  int hidden_ = 6;
  [[nodiscard]] int hidden() const { return hidden_; }
  void set_hidden(int value) { hidden_ = value; }
  friend void define(ClassDef<Machine>& def);
};

void define(ClassDef<Machine>& def) {
  def.constructor<>()
      .field<&Machine::color>()
      .field<&Machine::size>()
      .field<&Machine::label>(PropertyFlags::enumerable)
      .field<&Machine::numbers>()
      .field<&Machine::limit>()
      .field<&Machine::fixed>(PropertyFlags::locked)
      .field<&Machine::gear>()
      .field<&Machine::spare>()
      .field<&Machine::label>("readLabel", PropertyFlags::readonly, doc("The label."))
      .field<&EngineBase::serial>()
      .static_field<&Machine::built>()
      .static_field<&Machine::version>()
      .static_field<&Machine::standard>()
      .method<&Machine::at>()
      .method<&Machine::take>()
      .method<&Machine::size_of>("count")
      .method<static_cast<int (Machine::*)(int) const>(&Machine::find)>("findNumber")
      .method<static_cast<int (Machine::*)(int) const>(&Machine::find),
              static_cast<std::string (Machine::*)(const std::string&) const>(&Machine::find)>(
          "find")
      .method<&EngineBase::describe_base>("describe")
      .method<&Machine::part>()
      .method<&Machine::look>()
      .method<&Machine::maybe>()
      .method<&Machine::fresh>()
      .method<&Machine::shared>()
      .method<&Machine::checked>()
      .method<&Machine::some>()
      .method<&Machine::all>()
      .method<&Machine::pair>()
      .method<&Machine::sum>()
      .property<&Machine::hidden, &Machine::set_hidden>("hidden")
      .property("area", [](const Machine& m) { return m.size.width * m.size.height; })
      .property(
          "first", [](const Machine& m) { return m.numbers.front(); },
          [](Machine& m, int value) { m.numbers.front() = value; }, PropertyFlags::enumerable)
      .method(
          "mixed",
          [](Machine& m, Ctx ctx, This<Object> self, int n, Opt<int> more, Rest<std::string> rest) {
            self.value.set("seen", ctx.eval<int>("40 + 2"));
            std::string text = m.label + std::to_string(n) + std::to_string(more.value_or(-1));
            for (const std::string& each : rest) text += each;
            return text;
          })
      .method("raw", [](const Machine&, CallArgs args) { return static_cast<int>(args.size()); })
      .method("overloaded", overload([](const Machine& m) { return m.label; },
                                     [](Machine& m, int n) { return m.label + std::to_string(n); },
                                     [](Machine* m, const Gear& g) {
                                       return m->label + "g" + std::to_string(g.teeth);
                                     },
                                     [](std::string a, std::string b) { return a + b; }))
      .method("free", [](This<Object> self) { return self.value.has("label"); })
      .static_method("twice", [](int n) { return 2 * n; })
      .static_property("answer", [] { return 42; })
      .static_property(
          "total", [] { return Machine::built; }, [](int n) { Machine::built = n; })
      .constant("LIMIT", 9)
      .constant("COLOR", Color::red)
      .prototype_constant("KIND", "machine");
}

class Members : public JsTest {
 protected:
  void SetUp() override {
    with([](Ctx ctx) {
      ctx.globals().set("Machine", Instance<Machine>::constructor(ctx));
      ctx.globals().set("Gear", Instance<Gear>::constructor(ctx));
    });
    eval("globalThis.m = new Machine(); 0");
  }
};

TEST_F(Members, FieldsOfManyTypes) {
  expect_eval("m.color", "string", "green");
  expect_eval("m.color = 'red'; m.color", "string", "red");
  EXPECT_TRUE(
      show(try_eval("m.color = 'blue'"))
          .text.starts_with("TypeError: Failed to set the 'color' property on 'Machine': "));
  expect_eval("m.size = {width: 3, height: 4}; m.area", "number", "12");
  expect_eval("m.size.width", "number", "3");
  expect_eval("m.numbers.push(3); m.numbers.length", "number", "2");  // an array is a copy
  expect_eval("m.numbers = [5, 6, 7]; m.numbers.join()", "string", "5,6,7");
  expect_eval("String(m.limit)", "string", "undefined");
  expect_eval("m.limit = 4; m.limit", "number", "4");
  expect_eval("m.limit = undefined; String(m.limit)", "string", "undefined");
  expect_eval("m.serial + m.describe()", "string", "s1base s1");
  expect_eval("m.first = 8; m.numbers.join()", "string", "8,6,7");
  expect_eval("m.hidden = 7; m.hidden", "number", "7");
}

TEST_F(Members, WhatIsReadOnlyThrowsInStrictCode) {
  expect_eval("'use strict'; try { m.fixed = 1 } catch (e) { e.name }", "string", "TypeError");
  expect_eval("'use strict'; try { m.readLabel = '' } catch (e) { e.name }", "string", "TypeError");
  expect_eval("'use strict'; try { m.area = 1 } catch (e) { e.name }", "string", "TypeError");
  expect_eval("'use strict'; try { Machine.LIMIT = 1 } catch (e) { e.name }", "string",
              "TypeError");
  expect_eval("m.fixed + Machine.LIMIT + m.readLabel", "string", "51m");
}

TEST_F(Members, FlagsAreThoseOfTheProperty) {
  const std::string_view flags = R"(
    (o, name) => { const p = Object.getOwnPropertyDescriptor(o, name);
                   return [p.enumerable, p.configurable, p.writable].join(); })";
  const auto of = eval<Function>(flags);
  const auto prototype = eval("Machine.prototype");
  const auto machine = eval("Machine");
  EXPECT_EQ(of.call<std::string>(prototype, "label"), "true,true,");
  EXPECT_EQ(of.call<std::string>(prototype, "fixed"), "false,false,");
  EXPECT_EQ(of.call<std::string>(prototype, "part"), "false,true,true");
  EXPECT_EQ(of.call<std::string>(prototype, "KIND"), "true,false,false");
  EXPECT_EQ(of.call<std::string>(machine, "LIMIT"), "true,false,false");
  EXPECT_EQ(of.call<std::string>(machine, "prototype"), "false,false,false");
  expect_eval(
      "(() => { const keys = []; for (const k in m) keys.push(k); return keys.sort().join(); })()",
      "string", "KIND,first,label");
}

TEST_F(Members, StaticsBelongToTheClass) {
  Machine::built = 3;
  expect_eval("Machine.built + Machine.version + Machine.answer + Machine.twice(4)", "number",
              "58");
  expect_eval("Machine.built = 9; Machine.total += 1; Machine.built", "number", "10");
  EXPECT_EQ(Machine::built, 10);
  expect_eval("'use strict'; try { Machine.version = 1 } catch (e) { e.name }", "string",
              "TypeError");
  expect_eval("Machine.standard === Machine.standard && Machine.standard.doubled() === 22",
              "boolean", "true");
  expect_eval("Machine.standard = new Gear(12); Machine.standard.teeth", "number", "12");
  EXPECT_EQ(Machine::standard.teeth, 12);
  Machine::standard.teeth = 11;
  expect_eval("Machine.LIMIT + Machine.COLOR + m.KIND + String(Machine.KIND)", "string",
              "9redmachineundefined");
}

TEST_F(Members, APartIsTheMemberItself) {
  expect_eval("m.gear === m.gear && m.gear === m.part()", "boolean", "true");
  expect_eval("m.gear.teeth = 5; m.gear.teeth", "number", "5");
  expect_eval("const before = m.gear; m.gear = new Gear(30); before.teeth", "number", "30");
  expect_eval("m.gear = m.gear; m.gear.teeth", "number", "30");
  expect_eval("m.gear = 5", "throws",
              "TypeError: Failed to set the 'gear' property on 'Machine': the value is not of type "
              "'Gear' (got 5 (number))");
  expect_eval("m.spare.teeth = 4; m.spare === m.all()[0] && m.spare.teeth === 4", "boolean",
              "true");
  expect_eval("m.spare = null; m.spare", "null", "null");
}

TEST_F(Members, MemberFunctionsOfEveryKind) {
  expect_eval("m.at(1)", "number", "2");
  expect_eval("m.at(9)", "throws", show(try_eval("m.at(9)")).text);
  EXPECT_TRUE(show(try_eval("m.at(9)")).text.starts_with("RangeError: "));
  expect_eval("m.count()", "number", "2");
  expect_eval("m.take() + m.label", "string", "m");
  expect_eval("m.findNumber(2)", "number", "20");
  expect_eval("m.find(3) + m.find('a')", "string", "30a!");
  EXPECT_TRUE(
      show(try_eval("m.find(true)"))
          .text.starts_with(
              "TypeError: Failed to execute 'find' on 'Machine': no overload matches (boolean)"));
  expect_eval("Machine.prototype.find.call(new Gear(1), 1)", "throws",
              "TypeError: Failed to execute 'find' on 'Machine': 'this' is not of type 'Machine' "
              "(got Gear)");
}

TEST_F(Members, ParametersOfEveryKind) {
  expect_eval("m.mixed(1, 2, 'a', 'b') + m.seen", "string", "m12ab42");
  expect_eval("m.mixed(1)", "string", "m1-1");
  expect_eval("Machine.prototype.mixed.length", "number", "1");
  expect_eval("m.raw(1, 2, 3)", "number", "3");
  expect_eval("m.free()", "boolean", "true");
  expect_eval("m.overloaded()", "string", "m");
  expect_eval("m.overloaded(1)", "string", "m1");
  expect_eval("m.overloaded(new Gear(2))", "string", "mg2");
  expect_eval("m.overloaded('x', 'y')", "string", "xy");
  expect_eval("m.mixed('1')", "throws",
              "TypeError: Failed to execute 'mixed' on 'Machine': parameter 1: expected an integer "
              "from -2147483648 to 2147483647, got \"1\" (string)");
}

TEST_F(Members, ResultsOfEveryKind) {
  expect_eval("m.maybe(true) === m.gear && m.maybe(false) === null", "boolean", "true");
  expect_eval("m.look() === m.gear", "boolean", "true");
  expect_eval("m.fresh().teeth", "number", "1");
  expect_eval("m.checked(4)", "number", "4");
  expect_eval("m.checked(-4)", "throws", "RangeError: negative");
  expect_eval("m.some(true).teeth + String(m.some(false))", "string", "8undefined");
  expect_eval("m.some(true) !== m.gear", "boolean", "true");
  expect_eval("m.all().length === 2 && m.all()[0] === m.all()[1]", "boolean", "true");
  expect_eval("m.pair().first === m.spare && m.pair().second === null", "boolean", "true");
  expect_eval("m.sum({first: m.spare, second: new Gear(1)})", "number", "4");
  expect_eval("m.sum(m.pair())", "number", "3");
}

TEST_F(Members, AConstObjectIsShownAsOne) {
  // the first to show an object decides; a const one stays so
  expect_eval("const only = new Machine().shared(); only.teeth", "number", "3");
  expect_eval(
      "'use strict'; only.teeth = 1", "throws",
      "TypeError: Failed to set the 'teeth' property on 'Gear': 'this' is a 'Gear' that may "
      "only be read");
}

}  // namespace
}  // namespace quip::test

#include "support/js.hpp"
#include <quip/class/class_def.hpp>

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

namespace quip::test {
namespace {

/// Counts its objects; a negative size throws from the constructor.
struct Part {
  inline static int alive = 0;
  explicit Part(int s) : size(s) {
    if (s < 0) throw std::out_of_range("a part has a size");
    ++alive;
  }
  Part(const Part& other) : size(other.size) { ++alive; }
  Part(Part&& other) noexcept : size(other.size) { ++alive; }
  Part& operator=(const Part&) = default;
  Part& operator=(Part&&) = default;
  virtual ~Part() { --alive; }
  int size;
};
struct BigPart : Part {
  using Part::Part;
};
void define(ClassDef<Part>& def) { def.constructor<int>().field<&Part::size>(); }
void define(ClassDef<BigPart>& def) { def.extends<Part>().constructor<int>(); }

/// Remembers which constructor made it.
struct Shape {
  std::string made;
  Shape() : made("nothing") {}
  explicit Shape(double side) : made("side " + std::to_string(static_cast<int>(side))) {}
  explicit Shape(const std::string& name) : made("name " + name) {}
  Shape(double width, double height)
      : made("box " + std::to_string(static_cast<int>(width * height))) {}
  explicit Shape(const Part& part) : made("part " + std::to_string(part.size)) {}
};
void define(ClassDef<Shape>& def) {
  def.constructor<>()
      .constructor<double>(arg("side"))
      .constructor<std::string>(arg("name"))
      .constructor<double, double>(arg("width"), arg("height"))
      .constructor<const Part&>()
      .field<&Shape::made>();
}

struct Window {
  std::string title;
  int width;
  bool open;
  Window(std::string t, int w, bool o) : title(std::move(t)), width(w), open(o) {}
  [[nodiscard]] std::string resize(int by, const std::string& unit) const {
    return std::to_string(width + by) + unit;
  }
};
void define(ClassDef<Window>& def) {
  def.constructor<std::string, int, bool>(arg("title"), arg("width") = 80, arg("open") = true,
                                          doc("Opens a window."))
      .field<&Window::title>()
      .field<&Window::width>()
      .field<&Window::open>()
      .method<&Window::resize>(arg("by"), arg("unit") = "px");
}

/// What a factory makes; its constructor is not bound.
template <int tag>
struct Made {
  int number = 0;
  inline static int alive = 0;
  explicit Made(int n) : number(n) { ++alive; }
  Made(const Made& other) : number(other.number) { ++alive; }
  Made(Made&& other) noexcept : number(other.number) { ++alive; }
  Made& operator=(const Made&) = default;
  Made& operator=(Made&&) = default;
  ~Made() { --alive; }
};
using ByValue = Made<0>;
using ByUnique = Made<1>;
using ByShared = Made<2>;
using ByResult = Made<3>;
using HeldShared = Made<4>;
using HeldUnique = Made<5>;
using Singleton = Made<6>;

std::shared_ptr<Singleton> the_one() {
  static const auto one = std::make_shared<Singleton>(1);
  return one;
}

void define(ClassDef<ByValue>& def) {
  def.name("ByValue").constructor([](int n) { return ByValue(n); }).field<&ByValue::number>();
}
void define(ClassDef<ByUnique>& def) {
  def.name("ByUnique")
      .constructor([](int n) { return n > 0 ? std::make_unique<ByUnique>(n) : nullptr; })
      .field<&ByUnique::number>();
}
void define(ClassDef<ByShared>& def) {
  def.name("ByShared")
      .constructor([](int n) {
        if (n < 0) throw std::invalid_argument("no negative numbers");
        return n == 0 ? nullptr : std::make_shared<ByShared>(n);
      })
      .field<&ByShared::number>();
}
void define(ClassDef<ByResult>& def) {
  def.name("ByResult")
      .constructor([](int n) -> Result<ByResult> {
        if (n < 0) return Error::range("too small");
        return ByResult(n);
      })
      .field<&ByResult::number>();
}
void define(ClassDef<HeldShared>& def) {
  def.name("HeldShared")
      .held_by<std::shared_ptr<HeldShared>>()
      .constructor<int>()
      .field<&HeldShared::number>();
}
void define(ClassDef<HeldUnique>& def) {
  def.name("HeldUnique")
      .held_by<std::unique_ptr<HeldUnique>>()
      .constructor<int>()
      .field<&HeldUnique::number>();
}
void define(ClassDef<Singleton>& def) {
  def.name("Singleton").constructor([] { return the_one(); }).field<&Singleton::number>();
}

/// An object that counts its own references.
struct Counter {
  int references = 0;
  int value;
  inline static int alive = 0;
  explicit Counter(int v) : value(v) { ++alive; }
  Counter(const Counter&) = delete;
  Counter& operator=(const Counter&) = delete;
  ~Counter() { --alive; }
};
class CounterRef {
 public:
  CounterRef() noexcept = default;
  explicit CounterRef(Counter* counter) noexcept : counter_(counter) { add(); }
  CounterRef(const CounterRef& other) noexcept : counter_(other.counter_) { add(); }
  CounterRef(CounterRef&& other) noexcept : counter_(std::exchange(other.counter_, nullptr)) {}
  CounterRef& operator=(CounterRef other) noexcept {
    std::swap(counter_, other.counter_);
    return *this;
  }
  ~CounterRef() {
    if (counter_ != nullptr && --counter_->references == 0) delete counter_;
  }
  Counter& operator*() const noexcept { return *counter_; }
  explicit operator bool() const noexcept { return counter_ != nullptr; }

 private:
  void add() noexcept {
    if (counter_ != nullptr) ++counter_->references;
  }
  Counter* counter_ = nullptr;
};

}  // namespace
}  // namespace quip::test

template <>
inline constexpr bool quip::is_holder<quip::test::CounterRef> = true;

namespace quip::test {
namespace {

void define(ClassDef<Counter>& def) {
  def.held_by<CounterRef>().constructor<int>().field<&Counter::value>();
}

/// Without constructors.
struct Sealed {};
void define(ClassDef<Sealed>&) {}

class Constructors : public JsTest {
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

TEST_F(Constructors, SeveralArePickedByTheArguments) {
  add<Shape, Part, BigPart>();
  expect_eval("new Shape().made", "string", "nothing");
  expect_eval("new Shape(3).made", "string", "side 3");
  expect_eval("new Shape('x').made", "string", "name x");
  expect_eval("new Shape(3, 4).made", "string", "box 12");
  expect_eval("new Shape(new Part(5)).made", "string", "part 5");
  expect_eval("new Shape(new BigPart(6)).made", "string", "part 6");
  expect_eval("Shape.length", "number", "0");
  EXPECT_EQ(show(try_eval("new Shape(true, 1)")).text.substr(0, 74),
            "TypeError: Failed to construct 'Shape': no overload matches (boolean, numb");
  const std::string all = show(try_eval("new Shape({})")).text;
  EXPECT_EQ(all,
            "TypeError: Failed to construct 'Shape': no overload matches (object)\n"
            "  1. Shape(): no arguments allowed\n"
            "  2. Shape(side: number): parameter 1 ('side') is not a number\n"
            "  3. Shape(name: string): parameter 1 ('name') is not a string\n"
            "  4. Shape(width: number, height: number): 2 arguments required\n"
            "  5. Shape(Part): parameter 1 is not of type 'Part'");
  expect_eval("Shape(1)", "throws",
              "TypeError: Failed to construct 'Shape': it must be called with 'new'");
}

TEST_F(Constructors, ParametersHaveNamesAndDefaults) {
  add<Window>();
  expect_eval("(w => w.title + w.width + w.open)(new Window('a'))", "string", "a80true");
  expect_eval("(w => w.title + w.width + w.open)(new Window('a', undefined, false))", "string",
              "a80false");
  expect_eval("Window.length", "number", "1");
  expect_eval("new Window()", "throws",
              "TypeError: Failed to construct 'Window': 1 argument required, but only 0 present");
  expect_eval("new Window('a', 'b')", "throws",
              "TypeError: Failed to construct 'Window': parameter 2 ('width'): expected an "
              "integer from -2147483648 to 2147483647, got \"b\" (string)");
  expect_eval("new Window('a').resize(2)", "string", "82px");
  expect_eval("new Window('a').resize(2, 'em')", "string", "82em");
  expect_eval("Window.prototype.resize.length", "number", "1");
}

TEST_F(Constructors, AThrowingOneLeavesNothing) {
  add<Part>();
  expect_eval("new Part(-1)", "throws", "RangeError: a part has a size");
  expect_eval("class Sub extends Part { constructor() { super(-1); } } new Sub()", "throws",
              "RangeError: a part has a size");
  EXPECT_EQ(Part::alive, 0);
  expect_eval("try { new Part(-1) } catch {} new Part(1).size", "number", "1");
  EXPECT_EQ(Part::alive, 0);
}

TEST_F(Constructors, APrototypeThatThrowsOrIsNone) {
  add<Part>();
  expect_eval(R"(
    const target = new Proxy(function () {}, {get() { throw new Error('no prototype'); }});
    Reflect.construct(Part, [1], target))",
              "throws", "Error: no prototype");
  EXPECT_EQ(Part::alive, 0);
  expect_eval(R"(
    const nulled = function () {};
    nulled.prototype = null;
    const made = Reflect.construct(Part, [2], nulled);
    Object.getPrototypeOf(made) === Part.prototype && made.size === 2)",
              "boolean", "true");
  expect_eval(R"(
    function Other() {}
    const other = Reflect.construct(Part, [3], Other);
    other instanceof Other && !(other instanceof Part) &&
        Object.getOwnPropertyDescriptor(Part.prototype, 'size').get.call(other) === 3)",
              "boolean", "true");
  expect_eval(R"(
    const bound = Part.bind(null, 4);
    const viaBound = new bound();
    viaBound instanceof Part && viaBound.size === 4 &&
        Reflect.construct(Part, [5], bound).size === 5)",
              "boolean", "true");
  EXPECT_THROW(eval("Reflect.construct(Part, [1], {})"), Error);
}

TEST_F(Constructors, NewIsRequired) {
  add<Part, Sealed>();
  expect_eval("Part.call(new Part(1), 2)", "throws",
              "TypeError: Failed to construct 'Part': it must be called with 'new'");
  expect_eval("new Sealed()", "throws", "TypeError: Illegal constructor");
  expect_eval("Sealed()", "throws", "TypeError: Illegal constructor");
  expect_eval("class S extends Sealed {} new S()", "throws", "TypeError: Illegal constructor");
  expect_eval("Sealed.length", "number", "0");
}

TEST_F(Constructors, FactoriesMakeObjects) {
  add<ByValue, ByUnique, ByShared, ByResult>();
  expect_eval("new ByValue(1).number", "number", "1");
  expect_eval("new ByUnique(2).number", "number", "2");
  expect_eval("new ByShared(3).number", "number", "3");
  expect_eval("new ByResult(4).number", "number", "4");
  expect_eval("new ByUnique(0)", "throws", "TypeError: the constructor made no object");
  expect_eval("new ByShared(0)", "throws", "TypeError: the constructor made no object");
  expect_eval("new ByShared(-1)", "throws", "TypeError: no negative numbers");
  expect_eval("new ByResult(-1)", "throws", "RangeError: too small");
  expect_eval(
      "class Sub extends ByShared { more() { return this.number + 1; } } "
      "const sub = new Sub(5); sub.more() + (sub instanceof Sub ? 10 : 0)",
      "number", "16");
  expect_eval("new ByValue('x')", "throws",
              "TypeError: Failed to construct 'ByValue': parameter 1: expected an integer from "
              "-2147483648 to 2147483647, got \"x\" (string)");
  eval("delete globalThis.sub");
  runtime = Runtime();
  EXPECT_EQ(ByValue::alive + ByUnique::alive + ByShared::alive + ByResult::alive, 0);
}

TEST_F(Constructors, AFactoryMayGiveAKnownObject) {
  add<Singleton>();
  expect_eval("new Singleton() === new Singleton()", "boolean", "true");
  with([&](Ctx ctx) { EXPECT_TRUE(Value(ctx, the_one()) == ctx.eval("new Singleton()")); });
}

TEST_F(Constructors, TheHolderDecidesWhoOwns) {
  add<HeldShared, HeldUnique, Counter>();
  const auto shared = eval<std::shared_ptr<HeldShared>>("globalThis.s = new HeldShared(1)");
  EXPECT_EQ(shared.use_count(), 2);
  with([&](Ctx ctx) { EXPECT_TRUE(Value(ctx, shared) == ctx.eval("s")); });

  auto unique = eval<std::unique_ptr<HeldUnique>>("globalThis.u = new HeldUnique(2)");
  EXPECT_EQ(unique->number, 2);
  expect_eval("u.number", "throws",
              "TypeError: Failed to read the 'number' property from 'HeldUnique': 'this' is a "
              "'HeldUnique' whose C++ object is gone");

  const auto counter = eval<CounterRef>("globalThis.c = new Counter(3)");
  EXPECT_EQ((*counter).references, 2);
  with([&](Ctx ctx) { EXPECT_TRUE(Value(ctx, counter) == ctx.eval("c")); });
  runtime = Runtime();
  EXPECT_EQ((*counter).references, 1);
  EXPECT_EQ(shared.use_count(), 1);
}

}  // namespace
}  // namespace quip::test

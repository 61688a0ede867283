// What must not break native classes: wrong objects, objects that go away while they are used,
// exceptions from everywhere, several contexts, any order of destruction, and too little of stack
// and memory.
#include "support/counted.hpp"
#include "support/js.hpp"
#include <quip/class/class_def.hpp>
#include <quip/class/scripted.hpp>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace quip::test {
namespace {

// ---- the classes
// ----------------------------------------------------------------------------------

struct Core : Counted {
  int value = 3;
  [[nodiscard]] int get() const { return value; }
  void set(int v) { value = v; }
};
void define(ClassDef<Core>& def) {
  def.constructor<>().field<&Core::value>().method<&Core::get>().method<&Core::set>();
}

struct Inner : Counted {
  Core core;
  int value = 2;
};
void define(ClassDef<Inner>& def) {
  def.constructor<>().field<&Inner::core>().field<&Inner::value>();
}

/// Read by getters, which scripts write.
struct Options {
  int width = 0;
};

/// Calls `during` from wherever C++ code of the class runs.
struct Box : Counted {
  Inner inner;
  int width = 1;
  [[nodiscard]] int get() const { return width; }
  int call(const Function& during) {
    during.call<void>();
    return width;
  }
  [[nodiscard]] int read(const Function& during) const {
    during.call<void>();
    return width;
  }
  [[nodiscard]] int length() const { return width; }
  void set_length(int length) { width = length; }
};
void define(ClassDef<Box>& def) {
  def.constructor<>()
      .field<&Box::inner>()
      .field<&Box::width>()
      .method<&Box::get>()
      .method<&Box::call>()
      .method<&Box::read>()
      .property<&Box::length, &Box::set_length>("length")
      .method("add",
              [](Box& box, int by, const std::string& text) {
                box.width += by + static_cast<int>(text.size());
                return box.width;
              })
      .method("join",
              [](Box& box, const Box& other, const std::string&, Box* third) {
                return box.width + other.width + (third == nullptr ? 0 : third->width);
              })
      .method("fill", [](Box& box, const Options& options) { return box.width + options.width; })
      .static_method("take", [](std::unique_ptr<Box> box) { return box->width; });
}

struct Other : Counted {};
void define(ClassDef<Other>& def) { def.constructor<>(); }

struct Tower : Box {
  int height = 10;
};
void define(ClassDef<Tower>& def) { def.extends<Box>().constructor<>().field<&Tower::height>(); }

struct Container : Counted {
  std::vector<std::shared_ptr<Container>> children;
  std::string name = "a name that is too long for the string itself";
  std::shared_ptr<Container> add() { return children.emplace_back(std::make_shared<Container>()); }
  std::string clear_parent(Container& parent) {
    parent.children.clear();  // this object, but for its JS object's share
    return name;
  }
};
void define(ClassDef<Container>& def) {
  def.constructor<>().method<&Container::add>().method<&Container::clear_parent>("clearParent");
}

class ClassSafety : public JsTest {
 protected:
  void SetUp() override { define_classes(context); }
  static void define_classes(const Context& where) {
    where.with([](Ctx ctx) {
      ctx.globals().set("Box", Instance<Box>::constructor(ctx));
      ctx.globals().set("Inner", Instance<Inner>::constructor(ctx));
      ctx.globals().set("Tower", Instance<Tower>::constructor(ctx));
      ctx.globals().set("Other", Instance<Other>::constructor(ctx));
      ctx.globals().set("Container", Instance<Container>::constructor(ctx));
    });
  }
  /// The script throws a TypeError that says so.
  void refused(std::string_view script, std::string_view says = "",
               std::source_location where = std::source_location::current()) {
    const ::testing::ScopedTrace trace(where.file_name(), static_cast<int>(where.line()),
                                       std::string(script));
    const Result<Value> result = try_eval(script);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().name(), "TypeError");
    EXPECT_NE(result.error().message().find(says), std::string::npos) << result.error().message();
  }
};

// ---- wrong this
// -----------------------------------------------------------------------------------

TEST_F(ClassSafety, WrongThisOfEveryKind) {
  eval<void>(R"(
    class Skipped extends Box { constructor() { return Object.create(Skipped.prototype); } }
    class Sub extends Box {}
    var wrong = [
      undefined, null, 1, 1.5, 'text', true, Symbol.iterator, 1n, {}, [], () => 1, Object(1),
      Object.create(Box.prototype), Object.setPrototypeOf([], Box.prototype), Box.prototype, Box,
      Sub.prototype, new Skipped(), new Proxy(new Box(), {}), new Proxy(Box, {}), new Other(), new Inner(),
      Object.create(new Box()), new Map(), new Proxy({}, {getPrototypeOf: () => Box.prototype}),
      Reflect.construct(Object, [], Box), new Date(), new ArrayBuffer(8), globalThis,
      (function () { return arguments; })(),
    ];
    var right = [new Box(), new Tower(), new Sub(), Reflect.construct(Box, [], Other), Object.freeze(new Box()),
                 Object.setPrototypeOf(new Box(), null)];
    var width = Object.getOwnPropertyDescriptor(Box.prototype, 'width');
    var length = Object.getOwnPropertyDescriptor(Box.prototype, 'length');
    var inner = Object.getOwnPropertyDescriptor(Box.prototype, 'inner');
    var uses = [
      o => Box.prototype.get.call(o), o => Box.prototype.add.call(o, 0, ''), o => width.get.call(o),
      o => width.set.call(o, 1), o => length.get.call(o), o => length.set.call(o, 1), o => inner.get.call(o),
      o => Reflect.apply(Box.prototype.call, o, [() => 1]), o => Box.prototype.read.bind(o)(() => 1),
    ];
  )");
  EXPECT_TRUE(eval<bool>(R"(
    uses.every(use => wrong.every(o => {
      try { use(o); return false; }
      catch (e) { if (e instanceof TypeError && /'this' is not of type 'Box'/.test(e.message)) return true; throw e; }
    })))"));
  EXPECT_TRUE(eval<bool>("uses.every(use => right.every(o => { use(o); return true; }))"));
  // as arguments
  EXPECT_TRUE(eval<bool>(R"(
    wrong.every(o => { try { new Box().join(o, '', null); return false; } catch (e) { return e instanceof TypeError; } }))"));
  EXPECT_EQ(eval<int>("new Box().join(new Tower(), '', undefined)"), 2);
  refused("Object.getOwnPropertyDescriptor(Tower.prototype, 'height').get.call(new Box())",
          "not of type 'Tower' (got Box)");
}

TEST_F(ClassSafety, ObjectsOfAnotherRuntime) {
  Runtime other;
  const Context there(other);
  there.with([&](Ctx ctx) {
    const Instance<Box> box = Instance<Box>::make(ctx);
    with([&](Ctx here) {
      const auto get = here.eval<Function>("Box.prototype.get");
      EXPECT_FALSE(get.try_call<int>(This(box)));
      EXPECT_FALSE(here.globals().try_set("box", box));
      EXPECT_FALSE(here.eval<Function>("b => new Box().join(b, '', null)").try_call<int>(box));
    });
    EXPECT_EQ(box->width, 1);
  });
}

TEST_F(ClassSafety, ALoanIsOfOneRuntime) {
  Runtime other;
  const Context there(other);
  Box box;
  const Loan loan(box);
  with([&](Ctx ctx) { ctx.globals().set("lent", loan); });
  there.with([&](Ctx ctx) {
    const Result<void> set = ctx.globals().try_set("lent", loan);
    ASSERT_FALSE(set);
    EXPECT_EQ(set.error().name(), "TypeError");
  });
  EXPECT_EQ(eval<int>("lent.get()"), 1);
}

// ---- constructors
// -----------------------------------------------------------------------------------

TEST_F(ClassSafety, NewTargetsOfAllKinds) {
  const NoneLeft none_left;
  refused("Box()", "");
  refused("Box.call(new Box())", "");
  refused("new (Box.prototype.get)()", "");
  EXPECT_EQ(try_eval("new (class extends Box { constructor() {} })()").error().name(),
            "ReferenceError");
  EXPECT_TRUE(eval<bool>(R"(
    const F = function () {}; F.prototype = null;
    const bound = Box.bind(null);
    [Reflect.construct(Box, [], F), Reflect.construct(Box, [], bound), new bound(),
     Reflect.construct(Box, [], new Proxy(Box, {})), new (new Proxy(Box, {}))(), Reflect.construct(Box, [], Array)]
      .every(o => Box.prototype.get.call(o) === 1))"));
  EXPECT_TRUE(eval<bool>("Object.getPrototypeOf(Reflect.construct(Box, [], F)) === Box.prototype"));
  EXPECT_FALSE(try_eval(
      "Reflect.construct(Box, [], new Proxy(Box, {get() { throw new Error('no prototype'); }}))"));
  // the getter takes everything away meanwhile
  EXPECT_TRUE(try_eval(R"(
    Reflect.construct(Box, [], new Proxy(Box, {get(t, k) { globalThis.Box = null; return Reflect.get(t, k); }})))"));
  runtime.run_gc();
}

// ---- objects that are gone
// ---------------------------------------------------------------------------

constexpr const char* uses_of_gone =
    "[() => b.get(), () => b.width, () => b.width = 1, () => b.length, () => b.length = 2, () => "
    "b.add(1, ''),"
    " () => b.call(() => 1), () => b.inner, () => inner.value, () => inner.value = 1, () => "
    "inner.core,"
    " () => core.get(), () => core.value, () => core.set(1), () => new Box().join(b, '', null),"
    " () => new Box().join(new Box(), '', b), () => Box.take(b)]"
    ".map(use => { try { use(); return 'fine'; } catch (e) { return e instanceof TypeError ? '' : "
    "String(e); } })"
    ".join('')";

TEST_F(ClassSafety, UseAfterALoan) {
  const NoneLeft none_left;
  {
    auto box = std::make_unique<Box>();
    std::optional<Loan<Box>> loan(std::in_place, *box);
    define("b", *loan);
    eval<void>("var inner = b.inner, core = inner.core; core.set(4); inner.value = 5");
    EXPECT_EQ(box->inner.core.value, 4);
    loan.reset();
    box.reset();
  }
  expect_eval(uses_of_gone, "string", "");
  refused("core.get()", "'this' is a 'Core' whose C++ object is gone");
  runtime.run_gc();
  expect_eval(uses_of_gone, "string", "");
  // a part that is asked for again is not the old one
  Box another;
  const Loan loan(another);
  define("b", loan);
  EXPECT_FALSE(eval<bool>("b.inner === inner || b.inner.core === core"));
}

TEST_F(ClassSafety, UseAfterTheUniquePointer) {
  const NoneLeft none_left;
  with([&](Ctx ctx) {
    ctx.globals().set("b", std::make_unique<Box>());
    ctx.eval<void>("var inner = b.inner, core = inner.core; core.set(4)");
    auto back = ctx.eval<std::unique_ptr<Box>>("b");
    ASSERT_NE(back, nullptr);
    EXPECT_EQ(back->inner.core.value, 4);
    back.reset();
    expect_eval(ctx, uses_of_gone, "string", "");
    const auto again = ctx.eval<Value>("b").try_as<std::unique_ptr<Box>>();
    EXPECT_FALSE(again);
  });
}

TEST_F(ClassSafety, AUniquePointerIsNotTakenFromUnderACall) {
  const NoneLeft none_left;
  with([&](Ctx ctx) { ctx.globals().set("b", std::make_unique<Box>()); });
  for (const char* script : {"b.call(() => Box.take(b))", "b.read(() => Box.take(b))",
                             "b.add({valueOf() { Box.take(b); return 1; }}, '')",
                             "b.add(1, {toString() { Box.take(b); return ''; }})",
                             "b.join(b, {toString() { Box.take(b); return ''; }}, null)",
                             "new Box().join(b, {toString() { Box.take(b); return ''; }}, null)",
                             "b.call(() => b.call(() => Box.take(b)))"}) {
    const Result<Value> result = try_eval(script);
    // a string parameter takes no objects: whatever the reason, nothing is taken
    EXPECT_FALSE(result) << script;
    EXPECT_EQ(eval<int>("b.get()"), 1) << script;
  }
  refused("b.call(() => Box.take(b))", "that a call is using");
  // nor while a part is used
  eval<void>("var part = b.inner, core = part.core");
  with([](Ctx ctx) {
    ctx.globals().set("during", [](Core&, const Function& f) { f.call<void>(); });
    ctx.globals().set("duringInner", [](const Inner&, const Function& f) { f.call<void>(); });
  });
  refused("during(core, () => Box.take(b))", "that a call is using");
  refused("duringInner(part, () => Box.take(b))", "that a call is using");
  EXPECT_EQ(eval<int>("Box.take(b)"), 1);
  refused("during(core, () => 1)", "whose C++ object is gone");
}

// ---- objects that destroy themselves
// -----------------------------------------------------------------

TEST_F(ClassSafety, TheLastReferenceGoesInsideOfAMethod) {
  const NoneLeft none_left;
  define("gc", [this] { runtime.run_gc(); });
  EXPECT_EQ(eval<int>("var b = new Box(); b.call(() => { b = null; gc(); })"), 1);
  EXPECT_EQ(eval<int>("var b = new Box(); b.inner.core.get(b = null)"), 3);
  with([](Ctx ctx) {
    // from C++, whose handles are the last ones
    std::optional<Instance<Box>> box = Instance<Box>::make(ctx);
    const auto call = ctx.eval<Function>("(o, f) => o.call(f)");
    ctx.globals().set("drop", [&] { box.reset(); });
    EXPECT_EQ(call.call<int>(*box, ctx.eval<Function>("() => { drop(); gc(); }")), 1);
    EXPECT_FALSE(box.has_value());
    ctx.globals().set("drop", 0);
  });
}

TEST_F(ClassSafety, AMethodEndsItsOwnLoan) {
  const NoneLeft none_left;
  Box box;
  std::optional<Loan<Box>> loan(std::in_place, box);
  define("b", *loan);
  define("end", [&] { loan.reset(); });
  EXPECT_EQ(eval<int>("var inner = b.inner; b.call(end)"), 1);
  refused("b.get()", "gone");
  refused("inner.value", "gone");
  // before the method begins, by what its arguments run
  loan.emplace(box);
  define("b", *loan);
  define("endedBy", [](Box& first, const Value& getter, Box& second) {
    (void)getter;
    return first.width + second.width;
  });
  EXPECT_EQ(eval<int>("endedBy(b, 1, b)"), 2);
}

TEST_F(ClassSafety, ArgumentsThatEndALoan) {
  for (const char* script :
       {"lend(b, {get width() { end(); return 1; }})", "b.fill({get width() { end(); return 1; }})",
        "pointer(b, {get width() { end(); return 1; }})",
        "constant(b, {get width() { end(); return 1; }})"}) {
    auto box = std::make_unique<Box>();
    std::optional<Loan<Box>> loan(std::in_place, *box);
    with([&](Ctx ctx) {
      ctx.globals().set("b", *loan);
      ctx.globals().set("end", [&] {
        loan.reset();
        box.reset();
      });
      ctx.globals().set(
          "lend", [](Box& lent, const Options& options) { return lent.width + options.width; });
      ctx.globals().set(
          "pointer", [](Box* lent, const Options& options) { return lent->width + options.width; });
      ctx.globals().set("constant", [](const Box& lent, const Options& options) {
        return lent.width + options.width;
      });
    });
    const Result<int> result = try_eval<int>(script);
    ASSERT_FALSE(result) << script;
    EXPECT_EQ(result.error().name(), "TypeError") << script;
    EXPECT_NE(result.error().message().find("gone"), std::string::npos) << result.error().message();
    EXPECT_EQ(box, nullptr);
  }
}

TEST_F(ClassSafety, AnObjectClearsTheContainerThatOwnsIt) {
  const NoneLeft none_left;
  EXPECT_EQ(eval<std::string>("var c = new Container(); c.add().clearParent(c)"),
            "a name that is too long for the string itself");
  EXPECT_EQ(eval<std::string>(
                "var child = c.add(), again = c.add(); child.clearParent(c); again.clearParent(c)"),
            "a name that is too long for the string itself");
  eval<void>("c = child = again = null");
}

// ---- exceptions
// ----------------------------------------------------------------------------------------

struct Foreign {
  int value = 1;
};

enum class Raise { nothing, standard, range, number, foreign, memory, quip, script };

struct Thrower : Counted {
  inline static Raise raise = Raise::nothing;
  inline static Ctx* ctx = nullptr;
  inline static bool in_define = false;

  static int go() {
    switch (raise) {
      case Raise::nothing:
        return 1;
      case Raise::standard:
        throw std::runtime_error("standard");
      case Raise::range:
        throw std::out_of_range("range");
      case Raise::number:
        throw 5;
      case Raise::foreign:
        throw Foreign();
      case Raise::memory:
        throw std::bad_alloc();
      case Raise::quip:
        Error::type("quip").raise();
      case Raise::script:
        ctx->eval<void>("throw new SyntaxError('script')");
        return 0;
    }
    return 1;
  }
  Thrower() { go(); }
  [[nodiscard]] int method() const { return go(); }
  [[nodiscard]] int read() const { return go(); }
  void write(int) { go(); }
  [[nodiscard]] std::vector<int> range() { return {go()}; }
};
void define(ClassDef<Thrower>& def) {
  if (Thrower::in_define) Thrower::go();
  def.constructor<>()
      .method<&Thrower::method>()
      .property<&Thrower::read, &Thrower::write>("value")
      .static_method("create", [] { return Thrower::go(); })
      .static_property(
          "shared", [] { return Thrower::go(); }, [](int) { Thrower::go(); })
      .iterable([](Thrower& thrower) { return thrower.range(); })
      .callable([](Thrower&) { return Thrower::go(); })
      .exotic({.get = [](Thrower&, Ctx, const Atom& key) -> std::optional<Value> {
        if (key.to_string() == "exotic") Thrower::go();
        return std::nullopt;
      }});
}

class ClassExceptions : public JsTest {
 protected:
  ~ClassExceptions() override {
    Thrower::raise = Raise::nothing;
    Thrower::ctx = nullptr;
    Thrower::in_define = false;
  }
  static constexpr Raise all[] = {Raise::standard, Raise::range, Raise::number, Raise::foreign,
                                  Raise::memory,   Raise::quip,  Raise::script};
  static std::string_view expected(Raise raise) {
    switch (raise) {
      case Raise::standard:
        return "Error: standard";
      case Raise::range:
        return "RangeError: range";
      case Raise::quip:
        return "TypeError: quip";
      case Raise::script:
        return "SyntaxError: script";
      default:
        return "";
    }
  }
};

TEST_F(ClassExceptions, FromEveryEntry) {
  const NoneLeft none_left;
  with([](Ctx ctx) {
    Thrower::ctx = &ctx;
    ctx.globals().set("Thrower", Instance<Thrower>::constructor(ctx));
    ctx.eval<void>("var t = new Thrower()");
    for (const char* script :
         {"new Thrower()", "new (class extends Thrower {})()", "t.method()", "t.value",
          "t.value = 1", "Thrower.create()", "Thrower.shared", "Thrower.shared = 1", "[...t]",
          "for (const x of t) ;", "t()", "t.exotic", "Reflect.construct(Thrower, [], Array)",
          "[1].map(() => t.method())"}) {
      for (const Raise raise : all) {
        SCOPED_TRACE(script);
        Thrower::raise = raise;
        const Result<Value> result = ctx.try_eval(script);
        Thrower::raise = Raise::nothing;
        ASSERT_FALSE(result);
        if (!expected(raise).empty()) {
          EXPECT_EQ(show(result).text, expected(raise));
        }
        if (raise == Raise::memory) {
          EXPECT_EQ(result.error().kind(), ErrorKind::out_of_memory);
        }
        // a script catches it as well
        Thrower::raise = raise;
        const Result<Value> caught = ctx.try_eval("(() => { try { " + std::string(script) +
                                                  " } catch (e) { return 'caught'; } })()");
        Thrower::raise = Raise::nothing;
        EXPECT_EQ(show(caught).text, "caught");
        // and it reaches C++ as the object that it was
        Thrower::raise = raise;
        if (raise == Raise::foreign) {
          EXPECT_THROW(ctx.eval<void>(script), Foreign);
        }
        if (raise == Raise::number) {
          EXPECT_THROW(ctx.eval<void>(script), int);
        }
        if (raise == Raise::range) {
          EXPECT_THROW(ctx.eval<void>(script), std::out_of_range);
        }
        Thrower::raise = Raise::nothing;
        EXPECT_EQ(ctx.eval<int>("t.method() + t.value + t()"), 3);
      }
    }
    Thrower::ctx = nullptr;
    ctx.eval<void>("t = null");
  });
}

TEST_F(ClassExceptions, FromTheDefinition) {
  const NoneLeft none_left;
  with([](Ctx ctx) {
    Thrower::ctx = &ctx;
    Thrower::in_define = true;
    for (const Raise raise : all) {
      Thrower::raise = raise;
      const Result<Object> constructor = Instance<Thrower>::try_constructor(ctx);
      ASSERT_FALSE(constructor);
      if (!expected(raise).empty()) {
        EXPECT_EQ(show(constructor).text, expected(raise));
      }
      Thrower::raise = raise;
      EXPECT_FALSE(Instance<Thrower>::try_prototype(ctx));
    }
    // from then on it is a class as any
    Thrower::raise = Raise::nothing;
    ctx.globals().set("Thrower", Instance<Thrower>::constructor(ctx));
    EXPECT_EQ(ctx.eval<int>("new Thrower().method()"), 1);
    Thrower::ctx = nullptr;
  });
}

/// Two classes of which each needs the other while it is made.
struct Egg;
struct Hen : Counted {
  inline static Ctx* ctx = nullptr;
  inline static bool asks_early = false;
};
struct Egg : Hen {};
void define(ClassDef<Egg>& def) {
  def.extends<Hen>().constructor<>().method("isEgg", [](Egg&) { return true; });
}
void define(ClassDef<Hen>& def) {
  if (Hen::asks_early) (void)Instance<Egg>::make(*Hen::ctx);
  def.constructor<>()
      .constant("FIRST", std::make_shared<Egg>())
      .prototype_constant("self", std::make_shared<Hen>());
}

TEST_F(ClassExceptions, ClassesThatNeedThemselves) {
  const NoneLeft none_left;
  with([](Ctx ctx) {
    Hen::ctx = &ctx;
    Hen::asks_early = true;
    const Result<Object> early = Instance<Hen>::try_constructor(ctx);
    ASSERT_FALSE(early);
    EXPECT_EQ(early.error().name(), "TypeError");
    EXPECT_NE(early.error().message().find("used before it is defined"), std::string::npos)
        << early.error().message();
    EXPECT_FALSE(Instance<Egg>::try_make(ctx));
    Hen::asks_early = false;
    ctx.globals().set("Hen", Instance<Hen>::constructor(ctx));
    ctx.globals().set("Egg", Instance<Egg>::constructor(ctx));
    EXPECT_TRUE(ctx.eval<bool>(
        "Hen.FIRST instanceof Egg && Hen.FIRST.isEgg() && new Egg() instanceof Hen"));
    EXPECT_TRUE(ctx.eval<bool>("Hen.prototype.self instanceof Hen"));
    Hen::ctx = nullptr;
  });
  runtime = Runtime();
}

struct FailsLate : Counted {
  inline static bool fails = true;
  [[nodiscard]] int get() const { return 4; }
};
struct Bad {};

}  // namespace
}  // namespace quip::test

template <>
struct quip::Convert<quip::test::Bad> {
  static JSValue into_js(JSContext* ctx, const quip::test::Bad&) {
    return quip::test::FailsLate::fails
               ? quip::detail::throw_error(ctx, quip::Error::range("no constant"))
               : quip::engine::int32(1);
  }
};

namespace quip::test {
namespace {

struct OfLate : FailsLate {};
void define(ClassDef<OfLate>& def) {
  def.extends<FailsLate>().constructor<>().callable([](OfLate&) { return 2; });
}
void define(ClassDef<FailsLate>& def) {
  def.constructor<>()
      .callable([](FailsLate&) { return 1; })
      .method<&FailsLate::get>()
      .constant("DERIVED", std::make_shared<OfLate>())
      .constant("SAME", std::make_shared<FailsLate>())
      .constant("BAD", Bad());
}

TEST_F(ClassExceptions, ADefinitionThatFailsAtItsEnd) {
  const NoneLeft none_left;
  with([](Ctx ctx) {
    FailsLate::fails = true;
    for (int i = 0; i < 3; ++i) {
      const Result<Object> failed = Instance<FailsLate>::try_constructor(ctx);
      ASSERT_FALSE(failed);
      EXPECT_EQ(show(failed).text, "RangeError: no constant");
      // what was made of it meanwhile is there
      EXPECT_EQ(ctx.eval<Function>("f => f()").try_call<int>(Instance<OfLate>::make(ctx)).value(),
                2);
    }
    FailsLate::fails = false;
    ctx.globals().set("FailsLate", Instance<FailsLate>::constructor(ctx));
    EXPECT_EQ(ctx.eval<int>("new FailsLate().get() + FailsLate.SAME() + FailsLate.DERIVED()"), 7);
  });
  runtime = Runtime();
}

/// A destructor that tries everything.
struct Lasting : Counted {
  inline static std::optional<Ctx> ctx;
  inline static std::optional<Object> object;
  inline static std::optional<Function> function;
  inline static int ended = 0;
  std::unique_ptr<Box> lent = std::make_unique<Box>();
  std::unique_ptr<Loan<Box>> loan = std::make_unique<Loan<Box>>(*lent);
  Value own;
  Lasting() = default;
  Lasting(const Lasting&) = delete;
  Lasting& operator=(const Lasting&) = delete;
  void trace(Tracer& tracer) const { tracer(own); }
  ~Lasting() {
    ++ended;
    if (!ctx) return;
    EXPECT_FALSE(ctx->try_eval("1"));
    EXPECT_FALSE(Instance<Box>::try_make(*ctx));
    EXPECT_FALSE(Instance<Box>::try_constructor(*ctx));
    EXPECT_FALSE(Value::try_make(*ctx, std::make_shared<Box>()));
    EXPECT_FALSE(Value::try_make(*ctx, *loan));
    EXPECT_FALSE(object->try_get<Value>("x"));
    EXPECT_FALSE(object->try_set("x", 1));
    EXPECT_FALSE(object->try_as<std::shared_ptr<Box>>());
    EXPECT_FALSE(function->try_call());
    const Object copy = *object;
    (void)copy;
  }
};
void define(ClassDef<Lasting>& def) {
  def.constructor<>()
      .method("keep", [](Lasting& lasting, Value value) { lasting.own = std::move(value); })
      .method("lend", [](const Lasting& lasting, Ctx to) { return Value(to, *lasting.loan); });
}

class ClassDestructors : public ClassSafety {
 protected:
  void SetUp() override {
    ClassSafety::SetUp();
    Lasting::ended = 0;
    with([](Ctx ctx) {
      ctx.globals().set("Lasting", Instance<Lasting>::constructor(ctx));
      Lasting::ctx = ctx;
      Lasting::object = Object(ctx);
      Lasting::function = ctx.eval<Function>("() => 1");
    });
  }
  void TearDown() override {
    Lasting::ctx.reset();
    Lasting::object.reset();
    Lasting::function.reset();
  }
};

TEST_F(ClassDestructors, WhenTheLastReferenceGoes) {
  const NoneLeft none_left;
  eval<void>("new Lasting(); (() => { const l = new Lasting(); l.keep({a: 1}); l.lend(); })()");
  eval<void>("var b = new Lasting().lend()");
  EXPECT_EQ(Lasting::ended, 3);
  refused("b.get()", "gone");
}

TEST_F(ClassDestructors, InTheCollector) {
  const NoneLeft none_left;
  eval<void>(R"((() => { for (let i = 0; i < 20; i++) {
    const l = new Lasting(); l.self = l; l.keep([l, l.lend().inner]); l.part = l.lend().inner; } })())");
  runtime.run_gc();
  EXPECT_EQ(Lasting::ended, 20);
}

TEST_F(ClassDestructors, AtTheEndOfTheRuntime) {
  const NoneLeft none_left;
  eval<void>(R"(var kept = []; for (let i = 0; i < 20; i++) {
    const l = new Lasting(); l.self = l; l.keep([l, l.lend()]); kept.push(l, l.lend().inner.core); })");
  runtime = Runtime();
  EXPECT_EQ(Lasting::ended, 20);
}

TEST_F(ClassDestructors, AConstructorThatFailsLeavesNothing) {
  const NoneLeft none_left;
  EXPECT_FALSE(
      try_eval("Reflect.construct(Lasting, [], new Proxy(Lasting, {get() { throw 1; }}))"));
  EXPECT_EQ(Lasting::ended, 1);
}

// ---- contexts
// ------------------------------------------------------------------------------------------

class ClassRealms : public ClassSafety {};

TEST_F(ClassRealms, EachHasItsOwnClass) {
  const Context second(runtime);
  define_classes(second);
  second.with([&](Ctx ctx) {
    ctx.globals().set("foreign", eval<Value>("var mine = new Tower(); mine"));
    ctx.globals().set("ForeignBox", eval<Value>("Box"));
  });
  expect_eval(second, "foreign instanceof Tower || foreign instanceof Box", "boolean", "false");
  expect_eval(second, "foreign instanceof ForeignBox && Box !== ForeignBox", "boolean", "true");
  // they are of one C++ class all the same
  expect_eval(second, "Box.prototype.get.call(foreign) + foreign.join(new Box(), '', new Tower())",
              "number", "4");
  expect_eval(second, "foreign.constructor !== Tower && foreign.constructor.name", "string",
              "Tower");
  expect_eval(second,
              "Object.getPrototypeOf(foreign.inner) !== Inner.prototype && foreign.inner.value",
              "number", "2");
  // functions make objects of their own context's class
  expect_eval(second, "Object.getPrototypeOf(new ForeignBox()) === ForeignBox.prototype", "boolean",
              "true");
  expect_eval(second,
              "(class Sub extends ForeignBox {}, new (class extends ForeignBox {})().get())",
              "number", "1");
  second.with([](Ctx ctx) {
    EXPECT_TRUE(ctx.eval<Value>("foreign").as<std::shared_ptr<Box>>() != nullptr);
    EXPECT_EQ(ctx.eval<Instance<Box>>("foreign")->width, 1);
  });
}

struct Late : Counted {
  [[nodiscard]] int get() const { return 6; }
};
void define(ClassDef<Late>& def) { def.constructor<>().method<&Late::get>(); }

TEST_F(ClassRealms, FirstUsedInsideOfAnother) {
  const Context second(runtime);
  const auto stateless = [] { return Late(); };
  const auto stateful = [kept = std::make_shared<Late>()](Ctx) {
    return std::make_shared<Late>(*kept);
  };
  define("make", stateless);
  define("share", stateful);
  second.with([&](Ctx ctx) {
    ctx.globals().set("make", eval<Value>("make"));
    ctx.globals().set("share", eval<Value>("share"));
    ctx.globals().set("own", stateless);
  });
  expect_eval(second, "make().get() + share().get() + own().get()", "number", "18");
  expect_eval(
      second,
      "make().constructor !== own().constructor && make().constructor === share().constructor",
      "boolean", "true");
  with([](Ctx ctx) { ctx.globals().set("Late", Instance<Late>::constructor(ctx)); });
  EXPECT_TRUE(eval<bool>("make() instanceof Late && share() instanceof Late"));
}

TEST_F(ClassRealms, AContextThatIsGivenUp) {
  const NoneLeft none_left;
  {
    std::optional<Context> second(std::in_place, runtime);
    define_classes(*second);
    second->with([&](Ctx ctx) {
      define("foreign",
             ctx.eval<Value>(
                 "class Sub extends Tower { more() { return this.height + 1; } } new Sub()"));
      define("part", ctx.eval<Value>("new Box().inner.core"));
      define("Foreign", ctx.eval<Value>("Box"));
    });
    second.reset();
    runtime.run_gc();
    EXPECT_EQ(eval<int>("foreign.more() + part.get() + new Foreign().get()"), 15);
    EXPECT_EQ(eval<int>("foreign.inner.core.value + new foreign.constructor().more()"), 14);
    eval<void>("foreign = part = null");
    runtime.run_gc();
    EXPECT_EQ(eval<int>("new Foreign().inner.value"), 2);
    eval<void>("Foreign = null");
    runtime.run_gc();
  }
}

// ---- any order of destruction
// ----------------------------------------------------------------------------

struct Shape : Counted {
  virtual ~Shape() = default;
  virtual int area() { return 1; }
  int asked() { return area(); }
};
struct ScriptShape : Scripted<Shape> {
  using Scripted::Scripted;
  int area() override {
    return call_or<&Shape::area>([&] { return Shape::area(); });
  }
  ~ScriptShape() override { EXPECT_EQ(area(), 1); }  // no script any more
};
void define(ClassDef<Shape>& def) {
  def.overridable<ScriptShape>().constructor<>().method<&Shape::area>().method<&Shape::asked>();
}

TEST(ClassOrder, DestructionInAnyOrder) {
  // each digit names what goes next
  std::string order = "0123456";
  int round = 0;
  do {
    if (++round % 37 != 1) continue;  // 5040 of them are too many
    SCOPED_TRACE(order);
    const NoneLeft none_left;
    auto runtime = std::make_optional<Runtime>();
    auto context = std::make_optional<Context>(*runtime);
    std::optional<Instance<Box>> instance;
    std::optional<Loan<Box>> loan;
    std::shared_ptr<Box> leased;
    std::shared_ptr<Shape> scripted;
    std::optional<Value> handle;
    auto lent = std::make_unique<Box>();
    context->with([&](Ctx ctx) {
      ctx.globals().set("Box", Instance<Box>::constructor(ctx));
      ctx.globals().set("Shape", Instance<Shape>::constructor(ctx));
      instance = Instance<Box>::make(ctx);
      loan.emplace(*lent);
      ctx.globals().set("lent", *loan);
      leased = ctx.eval<std::shared_ptr<Box>>("var b = new Box(); b");
      scripted =
          ctx.eval<std::shared_ptr<Shape>>("new (class extends Shape { area() { return 7; } })()");
      handle = ctx.eval<Value>("[lent.inner.core, b.inner, new Box().inner.core, Box, Shape]");
      ctx.globals().set("shared", leased);
    });
    EXPECT_EQ(scripted->area(), 7);
    for (const char what : order) {
      switch (what) {
        case '0':
          runtime.reset();
          break;
        case '1':
          context.reset();
          break;
        case '2':
          instance.reset();
          break;
        case '3':
          loan.reset();
          lent.reset();
          break;
        case '4':
          EXPECT_EQ(leased->width, 1);
          leased.reset();
          break;
        case '5':
          EXPECT_EQ(scripted->asked(), runtime ? 7 : 1);
          scripted.reset();
          break;
        default:
          handle.reset();
      }
    }
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(ClassOrder, ALeaseReleasedOnAnotherThread) {
  for (const bool before : {true, false}) {
    const NoneLeft none_left;
    auto runtime = std::make_optional<Runtime>();
    Context context(*runtime);
    std::vector<std::shared_ptr<Box>> leased;
    std::shared_ptr<Shape> scripted;
    context.with([&](Ctx ctx) {
      ctx.globals().set("Box", Instance<Box>::constructor(ctx));
      ctx.globals().set("Shape", Instance<Shape>::constructor(ctx));
      for (int i = 0; i < 100; ++i) leased.push_back(ctx.eval<std::shared_ptr<Box>>("new Box()"));
      for (int i = 0; i < 50; ++i) leased.push_back(leased[static_cast<std::size_t>(i)]);
      scripted =
          ctx.eval<std::shared_ptr<Shape>>("new (class extends Shape { area() { return 7; } })()");
    });
    const auto release = [&] {
      leased.clear();
      scripted.reset();
    };
    if (before) {
      std::thread other(release);
      context.with([](Ctx ctx) {
        ctx.eval<void>("for (let i = 0; i < 1000; i++) new Box().inner.core.get()");
      });
      other.join();
      context.with([](Ctx ctx) { EXPECT_EQ(ctx.eval<int>("new Box().get()"), 1); });
      runtime->run_gc();
    } else {
      runtime.reset();
      EXPECT_EQ(leased.front()->width, 1);
      std::thread(release).join();
    }
  }
}

TEST(ClassOrder, AnObjectThatIsLeasedAtTheEndAndShared) {
  const NoneLeft none_left;
  std::shared_ptr<Box> kept;
  {
    Runtime first;
    const Context context(first);
    kept = context.with([](Ctx ctx) {
      ctx.globals().set("Box", Instance<Box>::constructor(ctx));
      return ctx.eval<std::shared_ptr<Box>>("new Box()");
    });
    // into another runtime, and out of it
    Runtime second;
    const Context there(second);
    there.with([&](Ctx ctx) {
      ctx.globals().set("b", kept);
      EXPECT_EQ(ctx.eval<int>("b.width = 8; b.inner.core.get() + b.get()"), 11);
      kept = ctx.eval<std::shared_ptr<Box>>("b");
    });
  }
  EXPECT_EQ(kept->width, 8);
}

// ---- the stack, many objects, no memory
// ---------------------------------------------------------------------

class ClassLimits : public ClassSafety {
 protected:
  void SetUp() override {
    ClassSafety::SetUp();
    with([](Ctx ctx) {
      ctx.globals().set("Shape", Instance<Shape>::constructor(ctx));
      ctx.globals().set("areaOf", [](Shape& shape) { return shape.area(); });
      ctx.globals().set("areaOfHeld", [](const std::shared_ptr<Shape>& shape, Rest<Value>) {
        return shape->area();
      });
    });
  }
};

TEST_F(ClassLimits, RecursionThroughVirtualFunctionsEnds) {
  for (const char* script :
       {"new (class extends Shape { area() { return areaOf(this) + 1; } })().area()",
        "areaOf(new (class extends Shape { area() { return areaOfHeld(this, 1, 2) + 1; } })())",
        "new (class extends Shape { area() { return this.asked() + 1; } })().asked()",
        "areaOf(new (class extends Shape { get area() { return areaOf(this); } })())",
        "class Deep extends Shape { area() { return areaOf(new Deep()); } } areaOf(new Deep())",
        "function f() { return b.call(f); } var b = new Box(); f()",
        "class Nest extends Box { constructor() { super(); new Nest(); } } new Nest()"}) {
    const Result<Value> result = try_eval(script);
    ASSERT_FALSE(result) << script;
    EXPECT_NE(std::string(result.error().what()).find("stack"), std::string::npos)
        << result.error().what();
    expect_eval("areaOf(new (class extends Shape { area() { return 2; } })()) + new Box().get()",
                "number", "3");
  }
}

TEST_F(ClassLimits, TenThousandObjectsComeAndGo) {
  const NoneLeft none_left;
  eval<void>("1");
  runtime.run_gc();
  const int before = Counted::live();
  const auto memory = [&] {
    runtime.run_gc();
    return static_cast<double>(runtime.memory_usage().malloc_size);
  };
  const auto round = [&] {
    eval<void>(R"((() => {
      let last = null;
      for (let i = 0; i < 10000; i++) {
        const b = i % 3 ? new Box() : new Tower();
        b.previous = last; b.self = b;
        if (i % 10 === 0) { b.inner.core.set(i); b.owner = b.inner; last = null; } else last = b;
      }
    })())");
  };
  round();
  const double first = memory();
  EXPECT_EQ(Counted::live(), before);
  round();
  round();
  EXPECT_LE(memory(), first * 1.02 + 10000);
  EXPECT_EQ(Counted::live(), before);
}

template <int N>
struct Numbered : Counted {
  int value = N;
  [[nodiscard]] int get() const { return value; }
};
template <int N>
void define(ClassDef<Numbered<N>>& def) {
  def.name("Numbered")
      .template constructor<>()
      .method("get", [](const Numbered<N>& numbered) { return numbered.get(); })
      .method("text", [text = std::string(500, 'x')](Numbered<N>&) { return text; })
      .property(
          "value", [](const Numbered<N>& numbered) { return numbered.value; },
          [](Numbered<N>& numbered, int value) { numbered.value = value; })
      .constant("SELF", std::make_shared<Numbered<N>>());
}

template <int N>
Result<int> use_class(const Ctx& ctx) {
  const auto made = Instance<Numbered<N>>::try_make(ctx);
  if (!made) return made.error();
  const auto shared = Value::try_make(ctx, std::make_shared<Numbered<N>>());
  if (!shared) return shared.error();
  const auto held = Value::try_make(ctx, std::make_unique<Numbered<N>>());
  if (!held) return held.error();
  const auto leased = made->template try_as<std::shared_ptr<Numbered<N>>>();
  if (!leased) return leased.error();
  const auto get = static_cast<const Object&>(*made).try_get<Function>("get");
  if (!get) return get.error();
  return get->try_call<int>(This(*made));
}

TEST(ClassMemory, ClassesAndInstancesWithoutMemory) {
  const NoneLeft none_left;
  int succeeded = 0;
  int failed = 0;
  for (std::int64_t left = 60000; left >= 0; left -= left > 6000 ? 1700 : 90) {
    Runtime runtime;
    const Context context(runtime);
    context.with([](Ctx ctx) { (void)ctx.eval<int>("1 + 1"); });
    runtime.run_gc();
    runtime.set_memory_limit(static_cast<std::size_t>(runtime.memory_usage().malloc_size + left));
    context.with([&](Ctx ctx) {
      for (const Result<int>& result : {use_class<1>(ctx), use_class<2>(ctx), use_class<1>(ctx)}) {
        if (result) {
          ++succeeded;
          EXPECT_TRUE(*result == 1 || *result == 2);
        } else {
          ++failed;
          const Error& error = result.error();
          const bool bare = (error.name() == "InternalError" && error.message().empty()) ||
                            (error.kind() == ErrorKind::thrown && error.value().is_null());
          EXPECT_TRUE(error.kind() == ErrorKind::out_of_memory || bare) << error.what();
        }
      }
    });
    runtime.set_memory_limit(0);
    context.with([&](Ctx ctx) {
      EXPECT_EQ(use_class<1>(ctx).value(), 1);
      EXPECT_EQ(use_class<2>(ctx).value(), 2);
      ctx.globals().set("One", Instance<Numbered<1>>::constructor(ctx));
      EXPECT_EQ(ctx.eval<int>("new One().get() + One.SELF.value + new One().text().length"), 502);
    });
  }
  EXPECT_GT(succeeded, 0);
  EXPECT_GT(failed, 0);
}

}  // namespace
}  // namespace quip::test

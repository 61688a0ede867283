#include "support/js.hpp"
#include <quip/class/class_def.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace quip::test {
namespace {

struct Counted {
  inline static int alive = 0;
  Counted() { ++alive; }
  Counted(const Counted&) { ++alive; }
  Counted(Counted&&) noexcept { ++alive; }
  Counted& operator=(const Counted&) = default;
  Counted& operator=(Counted&&) = default;
  ~Counted() { --alive; }
};

struct Box : Counted {
  explicit Box(int w = 0) : width(w) {}
  int width;
  [[nodiscard]] int doubled() const { return 2 * width; }
  void widen() { ++width; }
};
void define(ClassDef<Box>& def) {
  def.constructor<int>().field<&Box::width>().method<&Box::doubled>().method<&Box::widen>().method(
      "consumeWhile", [](Box& box, const Function& during) {
        during.call<void>();
        return box.width;
      });
}

struct Shelf : Counted {
  std::vector<std::shared_ptr<Box>> boxes;
  Box inner{5};
  std::unique_ptr<Box> spare = std::make_unique<Box>(9);
  void add(std::shared_ptr<Box> box) { boxes.push_back(std::move(box)); }
  [[nodiscard]] std::shared_ptr<Box> at(std::size_t i) const { return boxes.at(i); }
  Box& part() { return inner; }
  Box& elsewhere() { return *spare; }
  std::unique_ptr<Box> give() { return std::move(spare); }
  void take(std::unique_ptr<Box> box) { spare = std::move(box); }
  [[nodiscard]] std::shared_ptr<const Box> only_look() const { return boxes.at(0); }
};
void define(ClassDef<Shelf>& def) {
  def.constructor<>()
      .method<&Shelf::add>()
      .method<&Shelf::at>()
      .method<&Shelf::part>()
      .method<&Shelf::elsewhere>()
      .method<&Shelf::give>()
      .method<&Shelf::take>()
      .method<&Shelf::only_look>("onlyLook")
      .field<&Shelf::inner>();
}

class Instances : public JsTest {
 protected:
  void SetUp() override {
    with([](Ctx ctx) {
      ctx.globals().set("Box", Instance<Box>::constructor(ctx));
      ctx.globals().set("Shelf", Instance<Shelf>::constructor(ctx));
    });
  }
};

TEST_F(Instances, AValueIsOwnedByJavaScript) {
  const int before = Counted::alive;
  eval<void>("(() => { for (let i = 0; i < 10; i++) new Box(i); })()");
  EXPECT_EQ(Counted::alive, before);
  with([&](Ctx ctx) {
    auto box = Instance<Box>::make(ctx, 4);
    EXPECT_EQ(box->width, 4);
    ctx.globals().set("box", box);
    EXPECT_EQ(Counted::alive, before + 1);
    EXPECT_EQ(ctx.eval<int>("box.widen(); box.doubled()"), 10);
    EXPECT_EQ(box.get_const().width, 5);
    ctx.globals().set("copy", *box);  // by value: a copy
    ctx.eval<void>("copy.widen()");
    EXPECT_EQ(box->width, 5);
  });
}

TEST_F(Instances, ASharedObjectIsOneObject) {
  auto box = std::make_shared<Box>(1);
  with([&](Ctx ctx) { ctx.globals().set("box", box); });
  EXPECT_EQ(box.use_count(), 2);
  EXPECT_TRUE(eval<bool>("const shelf = new Shelf(); shelf.add(box); shelf.at(0) === box"));
  EXPECT_EQ(eval<std::shared_ptr<Box>>("box"), box);
  eval<void>("box.widen()");
  EXPECT_EQ(box->width, 2);
  with([&](Ctx ctx) { EXPECT_TRUE(Value(ctx, box) == ctx.eval<Value>("box")); });
}

TEST_F(Instances, WhatJavaScriptOwnsCanBeShared) {
  const int before = Counted::alive;
  std::shared_ptr<Box> kept =
      eval<std::shared_ptr<Box>>("var mine = new Box(3); mine.tag = 1; mine");
  EXPECT_EQ(kept->width, 3);
  eval<void>("mine = null");
  // the JS object is still the same one
  with([&](Ctx ctx) { ctx.globals().set("again", kept); });
  EXPECT_EQ(eval<int>("again.tag"), 1);
  eval<void>("again = null");
  runtime = Runtime();
  EXPECT_EQ(kept->width, 3);
  EXPECT_EQ(Counted::alive, before + 1);
  kept.reset();
  EXPECT_EQ(Counted::alive, before);
}

TEST_F(Instances, APartKeepsItsWhole) {
  EXPECT_TRUE(eval<bool>("var s = new Shelf(); s.part() === s.part() && s.part() === s.inner"));
  EXPECT_EQ(eval<int>("var part = s.inner; part.width = 8; s = null; part.doubled()"), 16);
  expect_eval("new Shelf().elsewhere()", "throws",
              "TypeError: a reference to an object that JavaScript does not know was returned: "
              "return a copy, a std::shared_ptr or a std::unique_ptr, or lend the object by "
              "quip::Loan");
}

TEST_F(Instances, AUniqueObjectIsHandedOverAndBack) {
  EXPECT_EQ(eval<int>("var s = new Shelf(); var b = s.give(); b.width"), 9);
  eval<void>("s.take(b)");
  expect_eval("b.width", "throws",
              "TypeError: Failed to read the 'width' property from 'Box': 'this' is a 'Box' whose "
              "C++ object is gone");
  EXPECT_TRUE(eval<bool>("s.give() !== b"));
  expect_eval("new Shelf().take(new Box(1))", "throws",
              "TypeError: Failed to execute 'take' on 'Shelf': parameter 1 is a 'Box' that is not "
              "held by a std::unique_ptr");
  expect_eval(
      "(() => { const a = new Shelf(), x = a.give(); return x.consumeWhile(() => a.take(x)); })()",
      "throws",
      "TypeError: Failed to execute 'take' on 'Shelf': parameter 1 is a 'Box' that a call "
      "is using");
}

TEST_F(Instances, AConstObjectIsOnlyRead) {
  with([&](Ctx ctx) { ctx.globals().set("box", std::make_shared<const Box>(3)); });
  EXPECT_EQ(eval<int>("box.doubled() + box.width"), 9);
  expect_eval("box.widen()", "throws",
              "TypeError: Failed to execute 'widen' on 'Box': 'this' is a 'Box' that may only be "
              "read");
  expect_eval("box.width = 1", "throws",
              "TypeError: Failed to set the 'width' property on 'Box': 'this' is a 'Box' that may "
              "only be read");
}

TEST_F(Instances, ALoanEnds) {
  Box box(6);
  {
    const Loan loan(box);
    with([&](Ctx ctx) { ctx.globals().set("lent", loan); });
    EXPECT_EQ(eval<int>("lent.widen(); lent.width"), 7);
    with([&](Ctx ctx) { EXPECT_TRUE(Value(ctx, loan) == ctx.eval<Value>("lent")); });
  }
  expect_eval("lent.widen()", "throws",
              "TypeError: Failed to execute 'widen' on 'Box': 'this' is a 'Box' whose C++ object "
              "is gone");
  EXPECT_EQ(box.width, 7);
}

TEST_F(Instances, WrongObjectsAreTypeErrors) {
  expect_eval(
      "new Shelf().add('text')", "throws",
      "TypeError: Failed to execute 'add' on 'Shelf': parameter 1 is not of type 'Box' (got "
      "\"text\" (string))");
  expect_eval(
      "new Shelf().add(new Shelf())", "throws",
      "TypeError: Failed to execute 'add' on 'Shelf': parameter 1 is not of type 'Box' (got "
      "Shelf)");
  expect_eval("Box.prototype.widen.call(new Proxy(new Box(1), {}))", "throws",
              "TypeError: Failed to execute 'widen' on 'Box': 'this' is not of type 'Box' (got "
              "proxy)");
  expect_eval("Object.create(new Box(1)).width", "throws",
              "TypeError: Failed to read the 'width' property from 'Box': 'this' is not of type "
              "'Box' (got object)");
}

}  // namespace
}  // namespace quip::test

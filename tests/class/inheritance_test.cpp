#include "support/js.hpp"
#include <quip/class/class_def.hpp>
#include <quip/class/scripted.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace quip::test {
namespace {

// ---- a hierarchy of three levels with two interfaces --------------------------------------------

struct Named {
  virtual ~Named() = default;
  [[nodiscard]] virtual std::string title() const { return "named"; }
};
struct Priced {
  int price = 5;
  virtual ~Priced() = default;
};
struct Node {
  int id = 1;
  virtual ~Node() = default;
  [[nodiscard]] virtual std::string kind() const { return "node"; }
  [[nodiscard]] int twice() const { return 2 * id; }
  static int count() { return 3; }
};
/// Never bound by a script: it has just the name of a class between two others.
struct Widget : Node, Named {
  int width = 20;
  [[nodiscard]] std::string kind() const override { return "widget"; }
  [[nodiscard]] std::string title() const override { return "a widget"; }
};
struct Button : Widget, Priced {
  [[nodiscard]] std::string kind() const override { return "button"; }
  void press() { ++presses; }
  int presses = 0;
};

void define(ClassDef<Named>& def) { def.method<&Named::title>(); }
void define(ClassDef<Priced>& def) { def.constructor<>().field<&Priced::price>(); }
void define(ClassDef<Node>& def) {
  def.constructor<>()
      .field<&Node::id>()
      .method<&Node::kind>()
      .method<&Node::twice>()
      .static_method<&Node::count>()
      .constant("LEVEL", 1);
}
void define(ClassDef<Widget>& def) {
  def.extends<Node>()
      .implements<Named>()
      .constructor<>()
      .field<&Widget::width>()
      .method<&Widget::title>();
}
void define(ClassDef<Button>& def) {
  def.extends<Widget>()
      .implements<Priced>()
      .constructor<>()
      .method<&Button::press>()
      .field<&Button::presses>()
      .field<&Priced::price>();
}

int id_of(const Node& node) { return node.id; }
std::string title_of(const Named* named) { return named == nullptr ? "none" : named->title(); }
int price_of(Priced& priced) { return ++priced.price; }
std::string name_of(const std::shared_ptr<Named>& named) { return named->title(); }

// ---- a diamond without a virtual base, and classes without virtual functions --------------------

struct Root {
  int value;
  explicit Root(int v) : value(v) {}
};
struct Left : Root {
  Left() : Root(1) {}
};
struct Right : Root {
  Right() : Root(2) {}
};
struct Bottom : Left, Right {
  int own = 3;
};
void define(ClassDef<Root>& def) { def.constructor<int>().field<&Root::value>(); }
void define(ClassDef<Left>& def) { def.extends<Root>().constructor<>(); }
void define(ClassDef<Right>& def) { def.extends<Root>().constructor<>(); }
void define(ClassDef<Bottom>& def) {
  def.extends<Left>().implements<Right>().constructor<>().field<&Bottom::own>();
}
int right_value(const Right& right) { return right.value; }
int root_value(const Root& root) { return root.value; }

// ---- what a script's subclass reaches
// ------------------------------------------------------------

class Actor {
 public:
  explicit Actor(std::string n) : name(std::move(n)) {}
  virtual ~Actor() = default;
  virtual std::string act(int times) { return name + " acts " + std::to_string(times); }
  std::string run() { return act(step()); }
  std::string name;

 protected:
  virtual int step() { return 1; }
};
struct ScriptActor : Scripted<Actor> {
  using Actor::step;
  using Scripted::Scripted;
  std::string act(int times) override {
    return call_or<&Actor::act>([&] { return Actor::act(times); }, times);
  }
  int step() override {
    return call_or<&ScriptActor::step>([&] { return Actor::step(); });
  }
};
void define(ClassDef<Actor>& def) {
  def.overridable<ScriptActor>()
      .constructor<std::string>()
      .field<&Actor::name>()
      .method<&Actor::act>()
      .method<&Actor::run>();
}

class Inheritance : public JsTest {
 protected:
  template <class... T>
  void add() {
    with([](Ctx ctx) {
      (ctx.globals().set(detail::raw_type_name<T>(), Instance<T>::constructor(ctx)), ...);
    });
  }
};

TEST_F(Inheritance, ThreeLevelsAreOnePrototypeChain) {
  add<Button>();  // its bases are made with it
  expect_eval("const b = new Button(); [b.kind(), b.twice(), b.width, b.title(), b.price].join()",
              "string", "button,2,20,a widget,5");
  expect_eval("b.id = 7; b.width = 1; b.press(); b.twice() + b.presses", "number", "15");
  expect_eval(R"(
    const chain = [];
    for (let c = Button; c !== Function.prototype; c = Object.getPrototypeOf(c)) chain.push(c.name);
    chain.join())",
              "string", "Button,Widget,Node");
  expect_eval("Button.count() + Button.LEVEL", "number", "4");
  add<Node, Widget, Priced>();
  expect_eval(
      "[b instanceof Node, b instanceof Widget, b instanceof Button, "
      "b instanceof Priced, new Node() instanceof Button].join()",
      "string", "true,true,true,false,false");
  expect_eval("Object.hasOwn(Button.prototype, 'kind')", "boolean", "false");
  expect_eval("Button.prototype.press.call(new Widget())", "throws",
              "TypeError: Failed to execute 'press' on 'Button': 'this' is not of type 'Button' "
              "(got Widget)");
}

TEST_F(Inheritance, ADerivedObjectIsOneOfItsBases) {
  add<Button, Widget, Node, Priced>();
  define("idOf", &id_of);
  define("titleOf", &title_of);
  define("priceOf", &price_of);
  define("nameOf", &name_of);
  expect_eval("idOf(new Button()) + idOf(new Node())", "number", "2");
  expect_eval("titleOf(new Button()) + titleOf(null)", "string", "a widgetnone");
  expect_eval("const b = new Button(); priceOf(b); b.price", "number", "6");
  expect_eval("nameOf(new Button())", "string", "a widget");
  expect_eval("titleOf(new Node())", "throws",
              "TypeError: Failed to execute 'titleOf': parameter 1 is not of type 'Named' (got "
              "Node)");
}

TEST_F(Inheritance, ASharedBaseIsTheClassThatItIs) {
  add<Button, Node>();
  const std::shared_ptr<Node> node = std::make_shared<Button>();
  define("node", node);
  expect_eval("node instanceof Button && node.kind()", "string", "button");
  const std::shared_ptr<Named> named = std::static_pointer_cast<Button>(node);
  with([&](Ctx ctx) { EXPECT_TRUE(Value(ctx, named) == ctx.eval("node")); });
  EXPECT_EQ(eval<std::shared_ptr<Node>>("node"), node);
  EXPECT_EQ(eval<std::shared_ptr<Named>>("node"), named);
  EXPECT_EQ(eval<Priced*>("node"), std::dynamic_pointer_cast<Priced>(node).get());
  // of a class that no script has met yet it is the base that is known
  struct Hidden : Node {};
  const std::shared_ptr<Node> hidden = std::make_shared<Hidden>();
  define("hidden", hidden);
  expect_eval("hidden instanceof Node && !(hidden instanceof Button)", "boolean", "true");
}

TEST_F(Inheritance, ADiamondGoesByTheFirstWay) {
  add<Bottom, Left, Right, Root>();
  define("rightValue", &right_value);
  define("rootValue", &root_value);
  expect_eval("const d = new Bottom(); [d.own, d.value, rightValue(d)].join()", "string", "3,1,2");
  expect_eval("d.value = 9; [rightValue(d), rootValue(d)].includes(9)", "boolean", "true");
  expect_eval("d instanceof Root && d instanceof Left && !(d instanceof Right)", "boolean", "true");
}

TEST_F(Inheritance, AnOverloadPicksTheNearerClass) {
  add<Button, Widget, Node>();
  define("which", overload([](const Node&) { return "node"; },
                           [](const Widget&) { return "widget"; }, [](int) { return "number"; },
                           [](const std::shared_ptr<Named>& named) {
                             return named == nullptr ? "null" : "named";
                           }));
  expect_eval("which(new Node()) + which(new Widget()) + which(1) + which(null)", "string",
              "nodewidgetnumbernull");
  // by widening the first: an order to be chosen by who binds
  expect_eval("which(new Button())", "string", "node");
  define("handles", overload([](const Instance<Node>&) { return "node"; },
                             [](const Instance<Button>&) { return "button"; }));
  expect_eval("handles(new Button()) + handles(new Node()) + handles(new Widget())", "string",
              "buttonnodenode");
  define("pointers", overload([](Button*) { return "button"; }, [](const Node*) { return "node"; },
                              [](const std::string&) { return "text"; }));
  expect_eval("pointers(new Button()) + pointers(new Node()) + pointers('') + pointers(null)",
              "string", "buttonnodetextbutton");
  expect_eval("which({})", "throws", show(try_eval("which({})")).text);
  EXPECT_TRUE(show(try_eval("which({})"))
                  .text.starts_with("TypeError: Failed to execute 'which': no overload matches "
                                    "(object)\n  1. which(Node): parameter 1 is not of type "
                                    "'Node'"));
}

TEST_F(Inheritance, AScriptExtendsANativeClass) {
  add<Button>();
  expect_eval(R"(
    class Fancy extends Button {
      #secret = 4;
      static made = 0;
      constructor(id) {
        super();
        this.id = id;
        this.extra = new.target.name;
        Fancy.made++;
      }
      kind() { return 'fancy ' + super.kind(); }
      get secret() { return this.#secret + this.id; }
      get width() { return super.width * 2; }
      set width(w) { super.width = w; }
      static count() { return super.count() + 1; }
    }
    class More extends Fancy {}
    const f = new Fancy(10), more = new More(1);
    [f.kind(), f.secret, f.extra, f.width, f.twice(), Fancy.count(), more.extra, Fancy.made].join())",
              "string", "fancy button,14,Fancy,40,20,4,More,2");
  expect_eval("f.width = 3; f.width", "number", "6");
  expect_eval("more instanceof Fancy && more instanceof Button && more.kind()", "string",
              "fancy button");
  expect_eval("f.press.call(more); more.presses", "number", "1");
  // the C++ object sees no override where nothing is bound for it
  define("kindOf", [](const Node& node) { return node.kind(); });
  expect_eval("kindOf(f)", "string", "button");
  expect_eval(
      "class Skips extends Button { constructor() { return {}; } } "
      "Object.keys(new Skips()).length",
      "number", "0");
  expect_eval(
      "class Forgets extends Button { constructor() { } } "
      "(() => { try { new Forgets() } catch (e) { return e.name } })()",
      "string", "ReferenceError");
}

TEST_F(Inheritance, VirtualFunctionsThatAreProtected) {
  add<Actor>();
  expect_eval(R"(
    class Hero extends Actor {
      step() { return 3; }
      act(n) { return 'hero: ' + super.act(n); }
    }
    new Hero('h').run())",
              "string", "hero: h acts 3");
  expect_eval("new Actor('a').run()", "string", "a acts 1");
  expect_eval("class Plain extends Actor {} new Plain('p').run()", "string", "p acts 1");
  expect_eval(
      "class Throws extends Actor { step() { throw new RangeError('no'); } } "
      "new Throws('t').run()",
      "throws", "RangeError: no");
}

TEST_F(Inheritance, EachContextHasItsClasses) {
  add<Button, Node>();
  const Context other(runtime);
  other.with([](Ctx ctx) { ctx.globals().set("Button", Instance<Button>::constructor(ctx)); });
  const auto there = other.with([](Ctx ctx) { return ctx.eval("new Button()"); });
  define("there", there);
  expect_eval("!(there instanceof Button) && there.kind()", "string", "button");
  expect_eval("Button.prototype.kind.call(there)", "string", "button");
}

}  // namespace
}  // namespace quip::test

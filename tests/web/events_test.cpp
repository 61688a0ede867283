#include "web_fixture.hpp"
#include <quip/class/class_def.hpp>
#include <quip/web/dom_exception.hpp>
#include <quip/web/events.hpp>

#include <memory>
#include <optional>
#include <string>

namespace quip::test {
namespace {

using web::CustomEvent;
using web::Event;
using web::EventTarget;

class EventsTest : public WebTest {};

TEST_F(EventsTest, AnEventHasWhatItWasMadeWith) {
  expect_eval("const e = new Event('x'); [e.type, e.bubbles, e.cancelable, e.composed].join()",
              "string", "x,false,false,false");
  expect_eval(
      "const f = new Event(7, {bubbles: 1, cancelable: 'yes', composed: {}});"
      "[f.type, f.bubbles, f.cancelable, f.composed].join()",
      "string", "7,true,true,true");
  expect_eval("[e.target, e.currentTarget, e.srcElement, e.eventPhase, e.isTrusted].join('|')",
              "string", "|||0|false");
  expect_eval("e.target === null && e.composedPath().length === 0 && typeof e.timeStamp", "string",
              "number");
  expect_eval("e.timeStamp <= performance.now() && e.timeStamp >= 0", "boolean", "true");
  expect_eval("Object.prototype.toString.call(e) + Event.length + Event.AT_TARGET + e.AT_TARGET",
              "string", "[object Event]122");
  expect_eval("new Event('x', null).bubbles", "boolean", "false");
  expect_eval("new Event('x', undefined).bubbles", "boolean", "false");
}

TEST_F(EventsTest, AnEventIsNotMadeOfWhatIsNone) {
  EXPECT_EQ(show(try_eval("new Event()")).text.substr(0, 9), "TypeError");
  EXPECT_EQ(show(try_eval("Event('x')")).text.substr(0, 9), "TypeError");
  EXPECT_EQ(show(try_eval("new Event('x', 5)")).text.substr(0, 9), "TypeError");
  EXPECT_EQ(show(try_eval("new Event(Symbol())")).text.substr(0, 9), "TypeError");
  expect_eval("new Event('x', {get bubbles() { throw new RangeError('no') }})", "throws",
              "RangeError: no");
  expect_eval("new Event({toString() { throw new RangeError('text') }})", "throws",
              "RangeError: text");
  EXPECT_EQ(show(try_eval("Event.prototype.type")).text.substr(0, 9), "TypeError");
  EXPECT_EQ(show(try_eval("Event.prototype.preventDefault.call({})")).text.substr(0, 9),
            "TypeError");
}

TEST_F(EventsTest, ACustomEventHasADetail) {
  expect_eval(
      "const c = new CustomEvent('x', {detail: {a: 1}, cancelable: true});"
      "[c.detail.a, c.cancelable, c instanceof Event].join()",
      "string", "1,true,true");
  expect_eval("new CustomEvent('x').detail", "null", "null");
  expect_eval("new CustomEvent('x', {detail: undefined}).detail", "null", "null");
  expect_eval("new CustomEvent('x', {detail: false}).detail", "boolean", "false");
  expect_eval("Object.prototype.toString.call(c)", "string", "[object CustomEvent]");
}

TEST_F(EventsTest, OptionsAreReadInTheOrderOfTheStandard) {
  eval(
      "const seen = new Proxy({}, {get(_, key) { log.push(key) }});"
      "new CustomEvent('x', seen)");
  EXPECT_EQ(take_log(), "bubbles cancelable composed detail");
  eval("new EventTarget().addEventListener('x', () => {}, seen)");
  EXPECT_EQ(take_log(), "capture once passive signal");
}

TEST_F(EventsTest, ListenersHearOfEventsInTheirOrder) {
  eval(R"(
    var target = new EventTarget();
    target.addEventListener('x', () => log.push('a'));
    target.addEventListener('x', () => log.push('b'));
    target.addEventListener('x', () => log.push('capture'), true);
    target.addEventListener('y', () => log.push('other'));
    target.dispatchEvent(new Event('x'));
  )");
  EXPECT_EQ(take_log(), "capture a b");
}

TEST_F(EventsTest, AListenerIsAddedOnce) {
  eval(R"(
    var target = new EventTarget();
    const f = () => log.push('f');
    target.addEventListener('x', f);
    target.addEventListener('x', f, {capture: false, once: true});
    target.addEventListener('x', f, true);
    target.dispatchEvent(new Event('x'));
    log.push('|');
    target.removeEventListener('x', f, {capture: true});
    target.dispatchEvent(new Event('x'));
    log.push('|');
    target.removeEventListener('x', f);
    target.dispatchEvent(new Event('x'));
  )");
  EXPECT_EQ(take_log(), "f f | f |");
}

TEST_F(EventsTest, AListenerForOneEventIsGoneWhenItIsCalled) {
  eval(R"(
    var target = new EventTarget();
    target.addEventListener('x', () => { log.push('once'); target.dispatchEvent(new Event('x')) },
                            {once: true});
    target.dispatchEvent(new Event('x'));
    target.dispatchEvent(new Event('x'));
  )");
  EXPECT_EQ(take_log(), "once");
}

TEST_F(EventsTest, ThisAndTheEventTellWhatTheyAreOf) {
  eval(R"(
    var target = new EventTarget();
    target.addEventListener('x', function (event) {
      log.push(this === target, event.target === target, event.currentTarget === target,
               event.eventPhase, event.composedPath().length, event.isTrusted);
    });
    const object = { handleEvent(event) { log.push(this === object, event.type) } };
    target.addEventListener('x', object);
    const event = new Event('x');
    target.dispatchEvent(event);
    log.push(event.currentTarget === null, event.target === target, event.eventPhase);
  )");
  EXPECT_EQ(take_log(), "true true true 2 1 false true x true true 0");
}

TEST_F(EventsTest, WhatIsPreventedAndStopped) {
  eval(R"(
    var target = new EventTarget();
    target.addEventListener('x', e => e.preventDefault());
    log.push(target.dispatchEvent(new Event('x')));
    const event = new Event('x', {cancelable: true});
    log.push(target.dispatchEvent(event), event.defaultPrevented, event.returnValue);
    var passive = new EventTarget();
    passive.addEventListener('x', e => e.preventDefault(), {passive: true});
    log.push(passive.dispatchEvent(new Event('x', {cancelable: true})));
    var stopping = new EventTarget();
    stopping.addEventListener('x', e => { log.push('a'); e.stopImmediatePropagation() });
    stopping.addEventListener('x', () => log.push('never'));
    const stopped = new Event('x');
    stopping.dispatchEvent(stopped);
    log.push(stopped.cancelBubble);
    var halting = new EventTarget();
    halting.addEventListener('x', e => { log.push('b'); e.cancelBubble = true }, true);
    halting.addEventListener('x', () => log.push('c'), true);
    halting.addEventListener('x', () => log.push('never'));
    halting.dispatchEvent(new Event('x'));
  )");
  EXPECT_EQ(take_log(), "true false true false true a false b c");
}

TEST_F(EventsTest, WhatAListenerThrowsDoesNotStopTheOthers) {
  eval(R"(
    var target = new EventTarget();
    target.addEventListener('x', () => { throw new Error('one') });
    target.addEventListener('x', { get handleEvent() { throw new Error('two') } });
    target.addEventListener('x', { handleEvent: 5 });
    target.addEventListener('x', () => log.push('still'));
    log.push(target.dispatchEvent(new Event('x')));
  )");
  EXPECT_EQ(take_log(), "still true");
  ASSERT_EQ(errors.size(), 3U);
  EXPECT_EQ(errors[0], "one");
  EXPECT_EQ(errors[1], "two");
}

TEST_F(EventsTest, AListenerThatIsStoppedStopsTheOthers) {
  eval(
      "var target = new EventTarget(); target.addEventListener('x', () => { for (;;) {} });"
      "target.addEventListener('x', () => log.push('never'))");
  runtime.set_interrupt_handler([] { return true; });
  const Result<Value> dispatched = try_eval("target.dispatchEvent(new Event('x'))");
  runtime.set_interrupt_handler({});
  ASSERT_FALSE(dispatched);
  EXPECT_EQ(dispatched.error().kind(), ErrorKind::interrupted);
  EXPECT_EQ(take_log(), "");
  EXPECT_TRUE(errors.empty());
}

TEST_F(EventsTest, ListenersThatComeAndGoMeanwhile) {
  eval(R"(
    var target = new EventTarget();
    const late = () => log.push('late');
    const gone = () => log.push('gone');
    target.addEventListener('x', () => {
      target.addEventListener('x', late);
      target.removeEventListener('x', gone);
    });
    target.addEventListener('x', gone);
    target.dispatchEvent(new Event('x'));
    log.push('|');
    target.dispatchEvent(new Event('x'));
  )");
  EXPECT_EQ(take_log(), "| late");
}

TEST_F(EventsTest, AnEventThatIsOnItsWayIsNotSentAgain) {
  eval(R"(
    var target = new EventTarget();
    target.addEventListener('x', event => {
      try { target.dispatchEvent(event) } catch (e) {
        log.push(e instanceof DOMException, e.name, e.code);
      }
    });
    const event = new Event('x');
    target.dispatchEvent(event);
    target.dispatchEvent(event);
  )");
  EXPECT_EQ(take_log(), "true InvalidStateError 11 true InvalidStateError 11");
}

TEST_F(EventsTest, WhatIsNoListener) {
  expect_eval("var target = new EventTarget(); target.addEventListener('x', null)", "undefined",
              "undefined");
  expect_eval("target.addEventListener('x', undefined, true)", "undefined", "undefined");
  EXPECT_EQ(show(try_eval("target.addEventListener('x', 5)")).text.substr(0, 9), "TypeError");
  EXPECT_EQ(show(try_eval("target.addEventListener('x')")).text.substr(0, 9), "TypeError");
  EXPECT_EQ(show(try_eval("target.dispatchEvent({})")).text.substr(0, 9), "TypeError");
  EXPECT_EQ(show(try_eval("target.dispatchEvent(new Proxy(new Event('x'), {}))")).text.substr(0, 9),
            "TypeError");
  EXPECT_EQ(show(try_eval("EventTarget.prototype.dispatchEvent.call({}, new Event('x'))"))
                .text.substr(0, 9),
            "TypeError");
  EXPECT_EQ(
      show(try_eval("target.addEventListener('x', () => {}, {signal: null})")).text.substr(0, 9),
      "TypeError");
  expect_eval(
      "EventTarget.length + ' ' + target.addEventListener.length + ' ' + "
      "target.dispatchEvent.length + ' ' + target.addEventListener.name",
      "string", "0 2 1 addEventListener");
}

TEST_F(EventsTest, ScriptsDeriveTheirOwnClasses) {
  eval(R"(
    class Ready extends Event { constructor(size) { super('ready'); this.size = size } }
    class Door extends EventTarget {
      #open = false;
      open() { this.#open = true; return this.dispatchEvent(new Ready(3)) }
      get isOpen() { return this.#open }
    }
    const door = new Door();
    door.addEventListener('ready', e => log.push(e.size, e.target.isOpen, e instanceof Ready));
    door.open();
  )");
  EXPECT_EQ(take_log(), "3 true true");
}

TEST_F(EventsTest, CppListensAndDispatches) {
  with([&](Ctx ctx) {
    const auto target = Instance<EventTarget>::make(ctx);
    ctx.globals().set("target", target);
    ctx.eval("target.addEventListener('x', e => { log.push(e.isTrusted); e.preventDefault() })");
    std::string heard;
    const web::ListenerId id = EventTarget::listen(
        target, "x", [&heard](Event& event) { heard += event.type(); }, {.capture = true});
    EXPECT_TRUE(target->has_listeners("x"));
    EXPECT_FALSE(target->has_listeners("y"));
    EXPECT_TRUE(EventTarget::dispatch(target, "x"));
    EXPECT_FALSE(EventTarget::dispatch(target, "x", {.cancelable = true}));
    EXPECT_EQ(heard, "xx");
    EventTarget::unlisten(target, id);
    EventTarget::dispatch(target, Instance<CustomEvent>::make(ctx, "x", Value(ctx, 5)));
    EXPECT_EQ(heard, "xx");
    EventTarget::listen(target, "y", [](Event&) { throw std::runtime_error("of C++"); });
    EventTarget::dispatch(target, "y");
  });
  EXPECT_EQ(take_log(), "true true true");
  EXPECT_EQ(errors, std::vector<std::string>{"of C++"});
}

TEST_F(EventsTest, CppIsToldWhatIsNoTarget) {
  with([](Ctx ctx) {
    const Object object(ctx);
    const auto target = Instance<EventTarget>::make(ctx);
    EXPECT_EQ(EventTarget::try_dispatch(object, "x").error().name(), "TypeError");
    EXPECT_EQ(EventTarget::try_dispatch(target, object).error().name(), "TypeError");
    EXPECT_EQ(EventTarget::try_listen(object, "x", [](Event&) {}).error().name(), "TypeError");
    EXPECT_EQ(EventTarget::try_listen(target, "x", {}).error().name(), "TypeError");
    EXPECT_FALSE(EventTarget::try_dispatch(Object(), "x"));
  });
}

struct Bell : EventTarget {
  int rung = 0;
};
void define(ClassDef<Bell>& def) {
  def.extends<EventTarget>()
      .constructor<>()
      .property(
          "onring",
          [](const Bell& bell, Ctx ctx) {
            const std::optional<Object> handler = bell.handler("ring");
            return handler ? Value(*handler) : Value(ctx, null);
          },
          [](const This<Object>& self, const Value& handler) {
            EventTarget::set_handler(self.value, "ring", handler);
          })
      .method("ring", [](const This<Instance<Bell>>& self) {
        ++self.value->rung;
        return EventTarget::dispatch(self.value, "ring", {.cancelable = true});
      });
}

TEST_F(EventsTest, ClassesOfCppAreTargetsWithHandlers) {
  with([](Ctx ctx) { ctx.globals().set("Bell", Instance<Bell>::constructor(ctx)); });
  eval(R"(
    const bell = new Bell();
    log.push(bell.onring === null);
    bell.onring = () => log.push('first');
    bell.addEventListener('ring', () => log.push('second'));
    bell.onring = () => { log.push('other'); return false };
    log.push(bell.ring());
    bell.onring = 5;
    log.push(bell.ring(), bell.onring === null);
    bell.onring = {};
    log.push(bell.ring());
  )");
  EXPECT_EQ(take_log(), "true other second false second true true second true");
  EXPECT_TRUE(errors.empty());
}

TEST_F(EventsTest, AnEventMayBeDerivedFromInCpp) {
  struct Press : Event {
    explicit Press(int pressed) : Event("press"), key(pressed) {}
    int key;
  };
  with([](Ctx ctx) {
    const auto target = Instance<EventTarget>::make(ctx);
    int heard = 0;
    EventTarget::listen(target, "press",
                        [&heard](Event& event) { heard = dynamic_cast<Press&>(event).key; });
    std::shared_ptr<Event> event = std::make_shared<Press>(7);
    EventTarget::dispatch(target, Object(Value(ctx, event).handle()));
    EXPECT_EQ(heard, 7);
  });
}

TEST_F(EventsTest, ListenersAreCollectedWithTheirTarget) {
  eval(R"(
    var weak;
    {
      const target = new EventTarget();
      weak = new WeakRef(target);
      target.addEventListener('x', () => target);
      const event = new Event('x');
      target.dispatchEvent(event);
      target.last = event;
    }
  )");
  runtime.run();
  runtime.run_gc();
  expect_eval("weak.deref()", "undefined", "undefined");
}

TEST_F(EventsTest, WhatIsOfAnotherRuntimeIsRefused) {
  Runtime other;
  const Context foreign(other);
  with([&](Ctx ctx) {
    const auto target = Instance<EventTarget>::make(ctx);
    foreign.with([&](Ctx inner) {
      const auto event = Instance<Event>::make(inner, "x");
      EXPECT_FALSE(EventTarget::try_dispatch(target, event));
      EXPECT_FALSE(EventTarget::try_set_handler(target, "x", event));
      EXPECT_FALSE(target->has_listeners("x"));
    });
  });
}

TEST_F(EventsTest, TheRuntimeMayEndWhileAnEventIsOnItsWay) {
  auto other = std::make_unique<Runtime>();
  const Context inner(*other);
  Instance<EventTarget> target;
  inner.with([&](Ctx ctx) {
    web::install(ctx, {.console = false});
    target = Instance<EventTarget>::make(ctx);
    int later = 0;
    EventTarget::listen(target, "x", [&](Event&) { other.reset(); });
    EventTarget::listen(target, "x", [&later](Event&) { ++later; });
    (void)EventTarget::try_dispatch(target, "x");
    EXPECT_LE(later, 1);
  });
  EXPECT_EQ(EventTarget::try_dispatch(target, "x").error().kind(), ErrorKind::runtime_gone);
}

}  // namespace
}  // namespace quip::test

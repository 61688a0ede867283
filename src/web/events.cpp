#include "clock.hpp"
#include "dictionary.hpp"
#include "report.hpp"
#include <quip/class/class_def.hpp>
#include <quip/function/callback.hpp>
#include <quip/value/array.hpp>
#include <quip/value/placeholder.hpp>
#include <quip/web/abort.hpp>
#include <quip/web/dom_exception.hpp>
#include <quip/web/events.hpp>

#include <algorithm>
#include <utility>

namespace quip::web {

// ---- events
// --------------------------------------------------------------------------------------

Event::Event(std::string type, const EventInit& init)
    : type_(std::move(type)), init_(init), time_stamp_(now()) {}

void Event::trace(Tracer& tracer) const { tracer(target_, current_target_); }

CustomEvent::CustomEvent(std::string type, Value detail, const EventInit& init)
    : Event(std::move(type), init), detail_(std::move(detail)) {}

void CustomEvent::trace(Tracer& tracer) const {
  Event::trace(tracer);
  tracer(detail_);
}

namespace {

/// A handle that may be empty, which is null to scripts.
Value or_null(const Ctx& ctx, const Value& value) {
  return value.handle().empty() ? Value(ctx, null) : value;
}

constexpr int at_target = 2;

}  // namespace

void define(ClassDef<Event>& def) {
  def.constructor([](Coerced<std::string> type, std::optional<EventInit> init) {
       return Event(std::move(type).get(), init.value_or(EventInit()));
     })
      .property<&Event::type>()
      .property("target", [](const Event& event, Ctx ctx) { return or_null(ctx, event.target()); })
      .property("srcElement",
                [](const Event& event, Ctx ctx) { return or_null(ctx, event.target()); })
      .property("currentTarget",
                [](const Event& event, Ctx ctx) { return or_null(ctx, event.current_target()); })
      .method("composedPath",
              [](const Event& event) {
                std::vector<Object> path;
                if (event.is_dispatched()) path.push_back(event.target());
                return path;
              })
      .property("eventPhase",
                [](const Event& event) { return event.is_dispatched() ? at_target : 0; })
      .method<&Event::stop_propagation>("stopPropagation")
      .property(
          "cancelBubble", [](const Event& event) { return event.is_stopped_; },
          [](Event& event, Coerced<bool> stop) {
            if (stop.get()) event.stop_propagation();
          })
      .method<&Event::stop_immediate_propagation>("stopImmediatePropagation")
      .property<&Event::bubbles>()
      .property<&Event::cancelable>()
      .property(
          "returnValue", [](const Event& event) { return !event.default_prevented(); },
          [](Event& event, Coerced<bool> value) {
            if (!value.get()) event.prevent_default();
          })
      .method<&Event::prevent_default>("preventDefault")
      .property<&Event::default_prevented>("defaultPrevented")
      .property<&Event::composed>()
      .property<&Event::is_trusted>("isTrusted")
      .property<&Event::time_stamp>("timeStamp")
      .prototype_constant(symbol::to_string_tag, "Event");
  constexpr std::pair<const char*, int> phases[] = {
      {"NONE", 0}, {"CAPTURING_PHASE", 1}, {"AT_TARGET", at_target}, {"BUBBLING_PHASE", 3}};
  for (const auto& [name, value] : phases) {
    def.constant(name, value).prototype_constant(name, value);
  }
}

void define(ClassDef<CustomEvent>& def) {
  def.extends<Event>()
      .constructor([](Coerced<std::string> type, const Opt<Value>& given) -> Result<CustomEvent> {
        const Value options = given.value_or(Value());
        Result<EventInit> init = Convert<EventInit>::from_js(options);
        if (!init) return std::move(init).error();
        const Result<Dictionary> dictionary = Dictionary::of(options, "CustomEventInit");
        Result<Value> detail = dictionary ? dictionary->get(key<"detail">) : dictionary.error();
        if (!detail) return std::move(detail).error();
        if (detail->is_undefined()) detail = Value();
        return CustomEvent(std::move(type).get(), *std::move(detail), *init);
      })
      .property("detail",
                [](const CustomEvent& event, Ctx ctx) { return or_null(ctx, event.detail()); })
      .prototype_constant(symbol::to_string_tag, "CustomEvent");
}

// ---- listeners
// -----------------------------------------------------------------------------------

struct EventTarget::Listener {
  ListenerId id = 0;
  std::string type;
  Object callback;                       // of a script; empty for one of C++
  std::function<void(Event&)> function;  // of C++
  ListenerOptions options;
  bool is_handler = false;
  bool is_removed = false;

  [[nodiscard]] bool is_same(std::string_view other_type, const Value& other,
                             bool capture) const noexcept {
    return !is_removed && !is_handler && options.capture == capture && type == other_type &&
           !callback.handle().empty() && callback == other;
  }
  /// Whoever calls it has a copy of what it calls.
  void remove() noexcept {
    is_removed = true;
    callback = Object();
    function = nullptr;
  }
};

void EventTarget::trace(Tracer& tracer) const {
  for (const std::shared_ptr<Listener>& listener : listeners_) {
    tracer(listener->callback, listener->function);
  }
}

void EventTarget::listeners_changed(const Object&) {}

void EventTarget::prune() noexcept {
  std::erase_if(listeners_, [](const auto& listener) { return listener->is_removed; });
}

void EventTarget::add(const Object& self, std::shared_ptr<Listener> listener) {
  prune();
  listener->id = ++last_id_;
  listeners_.push_back(std::move(listener));
  listeners_changed(self);
}

bool EventTarget::has_listeners(std::string_view type) const noexcept {
  return std::any_of(listeners_.begin(), listeners_.end(), [type](const auto& listener) {
    return !listener->is_removed && listener->type == type;
  });
}

std::optional<Object> EventTarget::handler(std::string_view type) const {
  for (const std::shared_ptr<Listener>& listener : listeners_) {
    if (!listener->is_removed && listener->is_handler && listener->type == type) {
      return listener->callback;
    }
  }
  return std::nullopt;
}

namespace {

/// The C++ object of a target, with its handle.
Result<EventTarget*> target_in(const Object& object) {
  return object.try_as<EventTarget*>().and_then([](EventTarget* target) -> Result<EventTarget*> {
    if (target == nullptr) return Error::type("the value is not of type 'EventTarget'");
    return target;
  });
}

/// The options of addEventListener and removeEventListener: a boolean or a dictionary.
Result<Dictionary> options_of(const Value& value, bool& capture) {
  capture = false;
  if (!value.handle().empty() && !value.is_nullish() && !value.is_object()) {
    Result<Coerced<bool>> flag = value.try_as<Coerced<bool>>();
    if (!flag) return std::move(flag).error();
    capture = flag->get();
    return Dictionary::of(Value(), {});
  }
  Result<Dictionary> dictionary = Dictionary::of(value, "AddEventListenerOptions");
  if (!dictionary) return dictionary;
  Result<bool> flag = dictionary->flag(key<"capture">, false);
  if (!flag) return std::move(flag).error();
  capture = *flag;
  return dictionary;
}

/// Null and undefined are no callback, and no error.
Result<bool> is_callback(const Value& value) {
  if (value.is_nullish()) return false;
  if (!value.is_object()) return Error::type("the callback is neither a function nor an object");
  return true;
}

}  // namespace

Result<void> EventTarget::add_script(const Object& target, std::string type, const Value& callback,
                                     const Value& options) {
  const Result<bool> has_callback = is_callback(callback);
  if (!has_callback) return has_callback.error();
  auto listener = std::make_shared<Listener>();
  listener->type = std::move(type);
  // in the order of Web IDL, the members of the dictionary that it inherits from first
  const Result<Dictionary> dictionary = options_of(options, listener->options.capture);
  if (!dictionary) return dictionary.error();
  const Result<bool> once = dictionary->flag(key<"once">, false);
  if (!once) return once.error();
  const Result<bool> passive = dictionary->flag(key<"passive">, false);
  if (!passive) return passive.error();
  Result<Value> signal = dictionary->get(key<"signal">);
  if (!signal) return std::move(signal).error();
  listener->options.once = *once;
  listener->options.passive = *passive;
  AbortSignal* aborts = nullptr;
  if (!signal->is_undefined()) {
    if (!signal->is<Instance<AbortSignal>>()) {
      return Error::type("member signal is not of type 'AbortSignal'");
    }
    const Result<AbortSignal*> known = signal->try_as<AbortSignal*>();
    if (!known) return known.error();
    aborts = *known;
    if (aborts->aborted()) return {};
  }
  if (!*has_callback) return {};
  // the options' getters may have done anything to the target
  const Result<EventTarget*> self = target_in(target);
  if (!self) return self.error();
  EventTarget& found = **self;
  const bool is_known =
      std::any_of(found.listeners_.begin(), found.listeners_.end(), [&](const auto& known) {
        return known->is_same(listener->type, callback, listener->options.capture);
      });
  if (is_known) return {};
  listener->callback = Object(callback.handle());
  if (aborts != nullptr) {
    aborts->on_abort(Object(signal->handle()), listener, [weak = std::weak_ptr(listener)] {
      if (const auto added = weak.lock()) added->remove();
    });
  }
  found.add(target, std::move(listener));
  return {};
}

Result<void> EventTarget::remove_script(const Object& target, const std::string& type,
                                        const Value& callback, const Value& options) {
  const Result<bool> has_callback = is_callback(callback);
  if (!has_callback) return has_callback.error();
  bool capture = false;
  const Result<Dictionary> dictionary = options_of(options, capture);
  if (!dictionary) return dictionary.error();
  const Result<EventTarget*> self = target_in(target);
  if (!self) return self.error();
  EventTarget& found = **self;
  for (const std::shared_ptr<Listener>& listener : found.listeners_) {
    if (listener->is_same(type, callback, capture)) {
      listener->remove();
      break;
    }
  }
  found.prune();
  found.listeners_changed(target);
  return {};
}

Result<ListenerId> EventTarget::try_listen(const Object& target, std::string_view type,
                                           std::function<void(Event&)> function,
                                           const ListenerOptions& options) {
  const detail::Entry entry(target.handle().realm());
  if (!entry) return detail::refusal(target.handle().realm());
  if (!function) return Error::type("an empty function cannot listen");
  const Result<EventTarget*> self = target_in(target);
  if (!self) return self.error();
  auto listener = std::make_shared<Listener>();
  listener->type = type;
  listener->function = std::move(function);
  listener->options = options;
  (*self)->add(target, listener);
  return listener->id;
}

Result<void> EventTarget::try_unlisten(const Object& target, ListenerId id) {
  const detail::Entry entry(target.handle().realm());
  if (!entry) return detail::refusal(target.handle().realm());
  const Result<EventTarget*> self = target_in(target);
  if (!self) return self.error();
  EventTarget& found = **self;
  for (const std::shared_ptr<Listener>& listener : found.listeners_) {
    if (listener->id == id) listener->remove();
  }
  found.prune();
  found.listeners_changed(target);
  return {};
}

Result<void> EventTarget::try_set_handler(const Object& target, std::string_view type,
                                          const Value& handler) {
  const detail::Entry entry(target.handle().realm());
  if (!entry) return detail::refusal(target.handle().realm());
  const Result<EventTarget*> self = target_in(target);
  if (!self) return self.error();
  EventTarget& found = **self;
  const auto known =
      std::find_if(found.listeners_.begin(), found.listeners_.end(), [type](const auto& listener) {
        return !listener->is_removed && listener->is_handler && listener->type == type;
      });
  const Result<Value> given = detail::from_owned<Value>(
      target.handle().realm(),
      detail::give_handle(target.handle().realm()->context, handler.handle()));
  if (!given) return given.error();
  if (!handler.is_object()) {
    if (known != found.listeners_.end()) (*known)->remove();
    found.prune();
    found.listeners_changed(target);
  } else if (known != found.listeners_.end()) {
    (*known)->callback = Object(handler.handle());  // it keeps its place among the listeners
  } else {
    auto listener = std::make_shared<Listener>();
    listener->type = type;
    listener->callback = Object(handler.handle());
    listener->is_handler = true;
    found.add(target, std::move(listener));
  }
  return {};
}

// ---- dispatch
// ------------------------------------------------------------------------------------

/// One event on its way through the listeners (DOM 2.9). Scripts run in between, and C++ that they
/// call may take the event's object or the target's away: both are looked up anew each time.
struct EventTarget::Dispatch {
  Object target;
  Instance<Event> event;
  std::vector<std::shared_ptr<Listener>> listeners;

  /// False when there is nobody left to tell.
  Result<bool> tell_all(bool capture) {
    for (const std::shared_ptr<Listener>& listener : listeners) {
      if (listener->is_removed || listener->options.capture != capture) continue;
      Result<bool> told = tell(*listener);
      if (!told || !*told) return told;
    }
    const Result<Event*> current = event.try_get();
    if (!current) return current.error();
    return !(*current)->is_stopped_;
  }

 private:
  Result<bool> tell(Listener& listener) {
    const Object callback = listener.callback;
    const std::function<void(Event&)> function = listener.function;
    const bool is_handler = listener.is_handler;
    Result<Event*> current = event.try_get();
    if (!current) return current.error();
    (*current)->is_passive_ = listener.options.passive;
    if (listener.options.once) {
      listener.remove();
      if (const Result<EventTarget*> self = target_in(target)) (*self)->listeners_changed(target);
    }
    const Result<Value> returned =
        function ? call(function, **current) : call(callback, is_handler);
    if (!returned) {
      if (ends_all(returned.error())) return returned.error();
      report(target.handle().realm(), returned.error());
    }
    current = event.try_get();
    if (!current) return current.error();
    Event& now = **current;
    if (is_handler && returned && returned->is_bool() && !returned->as<bool>()) {
      now.prevent_default();
    }
    now.is_passive_ = false;
    return !now.is_stopped_now_;
  }
  static Result<Value> call(const std::function<void(Event&)>& function, Event& event) {
    try {
      function(event);
      return Value();
    } catch (...) {
      return Error::from(std::current_exception());
    }
  }
  [[nodiscard]] Result<Value> call(const Object& callback, bool is_handler) const {
    if (callback.is_function()) {
      return Function(callback.handle()).try_call_with(target, {event});
    }
    if (is_handler) return Value();
    Result<Value> method = callback.try_get(key<"handleEvent">);
    if (!method) return method;
    if (!method->is_function()) {
      return Error::type("the listener is no function and has no method 'handleEvent'");
    }
    return Function(method->handle()).try_call_with(callback, {event});
  }
};

Result<bool> EventTarget::dispatch_as(const Object& target, const Object& event, bool is_trusted) {
  detail::Realm* realm = target.handle().realm();
  const detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  const Result<Value> given =
      detail::from_owned<Value>(realm, detail::give_handle(realm->context, event.handle()));
  if (!given) return given.error();
  Result<Instance<Event>> known = given->try_as<Instance<Event>>();
  if (!known) return std::move(known).error();
  Dispatch dispatch{target, *std::move(known), {}};
  const Result<EventTarget*> self = target_in(target);
  if (!self) return self.error();
  Result<Event*> current = dispatch.event.try_get();
  if (!current) return current.error();
  // neither can be handed back to C++ meanwhile
  const detail::Using target_in_use(detail::cell_in(dispatch.target.raw()));
  const detail::Using event_in_use(detail::cell_in(dispatch.event.raw()));
  Event& begun = **current;
  if (begun.is_dispatched_) {
    return DOMException::error(Ctx(realm), "The event is already being dispatched",
                               "InvalidStateError");
  }
  (*self)->prune();
  for (const std::shared_ptr<Listener>& listener : (*self)->listeners_) {
    if (listener->type == begun.type_) dispatch.listeners.push_back(listener);
  }
  begun.is_trusted_ = is_trusted;
  begun.is_dispatched_ = true;
  begun.target_ = begun.current_target_ = dispatch.target;
  Result<bool> goes_on = !begun.is_stopped_;
  for (const bool capture : {true, false}) {
    if (goes_on && *goes_on) goes_on = dispatch.tell_all(capture);
  }
  current = dispatch.event.try_get();
  if (!current) return current.error();
  Event& ended = **current;
  ended.is_dispatched_ = ended.is_stopped_ = ended.is_stopped_now_ = ended.is_passive_ = false;
  ended.current_target_ = Object();
  if (!goes_on) return goes_on;
  return !ended.is_canceled_;
}

Result<bool> EventTarget::try_dispatch(const Object& target, const Object& event) {
  return dispatch_as(target, event, true);
}

Result<bool> EventTarget::try_dispatch(const Object& target, std::string_view type,
                                       const EventInit& init) {
  detail::Realm* realm = target.handle().realm();
  const detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  const Result<Instance<Event>> event =
      Instance<Event>::try_make(Ctx(realm), std::string(type), init);
  if (!event) return event.error();
  return dispatch_as(target, *event, true);
}

void define(ClassDef<EventTarget>& def) {
  using Self = This<Instance<EventTarget>>;
  def.constructor<>()
      .method("addEventListener",
              [](const Self& self, Coerced<std::string> type, const Value& callback,
                 const Opt<Value>& options) {
                return EventTarget::add_script(self.value, std::move(type).get(), callback,
                                               options.value_or(Value()));
              })
      .method("removeEventListener",
              [](const Self& self, Coerced<std::string> type, const Value& callback,
                 const Opt<Value>& options) {
                return EventTarget::remove_script(self.value, type.get(), callback,
                                                  options.value_or(Value()));
              })
      .method("dispatchEvent",
              [](const Self& self, const Instance<Event>& event) {
                return EventTarget::dispatch_as(self.value, event, false);
              })
      .prototype_constant(symbol::to_string_tag, "EventTarget");
}

}  // namespace quip::web

namespace quip {

Result<web::EventInit> Convert<web::EventInit>::from_js(const Value& value) {
  const Result<web::Dictionary> dictionary = web::Dictionary::of(value, "EventInit");
  if (!dictionary) return dictionary.error();
  const Result<bool> bubbles = dictionary->flag(key<"bubbles">, false);
  if (!bubbles) return bubbles.error();
  const Result<bool> cancelable = dictionary->flag(key<"cancelable">, false);
  if (!cancelable) return cancelable.error();
  const Result<bool> composed = dictionary->flag(key<"composed">, false);
  if (!composed) return composed.error();
  return web::EventInit{.bubbles = *bubbles, .cancelable = *cancelable, .composed = *composed};
}

template void detail::define_class<web::Event>(ClassSpec&);
template void detail::define_class<web::CustomEvent>(ClassSpec&);
template void detail::define_class<web::EventTarget>(ClassSpec&);

}  // namespace quip

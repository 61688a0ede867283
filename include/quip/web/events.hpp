// Event, CustomEvent and EventTarget (WHATWG DOM, section 2).
#pragma once

#include <quip/class/instance.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace quip::web {

/// What an Event is made with.
struct EventInit {
  bool bubbles = false;
  bool cancelable = false;
  bool composed = false;
};

class EventTarget;

/// Something that happened, as listeners hear of it: the JavaScript class `Event`. It may be
/// derived from: in C++ by a class whose definition says `extends<quip::web::Event>()`, in
/// JavaScript by `class … extends Event`.
class Event {
 public:
  explicit Event(std::string type, const EventInit& init = {});
  Event(const Event&) = delete;
  Event(Event&&) = default;
  Event& operator=(const Event&) = delete;
  Event& operator=(Event&&) = default;
  virtual ~Event() = default;

  [[nodiscard]] const std::string& type() const noexcept { return type_; }
  [[nodiscard]] bool bubbles() const noexcept { return init_.bubbles; }
  [[nodiscard]] bool cancelable() const noexcept { return init_.cancelable; }
  [[nodiscard]] bool composed() const noexcept { return init_.composed; }
  /// When it was made, in milliseconds on the clock of `performance.now`.
  [[nodiscard]] double time_stamp() const noexcept { return time_stamp_; }
  /// Whether a listener has prevented what the host would do about it.
  [[nodiscard]] bool default_prevented() const noexcept { return is_canceled_; }
  /// Does nothing when it is not cancelable, or when the listener said that it is passive.
  void prevent_default() noexcept { is_canceled_ = is_canceled_ || (cancelable() && !is_passive_); }
  /// No listener behind those of this phase hears of it.
  void stop_propagation() noexcept { is_stopped_ = true; }
  /// No other listener hears of it.
  void stop_immediate_propagation() noexcept { is_stopped_ = is_stopped_now_ = true; }
  /// The object that it was dispatched on; an empty handle before.
  [[nodiscard]] const Object& target() const noexcept { return target_; }
  /// The object whose listeners hear of it now; an empty handle while none do.
  [[nodiscard]] const Object& current_target() const noexcept { return current_target_; }
  /// Whether the host dispatched it, and not a script.
  [[nodiscard]] bool is_trusted() const noexcept { return is_trusted_; }
  /// Whether it is being dispatched.
  [[nodiscard]] bool is_dispatched() const noexcept { return is_dispatched_; }

  virtual void trace(Tracer& tracer) const;

 private:
  friend class EventTarget;
  friend void define(ClassDef<Event>& def);
  std::string type_;
  EventInit init_;
  double time_stamp_;
  Object target_;
  Object current_target_;
  bool is_canceled_ = false;
  bool is_stopped_ = false;
  bool is_stopped_now_ = false;
  bool is_passive_ = false;  // the listener that hears of it now is
  bool is_trusted_ = false;
  bool is_dispatched_ = false;
};
void define(ClassDef<Event>& def);

/// An Event with a value of the one who dispatches it: the JavaScript class `CustomEvent`.
class CustomEvent : public Event {
 public:
  /// An empty `detail` is null.
  explicit CustomEvent(std::string type, Value detail = {}, const EventInit& init = {});
  [[nodiscard]] const Value& detail() const noexcept { return detail_; }
  void trace(Tracer& tracer) const override;

 private:
  Value detail_;
};
void define(ClassDef<CustomEvent>& def);

/// How a listener is called.
struct ListenerOptions {
  bool capture = false;  ///< before those that do not
  bool once = false;     ///< for the first event, and then no more
  bool passive = false;  ///< what it prevents is not prevented
};
/// A listener of C++, to take it away again.
using ListenerId = std::uint64_t;

/// What events are dispatched on: the JavaScript class `EventTarget`, of which scripts and C++ may
/// derive classes (in C++ with `extends<quip::web::EventTarget>()`).
///
/// Listeners are called in the order in which they were added, those with `capture` first; targets
/// have no parents that an event would bubble to. What a listener throws goes to the runtime's
/// error handler and does not stop the others.
///
/// Of what needs the JavaScript object as well as the C++ one, `target` is that object: an
/// `Instance<EventTarget>`, or one of a class that extends it. Every other one is a TypeError.
class EventTarget {
 public:
  EventTarget() = default;
  EventTarget(const EventTarget&) = delete;
  EventTarget& operator=(const EventTarget&) = delete;
  virtual ~EventTarget() = default;

  /// Calls the listeners for the event, an Instance of Event; false when one of them has prevented
  /// its default. Throws when it is being dispatched already (a DOMException "InvalidStateError"),
  /// and RuntimeGone.
  static bool dispatch(const Object& target, const Object& event) {
    return try_dispatch(target, event).value();
  }
  static Result<bool> try_dispatch(const Object& target, const Object& event);
  /// The same with a new Event.
  static bool dispatch(const Object& target, std::string_view type, const EventInit& init = {}) {
    return try_dispatch(target, type, init).value();
  }
  static Result<bool> try_dispatch(const Object& target, std::string_view type,
                                   const EventInit& init = {});

  /// Has `listener` called for the events of that type.
  static ListenerId listen(const Object& target, std::string_view type,
                           std::function<void(Event&)> listener,
                           const ListenerOptions& options = {}) {
    return try_listen(target, type, std::move(listener), options).value();
  }
  static Result<ListenerId> try_listen(const Object& target, std::string_view type,
                                       std::function<void(Event&)> listener,
                                       const ListenerOptions& options = {});
  /// Takes a listener of C++ away; nothing when it is not there any more.
  static void unlisten(const Object& target, ListenerId listener) {
    try_unlisten(target, listener).value();
  }
  static Result<void> try_unlisten(const Object& target, ListenerId listener);

  /// Whether somebody listens for the events of that type.
  [[nodiscard]] bool has_listeners(std::string_view type) const noexcept;

  /// An event handler such as `onabort` (HTML 8.1.8.1): a property of a class derived from this
  /// one, which scripts set to a function that is then a listener. Empty without one.
  ///
  ///     def.property("onready",
  ///         [](const Door& door) { return door.handler("ready"); },
  ///         [](quip::This<quip::Object> door, const quip::Value& handler) {
  ///           quip::web::EventTarget::set_handler(door.value, "ready", handler);
  ///         });
  [[nodiscard]] std::optional<Object> handler(std::string_view type) const;
  /// What is no object takes the handler away.
  static void set_handler(const Object& target, std::string_view type, const Value& handler) {
    try_set_handler(target, type, handler).value();
  }
  static Result<void> try_set_handler(const Object& target, std::string_view type,
                                      const Value& handler);

  virtual void trace(Tracer& tracer) const;

  /// @internal
  struct Listener;
  static Result<void> add_script(const Object& target, std::string type, const Value& callback,
                                 const Value& options);
  static Result<void> remove_script(const Object& target, const std::string& type,
                                    const Value& callback, const Value& options);
  static Result<bool> dispatch_as(const Object& target, const Object& event, bool is_trusted);

 protected:
  /// Somebody has begun or ceased to listen; `self` is the JavaScript object. Runs no script.
  virtual void listeners_changed(const Object& self);

 private:
  struct Dispatch;
  void add(const Object& self, std::shared_ptr<Listener> listener);
  void prune() noexcept;
  std::vector<std::shared_ptr<Listener>> listeners_;
  ListenerId last_id_ = 0;
};
void define(ClassDef<EventTarget>& def);

}  // namespace quip::web

namespace quip::detail {
// Compiled once, in the library.
extern template void define_class<web::Event>(ClassSpec& spec);
extern template void define_class<web::CustomEvent>(ClassSpec& spec);
extern template void define_class<web::EventTarget>(ClassSpec& spec);
}  // namespace quip::detail

/// Undefined, null or an object with any of the members (Web IDL 3.2.17).
template <>
struct quip::Convert<quip::web::EventInit> {
  static Result<web::EventInit> from_js(const Value& value);
};

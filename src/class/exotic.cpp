#include "../core/core_state.hpp"
#include "../core/foreign.hpp"
#include "realm_class.hpp"
#include <quip/class/exotic.hpp>
#include <quip/core/intrinsic.hpp>
#include <quip/value/atom.hpp>

#include <algorithm>
#include <unordered_set>
#include <vector>

namespace quip::detail {

// What the engine takes for the object's own properties would be mixed with those that C++ answers
// for, and it counts the former before it asks for the latter: a handler that makes or deletes one
// meanwhile (by a script that it calls, say) would have it write beyond its list. So an exotic
// object has no properties in the engine's sense. Its ordinary ones are those of another object,
// the plain one, which it owns in place of its realm's token: made at the first such property, and
// hidden from scripts.

namespace {

constexpr int throw_flags = JS_PROP_THROW | JS_PROP_THROW_STRICT;

/// A property as the engine describes it; owns its values.
class Described {
 public:
  explicit Described(JSContext* ctx) noexcept : ctx_(ctx) {}
  Described(const Described&) = delete;
  Described& operator=(const Described&) = delete;
  ~Described() {
    engine::release(ctx_, raw.value);
    engine::release(ctx_, raw.getter);
    engine::release(ctx_, raw.setter);
  }
  [[nodiscard]] bool is_accessor() const noexcept { return (raw.flags & JS_PROP_GETSET) != 0; }
  /// What reading it for the receiver gives (ECMA-262 10.1.8.1); owned, or an exception. Once.
  JSValue read(JSValueConst receiver) noexcept {
    if (!is_accessor()) {
      return std::exchange(raw.value, engine::undefined());
    }
    return ::JS_IsFunction(ctx_, raw.getter) ? engine::call(ctx_, raw.getter, receiver, 0, nullptr)
                                             : engine::undefined();
  }
  JSPropertyDescriptor raw{0, engine::undefined(), engine::undefined(), engine::undefined()};

 private:
  JSContext* ctx_;
};

bool give(JSContext* ctx, const Value& value, JSValue& to) noexcept {
  if (value.handle().empty()) {
    return true;
  }
  JSValue given = give_handle(ctx, value.handle());
  if (engine::is_exception(given)) {
    return false;
  }
  to = given;
  return true;
}

/// -1 with a pending exception for values of another runtime.
int fill(JSContext* ctx, JSPropertyDescriptor& to, const PropertyDescriptor& property) noexcept {
  const bool is_accessor = property.is_accessor();
  to.flags = (property.enumerable ? JS_PROP_ENUMERABLE : 0) |
             (property.configurable ? JS_PROP_CONFIGURABLE : 0) |
             (is_accessor ? JS_PROP_GETSET : 0) |
             (property.writable && !is_accessor ? JS_PROP_WRITABLE : 0);
  const bool given =
      is_accessor ? give(ctx, property.getter, to.getter) && give(ctx, property.setter, to.setter)
                  : give(ctx, property.value, to.value);
  return given ? 1 : -1;
}

Value own_value(Realm* realm, JSValueConst value) noexcept {
  return Value(Handle(realm, engine::duplicate(realm->context, value)));
}

/// An exotic object while one question about it is answered.
class Subject {
 public:
  Subject(JSContext* ctx, JSValueConst object) noexcept
      : ctx_(ctx), entry_(ctx), keep_(ctx, engine::duplicate(ctx, object)), cell_(cell_in(object)) {
    if (cell_ == nullptr || cell_->core == nullptr) {
      cell_ = nullptr;
      return;
    }
    is_too_deep_ = engine::stack_pointer() < cell_->core->stack_limit;
    const RealmClass* known = known_class(cell_->realm, *cell_->type);
    // of an object that is gone nothing is left but its ordinary properties
    if (known != nullptr && known->exotic != nullptr && cell_->any_object() != nullptr) {
      handlers_ = known->exotic.get();
      object_ = cast(*cell_->type, cell_->any_object(), *handlers_->type);
      if (object_ == nullptr) handlers_ = nullptr;
    }
  }

  [[nodiscard]] bool is_exotic() const noexcept { return cell_ != nullptr; }
  /// True with a pending exception when the stack ends here: engines do not look at it in all that
  /// leads to the handlers, nor do these.
  [[nodiscard]] bool is_too_deep() const noexcept {
    if (is_too_deep_) [[unlikely]] {
      (void)throw_stack_overflow(ctx_);
    }
    return is_too_deep_;
  }
  [[nodiscard]] bool has(bool ExoticHandlers::* handler) const noexcept {
    return handlers_ != nullptr && handlers_->*handler;
  }

  /// Calls body(handlers, object, ctx, key), which is the user's code; -1 with a pending exception
  /// when it throws.
  template <class Body>
  int ask(JSAtom key, const Body& body) const noexcept {
    Realm* realm = realm_of(cell_->realm->context);
    int answer = -1;
    const JSValue outcome = contained(ctx_, [&] {
      const Using use(cell_);
      const Atom atom = key == 0 ? Atom() : Atom(realm, ::JS_DupAtom(ctx_, key));
      answer = body(*handlers_, object_, Ctx(realm), atom);
      return engine::undefined();
    });
    return engine::is_exception(outcome) ? -1 : answer;
  }

  /// The object with the ordinary properties, or undefined.
  [[nodiscard]] JSValueConst plain() const noexcept {
    const bool is_made =
        engine::get_pointer(cell_->token) != engine::get_pointer(cell_->realm->token);
    return is_made ? JSValueConst(cell_->token) : JSValueConst(engine::undefined());
  }
  /// The same, made if need be; an exception when memory is short.
  [[nodiscard]] JSValueConst make_plain() const noexcept {
    if (engine::is_undefined(plain())) {
      JSContext* ctx = cell_->realm->context;
      JSValue made = ::JS_NewObjectProto(ctx, engine::null());
      if (engine::is_exception(made)) {
        return made;
      }
      // it stands for the token, and holds it therefore
      if (!engine::define(ctx, made, key_of_token(), engine::duplicate(ctx, cell_->realm->token),
                          0)) {
        engine::release(ctx, made);
        return engine::exception();
      }
      engine::release(ctx, std::exchange(cell_->token, made));
    }
    return plain();
  }
  /// 1 and the property, if it is an ordinary one; 0 if not.
  int plain_property(JSAtom key, JSPropertyDescriptor* to) const noexcept {
    const JSValueConst object = plain();
    return engine::is_undefined(object) || key == key_of_token()
               ? 0
               : ::JS_GetOwnProperty(ctx_, to, object, key);
  }
  /// The same of one that C++ answers for.
  int shown_property(JSAtom key, JSPropertyDescriptor* to) const noexcept {
    if (!has(&ExoticHandlers::has_get) && !has(&ExoticHandlers::has_own_property)) {
      return 0;
    }
    return ask(key, [&](const ExoticHandlers& handlers, void* object, Ctx ctx, const Atom& atom) {
      if (handlers.has_own_property) {
        if (const auto found = handlers.own_property(object, ctx, atom)) {
          return to == nullptr ? 1 : fill(ctx_, *to, *found);
        }
        // the handler may have taken the object away
        if (cell_->any_object() == nullptr) return 0;
      }
      if (handlers.has_get) {
        if (auto found = handlers.get(object, ctx, atom)) {
          return to == nullptr ? 1
                               : fill(ctx_, *to,
                                      PropertyDescriptor{.value = *std::move(found),
                                                         .writable = handlers.has_set,
                                                         .enumerable = true,
                                                         .configurable = true});
        }
      }
      return 0;
    });
  }
  /// Either.
  int own_property(JSAtom key, JSPropertyDescriptor* to) const noexcept {
    const int found = plain_property(key, to);
    return found != 0 ? found : shown_property(key, to);
  }
  [[nodiscard]] JSAtom key_of_token() const noexcept {
    return CoreState::of(cell_->core).origin_key;
  }
  [[nodiscard]] JSValueConst object() const noexcept { return keep_.get(); }

 private:
  JSContext* ctx_;
  CalledEntry entry_;
  OwnedValue keep_;
  Cell* cell_;
  bool is_too_deep_ = false;
  const ExoticHandlers* handlers_ = nullptr;
  void* object_ = nullptr;
};

/// What became of an assignment or a definition that is refused: a TypeError where that is asked
/// for, or in strict code.
int refuse(JSContext* ctx, int flags, const char* why) noexcept {
  if ((flags & throw_flags) == JS_PROP_THROW_STRICT) {
    // The engine knows what code it runs, and tells when it refuses something itself.
    const OwnedValue closed(ctx, ::JS_NewObjectProto(ctx, engine::null()));
    if (engine::is_exception(closed.get()) || ::JS_PreventExtensions(ctx, closed.get()) < 0) {
      return -1;
    }
    const int refused = ::JS_DefineProperty(
        ctx, closed.get(), engine::atom_of(engine::WellKnown::iterator), engine::undefined(),
        engine::undefined(), engine::undefined(), JS_PROP_HAS_VALUE | JS_PROP_THROW_STRICT);
    if (refused >= 0) {
      return 0;
    }
    engine::release(ctx, ::JS_GetException(ctx));
  } else if ((flags & JS_PROP_THROW) == 0) {
    return 0;
  }
  ::JS_ThrowTypeError(ctx, "%s", why);
  return -1;
}

int call_setter(JSContext* ctx, JSValueConst setter, JSValueConst receiver, JSValueConst value,
                int flags) noexcept {
  if (!::JS_IsFunction(ctx, setter)) {
    return refuse(ctx, flags, "the property has no setter");
  }
  JSValueConst argument = value;
  const OwnedValue outcome(ctx, engine::call(ctx, setter, receiver, 1, &argument));
  return engine::is_exception(outcome.get()) ? -1 : 1;
}

int get_own_property(JSContext* ctx, JSPropertyDescriptor* to, JSValueConst object,
                     JSAtom key) noexcept {
  const Subject subject(ctx, object);
  if (!subject.is_exotic()) {
    return 0;
  }
  if (subject.is_too_deep()) {
    return -1;
  }
  Described found(ctx);
  const int is_found = subject.own_property(key, to == nullptr ? nullptr : &found.raw);
  if (is_found > 0 && to != nullptr) {
    *to = std::exchange(found.raw,
                        {0, engine::undefined(), engine::undefined(), engine::undefined()});
  }
  return is_found;
}

/// What the object's prototypes answer (ECMA-262 10.1.8.1), for the receiver.
JSValue inherited(JSContext* ctx, JSValueConst object, JSAtom key, JSValueConst receiver) noexcept {
  JSValue prototype = ::JS_GetPrototype(ctx, object);
  while (engine::is_object(prototype)) {
    const OwnedValue at(ctx, prototype);
    const engine::Kind kind = engine::kind_of(prototype);
    if (kind == engine::Kind::proxy || kind >= engine::Kind::uint8_clamped_array) {
      // these answer in ways of their own
      if (realm_of(ctx) == &nowhere) return throw_left(ctx);
      const OwnedValue name(ctx, ::JS_AtomToValue(ctx, key));
      return engine::is_exception(name.get())
                 ? engine::exception()
                 : call_intrinsic<JSValueConst, JSValueConst, JSValueConst>(
                       realm_of(ctx), Intrinsic::reflect_get, engine::undefined(), at.get(),
                       name.get(), receiver);
    }
    Described found(ctx);
    const int is_found = ::JS_GetOwnProperty(ctx, &found.raw, prototype, key);
    if (is_found < 0) {
      return engine::exception();
    }
    if (is_found > 0) {
      return found.read(receiver);
    }
    prototype = ::JS_GetPrototype(ctx, prototype);
  }
  return engine::is_exception(prototype) ? prototype : engine::undefined();
}

JSValue get_property(JSContext* ctx, JSValueConst object, JSAtom key,
                     JSValueConst receiver) noexcept {
  const Subject subject(ctx, object);
  if (subject.is_exotic()) {
    if (subject.is_too_deep()) {
      return engine::exception();
    }
    Described found(ctx);
    const int is_found = subject.own_property(key, &found.raw);
    if (is_found < 0) {
      return engine::exception();
    }
    if (is_found > 0) {
      return found.read(receiver);
    }
  }
  return inherited(ctx, object, key, receiver);
}

/// A list of keys as engines take it, each of them once.
class KeyList {
 public:
  explicit KeyList(JSContext* ctx) noexcept : ctx_(ctx) {}
  KeyList(const KeyList&) = delete;
  KeyList& operator=(const KeyList&) = delete;
  ~KeyList() {
    for (const JSAtom key : keys_) ::JS_FreeAtom(ctx_, key);
  }
  void add(JSAtom key) {
    if (seen_.insert(key).second) {
      keys_.push_back(key);
      ::JS_DupAtom(ctx_, key);
    }
  }
  /// -1 with a pending exception when memory is short.
  int give(JSPropertyEnum** table, std::uint32_t* size) noexcept {
    if (keys_.empty()) {
      return 0;
    }
    auto* made =
        static_cast<JSPropertyEnum*>(::js_malloc(ctx_, sizeof(JSPropertyEnum) * keys_.size()));
    if (made == nullptr) {
      return -1;
    }
    for (std::size_t i = 0; i < keys_.size(); ++i) {
      made[i] = JSPropertyEnum{};
      made[i].atom = keys_[i];
      made[i].is_enumerable = true;  // the engine asks for each where it matters
    }
    *table = made;
    *size = static_cast<std::uint32_t>(keys_.size());
    keys_.clear();
    return 0;
  }

 private:
  JSContext* ctx_;
  std::vector<JSAtom> keys_;
  std::unordered_set<JSAtom> seen_;
};

int get_own_property_names(JSContext* ctx, JSPropertyEnum** table, std::uint32_t* size,
                           JSValueConst object) noexcept {
  *table = nullptr;
  *size = 0;
  const Subject subject(ctx, object);
  if (!subject.is_exotic()) {
    return 0;
  }
  if (subject.is_too_deep()) {
    return -1;
  }
  int outcome = -1;
  const JSValue done = contained(ctx, [&] {
    KeyList list(ctx);
    if (!engine::is_undefined(subject.plain())) {
      JSPropertyEnum* plain = nullptr;
      std::uint32_t count = 0;
      if (::JS_GetOwnPropertyNames(ctx, &plain, &count, subject.plain(),
                                   JS_GPN_STRING_MASK | JS_GPN_SYMBOL_MASK) < 0) {
        return engine::exception();
      }
      struct Names {
        JSContext* ctx;
        JSPropertyEnum* table;
        std::uint32_t count;
        ~Names() { engine::free_property_enum(ctx, table, count); }
      } const names{ctx, plain, count};
      for (std::uint32_t i = 0; i < count; ++i) {
        if (plain[i].atom != subject.key_of_token()) list.add(plain[i].atom);
      }
    }
    if (subject.has(&ExoticHandlers::has_keys)) {
      const int asked = subject.ask(
          0, [&](const ExoticHandlers& handlers, void* whole, Ctx context, const Atom&) {
            for (const Atom& key : handlers.keys(whole, context)) {
              if (key.realm()->core == context.realm()->core) list.add(key.raw());
            }
            return 0;
          });
      if (asked < 0) {
        return engine::exception();
      }
    }
    outcome = list.give(table, size);
    return engine::undefined();
  });
  return engine::is_exception(done) ? -1 : outcome;
}

int delete_property(JSContext* ctx, JSValueConst object, JSAtom key) noexcept {
  const Subject subject(ctx, object);
  if (!subject.is_exotic()) {
    return 1;
  }
  if (subject.is_too_deep()) {
    return -1;
  }
  const int is_plain = subject.plain_property(key, nullptr);
  if (is_plain != 0) {
    return is_plain < 0 ? -1 : ::JS_DeleteProperty(ctx, subject.plain(), key, 0);
  }
  if (subject.has(&ExoticHandlers::has_remove)) {
    return subject.ask(
        key, [](const ExoticHandlers& handlers, void* whole, Ctx context, const Atom& atom) {
          return handlers.remove(whole, context, atom) ? 1 : 0;
        });
  }
  // what is shown and cannot be removed stays
  const int is_shown = subject.shown_property(key, nullptr);
  return is_shown < 0 ? -1 : is_shown == 0 ? 1 : 0;
}

int has_property(JSContext* ctx, JSValueConst object, JSAtom key) noexcept {
  const Subject subject(ctx, object);
  int found = 0;
  if (subject.is_exotic()) {
    if (subject.is_too_deep()) {
      return -1;
    }
    found = subject.plain_property(key, nullptr);
    if (found == 0 && subject.has(&ExoticHandlers::has_has)) {
      found = subject.ask(
          key, [](const ExoticHandlers& handlers, void* whole, Ctx context, const Atom& atom) {
            return handlers.has(whole, context, atom) ? 1 : 0;
          });
    } else if (found == 0) {
      found = subject.shown_property(key, nullptr);
    }
  }
  if (found != 0) {
    return found;
  }
  // ECMA-262 10.1.7: then the prototype is asked
  const OwnedValue prototype(ctx, ::JS_GetPrototype(ctx, object));
  if (engine::is_exception(prototype.get())) {
    return -1;
  }
  return engine::is_object(prototype.get()) ? ::JS_HasProperty(ctx, prototype.get(), key) : 0;
}

/// ECMA-262 10.1.9.2 from an object on that is not the exotic one; null for none.
int set_from(JSContext* ctx, JSValueConst from, JSAtom key, JSValueConst value,
             JSValueConst receiver, int flags) noexcept {
  if (realm_of(ctx) == &nowhere) return refuse(ctx, flags, "quip has left the runtime");
  const OwnedValue name(ctx, ::JS_AtomToValue(ctx, key));
  const OwnedValue start(ctx, engine::is_object(from) ? engine::duplicate(ctx, from)
                                                      : ::JS_NewObjectProto(ctx, engine::null()));
  if (engine::is_exception(name.get()) || engine::is_exception(start.get())) {
    return -1;
  }
  const OwnedValue outcome(
      ctx, call_intrinsic<JSValueConst, JSValueConst, JSValueConst, JSValueConst>(
               realm_of(ctx), Intrinsic::reflect_set, engine::undefined(), start.get(), name.get(),
               value, receiver));
  if (engine::is_exception(outcome.get())) {
    return -1;
  }
  return ::JS_ToBool(ctx, outcome.get()) != 0
             ? 1
             : refuse(ctx, flags, "the property cannot be assigned to");
}

int set_property(JSContext* ctx, JSValueConst object, JSAtom key, JSValueConst value,
                 JSValueConst receiver, int flags) noexcept {
  const Subject subject(ctx, object);
  if (subject.is_exotic()) {
    if (subject.is_too_deep()) {
      return -1;
    }
    const bool is_receiver =
        engine::get_pointer(object) == engine::get_pointer(receiver) && engine::is_object(receiver);
    Described own(ctx);
    int found = subject.plain_property(key, &own.raw);
    if (found == 0 && is_receiver && subject.has(&ExoticHandlers::has_set)) {
      const int taken = subject.ask(
          key, [&](const ExoticHandlers& handlers, void* whole, Ctx context, const Atom& atom) {
            return handlers.set(whole, context, atom, own_value(context.realm(), value)) ? 1 : 0;
          });
      if (taken != 0) {
        return taken;
      }
    }
    if (found == 0) {
      found = subject.shown_property(key, &own.raw);
    }
    if (found < 0) {
      return -1;
    }
    if (found > 0) {
      if (own.is_accessor()) {
        return call_setter(ctx, own.raw.setter, receiver, value, flags);
      }
      if ((own.raw.flags & JS_PROP_WRITABLE) == 0) {
        return refuse(ctx, flags, "the property is read-only");
      }
      return is_receiver ? ::JS_DefineProperty(ctx, object, key, value, engine::undefined(),
                                               engine::undefined(),
                                               JS_PROP_HAS_VALUE | (flags & throw_flags))
                         : set_from(ctx, engine::null(), key, value, receiver, flags);
    }
  }
  const OwnedValue prototype(ctx, ::JS_GetPrototype(ctx, object));
  return engine::is_exception(prototype.get())
             ? -1
             : set_from(ctx, prototype.get(), key, value, receiver, flags);
}

int define_own_property(JSContext* ctx, JSValueConst object, JSAtom key, JSValueConst value,
                        JSValueConst getter, JSValueConst setter, int flags) noexcept {
  const Subject subject(ctx, object);
  if (!subject.is_exotic()) {
    return ::JS_DefineProperty(ctx, object, key, value, getter, setter, flags | JS_PROP_NO_EXOTIC);
  }
  if (subject.is_too_deep()) {
    return -1;
  }
  const int is_plain = subject.plain_property(key, nullptr);
  if (is_plain != 0) {
    return is_plain < 0
               ? -1
               : ::JS_DefineProperty(ctx, subject.plain(), key, value, getter, setter, flags);
  }
  Described shown(ctx);
  const int is_shown = subject.shown_property(key, &shown.raw);
  const int is_extensible = is_shown < 0 ? -1 : ::JS_IsExtensible(ctx, object);
  if (is_extensible < 0) {
    return -1;
  }
  const bool is_defined = subject.has(&ExoticHandlers::has_define);
  if (is_extensible == 0 && !(is_defined && is_shown > 0)) {
    return refuse(ctx, flags, "the object is not extensible");
  }

  // What is not said of a property stays as it is shown (ECMA-262 10.1.6.3).
  constexpr int attributes = JS_PROP_CONFIGURABLE | JS_PROP_WRITABLE | JS_PROP_ENUMERABLE;
  const int said = (flags >> JS_PROP_HAS_SHIFT) & attributes;
  int full = (flags & said) | (shown.raw.flags & attributes & ~said);
  const bool says_accessor = (flags & (JS_PROP_HAS_GET | JS_PROP_HAS_SET)) != 0;
  const bool says_data = (flags & (JS_PROP_HAS_VALUE | JS_PROP_HAS_WRITABLE)) != 0;
  const bool is_accessor = says_accessor || (shown.is_accessor() && !says_data);
  if (is_accessor) {
    full &= ~JS_PROP_WRITABLE;
  }
  const JSValueConst full_value = (flags & JS_PROP_HAS_VALUE) != 0 ? value : shown.raw.value;
  const JSValueConst full_getter = (flags & JS_PROP_HAS_GET) != 0 ? getter : shown.raw.getter;
  const JSValueConst full_setter = (flags & JS_PROP_HAS_SET) != 0 ? setter : shown.raw.setter;

  if (is_defined) {
    const int done = subject.ask(
        key, [&](const ExoticHandlers& handlers, void* whole, Ctx context, const Atom& atom) {
          PropertyDescriptor property;
          property.accessor = is_accessor;
          if (is_accessor) {
            property.getter = own_value(context.realm(), full_getter);
            property.setter = own_value(context.realm(), full_setter);
          } else {
            property.value = own_value(context.realm(), full_value);
          }
          property.writable = (full & JS_PROP_WRITABLE) != 0;
          property.enumerable = (full & JS_PROP_ENUMERABLE) != 0;
          property.configurable = (full & JS_PROP_CONFIGURABLE) != 0;
          return handlers.define(whole, context, atom, property) ? 1 : 0;
        });
    return done != 0 ? done : refuse(ctx, flags, "the property cannot be defined");
  }
  const JSValueConst plain = subject.make_plain();
  if (engine::is_exception(plain)) {
    return -1;
  }
  full |=
      JS_PROP_HAS_CONFIGURABLE | JS_PROP_HAS_ENUMERABLE | (flags & throw_flags) |
      (is_accessor ? JS_PROP_HAS_GET | JS_PROP_HAS_SET : JS_PROP_HAS_VALUE | JS_PROP_HAS_WRITABLE);
  return ::JS_DefineProperty(ctx, plain, key, full_value, full_getter, full_setter, full);
}

}  // namespace

JSClassExoticMethods* exotic_methods() noexcept {
  // the engine keeps the pointer
  static JSClassExoticMethods methods = [] {
    JSClassExoticMethods made{};
    made.get_own_property = &get_own_property;
    made.get_own_property_names = &get_own_property_names;
    made.delete_property = &delete_property;
    made.define_own_property = &define_own_property;
    made.has_property = &has_property;
    made.get_property = &get_property;
    made.set_property = &set_property;
    return made;
  }();
  return &methods;
}

}  // namespace quip::detail

#include "glue.hpp"
#include "specifier.hpp"
#include <quip/core/intrinsic.hpp>
#include <quip/module/module_def.hpp>
#include <quip/value/property.hpp>

#include <cinttypes>
#include <cstdio>

namespace quip {

namespace detail {

// ---- what a definer says ------------------------------------------------------------------------

JSValue ExportedEnumeration::into_js(JSContext* ctx, std::string_view) {
  const OwnedValue object(ctx, ::JS_NewObject(ctx));
  if (engine::is_exception(object.get())) return engine::exception();
  for (std::size_t i = 0; i < type.names.count; ++i) {
    JSValue value = convert_one(ctx, type.values[i]);
    if (engine::is_exception(value)) return value;
    const std::string_view key = type.names.views[i];
    const JSAtom atom = engine::new_atom(ctx, key.data(), key.size());
    if (atom == 0) {
      engine::release(ctx, value);
      return engine::exception();
    }
    const bool defined = engine::define(ctx, object.get(), atom, value, JS_PROP_ENUMERABLE);
    ::JS_FreeAtom(ctx, atom);
    if (!defined) return engine::exception();
  }
  if (::JS_PreventExtensions(ctx, object.get()) < 0) return engine::exception();
  return engine::duplicate(ctx, object.get());
}

namespace {
void trace_callable(const NativeFunction& function, Tracer& tracer) noexcept {
  if (function.callable != nullptr) function.callable->trace(tracer);
}
}  // namespace

ExportSpec::ExportSpec(std::string_view name, Kind of)
    : kind(of),
      member(name, of == Kind::property ? MemberSpec::Kind::accessor : MemberSpec::Kind::method,
             false) {}
ExportSpec::ExportSpec(ExportSpec&&) noexcept = default;
ExportSpec::~ExportSpec() = default;

void ExportSpec::trace(Tracer& tracer) const noexcept {
  trace_callable(member.function, tracer);
  trace_callable(member.setter, tracer);
  if (value != nullptr) value->trace(tracer);
  if (space != nullptr) space->trace(tracer);
}

ExportsSpec::ExportsSpec(std::string titled, Realm* where) noexcept
    : title(std::move(titled)), realm(where) {}
ExportsSpec::~ExportsSpec() = default;

void ExportsSpec::trace(Tracer& tracer) const noexcept {
  for (const ExportSpec& one : exports) one.trace(tracer);
}

ExportSpec& ExportsSpec::add(std::string_view name, ExportSpec::Kind kind) {
  if (name.empty()) {
    Error::type(title + " exports something that has no name").raise();
  }
  if (has_nul(name)) {
    Error::type(title + " exports '" + std::string(name.substr(0, name.find('\0'))) +
                "…', a name with a NUL in it")
        .raise();
  }
  if (!names_.emplace(name).second) {
    Error::type(title + " exports '" + std::string(name) + "' twice").raise();
  }
  return exports.emplace_back(name, kind);
}

void ExportsSpec::add_function(std::string_view name, const StatelessMember& function) {
  MemberSpec& member = add(name, ExportSpec::Kind::function).member;
  member.function.stateless = function.call;
  member.function.length = function.length;
  member.signature = function.signature;
}

void ExportsSpec::add_class(std::string_view name, ClassType& type, ClassOf info) {
  if (name.empty()) {
    // what the class is called is known when it was defined
    if (describes()) {
      name = info().name;
    } else {
      if (class_in(realm, type) == nullptr) raise_caught(realm);
      name = shown_name(type);
    }
  }
  ExportSpec& one = add(name, ExportSpec::Kind::native_class);
  one.native_class = &type;
  one.class_info = info;
}

void ExportsSpec::add_value(std::string_view name, std::unique_ptr<ExportedValue> value,
                            TypeOf type, const Doc& about, std::string text) {
  ExportSpec& one = add(name, ExportSpec::Kind::value);
  one.value = std::move(value);
  one.member.type = type;
  one.member.doc = about.text;
  one.member.text = std::move(text);
}

void ExportsSpec::add_enumeration(std::string_view name, const EnumType& values,
                                  ExportedEnumeration::IntoJs convert, TypeOf type,
                                  const Doc& about) {
  ExportSpec& one = add(name, ExportSpec::Kind::enumeration);
  one.value = std::make_unique<ExportedEnumeration>(values, convert);
  one.member.type = type;
  one.member.doc = about.text;
}

void check_definition(const std::string& name, bool is_empty) {
  if (is_empty) {
    Error::type("the module '" + name + "' is defined by an empty function").raise();
  }
}

namespace {

/// One definition within another; too many are one that contains itself.
class Nesting {
 public:
  explicit Nesting(ExportsSpec& spec) : spec_(spec) {
    constexpr int most = 100;
    if (spec.depth >= most) Error::range(spec.title + " contains itself").raise();
    ++spec_.depth;
  }
  Nesting(const Nesting&) = delete;
  Nesting& operator=(const Nesting&) = delete;
  ~Nesting() { --spec_.depth; }

 private:
  ExportsSpec& spec_;
};

template <class Define>
void add_space(ExportsSpec& to, std::string_view name, const Define& define) {
  const Nesting nesting(to);
  std::string path = to.owner.empty() ? std::string(name) : to.owner + "." + std::string(name);
  auto space = std::make_unique<ExportsSpec>("the namespace '" + path + "'", to.realm);
  space->owner = std::move(path);
  space->depth = to.depth;
  Exports nested(*space);
  define(nested);
  // added now: `define` may have added others to what it is in
  to.add(name, ExportSpec::Kind::space).space = std::move(space);
}

// ---- into a context -----------------------------------------------------------------------------

JSValue function_of(JSContext* ctx, const ExportsSpec& of, std::string_view name,
                    NativeFunction&& function, FunctionKind kind) noexcept {
  function.owner = of.owner;
  if (function.kind != FunctionKind::constructor) function.kind = kind;
  function.name = name;
  return make_native(ctx, std::move(function));
}

/// Calls a function that is no JS function of its own; owned, or an exception.
JSValue call_once(Realm* realm, const NativeFunction& function, int number) noexcept {
  if (function.is_empty) {
    return throw_error(realm->context, Error::type("an empty function cannot be bound"));
  }
  if (function.stateless != nullptr) {
    return function.stateless(realm->context, engine::undefined(), 0, nullptr, number);
  }
  if (function.callable == nullptr) return ::JS_ThrowOutOfMemory(realm->context);
  Callable& callable = *function.callable;
  callable.core = realm->core;
  callable.realm = realm;
  callable.number = number;
  return callable.invoke(&callable, engine::undefined(), 0, nullptr, 0);
}

/// The getter that a lazy value has instead of a value.
struct LazyGetter final : Callable {
  LazyGetter(Handle of, std::string_view property, NativeFunction&& function)
      : Callable(&call), holder(std::move(of)), name(property), make(std::move(function)) {}
  static JSValue call(Callable* self, JSValueConst, int, JSValueConst*, int) noexcept {
    auto& lazy = *static_cast<LazyGetter*>(self);
    JSContext* ctx = lazy.realm->context;
    if (lazy.value.empty()) {
      if (lazy.is_making) {
        return ::JS_ThrowReferenceError(ctx, "'%s' is read while it is made", lazy.name.c_str());
      }
      lazy.is_making = true;
      JSValue made = call_once(lazy.realm, lazy.make, lazy.number);
      lazy.is_making = false;
      if (engine::is_exception(made)) return made;
      lazy.value = Handle(lazy.realm, made);
      const NativeFunction done = std::move(lazy.make);
      lazy.replace();
    }
    return engine::duplicate(ctx, lazy.value.get());
  }
  void trace(Tracer& tracer) const noexcept override {
    tracer(holder, value);
    trace_callable(make, tracer);
  }
  /// Puts the value into the getter's place, if that still is the object's property. Where the
  /// object does not let that happen (it may be frozen) the getter goes on to give the value.
  void replace() noexcept {
    JSContext* ctx = realm->context;
    const Handle of = std::move(holder);
    const JSAtom atom = engine::new_atom(ctx, name.data(), name.size());
    bool replaced = atom != 0;
    if (replaced && is_in_place(of.get(), atom)) {
      RawProperty property(ctx);
      property.set_flags(value_flags);
      property.set_value(engine::duplicate(ctx, value.get()));
      replaced = property.define(of.get(), atom) >= 0;
    }
    if (!replaced || ::JS_HasException(ctx)) ::JS_FreeValue(ctx, ::JS_GetException(ctx));
    ::JS_FreeAtom(ctx, atom);
  }
  [[nodiscard]] bool is_in_place(JSValueConst of, JSAtom atom) const noexcept {
    JSPropertyDescriptor found{};
    if (::JS_GetOwnProperty(realm->context, &found, of, atom) <= 0) return false;
    const bool is_this = engine::is_object(found.getter) &&
                         engine::get_pointer(found.getter) == engine::get_pointer(object);
    engine::release(realm->context, found.value);
    engine::release(realm->context, found.getter);
    engine::release(realm->context, found.setter);
    return is_this;
  }

  static constexpr int accessor_flags =
      JS_PROP_HAS_ENUMERABLE | JS_PROP_HAS_CONFIGURABLE | JS_PROP_ENUMERABLE | JS_PROP_CONFIGURABLE;
  static constexpr int value_flags = accessor_flags | JS_PROP_HAS_WRITABLE;

  Handle holder;
  Handle value = {};
  std::string name;
  NativeFunction make;
  bool is_making = false;
};

JSValue space_object(Realm* realm, ExportsSpec& spec);

/// The value of an export that is neither an accessor nor lazy, where it is not asked for at once.
JSValue value_of(Realm* realm, ExportsSpec& of, ExportSpec& one) {
  JSContext* ctx = realm->context;
  const auto number = [&] {
    return function_number(realm->core, FunctionKind::getter, of.owner, one.name());
  };
  switch (one.kind) {
    case ExportSpec::Kind::function:
      return function_of(ctx, of, one.name(), std::move(one.member.function),
                         FunctionKind::function);
    case ExportSpec::Kind::property:
    case ExportSpec::Kind::lazy:
      return call_once(realm, one.member.function, number());
    case ExportSpec::Kind::value:
    case ExportSpec::Kind::enumeration:
      return one.value->into_js(ctx, one.name());
    case ExportSpec::Kind::native_class: {
      const RealmClass* known = class_in(realm, *one.native_class);
      return known == nullptr ? engine::exception()
                              : engine::duplicate(ctx, constructor_of(*known));
    }
    case ExportSpec::Kind::space:
      return space_object(realm, *one.space);
  }
  return engine::undefined();
}

/// The property that an export is of an object; false with a pending exception.
bool describe_export(RawProperty& to, Realm* realm, const Handle& object, ExportsSpec& of,
                     ExportSpec& one) {
  JSContext* ctx = realm->context;
  switch (one.kind) {
    case ExportSpec::Kind::property: {
      to.set_flags(LazyGetter::accessor_flags);
      const bool got = to.set_getter(
          function_of(ctx, of, one.name(), std::move(one.member.function), FunctionKind::getter));
      if (!got || !one.member.has_setter) return got && to.set_setter(engine::undefined());
      return to.set_setter(
          function_of(ctx, of, one.name(), std::move(one.member.setter), FunctionKind::setter));
    }
    case ExportSpec::Kind::lazy: {
      to.set_flags(LazyGetter::accessor_flags);
      NativeFunction getter;
      getter.callable =
          std::make_unique<LazyGetter>(object, one.name(), std::move(one.member.function));
      return to.set_getter(
                 function_of(ctx, of, one.name(), std::move(getter), FunctionKind::getter)) &&
             to.set_setter(engine::undefined());
    }
    case ExportSpec::Kind::value:
      to.set_flags(LazyGetter::value_flags);
      break;
    default:
      to.set_flags(LazyGetter::value_flags | JS_PROP_WRITABLE);
      break;
  }
  return to.set_value(value_of(realm, of, one));
}

/// False with a pending exception.
bool define_exports(Realm* realm, const Handle& object, ExportsSpec& spec) {
  for (ExportSpec& one : spec.exports) {
    RawProperty property(realm->context);
    if (!describe_export(property, realm, object, spec, one)) return false;
    const std::string_view name = one.name();
    const JSAtom atom = engine::new_atom(realm->context, name.data(), name.size());
    const bool defined = atom != 0 && property.define(object.get(), atom) >= 0;
    ::JS_FreeAtom(realm->context, atom);
    if (!defined) return false;
  }
  return true;
}

JSValue space_object(Realm* realm, ExportsSpec& spec) {
  JSValue object = ::JS_NewObject(realm->context);
  if (engine::is_exception(object)) return object;
  const Handle keep(realm, object);
  return define_exports(realm, keep, spec) ? engine::duplicate(realm->context, object)
                                           : engine::exception();
}

void collect(ExportsSpec& spec, const ModuleDef& definition) {
  Exports exports(spec);
  definition.define(exports);
}
std::string title_of(std::string_view name) { return "the module '" + std::string(name) + "'"; }

// ---- as a module --------------------------------------------------------------------------------

/// What a module has from its declaration to its evaluation. The realm's token holds it, under the
/// module's address, so that it ends with the context if the module is never evaluated.
struct ModuleBody final : Callable {
  ModuleBody(std::string title, Realm* where)
      : Callable([](Callable* self, JSValueConst, int, JSValueConst*, int) noexcept {
          return ::JS_ThrowTypeError(self->realm->context, "not a function");
        }),
        spec(std::move(title), where) {}
  void trace(Tracer& tracer) const noexcept override { spec.trace(tracer); }
  ExportsSpec spec;
};

/// The key of a module's body in the realm's token; 0 with a pending exception.
JSAtom body_key(JSContext* ctx, const JSModuleDef* module) noexcept {
  char text[40];
  const int size = std::snprintf(text, sizeof text, "module %" PRIxPTR,
                                 reinterpret_cast<std::uintptr_t>(module));
  return ::JS_NewAtomLen(ctx, text, static_cast<std::size_t>(size));
}

/// Takes the body of a module from its realm; undefined when it has none, or an exception.
JSValue take_body(Realm* realm, const JSModuleDef* module) noexcept {
  JSContext* ctx = realm->context;
  const JSAtom key = body_key(ctx, module);
  if (key == 0) return engine::exception();
  // its own: scripts can add to what it inherits
  JSPropertyDescriptor found{0, engine::undefined(), engine::undefined(), engine::undefined()};
  JSValue body =
      ::JS_GetOwnProperty(ctx, &found, realm->token, key) < 0 ? engine::exception() : found.value;
  if (engine::is_object(body) && ::JS_DeleteProperty(ctx, realm->token, key, 0) < 0) {
    engine::release(ctx, body);
    body = engine::exception();
  }
  ::JS_FreeAtom(ctx, key);
  return body;
}

/// Sets the exports; the engine calls it once.
int evaluate_module(JSContext* ctx, JSModuleDef* module) noexcept {
  Realm* realm = realm_of(ctx);
  const OwnedValue body(ctx, take_body(realm, module));
  if (engine::is_exception(body.get())) return -1;
  if (!engine::is_object(body.get())) {
    ::JS_ThrowTypeError(ctx, "the module was not defined completely");
    return -1;
  }
  JSClassID class_id = 0;
  auto* found = static_cast<Payload*>(::JS_GetAnyOpaque(body.get(), &class_id));
  ExportsSpec& spec = static_cast<ModuleBody*>(found)->spec;
  const JSValue outcome = contained(ctx, [&] {
    for (ExportSpec& one : spec.exports) {
      JSValue value = value_of(realm, spec, one);
      if (engine::is_exception(value) ||
          !engine::set_export(ctx, module, std::string(one.name()), value)) {
        return engine::exception();
      }
    }
    return engine::undefined();
  });
  return engine::is_exception(outcome) ? -1 : 0;
}

/// Lets the realm keep the body until the module is evaluated; takes it over.
bool keep_body(Realm* realm, const JSModuleDef* module, JSValue body) noexcept {
  const JSAtom key = body_key(realm->context, module);
  if (key == 0) {
    engine::release(realm->context, body);
    return false;
  }
  const bool kept = engine::define(realm->context, realm->token, key, body);
  ::JS_FreeAtom(realm->context, key);
  return kept;
}

}  // namespace

JSModuleDef* define_module(JSContext* ctx, const ModuleDef& definition, const std::string& name) {
  Realm* realm = realm_of(ctx);
  JSModuleDef* module = nullptr;
  contained(ctx, [&]() -> JSValue {
    if (has_nul(name)) {
      return throw_error(ctx, Error::type("a module's name has a NUL in it"));
    }
    auto made = std::make_unique<ModuleBody>(title_of(definition.name()), realm);
    const ExportsSpec& spec = made->spec;
    collect(made->spec, definition);
    JSValue body = own(realm, realm->core->function_class, made.release());
    if (engine::is_exception(body)) return body;
    const Handle keep(realm, engine::duplicate(ctx, body));
    JSModuleDef* fresh = engine::new_native_module(ctx, name, &evaluate_module);
    if (fresh == nullptr) {
      engine::release(ctx, body);
      return engine::exception();
    }
    // From here on the context has a module of that name, which engines cannot take back: if
    // memory is short now, its evaluation says that it is not complete.
    if (!keep_body(realm, fresh, body)) return engine::exception();
    for (const ExportSpec& one : spec.exports) {
      if (engine::add_export(ctx, fresh, std::string(one.name()))) continue;
      const Error error = caught(realm);
      engine::release(ctx, take_body(realm, fresh));
      return throw_error(ctx, error);
    }
    module = fresh;
    return engine::undefined();
  });
  return module;
}

}  // namespace detail

// ---- Exports ------------------------------------------------------------------------------------

Exports& Exports::doc(std::string_view text) {
  spec_.doc = text;
  return *this;
}

Exports& Exports::space(std::string_view name, const std::function<void(Exports&)>& define) {
  if (!define) {
    Error::type(spec_.title + ": the namespace '" + std::string(name) +
                "' is defined by an empty function")
        .raise();
  }
  detail::add_space(spec_, name, define);
  return *this;
}

Exports& Exports::space(std::string_view name, const ModuleDef& definition) {
  detail::add_space(spec_, name, [&](Exports& nested) { definition.define(nested); });
  return *this;
}

Exports& Exports::include(const ModuleDef& definition) {
  const detail::Nesting nesting(spec_);
  const std::string doc = spec_.doc;
  definition.define(*this);
  spec_.doc = doc;
  return *this;
}

// ---- ModuleDef ----------------------------------------------------------------------------------

Result<Object> ModuleDef::try_make_object(const Ctx& ctx) const {
  detail::Realm* realm = ctx.realm();
  const detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  return detail::from_owned<Object>(realm, detail::contained(realm->context, [&] {
                                      detail::ExportsSpec spec(detail::title_of(name()), realm);
                                      detail::collect(spec, *this);
                                      return detail::space_object(realm, spec);
                                    }));
}

Result<void> ModuleDef::try_define_on(const Object& object) const {
  detail::Realm* realm = object.handle().realm();
  const detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  // the definer may drop the handle
  return detail::from_owned<void>(
      realm, detail::contained(realm->context, [&, keep = object.handle()] {
        detail::ExportsSpec spec(detail::title_of(name()), realm);
        detail::collect(spec, *this);
        return detail::define_exports(realm, keep, spec) ? engine::undefined()
                                                         : engine::exception();
      }));
}

// ---- descriptions -------------------------------------------------------------------------------

namespace {

ModuleInfo info_of(detail::ExportsSpec& spec, std::string name) {
  using Kind = detail::ExportSpec::Kind;
  ModuleInfo made{.name = std::move(name), .doc = std::move(spec.doc)};
  for (detail::ExportSpec& one : spec.exports) {
    const std::string called(one.name());
    const std::string doc(one.member.doc);
    switch (one.kind) {
      case Kind::function:
        made.functions.push_back(detail::method_info(one.member));
        break;
      case Kind::property:
      case Kind::lazy:
        made.properties.push_back({.name = called,
                                   .doc = doc,
                                   .type = one.member.type,
                                   .readonly = !one.member.has_setter});
        break;
      case Kind::value:
        made.constants.push_back({.name = called,
                                  .doc = doc,
                                  .type = one.member.type,
                                  .value = std::move(one.member.text)});
        break;
      case Kind::native_class:
        made.classes.push_back({called, one.class_info});
        break;
      case Kind::enumeration:
        made.enumerations.push_back({called, doc, one.member.type});
        break;
      case Kind::space:
        made.spaces.push_back(info_of(*one.space, called));
        break;
    }
  }
  return made;
}

}  // namespace

ModuleInfo describe(const ModuleDef& definition) {
  std::string name = definition.name();
  detail::ExportsSpec spec(detail::title_of(name), nullptr);
  detail::collect(spec, definition);
  return info_of(spec, std::move(name));
}

}  // namespace quip

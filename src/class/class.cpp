#include "../core/core_state.hpp"
#include "../core/foreign.hpp"
#include "../core/numbered_table.hpp"
#include "realm_class.hpp"
#include <quip/class/construction.hpp>
#include <quip/class/exotic.hpp>
#include <quip/class/fit.hpp>
#include <quip/class/scripted.hpp>
#include <quip/core/intrinsic.hpp>
#include <quip/value/atom.hpp>

#include <algorithm>
#include <new>
#include <string>

namespace quip::detail {

JSValueConst prototype_of(const RealmClass& known) noexcept { return known.prototype; }
JSValueConst constructor_of(const RealmClass& known) noexcept { return known.constructor; }

namespace {

/// Where the realm's token holds a class's constructor and prototype: behind the intrinsics.
constexpr std::uint32_t first_class_slot = 1024;
static_assert(intrinsic_paths.size() <= first_class_slot);

/// What an unconstructible class is called with.
JSValue refuse_construction(JSContext* ctx, JSValueConst, int, JSValueConst*, int) noexcept {
  return ::JS_ThrowTypeError(ctx, "Illegal constructor");
}

int attributes(PropertyFlags flags, bool is_data) noexcept {
  int bits = has(flags, PropertyFlags::locked) ? 0 : JS_PROP_CONFIGURABLE;
  bits |= has(flags, PropertyFlags::enumerable) ? JS_PROP_ENUMERABLE : 0;
  bits |= is_data && !has(flags, PropertyFlags::readonly) ? JS_PROP_WRITABLE : 0;
  return bits;
}

/// A member's atom; owned, 0 with a pending exception.
JSAtom member_atom(JSContext* ctx, const MemberName& name) noexcept {
  if (const auto symbol = name.symbol()) {
    const JSAtom atom = engine::atom_of(*symbol);
    if (atom == 0) {
      ::JS_ThrowTypeError(ctx, "the engine has no Symbol.%s", engine::name_of(*symbol));
      return 0;
    }
    return ::JS_DupAtom(ctx, atom);
  }
  return engine::new_atom(ctx, name.text().data(), name.text().size());
}

/// The name of the function behind a member: "[Symbol.iterator]" (ECMA-262 10.2.9).
std::string function_name(const MemberName& name) {
  const auto symbol = name.symbol();
  return symbol ? "[Symbol." + std::string(engine::name_of(*symbol)) + "]"
                : std::string(name.text());
}

/// Makes one class in one realm.
class ClassMaker {
 public:
  ClassMaker(Realm* realm, RealmClass& made, ClassSpec& spec) noexcept
      : realm_(realm), ctx_(realm->context), made_(made), spec_(spec) {}

  /// False with a pending exception. May throw std::bad_alloc.
  bool make() {
    if (spec_.base != nullptr) {
      base_ = class_in(realm_, *spec_.base);
      if (base_ == nullptr) {
        return false;
      }
    }
    made_.call = std::move(spec_.call);
    made_.exotic = std::move(spec_.exotic);
    made_.base = base_;
    if (base_ != nullptr && made_.exotic == nullptr) {
      made_.exotic = base_->exotic;
    }
    const bool is_callable = made_.caller() != nullptr;
    const Core& core = *realm_->core;
    if (made_.exotic == nullptr) {
      made_.class_id = is_callable ? core.callable_class : core.instance_class;
    } else {
      made_.class_id = is_callable ? core.exotic_callable_class : core.exotic_class;
    }
    if (!make_prototype(is_callable) || !make_constructor()) {
      return false;
    }
    return std::all_of(spec_.members.begin(), spec_.members.end(),
                       [this](MemberSpec& member) { return add(member); });
  }

 private:
  bool make_prototype(bool is_callable) noexcept {
    if (base_ != nullptr) {
      made_.prototype = ::JS_NewObjectProto(ctx_, base_->prototype);
    } else if (is_callable) {
      const OwnedValue function(ctx_, engine::function_prototype(ctx_));
      made_.prototype = ::JS_NewObjectProto(ctx_, function.get());
    } else {
      made_.prototype = ::JS_NewObject(ctx_);
    }
    return keep(made_.prototype, 0);
  }
  bool make_constructor() {
    NativeFunction function;
    if (spec_.constructors.empty()) {
      function.stateless = &refuse_construction;
      function.is_constructor = true;
    } else {
      function = join_overloads(std::move(spec_.constructors));
    }
    function.kind = FunctionKind::constructor;
    function.name = spec_.name;
    made_.constructor = make_native(ctx_, std::move(function));
    if (!keep(made_.constructor, 1)) {
      return false;
    }
    if (base_ != nullptr && ::JS_SetPrototype(ctx_, made_.constructor, base_->constructor) < 0) {
      return false;
    }
    // the links between the two are as those of a script's class (ECMA-262 15.7.14)
    const JSAtom prototype = Key<"prototype">::atom(realm_);
    const JSAtom constructor = Key<"constructor">::atom(realm_);
    return prototype != 0 && constructor != 0 &&
           engine::define(ctx_, made_.constructor, prototype,
                          engine::duplicate(ctx_, made_.prototype), 0) &&
           engine::define(ctx_, made_.prototype, constructor,
                          engine::duplicate(ctx_, made_.constructor),
                          JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE);
  }
  /// The realm's token holds the value: the collector sees that it belongs to the context.
  bool keep(JSValue& value, std::uint32_t which) noexcept {
    if (engine::is_exception(value)) {
      value = engine::undefined();
      return false;
    }
    const std::uint32_t slot = first_class_slot + 2 * made_.type->number.load() + which;
    if (::JS_DefinePropertyValueUint32(ctx_, realm_->token, slot, value, JS_PROP_C_W_E) < 0) {
      value = engine::undefined();
      return false;
    }
    return true;
  }

  JSValue function_of(NativeFunction&& function, const MemberName& name, FunctionKind kind) {
    const std::string text = function_name(name);
    function.owner = spec_.name;
    function.kind = kind;
    function.name = text;
    return make_native(ctx_, std::move(function));
  }
  bool add(MemberSpec& member) {
    const auto symbol = member.name.symbol();
    if (member.is_optional && symbol && engine::atom_of(*symbol) == 0) {
      return true;
    }
    const JSAtom atom = member_atom(ctx_, member.name);
    const bool added = atom != 0 && add(member, atom);
    ::JS_FreeAtom(ctx_, atom);
    return added;
  }
  bool add(MemberSpec& member, JSAtom atom) {
    JSValueConst target = member.is_static ? made_.constructor : made_.prototype;
    if (member.kind == MemberSpec::Kind::accessor) {
      JSValue getter = function_of(std::move(member.function), member.name, FunctionKind::getter);
      if (engine::is_exception(getter)) {
        return false;
      }
      JSValue setter = engine::undefined();
      if (member.has_setter) {
        setter = function_of(std::move(member.setter), member.name, FunctionKind::setter);
        if (engine::is_exception(setter)) {
          engine::release(ctx_, getter);
          return false;
        }
      }
      return ::JS_DefinePropertyGetSet(ctx_, target, atom, getter, setter,
                                       attributes(member.flags, false)) >= 0;
    }
    JSValue value =
        member.kind == MemberSpec::Kind::constant
            ? member.value(ctx_)
            : function_of(std::move(member.function), member.name, FunctionKind::function);
    if (engine::is_exception(value)) {
      return false;
    }
    const int flags = member.kind == MemberSpec::Kind::constant ? JS_PROP_ENUMERABLE
                                                                : attributes(member.flags, true);
    return engine::define(ctx_, target, atom, value, flags);
  }

  Realm* realm_;
  JSContext* ctx_;
  RealmClass& made_;
  ClassSpec& spec_;
  const RealmClass* base_ = nullptr;
};

}  // namespace

// ---- what a definition says ---------------------------------------------------------------------

MemberSpec::MemberSpec(MemberSpec&&) noexcept = default;
MemberSpec::~MemberSpec() = default;

ClassSpec::ClassSpec(ClassType& of, bool to_describe)
    : type(of), name(of.name), describes(to_describe) {}
ClassSpec::~ClassSpec() = default;

MemberSpec& ClassSpec::add(MemberName member, MemberSpec::Kind kind, bool is_static) {
  return members.emplace_back(std::move(member), kind, is_static);
}

namespace {
NativeFunction native_of(const StatelessMember& function) noexcept {
  NativeFunction made;
  made.stateless = function.call;
  made.length = function.length;
  return made;
}
}  // namespace

MemberSpec& ClassSpec::add_method(MemberName member, bool is_static,
                                  const StatelessMember& function) {
  MemberSpec& added = add_method(std::move(member), is_static, native_of(function));
  added.signature = function.signature;
  return added;
}

MemberSpec& ClassSpec::add_method(MemberName member, bool is_static, NativeFunction&& function) {
  MemberSpec& added = add(std::move(member), MemberSpec::Kind::method, is_static);
  added.function = std::move(function);
  return added;
}

MemberSpec& ClassSpec::add_accessor(MemberName member, bool is_static, TypeOf of,
                                    const StatelessMember& get, const StatelessMember* set) {
  NativeFunction setter;
  if (set != nullptr) {
    setter = native_of(*set);
  }
  return add_accessor(std::move(member), is_static, of, native_of(get),
                      set == nullptr ? nullptr : &setter);
}

MemberSpec& ClassSpec::add_accessor(MemberName member, bool is_static, TypeOf of,
                                    NativeFunction&& get, NativeFunction* set) {
  MemberSpec& added = add(std::move(member), MemberSpec::Kind::accessor, is_static);
  added.type = of;
  added.function = std::move(get);
  if (set != nullptr) {
    added.has_setter = true;
    added.setter = std::move(*set);
  }
  return added;
}

// ---- making the class ---------------------------------------------------------------------------

RealmClass* class_in(Realm* realm, ClassType& type) noexcept {
  RealmClass* known = known_class(realm, type);
  return known != nullptr ? known : make_class(realm, type);
}

RealmClass* make_class(Realm* realm, ClassType& type) noexcept {
  const std::uint32_t number = number_of(type);
  if (number == 0 || !make_room(realm->classes, realm->class_count, number, 16)) {
    ::JS_ThrowOutOfMemory(realm->context);
    return nullptr;
  }
  RealmClass* made = realm->classes[number];
  if (made == nullptr) {
    made = new (std::nothrow) RealmClass;
    if (made == nullptr) {
      ::JS_ThrowOutOfMemory(realm->context);
      return nullptr;
    }
    realm->classes[number] = made;
  } else if (made->class_id != 0) {  // under another ClassType of the same class
    return made;
  } else if (made->is_being_made) {
    ::JS_ThrowTypeError(realm->context, "the class '%.*s' is used before it is defined",
                        static_cast<int>(type.name.size()), type.name.data());
    return nullptr;
  }
  made->type = &type;
  made->is_being_made = true;
  const JSValue outcome = contained(realm->context, [&] {
    ClassSpec spec(type);
    type.define(spec);
    rename_class(type, spec.name);
    return ClassMaker(realm, *made, spec).make() ? engine::undefined() : engine::exception();
  });
  made->is_being_made = false;
  if (engine::is_exception(outcome)) {
    // It stays, because classes that were made meanwhile may have it as their base, and is made at
    // the next use.
    made->class_id = 0;
    made->base = nullptr;
    made->call.reset();
    made->exotic.reset();
    return nullptr;
  }
  return made;
}

JSValue throw_no_object(Realm* realm) noexcept {
  return throw_error(realm->context, Error::type("the constructor made no object"));
}

FitRank fit_instance(const ClassType& to, ValueRef value) noexcept {
  const Cell* cell = engine::is_object(value.raw()) ? cell_in(value.raw()) : nullptr;
  if (cell == nullptr || !is_class(*cell->type, to)) {
    return FitRank::none;
  }
  return same_class(*cell->type, to) ? FitRank::exact : FitRank::widening;
}

bool is_subclass(Realm* realm, ClassType& type, JSValueConst new_target) noexcept {
  const RealmClass* known = class_in(realm, type);
  return known != nullptr &&
         engine::get_pointer(known->constructor) != engine::get_pointer(new_target);
}

JSValue throw_no_method(Realm* realm, JSValue owned) noexcept {
  if (engine::is_exception(owned)) {
    return owned;
  }
  engine::release(realm->context, owned);
  return ::JS_ThrowTypeError(realm->context, "not a function");
}

void throw_not_overridden(const Cell* cell, std::string_view member) {
  if (cell != nullptr) {
    if (const Entry entry(cell->realm); !entry) {
      refusal(cell->realm).raise();
    }
  }
  Error::type("the script's class does not have the method '" + std::string(member) + "'").raise();
}

void raise_gone(const NativeCall& call, int index) {
  JSValueConst value = index < 0 ? call.this_value : call.argv[index];
  const Cell* cell = cell_in(value);
  Error error = no_object(ValueRef(call.ctx, value), *cell->type, false);
  (void)(index < 0 ? throw_this(call, std::move(error))
                   : throw_argument(call, index, std::move(error)));
  caught(realm_of(call.ctx)).raise();
}

void forget_classes(Realm* realm) noexcept {
  for (std::size_t i = 0; i < realm->class_count; ++i) {
    delete realm->classes[i];
  }
  delete[] std::exchange(realm->classes, nullptr);
  realm->class_count = 0;
}

JSValue call_instance(JSContext* ctx, JSValueConst instance, JSValueConst, int argc,
                      JSValueConst* argv, int flags) noexcept {
  const CalledEntry entry(ctx);
  if (!entry) return throw_left(ctx);
  const Cell* cell = cell_in(instance);
  const RealmClass* known = cell == nullptr ? nullptr : known_class(cell->realm, *cell->type);
  Callable* caller = known == nullptr ? nullptr : known->caller();
  if (caller == nullptr) {
    return ::JS_ThrowTypeError(ctx, "not a function");
  }
  if (engine::stack_pointer() < cell->core->stack_limit) [[unlikely]] {
    return throw_stack_overflow(ctx);
  }
  caller->realm = cell->realm;
  return caller->invoke(caller, instance, argc, argv, flags);
}

}  // namespace quip::detail

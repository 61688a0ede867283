#include "../core/core_state.hpp"
#include "realm_class.hpp"
#include <quip/class/cell.hpp>
#include <quip/convert/trace.hpp>

#include <cstring>
#include <mutex>
#include <new>
#include <set>
#include <string>
#include <typeinfo>
#include <unordered_map>

namespace quip::detail {

// ---- the classes of the process ----------------------------------------------------------------

namespace {
/// Whether two descriptions are of one C++ type. They are known by its name, but types of unnamed
/// namespaces have names that others may have too; not every compiler marks these for the standard
/// library ('*' in front).
struct SameType {
  bool operator()(const std::type_info* a, const std::type_info* b) const noexcept {
    return a == b || (*a == *b && std::strstr(a->name(), "_GLOBAL__N_") == nullptr);
  }
};
struct TypeHash {
  std::size_t operator()(const std::type_info* type) const noexcept { return type->hash_code(); }
};
struct ClassTable {
  std::mutex lock;
  std::unordered_map<const std::type_info*, ClassType*, TypeHash, SameType> classes;
  std::set<std::string> names;  // that definitions gave; they stay
  std::uint32_t last = 0;
};
ClassTable& class_table() {
  // never destroyed: classes may be used by what ends after this
  static auto* table = new ClassTable;
  return *table;
}
}  // namespace

bool same_class(const ClassType& a, const ClassType& b) noexcept {
  return &a == &b || SameType()(a.info, b.info);
}

std::uint32_t number_of(ClassType& type) noexcept {
  std::uint32_t number = type.number.load(std::memory_order_acquire);
  if (number != 0) [[likely]] {
    return number;
  }
  try {
    ClassTable& table = class_table();
    const std::scoped_lock guard(table.lock);
    const auto [known, is_new] = table.classes.try_emplace(type.info, &type);
    if (known->second != &type) {
      number = known->second->number.load(std::memory_order_relaxed);
    } else {
      number = is_new ? ++table.last : type.number.load(std::memory_order_relaxed);
    }
    type.first.store(known->second, std::memory_order_release);
    type.number.store(number, std::memory_order_release);
    return number;
  } catch (const std::bad_alloc&) {
    return 0;
  }
}

namespace {
const ClassType& first_of(const ClassType& type) noexcept {
  const ClassType* first = type.first.load(std::memory_order_acquire);
  return first == nullptr ? type : *first;
}
}  // namespace

const BaseLink* bases_of(const ClassType& type) noexcept {
  return first_of(type).bases.load(std::memory_order_acquire);
}

ClassType* class_of(const std::type_info& info) noexcept {
  try {
    ClassTable& table = class_table();
    const std::scoped_lock guard(table.lock);
    const auto known = table.classes.find(&info);
    return known == table.classes.end() ? nullptr : known->second;
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

void rename_class(ClassType& named, std::string_view name) {
  ClassType* first = named.first.load(std::memory_order_acquire);
  ClassType& type = first == nullptr ? named : *first;
  const std::string* known = type.renamed.load(std::memory_order_acquire);
  if (name == type.name || (known != nullptr && *known == name)) {
    return;
  }
  ClassTable& table = class_table();
  const std::scoped_lock guard(table.lock);
  type.renamed.store(&*table.names.emplace(name).first, std::memory_order_release);
}

std::string_view shown_name(const ClassType& type) noexcept {
  const std::string* renamed = first_of(type).renamed.load(std::memory_order_acquire);
  return renamed == nullptr ? type.name : std::string_view(*renamed);
}

void link_base(ClassType& derived, BaseLink& link) {
  if (number_of(derived) == 0 || number_of(*link.base) == 0) {
    throw std::bad_alloc();
  }
  // Whoever returns from here relies on the link, also when another thread makes it.
  const std::scoped_lock guard(class_table().lock);
  if (!std::exchange(link.is_linked, true)) {
    std::atomic<const BaseLink*>* end = &derived.first.load(std::memory_order_relaxed)->bases;
    while (const BaseLink* before = end->load(std::memory_order_relaxed)) {
      if (same_class(*before->base, *link.base)) {
        return;  // another ClassType's
      }
      end = &before->next;
    }
    end->store(&link, std::memory_order_release);
  }
}

void* cast(const ClassType& from, void* object, const ClassType& to) noexcept {
  if (same_class(from, to)) {
    return object;
  }
  for (const BaseLink* link = bases_of(from); link != nullptr; link = link->next) {
    if (void* found = cast(*link->base, object == nullptr ? nullptr : link->upcast(object), to)) {
      return found;
    }
  }
  return nullptr;
}

bool is_class(const ClassType& from, const ClassType& to) noexcept {
  if (same_class(from, to)) {
    return true;
  }
  for (const BaseLink* link = bases_of(from); link != nullptr; link = link->next) {
    if (is_class(*link->base, to)) {
      return true;
    }
  }
  return false;
}

ClassType& dynamic_class(ClassType& type, void*& object) noexcept {
  if (type.dynamic == nullptr) {
    return type;
  }
  void* whole = object;
  const std::type_info& info = type.dynamic(whole);
  if (info == *type.info) {
    return type;
  }
  ClassType* known = class_of(info);
  if (known == nullptr || cast(*known, whole, type) != object) {
    return type;
  }
  object = whole;
  return *known;
}

// ---- cells -------------------------------------------------------------------------------------

namespace {
void remove_from_index(Cell& cell) noexcept {
  auto& instances = CoreState::of(cell.core).instances;
  const auto [first, last] = instances.equal_range(cell.any_object());
  for (auto at = first; at != last; ++at) {
    if (at->second == &cell) {
      instances.erase(at);
      break;
    }
  }
  cell.is_indexed = false;
}
}  // namespace

Cell::~Cell() {
  if (is_indexed) {
    remove_from_index(*this);
  }
}

void Cell::trace(Tracer& tracer) const noexcept {
  if (has_own_object && type->trace != nullptr && any_object() != nullptr) {
    type->trace(any_object(), tracer);
  }
}

void SharedCell::trace(Tracer& tracer) const noexcept {
  // what C++ holds too is no garbage, and no more are the values in it
  if (owner.use_count() == 1 && type->trace != nullptr) {
    type->trace(any_object(), tracer);
  }
}

namespace {
/// Calls visit(part) for each instance that is a part of the cell's object.
template <class Visit>
void for_each_part(const Cell& whole, const Visit& visit) {
  for (Payload* at = CoreState::of(whole.core).payloads; at != nullptr; at = at->next) {
    auto* part = dynamic_cast<PartCell*>(at);
    if (part != nullptr &&
        engine::get_pointer(part->parent.raw()) == engine::get_pointer(whole.Payload::object)) {
      visit(*part);
    }
  }
}
}  // namespace

bool Cell::is_used() const noexcept {
  bool used = uses > 0;
  if (has_parts) {
    for_each_part(*this, [&used](const PartCell& part) { used = used || part.is_used(); });
  }
  return used;
}

void Cell::let_go() noexcept {
  if (std::exchange(has_parts, false)) {
    for_each_part(*this, [](PartCell& part) { part.let_go(); });
  }
  if (is_indexed) {
    remove_from_index(*this);
  }
  ready = guarded = nullptr;
  has_own_object = false;
}

void Cell::destroy() noexcept {
  // of an object that C++ shares the last owner destroys the cell
  if (owners.load(std::memory_order_acquire) != 0) {
    if (is_indexed) {
      remove_from_index(*this);
    }
    if (owners.fetch_sub(1, std::memory_order_acq_rel) != 1) {
      return;
    }
  }
  delete this;
}

namespace {
void end_lease(void* lender) noexcept {
  auto* cell = static_cast<Cell*>(lender);
  if (cell->owners.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    delete cell;
  }
}
}  // namespace

std::shared_ptr<void> lease(Cell& cell, Realm* user) noexcept {
  if (cell.owners.fetch_add(1, std::memory_order_acq_rel) == 0) {
    cell.owners.fetch_add(1, std::memory_order_acq_rel);  // JavaScript's own share
  }
  try {
    // (a constructor that throws calls the deleter)
    return {cell.any_object(),
            SharedLease{Handle(user, engine::duplicate(user->context, cell.Payload::object)), &cell,
                        &end_lease}};
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

Cell* cell_in(JSValueConst value) noexcept {
  JSClassID id = 0;
  void* opaque = ::JS_GetAnyOpaque(engine::take_ownership(value), &id);
  const Core* core = entered;
  if (opaque == nullptr || core == nullptr ||
      (id != core->instance_class && id != core->callable_class && id != core->exotic_class &&
       id != core->exotic_callable_class)) {
    return nullptr;
  }
  return static_cast<Cell*>(static_cast<Payload*>(opaque));
}

Found find_object(JSValueConst value, const ClassType& to, bool to_change) noexcept {
  Found found;
  found.cell = engine::is_object(value) ? cell_in(value) : nullptr;
  if (found.cell != nullptr && !(to_change && found.cell->is_const)) {
    if (void* object = found.cell->any_object()) {
      found.object = cast(*found.cell->type, object, to);
    }
  }
  return found;
}

Error no_object(ValueRef value, const ClassType& to, bool to_change) {
  const Cell* cell = engine::is_object(value.raw()) ? cell_in(value.raw()) : nullptr;
  const std::string quoted = "'" + std::string(shown_name(to)) + "'";
  if (cell == nullptr) {
    return not_of_type(shown_name(to), describe(value));
  }
  if (!is_class(*cell->type, to)) {
    return not_of_type(shown_name(to), shown_name(*cell->type));
  }
  if (cell->any_object() == nullptr) {
    return unfit("is a " + quoted + " whose C++ object is gone");
  }
  if (to_change && cell->is_const) {
    return unfit("is a " + quoted + " that may only be read");
  }
  return unfit("is not of type " + quoted);
}

Error not_held(const Cell& cell, std::string_view holder) {
  return unfit("is a '" + std::string(shown_name(*cell.type)) + "' that is not held by a " +
               std::string(holder));
}

Error used_now(const Cell& cell) {
  return unfit("is a '" + std::string(shown_name(*cell.type)) + "' that a call is using");
}

// ---- making instances --------------------------------------------------------------------------

namespace {

/// Destroys a cell that gets no JS object. As everywhere, its destructor runs no script: it would
/// run with an exception pending.
void give_up(Realm* realm, Cell* cell) noexcept {
  const CoreState::NoScript no_script(CoreState::of(realm->core));
  cell->destroy();
}

/// The JS object of the cell, which it takes over.
inline JSValue place(Realm* realm, Cell* cell, const RealmClass& known,
                     JSValueConst prototype) noexcept {
  JSValue object = ::JS_NewObjectProtoClass(realm->context, prototype, known.class_id);
  if (engine::is_exception(object)) [[unlikely]] {
    give_up(realm, cell);
    return object;
  }
  auto& core = CoreState::of(realm->core);
  if (cell->is_plain && known.class_id == core.instance_class) [[likely]] {
    // it asks nothing of its context: what its prototype's methods need, they hold themselves
    core.link(cell, realm, object, false);
  } else {
    core.link(cell, realm, object, true);
  }
  if (core.indexes_all) [[unlikely]] {
    return indexed(realm, cell, object);
  }
  return object;
}

/// The class of the cell; null with a pending exception, and without the cell.
inline const RealmClass* class_for(Realm* realm, Cell* cell) noexcept {
  if (cell == nullptr) [[unlikely]] {
    ::JS_ThrowOutOfMemory(realm->context);
    return nullptr;
  }
  auto& type = const_cast<ClassType&>(*cell->type);
  const RealmClass* known = known_class(realm, type);
  if (known == nullptr) [[unlikely]] {
    known = make_class(realm, type);
    if (known == nullptr) {
      give_up(realm, cell);
    }
  }
  return known;
}

[[gnu::noinline]] JSValue place_subclass(Realm* realm, Cell* cell, const RealmClass& known,
                                         JSValueConst new_target) noexcept {
  // ECMA-262 10.1.14: the subclass's prototype, unless it is no object; the getter may throw
  const JSAtom key = Key<"prototype">::atom(realm);
  const OwnedValue prototype(
      realm->context,
      key == 0 ? engine::exception() : ::JS_GetProperty(realm->context, new_target, key));
  if (engine::is_exception(prototype.get())) {
    give_up(realm, cell);
    return engine::exception();
  }
  return place(realm, cell, known,
               engine::is_object(prototype.get()) ? prototype.get() : known.prototype);
}

}  // namespace

JSValue new_instance_with(Realm* realm, Cell* cell, JSValueConst prototype) noexcept {
  const RealmClass* known = class_for(realm, cell);
  return known == nullptr ? engine::exception() : place(realm, cell, *known, prototype);
}

JSValue new_instance(Realm* realm, Cell* cell) noexcept {
  const RealmClass* known = class_for(realm, cell);
  return known == nullptr ? engine::exception() : place(realm, cell, *known, known->prototype);
}

JSValue new_instance(Realm* realm, Cell* cell, JSValueConst new_target) noexcept {
  const RealmClass* known = class_for(realm, cell);
  if (known == nullptr) [[unlikely]] {
    return engine::exception();
  }
  if (engine::get_pointer(new_target) == engine::get_pointer(known->constructor)) [[likely]] {
    return place(realm, cell, *known, known->prototype);
  }
  return place_subclass(realm, cell, *known, new_target);
}

bool index_cell(Realm* realm, Cell* cell) noexcept {
  if (cell->is_indexed) {
    return true;
  }
  try {
    CoreState::of(realm->core).instances.emplace(cell->any_object(), cell);
    cell->is_indexed = true;
    return true;
  } catch (const std::bad_alloc&) {
    ::JS_ThrowOutOfMemory(realm->context);
    return false;
  }
}

JSValue indexed_instance(Realm* realm, Cell* cell) noexcept {
  JSValue made = new_instance(realm, cell);
  return engine::is_exception(made) ? made : indexed(realm, cell, made);
}

JSValue indexed(Realm* realm, Cell* cell, JSValue object) noexcept {
  if (!index_cell(realm, cell)) {
    engine::release(realm->context, object);
    return engine::exception();
  }
  return object;
}

JSValue known_instance(Realm* realm, const ClassType& type, void* object) noexcept {
  auto& core = CoreState::of(realm->core);
  if (!core.indexes_all) {
    for (Payload* payload = core.payloads; payload != nullptr; payload = payload->next) {
      Cell* cell = cell_in(payload->object);
      if (cell != nullptr && cell->any_object() != nullptr && !index_cell(realm, cell)) {
        return engine::exception();
      }
    }
    core.indexes_all = true;
  }
  const auto [first, last] = core.instances.equal_range(object);
  for (auto at = first; at != last; ++at) {
    if (is_class(*static_cast<Cell*>(at->second)->type, type)) {
      return engine::duplicate(realm->context, at->second->object);
    }
  }
  return engine::undefined();
}

JSValue shared_instance(Realm* realm, ClassType& type, std::shared_ptr<void> owner, void* object,
                        bool is_const) noexcept {
  ClassType& whole = dynamic_class(type, object);
  if (JSValue known = known_instance(realm, whole, object); !engine::is_undefined(known)) {
    return known;
  }
  auto* cell = new (std::nothrow) SharedCell(whole, std::move(owner));
  if (cell != nullptr) {
    cell->is_const = is_const;
    (is_const ? cell->guarded : cell->ready) = object;
  }
  return indexed_instance(realm, cell);
}

JSValue part_instance(Realm* realm, ClassType& type, void* object, bool is_const,
                      JSValueConst whole) noexcept {
  if (JSValue known = known_instance(realm, type, object); !engine::is_undefined(known)) {
    return known;
  }
  Cell* parent = cell_in(whole);
  if (parent != nullptr) {
    parent->has_parts = true;
  }
  auto* cell = new (std::nothrow)
      PartCell(type, Object(Handle(realm, engine::duplicate(realm->context, whole))));
  if (cell != nullptr) {
    cell->is_const = is_const || (parent != nullptr && parent->is_const);
    (cell->is_const || (parent != nullptr && parent->ready == nullptr) ? cell->guarded
                                                                       : cell->ready) = object;
  }
  return indexed_instance(realm, cell);
}

JSValue referred_instance(Realm* realm, ClassType& type, void* object, bool is_const,
                          JSValueConst whole) noexcept {
  void* begin = object;
  ClassType& dynamic = dynamic_class(type, begin);
  if (JSValue known = known_instance(realm, dynamic, begin); !engine::is_undefined(known)) {
    return known;
  }
  const Cell* parent = engine::is_object(whole) ? cell_in(whole) : nullptr;
  if (parent != nullptr && parent->any_object() != nullptr) {
    const auto from = reinterpret_cast<std::uintptr_t>(parent->any_object());
    const auto at = reinterpret_cast<std::uintptr_t>(begin);
    if (at >= from && at - from < parent->type->size) {
      return part_instance(realm, dynamic, begin, is_const, whole);
    }
  }
  return ::JS_ThrowTypeError(
      realm->context,
      "a reference to an object that JavaScript does not know was returned: return a copy, a "
      "std::shared_ptr or a std::unique_ptr, or lend the object by quip::Loan");
}

JSValue lent_instance(Realm* realm, ClassType& type, void* object, bool is_const,
                      LoanCell*& loan) noexcept {
  if (loan != nullptr) {
    return loan->core == realm->core
               ? engine::duplicate(realm->context, loan->Payload::object)
               : ::JS_ThrowTypeError(realm->context,
                                     "the object is lent to another runtime already");
  }
  ClassType& whole = dynamic_class(type, object);
  if (JSValue known = known_instance(realm, whole, object); !engine::is_undefined(known)) {
    return known;
  }
  auto* cell = new (std::nothrow) LoanCell(whole, &loan);
  if (cell != nullptr) {
    loan = cell;
    cell->is_const = is_const;
    (is_const ? cell->guarded : cell->ready) = object;
  }
  return indexed_instance(realm, cell);
}

void end_loan(LoanCell* loan) noexcept {
  if (loan != nullptr) {
    loan->lender = nullptr;
    loan->let_go();
  }
}

}  // namespace quip::detail

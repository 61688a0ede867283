// The C++ objects behind the instances of native classes: who owns them, and how they are found.
#pragma once

#include <quip/class/class_type.hpp>
#include <quip/convert/names.hpp>
#include <quip/value/object.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <typeinfo>
#include <utility>

namespace quip::detail {

/// The payload of an instance: an object of a native class, held in one of the ways below. There
/// is one cell, and so one JS object, for one C++ object.
struct Cell : Payload {
  explicit Cell(const ClassType& object_type) noexcept : type(&object_type) {}
  ~Cell() override;
  void trace(Tracer& tracer) const noexcept override;

  void destroy() noexcept override;
  /// Shares the object; empty when it is not held in a way that can.
  [[nodiscard]] virtual std::shared_ptr<void> share(Realm*) noexcept { return nullptr; }
  /// The address of the smart pointer of that type that holds the object; null when another does.
  [[nodiscard]] virtual void* holder(const std::type_info&) noexcept { return nullptr; }
  /// Whether a call is using the object, or a part of it.
  [[nodiscard]] bool is_used() const noexcept;
  /// The C++ object is somebody else's now, or gone.
  void let_go() noexcept;

  const ClassType* type;
  /// The object, when nothing is to be looked at before it is used.
  void* ready = nullptr;
  /// The object, when something is: it is const, or can be taken away while it is used.
  void* guarded = nullptr;
  const void* as_written = nullptr;  ///< the member that is to run as C++ wrote it (see Scripted)
  std::uint32_t uses = 0;            ///< calls that use a guarded object now
  /// JavaScript and who shares the object of a ValueCell with it; 0 while nobody does.
  std::atomic<std::uint32_t> owners = 0;
  bool is_const = false;        ///< scripts may not change it
  bool is_indexed = false;      ///< found by the object's address (see find_cell)
  bool is_scripted = false;     ///< its virtual functions may be a script's (see Scripted)
  bool has_own_object = false;  ///< the object dies with the cell, and no one else has it
  bool has_parts = false;       ///< there may be PartCells of it
  bool is_plain = false;        ///< it holds no values, and nothing of it is a script's

  /// The object, whatever is to be looked at; null when it is gone.
  [[nodiscard]] void* any_object() const noexcept { return ready != nullptr ? ready : guarded; }
};

/// Shares the object of a cell that lies in it: the JS object lives as long as the result, and the
/// C++ object may outlive the runtime. Empty when memory is short.
std::shared_ptr<void> lease(Cell& cell, Realm* user) noexcept;

/// An object that lies in the cell itself: no second allocation.
template <class T>
struct ValueCell final : Cell {
  template <class... A>
  explicit ValueCell(const ClassType& object_type, A&&... arguments)
      : Cell(object_type), value{std::forward<A>(arguments)...} {
    begin();
  }
  template <class... A>
    requires std::is_constructible_v<T, A...>
  explicit ValueCell(const ClassType& object_type, A&&... arguments)
      : Cell(object_type), value(std::forward<A>(arguments)...) {
    begin();
  }
  std::shared_ptr<void> share(Realm* user) noexcept override { return lease(*this, user); }
  T value;

 private:
  void begin() noexcept {
    has_own_object = true;
    is_plain = !is_traceable<T>;
    if constexpr (!is_traceable<T> && std::is_trivially_destructible_v<T>) {
      token = engine::null();
    }
  }
};

/// An object that C++ shares.
struct SharedCell final : Cell {
  SharedCell(const ClassType& object_type, std::shared_ptr<void> shared) noexcept
      : Cell(object_type), owner(std::move(shared)) {}
  void trace(Tracer& tracer) const noexcept override;
  std::shared_ptr<void> share(Realm*) noexcept override { return owner; }
  std::shared_ptr<void> owner;
};

/// An object that a smart pointer owns: a unique_ptr, which C++ may take back, or an intrusive one.
template <class P>
struct PointerCell final : Cell {
  PointerCell(const ClassType& object_type, P&& pointer) noexcept
      : Cell(object_type), owner(std::move(pointer)) {}
  void* holder(const std::type_info& wanted) noexcept override {
    return wanted == typeid(P) ? &owner : nullptr;
  }
  P owner;
};

/// A part of another instance's object, which it keeps alive.
struct PartCell final : Cell {
  PartCell(const ClassType& object_type, Object whole) noexcept
      : Cell(object_type), parent(std::move(whole)) {}
  void trace(Tracer& tracer) const noexcept override { tracer(parent); }
  Object parent;
};

/// An object that C++ lends; see Loan.
struct LoanCell final : Cell {
  LoanCell(const ClassType& object_type, LoanCell** borrower) noexcept
      : Cell(object_type), lender(borrower) {}
  ~LoanCell() override {
    if (lender != nullptr) *lender = nullptr;
  }
  LoanCell** lender;
};

// ---- finding the object of a value -------------------------------------------------------------

/// The cell of an instance of any native class; null for other values. The thread has entered the
/// runtime. Runs no script.
Cell* cell_in(JSValueConst value) noexcept;

/// The object of a value as one of class `to`, if it is one that scripts may use so.
struct Found {
  void* object = nullptr;
  Cell* cell = nullptr;  ///< null for what is no instance at all
};
Found find_object(JSValueConst value, const ClassType& to, bool to_change) noexcept;
/// Why there is none: "is not of type 'Box' (got string)", or that it is gone, or read-only.
Error no_object(ValueRef value, const ClassType& to, bool to_change);
Error not_held(const Cell& cell, std::string_view holder);
Error used_now(const Cell& cell);

/// The cell of the usual instance: of this very class. Else null.
template <class T>
[[gnu::always_inline]] inline Cell* ready_cell(JSValueConst value) noexcept {
  void* opaque = ::JS_GetOpaque(engine::take_ownership(value), entered->instance_class);
  if (opaque != nullptr) [[likely]] {
    auto* cell = static_cast<Cell*>(static_cast<Payload*>(opaque));
    if (cell->type == &class_type<std::remove_const_t<T>>) [[likely]] {
      return cell;
    }
  }
  return nullptr;
}

/// While alive, C++ cannot take the object away.
class Using {
 public:
  Using() noexcept = default;
  explicit Using(Cell* cell) noexcept : cell_(cell) { ++cell->uses; }
  Using(const Using&) = delete;
  Using& operator=(const Using&) = delete;
  ~Using() {
    if (cell_ != nullptr) --cell_->uses;
  }
  void begin(Cell* cell) noexcept {
    cell_ = cell;
    ++cell->uses;
  }

 private:
  Cell* cell_ = nullptr;
};

// ---- making instances --------------------------------------------------------------------------

/// What a realm has of a native class.
struct RealmClass;
/// Makes it at first use; null with a pending exception.
RealmClass* class_in(Realm* realm, ClassType& type) noexcept;
JSValueConst prototype_of(const RealmClass& known) noexcept;
JSValueConst constructor_of(const RealmClass& known) noexcept;

/// The JS object of a cell, which it takes over in any case (it is null when memory was short):
/// with the prototype of the cell's class.
JSValue new_instance(Realm* realm, Cell* cell) noexcept;
/// The same with the prototype of what stands behind `new`.
JSValue new_instance(Realm* realm, Cell* cell, JSValueConst new_target) noexcept;
/// As the first, of a cell that is found by its object from then on.
JSValue indexed_instance(Realm* realm, Cell* cell) noexcept;
/// The JS object of the cell, found by the C++ object from then on.
JSValue indexed(Realm* realm, Cell* cell, JSValue object) noexcept;
/// The same with any prototype.
JSValue new_instance_with(Realm* realm, Cell* cell, JSValueConst prototype) noexcept;

/// From here on the cell is found by the address of its object; false with a pending exception.
bool index_cell(Realm* realm, Cell* cell) noexcept;
/// The instance of a C++ object, if there is one; owned, else undefined.
JSValue known_instance(Realm* realm, const ClassType& type, void* object) noexcept;
/// The class that an object really is of, as far as native classes of it are known: `object` and
/// the result change together.
ClassType& dynamic_class(ClassType& type, void*& object) noexcept;

/// An instance for a shared object: the one that is there, or a new one.
JSValue shared_instance(Realm* realm, ClassType& type, std::shared_ptr<void> owner, void* object,
                        bool is_const) noexcept;
/// An instance for an object that somebody refers to: the one that is there; or a part of the
/// object of `whole`, if it lies within that; else an error. `whole` may be any value.
JSValue referred_instance(Realm* realm, ClassType& type, void* object, bool is_const,
                          JSValueConst whole) noexcept;
/// A part of the object of `whole`, wherever it lies.
JSValue part_instance(Realm* realm, ClassType& type, void* object, bool is_const,
                      JSValueConst whole) noexcept;
/// An instance for an object that C++ lends; `loan` is its cell from then on.
JSValue lent_instance(Realm* realm, ClassType& type, void* object, bool is_const,
                      LoanCell*& loan) noexcept;
void end_loan(LoanCell* loan) noexcept;
/// An instance for an object that a smart pointer owns.
template <class P>
JSValue held_instance(Realm* realm, ClassType& type, void* object, P pointer,
                      bool can_be_taken) noexcept {
  ClassType& whole = dynamic_class(type, object);
  if (!can_be_taken) {
    if (JSValue known = known_instance(realm, whole, object); !engine::is_undefined(known)) {
      return known;
    }
  }
  auto* cell = new (std::nothrow) PointerCell<P>(whole, std::move(pointer));
  if (cell != nullptr) {
    (can_be_taken ? cell->guarded : cell->ready) = object;
    cell->has_own_object = can_be_taken;
  }
  return indexed_instance(realm, cell);
}

/// The value of a reference or a pointer that a bound function returned.
template <class T>
JSValue refer_to(JSContext* ctx, T* object, JSValueConst whole) noexcept {
  using Plain = std::remove_const_t<T>;
  if (object == nullptr) {
    return engine::null();
  }
  return referred_instance(realm_of(ctx), class_type<Plain>, const_cast<Plain*>(object),
                           std::is_const_v<T>, whole);
}

}  // namespace quip::detail

// Instances of native classes as handles, and as C++ objects: by value, by reference, shared.
#pragma once

#include <quip/class/cell.hpp>
#include <quip/function/native.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace quip {

/// Smart pointers of your own that own an object and can be copied (`boost::intrusive_ptr<T>`):
/// said by a specialisation, they hold instances as std::shared_ptr does.
///
///     template <class T> inline constexpr bool quip::is_holder<my::Ref<T>> = true;
template <class P>
inline constexpr bool is_holder = false;

namespace detail {
template <class T>
Result<Found> find_in(ValueRef value, bool to_change) {
  using Plain = std::remove_const_t<T>;
  const Found found = find_object(value.raw(), class_type<Plain>, to_change);
  if (found.object == nullptr) [[unlikely]] {
    return no_object(value, class_type<Plain>, to_change);
  }
  return found;
}

/// Makes an object inside of a new cell; null when memory is short.
template <class T, class... A>
inline Cell* new_value_cell(A&&... arguments) {
  auto* cell = new (std::nothrow) ValueCell<T>(class_type<T>, std::forward<A>(arguments)...);
  if (cell != nullptr) [[likely]] {
    cell->ready = &cell->value;
  }
  return cell;
}
}  // namespace detail

/// A JavaScript object that is an instance of the native class T, or of one that extends T. The
/// C++ object lives as long as its owner says: with the JS object when that owns it, else as long
/// as the std::shared_ptr, the Loan or the object that it is a part of.
template <NativeClass T>
class Instance : public Object {
 public:
  /// An empty handle.
  Instance() noexcept = default;
  /// A new object T(arguments…), owned by JavaScript. Throws what the constructor throws, and Error
  /// when memory is short.
  template <class... A>
  static Instance make(const Ctx& ctx, A&&... arguments) {
    return try_make(ctx, std::forward<A>(arguments)...).value();
  }
  /// As `make`, with quip's own errors as values.
  template <class... A>
  static Result<Instance> try_make(const Ctx& ctx, A&&... arguments) {
    const detail::Entry entry(ctx.realm());
    if (!entry) {
      return detail::refusal(ctx.realm());
    }
    return detail::from_owned<Instance>(
        ctx.realm(), detail::new_instance(
                         ctx.realm(), detail::new_value_cell<T>(std::forward<A>(arguments)...)));
  }
  /// As `make`, with another prototype than the class's own: an object as a script's subclass would
  /// have it.
  template <class... A>
  static Instance make_with_prototype(const Ctx& ctx, const Object& prototype, A&&... arguments) {
    return try_make_with_prototype(ctx, prototype, std::forward<A>(arguments)...).value();
  }
  template <class... A>
  static Result<Instance> try_make_with_prototype(const Ctx& ctx, const Object& prototype,
                                                  A&&... arguments) {
    const detail::Entry entry(ctx.realm());
    if (!entry) {
      return detail::refusal(ctx.realm());
    }
    JSValue checked = detail::give_handle(ctx.realm()->context, prototype.handle());
    if (engine::is_exception(checked)) {
      return detail::caught(ctx.realm());
    }
    const detail::Handle keep(ctx.realm(), checked);
    return detail::from_owned<Instance>(
        ctx.realm(),
        detail::new_instance_with(
            ctx.realm(), detail::new_value_cell<T>(std::forward<A>(arguments)...), keep.get()));
  }

  /// The class's constructor in the context, as a script sees it: `globals.set("Point",
  /// Instance<Point>::constructor(ctx))`. Throws what the class's definition throws.
  static Object constructor(const Ctx& ctx) { return try_constructor(ctx).value(); }
  static Result<Object> try_constructor(const Ctx& ctx) {
    return part_of_class(ctx, &detail::constructor_of);
  }
  /// The prototype of the class's instances in the context.
  static Object prototype(const Ctx& ctx) { return try_prototype(ctx).value(); }
  static Result<Object> try_prototype(const Ctx& ctx) {
    return part_of_class(ctx, &detail::prototype_of);
  }

  // `get<T>(key)` of a property, as of any Object
  using Object::get;
  using Object::try_get;
  /// The C++ object; valid as long as it has an owner, of which this handle keeps JavaScript.
  /// Throws a TypeError when it is gone, or may only be read.
  [[nodiscard]] T& get() const { return *try_get().value(); }
  [[nodiscard]] Result<T*> try_get() const { return find<T>(true); }
  /// As `get`, of one that is only read.
  [[nodiscard]] const T& get_const() const { return *try_get_const().value(); }
  [[nodiscard]] Result<const T*> try_get_const() const { return find<const T>(false); }
  /// As `get`.
  T& operator*() const { return get(); }
  T* operator->() const { return &get(); }
  /// The object as a shared one: also one that JavaScript owns, which then lives as long as both
  /// do.
  [[nodiscard]] std::shared_ptr<T> share() const { return this->template as<std::shared_ptr<T>>(); }

  /// @internal
  static constexpr std::string_view type_name = detail::raw_type_name<T>();
  static bool accepts(ValueRef value) noexcept {
    const detail::Cell* cell = detail::cell_in(value.raw());
    return cell != nullptr && detail::is_class(*cell->type, detail::class_type<T>);
  }
  explicit Instance(detail::Handle handle) noexcept : Object(std::move(handle)) {}

 private:
  template <class U>
  Result<U*> find(bool to_change) const {
    const detail::Entry entry(handle().realm());
    if (!entry) {
      return detail::refusal(handle().realm());
    }
    const ValueRef value(handle().realm()->context, raw());
    Result<detail::Found> found = detail::find_in<U>(value, to_change);
    if (!found) {
      return std::move(found).error();
    }
    return static_cast<U*>(found->object);
  }
  template <class Part>
  static Result<Object> part_of_class(const Ctx& ctx, const Part& part) {
    detail::Realm* realm = ctx.realm();
    const detail::Entry entry(realm);
    if (!entry) {
      return detail::refusal(realm);
    }
    const detail::RealmClass* known = detail::class_in(realm, detail::class_type<T>);
    if (known == nullptr) {
      return detail::caught(realm);
    }
    return detail::from_owned<Object>(realm, engine::duplicate(realm->context, part(*known)));
  }
};

template <NativeClass T>
struct Convert<Instance<T>> : detail::ConvertHandle<Instance<T>> {};

/// An object that C++ owns and scripts use for a while: its JS object is there from the first use
/// on, and when the Loan ends, whatever scripts still do with it is a TypeError.
///
///     quip::Loan loan(world);
///     ctx.globals().set("world", loan);
///
/// The object must live as long as the Loan; both are of the thread that uses the runtime.
template <NativeClass T>
class Loan {
 public:
  explicit Loan(T& object) noexcept : object_(&object) {}
  Loan(const Loan&) = delete;
  Loan& operator=(const Loan&) = delete;
  ~Loan() { detail::end_loan(cells_); }
  [[nodiscard]] T& get() const noexcept { return *object_; }

 private:
  friend struct Convert<Loan<T>>;
  T* object_;
  mutable detail::LoanCell* cells_ = nullptr;
};

template <NativeClass T>
struct Convert<Loan<T>> {
  static JSValue into_js(JSContext* ctx, const Loan<T>& loan) {
    return detail::lent_instance(detail::realm_of(ctx), detail::class_type<std::remove_const_t<T>>,
                                 const_cast<std::remove_const_t<T>*>(loan.object_),
                                 std::is_const_v<T>, loan.cells_);
  }
};

/// By value: from JavaScript a copy, into JavaScript a new object that JavaScript owns.
template <NativeClass T>
struct Convert<T> {
  static Result<T> from_js(ValueRef value)
    requires std::is_copy_constructible_v<T>
  {
    Result<detail::Found> found = detail::find_in<const T>(value, false);
    if (!found) [[unlikely]] {
      return std::move(found).error();
    }
    return T(*static_cast<const T*>(found->object));
  }
  template <class U>
    requires std::same_as<std::remove_cvref_t<U>, T>
  static JSValue into_js(JSContext* ctx, U&& object) {
    static_assert(std::is_constructible_v<T, U>,
                  "this class cannot be copied into JavaScript: move it, give a std::unique_ptr or "
                  "std::shared_ptr of it, or lend it by quip::Loan");
    return detail::new_instance(detail::realm_of(ctx),
                                detail::new_value_cell<T>(std::forward<U>(object)));
  }
};

/// A pointer that owns nothing: from JavaScript the object itself, or null for `null` and
/// `undefined`; into JavaScript only an object that JavaScript knows already.
template <class T>
  requires NativeClass<std::remove_const_t<T>>
struct Convert<T*> {
  static Result<T*> from_js(ValueRef value) {
    if (engine::is_null(value.raw()) || engine::is_undefined(value.raw())) {
      return static_cast<T*>(nullptr);
    }
    Result<detail::Found> found = detail::find_in<T>(value, !std::is_const_v<T>);
    if (!found) [[unlikely]] {
      return std::move(found).error();
    }
    return static_cast<T*>(found->object);
  }
  static JSValue into_js(JSContext* ctx, T* object) {
    return detail::refer_to(ctx, object, engine::undefined());
  }
};

/// The object itself, shared. What JavaScript owns is shared too: the JS object then lives as long
/// as the pointer. Null is `null` (and `undefined` is read as null).
template <class T>
  requires NativeClass<std::remove_const_t<T>>
struct Convert<std::shared_ptr<T>> {
  static Result<std::shared_ptr<T>> from_js(ValueRef value) {
    if (engine::is_null(value.raw()) || engine::is_undefined(value.raw())) {
      return std::shared_ptr<T>();
    }
    Result<detail::Found> found = detail::find_in<T>(value, !std::is_const_v<T>);
    if (!found) [[unlikely]] {
      return std::move(found).error();
    }
    std::shared_ptr<void> owner = found->cell->share(detail::realm_of(value.context()));
    if (owner == nullptr) [[unlikely]] {
      return detail::not_held(*found->cell, "std::shared_ptr");
    }
    return std::shared_ptr<T>(std::move(owner), static_cast<T*>(found->object));
  }
  static JSValue into_js(JSContext* ctx, std::shared_ptr<T> pointer) {
    using Plain = std::remove_const_t<T>;
    if (pointer == nullptr) {
      return engine::null();
    }
    auto* object = const_cast<Plain*>(pointer.get());
    return detail::shared_instance(
        detail::realm_of(ctx), detail::class_type<Plain>,
        std::shared_ptr<void>(std::const_pointer_cast<Plain>(std::move(pointer))), object,
        std::is_const_v<T>);
  }
};

/// Handed over: into JavaScript, which destroys it with its JS object; and back to C++, if it came
/// as such a pointer and no call is using it. Whoever uses the JS object then gets a TypeError.
template <class T, class D>
  requires NativeClass<T>
struct Convert<std::unique_ptr<T, D>> {
  using Pointer = std::unique_ptr<T, D>;
  static Result<Pointer> from_js(ValueRef value) {
    if (engine::is_null(value.raw()) || engine::is_undefined(value.raw())) {
      return Pointer();
    }
    Result<detail::Found> found = detail::find_in<T>(value, true);
    if (!found) [[unlikely]] {
      return std::move(found).error();
    }
    void* holder = found->cell->holder(typeid(Pointer));
    if (holder == nullptr) [[unlikely]] {
      return detail::not_held(*found->cell, "std::unique_ptr");
    }
    if (found->cell->is_used()) [[unlikely]] {
      return detail::used_now(*found->cell);
    }
    found->cell->let_go();
    return std::move(*static_cast<Pointer*>(holder));
  }
  static JSValue into_js(JSContext* ctx, Pointer pointer) {
    if (pointer == nullptr) {
      return engine::null();
    }
    T* object = pointer.get();
    return detail::held_instance(detail::realm_of(ctx), detail::class_type<T>, object,
                                 std::move(pointer), true);
  }
};

/// Smart pointers of your own; see is_holder.
template <class P>
  requires is_holder<P>
struct Convert<P> {
  using T = std::remove_cvref_t<decltype(*std::declval<const P&>())>;
  static Result<P> from_js(ValueRef value) {
    if (engine::is_null(value.raw()) || engine::is_undefined(value.raw())) {
      return P();
    }
    Result<detail::Found> found = detail::find_in<T>(value, true);
    if (!found) [[unlikely]] {
      return std::move(found).error();
    }
    void* holder = found->cell->holder(typeid(P));
    if (holder == nullptr) [[unlikely]] {
      return detail::not_held(*found->cell, detail::raw_type_name<P>());
    }
    return *static_cast<P*>(holder);
  }
  static JSValue into_js(JSContext* ctx, P pointer) {
    if (!pointer) {
      return engine::null();
    }
    T* object = &*pointer;
    return detail::held_instance(detail::realm_of(ctx), detail::class_type<T>, object,
                                 std::move(pointer), false);
  }
};

}  // namespace quip

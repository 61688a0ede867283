// How scripts make objects of a native class: `new`, by constructors and by functions.
#pragma once

#include <quip/class/method.hpp>

#include <functional>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace quip {

template <class Base>
class Scripted;

namespace detail {

/// The call's new.target, and its context.
struct NewTarget {
  const NativeCall* call = nullptr;
  [[nodiscard]] JSContext* ctx() const noexcept { return call->ctx; }
  [[nodiscard]] JSValueConst target() const noexcept { return call->this_value; }
};
template <>
struct QuickParameter<NewTarget> {
  static constexpr bool available = true;
  static constexpr bool takes_argument = false;
  using Slot = NewTarget;
  static bool read(const NativeCall& call, int, Slot& slot) noexcept {
    slot = {&call};
    return true;
  }
  static NewTarget get(Slot& slot) noexcept { return slot; }
};
template <>
class Parameter<NewTarget> {
 public:
  static constexpr bool takes_argument = false;
  static constexpr bool required = false;
  bool load(const NativeCall& call, int) noexcept {
    target_ = {&call};
    return true;
  }
  [[nodiscard]] NewTarget get() const noexcept { return target_; }

 private:
  NewTarget target_{};
};

}  // namespace detail

template <>
struct ParameterInfoOf<detail::NewTarget> : detail::NoParameter {};

namespace detail {

/// A value of the engine as it is, owned; a pending exception when it is one.
struct RawResult {
  JSValue value;
};
template <>
struct DescribedResult<RawResult> {
  using type = Value;  // who describes it knows better
};
template <>
struct ResultOf<RawResult> {
  static JSValue into_js(const NativeCall&, RawResult result) noexcept { return result.value; }
};

/// A TypeError: the function that was to make an object made none.
JSValue throw_no_object(Realm* realm) noexcept;
/// Whether `new` was called on another constructor than the class's own: a subclass's.
bool is_subclass(Realm* realm, ClassType& type, JSValueConst new_target) noexcept;

/// Makes an object that a script's subclass completes inside of a new cell of class T.
template <class T, class Script, class... A>
Cell* new_script_cell(A&&... arguments) {
  auto* cell = new (std::nothrow) ValueCell<Script>(class_type<T>, std::forward<A>(arguments)...);
  if (cell != nullptr) {
    cell->ready = static_cast<T*>(&cell->value);
    cell->is_scripted = true;
    cell->is_plain = false;
    static_cast<Scripted<T>&>(cell->value).cell_ = cell;
  }
  return cell;
}

/// A cell for what a smart pointer holds becomes what `new` made, of the class that the object
/// really is of; an object that JavaScript knows is its instance. A script's subclass gives what it
/// constructs its own prototype.
template <class T, class MakeCell>
RawResult adopt_object(Realm* realm, void* object, JSValueConst new_target, bool may_be_known,
                       const MakeCell& make_cell) noexcept {
  ClassType& whole = dynamic_class(class_type<T>, object);
  if (may_be_known) {
    if (JSValue known = known_instance(realm, whole, object); !engine::is_undefined(known)) {
      return {known};
    }
  }
  Cell* cell = make_cell(whole, object);
  if (!is_subclass(realm, class_type<T>, new_target)) {
    return {indexed_instance(realm, cell)};
  }
  JSValue made = new_instance(realm, cell, new_target);
  return {engine::is_exception(made) ? made : indexed(realm, cell, made)};
}
template <class T>
RawResult adopt(Realm* realm, std::shared_ptr<T> pointer, JSValueConst new_target) noexcept {
  if (pointer == nullptr) {
    return {throw_no_object(realm)};
  }
  void* address = pointer.get();
  const bool may_be_known = pointer.use_count() > 1;
  return adopt_object<T>(realm, address, new_target, may_be_known,
                         [&](ClassType& whole, void* object) -> Cell* {
                           auto* cell = new (std::nothrow) SharedCell(whole, std::move(pointer));
                           if (cell != nullptr) cell->ready = object;
                           return cell;
                         });
}
/// Of a unique_ptr, or an intrusive pointer.
template <class T, class P>
RawResult adopt_pointer(Realm* realm, P pointer, JSValueConst new_target,
                        bool can_be_taken) noexcept {
  if (!pointer) {
    return {throw_no_object(realm)};
  }
  void* address = const_cast<T*>(static_cast<const T*>(&*pointer));
  return adopt_object<T>(
      realm, address, new_target, !can_be_taken, [&](ClassType& whole, void* object) -> Cell* {
        auto* cell = new (std::nothrow) PointerCell<P>(whole, std::move(pointer));
        if (cell != nullptr) {
          (can_be_taken ? cell->guarded : cell->ready) = object;
          cell->has_own_object = can_be_taken;
        }
        return cell;
      });
}
template <class T, class D>
RawResult adopt(Realm* realm, std::unique_ptr<T, D> pointer, JSValueConst new_target) noexcept {
  return adopt_pointer<T>(realm, std::move(pointer), new_target, true);
}
template <class T, class P>
  requires is_holder<P>
RawResult adopt(Realm* realm, P pointer, JSValueConst new_target) noexcept {
  return adopt_pointer<T>(realm, std::move(pointer), new_target, false);
}

/// An object that JavaScript is to own as Holder says.
template <class T, class Holder, class... A>
RawResult hold(Realm* realm, JSValueConst new_target, A&&... arguments) {
  if constexpr (std::is_same_v<Holder, T>) {
    return {new_instance(realm, new_value_cell<T>(std::forward<A>(arguments)...), new_target)};
  } else if constexpr (std::is_same_v<Holder, std::shared_ptr<T>>) {
    return adopt<T>(realm, std::make_shared<T>(std::forward<A>(arguments)...), new_target);
  } else {
    return adopt<T>(realm, Holder(new T(std::forward<A>(arguments)...)), new_target);
  }
}

/// `new` with these parameters. Script is the class of the objects of a script's subclass (see
/// Scripted), Holder what owns the object: T itself, or a smart pointer.
template <class T, class Script, class Holder, class... A>
struct Construction {
  static_assert(
      std::is_abstract_v<T> || std::is_constructible_v<T, A...> || requires {
        T{std::declval<A>()...};
      }, "constructor<A...>: the class has no constructor with these parameters");
  RawResult operator()(NewTarget target, A... arguments) const {
    Realm* realm = realm_of(target.ctx());
    if constexpr (!std::is_same_v<Script, T>) {
      if (is_subclass(realm, class_type<T>, target.target())) {
        return {new_instance(realm, new_script_cell<T, Script>(std::forward<A>(arguments)...),
                             target.target())};
      }
    }
    if constexpr (std::is_abstract_v<T>) {
      ::JS_ThrowTypeError(target.ctx(), "an abstract class is constructed by its subclasses only");
      return {engine::exception()};
    } else {
      return hold<T, Holder>(realm, target.target(), std::forward<A>(arguments)...);
    }
  }
};

template <class T, class P>
struct UniqueFor {
  using type = void;
};
template <class T, class D>
struct UniqueFor<T, std::unique_ptr<T, D>> {
  using type = std::unique_ptr<T, D>;
};
template <class T, class P>
using UniqueOf = typename UniqueFor<T, P>::type;

/// The instance for what a factory returned.
template <class T, class Holder, class R>
RawResult accept_made(Realm* realm, JSValueConst new_target, R&& made) {
  using Plain = std::remove_cvref_t<R>;
  if constexpr (is_result<Plain>) {
    if (!made) {
      return {throw_error(realm->context, made.error())};
    }
    return accept_made<T, Holder>(realm, new_target, *std::forward<R>(made));
  } else if constexpr (std::is_same_v<Plain, T>) {
    return hold<T, Holder>(realm, new_target, std::forward<R>(made));
  } else if constexpr (is_holder<Plain> || std::is_same_v<Plain, UniqueOf<T, Plain>>) {
    return adopt<T>(realm, Plain(std::forward<R>(made)), new_target);
  } else if constexpr (std::is_convertible_v<Plain, std::unique_ptr<T>> &&
                       std::has_virtual_destructor_v<T>) {
    return adopt<T>(realm, std::unique_ptr<T>(std::forward<R>(made)), new_target);
  } else {
    return adopt<T>(realm, std::shared_ptr<T>(std::forward<R>(made)), new_target);
  }
}
/// What a factory may return.
template <class T, class R>
inline constexpr bool is_made =
    std::is_same_v<R, T> || is_holder<R> || std::is_convertible_v<R, std::shared_ptr<T>>;
template <class T, class R>
inline constexpr bool is_made<T, Result<R>> = is_made<T, R>;

/// `new` by a function that returns the object, or a smart pointer of it.
template <class T, class Holder, class F, class R, class Declared>
struct Factory;
template <class T, class Holder, class F, class R, class... A>
struct Factory<T, Holder, F, R, TypeList<A...>> {
  static_assert(is_made<T, R>,
                "the function that makes objects of this class returns one by value, a "
                "std::unique_ptr or std::shared_ptr of one (or of a class derived from it), or a "
                "Result of these");
  [[no_unique_address]] F function;
  RawResult operator()(NewTarget target, A... arguments) {
    return accept_made<T, Holder>(realm_of(target.ctx()), target.target(),
                                  std::invoke(function, std::forward<A>(arguments)...));
  }
};

/// A callable that answers `new` alone.
template <class C>
struct ConstructorOf {
  [[no_unique_address]] C construct;
};
template <class C>
struct Invocation<ConstructorOf<C>> {
  static constexpr int length = Invocation<C>::length;
  static constexpr bool is_constructor = true;
  using Signed = C;
  static const C& inner(const ConstructorOf<C>& function) noexcept { return function.construct; }
  [[gnu::always_inline]] static bool quickly(ConstructorOf<C>& function, const NativeCall& call,
                                             JSValue& result) noexcept {
    return call.constructs && Invocation<C>::quickly(function.construct, call, result);
  }
  static JSValue slowly(ConstructorOf<C>& function, const NativeCall& call) noexcept {
    return call.constructs ? Invocation<C>::slowly(function.construct, call)
                           : throw_needs_new(call);
  }
};

}  // namespace detail
}  // namespace quip

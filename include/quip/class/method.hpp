// What a class's members are as callables: member functions, data members, functions that take the
// object first.
#pragma once

#include <quip/class/describe.hpp>
#include <quip/class/fit.hpp>
#include <quip/class/instance.hpp>
#include <quip/function/overload.hpp>

#include <concepts>
#include <cstddef>
#include <type_traits>
#include <utility>

namespace quip::detail {

// ---- the object of a call ----------------------------------------------------------------------

/// The C++ object of the call's `this`; const when it is only read.
template <class T>
struct Self {
  T* object;
  Cell* cell;
};

template <class T>
struct QuickParameter<Self<T>> {
  static constexpr bool available = true;
  static constexpr bool takes_argument = false;
  using Slot = Self<T>;
  [[gnu::always_inline]] static bool read(const NativeCall& call, int, Slot& slot) noexcept {
    slot.cell = ready_cell<T>(call.this_value);
    slot.object = slot.cell == nullptr ? nullptr : static_cast<T*>(slot.cell->ready);
    return slot.object != nullptr;
  }
  static Self<T> get(Slot& slot) noexcept { return slot; }
};

/// Throws that the object of an argument, or of `this` (-1), went away since it was found.
[[noreturn]] void raise_gone(const NativeCall& call, int index);

template <class T>
class Parameter<Self<T>> {
 public:
  static constexpr bool takes_argument = false;
  static constexpr bool required = false;
  bool load(const NativeCall& call, int) {
    const Found found =
        find_object(call.this_value, class_type<std::remove_const_t<T>>, !std::is_const_v<T>);
    if (found.object == nullptr) [[unlikely]] {
      throw_this(call, no_object(ValueRef(call.ctx, call.this_value),
                                 class_type<std::remove_const_t<T>>, !std::is_const_v<T>));
      return false;
    }
    self_ = {static_cast<T*>(found.object), found.cell};
    call_ = &call;
    using_.begin(found.cell);
    return true;
  }
  /// Throws when what the arguments' conversions ran has ended the object's Loan.
  [[nodiscard]] Self<T> get() const {
    if (self_.cell->any_object() == nullptr) [[unlikely]] {
      raise_gone(*call_, -1);
    }
    return self_;
  }

 private:
  Self<T> self_{};
  const NativeCall* call_ = nullptr;
  Using using_;
};

// ---- objects as arguments ----------------------------------------------------------------------

/// A reference or a pointer to an object of a native class: the object itself.
template <class T>
class ObjectParameter {
 public:
  static constexpr bool takes_argument = true;
  static constexpr bool required = true;

 protected:
  /// False with a pending exception.
  bool find(const NativeCall& call, int index) {
    JSValueConst value = call.argv[index];
    using Plain = std::remove_const_t<T>;
    const Found found = find_object(value, class_type<Plain>, !std::is_const_v<T>);
    if (found.object == nullptr) [[unlikely]] {
      throw_argument(call, index,
                     no_object(ValueRef(call.ctx, value), class_type<Plain>, !std::is_const_v<T>));
      return false;
    }
    object_ = static_cast<T*>(found.object);
    cell_ = found.cell;
    call_ = &call;
    index_ = index;
    using_.begin(found.cell);
    return true;
  }
  /// Throws when what later arguments' conversions ran has ended the object's Loan.
  [[nodiscard]] T* object() const {
    if (cell_ != nullptr && cell_->any_object() == nullptr) [[unlikely]] {
      raise_gone(*call_, index_);
    }
    return object_;
  }

 private:
  T* object_ = nullptr;
  Cell* cell_ = nullptr;
  const NativeCall* call_ = nullptr;
  int index_ = 0;
  Using using_;
};

template <class T>
  requires NativeClass<std::remove_const_t<T>>
class Parameter<T&> : public ObjectParameter<T> {
 public:
  bool load(const NativeCall& call, int index) { return this->find(call, index); }
  [[nodiscard]] T& get() const { return *this->object(); }
};
template <class T>
  requires NativeClass<std::remove_const_t<T>>
class Parameter<T*> : public ObjectParameter<T> {
 public:
  bool load(const NativeCall& call, int index) {
    return engine::is_null(call.argv[index]) || engine::is_undefined(call.argv[index]) ||
           this->find(call, index);
  }
  [[nodiscard]] T* get() const { return this->object(); }
};

template <class T>
  requires NativeClass<std::remove_const_t<T>>
struct QuickParameter<T&> {
  static constexpr bool available = true;
  static constexpr bool takes_argument = true;
  using Slot = T*;
  [[gnu::always_inline]] static bool read(const NativeCall& call, int index, Slot& slot) noexcept {
    Cell* cell = ready_cell<T>(call.argv[index]);
    slot = cell == nullptr ? nullptr : static_cast<T*>(cell->ready);
    return slot != nullptr;
  }
  static T& get(Slot& slot) noexcept { return *slot; }
};
template <class T>
  requires NativeClass<std::remove_const_t<T>>
struct QuickParameter<T*> : QuickParameter<T&> {
  static T* get(T*& slot) noexcept { return slot; }
};

// ---- results -----------------------------------------------------------------------------------

/// A part of the object of `this`.
template <class F>
struct PartResult {
  F* object;
};

template <class F>
struct ResultOf<PartResult<F>> {
  static JSValue into_js(const NativeCall& call, PartResult<F> part) noexcept {
    using Plain = std::remove_const_t<F>;
    return part_instance(realm_of(call.ctx), class_type<Plain>, const_cast<Plain*>(part.object),
                         std::is_const_v<F>, call.this_value);
  }
};
template <class F>
struct DescribedResult<PartResult<F>> {
  using type = F;
};
/// A reference to an object that is there, never a silent copy.
template <class T>
  requires NativeClass<std::remove_const_t<T>>
struct ResultOf<T&> {
  static JSValue into_js(const NativeCall& call, T& object) noexcept {
    return refer_to(call.ctx, &object, call.this_value);
  }
};
template <class T>
  requires NativeClass<std::remove_const_t<T>>
struct ResultOf<T*> {
  static JSValue into_js(const NativeCall& call, T* object) noexcept {
    return refer_to(call.ctx, object, call.this_value);
  }
};

// ---- members as callables ----------------------------------------------------------------------

/// An address for each member function, by which a scripted object knows which one is asked for.
template <auto M>
inline constexpr char member_id = 0;

/// While alive, a virtual function of a scripted object runs as C++ wrote it: a script has asked
/// for that by calling the class's own method.
class AsWritten {
 public:
  AsWritten(Cell* cell, const void* member) noexcept
      : cell_(cell), outer_(std::exchange(cell->as_written, member)) {}
  AsWritten(const AsWritten&) = delete;
  AsWritten& operator=(const AsWritten&) = delete;
  ~AsWritten() { cell_->as_written = outer_; }

 private:
  Cell* cell_;
  const void* outer_;
};

/// A member function of T (or of a base of it), known when the program is compiled.
template <class T, auto M, class = decltype(M)>
struct MethodCall;

template <class T, auto M, class S, class R, class... A>
struct MethodCaller {
  R operator()(Self<S> self, A... arguments) const {
    if constexpr (std::is_polymorphic_v<T>) {
      if (self.cell->is_scripted) [[unlikely]] {
        const Using use(self.cell);
        const AsWritten as_written(self.cell, &member_id<M>);
        return (self.object->*M)(std::forward<A>(arguments)...);
      }
    }
    return (self.object->*M)(std::forward<A>(arguments)...);
  }
};
/// The same of an `&&` member: the object is moved from.
template <class T, auto M, class R, class... A>
struct ExpiringCaller {
  R operator()(Self<T> self, A... arguments) const {
    return (std::move(*self.object).*M)(std::forward<A>(arguments)...);
  }
};
template <class T, auto M, class C, class R, class... A>
struct MethodCall<T, M, R (C::*)(A...)> : MethodCaller<T, M, T, R, A...> {};
template <class T, auto M, class C, class R, class... A>
struct MethodCall<T, M, R (C::*)(A...) noexcept> : MethodCaller<T, M, T, R, A...> {};
template <class T, auto M, class C, class R, class... A>
struct MethodCall<T, M, R (C::*)(A...)&> : MethodCaller<T, M, T, R, A...> {};
template <class T, auto M, class C, class R, class... A>
struct MethodCall<T, M, R (C::*)(A...) & noexcept> : MethodCaller<T, M, T, R, A...> {};
template <class T, auto M, class C, class R, class... A>
struct MethodCall<T, M, R (C::*)(A...) const> : MethodCaller<T, M, const T, R, A...> {};
template <class T, auto M, class C, class R, class... A>
struct MethodCall<T, M, R (C::*)(A...) const noexcept> : MethodCaller<T, M, const T, R, A...> {};
template <class T, auto M, class C, class R, class... A>
struct MethodCall<T, M, R (C::*)(A...) const&> : MethodCaller<T, M, const T, R, A...> {};
template <class T, auto M, class C, class R, class... A>
struct MethodCall<T, M, R (C::*)(A...) const & noexcept> : MethodCaller<T, M, const T, R, A...> {};
template <class T, auto M, class C, class R, class... A>
struct MethodCall<T, M, R (C::*)(A...) &&> : ExpiringCaller<T, M, R, A...> {};
template <class T, auto M, class C, class R, class... A>
struct MethodCall<T, M, R (C::*)(A...) && noexcept> : ExpiringCaller<T, M, R, A...> {};

/// The first parameter of a callable that takes the object first: T&, const T&, T* or const T*, or
/// of a base.
template <class P, class T>
struct SelfOf;  // no such parameter
template <class P, class T>
  requires(std::is_base_of_v<std::remove_cvref_t<P>, T> && std::is_lvalue_reference_v<P>)
struct SelfOf<P, T> {
  using Object = std::conditional_t<std::is_const_v<std::remove_reference_t<P>>, const T, T>;
  static Object& give(Object* object) noexcept { return *object; }
};
template <class P, class T>
  requires std::is_base_of_v<std::remove_const_t<P>, T>
struct SelfOf<P*, T> {
  using Object = std::conditional_t<std::is_const_v<P>, const T, T>;
  static Object* give(Object* object) noexcept { return object; }
};
template <class P, class T>
concept TakesSelf = requires { typename SelfOf<P, T>::Object; };

template <class T, class F, class R, class Declared>
struct FreeMethod;
template <class T, class F, class R, class First, class... A>
struct FreeMethod<T, F, R, TypeList<First, A...>> {
  using Object = typename SelfOf<First, T>::Object;
  [[no_unique_address]] F function;
  R operator()(Self<Object> self, A... arguments) {
    return std::invoke(function, SelfOf<First, T>::give(self.object),
                       std::forward<A>(arguments)...);
  }
};
/// Function pointers that are known when the program is compiled.
template <auto F, class Type = decltype(F)>
struct StaticCall;
template <auto F, class R, class... A>
struct StaticCall<F, R (*)(A...)> {
  R operator()(A... arguments) const { return F(std::forward<A>(arguments)...); }
};
template <auto F, class R, class... A>
struct StaticCall<F, R (*)(A...) noexcept> {
  R operator()(A... arguments) const noexcept { return F(std::forward<A>(arguments)...); }
};

template <class T, class Declared>
struct FirstIsSelf : std::false_type {};
template <class T, class First, class... A>
struct FirstIsSelf<T, TypeList<First, A...>> : std::bool_constant<TakesSelf<First, T>> {};

template <class F>
inline constexpr bool is_overloaded = false;
template <class... F>
inline constexpr bool is_overloaded<Overloaded<F...>> = true;

template <class F>
struct FnCallable;
template <class F, class... Extras>
struct FnCallable<Fn<F, Extras...>> {
  using type = F;
};

/// A callable as a method of T: one that takes the object first is given it, another is called as
/// any function. Of an overload set each is.
template <class T, class F>
auto as_method(F&& function) {
  using Plain = std::decay_t<F>;
  if constexpr (is_overloaded<Plain>) {
    Plain set = std::forward<F>(function);
    return std::apply([](auto&... each) { return overload(as_method<T>(std::move(each))...); },
                      set.functions());
  } else if constexpr (is_fn<Plain>) {
    static_assert(
        !FirstIsSelf<T, typename SignatureOf<typename FnCallable<Plain>::type>::Declared>::value,
        "give what quip::fn takes (quip::arg, quip::doc) behind the method's callable: "
        "def.method(\"name\", callable, quip::arg(…)); the object is no parameter of it");
    return Plain(std::forward<F>(function));
  } else if constexpr (HasSignature<Plain>) {
    using Signature = SignatureOf<Plain>;
    if constexpr (FirstIsSelf<T, typename Signature::Declared>::value) {
      return FreeMethod<T, Plain, typename Signature::Returned, typename Signature::Declared>{
          std::forward<F>(function)};
    } else {
      return Plain(std::forward<F>(function));
    }
  } else {
    return Plain(std::forward<F>(function));
  }
}
template <class M>
struct MemberFunctionOf;
template <class C, class F>
struct MemberFunctionOf<F C::*> {
  using Class = C;
};
template <class M>
using MemberFunctionClass = typename MemberFunctionOf<M>::Class;

/// The same for a function or member function that is a template argument.
template <class T, auto M>
auto as_method() {
  if constexpr (std::is_member_function_pointer_v<decltype(M)>) {
    static_assert(
        requires(const MemberFunctionClass<decltype(M)>* base, const T* object) { base = object; },
        "this member function is not one of the class, nor of a public base of it");
    return MethodCall<T, M>();
  } else {
    return as_method<T>(StaticCall<M>());
  }
}

/// Data members.
template <auto M>
struct MemberOf;
template <class C, class F, F C::* M>
struct MemberOf<M> {
  using Type = F;
  using Class = C;
};

/// A member that is an object of a native class is a part of this one, and as const as that is.
template <class T, auto M>
struct FieldGetter {
  static_assert(std::is_base_of_v<typename MemberOf<M>::Class, T>,
                "this data member is not one of the class, nor of a base of it");
  using F = typename MemberOf<M>::Type;
  decltype(auto) operator()(Self<const T> self) const noexcept {
    if constexpr (NativeClass<std::remove_const_t<F>>) {
      return PartResult<F>{const_cast<F*>(&(self.object->*M))};
    } else {
      return static_cast<const F&>(self.object->*M);
    }
  }
};
template <class T, auto M>
struct FieldSetter {
  using F = typename MemberOf<M>::Type;
  using Argument = std::conditional_t<NativeClass<F>, const F&, F>;
  void operator()(Self<T> self, Argument value) const {
    self.object->*M = std::forward<Argument>(value);
  }
};
/// Whether a data member can be written.
template <class F>
inline constexpr bool is_settable =
    !std::is_const_v<F> &&
    (NativeClass<F> ? std::is_copy_assignable_v<F> : std::is_move_assignable_v<F>);

template <auto M>
struct StaticGetter {
  using F = std::remove_pointer_t<decltype(M)>;
  decltype(auto) operator()() const noexcept {
    if constexpr (NativeClass<std::remove_const_t<F>>) {
      return PartResult<F>{M};  // a part of the class itself: it is always there
    } else {
      return static_cast<const F&>(*M);
    }
  }
};
template <auto M>
struct StaticSetter {
  using F = std::remove_pointer_t<decltype(M)>;
  using Argument = std::conditional_t<NativeClass<F>, const F&, F>;
  void operator()(Argument value) const { *M = std::forward<Argument>(value); }
};

}  // namespace quip::detail

namespace quip {
template <class T>
struct ParameterInfoOf<detail::Self<T>> : detail::NoParameter {};
}  // namespace quip

// How a C++ type becomes a JS value and back: one trait for every type.
#pragma once

#include <quip/core/result.hpp>

#include <concepts>
#include <new>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace quip {

/// A JS value that somebody else keeps alive while we look at it: an argument of a bound function,
/// an element during a conversion. It may become a Value (which then owns), but must not be stored.
class ValueRef {
 public:
  ValueRef(JSContext* ctx, JSValueConst value, std::vector<Error>* problems = nullptr) noexcept
      : ctx_(ctx), value_(value), problems_(problems) {}
  // Not trivial, so that it is passed by its address: the three parts, written one by one and
  // copied as a block, would stall the processor at each call.
  ValueRef(const ValueRef& other) noexcept  // NOLINT(modernize-use-equals-default)
      : ctx_(other.ctx_), value_(other.value_), problems_(other.problems_) {}
  ValueRef& operator=(const ValueRef& other) noexcept = default;
  ~ValueRef() = default;
  /// The context to look at it with.
  [[nodiscard]] JSContext* context() const noexcept { return ctx_; }
  /// The engine's value; borrowed.
  [[nodiscard]] JSValueConst raw() const noexcept { return value_; }
  /// A part of this value (an element, a property's value), looked at in the same way.
  [[nodiscard]] ValueRef part(JSValueConst value) const noexcept {
    return {ctx_, value, problems_};
  }
  /// Where the problems of the parts are noted when the conversion is to look on after the first
  /// (Problems::all); null when it ends there. See detail::PartOf.
  [[nodiscard]] std::vector<Error>* problems() const noexcept { return problems_; }

 private:
  JSContext* ctx_;
  JSValueConst value_;
  std::vector<Error>* problems_;
};

/// How many of a value's problems a conversion reports.
enum class Problems {
  first,  ///< it ends at the first
  all,    ///< it looks at every part; Error::problems has them all
};

/// The conversions of T, one specialisation a family of types. A specialisation has either or both:
///
///     static Result<T> from_js(ValueRef value);          // or Result<Something convertible to T>
///     static JSValue into_js(JSContext* ctx, const T&);  // JS_EXCEPTION with a pending exception
///
/// Users write theirs with handles:
///
///     template <> struct quip::Convert<Vec2> {
///       static Result<Vec2> from_js(const Value& value);
///       static Result<Value> into_js(Ctx ctx, const Vec2& vec);
///     };
///
/// A type that is read from the value's own bits may also have
///
///     static bool quick(const JSValueConst& value, T& out) noexcept;
///
/// which succeeds for the usual representation, has no effects otherwise, and lets the common case
/// be a few instructions.
///
/// Conversions are strict: nothing is coerced, a number that does not fit is an error. They must
/// not throw for a value that does not convert; they return the Error.
template <class T>
struct Convert;

/// A class that scripts use as a class (see class/class_def.hpp); its members are said in a
/// function `void define(ClassDef<T>&)` in the namespace of T.
template <class T, class Script = T, class Holder = T>
class ClassDef;
/// The same for a class whose namespace is not yours: a specialisation with a static
/// `void define(ClassDef<T>&)`.
template <class T>
struct Class;

/// Whether T is a native class: its objects become JS objects, and are no structs or containers of
/// values to convert.
template <class T>
concept NativeClass =
    std::is_class_v<T> && (requires(ClassDef<T>& def) { define(def); } ||
                           requires(ClassDef<T>& def) { Class<T>::define(def); });

namespace detail {
/// The base of the conversions of whole families of types, where a type may be of the user's own:
/// of which form it is in JavaScript tells the type, unless it has another Convert.
struct FamilyConvert {};
}  // namespace detail

/// A short description of a JS value for messages: `"abc" (string)`, `70000 (number)`, `array`.
/// Runs no script.
std::string describe(ValueRef value);

namespace detail {

template <class T>
concept ConvertsFromRef = requires(ValueRef v) { Convert<T>::from_js(v); };
template <class T>
concept ConvertsQuickly = requires(const JSValueConst& v, T& out) {
  { Convert<T>::quick(v, out) } -> std::same_as<bool>;
};
/// As from_js, into a T() that is there: what is large need not be moved out of a Result.
template <class T>
concept ConvertsInPlace = requires(ValueRef v, T& out) {
  { Convert<T>::read_into(v, out) } -> std::same_as<Result<void>>;
};
template <class T>
concept ConvertsFromHandle = requires(const Value& v) { Convert<T>::from_js(v); };
template <class T, class U>
concept ConvertsIntoRaw = requires(JSContext* c, U&& u) {
  { Convert<T>::into_js(c, std::forward<U>(u)) } -> std::same_as<JSValue>;
};
template <class T, class U>
concept ConvertsIntoHandle =
    requires(const Ctx& c, U&& u) { Convert<T>::into_js(c, std::forward<U>(u)); };

/// The ways between the raw and the handle form of a conversion; a template because Value and Ctx
/// are complete only where a conversion is used (defined with Value).
template <class T>
struct HandleForm {
  static Value own(ValueRef value) noexcept;
  static Ctx ctx(JSContext* raw) noexcept;
  static JSValue give(JSContext* ctx, Result<Value>&& result) noexcept;
};

/// The value as a T: what Convert<T>::from_js returns. The thread must have entered the runtime.
template <class T>
auto from_js(ValueRef value) {
  static_assert(!NativeClass<T> || std::is_copy_constructible_v<T>,
                "an object of this class cannot be copied out of its JS object: take it by "
                "reference, or as a std::shared_ptr or std::unique_ptr");
  static_assert(ConvertsFromRef<T> || ConvertsFromHandle<T>,
                "quip cannot make this type from a JS value: specialise quip::Convert<T> with "
                "from_js (see quip/core/convert.hpp)");
  if constexpr (ConvertsFromRef<T>) {
    return Convert<T>::from_js(value);
  } else {
    return Convert<T>::from_js(HandleForm<T>::own(value));
  }
}

/// The C++ value as an owned JS value; JS_EXCEPTION with a pending exception when it has none.
template <class T>
JSValue into_js(JSContext* ctx, T&& value) {
  using Plain = std::remove_cvref_t<T>;
  static_assert(
      !std::is_pointer_v<Plain> || std::is_function_v<std::remove_pointer_t<Plain>> ||
          ConvertsIntoRaw<Plain, T> || ConvertsIntoHandle<Plain, T>,
      "a pointer goes into JavaScript only as an object of a native class: give the class "
      "a define(quip::ClassDef<T>&), or return the value");
  static_assert(
      ConvertsIntoRaw<Plain, T> || ConvertsIntoHandle<Plain, T>,
      "quip cannot make a JS value of this type: specialise quip::Convert<T> with "
      "into_js (see quip/core/convert.hpp); a callable needs one call operator that is no "
      "template");
  if constexpr (ConvertsIntoRaw<Plain, T>) {
    return Convert<Plain>::into_js(ctx, std::forward<T>(value));
  } else {
    using Form = HandleForm<Plain>;
    return Form::give(ctx, Convert<Plain>::into_js(Form::ctx(ctx), std::forward<T>(value)));
  }
}

/// One part of a value that is being converted: an element of an array, a member of a struct.
///
///     PartOf part(whole);
///     auto converted = from_js<T>(whole.part(raw));
///     if (!part.settle(converted, [&] { return key_text(index); })) {
///       return std::move(converted).error();
///     }
///     if (converted) { … }  // else its problem was noted, and the conversion looks on
class PartOf {
 public:
  explicit PartOf(ValueRef whole) noexcept
      : problems_(whole.problems()), before_(problems_ == nullptr ? 0 : problems_->size()) {}
  /// Adds the part's step to the path of all that went wrong in it. False when the whole's
  /// conversion ends with the part's error.
  template <class T, class Step>
  bool settle(Result<T>& converted, const Step& step) const {
    if (problems_ == nullptr) [[likely]] {
      if (converted) [[likely]] {
        return true;
      }
      converted.error().at(step());
      return false;
    }
    return settle_slowly(converted ? nullptr : &converted.error(), step());
  }
  /// Whether problems of it were noted.
  [[nodiscard]] bool has_problems() const noexcept {
    return problems_ != nullptr && problems_->size() > before_;
  }

 private:
  bool settle_slowly(Error* error, const std::string& step) const;
  std::vector<Error>* problems_;
  std::size_t before_;
};

/// The error of a whole that cannot be made because of parts whose problems are noted already;
/// nobody is to see it.
Error already_noted();
/// The one error for all that was noted; the first argument is not empty.
Error all_problems(std::vector<Error> problems);
void note(std::vector<Error>& problems, Error error);
/// The value as a T, looking on after the first problem.
template <class T>
Result<T> from_js_all(ValueRef value) {
  std::vector<Error> problems;
  auto converted = from_js<T>(ValueRef(value.context(), value.raw(), &problems));
  if (converted && problems.empty()) {
    return static_cast<T>(*std::move(converted));
  }
  if (!converted) {
    if (converted.error().kind() != ErrorKind::conversion) {
      return std::move(converted).error();
    }
    note(problems, std::move(converted).error());
  }
  return all_problems(std::move(problems));
}

/// Whether the C stack has no room for one level more of a value that is nested deeply, or that
/// contains itself. Every conversion that calls itself for its parts asks.
inline bool is_too_deep(const Realm* realm) noexcept {
  return engine::stack_pointer() < realm->core->stack_limit;
}
Error too_deep();
JSValue throw_too_deep(JSContext* ctx) noexcept;

/// Converts what the engine returned and gives the reference up; an exception becomes the error.
template <class T>
[[gnu::noinline]] Result<T> from_owned(Realm* realm, JSValue value) {
  if (engine::is_exception(value)) [[unlikely]] {
    return caught(realm);
  }
  if constexpr (std::is_void_v<T>) {
    engine::release(realm->context, value);
    return {};
  } else if constexpr (requires { T::accepts(ValueRef(realm->context, value)); }) {
    Handle handle(realm, value);  // a handle takes the reference over
    if (!T::accepts(ValueRef(realm->context, value))) [[unlikely]] {
      return Error::conversion(std::string(T::type_name),
                               describe(ValueRef(realm->context, value)));
    }
    return T(std::move(handle));
  } else {
    const Handle handle(realm, value);  // given up also when a conversion throws
    auto converted = from_js<T>(ValueRef(realm->context, value));
    if (!converted) [[unlikely]] {
      return std::move(converted).error();
    }
    return static_cast<T>(*std::move(converted));
  }
}

// An operation ends in one of two ways, and both are a few instructions where the value's own
// bits tell all: in a Result, or thrown. `Fail` adds to the error what the operation knows.
struct AsItIs {
  void operator()(Error&) const noexcept {}
};
template <class T, class Fail>
[[gnu::noinline]] Result<T> finish_slowly(Realm* realm, JSValue value, const Fail& fail) {
  Result<T> result = from_owned<T>(realm, value);
  if (!result) [[unlikely]] {
    fail(result.error());
  }
  return result;
}
template <class T, class Fail>
[[gnu::noinline]] T finish_slowly_or_throw(Realm* realm, JSValue value, const Fail& fail) {
  return finish_slowly<T>(realm, value, fail).value();
}
template <class T, class Fail = AsItIs>
[[gnu::always_inline]] inline Result<T> finish(Realm* realm, JSValue value, const Fail& fail = {}) {
  if constexpr (ConvertsQuickly<T>) {
    // what converts quickly has no reference to give up
    if (T out; Convert<T>::quick(value, out)) [[likely]] {
      return out;
    }
  }
  return finish_slowly<T>(realm, value, fail);
}
template <class T, class Fail = AsItIs>
[[gnu::always_inline]] inline T finish_or_throw(Realm* realm, JSValue value,
                                                const Fail& fail = {}) {
  if constexpr (ConvertsQuickly<T>) {
    if (T out; Convert<T>::quick(value, out)) [[likely]] {
      return out;
    }
  }
  return finish_slowly_or_throw<T>(realm, value, fail);
}

/// Whether the thread may use the realm as it is.
inline bool inside(const Realm* realm) noexcept { return entered == realm->core; }
/// Does again, after entering, what found itself outside; `T` is what it returns.
template <class T, class Again>
[[gnu::noinline]] T from_outside(const Realm* realm, const Again& again) {
  const Entry entry(realm);
  if (!entry) {
    if constexpr (is_result<T>) {
      return refusal(realm);
    } else {
      refusal(realm).raise();
    }
  }
  return again();
}

/// Room for a value until it is there: plain data as it is, other types when they are made.
template <class T>
class Late {
 public:
  Late() noexcept {}  // NOLINT(modernize-use-equals-default): the union has no default
  Late(const Late&) = delete;
  Late& operator=(const Late&) = delete;
  ~Late() {
    if (is_set_) {
      value_.~T();
    }
  }
  /// Once at most.
  template <class U>
  void set(U&& value) {
    ::new (static_cast<void*>(&value_)) T(std::forward<U>(value));
    is_set_ = true;
  }
  [[nodiscard]] bool is_set() const noexcept { return is_set_; }
  /// Only after `set`.
  [[nodiscard]] T& get() noexcept { return value_; }
  [[nodiscard]] const T& get() const noexcept { return value_; }

 private:
  union {
    T value_;
  };
  bool is_set_ = false;
};
template <class T>
  requires std::is_trivially_default_constructible_v<T> && std::is_trivially_destructible_v<T>
class Late<T> {
 public:
  void set(const T& value) noexcept { value_ = value; }
  [[nodiscard]] T& get() noexcept { return value_; }

 private:
  T value_;
};

/// A handle as an argument or a property: refused when it is empty or of another runtime. (The
/// thread has entered the runtime that it goes to, so that the comparison tells.)
JSValue refuse_foreign(JSContext* ctx, const Handle& handle) noexcept;
inline JSValue give_handle(JSContext* ctx, const Handle& handle) noexcept {
  if (handle.realm()->core != entered) [[unlikely]] {
    return refuse_foreign(ctx, handle);
  }
  return engine::duplicate(ctx, handle.get());
}
inline JSValue give_handle(JSContext* ctx, Handle&& handle) noexcept {
  if (handle.realm()->core != entered) [[unlikely]] {
    return refuse_foreign(ctx, handle);
  }
  if (in_use != nullptr) [[unlikely]] {
    // a conversion up the stack may be reading the very object of this handle
    JSValue copy = engine::duplicate(ctx, handle.get());
    handle = Handle();
    return copy;
  }
  return handle.take();
}

}  // namespace detail
}  // namespace quip

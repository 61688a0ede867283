// Any JavaScript value, owned.
#pragma once

#include <quip/core/context.hpp>
#include <quip/core/convert.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace quip {

/// The JavaScript types that C++ tells apart. Those from `object` on are objects.
enum class Type {
  uninitialized,  ///< the engine's mark for "no value"; no script ever sees it
  undefined,
  null,
  boolean,
  integer,  ///< a Number that is a whole number of 32 bits (and not -0)
  number,   ///< any other Number
  bigint,
  string,
  symbol,
  object,  ///< a plain one, an instance of a class, and what has no type of its own here
  array,
  function,  ///< whatever can be called, a Proxy of a function included
  error,
  promise,
  date,
  regexp,
  map,
  set,
  weak_ref,
  array_buffer,  ///< shared ones too
  typed_array,
  data_view,
  proxy,  ///< one that cannot be called
};

/// The name of a type as messages use it: "undefined", "number", "array", "weak ref", …
std::string_view to_string(Type type) noexcept;
/// The type of that name; nothing for a text that names none. "number" is Type::number, and
/// "integer" is understood too.
std::optional<Type> type_from_string(std::string_view name) noexcept;
/// True for the types that stand for no value: undefined, null, uninitialized.
constexpr bool is_void(Type type) noexcept {
  return type == Type::undefined || type == Type::null || type == Type::uninitialized;
}
/// True for the types whose values are objects.
constexpr bool is_object(Type type) noexcept { return type >= Type::object; }
/// True when each value of type `from` may be used where one of type `as` is asked for, without a
/// conversion: an integer is a number, and an array, a function or an error is an object.
constexpr bool interpretable_as(Type from, Type as) noexcept {
  return from == as || (from == Type::integer && as == Type::number) ||
         (is_object(from) && as == Type::object);
}

/// A counted reference to any JavaScript value. Copying makes a second reference, moving costs
/// nothing, destroying gives the reference up.
///
/// A handle may be kept anywhere, for any time, and may outlive its Context and its Runtime:
/// after the Runtime is destroyed every use of it is the error RuntimeGone. It may be destroyed
/// on any thread; other uses lock the runtime, unless the thread is inside `Context::with`.
///
/// Object, Array, Function, String, Symbol, Map and the other handles derive from Value and add no
/// data, so that a container of Value may hold any of them.
class Value {
 public:
  /// An empty handle: type() is undefined and every other use the error RuntimeGone.
  Value() noexcept = default;
  /// A JS value made of a C++ one; throws Error if it has none (see Convert).
  template <class T>
    requires(!std::is_base_of_v<Value, std::remove_cvref_t<T>>)
  Value(const Ctx& ctx, T&& value) : handle_(make(ctx, std::forward<T>(value))) {}
  /// As the constructor, with the error as a value.
  template <class T>
  static Result<Value> try_make(const Ctx& ctx, T&& value);

  /// What it is. Runs no script, and what scripts do to prototypes does not change it. A Proxy is
  /// a proxy (or a function when it can be called), whatever it stands for.
  [[nodiscard]] Type type() const noexcept;
  [[nodiscard]] bool is_undefined() const noexcept { return engine::is_undefined(handle_.get()); }
  [[nodiscard]] bool is_null() const noexcept { return engine::is_null(handle_.get()); }
  /// True for undefined and null.
  [[nodiscard]] bool is_nullish() const noexcept { return is_undefined() || is_null(); }
  [[nodiscard]] bool is_bool() const noexcept { return type() == Type::boolean; }
  [[nodiscard]] bool is_number() const noexcept {
    return engine::is_int32(handle_.get()) || engine::is_float64(handle_.get());
  }
  [[nodiscard]] bool is_bigint() const noexcept { return engine::is_bigint(handle_.get()); }
  [[nodiscard]] bool is_string() const noexcept { return engine::is_string(handle_.get()); }
  [[nodiscard]] bool is_symbol() const noexcept { return type() == Type::symbol; }
  /// True for every object: arrays, functions, errors and promises included.
  [[nodiscard]] bool is_object() const noexcept { return engine::is_object(handle_.get()); }
  [[nodiscard]] bool is_array() const noexcept { return type() == Type::array; }
  [[nodiscard]] bool is_function() const noexcept { return type() == Type::function; }
  /// True for objects that Error or a class derived from it made.
  [[nodiscard]] bool is_error() const noexcept { return type() == Type::error; }
  [[nodiscard]] bool is_promise() const noexcept { return type() == Type::promise; }

  /// True when it converts to a T (a handle such as Object, or any convertible C++ type).
  template <class T>
  [[nodiscard]] bool is() const {
    return try_as<T>().has_value();
  }
  /// The value as a T, by the strict conversions of Convert; throws Error. A T that refers to
  /// memory (string_view) is refused at compile time: ask for the std::string.
  template <class T>
  [[nodiscard]] T as(Problems problems = Problems::first) const;
  /// As `as`, with the error as a value.
  template <class T>
  [[nodiscard]] Result<T> try_as(Problems problems = Problems::first) const;

  /// JavaScript's String(value): runs the script's toString or valueOf; throws what they throw.
  [[nodiscard]] std::string to_display_string() const { return try_to_display_string().value(); }
  [[nodiscard]] Result<std::string> try_to_display_string() const;
  /// JavaScript's `value instanceof constructor`; runs a script's Symbol.hasInstance.
  [[nodiscard]] bool is_instance_of(const Value& constructor) const {
    return try_is_instance_of(constructor).value();
  }
  [[nodiscard]] Result<bool> try_is_instance_of(const Value& constructor) const;

  /// JavaScript's `===`. Values of different runtimes are never equal.
  friend bool operator==(const Value& a, const Value& b) noexcept { return a.equals(b); }
  /// `Object.is`: as `===`, but NaN is NaN, and 0 is not -0 (ECMA-262 7.2.10).
  [[nodiscard]] bool same_value(const Value& other) const noexcept;
  /// The equality of the keys of a Map: as `===`, but NaN is NaN (ECMA-262 7.2.11).
  [[nodiscard]] bool same_value_zero(const Value& other) const noexcept;
  /// JavaScript's `==`, which converts: 1 equals "1" and true. Runs the script's valueOf, toString
  /// or Symbol.toPrimitive when an object meets a primitive, and throws what they throw (ECMA-262
  /// 7.2.13). A value of another runtime and an empty handle are errors.
  [[nodiscard]] bool loosely_equals(const Value& other) const {
    return try_loosely_equals(other).value();
  }
  [[nodiscard]] Result<bool> try_loosely_equals(const Value& other) const;

  /// The engine's value, borrowed from this handle.
  [[nodiscard]] JSValueConst raw() const noexcept { return handle_.get(); }
  /// A handle that takes over the reference of an engine's value, as its calls return them:
  /// `Value::adopt(ctx, JS_Eval(…))`. JS_EXCEPTION is the pending exception: it is taken and
  /// thrown. The value must be of the context's runtime, which nobody can check. Throws RuntimeGone
  /// too; the reference is then lost.
  [[nodiscard]] static Value adopt(const Ctx& ctx, JSValue value) {
    return try_adopt(ctx, value).value();
  }
  /// As `adopt`, with the error as a value.
  [[nodiscard]] static Result<Value> try_adopt(const Ctx& ctx, JSValue value);
  /// A handle with a reference of its own to an engine's value that somebody else owns: an argument
  /// of a JSCFunction. As `adopt` otherwise.
  [[nodiscard]] static Value borrow(const Ctx& ctx, JSValueConst value) {
    return try_borrow(ctx, value).value();
  }
  /// As `borrow`, with the error as a value.
  [[nodiscard]] static Result<Value> try_borrow(const Ctx& ctx, JSValueConst value);
  /// Gives the handle's reference to the caller, who then owns the engine's value (as a JSCFunction
  /// returns it), and leaves the handle empty. Throws RuntimeGone.
  [[nodiscard]] JSValue take_raw() { return try_take_raw().value(); }
  /// As `take_raw`, with the error as a value.
  [[nodiscard]] Result<JSValue> try_take_raw();
  /// The context that the handle is used in; empty for an empty handle or after the runtime.
  [[nodiscard]] Ctx ctx() const;

  /// @internal What the conversions ask of every handle type.
  static constexpr std::string_view type_name = "any value";
  static bool accepts(ValueRef) noexcept { return true; }
  /// @internal The owning part, and a Value of one.
  explicit Value(detail::Handle handle) noexcept : handle_(std::move(handle)) {}
  [[nodiscard]] const detail::Handle& handle() const noexcept { return handle_; }
  [[nodiscard]] detail::Handle& handle() noexcept { return handle_; }

 private:
  template <class T>
  static detail::Handle make(const Ctx& ctx, T&& value);
  [[nodiscard]] bool equals(const Value& other) const noexcept;
  using Comparison = bool (*)(JSContext*, JSValueConst, JSValueConst) noexcept;
  [[nodiscard]] bool compare(const Value& other, Comparison comparison) const noexcept;
  detail::Handle handle_;
};

template <class T>
Result<Value> Value::try_make(const Ctx& ctx, T&& value) {
  detail::Realm* realm = ctx.realm();
  detail::Entry entry(realm);
  if (!entry) [[unlikely]]
    return detail::refusal(realm);
  return detail::from_owned<Value>(realm, detail::into_js(realm->context, std::forward<T>(value)));
}

// The forms that throw are no wrappers of those above: a Result to fill, look at and empty costs as
// much as a small conversion.
template <class T>
detail::Handle Value::make(const Ctx& ctx, T&& value) {
  detail::Realm* realm = ctx.realm();
  if (!detail::inside(realm)) [[unlikely]] {
    return detail::from_outside<detail::Handle>(realm,
                                                [&] { return make(ctx, std::forward<T>(value)); });
  }
  JSValue made = detail::into_js(realm->context, std::forward<T>(value));
  if (engine::is_exception(made)) [[unlikely]] {
    detail::caught(realm).raise();
  }
  return {realm, made};
}

template <class T>
T Value::as(Problems problems) const {
  if constexpr (detail::ConvertsFromRef<T>) {
    detail::Realm* realm = handle_.realm();
    if (detail::inside(realm) && problems == Problems::first) [[likely]] {
      const ValueRef value(realm->context, handle_.get());
      if constexpr (detail::ConvertsQuickly<T>) {
        if (T out; Convert<T>::quick(value.raw(), out)) [[likely]] {
          return out;
        }
      }
      const detail::KeptAlive kept(value.raw());
      if constexpr (detail::ConvertsInPlace<T>) {
        T out = T();
        Convert<T>::read_into(value, out).value();
        return out;
      } else {
        return Convert<T>::from_js(value).value();
      }
    }
  }
  return try_as<T>(problems).value();
}

template <class T>
Result<T> Value::try_as(Problems problems) const {
  static_assert(!std::is_same_v<T, std::string_view> && !std::is_same_v<T, const char*>,
                "the text would die before it is read: ask for a std::string");
  detail::Realm* realm = handle_.realm();
  detail::Entry entry(realm);
  if (!entry) [[unlikely]]
    return detail::refusal(realm);
  const ValueRef value(realm->context, handle_.get());
  const detail::KeptAlive kept(value.raw());
  if (problems == Problems::all) {
    return detail::from_js_all<T>(value);
  }
  return detail::from_js<T>(value);
}

namespace detail {

template <class T>
Value HandleForm<T>::own(ValueRef value) noexcept {
  return Value(Handle(realm_of(value.context()), engine::duplicate(value.context(), value.raw())));
}
template <class T>
Ctx HandleForm<T>::ctx(JSContext* raw) noexcept {
  return Ctx(realm_of(raw));
}
template <class T>
JSValue HandleForm<T>::give(JSContext* ctx, Result<Value>&& result) noexcept {
  if (!result) [[unlikely]]
    return throw_error(ctx, result.error());
  return give_handle(ctx, std::move(result->handle()));
}

/// Convert of a handle type H, which says what it accepts by `H::accepts` and `H::type_name`.
template <class H>
struct ConvertHandle {
  static Result<H> from_js(ValueRef value) {
    if (!H::accepts(value)) [[unlikely]] {
      return Error::conversion(std::string(H::type_name), describe(value));
    }
    return H(Handle(realm_of(value.context()), engine::duplicate(value.context(), value.raw())));
  }
  static JSValue into_js(JSContext* ctx, const H& value) noexcept {
    return give_handle(ctx, value.handle());
  }
  static JSValue into_js(JSContext* ctx, H&& value) noexcept {
    return give_handle(ctx, std::move(value.handle()));
  }
};
}  // namespace detail

template <>
struct Convert<Value> : detail::ConvertHandle<Value> {};

}  // namespace quip

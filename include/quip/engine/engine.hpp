// The engine, as the rest of quip uses it: one set of functions for quickjs-ng and Bellard's
// QuickJS.
#pragma once

#include <quip/engine/compat.hpp>

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace quip::engine {

/// quickjs-ng counts class ids per runtime; Bellard's engine counts them per process, so that an
/// id must be asked for once and shared by all runtimes.
inline constexpr bool class_ids_per_runtime =
    std::is_invocable_v<decltype(&::JS_NewClassID), JSRuntime*, JSClassID*>;

/// A fresh class id: of this runtime, or of the process (see class_ids_per_runtime).
inline JSClassID new_class_id(JSRuntime* rt) noexcept {
  JSClassID id = 0;
  return detail::new_class_id(rt, &id);
}

/// A Number; one that is an int32 gets the engine's small integer representation on both engines.
inline JSValue number(JSContext* ctx, double value) noexcept {
  if (value >= -2147483648.0 && value <= 2147483647.0) {
    auto whole = static_cast<std::int32_t>(value);
    if (static_cast<double>(whole) == value && (whole != 0 || !std::signbit(value))) {
      return int32(whole);
    }
  }
  return ::JS_NewFloat64(ctx, value);
}
/// A Number of a result that is a double by type: no test for a small integer, which costs more
/// than it saves where the value is not used as an index.
inline JSValue float64(JSContext* ctx, double value) noexcept {
  return ::JS_NewFloat64(ctx, value);
}

/// The tag with every floating point number as JS_TAG_FLOAT64 (also with NaN boxing).
inline int tag(JSValueConst value) noexcept { return JS_VALUE_GET_NORM_TAG(value); }
inline bool is_int32(JSValueConst value) noexcept { return JS_VALUE_GET_TAG(value) == JS_TAG_INT; }
inline bool is_float64(JSValueConst value) noexcept {
  return JS_TAG_IS_FLOAT64(JS_VALUE_GET_TAG(value));
}
inline bool is_exception(JSValueConst value) noexcept {
  return JS_VALUE_GET_TAG(value) == JS_TAG_EXCEPTION;
}
inline bool is_object(JSValueConst value) noexcept {
  return JS_VALUE_GET_TAG(value) == JS_TAG_OBJECT;
}
inline bool is_undefined(JSValueConst value) noexcept {
  return JS_VALUE_GET_TAG(value) == JS_TAG_UNDEFINED;
}
inline bool is_null(JSValueConst value) noexcept { return JS_VALUE_GET_TAG(value) == JS_TAG_NULL; }
/// True for flat strings and for ropes (concatenations that the engine has not flattened yet).
inline bool is_string(JSValueConst value) noexcept { return JS_IsString(value); }
inline std::int32_t get_int32(JSValueConst value) noexcept { return JS_VALUE_GET_INT(value); }
inline bool get_bool(JSValueConst value) noexcept { return JS_VALUE_GET_BOOL(value) != 0; }
inline double get_float64(JSValueConst value) noexcept { return JS_VALUE_GET_FLOAT64(value); }
inline void* get_pointer(JSValueConst value) noexcept { return JS_VALUE_GET_PTR(value); }

/// True when the value has a reference count. Tested inline: on quickjs-ng a call of
/// JS_FreeValue costs as much as a property look-up saves.
inline bool is_counted(JSValueConst value) noexcept { return JS_VALUE_HAS_REF_COUNT(value); }

/// A second reference to a value.
inline JSValue duplicate(JSContext* ctx, JSValueConst value) noexcept {
  return is_counted(value) ? ::JS_DupValue(ctx, value) : (JSValue)value;
}
inline JSValue duplicate(JSRuntime* rt, JSValueConst value) noexcept {
  return ::JS_DupValueRT(rt, value);
}
/// Gives one reference up. Legal without a context, also from a finalizer.
inline void release(JSRuntime* rt, JSValue value) noexcept {
  if (is_counted(value)) ::JS_FreeValueRT(rt, value);
}
[[gnu::always_inline]] inline void release(JSContext* ctx, JSValue value) noexcept {
  if (is_counted(value)) ::JS_FreeValue(ctx, value);
}
/// The same value, its reference now owned by the caller who knows that one is his to own.
inline JSValue take_ownership(JSValueConst value) noexcept { return (JSValue)value; }

// ---- the engine's calls of the hottest paths ---------------------------------------------------
// C functions do not throw; said here, so that callers need no clean-up code around them.
[[gnu::always_inline]] inline JSValue call(JSContext* ctx, JSValueConst function,
                                           JSValueConst this_value, int argc,
                                           JSValueConst* argv) noexcept {
  return ::JS_Call(ctx, function, this_value, argc, argv);
}
inline JSValue get_property(JSContext* ctx, JSValueConst object, JSAtom key) noexcept {
  return ::JS_GetProperty(ctx, object, key);
}
/// Consumes the value; negative with a pending exception.
inline int set_property(JSContext* ctx, JSValueConst object, JSAtom key, JSValue value) noexcept {
  return ::JS_SetProperty(ctx, object, key, value);
}

/// About where the stack is: what lies below is free. (Cheaper than a frame address, which makes
/// the compiler keep a frame pointer.)
[[gnu::always_inline]] inline std::uintptr_t stack_pointer() noexcept {
#if defined(__x86_64__)
  std::uintptr_t pointer = 0;
  __asm__("movq %%rsp, %0" : "=r"(pointer));
  return pointer;
#else
  return reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
#endif
}

// ---- what an object is -------------------------------------------------------------------------
/// The classes of objects that the engines know by themselves. The order of the typed arrays is
/// that of their bits in nobody's code: ask by name.
enum class Kind : unsigned char {
  other,  ///< functions, instances of native classes, generators, …
  plain,  ///< `{}`, and instances of a script's classes
  array,
  error,
  date,
  regexp,
  map,
  set,
  weak_map,
  weak_set,
  weak_ref,
  array_buffer,
  shared_array_buffer,
  data_view,
  proxy,
  promise,
  boxed_number,
  boxed_string,
  boxed_boolean,
  boxed_bigint,
  boxed_symbol,
  uint8_clamped_array,
  int8_array,
  uint8_array,
  int16_array,
  uint16_array,
  int32_array,
  uint32_array,
  bigint64_array,
  biguint64_array,
  float16_array,  ///< not in every engine
  float32_array,
  float64_array,
};

/// The kinds by the engine's class ids, once `learn_kinds` was called.
[[gnu::visibility("default")]] inline constinit std::array<Kind, 128> kinds{};
/// Fills `kinds`, at its first call; false when memory is short. To be called before a context is
/// used.
bool learn_kinds() noexcept;

/// The kind of an object; Kind::other for what is no object. Runs no script, and what scripts do
/// to prototypes and tags does not change it.
inline Kind kind_of(JSValueConst value) noexcept {
  if (!is_object(value)) {
    return Kind::other;
  }
  const JSClassID id = ::JS_GetClassID(take_ownership(value));
  return id < kinds.size() ? kinds[id] : Kind::other;
}

inline bool is_typed_array(Kind kind) noexcept { return kind >= Kind::uint8_clamped_array; }

struct TypedArrayClass {
  std::string_view name;
  std::size_t width;  ///< of an element, in bytes
};
/// The class of a typed array; nothing for other kinds.
constexpr TypedArrayClass typed_array_class(Kind kind) noexcept {
  constexpr TypedArrayClass classes[] = {
      {"Uint8ClampedArray", 1}, {"Int8Array", 1},    {"Uint8Array", 1},   {"Int16Array", 2},
      {"Uint16Array", 2},       {"Int32Array", 4},   {"Uint32Array", 4},  {"BigInt64Array", 8},
      {"BigUint64Array", 8},    {"Float16Array", 2}, {"Float32Array", 4}, {"Float64Array", 8},
  };
  if (kind < Kind::uint8_clamped_array) return {};
  return classes[static_cast<std::size_t>(kind) -
                 static_cast<std::size_t>(Kind::uint8_clamped_array)];
}

// ---- buffers -----------------------------------------------------------------------------------
/// Whether there are Float16Arrays, which came into the midst of JSTypedArrayEnum. Engines that
/// have them also have buffers that scripts can resize.
inline constexpr bool has_float16_array = JS_TYPED_ARRAY_FLOAT32 - JS_TYPED_ARRAY_BIG_UINT64 > 1;

/// An ArrayBuffer of the host's memory; owned, or an exception. `Resize(rt, opaque, data, size)` is
/// called with size 0 when the engine lets go of the data, and perhaps once more with null data;
/// with another size where it wants as many bytes instead, which it returns, or null.
template <auto Resize>
JSValue new_array_buffer(JSContext* ctx, void* data, std::size_t size, void* opaque) noexcept {
  return detail::new_array_buffer<Resize>(&::JS_NewArrayBuffer, ctx, data, size, opaque);
}
/// A SharedArrayBuffer over memory of the runtime's hooks (JS_SetSharedArrayBufferFunctions), of
/// which it takes a reference of its own; owned, or an exception.
JSValue new_shared_array_buffer(JSContext* ctx, void* data, std::size_t size) noexcept;
/// False where no buffer can be immutable.
inline bool is_immutable_buffer(JSValueConst buffer) noexcept {
  return fallback::is_immutable_buffer(buffer);
}
/// False where no buffer can be.
inline bool make_buffer_immutable(JSValueConst buffer) noexcept {
  return fallback::make_buffer_immutable(buffer);
}
/// A typed array of a kind; owned, or an exception. The arguments are the constructor's; the engine
/// reads all three.
JSValue new_typed_array(JSContext* ctx, Kind kind, JSValueConst first, JSValueConst second,
                        JSValueConst third) noexcept;

/// What becomes of a look behind a proxy.
enum class ProxyState : unsigned char {
  live,
  revoked,
  unknown,  ///< no proxy, or an engine that keeps what it stands for where nobody can see it
};
struct ProxyParts {
  ProxyState state = ProxyState::unknown;
  JSValue target = undefined();   ///< owned; undefined unless `live`
  JSValue handler = undefined();  ///< the same
};
/// A proxy's target and handler, without a trap of it. quickjs-ng has calls for it; where Bellard's
/// engine keeps them is learned from proxies of known parts.
ProxyParts read_proxy(JSContext* ctx, JSValueConst proxy) noexcept;

// ---- questions that the engines answer differently -------------------------------------------
/// True for arrays alone. Bellard's JS_IsArray looks through proxies and throws for a revoked
/// one; quickjs-ng's does not: a Proxy is no array here on either.
inline bool is_array(JSContext*, JSValueConst value) noexcept {
  return kind_of(value) == Kind::array;
}
/// True for objects made by Error and the classes derived from it, and for an engine's own
/// DOMExceptions (JS_IsError leaves those out); runs no script.
inline bool is_error(JSContext*, JSValueConst value) noexcept {
  return kind_of(value) == Kind::error;
}
inline bool is_bigint(JSValueConst value) noexcept {
  return JS_VALUE_GET_TAG(value) == JS_TAG_BIG_INT ||
         JS_VALUE_GET_TAG(value) == JS_TAG_SHORT_BIG_INT;
}
inline bool is_function(JSContext* ctx, JSValueConst value) noexcept {
  return ::JS_IsFunction(ctx, value) != 0;
}
/// True for objects made by Promise (not for other thenables).
inline bool is_promise(JSContext* ctx, JSValueConst value) noexcept {
  return is_object(value) && static_cast<int>(::JS_PromiseState(ctx, take_ownership(value))) >= 0;
}
/// Whether `promise_then` exists.
inline constexpr bool has_promise_then = fallback::has_promise_then<JSContext>;
/// The intrinsic Promise.prototype.then, without a look at what scripts may have changed; owned, or
/// an exception.
inline JSValue promise_then(JSContext* ctx, JSValueConst promise, JSValueConst on_fulfilled,
                            JSValueConst on_rejected) noexcept {
  return fallback::promise_then(ctx, promise, on_fulfilled, on_rejected);
}
/// Whether `set_promise_hook` does anything.
inline constexpr bool has_promise_hooks = fallback::has_promise_hooks<JSRuntime>;
/// Has the engine call `Hook(ctx, type, promise, parent, opaque)` for each promise: `type` is 0
/// when it was made, 1 and 2 before and after a thenable is asked for its value, 3 when it is
/// fulfilled. Null for none.
template <auto Hook>
void set_promise_hook(JSRuntime* rt, void* opaque) noexcept {
  fallback::set_promise_hook<Hook>(rt, opaque);
}
/// JavaScript's `===`; runs no script.
inline bool strictly_equal(JSContext* ctx, JSValueConst a, JSValueConst b) noexcept {
  return fallback::strictly_equal(ctx, a, b);
}
/// JavaScript's SameValue and SameValueZero; they run no script.
inline bool same_value(JSContext* ctx, JSValueConst a, JSValueConst b) noexcept {
  return fallback::same_value(ctx, a, b);
}
inline bool same_value_zero(JSContext* ctx, JSValueConst a, JSValueConst b) noexcept {
  return fallback::same_value_zero(ctx, a, b);
}

/// An object of a class, with the class's prototype in the context; owned, or an exception.
inline JSValue new_object(JSContext* ctx, JSClassID id) noexcept {
  return detail::new_object(&::JS_NewObjectClass, ctx, id);
}

// ---- modules -----------------------------------------------------------------------------------
/// Whether imports have attributes, and modules are told apart by them. (Releases of Bellard's
/// engine after 2025-04-26 parse them but resolve names without.)
inline constexpr bool has_import_attributes = fallback::has_import_attributes<JSRuntime>;

/// Has the engine ask for modules:
///
///     char* Resolve(ctx, base, specifier, attributes, opaque);  // js_malloc'ed, or null
///     JSModuleDef* Load(ctx, name, opaque);                     // of a name that it does not know
///     int Check(ctx, attributes, opaque);                       // negative: there may be no such
///
/// Null and negative with a pending exception; attributes are an object or undefined, always
/// undefined for Resolve where there are none (see has_import_attributes).
template <auto Resolve, auto Load, auto Check>
void set_module_hooks(JSRuntime* rt, void* opaque) noexcept {
  fallback::set_module_hooks<Resolve, Load, Check>(rt, opaque);
}

/// What is left out of the bytecode of modules: said to the runtime before it compiles them, and as
/// flags when they are written (one engine asks for the one, one for the other).
void strip_while_compiling(JSRuntime* rt, bool source, bool debug) noexcept;
/// The same for JS_WriteObject.
int write_flags(bool strip_source, bool strip_debug) noexcept;

// ---- small services ---------------------------------------------------------------------------
inline void free_property_enum(JSContext* ctx, JSPropertyEnum* table,
                               std::uint32_t count) noexcept {
  fallback::free_property_enum(ctx, table, count);
}
/// Function.prototype of the context's realm; owned.
inline JSValue function_prototype(JSContext* ctx) noexcept {
  return fallback::function_prototype(ctx);
}
/// Whether `new_array_from` exists.
inline constexpr bool has_new_array_from = fallback::has_new_array_from<JSContext>;
/// An array of the values, which it takes over in any case; owned, or an exception.
inline JSValue new_array_from(JSContext* ctx, int count, const JSValue* values) noexcept {
  return fallback::new_array_from(ctx, count, values);
}
/// The stack of the last throw, of whatever value, as text; owned, and forgotten by the engine.
/// Undefined where there is none: Bellard's engine knows the stacks of Error objects alone.
inline JSValue take_backtrace(JSContext* ctx) noexcept { return fallback::take_backtrace(ctx); }
/// Makes an error that no script can catch the pending exception; takes it over. Returns
/// JS_EXCEPTION. No effect on what is no Error object.
inline JSValue throw_uncatchable(JSContext* ctx, JSValue error) noexcept {
  ::JS_Throw(ctx, error);
  fallback::set_uncatchable(ctx, error, true);
  return exception();
}
/// Makes such an error, which is not pending any more, one as any other.
inline void make_catchable(JSContext* ctx, JSValueConst error) noexcept {
  fallback::set_uncatchable(ctx, error, false);
}
/// False when it is known that scripts can catch the error.
inline bool may_be_uncatchable(JSValueConst error) noexcept {
  return fallback::may_be_uncatchable(error);
}
/// False when it is known that no script is running. No exception may be pending.
bool may_run_script(JSContext* ctx) noexcept;
/// Sets the limit of the engine's heap in bytes; 0 means none. ("None" is 0 in one engine and
/// the largest size in the other, where 0 lets every allocation fail.)
inline void set_memory_limit(JSRuntime* rt, std::size_t bytes) noexcept {
  if constexpr (family == Family::quickjs) {
    ::JS_SetMemoryLimit(rt, bytes == 0 ? static_cast<std::size_t>(-1) : bytes);
  } else {
    ::JS_SetMemoryLimit(rt, bytes);
  }
}
/// An own data property that no setter on a prototype can intercept. Consumes the value, which may
/// be an exception (engines would make that the property's value). Returns false with a pending
/// exception.
inline bool define(JSContext* ctx, JSValueConst object, JSAtom key, JSValue value,
                   int flags = JS_PROP_C_W_E) noexcept {
  return !is_exception(value) && ::JS_DefinePropertyValue(ctx, object, key, value, flags) >= 0;
}
/// A symbol that scripts did not make; owned, or an exception.
JSValue new_symbol(JSContext* ctx, const char* description) noexcept;
/// The atom of UTF-8 text (any bytes); owned, or 0 with a pending exception. quickjs-ng's
/// JS_NewAtomLen takes the bytes of text beyond ASCII for Latin-1 when such an atom exists.
JSAtom new_atom(JSContext* ctx, const char* text, std::size_t size) noexcept;
/// A string of UTF-16 code units, lone surrogates included; owned, or an exception. Undefined where
/// the engine has no call for it.
JSValue new_string_utf16(JSContext* ctx, const char16_t* text, std::size_t size) noexcept;
/// Copies a string's UTF-16 code units: `copy(units, size)` is called once. 1 when it was; 0 when
/// the engine has no call for it; negative with a pending exception.
int read_utf16(JSContext* ctx, JSValueConst string, void* to,
               void (*copy)(void* to, const void* units, std::size_t size)) noexcept;

/// The symbols that the language itself uses (ECMA-262 6.1.5.1), as Symbol's properties.
enum class WellKnown : unsigned char {
  async_iterator,
  has_instance,
  is_concat_spreadable,
  iterator,
  match,
  match_all,
  replace,
  search,
  species,
  split,
  to_primitive,
  to_string_tag,
  unscopables,
  dispose,  ///< of the proposal for explicit resource management, as the next
  async_dispose,
};
/// Its name behind "Symbol.", e.g. "asyncIterator"; NUL-terminated.
const char* name_of(WellKnown symbol) noexcept;
/// Its atom, which all runtimes of the engine have in common; borrowed for ever. 0 where the
/// engine lacks the symbol.
JSAtom atom_of(WellKnown symbol) noexcept;
/// A module whose exports C++ sets when it is evaluated, which `evaluate` does; the context keeps
/// it. Null with a pending exception.
JSModuleDef* new_native_module(JSContext* ctx, const std::string& name,
                               JSModuleInitFunc* evaluate) noexcept;
/// Tells a native module's exports before it is linked, and sets them while it is evaluated; the
/// latter consumes the value. False with a pending exception.
bool add_export(JSContext* ctx, JSModuleDef* module, const std::string& name) noexcept;
bool set_export(JSContext* ctx, JSModuleDef* module, const std::string& name,
                JSValue value) noexcept;
/// Whether the engine prints of its inner work what it is told to; makes a runtime to find out.
bool has_dumps() noexcept;
/// Has it print those of the DumpFlags; nothing where it cannot be told.
void set_dump_flags(JSRuntime* rt, std::uint32_t flags) noexcept;
/// How many objects of each of its own classes the engine has. `take(name, count)` is called for
/// each class of which there are any; with an empty name for all other classes together. False when
/// memory is short.
bool count_objects(JSRuntime* rt, void* to,
                   void (*take)(void* to, std::string_view name, std::int64_t count)) noexcept;
/// A context with the base objects and eval alone; null when memory is short.
JSContext* new_base_context(JSRuntime* rt) noexcept;

}  // namespace quip::engine

// The standard library's own functions, for handles that have no C function in the engine: a Map's
// `get`, `Symbol.for`, `%IteratorPrototype%`.
#pragma once

#include <quip/core/lifetime.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace quip::detail {

/// What of the standard library quip uses by itself (ECMA-262's intrinsics), in the order of
/// `intrinsic_paths`.
enum class Intrinsic : std::uint8_t {
  iterator_prototype,
  element_collector,
  function_apply,
  function_bind,
  loosely_equal,
  object,
  number_value_of,
  string_value_of,
  boolean_value_of,
  eval_error_prototype,
  uri_error_prototype,
  array_to_spliced,
  object_freeze,
  object_is_frozen,
  object_seal,
  object_is_sealed,
  symbol,
  symbol_for,
  symbol_key_for,
  symbol_async_iterator,
  symbol_has_instance,
  symbol_is_concat_spreadable,
  symbol_iterator,
  symbol_match,
  symbol_match_all,
  symbol_replace,
  symbol_search,
  symbol_species,
  symbol_split,
  symbol_to_primitive,
  symbol_to_string_tag,
  symbol_unscopables,
  symbol_description,
  bigint,
  bigint_to_string,
  bigint_value_of,
  bigint_magnitude,
  bigint_shift,
  bigint_low,
  date,
  date_get_time,
  regexp,
  regexp_exec,
  regexp_source,
  regexp_has_indices,
  regexp_global,
  regexp_ignore_case,
  regexp_multiline,
  regexp_dot_all,
  regexp_unicode,
  regexp_unicode_sets,
  regexp_sticky,
  map,
  map_get,
  map_set,
  map_has,
  map_delete,
  map_clear,
  map_size,
  map_entries,
  map_iterator_next,
  set,
  set_add,
  set_has,
  set_delete,
  set_clear,
  set_size,
  set_values,
  set_iterator_next,
  weak_ref,
  weak_ref_deref,
  proxy,
  proxy_revocable,
  array_buffer,
  shared_array_buffer,
  array_buffer_resize,
  array_buffer_transfer,
  array_buffer_resizable,
  array_buffer_max_byte_length,
  data_view,
  data_view_buffer,
  data_view_byte_length,
  data_view_byte_offset,
  typed_array_length,
  reflect_set,
  reflect_get,
  promise,
  promise_then,
  promise_resolve,
  promise_all,
  promise_all_settled,
  promise_any,
  promise_race,
  error,
  error_prototype,
  error_stack,
  dom_exception,
  dom_exception_prototype,
  dom_exception_name,
  dom_exception_message,
  object_to_string,
  function_to_string,
  symbol_value_of,
  date_to_iso_string,
  async_function,
  generator_function,
  async_generator_function,
  parse_int,
  parse_float,
  async_iterator_prototype,
  count_,
};

/// Where each is found from the global object; `get ` stands before an accessor whose getter is
/// meant, and `next ` before a method that makes an iterator whose `next` is. What begins with `=`
/// is a function of operators alone, which no script can change. No global leads to those without a
/// path: %IteratorPrototype%, the native function that takes an array's elements (see
/// convert/sequence.hpp), %AsyncIteratorPrototype%.
inline constexpr std::array<std::string_view, static_cast<std::size_t>(Intrinsic::count_)>
    intrinsic_paths = {
        "",
        "",
        "Function.prototype.apply",
        "Function.prototype.bind",
        "=(a, b) => a == b",
        "Object",
        "Number.prototype.valueOf",
        "String.prototype.valueOf",
        "Boolean.prototype.valueOf",
        "EvalError.prototype",
        "URIError.prototype",
        "Array.prototype.toSpliced",
        "Object.freeze",
        "Object.isFrozen",
        "Object.seal",
        "Object.isSealed",
        "Symbol",
        "Symbol.for",
        "Symbol.keyFor",
        "Symbol.asyncIterator",
        "Symbol.hasInstance",
        "Symbol.isConcatSpreadable",
        "Symbol.iterator",
        "Symbol.match",
        "Symbol.matchAll",
        "Symbol.replace",
        "Symbol.search",
        "Symbol.species",
        "Symbol.split",
        "Symbol.toPrimitive",
        "Symbol.toStringTag",
        "Symbol.unscopables",
        "get Symbol.prototype.description",
        "BigInt",
        "BigInt.prototype.toString",
        "BigInt.prototype.valueOf",
        "=x => x < 0n ? -x : x",
        "=(x, n) => x >> n",
        "=(x, n) => x & ((1n << n) - 1n)",
        "Date",
        "Date.prototype.getTime",
        "RegExp",
        "RegExp.prototype.exec",
        "get RegExp.prototype.source",
        "get RegExp.prototype.hasIndices",
        "get RegExp.prototype.global",
        "get RegExp.prototype.ignoreCase",
        "get RegExp.prototype.multiline",
        "get RegExp.prototype.dotAll",
        "get RegExp.prototype.unicode",
        "get RegExp.prototype.unicodeSets",
        "get RegExp.prototype.sticky",
        "Map",
        "Map.prototype.get",
        "Map.prototype.set",
        "Map.prototype.has",
        "Map.prototype.delete",
        "Map.prototype.clear",
        "get Map.prototype.size",
        "Map.prototype.entries",
        "next Map.prototype.entries",
        "Set",
        "Set.prototype.add",
        "Set.prototype.has",
        "Set.prototype.delete",
        "Set.prototype.clear",
        "get Set.prototype.size",
        "Set.prototype.values",
        "next Set.prototype.values",
        "WeakRef",
        "WeakRef.prototype.deref",
        "Proxy",
        "Proxy.revocable",
        "ArrayBuffer",
        "SharedArrayBuffer",
        "ArrayBuffer.prototype.resize",
        "ArrayBuffer.prototype.transfer",
        "get ArrayBuffer.prototype.resizable",
        "get ArrayBuffer.prototype.maxByteLength",
        "DataView",
        "get DataView.prototype.buffer",
        "get DataView.prototype.byteLength",
        "get DataView.prototype.byteOffset",
        "get Uint8Array.prototype.__proto__.length",
        "Reflect.set",
        "Reflect.get",
        "Promise",
        "Promise.prototype.then",
        "Promise.resolve",
        "Promise.all",
        "Promise.allSettled",
        "Promise.any",
        "Promise.race",
        "Error",
        "Error.prototype",
        "get Error.prototype.stack",
        "DOMException",
        "DOMException.prototype",
        "get DOMException.prototype.name",
        "get DOMException.prototype.message",
        "Object.prototype.toString",
        "Function.prototype.toString",
        "Symbol.prototype.valueOf",
        "Date.prototype.toISOString",
        "=async () => {}",
        "=(function* () {})",
        "=(async function* () {})",
        "parseInt",
        "parseFloat",
        "",
};

/// The intrinsic of the realm, borrowed from it; an exception where the context has none of that
/// name. Found at its first use and kept from then on, whatever scripts do to the globals.
JSValue intrinsic(Realm* realm, Intrinsic which) noexcept;

/// The native function behind Intrinsic::element_collector.
JSValue collect_elements(JSContext* ctx, JSValueConst this_value, int argc,
                         JSValueConst* argv) noexcept;

/// Calls an intrinsic function with borrowed values; owned, or an exception.
template <class... V>
JSValue call_intrinsic(Realm* realm, Intrinsic which, JSValueConst this_value,
                       V... arguments) noexcept {
  JSValue function = intrinsic(realm, which);
  if (engine::is_exception(function)) [[unlikely]] {
    return function;
  }
  std::array<JSValueConst, sizeof...(V) + 1> argv{arguments..., this_value};
  return engine::call(realm->context, function, this_value, static_cast<int>(sizeof...(V)),
                      argv.data());
}

/// `new` of an intrinsic class with borrowed values; owned, or an exception.
template <class... V>
JSValue construct_intrinsic(Realm* realm, Intrinsic which, V... arguments) noexcept {
  JSValue function = intrinsic(realm, which);
  if (engine::is_exception(function)) [[unlikely]] {
    return function;
  }
  std::array<JSValueConst, sizeof...(V) + 1> argv{arguments..., function};
  return ::JS_CallConstructor(realm->context, function, static_cast<int>(sizeof...(V)),
                              argv.data());
}

}  // namespace quip::detail

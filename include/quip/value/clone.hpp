// Deep copies of values, as `structuredClone` of the web makes them.
#pragma once

#include <quip/value/value.hpp>

#include <concepts>
#include <span>
#include <utility>

namespace quip {

/// A deep copy of a value in a context of the same runtime, with the error as a value (see
/// `structured_clone`).
Result<Value> try_structured_clone(const Ctx& ctx, const Value& value);
/// The same in the context that the value is used in.
Result<Value> try_structured_clone(const Value& value);
/// The same with ArrayBuffers that are passed on: the clone has their bytes, and they are detached
/// then (HTML 2.7.6). When anything goes wrong, none is. What is listed twice, detached already,
/// shared, immutable or no ArrayBuffer is a "DataCloneError".
Result<Value> try_structured_clone(const Ctx& ctx, const Value& value,
                                   std::span<const Value> transfer);

/// A deep copy of a value, as HTML's StructuredSerialize and StructuredDeserialize (HTML 2.7) make
/// one: of primitives and their wrapper objects, plain objects, arrays (with their holes), Date,
/// RegExp, Map, Set, ArrayBuffer, typed arrays, DataView and Error objects. What is referred to
/// twice is copied once, so that rings stay rings. Any depth of nesting will do.
///
/// Of an object its own enumerable properties with string keys are read, getters run. Classes are
/// not kept: an instance of a script's class becomes a plain object. An Error keeps name (if it is
/// a standard one), message, stack and cause.
///
/// Throws what getters throw, and an Error named "DataCloneError" for all else: functions, symbols,
/// proxies, promises, weak references, native objects, shared or detached buffers. Its message says
/// where: `list[2].callback: a function cannot be cloned`.
template <std::derived_from<Value> T>
T structured_clone(const T& value) {
  return try_structured_clone(value).value().template as<T>();
}
/// The same in another context of the runtime.
template <std::derived_from<Value> T>
T structured_clone(const Ctx& ctx, const T& value) {
  return try_structured_clone(ctx, value).value().template as<T>();
}

}  // namespace quip

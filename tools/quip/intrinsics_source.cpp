#include "intrinsics_source.hpp"

namespace quip::program {

// C++ cannot ask an object for its own property descriptors or its inner nature, so that this does.
// Every function that is used is fetched now and called without looking anything up again: no
// property of Object.prototype or Array.prototype that a script adds later is seen. For the same
// reason there is no iteration, no spread and no destructuring of arrays inside the functions.
const std::string_view intrinsics_source = R"js((() => {
  'use strict';
  const uncurry = Function.prototype.bind.bind(Function.prototype.call);
  const { getOwnPropertyDescriptor, getPrototypeOf, setPrototypeOf, defineProperty } = Reflect;
  const getter = (object, key) => uncurry(getOwnPropertyDescriptor(object, key).get);
  const hasOwn = uncurry(Object.prototype.hasOwnProperty);

  // ---- proxies: known by the only one who can know them, their constructor
  const targets = new WeakMap();
  const isProxy = uncurry(WeakMap.prototype.has);
  const targetOf = uncurry(WeakMap.prototype.get);
  const remember = uncurry(WeakMap.prototype.set);
  const RealProxy = Proxy;
  const realRevocable = Proxy.revocable;
  defineProperty(RealProxy, 'revocable', {
    __proto__: null,
    value: new RealProxy(realRevocable, { __proto__: null, apply(target, self, args) {
      const pair = realRevocable(args[0], args[1]);
      const { proxy, revoke } = pair;
      remember(targets, proxy, args[0]);
      pair.revoke = new RealProxy(revoke, { __proto__: null, apply() {
        remember(targets, proxy, null);
        revoke();
      } });
      return pair;
    } }),
  });
  globalThis.Proxy = new RealProxy(RealProxy, { __proto__: null, construct(target, args) {
    const proxy = new RealProxy(args[0], args[1]);
    remember(targets, proxy, args[0]);
    return proxy;
  } });
  const unproxy = (object) => {
    while (object !== null && isProxy(targets, object)) object = targetOf(targets, object);
    return object;
  };

  // ---- properties as they are defined
  const property = (object, key) => {
    const descriptor = getOwnPropertyDescriptor(object, key);
    if (descriptor !== undefined) setPrototypeOf(descriptor, null);
    return descriptor;
  };
  const ownData = (object, key) => {
    if (isProxy(targets, object)) return undefined;
    const descriptor = getOwnPropertyDescriptor(object, key);
    return descriptor !== undefined && hasOwn(descriptor, 'value') ? descriptor.value : undefined;
  };
  const isObject = (value) => typeof value === 'object' ? value !== null : typeof value === 'function';
  const longestChain = 1000;
  // calls visit for the object and its prototypes until it returns something
  const climb = (object, visit) => {
    for (let i = 0; object !== null && i < longestChain && !isProxy(targets, object); i++) {
      const found = visit(object);
      if (found !== undefined) return found;
      object = getPrototypeOf(object);
    }
    return undefined;
  };
  const inheritedData = (object, key) => climb(object, (owner) => ownData(owner, key));
  const append = (list, value) => {
    defineProperty(list, list.length,
      { __proto__: null, value, writable: true, enumerable: true, configurable: true });
  };

  // ---- kinds
  const objectToString = uncurry(Object.prototype.toString);
  const TypedArray = getPrototypeOf(Uint8Array);
  const typedName = getter(TypedArray.prototype, Symbol.toStringTag);
  const typedLength = getter(TypedArray.prototype, 'length');
  const mapSize = getter(Map.prototype, 'size');
  const setSize = getter(Set.prototype, 'size');
  const bufferSize = getter(ArrayBuffer.prototype, 'byteLength');
  const sharedSize = getter(SharedArrayBuffer.prototype, 'byteLength');
  const viewBuffer = getter(DataView.prototype, 'buffer');
  const viewOffset = getter(DataView.prototype, 'byteOffset');
  const viewSize = getter(DataView.prototype, 'byteLength');
  const weakMapHas = uncurry(WeakMap.prototype.has);
  const weakSetHas = uncurry(WeakSet.prototype.has);
  const timeOf = uncurry(Date.prototype.getTime);
  const toISOString = uncurry(Date.prototype.toISOString);
  const regexpSource = getter(RegExp.prototype, 'source');
  const regexpFlags = [];
  for (const [name, letter] of [['hasIndices', 'd'], ['global', 'g'], ['ignoreCase', 'i'],
    ['multiline', 'm'], ['dotAll', 's'], ['unicode', 'u'], ['unicodeSets', 'v'], ['sticky', 'y']]) {
    if (hasOwn(RegExp.prototype, name)) {
      regexpFlags.push({ letter, isSet: getter(RegExp.prototype, name) });
    }
  }
  const regexpText = (object) => {
    let text = '/' + regexpSource(object) + '/';
    for (let i = 0; i < regexpFlags.length; i++) {
      if (regexpFlags[i].isSet(object)) text += regexpFlags[i].letter;
    }
    return text;
  };
  const dateText = (object) => {
    const time = timeOf(object);
    return time === time ? toISOString(object) : 'Invalid Date';
  };
  const NewUint8Array = Uint8Array;
  const byteCount = (object, size) => {
    try {
      new NewUint8Array(object, 0, 0);
      return size(object);
    } catch {
      return undefined;  // detached
    }
  };
  const boxed = (type) => uncurry(type.prototype.valueOf);
  // each throws when the object is something else
  const brands = [
    { kind: 'map', probe: mapSize },
    { kind: 'set', probe: setSize },
    { kind: 'weak_map', probe: (object) => { weakMapHas(object, object); } },
    { kind: 'weak_set', probe: (object) => { weakSetHas(object, object); } },
    { kind: 'array_buffer', probe: (object) => { bufferSize(object); return byteCount(object, bufferSize); } },
    { kind: 'shared_array_buffer', probe: sharedSize },
    { kind: 'data_view', probe: (object) => { viewBuffer(object); } },
    { kind: 'date', probe: dateText },
    { kind: 'regexp', probe: regexpText },
    { kind: 'boxed', probe: boxed(Number) },
    { kind: 'boxed', probe: boxed(String) },
    { kind: 'boxed', probe: boxed(Boolean) },
    { kind: 'boxed', probe: boxed(Symbol) },
    { kind: 'boxed', probe: boxed(BigInt) },
  ];
  const toStringTag = Symbol.toStringTag;
  const hasTag = (owner) => hasOwn(owner, toStringTag) ? true : undefined;
  const classify = (object, result) => {
    const typed = typedName(object);
    if (typed !== undefined) {
      result.kind = 'typed_array';
      result.tag = typed;
      result.detail = typedLength(object);
      return;
    }
    if (climb(object, hasTag) === undefined) {
      // without a tag, Object.prototype.toString runs nothing and tells the oldest kinds at once
      const text = objectToString(object);
      if (text === '[object Object]') return;
      if (text === '[object Arguments]') {
        result.kind = 'arguments';
        return;
      }
    }
    for (let i = 0; i < brands.length; i++) {
      try {
        result.detail = brands[i].probe(object);
        result.kind = brands[i].kind;
        return;
      } catch {}
    }
    if (result.tag === 'Module' && getPrototypeOf(object) === null) result.kind = 'module';
  };
  const survey = (object, isSpecial) => {
    const result = { __proto__: null, name: undefined, tag: '', kind: 'object', detail: undefined };
    const text = inheritedData(object, toStringTag);
    if (typeof text === 'string') {
      const own = getOwnPropertyDescriptor(object, toStringTag);
      if (own === undefined || !own.enumerable) result.tag = text;
    }
    result.name = climb(object, (owner) => {
      const constructor = ownData(owner, 'constructor');
      if (typeof constructor !== 'function') return undefined;
      const name = ownData(constructor, 'name');
      if (typeof name !== 'string' || name === '') return undefined;
      const prototype = ownData(constructor, 'prototype');
      if (!isObject(prototype)) return undefined;
      // a prototype object is no instance of its own constructor
      const parent = getPrototypeOf(object);
      return parent !== null && climb(parent, (link) => link === prototype ? true : undefined)
        ? name : undefined;
    });
    if (result.name === undefined && getPrototypeOf(object) !== null) {
      result.name = 'Object <Complex prototype>';
    }
    if (!isSpecial) classify(object, result);
    return result;
  };

  // ---- contents
  const mapEntries = uncurry(Map.prototype.entries);
  const mapNext = uncurry(getPrototypeOf(new Map().entries()).next);
  const setValues = uncurry(Set.prototype.values);
  const setNext = uncurry(getPrototypeOf(new Set().values()).next);
  const entries = (map, most) => {
    const list = [];
    const iterator = mapEntries(map);
    for (let i = 0; i < most; i++) {
      const step = mapNext(iterator);
      if (step.done) break;
      append(list, step.value[0]);
      append(list, step.value[1]);
    }
    return list;
  };
  const elements = (set, most) => {
    const list = [];
    const iterator = setValues(set);
    for (let i = 0; i < most; i++) {
      const step = setNext(iterator);
      if (step.done) break;
      append(list, step.value);
    }
    return list;
  };
  const bytes = (buffer, most) => {
    const list = [];
    const view = new NewUint8Array(buffer);
    const length = typedLength(view);
    for (let i = 0; i < length && i < most; i++) append(list, view[i]);
    return list;
  };
  const view = (object) => {
    const list = [];
    append(list, viewSize(object));
    append(list, viewOffset(object));
    append(list, viewBuffer(object));
    return list;
  };

  // ---- errors and functions
  // one engine has the stack as a property of each error, the other as a getter of the prototype
  const stackGetter = getOwnPropertyDescriptor(Error.prototype, 'stack')?.get;
  const readStack = stackGetter === undefined ? undefined : uncurry(stackGetter);
  const stack = (error) => {
    if (hasOwn(error, 'stack')) return ownData(error, 'stack');
    return readStack === undefined ? undefined : readStack(error);
  };
  const source = uncurry(Function.prototype.toString);
  const asyncFunction = getPrototypeOf(async () => {});
  const generatorFunction = getPrototypeOf(function* () {});
  const asyncGeneratorFunction = getPrototypeOf(async function* () {});
  const functionType = (object) => climb(object, (owner) =>
    owner === asyncFunction ? 'AsyncFunction'
      : owner === generatorFunction ? 'GeneratorFunction'
        : owner === asyncGeneratorFunction ? 'AsyncGeneratorFunction' : undefined) ?? 'Function';
  const superName = (object) => {
    const parent = getPrototypeOf(object);
    return parent === null || !isObject(parent) ? '' : ownData(parent, 'name');
  };

  const stringify = JSON.stringify;
  const NewError = Error;
  return { __proto__: null, unproxy, property, inheritedData, survey, entries, elements, bytes, view,
    stack, source, functionType, superName, number: Number, parseInt,
    parseFloat, json: (value) => stringify(value), currentStack: () => stack(new NewError()) };
})())js";

}  // namespace quip::program

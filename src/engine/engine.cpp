#include <quip/engine/engine.hpp>

#include <array>
#include <cstdlib>
#include <mutex>
#include <string_view>

namespace quip::engine {

namespace fallback {
template <class C>
JSValue new_symbol(C* ctx, const char* description) noexcept {
  if constexpr (present<decltype(JS_NewSymbol(ctx, description, false))>) {
    return JS_NewSymbol(ctx, description, false);
  } else {
    // Bellard's engine makes symbols only by the script's own Symbol function.
    JSValue global = ::JS_GetGlobalObject(ctx);
    JSValue maker = ::JS_GetPropertyStr(ctx, global, "Symbol");
    ::JS_FreeValue(ctx, global);
    JSValue text = ::JS_NewString(ctx, description);
    JSValueConst arguments[] = {text};
    JSValue symbol = is_exception(maker) || is_exception(text)
                         ? exception()
                         : ::JS_Call(ctx, maker, undefined(), 1, arguments);
    ::JS_FreeValue(ctx, text);
    ::JS_FreeValue(ctx, maker);
    return symbol;
  }
}
Missing JS_NewStringUTF16(...);
Missing JS_ToCStringLenUTF16(...);

template <class C>
JSValue new_string_utf16(C* ctx, const std::uint16_t* text, std::size_t size) noexcept {
  if constexpr (present<decltype(JS_NewStringUTF16(ctx, text, size))>) {
    return JS_NewStringUTF16(ctx, text, size);
  } else {
    return undefined();
  }
}

template <class C>
int read_utf16(C* ctx, JSValueConst string, void* to,
               void (*copy)(void* to, const void* units, std::size_t size)) noexcept {
  std::size_t size = 0;
  if constexpr (present<decltype(JS_ToCStringLenUTF16(ctx, &size, string))>) {
    const std::uint16_t* units = JS_ToCStringLenUTF16(ctx, &size, string);
    if (units == nullptr) return -1;
    copy(to, units, size);
    JS_FreeCStringUTF16(ctx, units);
    return 1;
  } else {
    return 0;
  }
}

Missing JS_GetProxyTarget(...);
Missing JS_GetProxyHandler(...);

/// As read_proxy; `learned` does it where there is no call for it.
template <class C, class Learned>
ProxyParts read_proxy(C* ctx, JSValueConst proxy, const Learned& learned) noexcept {
  if constexpr (present<decltype(JS_GetProxyTarget(ctx, proxy))>) {
    JSValue target = JS_GetProxyTarget(ctx, proxy);
    if (is_exception(target)) {  // the only reason, for what is a proxy
      release(ctx, ::JS_GetException(ctx));
      return {ProxyState::revoked, undefined(), undefined()};
    }
    return {ProxyState::live, target, JS_GetProxyHandler(ctx, proxy)};
  } else {
    return learned(ctx, proxy);
  }
}
}  // namespace fallback

namespace {

#if !defined(QUICKJS_NG)
// The version of Bellard's engine is not in its header; the library prints it.
std::string printed_version() {
  char* text = nullptr;
  std::size_t size = 0;
  std::FILE* stream = ::open_memstream(&text, &size);
  if (stream == nullptr) return {};
  JSRuntime* rt = ::JS_NewRuntime();
  if (rt != nullptr) {
    JSMemoryUsage usage{};
    ::JS_DumpMemoryUsage(stream, &usage, rt);
    ::JS_FreeRuntime(rt);
  }
  std::fclose(stream);
  std::string version(text, size);
  std::free(text);
  // "QuickJS memory usage -- 2025-04-26 version, 64-bit, …"
  constexpr std::string_view before = "-- ";
  constexpr std::string_view after = " version";
  const std::size_t start = version.find(before);
  const std::size_t end = version.find(after);
  if (start == std::string::npos || end == std::string::npos || end < start) return {};
  return version.substr(start + before.size(), end - start - before.size());
}

// Where the header's inline code believes the reference count to be, in ints from the pointer.
std::ptrdiff_t header_count_offset(JSContext* ctx) {
  alignas(16) std::array<int, 16> probe{};
  constexpr std::ptrdiff_t middle = 8;
  (void)::JS_DupValue(ctx, object_at(&probe[middle]));
  for (std::size_t i = 0; i < probe.size(); ++i) {
    if (probe[i] != 0) return static_cast<std::ptrdiff_t>(i) - middle;
  }
  return 0;
}
#endif

}  // namespace

std::string version() {
#if defined(QUICKJS_NG)
  return std::string("quickjs-ng ") + ::JS_GetVersion();
#else
  return "quickjs " + printed_version();
#endif
}

std::string mismatch(JSContext* ctx) {
#if defined(QUICKJS_NG)
  // The functions that count references are in the library; only a header of another release
  // with other signatures could do harm.
  (void)ctx;
  const std::string compiled = std::to_string(QJS_VERSION_MAJOR) + "." +
                               std::to_string(QJS_VERSION_MINOR) + "." +
                               std::to_string(QJS_VERSION_PATCH);
  const std::string linked = ::JS_GetVersion();
  if (linked.starts_with(compiled)) return {};
  return "quip was compiled with the quickjs.h of quickjs-ng " + compiled +
         " but is linked with the library of " + linked + ": use header and library of one version";
#else
  // The header counts references inline. Releases have moved the count without renaming
  // anything, so the library is asked to count and the header's place is looked at.
  const std::ptrdiff_t offset = header_count_offset(ctx);
  JSValue prototype = ::JS_NewObjectProto(ctx, null());
  JSValue object = ::JS_NewObjectProto(ctx, prototype);
  if (is_exception(prototype) || is_exception(object)) {
    ::JS_FreeValue(ctx, prototype);
    return {};  // no memory to look; whoever comes next will say so
  }
  const int* count = static_cast<const int*>(get_pointer(prototype)) + offset;
  const int before = *count;
  JSValue again = ::JS_GetPrototype(ctx, object);
  const bool agree = *count == before + 1;
  if (!agree) {
    return "the quickjs.h that quip was compiled with keeps reference counts elsewhere than the "
           "linked library (" +
           version() + "): use header and library of one version";
  }
  ::JS_FreeValue(ctx, again);
  ::JS_FreeValue(ctx, object);
  ::JS_FreeValue(ctx, prototype);
  return {};
#endif
}

namespace {

/// Asks samples which class id is which kind: the ids are the engine's constants but not in its
/// header. They are made in an engine of their own, where no script can have had a hand in it.
bool ask_samples() noexcept {
  JSRuntime* rt = ::JS_NewRuntime();
  JSContext* ctx = rt == nullptr ? nullptr : ::JS_NewContext(rt);
  // in the order of Kind; a class that the engine lacks leaves a hole
  constexpr std::string_view samples =
      "[{},[],new Error,new Date,/x/,new Map,new Set,new WeakMap,new WeakSet,new WeakRef({}),"
      "new ArrayBuffer(1),new SharedArrayBuffer(1),new DataView(new ArrayBuffer(1)),"
      "new Proxy({},{}),Promise.resolve(),Object(1),Object(''),Object(true),Object(1n),"
      "Object(Symbol()),new Uint8ClampedArray,new Int8Array,new Uint8Array,new Int16Array,"
      "new Uint16Array,new Int32Array,new Uint32Array,new BigInt64Array,new BigUint64Array,"
      "typeof Float16Array=='function'?new Float16Array:0,new Float32Array,new Float64Array,"
      "typeof DOMException=='function'?new DOMException:0]";
  JSValue list = ctx == nullptr ? exception()
                                : ::JS_Eval(ctx, samples.data(), samples.size(), "<kinds>",
                                            JS_EVAL_TYPE_GLOBAL);
  const bool is_asked = !is_exception(list);
  constexpr auto last = static_cast<std::uint32_t>(Kind::float64_array);
  // the last sample is one more kind of error
  for (std::uint32_t kind = 1; kind <= last + 1 && is_asked; ++kind) {
    JSValue sample = ::JS_GetPropertyUint32(ctx, list, kind - 1);
    const JSClassID id = is_object(sample) ? ::JS_GetClassID(sample) : 0;
    if (id != 0 && id < kinds.size()) {
      kinds[id] = kind <= last ? static_cast<Kind>(kind) : Kind::error;
    }
    release(ctx, sample);
  }
  if (ctx != nullptr) {
    release(ctx, list);
    ::JS_FreeContext(ctx);
  }
  if (rt != nullptr) ::JS_FreeRuntime(rt);
  return is_asked;
}

}  // namespace

bool learn_kinds() noexcept {
  // once memory was short, the next one asks again
  static std::mutex lock;
  static bool is_asked = false;
  const std::scoped_lock guard(lock);
  if (!is_asked) is_asked = ask_samples();
  return is_asked;
}

namespace {

/// What lies behind a proxy's opaque pointer in Bellard's engine, if it does: that is no part of
/// its interface, so that it is believed only after proxies of known parts had it.
struct ProxyData {
  JSValue target;
  JSValue handler;
  std::uint8_t is_function;
  std::uint8_t is_revoked;
};

ProxyData data_of(JSValueConst proxy) noexcept {
  JSClassID class_id = 0;
  ProxyData data{undefined(), undefined(), 0, 0};
  if (const void* opaque = ::JS_GetAnyOpaque(proxy, &class_id); opaque != nullptr) {
    std::memcpy(&data, opaque, sizeof data);
  }
  return data;
}

bool is_same_object(JSValueConst a, JSValueConst b) noexcept {
  return is_object(a) && is_object(b) && get_pointer(a) == get_pointer(b);
}

/// Whether ProxyData is right, asked of an engine of its own.
bool proxy_data_is_right() noexcept {
  JSRuntime* rt = ::JS_NewRuntime();
  JSContext* ctx = rt == nullptr ? nullptr : ::JS_NewContext(rt);
  bool is_right = ctx != nullptr;
  if (ctx != nullptr) {
    // pairs of a target and a handler with their proxy; the last one is revoked
    constexpr std::string_view samples =
        "(() => { const plain = {}, call = () => 0, handler = {}, other = {};"
        "const { proxy, revoke } = Proxy.revocable(plain, other); revoke();"
        "return [plain, handler, new Proxy(plain, handler), call, other, new Proxy(call, other),"
        "plain, other, proxy]; })()";
    constexpr std::uint32_t count = 3;
    JSValue list = ::JS_Eval(ctx, samples.data(), samples.size(), "<proxies>", JS_EVAL_TYPE_GLOBAL);
    is_right = !is_exception(list);
    for (std::uint32_t i = 0; i < count && is_right; ++i) {
      JSValue target = ::JS_GetPropertyUint32(ctx, list, 3 * i);
      JSValue handler = ::JS_GetPropertyUint32(ctx, list, 3 * i + 1);
      JSValue proxy = ::JS_GetPropertyUint32(ctx, list, 3 * i + 2);
      const ProxyData data = data_of(proxy);
      is_right = is_same_object(data.target, target) && is_same_object(data.handler, handler) &&
                 data.is_function == (i == 1 ? 1 : 0) && data.is_revoked == (i == 2 ? 1 : 0);
      release(ctx, proxy);
      release(ctx, handler);
      release(ctx, target);
    }
    release(ctx, list);
    ::JS_FreeContext(ctx);
  }
  if (rt != nullptr) ::JS_FreeRuntime(rt);
  return is_right;
}

}  // namespace

ProxyParts read_proxy(JSContext* ctx, JSValueConst proxy) noexcept {
  if (kind_of(proxy) != Kind::proxy) {
    return {};
  }
  return fallback::read_proxy(ctx, proxy, [](JSContext* context, JSValueConst object) {
    static const bool is_known = proxy_data_is_right();
    if (!is_known) {
      return ProxyParts{};
    }
    const ProxyData data = data_of(object);
    if (data.is_revoked != 0) {
      return ProxyParts{ProxyState::revoked, undefined(), undefined()};
    }
    return ProxyParts{ProxyState::live, duplicate(context, data.target),
                      duplicate(context, data.handler)};
  });
}

namespace {

constexpr std::array<std::pair<Kind, JSTypedArrayEnum>, 12> typed_array_ids{{
    {Kind::uint8_clamped_array, JS_TYPED_ARRAY_UINT8C},
    {Kind::int8_array, JS_TYPED_ARRAY_INT8},
    {Kind::uint8_array, JS_TYPED_ARRAY_UINT8},
    {Kind::int16_array, JS_TYPED_ARRAY_INT16},
    {Kind::uint16_array, JS_TYPED_ARRAY_UINT16},
    {Kind::int32_array, JS_TYPED_ARRAY_INT32},
    {Kind::uint32_array, JS_TYPED_ARRAY_UINT32},
    {Kind::bigint64_array, JS_TYPED_ARRAY_BIG_INT64},
    {Kind::biguint64_array, JS_TYPED_ARRAY_BIG_UINT64},
    // by its place: not every header has the name
    {Kind::float16_array, static_cast<JSTypedArrayEnum>(JS_TYPED_ARRAY_BIG_UINT64 + 1)},
    {Kind::float32_array, JS_TYPED_ARRAY_FLOAT32},
    {Kind::float64_array, JS_TYPED_ARRAY_FLOAT64},
}};

}  // namespace

JSValue new_typed_array(JSContext* ctx, Kind kind, JSValueConst first, JSValueConst second,
                        JSValueConst third) noexcept {
  if (kind == Kind::float16_array && !has_float16_array) {
    return ::JS_ThrowTypeError(ctx, "this engine has no Float16Array");
  }
  std::array<JSValueConst, 3> arguments{first, second, third};
  for (const auto& [known, id] : typed_array_ids) {
    if (known == kind) {
      return ::JS_NewTypedArray(ctx, static_cast<int>(arguments.size()), arguments.data(), id);
    }
  }
  return ::JS_ThrowTypeError(ctx, "not the kind of a typed array");
}

JSValue new_symbol(JSContext* ctx, const char* description) noexcept {
  return fallback::new_symbol(ctx, description);
}

namespace {
bool is_ascii(const char* text, std::size_t size) noexcept {
  constexpr std::uint64_t high_bits = 0x8080808080808080U;
  std::uint64_t seen = 0;
  const auto look = [&seen]<class Word>(const char* at, Word word) {
    std::memcpy(&word, at, sizeof word);
    seen |= word;
  };
  // the last word begins where it must to end with the text
  const char* end = text + size;
  if (size >= sizeof(std::uint64_t)) {
    for (; end - text > 8; text += 8) look(text, std::uint64_t{});
    look(end - 8, std::uint64_t{});
  } else if (size >= sizeof(std::uint32_t)) {
    look(text, std::uint32_t{});
    look(end - 4, std::uint32_t{});
  } else {
    for (; text != end; ++text) look(text, std::uint8_t{});
  }
  return (seen & high_bits) == 0;
}
}  // namespace

JSAtom new_atom(JSContext* ctx, const char* text, std::size_t size) noexcept {
  if (family == Family::quickjs || size == 0 || is_ascii(text, size)) {
    return ::JS_NewAtomLen(ctx, text, size);
  }
  JSValue string = ::JS_NewStringLen(ctx, text, size);
  const JSAtom atom = is_exception(string) ? 0 : ::JS_ValueToAtom(ctx, string);
  release(ctx, string);
  return atom;
}

JSModuleDef* new_native_module(JSContext* ctx, const std::string& name,
                               JSModuleInitFunc* evaluate) noexcept {
  // Bellard's engine does not look whether there was memory for the module: see to it that there
  // is. The atom is made before, because it may need more than that.
  const JSAtom atom = ::JS_NewAtom(ctx, name.c_str());
  if (atom == 0) return nullptr;
  void* room = ::js_malloc(ctx, 4096 + 2 * name.size());
  JSModuleDef* module = nullptr;
  if (room != nullptr) {
    ::js_free(ctx, room);
    module = ::JS_NewCModule(ctx, name.c_str(), evaluate);
  }
  ::JS_FreeAtom(ctx, atom);
  return module;
}

bool add_export(JSContext* ctx, JSModuleDef* module, const std::string& name) noexcept {
  if (family != Family::quickjs && !is_ascii(name.data(), name.size())) {
    // quickjs-ng would export it under another name (see new_atom)
    const JSAtom wanted = new_atom(ctx, name.data(), name.size());
    if (wanted == 0) return false;
    const JSAtom found = ::JS_NewAtom(ctx, name.c_str());
    ::JS_FreeAtom(ctx, found);
    ::JS_FreeAtom(ctx, wanted);
    if (found != wanted) {
      ::JS_ThrowSyntaxError(ctx, "the engine confuses the export name '%s' with another text",
                            name.c_str());
      return false;
    }
  }
  return ::JS_AddModuleExport(ctx, module, name.c_str()) >= 0;
}

bool set_export(JSContext* ctx, JSModuleDef* module, const std::string& name,
                JSValue value) noexcept {
  if (::JS_SetModuleExport(ctx, module, name.c_str(), value) >= 0) return true;
  if (!::JS_HasException(ctx)) {
    ::JS_ThrowReferenceError(ctx, "the module has no export '%s'", name.c_str());
  }
  return false;
}

// Bellard's engine leaves things out when it compiles, quickjs-ng when it writes.
void strip_while_compiling(JSRuntime* rt, bool source, bool debug) noexcept {
#if defined(JS_STRIP_SOURCE)
  ::JS_SetStripInfo(rt, (source ? JS_STRIP_SOURCE : 0) | (debug ? JS_STRIP_DEBUG : 0));
#else
  (void)rt, (void)source, (void)debug;
#endif
}

int write_flags(bool strip_source, bool strip_debug) noexcept {
#if defined(JS_WRITE_OBJ_STRIP_SOURCE)
  return (strip_source ? JS_WRITE_OBJ_STRIP_SOURCE : 0) |
         (strip_debug ? JS_WRITE_OBJ_STRIP_DEBUG : 0);
#else
  (void)strip_source, (void)strip_debug;
  return 0;
#endif
}

JSValue new_string_utf16(JSContext* ctx, const char16_t* text, std::size_t size) noexcept {
  return fallback::new_string_utf16(ctx, reinterpret_cast<const std::uint16_t*>(text), size);
}

int read_utf16(JSContext* ctx, JSValueConst string, void* to,
               void (*copy)(void* to, const void* units, std::size_t size)) noexcept {
  return fallback::read_utf16(ctx, string, to, copy);
}

const char* name_of(WellKnown symbol) noexcept {
  static constexpr std::array names = {"asyncIterator", "hasInstance", "isConcatSpreadable",
                                       "iterator",      "match",       "matchAll",
                                       "replace",       "search",      "species",
                                       "split",         "toPrimitive", "toStringTag",
                                       "unscopables",   "dispose",     "asyncDispose"};
  return names[static_cast<std::size_t>(symbol)];
}

namespace {

/// The atoms of the well-known symbols. They are the engine's constants but not in its header, so
/// that an engine of their own is asked, where no script can have had a hand in it.
class WellKnownAtoms {
 public:
  WellKnownAtoms() noexcept {
    JSRuntime* rt = ::JS_NewRuntime();
    JSContext* ctx = rt == nullptr ? nullptr : new_base_context(rt);
    if (ctx != nullptr) {
      JSValue global = ::JS_GetGlobalObject(ctx);
      JSValue all = ::JS_GetPropertyStr(ctx, global, "Symbol");
      for (std::size_t i = 0; i < atoms_.size(); ++i) {
        JSValue symbol = ::JS_GetPropertyStr(ctx, all, name_of(static_cast<WellKnown>(i)));
        if (tag(symbol) == JS_TAG_SYMBOL) {
          atoms_[i] = ::JS_ValueToAtom(ctx, symbol);
          ::JS_FreeAtom(ctx, atoms_[i]);
        }
        release(ctx, symbol);
      }
      release(ctx, all);
      release(ctx, global);
      ::JS_FreeContext(ctx);
    }
    if (rt != nullptr) ::JS_FreeRuntime(rt);
  }
  [[nodiscard]] JSAtom operator[](WellKnown symbol) const noexcept {
    return atoms_[static_cast<std::size_t>(symbol)];
  }

 private:
  std::array<JSAtom, static_cast<std::size_t>(WellKnown::async_dispose) + 1> atoms_{};
};

}  // namespace

JSAtom atom_of(WellKnown symbol) noexcept {
  static const WellKnownAtoms atoms;
  return atoms[symbol];
}

bool may_run_script(JSContext* ctx) noexcept {
  // Bellard's engine gives an error its stack at once, unless a script is to add it.
  if constexpr (family == Family::quickjs) {
    ::JS_ThrowTypeError(ctx, "whose?");
    JSValue error = ::JS_GetException(ctx);
    bool is_empty = false;
    const JSAtom key = ::JS_NewAtom(ctx, "stack");
    JSPropertyDescriptor stack;
    if (is_object(error) && ::JS_GetOwnProperty(ctx, &stack, error, key) > 0) {
      std::size_t size = 1;
      const char* text =
          is_string(stack.value) ? ::JS_ToCStringLen(ctx, &size, stack.value) : nullptr;
      is_empty = text != nullptr && size == 0;
      if (text != nullptr) ::JS_FreeCString(ctx, text);
      release(ctx, stack.value);
      release(ctx, stack.getter);
      release(ctx, stack.setter);
    }
    ::JS_FreeAtom(ctx, key);
    release(ctx, error);
    if (::JS_HasException(ctx)) release(ctx, ::JS_GetException(ctx));
    return !is_empty;
  } else {
    return true;
  }
}

namespace {
template <class F>
JSValue new_shared(F* make, JSContext* ctx, std::uint8_t* data, std::size_t size) noexcept {
  // the hooks let go of it
  if constexpr (std::is_invocable_v<F*, JSContext*, std::uint8_t*, std::size_t, std::size_t,
                                    std::nullptr_t, void*, bool>) {
    return make(ctx, data, size, 0, nullptr, nullptr, true);
  } else {
    return make(ctx, data, size, nullptr, nullptr, true);
  }
}
}  // namespace

JSValue new_shared_array_buffer(JSContext* ctx, void* data, std::size_t size) noexcept {
  return new_shared(&::JS_NewArrayBuffer, ctx, static_cast<std::uint8_t*>(data), size);
}

}  // namespace quip::engine

#include <quip/engine/engine.hpp>

#include <array>
#include <cstdlib>
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

/// Which class id is which kind. The ids are the engine's constants but not in its header, so
/// that samples are asked, in an engine of their own where no script can have had a hand in it.
class KindTable {
 public:
  KindTable() noexcept {
    JSRuntime* rt = ::JS_NewRuntime();
    JSContext* ctx = rt == nullptr ? nullptr : ::JS_NewContext(rt);
    if (ctx != nullptr) {
      learn(ctx);
      ::JS_FreeContext(ctx);
    }
    if (rt != nullptr) ::JS_FreeRuntime(rt);
  }
  [[nodiscard]] Kind operator[](JSClassID id) const noexcept {
    return id < kinds_.size() ? kinds_[id] : Kind::other;
  }

 private:
  void learn(JSContext* ctx) noexcept {
    // in the order of Kind; a class that the engine lacks leaves a hole
    constexpr std::string_view samples =
        "[{},[],new Error,new Date,/x/,new Map,new Set,new WeakMap,new WeakSet,new WeakRef({}),"
        "new ArrayBuffer(1),new SharedArrayBuffer(1),new DataView(new ArrayBuffer(1)),"
        "new Proxy({},{}),Promise.resolve(),Object(1),Object(''),Object(true),Object(1n),"
        "Object(Symbol()),new Uint8ClampedArray,new Int8Array,new Uint8Array,new Int16Array,"
        "new Uint16Array,new Int32Array,new Uint32Array,new BigInt64Array,new BigUint64Array,"
        "typeof Float16Array=='function'?new Float16Array:0,new Float32Array,new Float64Array]";
    JSValue list = ::JS_Eval(ctx, samples.data(), samples.size(), "<kinds>", JS_EVAL_TYPE_GLOBAL);
    constexpr auto last = static_cast<std::uint32_t>(Kind::float64_array);
    for (std::uint32_t kind = 1; kind <= last && !is_exception(list); ++kind) {
      JSValue sample = ::JS_GetPropertyUint32(ctx, list, kind - 1);
      const JSClassID id = is_object(sample) ? ::JS_GetClassID(sample) : 0;
      if (id != 0 && id < kinds_.size()) kinds_[id] = static_cast<Kind>(kind);
      release(ctx, sample);
    }
    release(ctx, list);
  }
  std::array<Kind, 128> kinds_{};
};

}  // namespace

Kind kind_of(JSValueConst value) noexcept {
  static const KindTable kinds;
  return is_object(value) ? kinds[::JS_GetClassID(take_ownership(value))] : Kind::other;
}

JSValue new_symbol(JSContext* ctx, const char* description) noexcept {
  return fallback::new_symbol(ctx, description);
}

JSContext* new_base_context(JSRuntime* rt) noexcept {
  JSContext* ctx = ::JS_NewContextRaw(rt);
  if (ctx == nullptr) return nullptr;
  // void in some versions, an int that is negative for failure in others
  const auto failed = [](auto add, JSContext* to) {
    if constexpr (std::is_void_v<decltype(add(to))>) {
      add(to);
      return false;
    } else {
      return add(to) < 0;
    }
  };
  if (failed(&::JS_AddIntrinsicBaseObjects, ctx) || failed(&::JS_AddIntrinsicEval, ctx)) {
    ::JS_FreeContext(ctx);
    return nullptr;
  }
  return ctx;
}

}  // namespace quip::engine

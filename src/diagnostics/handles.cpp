#include "../core/core_state.hpp"
#include "../value/utf8.hpp"
#include "diagnostics.hpp"
#include <quip/class/cell.hpp>
#include <quip/diagnostics/handles.hpp>

#if __has_include(<execinfo.h>)
#include <cxxabi.h>
#include <dlfcn.h>
#include <execinfo.h>
#endif

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <new>
#include <ostream>
#include <unordered_map>
#include <utility>

namespace quip {

namespace detail {

namespace {

/// A handle, and the calls that made it.
struct Made {
  Realm* realm = nullptr;
  JSValue value{};  // borrowed from the handle
  std::uint64_t number = 0;
  std::array<void*, 24> calls{};
  int depth = 0;
};

/// The handles of all runtimes by their addresses. Used in builds that trace them alone.
struct Registry {
  std::mutex lock;
  std::unordered_map<const Handle*, Made> handles;
  std::uint64_t last = 0;

  /// Never destroyed: handles may be static.
  static Registry& get() {
    static auto* registry = new Registry;
    return *registry;
  }
};

}  // namespace

// Without memory a handle is not told of, which is all that goes wrong.

void handle_made(const Handle* handle) noexcept {
  try {
    Registry& registry = Registry::get();
    Made made;
    made.realm = handle->realm();
    made.value = engine::take_ownership(handle->get());
#if __has_include(<execinfo.h>)
    made.depth = ::backtrace(made.calls.data(), static_cast<int>(made.calls.size()));
#endif
    const std::scoped_lock guard(registry.lock);
    made.number = ++registry.last;
    registry.handles.insert_or_assign(handle, made);
  } catch (const std::bad_alloc&) {
    handle_gone(handle);
  }
}

void handle_gone(const Handle* handle) noexcept {
  Registry& registry = Registry::get();
  const std::scoped_lock guard(registry.lock);
  registry.handles.erase(handle);
}

void handle_moved(const Handle* from, const Handle* to) noexcept {
  Registry& registry = Registry::get();
  const std::scoped_lock guard(registry.lock);
  registry.handles.erase(to);
  auto node = registry.handles.extract(from);
  if (node.empty()) return;
  node.key() = to;
  registry.handles.insert(std::move(node));  // its place is there already
}

void handles_swapped(const Handle* one, const Handle* other) noexcept {
  Registry& registry = Registry::get();
  const std::scoped_lock guard(registry.lock);
  auto first = registry.handles.extract(one);
  auto second = registry.handles.extract(other);
  if (!first.empty()) {
    first.key() = other;
    registry.handles.insert(std::move(first));
  }
  if (!second.empty()) {
    second.key() = one;
    registry.handles.insert(std::move(second));
  }
}

namespace {

/// A call as "name in file(+offset)"; the offset is what addr2line takes.
std::string spelled(void* address) {
#if __has_include(<execinfo.h>)
  ::Dl_info info{};
  // the call is before the place that it returns to
  auto* at = static_cast<char*>(address) - 1;
  if (::dladdr(at, &info) == 0 || info.dli_fname == nullptr) return "?";
  constexpr int hexadecimal = 16;
  std::array<char, 20> offset{};
  const auto distance = static_cast<std::uint64_t>(at - static_cast<char*>(info.dli_fbase));
  const auto [end, problem] =
      std::to_chars(offset.data(), offset.data() + offset.size(), distance, hexadecimal);
  std::string text;
  if (info.dli_sname != nullptr) {
    int failure = 0;
    const std::unique_ptr<char, void (*)(void*)> name(
        abi::__cxa_demangle(info.dli_sname, nullptr, nullptr, &failure), &std::free);
    text = std::string(name != nullptr ? name.get() : info.dli_sname) + " in ";
  }
  return text + info.dli_fname + "(+0x" +
         (problem == std::errc() ? std::string(offset.data(), end) : "0") + ')';
#else
  (void)address;
  return "?";
#endif
}

/// From where quip was called, if that is known by name.
std::string spelled(const Made& made) {
  std::vector<std::string> calls;
  for (int i = 1; i < made.depth; ++i) {  // the first one is handle_made
    calls.push_back(spelled(made.calls[static_cast<std::size_t>(i)]));
  }
  const auto outside = std::find_if(calls.begin(), calls.end(), [](const std::string& call) {
    return !call.starts_with("quip::");
  });
  std::string text;
  for (auto call = outside == calls.end() ? calls.begin() : outside; call != calls.end(); ++call) {
    text += (text.empty() ? "" : "\n") + *call;
  }
  return text;
}

std::string text_of(JSContext* ctx, JSValueConst value) {
  std::size_t size = 0;
  const char* chars = ::JS_ToCStringLen(ctx, &size, value);
  if (chars == nullptr) {
    engine::release(ctx, ::JS_GetException(ctx));
    return {};
  }
  constexpr std::size_t most = 40;
  std::string text;
  try {
    text = mended_utf8(std::string_view(chars, std::min(size, most)), false);
    if (size > most) text += "...";
  } catch (const std::bad_alloc&) {
    text.clear();
  }
  ::JS_FreeCString(ctx, chars);
  return text;
}

std::string function_name(JSContext* ctx, JSValueConst function) {
  const JSAtom atom = ::JS_NewAtom(ctx, "name");
  JSPropertyDescriptor found;
  const int has = atom == 0 ? -1 : ::JS_GetOwnProperty(ctx, &found, function, atom);
  ::JS_FreeAtom(ctx, atom);
  if (has < 0) engine::release(ctx, ::JS_GetException(ctx));
  if (has <= 0) return {};
  const std::string name = engine::is_string(found.value) ? text_of(ctx, found.value) : "";
  engine::release(ctx, found.getter);
  engine::release(ctx, found.setter);
  engine::release(ctx, found.value);
  return name;
}

std::string_view name_of(engine::Kind kind) noexcept {
  using engine::Kind;
  switch (kind) {
    case Kind::array:
      return "Array";
    case Kind::error:
      return "Error";
    case Kind::date:
      return "Date";
    case Kind::regexp:
      return "RegExp";
    case Kind::map:
      return "Map";
    case Kind::set:
      return "Set";
    case Kind::array_buffer:
      return "ArrayBuffer";
    case Kind::proxy:
      return "Proxy";
    case Kind::promise:
      return "Promise";
    default:
      return engine::is_typed_array(kind) ? engine::typed_array_class(kind).name : "Object";
  }
}

}  // namespace

std::string outline(JSContext* ctx, JSValueConst value) {
  if (engine::is_string(value)) return '"' + text_of(ctx, value) + '"';
  if (engine::is_object(value)) {
    const engine::Kind kind = engine::kind_of(value);
    if (kind == engine::Kind::proxy) return "Proxy";  // whether it is a function, it would not say
    if (const Cell* cell = cell_in(value)) return std::string(shown_name(*cell->type));
    if (engine::is_function(ctx, value)) {
      // C++ functions and callable instances may answer for their properties themselves
      const Core& core = *find_realm(ctx)->core;
      const JSClassID id = ::JS_GetClassID(engine::take_ownership(value));
      if (id == core.function_class || id == core.callable_class ||
          id == core.exotic_callable_class) {
        return "function (C++)";
      }
      const std::string name = function_name(ctx, value);
      return name.empty() ? "function" : "function " + name;
    }
    return std::string(name_of(kind));
  }
  if (engine::tag(value) == JS_TAG_SYMBOL) return "symbol";
  if (engine::is_undefined(value)) return "undefined, or a Context";
  return text_of(ctx, value);
}

std::vector<LivingHandle> list_handles(CoreState& core) {
  std::vector<Made> found;
  {
    Registry& registry = Registry::get();
    const std::scoped_lock guard(registry.lock);
    for (const auto& [handle, made] : registry.handles) {
      if (made.realm->owner == &core) found.push_back(made);
    }
  }
  std::sort(found.begin(), found.end(),
            [](const Made& a, const Made& b) { return a.number < b.number; });
  // the newest realm is the first of the list
  std::unordered_map<const Realm*, std::size_t> numbers;
  std::size_t count = 0;
  for (const Realm* realm = core.realms; realm != nullptr; realm = realm->next) ++count;
  for (const Realm* realm = core.realms; realm != nullptr; realm = realm->next) {
    numbers[realm] = count--;
  }
  std::vector<LivingHandle> result;
  for (const Made& made : found) {
    LivingHandle handle;
    handle.value = made.realm->in_engine ? outline(made.realm->context, made.value)
                                         : "a value of a context that is gone";
    handle.realm = numbers[made.realm];
    handle.site = spelled(made);
    result.push_back(std::move(handle));
  }
  return result;
}

}  // namespace detail

std::ostream& operator<<(std::ostream& out, const LivingHandle& handle) {
  out << "  " << handle.value << ", of context " << handle.realm << ", made at\n";
  std::string_view rest = handle.site;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    out << "    " << line << '\n';
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
  }
  return out;
}

bool has_handle_tracing() noexcept { return detail::traces_handles; }

std::size_t count_handles(const Context& context) {
  detail::Realm* realm = context.handle().realm();
  if (realm->owner == nullptr) detail::refusal(realm).raise();
  const detail::Work work(realm->owner);
  return realm->handles;
}

std::size_t count_handles(const Runtime& runtime) {
  if (runtime.core() == nullptr) throw RuntimeGone();
  const detail::Work work(runtime.core());
  std::size_t count = 0;
  for (const detail::Realm* realm = work->realms; realm != nullptr; realm = realm->next) {
    count += realm->handles;
  }
  return count;
}

namespace {
Error no_tracing() {
  return Error::plain(
      "this build does not trace handles: configure quip with -DQUIP_TRACE_HANDLES=ON");
}
}  // namespace

Result<std::vector<LivingHandle>> try_living_handles(detail::Within within) {
  if (!has_handle_tracing()) return no_tracing();
  const detail::Entry entry(within.core());
  if (!entry) return RuntimeGone();
  try {
    return detail::list_handles(detail::CoreState::of(within.core()));
  } catch (const std::bad_alloc&) {
    return Error::from(std::current_exception());
  }
}

std::vector<LivingHandle> living_handles(detail::Within within) {
  return try_living_handles(within).value();
}

void report_leaks(detail::Within within, LeakHandler handler) {
  if (!has_handle_tracing()) throw no_tracing();
  const detail::Work work(within.core());
  detail::CoreState& core = detail::CoreState::of(within.core());
  if (core.closing) throw RuntimeGone();
  detail::Diagnostics::of(core).leak_handler = std::move(handler);
}

}  // namespace quip

// What the engines print about themselves.
#include <quip/engine/engine.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <string_view>

namespace quip::engine {

namespace fallback {
Missing JS_SetDumpFlags(...);

/// Whether the engine took the flags.
template <class R>
bool set_dump_flags([[maybe_unused]] R* rt, [[maybe_unused]] std::uint64_t flags) noexcept {
  if constexpr (present<decltype(JS_SetDumpFlags(rt, flags))>) {
    JS_SetDumpFlags(rt, flags);
    return JS_GetDumpFlags(rt) == flags;
  } else {
    return false;
  }
}
}  // namespace fallback

namespace {

/// In the order of DumpFlags.
constexpr std::array<std::uint64_t, 19> dump_bits{
#if defined(JS_DUMP_LEAKS)
    JS_DUMP_BYTECODE_FINAL,
    JS_DUMP_BYTECODE_PASS2,
    JS_DUMP_BYTECODE_PASS1,
    JS_DUMP_BYTECODE_HEX,
    JS_DUMP_BYTECODE_PC2LINE,
    JS_DUMP_BYTECODE_STACK,
    JS_DUMP_BYTECODE_STEP,
    JS_DUMP_READ_OBJECT,
    JS_DUMP_FREE,
    JS_DUMP_GC,
    JS_DUMP_GC_FREE,
    JS_DUMP_MODULE_RESOLVE,
    JS_DUMP_PROMISE,
    JS_DUMP_LEAKS,
    JS_DUMP_ATOM_LEAKS,
    JS_DUMP_MEM,
    JS_DUMP_OBJECTS,
    JS_DUMP_ATOMS,
    JS_DUMP_SHAPES,
#endif
};

/// A line of the engine's list of classes: "  count  id name", the id left out when it is 0.
bool take_class(std::string_view line, void* to,
                void (*take)(void* to, std::string_view name, std::int64_t count)) noexcept {
  const auto skip = [&line](std::string_view of) {
    line.remove_prefix(std::min(line.find_first_not_of(of), line.size()));
  };
  skip(" ");
  std::int64_t count = 0;
  const auto [end, problem] = std::from_chars(line.data(), line.data() + line.size(), count);
  if (problem != std::errc()) return false;
  line.remove_prefix(static_cast<std::size_t>(end - line.data()));
  skip(" ");
  const bool has_id = !line.empty() && line.front() >= '0' && line.front() <= '9';
  skip("0123456789");
  skip(" ");
  take(to, has_id ? line : std::string_view(), count);
  return true;
}

}  // namespace

bool has_dumps() noexcept {
  JSRuntime* rt = ::JS_NewRuntime();
  if (rt == nullptr) return false;
  const bool has = fallback::set_dump_flags(rt, dump_bits.front()) && dump_bits.front() != 0;
  fallback::set_dump_flags(rt, 0);
  ::JS_FreeRuntime(rt);
  return has;
}

void set_dump_flags(JSRuntime* rt, std::uint32_t flags) noexcept {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < dump_bits.size(); ++i) {
    if ((flags >> i & 1U) != 0) bits |= dump_bits[i];
  }
  fallback::set_dump_flags(rt, bits);
}

bool count_objects(JSRuntime* rt, void* to,
                   void (*take)(void* to, std::string_view name, std::int64_t count)) noexcept {
  // no engine has a call for it, but each prints it
  char* text = nullptr;
  std::size_t size = 0;
  std::FILE* stream = ::open_memstream(&text, &size);
  if (stream == nullptr) return false;
  JSMemoryUsage nothing{};
  ::JS_DumpMemoryUsage(stream, &nothing, rt);
  const bool is_written = std::ferror(stream) == 0;
  if (std::fclose(stream) == 0 && is_written) {
    std::string_view rest(text, size);
    const std::size_t begin = rest.find("JSObject classes\n");
    rest.remove_prefix(begin == std::string_view::npos ? rest.size() : rest.find('\n', begin) + 1);
    for (bool has_more = true; has_more && !rest.empty();) {
      const std::string_view line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(line.size() + 1, rest.size()));
      has_more = take_class(line, to, take);
    }
  }
  std::free(text);
  return is_written;
}

}  // namespace quip::engine

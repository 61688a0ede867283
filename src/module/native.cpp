#include "glue.hpp"
#include "library.hpp"
#include "specifier.hpp"
#include <quip/core/error.hpp>
#include <quip/module/native.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <system_error>
#include <utility>

#if defined(QUIP_PROJECT_VERSION)
static_assert(quip::version == QUIP_PROJECT_VERSION, "CMakeLists.txt has another version");
#endif

extern "C" {
/// A program that exports quip exports this too: it is how a loader finds out.
[[gnu::visibility("default")]] extern const std::uint32_t quip_native_host;
[[gnu::used]] const std::uint32_t quip_native_host = quip::detail::native_abi;
}

namespace quip {

namespace {

using detail::NativeStamp;

constexpr const char* stamp_symbol = "quip_native_module";
constexpr const char* host_symbol = "quip_native_host";
constexpr std::string_view exports_hint =
    "this program does not export quip: use quip_enable_native_modules(target) in CMake";

/// Of the layouts in a stamp, in their order.
constexpr std::array<std::string_view, 12> layout_names = {
    "a pointer",        "JSValue",        "the tag of numbers", "JSMallocFunctions",
    "std::string",      "std::vector",    "quip's runtimes",    "quip's contexts",
    "quip's functions", "quip's classes", "quip's instances",   "quip's exports"};
static_assert(layout_names.size() == std::tuple_size_v<decltype(NativeStamp::layouts)>);

Error refuse(const std::filesystem::path& path, const std::string& reason) {
  return Error::type(detail::cannot_load(path.generic_string()) + ": " + reason);
}
Error no_module(const std::filesystem::path& path) {
  return refuse(path, "it is no quip module: it has no QUIP_MODULE");
}

template <std::size_t N>
std::string_view text_of(const std::array<char, N>& padded) noexcept {
  return {padded.data(), ::strnlen(padded.data(), N)};
}
template <std::size_t N>
bool is_text(const std::array<char, N>& padded) noexcept {
  const std::string_view text = text_of(padded);
  return !text.empty() && text.size() < N &&
         std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

const std::string& engine_here() {
  static const std::string version = engine::version();
  return version;
}

/// Whether the stamped engine is this one. A stamp may be without the version; a library may have
/// a suffix behind the version that its header tells.
bool is_engine_here(std::string_view stamped) {
  std::string_view here = engine_here();
  if (stamped.find(' ') == std::string_view::npos) return stamped == here.substr(0, here.find(' '));
  if (!here.starts_with(stamped)) return false;
  here.remove_prefix(stamped.size());
  return here.empty() || (here[0] != '.' && (here[0] < '0' || here[0] > '9'));
}

/// Why a module with that stamp cannot be used here; empty when it can be.
std::string mismatch(const NativeStamp& stamp) {
  const std::string_view engine = text_of(stamp.engine);
  if (stamp.abi != detail::native_abi) {
    return "it was compiled with quip " + std::string(text_of(stamp.quip)) +
           ", whose native modules have the ABI " + std::to_string(stamp.abi) + "; quip " +
           std::string(version) + " has " + std::to_string(detail::native_abi);
  }
  if (!is_engine_here(engine)) {
    return "it was compiled for " + std::string(engine) + "; the engine here is " + engine_here();
  }
  constexpr auto here = detail::layouts_here();
  for (std::size_t i = 0; i < here.size(); ++i) {
    if (stamp.size != sizeof(NativeStamp) || stamp.layouts[i] != here[i]) {
      return "it was compiled with other layouts than quip here" +
             (stamp.size == sizeof(NativeStamp)
                  ? ": of " + std::string(layout_names[i]) + " (" +
                        std::to_string(stamp.layouts[i]) + ", here " + std::to_string(here[i]) + ")"
                  : "");
    }
  }
  return {};
}

bool is_library(std::string_view file) noexcept {
  using namespace std::string_view_literals;
  constexpr std::string_view beginnings[] = {
      "\x7f"
      "ELF"sv,
      "\xcf\xfa\xed\xfe"sv, "\xca\xfe\xba\xbe"sv, "\xca\xfe\xba\xbf"sv, "MZ"sv};
  return std::ranges::any_of(beginnings,
                             [&](std::string_view magic) { return file.starts_with(magic); });
}

/// The stamp in a library's file. It is constant data, so that its bytes are in the file as they
/// are, but for its pointers.
std::optional<NativeStamp> find_stamp(std::string_view file) noexcept {
  const std::string_view magic(detail::native_magic.data(), detail::native_magic.size());
  for (std::size_t at = file.find(magic); at != std::string_view::npos;
       at = file.find(magic, at + 1)) {
    NativeStamp stamp{};
    std::memcpy(static_cast<void*>(&stamp), file.data() + at,
                std::min(sizeof(stamp), file.size() - at));
    // The magic alone is also in a library that has a loader in it.
    constexpr std::uint32_t most = 1 << 16;
    if (stamp.abi != 0 && stamp.abi < most && stamp.size >= offsetof(NativeStamp, layouts) &&
        stamp.size < most && is_text(stamp.quip) && is_text(stamp.engine)) {
      return stamp;
    }
  }
  return std::nullopt;
}

/// What to say of a library that the dynamic linker refused.
std::string linker_says(std::string said) {
  const auto has = [&](std::string_view text) { return said.find(text) != std::string::npos; };
  const bool is_missing = has("undefined symbol") || has("symbol not found");
  if (is_missing && (has("4quip") || has(" JS_") || has("'_JS_"))) {
    return (detail::is_exported(host_symbol) ? "it needs what this program's quip or engine has not"
                                             : std::string(exports_hint)) +
           " (" + said + ")";
  }
  return said;
}

/// The libraries that are loaded, by their real paths. They stay until the process ends, so their
/// handles are not kept.
struct Libraries {
  std::mutex lock;
  std::map<std::string, const ModuleDef*, std::less<>> loaded;
};
Libraries& libraries() {
  // never destroyed: what ends after this may load
  static auto* all = new Libraries;
  return *all;
}

Result<std::string> read(const std::filesystem::path& path) {
  const auto cannot_read = [&](const std::string& reason) {
    return Error::reference(detail::cannot_load(path.generic_string()) + ": " + reason);
  };
  std::error_code problem;
  if (!std::filesystem::is_regular_file(path, problem)) return cannot_read("it is no file");
  errno = 0;
  std::ifstream stream(path, std::ios::binary);
  std::string bytes(static_cast<std::size_t>(std::filesystem::file_size(path, problem)), '\0');
  if (!problem && !stream.read(bytes.data(), static_cast<std::streamsize>(bytes.size()))) {
    problem.assign(errno == 0 ? EIO : errno, std::generic_category());
  }
  if (problem) return cannot_read(problem.message());
  return bytes;
}

Result<const ModuleDef*> open(const std::filesystem::path& path) {
  Result<std::string> file = read(path);
  if (!file) return std::move(file).error();
  if (!is_library(*file)) return refuse(path, "it is no shared library");
  const std::optional<NativeStamp> stamp = find_stamp(*file);
  if (!stamp) return no_module(path);
  if (std::string reason = mismatch(*stamp); !reason.empty()) return refuse(path, reason);

  const Result<void*> library = detail::load_library(path);
  if (!library) return refuse(path, linker_says(library.error().message()));
  // Its static initialisers ran: it is not closed, whatever follows. What follows is for a file
  // that changed since it was read.
  const auto* loaded = static_cast<const NativeStamp*>(detail::find_symbol(*library, stamp_symbol));
  if (loaded == nullptr || loaded->magic != detail::native_magic) return no_module(path);
  if (std::string reason = mismatch(*loaded); !reason.empty()) return refuse(path, reason);
  if (loaded->core != &detail::no_core) {
    return refuse(path, "it has a quip of its own: " +
                            (detail::is_exported(host_symbol)
                                 ? std::string("build it by quip_add_module in CMake")
                                 : std::string(exports_hint)));
  }
  try {
    return &loaded->definition();
  } catch (...) {
    return Error::from(std::current_exception());
  }
}

/// The definition in a library, which is loaded if it is not yet.
Result<const ModuleDef*> find(const std::filesystem::path& path) {
  if (detail::has_nul(path.generic_string())) {
    return Error::reference(detail::cannot_load(path.generic_string()) + ": it has a NUL");
  }
  std::error_code problem;
  const std::filesystem::path real = std::filesystem::canonical(path, problem);
  if (problem) {
    return Error::reference(detail::cannot_load(path.generic_string()) + ": " + problem.message());
  }
  Libraries& known = libraries();
  {
    const std::scoped_lock guard(known.lock);
    const auto found = known.loaded.find(real.generic_string());
    if (found != known.loaded.end()) return found->second;
  }
  // Without the lock: a library's static initialisers and the expression in its QUIP_MODULE may do
  // what they like. Two threads that come here at once get the same library from the system.
  Result<const ModuleDef*> definition = open(real);
  if (definition) {
    const std::scoped_lock guard(known.lock);
    known.loaded.emplace(real.generic_string(), *definition);
  }
  return definition;
}

}  // namespace

NativeLoader& NativeLoader::extension(std::string_view extension) {
  extensions_.push_back((extension.starts_with('.') ? "" : ".") + std::string(extension));
  return *this;
}

NativeLoader& NativeLoader::extensions(const std::vector<std::string>& extensions) {
  extensions_.clear();
  for (const std::string& each : extensions) extension(each);
  return *this;
}

Result<ModuleSource> NativeLoader::operator()(std::string_view name,
                                              const ImportAttributes& attributes) const {
  const auto has = [&](const std::string& extension) { return name.ends_with(extension); };
  if (std::ranges::none_of(extensions_, has)) {
    std::string known;
    for (const std::string& each : extensions_) known += (known.empty() ? "" : ", ") + each;
    return Error::reference(detail::cannot_load(name) + " as a native module: its extension is " +
                            (known.empty() ? "not known" : "none of " + known));
  }
  if (!attributes.empty()) {
    return Error::type(detail::cannot_load(name) +
                       ": a native module is imported without attributes");
  }
  return find(std::filesystem::path(name)).transform([](const ModuleDef* definition) {
    // the library owns it
    return ModuleSource(ModuleSource::Definition{
        std::shared_ptr<const ModuleDef>(std::shared_ptr<const void>(), definition)});
  });
}

Result<ModuleDef> NativeLoader::try_load(const std::filesystem::path& library) {
  return find(library).transform([](const ModuleDef* definition) { return *definition; });
}

}  // namespace quip

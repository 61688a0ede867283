// Native modules: shared libraries that are compiled on their own, and loaded by an import.
#pragma once

#include <quip/class/cell.hpp>
#include <quip/class/class_type.hpp>
#include <quip/core/result.hpp>
#include <quip/core/version.hpp>
#include <quip/function/native.hpp>
#include <quip/module/module_def.hpp>
#include <quip/module/source.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace quip {

namespace detail {

/// What a native module and its host must agree on so that the inlined code of these headers is the
/// same in both. To be counted up with every change of the layout or the meaning of what headers
/// and library share; what the sizes below show is found without that.
inline constexpr std::uint32_t native_abi = 1;

/// What a native module says about itself: data, to be read in the file before the library is
/// loaded, and again afterwards, before any function of it is called. The members up to `engine`
/// keep their places for ever; the others belong to the ABI number.
struct NativeStamp {
  std::array<char, 16> magic;
  std::uint32_t abi;
  std::uint32_t size;         ///< of the stamp, in bytes
  std::array<char, 32> quip;  ///< the version; NUL-terminated, as the next
  /// Family and version, as engine::version tells them; without the version where no one said it.
  std::array<char, 48> engine;
  std::array<std::uint32_t, 12> layouts;  ///< see layouts_here
  const Core* core;                       ///< no_core, of which there must be one
  const ModuleDef& (*definition)();
};

inline constexpr std::array<char, 16> native_magic = {
    '\x93', 'q', 'u', 'i', 'p', ' ', 'm', 'o', 'd', 'u', 'l', 'e', '\r', '\n', '\x1a', '\n'};

/// Sizes of what both sides touch; src/module/native.cpp has their names.
consteval std::array<std::uint32_t, 12> layouts_here() noexcept {
  return {sizeof(void*),
          sizeof(JSValue),
          static_cast<std::uint32_t>(JS_TAG_FLOAT64 + 128),
          sizeof(JSMallocFunctions),
          sizeof(std::string),
          sizeof(std::vector<int>),
          sizeof(Core),
          sizeof(Realm),
          sizeof(NativeFunction),
          sizeof(ClassType),
          sizeof(Cell),
          sizeof(ExportsSpec)};
}

template <std::size_t N>
constexpr std::array<char, N> padded(std::string_view text) noexcept {
  std::array<char, N> made{};
  for (std::size_t i = 0; i < text.size() && i + 1 < N; ++i) made[i] = text[i];
  return made;
}

consteval NativeStamp native_stamp(const ModuleDef& (*definition)()) noexcept {
  return {native_magic,
          native_abi,
          sizeof(NativeStamp),
          padded<32>(version),
          engine::compiled_version(),
          layouts_here(),
          &no_core,
          definition};
}

}  // namespace detail

/// Makes a shared library a native module: what follows is its definition, a ModuleDef or an
/// expression that makes one. To be said once in a library, outside of every namespace:
///
///     #include <quip/quip.hpp>
///
///     static double area(double radius) { return 3.14159 * radius * radius; }
///
///     QUIP_MODULE(quip::ModuleDef("geometry", [](quip::Exports& exports) {
///       exports.function<&area>();
///     }));
///
/// CMake's quip_add_module builds such a library. The expression is evaluated when a program first
/// loads the module; what it throws is what that import throws, and the next one tries again.
#define QUIP_MODULE(...)                                                                         \
  /* Unnamed, with all lambdas in it: what has a name may be one in all modules of a process. */ \
  namespace {                                                                                    \
  const ::quip::ModuleDef& quip_module_definition() {                                            \
    /* never destroyed: loaders may ask for it until the very end */                             \
    static const auto* const definition = new ::quip::ModuleDef(__VA_ARGS__);                    \
    return *definition;                                                                          \
  }                                                                                              \
  }                                                                                              \
  extern "C" {                                                                                   \
  [[gnu::visibility("default")]] extern const ::quip::detail::NativeStamp quip_native_module;    \
  [[gnu::used]] constinit const ::quip::detail::NativeStamp quip_native_module =                 \
      ::quip::detail::native_stamp(&quip_module_definition);                                     \
  }                                                                                              \
  static_assert(true)

/// A loader (see Loader) of native modules: names that end in the platform's extension (".so";
/// ".dylib" on macOS) and are paths, as FileResolver's are. On Windows it refuses every library: a
/// DLL cannot use the quip that is in a program.
///
///     runtime.set_loader(quip::FileResolver("app").native(),
///                        quip::loaders(quip::NativeLoader(), quip::ScriptLoader()));
///
/// The program must let its modules use the quip and the engine that it is linked with: CMake's
/// quip_enable_native_modules(program). A library that is no quip module, or one of another engine,
/// another version of it, or a quip with another ABI, is refused before it is loaded: not even its
/// static initialisers run. Importing a native module is otherwise running its code, with all that
/// code may do: a program that imports what it does not trust should have no NativeLoader.
///
/// A library is loaded once for the process, however many runtimes, contexts and threads import it,
/// and stays until the process ends: what scripts and C++ have of it remains usable whatever
/// happens to the loader, and a file that is replaced meanwhile is not loaded anew.
///
/// Classes are known by the names of their C++ types (std::type_info): what the program and a
/// module have from one header is one class, and exceptions are caught by their types. So what
/// belongs to a module alone should be in an unnamed namespace, or one that no other module has.
class NativeLoader {
 public:
  /// Takes that extension too. A dot in front may be left out.
  NativeLoader& extension(std::string_view extension);
  /// Takes these alone.
  NativeLoader& extensions(const std::vector<std::string>& extensions);

  /// The module's definition. A ReferenceError when there is no such file or its extension is none
  /// of these, a TypeError that says why when it is not loaded. An import with an attribute is a
  /// TypeError.
  Result<ModuleSource> operator()(std::string_view name,
                                  const ImportAttributes& attributes = {}) const;

  /// The definition in the library of that path, whatever its extension is, for uses other than an
  /// import; see ModuleDef. Throws as the loader fails.
  static ModuleDef load(const std::filesystem::path& library) { return try_load(library).value(); }
  static Result<ModuleDef> try_load(const std::filesystem::path& library);

 private:
  std::vector<std::string> extensions_ = {
#if defined(__APPLE__)
      ".dylib",
#elif defined(_WIN32)
      ".dll",
#endif
      ".so"};
};

}  // namespace quip

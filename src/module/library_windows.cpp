#include "library.hpp"

namespace quip::detail {

// A DLL is linked with the libraries that it uses, and cannot share thread-local variables with the
// program that loads it, as quip's headers have them.
Result<void*> load_library(const std::filesystem::path&) {
  return Error::plain(
      "native modules are not supported on Windows: link it into the program, as a "
      "ModuleDef of its loader");
}

void* find_symbol(void*, const char*) noexcept { return nullptr; }

bool is_exported(const char*) noexcept { return false; }

}  // namespace quip::detail

#include "library.hpp"

#include <dlfcn.h>

namespace quip::detail {

Result<void*> load_library(const std::filesystem::path& path) {
  void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library != nullptr) return library;
  const char* said = ::dlerror();
  return Error::plain(said == nullptr ? "the dynamic linker does not say why" : said);
}

void* find_symbol(void* library, const char* name) noexcept { return ::dlsym(library, name); }

bool is_exported(const char* name) noexcept { return ::dlsym(RTLD_DEFAULT, name) != nullptr; }

}  // namespace quip::detail

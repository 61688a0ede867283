// Shared libraries, as the system loads them: one source for each kind of system. Private to src/.
#pragma once

#include <quip/core/result.hpp>

#include <filesystem>

namespace quip::detail {

/// Loads a library for the rest of the process, for its handle; its names are its own. The error is
/// what the system says.
Result<void*> load_library(const std::filesystem::path& path);
/// What a loaded library has by that name, or null.
void* find_symbol(void* library, const char* name) noexcept;
/// Whether the program lets the libraries that it loads use what it has by that name.
bool is_exported(const char* name) noexcept;

}  // namespace quip::detail

#include "../value/utf8.hpp"
#include "glue.hpp"
#include "specifier.hpp"
#include <quip/module/file_resolver.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

namespace quip {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view placeholder = "{}";

std::string check_pattern(std::string pattern) {
  if (pattern.find(placeholder) == std::string::npos) {
    throw Error::type("the pattern " + detail::quoted(pattern) +
                      " of a FileResolver has no {} for the name");
  }
  return pattern;
}

/// "lib{}.so" for "fast" is "libfast.so".
std::string filled_in(std::string pattern, std::string_view name) {
  for (std::size_t at = pattern.find(placeholder); at != std::string::npos;
       at = pattern.find(placeholder, at + name.size())) {
    pattern.replace(at, placeholder.size(), name);
  }
  return pattern;
}

}  // namespace

/// One look for a module: what was tried, and why it was not taken.
class FileResolver::Search {
 public:
  explicit Search(const FileResolver& resolver) : resolver_(resolver) {
    if (!resolver.is_confined_) return;
    std::error_code failed;
    real_root_ = fs::canonical(resolver.root_, failed);
    if (failed) real_root_ = resolver.root_;
  }

  /// Looks for the name itself and by the patterns.
  std::optional<std::string> find(const fs::path& name) {
    const bool is_folder = !name.has_filename();
    const fs::path plain = detail::plain_path(name);
    if (resolver_.is_confined_ && !is_allowed(plain)) return std::nullopt;
    is_outside_ = false;
    std::optional<std::string> found = is_folder ? std::nullopt : look(plain);
    if (found || (!is_folder && has_known_extension(plain))) return found;
    for (const std::string& pattern : resolver_.patterns_) {
      if (is_folder && !pattern.starts_with("{}/")) continue;
      const fs::path candidate = detail::plain_path(
          plain.parent_path() / filled_in(pattern, plain.filename().generic_string()));
      if (resolver_.is_confined_ && !is_allowed(candidate)) continue;
      found = look(candidate);
      if (found) return found;
    }
    if (is_folder && tried_.empty()) add(plain / "", "");
    return found;
  }

  [[nodiscard]] std::string reason() const {
    if (is_outside_) return "it is outside of the folder that modules are confined to";
    return "looked for " + tried_;
  }

 private:
  /// Whether the path, as text, is in the root; by the name given to it or by its real one.
  [[nodiscard]] bool is_allowed(const fs::path& path) const {
    return detail::is_inside(path, resolver_.root_) || detail::is_inside(path, real_root_);
  }
  [[nodiscard]] bool has_known_extension(const fs::path& path) const {
    const std::string extension = path.extension().generic_string();
    if (extension == ".js" || extension == ".mjs" || extension == ".json") return true;
    return !extension.empty() &&
           std::ranges::any_of(resolver_.patterns_, [&](const std::string& pattern) {
             return fs::path(pattern).extension().generic_string() == extension;
           });
  }

  std::optional<std::string> look(const fs::path& path) {
    std::error_code failed;
    const fs::path real = fs::canonical(path, failed);
    std::string problem;
    if (resolver_.is_confined_ && !failed && !detail::is_inside(real, real_root_)) {
      // as if it were not there: what is outside is not to be found out
    } else if (!failed) {
      const fs::file_type type = fs::status(real, failed).type();
      if (type == fs::file_type::regular) return real.generic_string();
      problem = type == fs::file_type::directory ? "it is a folder" : "it is no regular file";
    } else if (!resolver_.is_confined_ && failed != std::errc::no_such_file_or_directory &&
               failed != std::errc::not_a_directory) {
      problem = failed.message();
    }
    add(path, problem);
    return std::nullopt;
  }

  void add(const fs::path& path, const std::string& problem) {
    if (!tried_.empty()) tried_ += ", ";
    // of a confined one no more than where it is in the root
    fs::path shown = path;
    if (resolver_.is_confined_) {
      shown = path.lexically_relative(detail::is_inside(path, resolver_.root_) ? resolver_.root_
                                                                               : real_root_);
    }
    tried_ += detail::quoted(shown.generic_string());
    if (!problem.empty()) tried_ += " (" + problem + ")";
  }

  const FileResolver& resolver_;
  fs::path real_root_;
  std::string tried_;
  bool is_outside_ = true;  // nothing that was to be looked for was in the root
};

FileResolver::FileResolver(const fs::path& root) : root_(detail::plain_path(root)) {}

FileResolver& FileResolver::path(const fs::path& folder) {
  paths_.push_back(detail::plain_path(root_ / folder));
  return *this;
}

FileResolver& FileResolver::pattern(std::string pattern) {
  patterns_.push_back(check_pattern(std::move(pattern)));
  return *this;
}

FileResolver& FileResolver::patterns(std::vector<std::string> patterns) {
  for (std::string& pattern : patterns) pattern = check_pattern(std::move(pattern));
  patterns_ = std::move(patterns);
  return *this;
}

FileResolver& FileResolver::native() {
#if defined(_WIN32)
  return pattern("{}.dll");
#elif defined(__APPLE__)
  return pattern("{}.dylib").pattern("lib{}.dylib");
#else
  return pattern("{}.so").pattern("lib{}.so");
#endif
}

FileResolver& FileResolver::confined(bool confined) {
  is_confined_ = confined;
  return *this;
}

Result<std::string> FileResolver::operator()(std::string_view base,
                                             std::string_view specifier) const {
  const auto fail = [&](const std::string& reason) {
    return Error::reference(detail::cannot_find(base, specifier) + ": " + reason);
  };
  if (detail::has_nul(specifier) || detail::has_nul(base)) return fail("it has a NUL");
  if (is_confined_ && specifier.find('\\') != std::string_view::npos) {
    return fail("it has a backslash, which separates no folders");
  }
  if (is_confined_ && detail::valid_utf8(specifier) != specifier.size()) {
    return fail("it is not UTF-8");
  }

  Search search(*this);
  const auto result = [&](std::optional<std::string> found) -> Result<std::string> {
    if (found) return *std::move(found);
    return fail(search.reason());
  };
  if (detail::is_relative(specifier)) {
    fs::path name = detail::folder_of(base, root_) / specifier;
    if (name.filename() == "." || name.filename() == "..") name /= "";
    return result(search.find(name));
  }
  if (detail::is_file_url(specifier)) {
    const Result<std::string> path = detail::path_of_file_url(specifier);
    if (!path) return fail(path.error().message());
    return result(search.find(*path));
  }
  if (fs::path(specifier).has_root_directory()) return result(search.find(specifier));
  if (specifier.empty()) return fail("an empty specifier names no file");
  if (paths_.empty()) return fail("only relative (./, ../) and absolute paths are supported");
  std::optional<std::string> found;
  for (const fs::path& folder : paths_) {
    const fs::path name = folder / specifier;
    if (!detail::is_inside(detail::plain_path(name), folder)) {
      return fail("a bare name must not lead out of the folders that are searched");
    }
    found = search.find(name);
    if (found) break;
  }
  return result(std::move(found));
}

}  // namespace quip

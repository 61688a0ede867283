#include "specifier.hpp"

#include "../value/utf8.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

namespace quip::detail {

namespace {

bool is_letter(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// Whether the text begins with `prefix`, which is in lower case, in whatever case.
bool starts_with_in_any_case(std::string_view text, std::string_view prefix) noexcept {
  return text.size() >= prefix.size() &&
         std::equal(prefix.begin(), prefix.end(), text.begin(),
                    [](char wanted, char c) { return wanted == lower(c); });
}

std::optional<unsigned> hex_digit(char c) noexcept {
  if (is_digit(c)) return static_cast<unsigned>(c - '0');
  c = lower(c);
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  return std::nullopt;
}

}  // namespace

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::optional<char> encoded_character(std::string_view text) noexcept {
  if (text.size() < 3 || text[0] != '%') return std::nullopt;
  const std::optional<unsigned> high = hex_digit(text[1]);
  const std::optional<unsigned> low = hex_digit(text[2]);
  if (!high || !low) return std::nullopt;
  return static_cast<char>(*high * 16 + *low);
}

bool is_relative(std::string_view specifier) noexcept {
  return specifier == "." || specifier == ".." || specifier.starts_with("./") ||
         specifier.starts_with("../");
}

bool has_scheme(std::string_view specifier) noexcept {
  const std::size_t colon = specifier.find(':');
  if (colon == std::string_view::npos || colon < 2 || !is_letter(specifier[0])) return false;
  return std::all_of(
      specifier.begin(), specifier.begin() + static_cast<std::ptrdiff_t>(colon),
      [](char c) { return is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.'; });
}

bool has_drive(std::string_view path) noexcept {
  constexpr bool are_there = std::filesystem::path::preferred_separator == '\\';
  return are_there && path.size() >= 3 && is_letter(path[0]) && path[1] == ':' && path[2] == '/';
}

bool is_file_url(std::string_view specifier) noexcept {
  return starts_with_in_any_case(specifier, "file:");
}

Result<std::string> path_of_file_url(std::string_view url) {
  url.remove_prefix(std::string_view("file:").size());
  if (url.find_first_of("?#") != std::string_view::npos) {
    return Error::type("a file: URL with a query or a fragment names no file");
  }
  if (url.starts_with("//")) {
    url.remove_prefix(2);
    const std::size_t host = std::min(url.find('/'), url.size());
    if (host != 0 && !(host == 9 && starts_with_in_any_case(url, "localhost"))) {
      return Error::type("a file: URL must not have a host");
    }
    url.remove_prefix(host);
  }
  if (!url.starts_with('/')) return Error::type("a file: URL must have an absolute path");
  std::string path;
  path.reserve(url.size());
  for (std::size_t i = 0; i < url.size(); ++i) {
    const std::optional<char> encoded = encoded_character(url.substr(i));
    if (!encoded) {
      path.push_back(url[i]);  // a lone '%' too, as URLs have it
      continue;
    }
    const char byte = *encoded;
    if (byte == '/' || byte == '\\' || byte == '\0') {
      return Error::type("a file: URL must not have an encoded / or \\ or NUL");
    }
    path.push_back(byte);
    i += 2;
  }
  if (valid_utf8(path) != path.size()) return Error::type("a file: URL must be of UTF-8");
  if (has_drive(std::string_view(path).substr(1))) path.erase(0, 1);  // "/C:/folder"
  return path;
}

std::string quoted(std::string_view text) { return "'" + std::string(text) + "'"; }

bool has_nul(std::string_view text) noexcept { return text.find('\0') != std::string_view::npos; }

std::filesystem::path plain_path(const std::filesystem::path& path) {
  std::error_code failed;
  std::filesystem::path absolute = std::filesystem::absolute(path, failed);
  if (failed) absolute = path;
  std::filesystem::path plain = absolute.lexically_normal();
  if (!plain.has_filename() && plain != plain.root_path()) plain = plain.parent_path();
  return plain;
}

bool is_inside(const std::filesystem::path& path, const std::filesystem::path& folder) {
  const auto end = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
  return end.first == folder.end();
}

std::filesystem::path folder_of(std::string_view base, const std::filesystem::path& root) {
  if (is_file_url(base)) {
    // of what is no path, the root: its text must not be taken as one
    const Result<std::string> path = path_of_file_url(base);
    return path ? std::filesystem::path(*path).parent_path() : root;
  }
  const std::filesystem::path from(base);
  return from.is_absolute() ? from.parent_path() : root / from.parent_path();
}

std::size_t root_size(std::string_view name) noexcept {
  if (name.starts_with('/')) return 1;
  if (has_drive(name)) return 3;
  if (!has_scheme(name)) return 0;
  const std::size_t colon = name.find(':');
  if (!name.substr(colon + 1).starts_with("//")) return colon + 1;
  const std::size_t slash = name.find('/', colon + 3);
  return slash == std::string_view::npos ? name.size() : slash + 1;
}

std::optional<std::string> beside(std::string_view base, std::string_view relative) {
  std::string_view root = base.substr(0, root_size(base));
  std::string_view folder = base.substr(root.size());
  folder = folder.substr(0, folder.find_last_of('/') + 1);  // 0 without one
  if (relative.starts_with('/')) {
    folder = {};
    if (root.empty()) root = "/";
  }
  std::vector<std::string_view> parts;
  for (std::string_view path : {folder, relative}) {
    while (!path.empty()) {
      const std::string_view part = path.substr(0, path.find('/'));
      path.remove_prefix(std::min(part.size() + 1, path.size()));
      if (part == "..") {
        if (parts.empty() && root.empty()) return std::nullopt;
        if (!parts.empty()) parts.pop_back();
      } else if (!part.empty() && part != ".") {
        parts.push_back(part);
      }
    }
  }
  std::string name(root);
  if (!name.empty() && !parts.empty() && name.find("//") != std::string::npos &&
      !name.ends_with('/')) {
    name += '/';  // "https://host" alone
  }
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i != 0) name += '/';
    name += parts[i];
  }
  const std::string_view last = relative.substr(relative.find_last_of('/') + 1);
  const bool is_folder = last.empty() || last == "." || last == "..";
  if (is_folder && !parts.empty()) name += '/';
  return name;
}

}  // namespace quip::detail

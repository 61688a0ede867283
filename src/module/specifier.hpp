// What the text of an import means: kinds of specifiers, file: URLs, paths. Private to src/.
#pragma once

#include <quip/core/result.hpp>

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace quip::detail {

/// An ASCII letter in lower case; others as they are.
char lower(char c) noexcept;
/// The character that the text begins with as "%XX", if it does.
std::optional<char> encoded_character(std::string_view text) noexcept;

/// "./x", "../x", "." and "..": beside the importing module.
bool is_relative(std::string_view specifier) noexcept;
/// Whether it begins with a URL's scheme and its colon. Those of one letter are drives.
bool has_scheme(std::string_view specifier) noexcept;
bool is_file_url(std::string_view specifier) noexcept;
/// The path that a file: URL means, decoded once. A TypeError (of the reason alone) for a URL of
/// another host, with a query or fragment, or with an encoded separator or NUL.
Result<std::string> path_of_file_url(std::string_view url);

/// Whether the path begins with a drive of Windows ("C:/"); never elsewhere.
bool has_drive(std::string_view path) noexcept;

/// The text in quotes, for a message.
std::string quoted(std::string_view text);
/// Whether an engine or a file system, which read up to a NUL, would take it for another text.
bool has_nul(std::string_view text) noexcept;

/// The path made absolute and without "." and ".." (which are taken off as text, as URLs do), and
/// without a slash at its end.
std::filesystem::path plain_path(const std::filesystem::path& path);
/// Whether a plain path is the folder or lies below it.
bool is_inside(const std::filesystem::path& path, const std::filesystem::path& folder);
/// The folder that specifiers of that module are relative to: that of its file; for a module that
/// is no file, `root`.
std::filesystem::path folder_of(std::string_view base, const std::filesystem::path& root);

/// How much of a name is its root, above which no ".." leads: "https://host/", "/", "C:/", "quip:";
/// nothing of a relative one.
std::size_t root_size(std::string_view name) noexcept;
/// The name that a relative specifier, or one that begins with a slash, means beside a module of
/// that name, as text: without "." and "..", and with a slash at its end if it names a folder.
/// Nothing when it leads above where a relative name begins.
std::optional<std::string> beside(std::string_view base, std::string_view relative);

}  // namespace quip::detail

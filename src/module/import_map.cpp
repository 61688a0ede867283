#include "../core/core_state.hpp"
#include "glue.hpp"
#include "json_tree.hpp"
#include "specifier.hpp"
#include <quip/module/import_map.hpp>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <system_error>
#include <utility>

namespace quip {

namespace {

using detail::JsonTree;

/// Addresses by normalised specifier, longer ones before their prefixes; null blocks.
using SpecifierMap = std::map<std::string, std::optional<std::string>, std::greater<>>;

/// Names of URLs whose path is made of folders. Paths are such too.
bool is_special(std::string_view name) noexcept {
  if (!detail::has_scheme(name)) return true;
  constexpr std::array<std::string_view, 6> schemes = {"http", "https", "ws", "wss", "ftp", "file"};
  const std::string_view scheme = name.substr(0, name.find(':'));
  return std::find(schemes.begin(), schemes.end(), scheme) != schemes.end();
}

/// A URL's path as its parser has it: a backslash is a slash, and an encoded dot one in ".." too.
std::string plain_url_path(std::string_view path) {
  std::string plain;
  std::string part;
  const auto finish_part = [&] {
    std::string dots;
    for (std::size_t i = 0; i < part.size(); ++i) {
      const bool is_encoded = detail::encoded_character(std::string_view(part).substr(i)) == '.';
      dots += is_encoded ? '.' : part[i];
      if (is_encoded) i += 2;
    }
    plain += dots == "." || dots == ".." ? dots : part;
    part.clear();
  };
  for (const char c : path) {
    if (c == '/' || c == '\\') {
      finish_part();
      plain += '/';
    } else {
      part += c;
    }
  }
  finish_part();
  return plain;
}

/// The name that a text means beside the module `base`, as URLs are parsed: of files their paths;
/// of what is relative to no absolute name, "./x". Nothing for what means none.
std::optional<std::string> parse_url(std::string_view text, std::string_view base) {
  if (detail::is_file_url(text)) {
    const Result<std::string> path = detail::path_of_file_url(text);
    return path ? detail::beside("/", *path) : std::nullopt;
  }
  if (detail::has_scheme(text)) {
    std::string url(text);
    const auto lower_first = [&url](std::size_t size) {
      const auto end = url.begin() + static_cast<std::ptrdiff_t>(size);
      std::transform(url.begin(), end, url.begin(), detail::lower);
    };
    lower_first(url.find(':'));
    const std::size_t root = detail::root_size(url);
    if (is_special(url)) lower_first(root);
    if (!is_special(url) || url.find("://") == std::string::npos) return url;
    if (!url.substr(0, root).ends_with('/')) return url + '/';
    return detail::beside(url.substr(0, root), plain_url_path(url.substr(root)));
  }
  if (detail::root_size(base) != 0) {
    const bool is_url = detail::has_scheme(base) && is_special(base);
    return detail::beside(base, is_url ? plain_url_path(text) : std::string(text));
  }
  if (base.starts_with("./")) base.remove_prefix(2);
  std::optional<std::string> name = detail::beside(base, text);
  if (name && detail::root_size(*name) == 0) name->insert(0, "./");
  return name;
}

/// HTML's "resolve a URL-like module specifier": nothing for a bare name.
std::optional<std::string> parse_url_like(std::string_view specifier, std::string_view base) {
  const bool is_beside =
      specifier.starts_with('/') || specifier.starts_with("./") || specifier.starts_with("../");
  if (!is_beside && !detail::has_scheme(specifier)) return std::nullopt;
  return parse_url(specifier, base);
}

/// The name of a module, normalised as addresses are.
std::string base_name(std::string_view base) {
  return parse_url(base, "").value_or(std::string(base));
}

Error no_import_map(const std::string& problem) {
  return Error::type("not an import map: " + problem);
}

/// HTML's "resolve an imports match".
Result<std::optional<std::string>> match(const std::string& specifier,
                                         const std::optional<std::string>& url,
                                         const SpecifierMap& map) {
  const auto blocked = [&](const std::string& key) {
    return Error::type("the import map blocks " + detail::quoted(specifier) +
                       (key == specifier ? "" : " by " + detail::quoted(key)));
  };
  const std::string& normal = url ? *url : specifier;
  for (const auto& [key, address] : map) {
    if (key == normal) {
      if (!address) return blocked(key);
      return address;
    }
    if (!key.ends_with('/') || !normal.starts_with(key) || (url && !is_special(*url))) continue;
    if (!address) return blocked(key);
    const std::string rest = plain_url_path(std::string_view(normal).substr(key.size()));
    std::optional<std::string> found = parse_url(rest, *address);
    if (!found || !found->starts_with(*address)) {
      return Error::type("the specifier " + detail::quoted(specifier) + " leads out of " +
                         detail::quoted(*address) + ", which the import map has for " +
                         detail::quoted(key));
    }
    return found;
  }
  return std::optional<std::string>();
}

}  // namespace

struct ImportMap::Data {
  std::string base;
  SpecifierMap imports;
  std::map<std::string, SpecifierMap, std::greater<>> scopes;
  std::vector<std::string> warnings;

  /// HTML's "sort and normalize a module specifier map".
  SpecifierMap read(const JsonTree& tree) {
    SpecifierMap map;
    for (const auto& [key, address] : tree.members) {
      if (key.empty()) {
        warnings.emplace_back("an empty specifier is not used");
        continue;
      }
      map.insert_or_assign(parse_url_like(key, base).value_or(key), read_address(key, address));
    }
    return map;
  }

  std::optional<std::string> read_address(const std::string& key, const JsonTree& address) {
    const auto block = [&](const std::string& problem) {
      warnings.push_back("the address of " + detail::quoted(key) + ' ' + problem +
                         ": it is blocked");
      return std::nullopt;
    };
    if (address.is(JsonTree::Kind::null)) return std::nullopt;  // said so
    if (!address.is(JsonTree::Kind::string)) return block("is no string");
    std::optional<std::string> url = parse_url_like(address.text, base);
    if (!url)
      return block(detail::quoted(address.text) + " is neither a URL nor begins with /, ./ or ../");
    if (key.ends_with('/') && !url->ends_with('/')) {
      return block(detail::quoted(address.text) + " does not end in a slash");
    }
    return url;
  }

  /// HTML's "parse an import map string".
  std::optional<Error> read_map(const JsonTree& tree) {
    constexpr auto object = JsonTree::Kind::object;
    if (!tree.is(object)) return no_import_map("it is no object");
    for (const auto& [key, value] : tree.members) {
      if (key != "imports" && key != "scopes" && key != "integrity") {
        warnings.push_back("the key " + detail::quoted(key) + " is not known");
      } else if (!value.is(object)) {
        return no_import_map(detail::quoted(key) + " is no object");
      }
    }
    if (const JsonTree* found = tree.find("imports")) imports = read(*found);
    const JsonTree* found = tree.find("scopes");
    if (found == nullptr) return std::nullopt;
    for (const auto& [prefix, map] : found->members) {
      if (!map.is(object))
        return no_import_map("the scope " + detail::quoted(prefix) + " is no object");
      const std::optional<std::string> url = parse_url(prefix, base);
      if (url) {
        scopes.insert_or_assign(*url, read(map));
      } else {
        warnings.push_back("the scope " + detail::quoted(prefix) + " is no URL: it is not used");
      }
    }
    return std::nullopt;
  }
};

ImportMap::ImportMap(std::shared_ptr<const Data> data) noexcept : data_(std::move(data)) {}

Result<ImportMap> ImportMap::try_parse(std::string_view text, std::string_view base) {
  Result<detail::JsonReader> reader = detail::JsonReader::try_make();
  if (!reader) return std::move(reader).error();
  const Result<JsonTree> tree =
      reader->read(text, base.empty() ? "<import map>" : std::string(base));
  if (!tree) return tree.error();
  auto data = std::make_shared<Data>();
  data->base = base_name(base);
  if (std::optional<Error> failed = data->read_map(*tree)) return *std::move(failed);
  return ImportMap(std::move(data));
}

Result<ImportMap> ImportMap::try_read(const std::filesystem::path& file) {
  std::error_code failed;
  const std::filesystem::path real = std::filesystem::canonical(file, failed);
  const auto fail = [&](const std::string& problem) {
    return Error::plain("cannot read the import map " + detail::quoted(file.generic_string()) +
                        ": " + problem);
  };
  if (failed) return fail(failed.message());
  const Result<std::string> text = detail::read_file(real);
  if (!text) return fail(text.error().message());
  return try_parse(*text, real.generic_string());
}

Resolver ImportMap::then(Resolver next) const {
  return [map = *this, next = std::move(next)](
             std::string_view base, std::string_view specifier,
             const ImportAttributes& attributes) -> Result<std::string> {
    const Result<std::optional<std::string>> address = map.try_resolve(base, specifier);
    if (!address) return address.error();
    if (!*address) return next(base, specifier, attributes);
    // what is relative to no absolute name begins where the resolver begins
    return next((*address)->starts_with("./") ? std::string_view() : base, **address, attributes);
  };
}

Result<std::optional<std::string>> ImportMap::try_resolve(std::string_view base,
                                                          std::string_view specifier) const {
  const std::string importer = base_name(base);
  const std::string text(specifier);
  const std::optional<std::string> url = parse_url_like(specifier, importer);
  for (const auto& [prefix, map] : data_->scopes) {
    if (prefix != importer && !(prefix.ends_with('/') && importer.starts_with(prefix))) continue;
    Result<std::optional<std::string>> found = match(text, url, map);
    if (!found || *found) return found;
  }
  return match(text, url, data_->imports);
}

const std::vector<std::string>& ImportMap::warnings() const noexcept { return data_->warnings; }

}  // namespace quip

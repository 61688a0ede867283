#include "../core/core_state.hpp"
#include "../value/utf8.hpp"
#include "specifier.hpp"
#include <quip/engine/engine.hpp>
#include <quip/module/file_loader.hpp>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <utility>

namespace quip {

namespace {

std::string with_dot(std::string_view extension) {
  return (extension.empty() || extension.starts_with('.') ? "" : ".") + std::string(extension);
}

Result<std::string> read(std::string_view name) {
  if (detail::has_nul(name)) {
    return Error::reference("cannot read module " + detail::quoted(name) + ": it has a NUL");
  }
  Result<std::string> text = detail::read_file(std::filesystem::path(name));
  if (!text) {
    return Error::reference("cannot read module " + detail::quoted(name) + ": " +
                            text.error().message());
  }
  return text;
}

void drop_byte_order_mark(std::string& text) {
  constexpr std::string_view mark = "\xEF\xBB\xBF";
  if (text.starts_with(mark)) text.erase(0, mark.size());
}

Result<std::string> read_text(std::string_view name) {
  Result<std::string> text = read(name);
  if (!text) return text;
  drop_byte_order_mark(*text);
  if (detail::valid_utf8(*text) != text->size()) text = detail::mended_utf8(*text, false);
  return text;
}

std::vector<std::byte> bytes_of(std::string_view text) {
  std::vector<std::byte> bytes(text.size());
  std::transform(text.begin(), text.end(), bytes.begin(),
                 [](char c) { return static_cast<std::byte>(c); });
  return bytes;
}

}  // namespace

ScriptLoader& ScriptLoader::extension(std::string_view extension) {
  extensions_.push_back(with_dot(extension));
  return *this;
}

ScriptLoader& ScriptLoader::extensions(const std::vector<std::string>& extensions) {
  extensions_.clear();
  for (const std::string& each : extensions) extension(each);
  return *this;
}

ScriptLoader& ScriptLoader::any_extension() {
  takes_any_ = true;
  return *this;
}

Result<ModuleSource> ScriptLoader::operator()(std::string_view name,
                                              const ImportAttributes& attributes) const {
  for (const auto& [key, value] : attributes.entries()) {
    if (key == "type") continue;
    return Error::type("the import attribute " + detail::quoted(key) + " of module " +
                       detail::quoted(name) + " is not known: only 'type' is");
  }
  const auto as = [](auto kind) {
    return [kind](std::string text) mutable {
      kind.text = std::move(text);
      return ModuleSource(std::move(kind));
    };
  };
  const std::optional<std::string_view> type = attributes.get("type");
  const bool is_json = !engine::has_import_attributes && name.ends_with(".json");
  if (!type && !is_json) {
    return (*this)(name).transform(as(ModuleSource::Script()));
  }
  if (is_json || type == "json") return read_text(name).transform(as(ModuleSource::Json()));
  if (type == "text") return read_text(name).transform(as(ModuleSource::Text()));
  if (type == "bytes") {
    return read(name).transform(
        [](const std::string& text) { return ModuleSource(ModuleSource::Bytes{bytes_of(text)}); });
  }
  return Error::type("module " + detail::quoted(name) + " cannot be of the type " +
                     detail::quoted(*type) + ": the types are 'json', 'text' and 'bytes'");
}

Result<std::string> ScriptLoader::operator()(std::string_view name) const {
  const auto refuse = [&](const std::string& reason) {
    return Error::type("cannot load module " + detail::quoted(name) + " as JavaScript: " + reason);
  };
  const std::string extension = std::filesystem::path(name).extension().generic_string();
  if (extension == ".json") {
    return refuse(engine::has_import_attributes ? R"(import it with { type: "json" })"
                                                : "it is JSON");
  }
  if (!takes_any_ && std::ranges::find(extensions_, extension) == extensions_.end()) {
    std::string known;
    for (const std::string& each : extensions_) {
      if (!known.empty()) known += ", ";
      known += each.empty() ? "none" : each;
    }
    const char* hint =
        engine::has_import_attributes ? R"(; import data with { type: "text" } or "bytes")" : "";
    return refuse("its extension is none of " + known + hint);
  }
  Result<std::string> text = read(name);
  if (text) drop_byte_order_mark(*text);
  return text;
}

}  // namespace quip

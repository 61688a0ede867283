#include "../core/core_state.hpp"
#include "bundle_format.hpp"
#include "compiler.hpp"
#include "glue.hpp"
#include "hash.hpp"
#include "specifier.hpp"
#include <quip/module/bundle.hpp>
#include <quip/module/module_graph.hpp>

#include <algorithm>
#include <cstring>
#include <optional>

namespace quip {

namespace detail {

using namespace bundle_format;

/// A number that was found to be at most the size of the bytes, which are in memory.
std::size_t within(std::uint64_t number) noexcept { return static_cast<std::size_t>(number); }

/// A bundle that was checked: every number in it is in its range.
struct BundleContents {
  std::span<const std::byte> bytes;
  std::shared_ptr<const void> owner;
  std::uint32_t module_count = 0;
  std::uint32_t bucket_count = 0;
  std::uint32_t import_count = 0;
  std::uint32_t entry_count = 0;
  const std::byte* buckets = nullptr;
  const std::byte* modules = nullptr;
  const std::byte* imports = nullptr;
  const std::byte* entries = nullptr;
  std::span<const std::byte> texts;
  std::span<const std::byte> contents;

  [[nodiscard]] const std::byte* module_at(std::uint32_t number) const noexcept {
    return modules + std::size_t{number} * Module::size;
  }
  [[nodiscard]] const std::byte* import_at(std::uint32_t number) const noexcept {
    return imports + std::size_t{number} * Import::size;
  }
  [[nodiscard]] std::string_view text_at(const std::byte* at) const noexcept {
    return {reinterpret_cast<const char*>(texts.data()) + u32(at), u32(at + 4)};
  }
  [[nodiscard]] bool has_text_at(const std::byte* at) const noexcept {
    const std::size_t start = u32(at);
    const std::size_t size = u32(at + 4);
    return start <= texts.size() && size <= texts.size() - start;
  }
  [[nodiscard]] std::string_view name_of(std::uint32_t number) const noexcept {
    return text_at(module_at(number) + Module::name);
  }
  [[nodiscard]] std::span<const std::byte> contents_of(const std::byte* module) const noexcept {
    return contents.subspan(within(u64(module + Module::offset)),
                            within(u64(module + Module::length)));
  }
  /// The specifier and the type of an import.
  [[nodiscard]] std::pair<std::string_view, std::string_view> key_of(
      std::uint32_t number) const noexcept {
    const std::byte* import = import_at(number);
    return {text_at(import + Import::specifier), text_at(import + Import::type)};
  }

  /// The record of a module, or null.
  [[nodiscard]] const std::byte* find(std::string_view name) const noexcept {
    const std::byte* bucket = buckets + std::size_t{4} * bucket_of(name, bucket_count);
    const std::uint32_t number = place(name, u32(bucket), module_count);
    return name_of(number) == name ? module_at(number) : nullptr;
  }
  /// What an import of that module resolves to, or nothing when there is no such import.
  [[nodiscard]] std::optional<std::string_view> find_import(const std::byte* module,
                                                            std::string_view specifier,
                                                            std::string_view type) const noexcept {
    std::uint32_t from = u32(module + Module::first_import);
    const std::uint32_t end = from + u32(module + Module::import_count);
    for (std::uint32_t to = end; from < to;) {  // the first that is not less
      const std::uint32_t middle = from + (to - from) / 2;
      if (key_of(middle) < std::pair(specifier, type)) {
        from = middle + 1;
      } else {
        to = middle;
      }
    }
    // Bytecode asks without the import's type.
    if (from == end || key_of(from).first != specifier) return std::nullopt;
    if (!type.empty() && key_of(from).second != type) return std::nullopt;
    return text_at(import_at(from) + Import::name);
  }

  /// Fills all but `bytes` and `owner`; says what is wrong.
  Result<void> check();

 private:
  [[nodiscard]] Result<void> check_header() const;
  [[nodiscard]] Result<void> check_engine(std::string_view made_by) const;
  [[nodiscard]] bool are_tables_right() const noexcept;
  [[nodiscard]] bool is_module_right(std::uint32_t number, std::uint64_t& offset,
                                     std::uint64_t& first_import) const noexcept;
};

Result<void> BundleContents::check_header() const {
  if (!Bundle::is_bundle(bytes)) {
    return Error::plain("this is no bundle of modules: it begins with other bytes");
  }
  if (bytes.size() < Header::size) {
    return Error::plain("the bundle is cut short: it has " + std::to_string(bytes.size()) +
                        " bytes, less than its header");
  }
  const std::byte* header = bytes.data();
  if (const std::uint32_t version = u32(header + Header::version); version != format_version) {
    return Error::plain("the bundle has format " + std::to_string(version) +
                        ", but this quip reads " + std::to_string(format_version) +
                        ": make it anew");
  }
  const std::uint64_t size = u64(header + Header::total_size);
  if (size != bytes.size()) {
    return Error::plain((bytes.size() < size ? "the bundle is cut short: it has "
                                             : "the bundle has more behind its end: it has ") +
                        std::to_string(bytes.size()) + " bytes, but was made with " +
                        std::to_string(size));
  }
  const std::size_t begin = u32(header + Header::contents);
  if (begin < Header::size || begin > bytes.size() ||
      hash_of_tables(bytes.first(begin)) != u64(header + Header::tables_hash)) {
    return Error::plain("the bundle is damaged in its header or its tables");
  }
  return {};
}

Result<void> BundleContents::check_engine(std::string_view made_by) const {
  const Result<EngineStamp> engine = try_engine_stamp();
  if (!engine) return engine.error();
  if (made_by != engine->name) {
    return Error::plain("the bundle was made by " + std::string(made_by) + ", but this is " +
                        engine->name + ": make it anew with the engine that runs it");
  }
  if (u64(bytes.data() + Header::fingerprint) != engine->fingerprint) {
    return Error::plain("the bundle was made by another build of " + engine->name +
                        ", whose bytecode is different: make it anew with the engine that runs it");
  }
  return {};
}

bool BundleContents::is_module_right(std::uint32_t number, std::uint64_t& offset,
                                     std::uint64_t& first_import) const noexcept {
  const std::byte* module = module_at(number);
  const std::uint64_t imports_here = u32(module + Module::import_count);
  const std::uint64_t length = u64(module + Module::length);
  if (!has_text_at(module + Module::name) ||
      u32(module + Module::kind) > static_cast<std::uint32_t>(BundleModule::Kind::bytes) ||
      u32(module + Module::zero) != 0 || u32(module + Module::first_import) != first_import ||
      imports_here > import_count - first_import || u64(module + Module::offset) != offset ||
      length > contents.size() - offset || name_of(number).empty() || has_nul(name_of(number))) {
    return false;
  }
  for (std::uint64_t i = first_import; i < first_import + imports_here; ++i) {
    const std::byte* import = import_at(static_cast<std::uint32_t>(i));
    if (!has_text_at(import + Import::specifier) || !has_text_at(import + Import::type) ||
        !has_text_at(import + Import::name)) {
      return false;
    }
    if (i > first_import &&
        key_of(static_cast<std::uint32_t>(i - 1)) >= key_of(static_cast<std::uint32_t>(i))) {
      return false;
    }
  }
  first_import += imports_here;
  offset += length;
  return true;
}

bool BundleContents::are_tables_right() const noexcept {
  std::uint64_t offset = 0;
  std::uint64_t first_import = 0;
  for (std::uint32_t i = 0; i < module_count; ++i) {
    if (!is_module_right(i, offset, first_import)) return false;
  }
  for (std::uint32_t i = 0; i < module_count; ++i) {
    if (find(name_of(i)) != module_at(i)) return false;
  }
  for (std::uint32_t i = 0; i < entry_count; ++i) {
    if (u32(entries + std::size_t{4} * i) >= module_count) return false;
  }
  return offset == contents.size() && first_import == import_count;
}

Result<void> BundleContents::check() {
  if (Result<void> checked = check_header(); !checked) return checked;
  const std::byte* header = bytes.data();
  module_count = u32(header + Header::module_count);
  bucket_count = u32(header + Header::bucket_count);
  import_count = u32(header + Header::import_count);
  entry_count = u32(header + Header::entry_count);
  const Error damaged = Error::plain("the tables of the bundle contradict each other");

  // 32-bit numbers times sizes, added up in 64 bits
  const std::uint64_t engine_size = u32(header + Header::engine_size);
  const std::uint64_t buckets_at = Header::size + engine_size;
  const std::uint64_t modules_at = buckets_at + std::uint64_t{4} * bucket_count;
  const std::uint64_t imports_at = modules_at + std::uint64_t{Module::size} * module_count;
  const std::uint64_t entries_at = imports_at + std::uint64_t{Import::size} * import_count;
  const std::uint64_t texts_at = entries_at + std::uint64_t{4} * entry_count;
  const std::uint64_t contents_at = u32(header + Header::contents);
  if (texts_at > contents_at || module_count == 0 || module_count >= direct || bucket_count == 0 ||
      entry_count == 0) {
    return damaged;
  }
  const std::string_view made_by(reinterpret_cast<const char*>(header) + Header::size,
                                 within(engine_size));
  if (Result<void> checked = check_engine(made_by); !checked) return checked;

  buckets = header + buckets_at;
  modules = header + modules_at;
  imports = header + imports_at;
  entries = header + entries_at;
  texts = bytes.subspan(within(texts_at), within(contents_at - texts_at));
  contents = bytes.subspan(within(contents_at));
  if (!are_tables_right()) return damaged;

  for (std::uint32_t i = 0; i < module_count; ++i) {
    const std::byte* module = module_at(i);
    if (hash64(contents_of(module)) != u64(module + Module::hash)) {
      const std::uint64_t begin = contents_at + u64(module + Module::offset);
      return Error::plain("the bundle is damaged in the module " + detail::quoted(name_of(i)) +
                          ", bytes " + std::to_string(begin) + " to " +
                          std::to_string(begin + u64(module + Module::length)));
    }
  }
  return {};
}

}  // namespace detail

// ---- using one ---------------------------------------------------------------------------------

bool Bundle::is_bundle(std::span<const std::byte> bytes) noexcept {
  return bytes.size() >= detail::magic.size() &&
         std::memcmp(bytes.data(), detail::magic.data(), detail::magic.size()) == 0;
}

Result<Bundle> Bundle::try_read(std::span<const std::byte> bytes) { return try_read(bytes, {}); }

Result<Bundle> Bundle::try_read(std::span<const std::byte> bytes,
                                std::shared_ptr<const void> owner) {
  try {
    auto contents = std::make_shared<detail::BundleContents>();
    contents->bytes = bytes;
    contents->owner = std::move(owner);
    if (Result<void> checked = contents->check(); !checked) return std::move(checked).error();
    return Bundle(std::move(contents));
  } catch (...) {
    return Error::from(std::current_exception());
  }
}

Result<Bundle> Bundle::try_open(const std::filesystem::path& path) {
  try {
    const auto about_file = [&](const std::string& problem) {
      return Error::plain("cannot open the bundle " + detail::quoted(path.generic_string()) + ": " +
                          problem);
    };
    Result<std::string> text = detail::read_file(path);
    if (!text) return about_file(text.error().message());
    const auto owner = std::make_shared<const std::string>(*std::move(text));
    Result<Bundle> bundle = try_read(detail::bytes_of(*owner), owner);
    if (!bundle) return about_file(bundle.error().message());
    return bundle;
  } catch (...) {
    return Error::from(std::current_exception());
  }
}

std::vector<std::string_view> Bundle::names() const {
  std::vector<std::string_view> all;
  all.reserve(contents_->module_count);
  for (std::uint32_t i = 0; i < contents_->module_count; ++i) all.push_back(contents_->name_of(i));
  return all;
}

bool Bundle::contains(std::string_view name) const noexcept {
  return contents_->find(name) != nullptr;
}

std::vector<std::string_view> Bundle::entries() const {
  std::vector<std::string_view> all;
  all.reserve(contents_->entry_count);
  for (std::uint32_t i = 0; i < contents_->entry_count; ++i) {
    all.push_back(contents_->name_of(detail::u32(contents_->entries + std::size_t{4} * i)));
  }
  return all;
}

std::string_view Bundle::entry() const {
  return contents_->name_of(detail::u32(contents_->entries));
}

std::span<const std::byte> Bundle::bytes() const noexcept { return contents_->bytes; }

Result<std::string> Bundle::operator()(std::string_view base, std::string_view specifier,
                                       const ImportAttributes& attributes) const {
  const std::byte* importer = contents_->find(base);
  if (importer != nullptr) {
    const auto name = contents_->find_import(importer, specifier, attributes.type());
    if (name) return std::string(*name);
  }
  if (detail::is_relative(specifier)) {
    const std::optional<std::string> name = detail::beside(base, specifier);
    if (name && contains(*name)) return *name;
  } else if (contains(specifier)) {
    return std::string(specifier);
  }
  return Error::reference(detail::cannot_find(base, specifier) + ": the bundle has no such module");
}

Result<ModuleSource> Bundle::operator()(std::string_view name,
                                        const ImportAttributes& attributes) const {
  const std::byte* module = contents_->find(name);
  if (module == nullptr) {
    return Error::reference(detail::cannot_load(name) + ": the bundle has no such module");
  }
  using Kind = detail::BundleModule::Kind;
  const auto kind = static_cast<Kind>(detail::u32(module + detail::Module::kind));
  const std::string_view type = kind == Kind::json    ? "json"
                                : kind == Kind::text  ? "text"
                                : kind == Kind::bytes ? "bytes"
                                                      : "";
  if (!attributes.type().empty() && attributes.type() != type) {
    return Error::type(detail::cannot_load(name) + ": the bundle has it as " +
                       (type.empty() ? "JavaScript" : std::string(type)) + ", not as " +
                       detail::quoted(attributes.type()));
  }
  const std::span<const std::byte> contents = contents_->contents_of(module);
  const auto text = [&] {
    return std::string(reinterpret_cast<const char*>(contents.data()), contents.size());
  };
  switch (kind) {
    case Kind::json:
      return ModuleSource(ModuleSource::Json{text()});
    case Kind::text:
      return ModuleSource(ModuleSource::Text{text()});
    case Kind::bytes:
      return ModuleSource(
          ModuleSource::Bytes{std::vector<std::byte>(contents.begin(), contents.end())});
    default:
      return ModuleSource(ModuleSource::Bytecode{contents, contents_});
  }
}

}  // namespace quip

#include "../core/core_state.hpp"
#include "bundle_format.hpp"
#include "compiler.hpp"
#include "glue.hpp"
#include "specifier.hpp"
#include <quip/module/bundle.hpp>
#include <quip/module/module_graph.hpp>

#include <algorithm>
#include <concepts>
#include <limits>
#include <map>
#include <numeric>
#include <optional>
#include <tuple>
#include <unordered_map>

namespace quip {

namespace detail {

using namespace bundle_format;

namespace {

/// Finds the perfect hash of names, which are different: for each bucket of names a seed that sends
/// them to places that are free. The order of the names follows from it.
class PerfectHash {
 public:
  explicit PerfectHash(const std::vector<BundleModule>& modules)
      : count_(static_cast<std::uint32_t>(modules.size())),
        buckets_(std::max<std::size_t>(1, (modules.size() + 1) / 2)),
        module_at_(modules.size(), none) {
    std::vector<std::vector<std::uint32_t>> members(buckets_.size());
    const auto bucket_count = static_cast<std::uint32_t>(buckets_.size());
    for (std::uint32_t i = 0; i < count_; ++i) {
      members[bucket_of(modules[i].name, bucket_count)].push_back(i);
    }
    std::vector<std::uint32_t> by_size(buckets_.size());
    std::iota(by_size.begin(), by_size.end(), 0U);
    std::sort(by_size.begin(), by_size.end(), [&](std::uint32_t a, std::uint32_t b) {
      return std::pair(members[b].size(), a) < std::pair(members[a].size(), b);
    });
    std::uint32_t free = 0;
    for (const std::uint32_t bucket : by_size) {
      if (members[bucket].size() == 1) {  // a free place is as good as a seed
        while (module_at_[free] != none) ++free;
        buckets_[bucket] = direct | free;
        module_at_[free] = members[bucket].front();
      } else if (!members[bucket].empty()) {
        buckets_[bucket] = find_seed(modules, members[bucket]);
      }
    }
  }

  [[nodiscard]] const std::vector<std::uint32_t>& buckets() const noexcept { return buckets_; }
  /// The numbers of the modules in the order of their places.
  [[nodiscard]] const std::vector<std::uint32_t>& order() const noexcept { return module_at_; }

 private:
  static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();

  /// There is one: a bucket has a handful of names, and at most as many places are taken as there
  /// are names in larger buckets.
  std::uint32_t find_seed(const std::vector<BundleModule>& modules,
                          const std::vector<std::uint32_t>& members) {
    std::vector<std::uint32_t> places;
    for (std::uint32_t seed = 0; seed < direct; ++seed) {
      places.clear();
      for (const std::uint32_t member : members) {
        const std::uint32_t to = place(modules[member].name, seed, count_);
        if (module_at_[to] != none || std::find(places.begin(), places.end(), to) != places.end()) {
          break;
        }
        places.push_back(to);
      }
      if (places.size() == members.size()) {
        for (std::size_t i = 0; i < places.size(); ++i) module_at_[places[i]] = members[i];
        return seed;
      }
    }
    throw Error::plain("no perfect hash was found for the names of the modules");
  }

  std::uint32_t count_;
  std::vector<std::uint32_t> buckets_;
  std::vector<std::uint32_t> module_at_;
};

class Writer {
 public:
  template <std::unsigned_integral T>
  void put(T number) {
    for (std::size_t i = 0; i < sizeof(T); ++i) {
      bytes_.push_back(static_cast<std::byte>((number >> (8 * i)) & 0xFFU));
    }
  }
  void put_bytes(std::span<const std::byte> bytes) {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  }
  template <std::unsigned_integral T>
  void put_at(std::size_t at, T number) {
    for (std::size_t i = 0; i < sizeof(T); ++i) {
      bytes_[at + i] = static_cast<std::byte>((number >> (8 * i)) & 0xFFU);
    }
  }
  /// The place and the size of a text, which goes into "texts" once.
  void put_text(std::string_view text) {
    const auto [known, is_new] =
        texts_at_.try_emplace(std::string(text), static_cast<std::uint32_t>(texts_.size()));
    if (is_new) texts_ += text;
    put(known->second);
    put(static_cast<std::uint32_t>(text.size()));
  }
  void put_texts() { put_bytes(std::as_bytes(std::span(texts_))); }

  [[nodiscard]] std::size_t size() const noexcept { return bytes_.size(); }
  [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return bytes_; }
  std::vector<std::byte> take() noexcept { return std::move(bytes_); }

 private:
  std::vector<std::byte> bytes_;
  std::string texts_;
  std::unordered_map<std::string, std::uint32_t> texts_at_;
};

}  // namespace

Result<std::vector<std::byte>> write_bundle(const std::vector<BundleModule>& modules,
                                            const std::vector<std::uint32_t>& entries,
                                            const CompileOptions& options) {
  Result<EngineStamp> engine = try_engine_stamp();
  if (!engine) return std::move(engine).error();
  const PerfectHash names(modules);
  std::vector<std::uint32_t> place_of(modules.size());
  for (std::uint32_t i = 0; i < modules.size(); ++i) place_of[names.order()[i]] = i;

  Writer writer;
  writer.put_bytes(std::as_bytes(std::span(magic)));
  for (std::size_t i = magic.size(); i < Header::size; ++i) writer.put(std::uint8_t{0});
  writer.put_bytes(std::as_bytes(std::span(engine->name)));
  for (const std::uint32_t bucket : names.buckets()) writer.put(bucket);

  std::uint32_t import_count = 0;
  std::uint64_t offset = 0;
  for (const std::uint32_t number : names.order()) {
    const BundleModule& module = modules[number];
    writer.put_text(module.name);
    writer.put(static_cast<std::uint32_t>(module.kind));
    writer.put(import_count);
    writer.put(static_cast<std::uint32_t>(module.imports.size()));
    writer.put(std::uint32_t{0});
    writer.put(offset);
    writer.put(std::uint64_t{module.contents.size()});
    writer.put(hash64(module.contents));
    import_count += static_cast<std::uint32_t>(module.imports.size());
    offset += module.contents.size();
  }
  for (const std::uint32_t number : names.order()) {
    auto imports = modules[number].imports;
    std::sort(imports.begin(), imports.end(), [](const auto& a, const auto& b) {
      return std::tie(a.specifier, a.type) < std::tie(b.specifier, b.type);
    });
    for (const BundleModule::Import& import : imports) {
      writer.put_text(import.specifier);
      writer.put_text(import.type);
      writer.put_text(import.name);
    }
  }
  for (const std::uint32_t entry : entries) writer.put(place_of[entry]);
  writer.put_texts();
  const std::size_t contents = writer.size();
  if (contents > std::numeric_limits<std::uint32_t>::max())
    return Error::range("the names of a bundle have 4 GiB or more");
  for (const std::uint32_t number : names.order()) writer.put_bytes(modules[number].contents);

  writer.put_at(Header::version, format_version);
  writer.put_at(Header::flags, (options.strip_source ? std::uint32_t{source_stripped} : 0U) |
                                   (options.strip_debug ? std::uint32_t{debug_stripped} : 0U));
  writer.put_at(Header::total_size, std::uint64_t{writer.size()});
  writer.put_at(Header::fingerprint, engine->fingerprint);
  writer.put_at(Header::contents, static_cast<std::uint32_t>(contents));
  writer.put_at(Header::module_count, static_cast<std::uint32_t>(modules.size()));
  writer.put_at(Header::bucket_count, static_cast<std::uint32_t>(names.buckets().size()));
  writer.put_at(Header::import_count, import_count);
  writer.put_at(Header::entry_count, static_cast<std::uint32_t>(entries.size()));
  writer.put_at(Header::engine_size, static_cast<std::uint32_t>(engine->name.size()));
  writer.put_at(Header::tables_hash, hash_of_tables(writer.bytes().first(contents)));
  return writer.take();
}

namespace {

/// What `compile_bundle` makes of one module of a graph.
struct Compiled {
  std::vector<std::byte> owned;
  BundleModule module;
};

Result<Compiled> compile(Compiler& compiler, const ModuleGraph::Module& module) {
  Compiled compiled;
  BundleModule& made = compiled.module;
  made.name = module.name;
  for (const ModuleGraph::Import& import : module.imports) {
    made.imports.push_back({import.specifier, import.type, import.name});
  }
  if (!module.source) return Error::reference("no contents of " + detail::quoted(module.name));
  const auto& contents = module.source->contents();
  if (const auto* script = std::get_if<ModuleSource::Script>(&contents)) {
    std::vector<ImportedAs> imports;
    Result<std::vector<std::byte>> code = compiler.compile(script->text, module.name, imports);
    if (!code) return std::move(code).error();
    compiled.owned = *std::move(code);
    made.contents = compiled.owned;
  } else if (const auto* json = std::get_if<ModuleSource::Json>(&contents)) {
    made.kind = BundleModule::Kind::json;
    made.contents = bytes_of(json->text);
  } else if (const auto* text = std::get_if<ModuleSource::Text>(&contents)) {
    made.kind = BundleModule::Kind::text;
    made.contents = bytes_of(text->text);
  } else if (const auto* data = std::get_if<ModuleSource::Bytes>(&contents)) {
    made.kind = BundleModule::Kind::bytes;
    made.contents = data->bytes;
  } else {
    return Error::type("a bundle cannot hold the module " + detail::quoted(module.name) +
                       ", which is defined in C++ or compiled already: name it as external");
  }
  return compiled;
}

/// Bytecode has no import attributes, so that one specifier must mean one thing.
Result<void> check_imports(const ModuleGraph::Module& module) {
  std::map<std::string_view, const ModuleGraph::Import*> seen;
  for (const ModuleGraph::Import& import : module.imports) {
    const auto [other, is_new] = seen.try_emplace(import.specifier, &import);
    if (!is_new && other->second->type != import.type) {
      return Error::type("the module " + detail::quoted(module.name) + " imports " +
                         detail::quoted(import.specifier) +
                         " with several types, which bytecode cannot tell apart");
    }
  }
  return {};
}

Result<std::vector<std::byte>> bundle_of(const ModuleGraph& graph, const CompileOptions& options) {
  if (graph.entries().empty()) {
    return Error::type("a bundle needs an entry: the graph has none");
  }
  if (const std::optional<ModuleRequest> missing = graph.missing()) {
    return Error::reference("the module " + detail::quoted(missing->name) +
                            (missing->importer.empty()
                                 ? ""
                                 : ", which " + detail::quoted(missing->importer) + " imports,") +
                            " is missing in the graph: provide it, or name it as external");
  }
  Compiler compiler(options);
  std::vector<Compiled> compiled;
  std::map<std::string_view, std::uint32_t> numbers;
  compiled.reserve(graph.modules().size());  // the spans point into it
  for (const ModuleGraph::Module& module : graph.modules()) {
    if (!numbers.try_emplace(module.name, static_cast<std::uint32_t>(compiled.size())).second) {
      return Error::type("the module " + detail::quoted(module.name) +
                         " is imported with several types, which bytecode cannot tell apart");
    }
    if (Result<void> checked = check_imports(module); !checked) return std::move(checked).error();
    Result<Compiled> one = compile(compiler, module);
    if (!one) return std::move(one).error();
    compiled.push_back(*std::move(one));
  }
  std::vector<BundleModule> modules;
  modules.reserve(compiled.size());
  for (Compiled& one : compiled) modules.push_back(std::move(one.module));
  std::vector<std::uint32_t> entries;
  for (const std::string& entry : graph.entries()) {
    const auto number = numbers.find(entry);
    if (number == numbers.end()) {
      return Error::type("the entry " + detail::quoted(entry) + " is external");
    }
    entries.push_back(number->second);
  }
  return write_bundle(modules, entries, options);
}

}  // namespace

}  // namespace detail

Result<std::vector<std::byte>> try_compile_bundle(const ModuleGraph& graph,
                                                  const CompileOptions& options) {
  try {
    return detail::bundle_of(graph, options);
  } catch (...) {
    return Error::from(std::current_exception());
  }
}

std::vector<std::byte> compile_bundle(const ModuleGraph& graph, const CompileOptions& options) {
  return try_compile_bundle(graph, options).value();
}

}  // namespace quip

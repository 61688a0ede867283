// Fuzzes the reading of bundles. The bytes of an input choose a valid bundle and what happens to
// it:
//
// - It is damaged: bits flipped, bytes overwritten, ranges moved, its end cut off or extended. Then
//   it must be refused, unless the damage cancelled itself out.
// - Its tables are changed and the hash over them is made to fit, as if somebody had written them
//   so: they must be refused, or be usable. The contents stay as they are, because no engine
//   survives bytecode that it did not make, and a bundle is trusted not to have any.
// - The input itself is read as a bundle, as it is and with the hash that fits.
#include "../src/module/hash.hpp"
#include <quip/quip.hpp>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

using namespace quip;
using Bytes = std::vector<std::byte>;

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

// Where the header has what is needed here; see src/module/bundle_format.hpp.
constexpr std::size_t hash_at = 24;
constexpr std::size_t contents_at = 40;
constexpr std::size_t header_size = 64;

/// The choices that an input makes; zeros behind its end.
class Choices {
 public:
  Choices(const unsigned char* data, std::size_t size) : data_(data), size_(size) {}
  std::size_t byte() {
    if (size_ == 0) return 0;
    --size_;
    return *data_++;
  }
  std::size_t below(std::size_t end) {
    const std::size_t number = byte() | (byte() << 8U) | (byte() << 16U);
    return end == 0 ? 0 : number % end;
  }
  [[nodiscard]] bool empty() const { return size_ == 0; }

 private:
  const unsigned char* data_;
  std::size_t size_;
};

Bytes make_bundle(const std::vector<std::pair<std::string, ModuleSource>>& modules,
                  const CompileOptions& options) {
  ModuleGraph graph([](std::string_view, std::string_view specifier) {
    return std::string(specifier.substr(specifier.starts_with("./") ? 2 : 0));
  });
  graph.external("host");
  graph.add_entry(modules.front().first);
  for (const auto& [name, source] : modules) graph.provide(name, source);
  return compile_bundle(graph, options);
}

const std::vector<Bytes>& valid_bundles() {
  static const std::vector<Bytes> bundles = [] {
    const ModuleSource main(
        "import {b} from './b'; import host from 'host'; import data from './data';"
        "export default [b, host, data]; export const a = await 1;");
    const ModuleSource b("import {a} from './main'; export const b = () => a; export * from './c'");
    const ModuleSource c("import './b'; export class C { #x = 1n; y = /z/u; }");
    const ModuleSource data(ModuleSource::Json{"{\"a\": [1, 2, {}]}"});
    const ModuleSource text(ModuleSource::Text{"some text"});
    return std::vector<Bytes>{
        make_bundle({{"main", main}, {"b", b}, {"c", c}, {"data", data}, {"text", text}}, {}),
        make_bundle({{"main", main}, {"b", b}, {"c", c}, {"data", data}},
                    {.strip_source = true, .strip_debug = true}),
        make_bundle({{"only", ModuleSource("export default 1")}}, {}),
        make_bundle({{"text", text}}, {}),
    };
  }();
  return bundles;
}

std::size_t size_of_tables(const Bytes& bytes) {
  if (bytes.size() < header_size) return 0;
  const std::size_t size = detail::load_little_endian<std::uint32_t>(&bytes[contents_at]);
  return size >= header_size && size <= bytes.size() ? size : 0;
}

/// Gives the tables the hash that fits them.
void make_right(Bytes& bytes) {
  const std::size_t size = size_of_tables(bytes);
  if (size == 0) return;
  const auto tables = std::span<const std::byte>(bytes).first(size);
  std::uint64_t hash = detail::hash64(tables.first(hash_at));
  hash = detail::hash64(tables.subspan(hash_at + 8), hash);
  for (std::size_t i = 0; i < 8; ++i) {
    bytes[hash_at + i] = static_cast<std::byte>((hash >> (8 * i)) & 0xFFU);
  }
}

/// Changes some of the first `size` bytes.
void change(Bytes& bytes, std::size_t size, Choices& choices) {
  const auto put = [&](std::size_t at, std::uint64_t number, std::size_t width) {
    for (std::size_t i = 0; i < width && at + i < size; ++i) {
      bytes[at + i] = static_cast<std::byte>((number >> (8 * i)) & 0xFFU);
    }
  };
  const std::size_t at = choices.below(size);
  switch (choices.below(5)) {
    case 0:
      bytes[at] ^= static_cast<std::byte>(1U << choices.below(8));
      break;
    case 1:
      put(at, choices.byte(), 1);
      break;
    case 2: {  // a number where numbers are
      constexpr std::uint64_t numbers[] = {0, 1, 2, 0x7fffffff, 0x80000000, 0xffffffff};
      put(at & ~std::size_t{3}, numbers[choices.below(std::size(numbers))], 4);
      break;
    }
    case 3:
      put(at & ~std::size_t{3}, choices.below(bytes.size()), 4);
      break;
    default: {  // what stands elsewhere
      const std::size_t from = choices.below(size);
      const std::size_t count = std::min({choices.below(64), size - from, size - at});
      std::copy_n(Bytes(bytes).begin() + static_cast<std::ptrdiff_t>(from), count,
                  bytes.begin() + static_cast<std::ptrdiff_t>(at));
    }
  }
}

/// Does with a bundle that was accepted all that there is to do.
void use(const Bundle& bundle) {
  if (bundle.entries().empty() || !bundle.contains(bundle.entry())) fail("no entry");
  for (const std::string_view name : bundle.names()) {
    if (!bundle.contains(name) || !bundle(name)) fail("a module is not found by its name");
    for (const char* specifier : {"./b", "./c", "./data", "host", "./none", ""}) {
      (void)bundle(name, specifier);
    }
  }
  Runtime runtime({.memory_limit = std::size_t{64} << 20U, .stack_size = std::size_t{256} << 10U});
  runtime.set_loader(bundle, loaders(bundle, [](std::string_view name) -> Result<std::string> {
                       if (name == "host") return "export default 'host'";
                       return Error::reference("not here");
                     }));
  const Context context(runtime);
  context.with([&](const Ctx& ctx) {
    for (int round = 0; round < 2; ++round) {  // failed once, it must fail in peace again
      for (const std::string_view name : bundle.names()) {
        const Result<Promise<>> imported = ctx.try_import(name);
        (void)runtime.try_run();
        if (imported && imported->state() == PromiseState::fulfilled) (void)imported->try_result();
      }
    }
  });
}

void read(const Bytes& bytes, const Bytes* only_if_same) {
  const Result<Bundle> bundle = Bundle::try_read(bytes);
  if (!bundle) {
    if (bundle.error().message().empty()) fail("refused without a reason");
    return;
  }
  if (only_if_same != nullptr && bytes != *only_if_same) fail("a damaged bundle was accepted");
  use(*bundle);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  Choices choices(data, size);
  const Bytes& valid = valid_bundles()[choices.below(valid_bundles().size())];
  const std::size_t way = choices.below(4);
  Bytes bytes = valid;
  if (way == 0) {
    const auto input = std::as_bytes(std::span(data, size));
    bytes.assign(input.begin(), input.end());
    read(bytes, nullptr);
    bytes = valid;
    std::copy_n(input.begin(), std::min(size, bytes.size()), bytes.begin());
    std::copy_n(valid.begin(), hash_at, bytes.begin());  // with the right magic, format and size
    std::copy_n(valid.begin() + contents_at, 4, bytes.begin() + contents_at);
    make_right(bytes);
    const std::size_t tables = size_of_tables(valid);
    std::copy(valid.begin() + static_cast<std::ptrdiff_t>(tables), valid.end(),
              bytes.begin() + static_cast<std::ptrdiff_t>(tables));
    read(bytes, nullptr);
  } else if (way == 1) {
    const std::size_t tables = size_of_tables(valid);
    do {
      change(bytes, tables, choices);
    } while (!choices.empty());
    // the contents stay where they are
    std::copy_n(valid.begin() + contents_at, 4, bytes.begin() + contents_at);
    make_right(bytes);
    read(bytes, nullptr);
  } else {
    do {
      if (choices.below(8) == 0 && bytes.size() > 1) {
        bytes.resize(choices.below(bytes.size()));
        if (bytes.empty()) break;
      } else if (choices.below(8) == 0) {
        bytes.resize(bytes.size() + 1 + choices.below(64), static_cast<std::byte>(choices.byte()));
      } else {
        change(bytes, bytes.size(), choices);
      }
    } while (!choices.empty());
    read(bytes, &valid);
  }
  return 0;
}

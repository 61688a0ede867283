// Bundles: graphs of modules in one blob, how they run, and how damaged ones are refused.
#include "support/js.hpp"
#include "support/tree.hpp"

#include <atomic>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <thread>

namespace quip::test {
namespace {

using Bytes = std::vector<std::byte>;
using Sources = std::map<std::string, ModuleSource>;

/// "./x" beside the base, all else is itself.
Result<std::string> resolve(std::string_view base, std::string_view specifier) {
  if (!specifier.starts_with("./")) return std::string(specifier);
  const std::size_t folder = base.rfind('/');
  return std::string(base.substr(0, folder == base.npos ? 0 : folder + 1)) +
         std::string(specifier.substr(2));
}

Result<Bytes> try_bundle(const Sources& sources, const std::vector<std::string>& entries,
                         const std::vector<std::string>& externals = {},
                         const CompileOptions& options = {}) {
  ModuleGraph graph(resolve);
  for (const std::string& external : externals) graph.external(external);
  for (const std::string& entry : entries) graph.add_entry(entry);
  while (const auto request = graph.missing()) {
    const auto found = sources.find(request->name);
    if (found == sources.end()) return Error::reference("the test has no " + request->name);
    if (Result<void> provided = graph.try_provide(*request, found->second); !provided) {
      return provided.error();
    }
  }
  return try_compile_bundle(graph, options);
}
Bytes bundle_of(const Sources& sources, const std::vector<std::string>& entries,
                const std::vector<std::string>& externals = {},
                const CompileOptions& options = {}) {
  return try_bundle(sources, entries, externals, options).value();
}

const Sources shop = {
    {"app/main.mjs",
     "import {price} from './lib/price.mjs'; import './lib/cycle.mjs';"
     "export const total = price(2); export default import.meta.url;"
     "export function name() { return 'main'; }"},
    {"app/lib/price.mjs",
     "import {name} from 'app/main.mjs'; import {tax} from './tax.mjs';"
     "export function price(n) { return n * tax + name(); }"},
    {"app/lib/tax.mjs", "export const tax = await Promise.resolve(10);"},
    {"app/lib/cycle.mjs",
     "import './price.mjs'; import './cycle2.mjs'; globalThis.order = globalThis.order || [];"
     "order.push('cycle');"},
    {"app/lib/cycle2.mjs",
     "import './cycle.mjs'; import './tax.mjs'; globalThis.order = globalThis.order || [];"
     "order.push('cycle2');"},
};

class BundleTest : public JsTest {
 protected:
  /// Runs a module that imports.
  Result<Value> run(const std::string& main, const std::string& name = "test-main") {
    Result<Promise<>> promise =
        context.with([&](Ctx ctx) { return ctx.try_eval_module(main, name); });
    if (!promise) return promise.error();
    if (Result<void> ran = runtime.try_run(); !ran) return ran.error();
    return promise->try_result();
  }
  Result<Value> run(const Bundle& bundle, const std::string& main) {
    runtime.set_loader(bundle, bundle);
    return run(main);
  }
};

TEST_F(BundleTest, AGraphWithCyclesAndAwaitsRuns) {
  const Bytes bytes = bundle_of(shop, {"app/main.mjs"});
  const Bundle bundle = Bundle::read(bytes);
  EXPECT_EQ(bundle.entry(), "app/main.mjs");
  EXPECT_THAT(bundle.entries(), ::testing::ElementsAre("app/main.mjs"));
  EXPECT_THAT(bundle.names(), ::testing::UnorderedElementsAre(
                                  "app/main.mjs", "app/lib/price.mjs", "app/lib/tax.mjs",
                                  "app/lib/cycle.mjs", "app/lib/cycle2.mjs"));
  EXPECT_TRUE(bundle.contains("app/lib/tax.mjs"));
  EXPECT_FALSE(bundle.contains("tax.mjs"));
  EXPECT_FALSE(bundle.contains(""));
  ASSERT_TRUE(run(bundle,
                  "import url, {total} from 'app/main.mjs';"
                  "globalThis.out = `${total} ${url} ${order}`"));
  expect_eval("out", "string", "20main app/main.mjs cycle2,cycle");
}

TEST_F(BundleTest, RunsInAnyNumberOfContextsAndRuntimes) {
  const Bytes bytes = bundle_of(shop, {"app/main.mjs"});
  const Bundle bundle = Bundle::read(bytes);
  for (int i = 0; i < 2; ++i) {
    Runtime other;
    other.set_loader(bundle, bundle);
    for (int j = 0; j < 2; ++j) {
      const Context fresh(other);
      const Promise<> done = fresh.with([](Ctx ctx) {
        return ctx.eval_module("import {total} from 'app/main.mjs'; globalThis.out = total", "m");
      });
      other.run();
      EXPECT_EQ(done.state(), PromiseState::fulfilled);
      expect_eval(fresh, "out", "string", "20main");
    }
  }
}

TEST_F(BundleTest, ThreadsUseOneBundleAtOnce) {
  const Bytes bytes = bundle_of(shop, {"app/main.mjs"});
  const Bundle bundle = Bundle::read(bytes);
  std::atomic<int> right = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&right, bundle] {
      Runtime own;
      own.set_loader(bundle, bundle);
      const Context fresh(own);
      const Promise<> done = fresh.with([](Ctx ctx) {
        return ctx.eval_module("import {total} from 'app/main.mjs'; globalThis.out = total", "m");
      });
      own.run();
      fresh.with([&](Ctx ctx) {
        if (ctx.eval<std::string>("out") == "20main") ++right;
      });
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, 4);
}

TEST_F(BundleTest, ImportCallsFindModulesOfTheBundle) {
  const Bytes bytes = bundle_of(
      {{"app/main.mjs", "export const load = (name) => import('./parts/' + name + '.mjs');"},
       {"app/parts/a.mjs", "export default 'A'"}},
      {"app/main.mjs", "app/parts/a.mjs"});
  const Bundle bundle = Bundle::read(bytes);
  EXPECT_EQ(bundle.entries().size(), 2U);
  ASSERT_TRUE(run(bundle,
                  "import {load} from 'app/main.mjs';"
                  "globalThis.out = (await load('a')).default;"
                  "try { await load('b') } catch (error) { out += error.name }"));
  expect_eval("out", "string", "AReferenceError");
}

TEST_F(BundleTest, DataGoesInAsItIs) {
  const Bytes bytes =
      bundle_of({{"app",
                  "import json from 'data'; import text from 'text'; import bytes from 'bytes';"
                  "export default [JSON.stringify(json), text.length, [...bytes]].join(' ')"},
                 {"data", ModuleSource(ModuleSource::Json{"{\"a\": [1, 2]}"})},
                 {"text", ModuleSource(ModuleSource::Text{"import 'x'"})},
                 {"bytes", ModuleSource(ModuleSource::Bytes{{std::byte{0}, std::byte{255}}})}},
                {"app"});
  const Bundle bundle = Bundle::read(bytes);
  const auto json = bundle("data");
  ASSERT_TRUE(json);
  EXPECT_EQ(std::get<ModuleSource::Json>(json->contents()).text, "{\"a\": [1, 2]}");
  EXPECT_EQ(std::get<ModuleSource::Bytes>(bundle("bytes")->contents()).bytes.size(), 2U);
  EXPECT_TRUE(bundle("data", {{"type", "json"}}));
  EXPECT_EQ(bundle("data", {{"type", "text"}}).error().name(), "TypeError");
  EXPECT_EQ(bundle("app", {{"type", "text"}}).error().name(), "TypeError");
  ASSERT_TRUE(run(bundle, "import out from 'app'; globalThis.out = out"));
  expect_eval("out", "string", "{\"a\":[1,2]} 10 0,255");
}

TEST_F(BundleTest, ExternalModulesComeFromTheHost) {
  const Bytes bytes = bundle_of({{"app", "import {a} from './deep'; export default a + 1"},
                                 {"deep", "import {b} from 'host'; export const a = b * 2"}},
                                {"app"}, {"host"});
  const Bundle bundle = Bundle::read(bytes);
  runtime.set_loader(bundle, loaders(bundle, [](std::string_view name) -> Result<std::string> {
                       if (name == "host") return "export const b = 21";
                       return Error::reference("only host is here");
                     }));
  ASSERT_TRUE(run("import out from 'app'; globalThis.out = out"));
  expect_eval("out", "number", "43");
}

TEST_F(BundleTest, AnExternalModuleThatIsNotThereIsAnErrorEachTime) {
  const Bytes bytes =
      bundle_of({{"app", "import {o} from './other'; import './deep'; export default o()"},
                 {"other",
                  "import './app'; export function o() { return `2 ${import.meta.url} ` +"
                  " import.meta.custom; }"},
                 {"deep", "import 'host'; export default 3"}},
                {"app"}, {"host"});
  const Bundle bundle = Bundle::read(bytes);
  runtime.set_loader(bundle, bundle);
  runtime.set_import_meta(
      [](Ctx, const Object& meta, std::string_view name) { meta.set("custom", name); });
  // whichever of its modules is asked for: none is left half made
  int round = 0;
  for (const std::string name : {"app", "other", "deep", "app", "other"}) {
    const std::string number = std::to_string(++round);
    const Result<Value> ran = run("import * as all from '" + name + "'", "static" + number);
    ASSERT_FALSE(ran) << name;
    EXPECT_THAT(ran.error().message(), ::testing::HasSubstr("host")) << name;
    ASSERT_TRUE(run("globalThis.out = 'none'; try { await import('" + name +
                        "') } catch (error) { globalThis.out = error.message }",
                    "dynamic" + number));
    const auto out = context.with([](Ctx ctx) { return ctx.eval<std::string>("out"); });
    EXPECT_THAT(out, ::testing::HasSubstr("host")) << name;
  }
  // and once it is there, all is well
  runtime.set_loader(
      bundle, loaders(bundle, [](std::string_view) { return std::string("globalThis.host = 1"); }));
  ASSERT_TRUE(
      run("import value, * as all from 'app'; import 'other'; globalThis.out = value", "last"));
  expect_eval("`${out} ${host}`", "string", "2 other other 1");
  ASSERT_TRUE(
      run("const a = await import('app'); const b = await import('app');"
          "globalThis.out = a === b",
          "last2"));
  expect_eval("out", "boolean", "true");
}

TEST_F(BundleTest, AFileIsABundleToo) {
  const Tree tree;
  const std::filesystem::path path = tree.folder() / "test.qjsb";
  const Bytes bytes = bundle_of(shop, {"app/main.mjs"});
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  {
    std::optional<Bundle> opened = Bundle::open(path);
    EXPECT_EQ(opened->bytes().size(), bytes.size());
    runtime.set_loader(*opened, *opened);
    opened.reset();  // the runtime has copies
  }
  ASSERT_TRUE(run("import {total} from 'app/main.mjs'; globalThis.out = total"));
  expect_eval("out", "string", "20main");

  std::filesystem::resize_file(path, bytes.size() - 1);
  const Result<Bundle> cut = Bundle::try_open(path);
  ASSERT_FALSE(cut);
  EXPECT_THAT(cut.error().message(), ::testing::HasSubstr("test.qjsb"));
  EXPECT_THAT(cut.error().message(), ::testing::HasSubstr("cut short"));
  std::filesystem::remove(path);
  EXPECT_FALSE(Bundle::try_open(path));
  EXPECT_FALSE(Bundle::try_open(::testing::TempDir()));
}

TEST_F(BundleTest, WhatABundleCannotHold) {
  ModuleGraph incomplete(resolve);
  EXPECT_FALSE(try_compile_bundle(incomplete));  // no entry
  incomplete.add_entry("app");
  incomplete.provide("app", "import './b'");
  const auto missing = try_compile_bundle(incomplete);
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().message(), ::testing::HasSubstr("'b'"));
  EXPECT_THAT(missing.error().message(), ::testing::HasSubstr("'app'"));

  ModuleGraph external(resolve);
  external.external("app");
  external.add_entry("app");
  EXPECT_THAT(try_compile_bundle(external).error().message(), ::testing::HasSubstr("external"));
}

TEST_F(BundleTest, OneNameWithTwoTypesIsRefused) {
  if (!Runtime::has_import_attributes()) {
    EXPECT_EQ(
        try_bundle({{"app", "import t from './t' with {type: 'text'}"}}, {"app"}).error().name(),
        "SyntaxError");
    return;
  }
  const auto both = try_bundle({{"app", "import c from 't'; import t from 't' with {type: 'text'}"},
                                {"t", "export default 1"}},
                               {"app"});
  ASSERT_FALSE(both);
  EXPECT_THAT(both.error().message(), ::testing::HasSubstr("several types"));
  const Bytes one = bundle_of({{"app", "import t from './t' with {type: 'text'}; export default t"},
                               {"t", ModuleSource(ModuleSource::Text{"the text"})}},
                              {"app"});
  ASSERT_TRUE(run(Bundle::read(one),
                  "import t from 'app'; globalThis.out = t;"
                  "import d from 't' with {type: 'text'}; out += d"));
  expect_eval("out", "string", "the textthe text");
}

TEST_F(BundleTest, TheHashIsPerfectForManyNames) {
  for (const int count : {1, 2, 3, 7, 64, 1000}) {
    if (count > 100 && is_gc_stress()) continue;
    ModuleGraph graph(resolve);
    for (int i = 0; i < count; ++i) {
      const std::string name = "module/" + std::to_string(i);
      graph.add_entry(name);
      graph.provide(name, ModuleSource(ModuleSource::Text{name}));
    }
    const Bytes bytes = compile_bundle(graph);
    const Bundle bundle = Bundle::read(bytes);
    EXPECT_EQ(bundle.names().size(), static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) {
      const std::string name = "module/" + std::to_string(i);
      const auto source = bundle(name);
      ASSERT_TRUE(source) << name;
      EXPECT_EQ(std::get<ModuleSource::Text>(source->contents()).text, name);
    }
    EXPECT_FALSE(bundle("module/" + std::to_string(count)));
    EXPECT_EQ(bundle("module/x").error().name(), "ReferenceError");
  }
}

TEST_F(BundleTest, WhatWasMovedFromIsStillABundle) {
  const Bytes bytes = bundle_of({{"app", "export default 1"}}, {"app"});
  Bundle bundle = Bundle::read(bytes);
  const Bundle other = std::move(bundle);
  EXPECT_EQ(bundle.entry(), "app");  // NOLINT(bugprone-use-after-move): that is the point
  EXPECT_TRUE(other("app"));
}

TEST_F(BundleTest, BytesAreTheSameEachTime) {
  EXPECT_EQ(bundle_of(shop, {"app/main.mjs"}), bundle_of(shop, {"app/main.mjs"}));
}

// ---- what is refused
// -----------------------------------------------------------------------------

void store(Bytes& bytes, std::size_t at, std::uint64_t number, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) bytes[at + i] = static_cast<std::byte>(number >> (8 * i));
}

/// MurmurHash64A, as the format says.
std::uint64_t hash(std::span<const std::byte> bytes, std::uint64_t seed) {
  constexpr std::uint64_t factor = 0xc6a4a7935bd1e995U;
  std::uint64_t result = seed ^ (bytes.size() * factor);
  for (; bytes.size() >= 8; bytes = bytes.subspan(8)) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), 8);
    word *= factor;
    word ^= word >> 47;
    result = (result ^ (word * factor)) * factor;
  }
  if (!bytes.empty()) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), bytes.size());
    result = (result ^ word) * factor;
  }
  result = (result ^ (result >> 47)) * factor;
  return result ^ (result >> 47);
}

/// Gives a bundle whose tables were changed the hash that fits them, if it says where they end.
void make_right(Bytes& bytes) {
  std::size_t tables = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    tables |= std::to_integer<std::size_t>(bytes[40 + i]) << (8 * i);
  }
  if (tables < 64 || tables > bytes.size()) return;
  const std::span<const std::byte> all(bytes);
  const std::uint64_t first = hash(all.first(24), 0);
  store(bytes, 24, hash(all.first(tables).subspan(32), first), 8);
}

TEST_F(BundleTest, EveryFlippedBitIsNoticed) {
  const Bytes bytes = bundle_of({{"a", "import {b} from 'b'; export const a = b + 1"},
                                 {"b", "export const b = 1"},
                                 {"c", ModuleSource(ModuleSource::Text{"text"})}},
                                {"a", "c"}, {}, {.strip_source = true});
  Bytes damaged = bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      damaged[i] ^= static_cast<std::byte>(1 << bit);
      ASSERT_FALSE(Bundle::try_read(damaged)) << "byte " << i << ", bit " << bit;
      damaged[i] = bytes[i];
    }
  }
  EXPECT_TRUE(Bundle::try_read(damaged));
}

TEST_F(BundleTest, CutAndExtendedOnesAreRefused) {
  Bytes bytes = bundle_of(shop, {"app/main.mjs"});
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    ASSERT_FALSE(Bundle::try_read(std::span(bytes).first(size))) << size;
  }
  EXPECT_THAT(Bundle::try_read(std::span(bytes).first(20)).error().message(),
              ::testing::HasSubstr("cut short"));
  EXPECT_THAT(Bundle::try_read(std::span(bytes).first(bytes.size() - 1)).error().message(),
              ::testing::HasSubstr("cut short"));
  bytes.push_back(std::byte{0});
  EXPECT_THAT(Bundle::try_read(bytes).error().message(),
              ::testing::HasSubstr("more behind its end"));
}

TEST_F(BundleTest, ErrorsTellWhatIsWrong) {
  const Bytes bytes = bundle_of(shop, {"app/main.mjs"});
  const auto problem_of = [](const Bytes& with) {
    const Result<Bundle> read = Bundle::try_read(with);
    return read ? std::string("none") : read.error().message();
  };
  EXPECT_THAT(problem_of({}), ::testing::HasSubstr("no bundle"));
  EXPECT_THAT(problem_of(Bytes(100)), ::testing::HasSubstr("no bundle"));
  Bytes other = bytes;
  other[8] = std::byte{77};
  EXPECT_THAT(problem_of(other), ::testing::HasSubstr("format 77"));
  other = bytes;
  other[70] ^= std::byte{1};
  EXPECT_THAT(problem_of(other), ::testing::HasSubstr("header or its tables"));
  other = bytes;
  other.back() ^= std::byte{1};
  const std::string problem = problem_of(other);
  EXPECT_THAT(problem, ::testing::HasSubstr("damaged in the module 'app/"));
  EXPECT_THAT(problem, ::testing::HasSubstr("to " + std::to_string(bytes.size())));
  EXPECT_THROW((void)Bundle::read(other), Error);
}

TEST_F(BundleTest, BundlesOfOtherEnginesAreRefused) {
  const Bytes bytes = bundle_of({{"app", "export default 1"}}, {"app"});
  // As another engine would have made them: `make_right` fits the hash of the tables.
  constexpr std::size_t fingerprint_at = 32;
  constexpr std::size_t name_at = 64;
  Bytes other = bytes;
  store(other, fingerprint_at, 12345, 8);
  make_right(other);
  EXPECT_THAT(Bundle::try_read(other).error().message(), ::testing::HasSubstr("another build of"));
  other = bytes;
  other[name_at] = std::byte{'Q'};
  make_right(other);
  const std::string message = Bundle::try_read(other).error().message();
  EXPECT_THAT(message, ::testing::HasSubstr("made by Q"));
  EXPECT_THAT(message, ::testing::HasSubstr(Runtime::engine()));
}

TEST_F(BundleTest, TablesThatContradictThemselvesAreRefused) {
  const Bytes bytes = bundle_of(shop, {"app/main.mjs"}, {}, {.strip_source = true});
  std::size_t tables = 0;
  for (std::size_t i = 0; i < 4; ++i)
    tables |= std::to_integer<std::size_t>(bytes[40 + i]) << (8 * i);
  // every number of the header and the tables replaced, with the right hash over it
  for (std::size_t at = 8; at + 4 <= tables; at += 4) {
    for (const std::uint64_t number :
         {0ULL, 1ULL, 2ULL, 0x7fffffffULL, 0x80000000ULL, 0xffffffffULL}) {
      Bytes other = bytes;
      store(other, at, number, 4);
      make_right(other);
      const Result<Bundle> read = Bundle::try_read(other);
      if (!read) continue;
      // what was accepted can be used
      for (const std::string_view name : read->names()) EXPECT_TRUE(read->contains(name));
      for (const std::string_view entry : read->entries()) EXPECT_TRUE(read->contains(entry));
      (void)(*read)("app/main.mjs", "./lib/price.mjs");
      (void)(*read)("app/lib/cycle.mjs", "./cycle2.mjs");
    }
  }
}

TEST_F(BundleTest, AModuleIsLoadedByItsOwnNameOnly) {
  const Bytes bytes = bundle_of({{"app", "export default 1"}}, {"app"});
  const Bundle bundle = Bundle::read(bytes);
  runtime.set_loader(
      [](std::string_view, std::string_view specifier) { return std::string(specifier); },
      [bundle](std::string_view) { return bundle("app"); });
  const Result<Value> ran = run("import 'other'");
  ASSERT_FALSE(ran);
  EXPECT_THAT(ran.error().message(), ::testing::HasSubstr("compiled as 'app'"));
  // what was read then is in nobody's way
  ASSERT_TRUE(
      run("import one from 'app'; import * as all from 'app';"
          "globalThis.out = one + (all === await import('app'))",
          "main2"));
  expect_eval("out", "number", "2");
}

TEST_F(BundleTest, ShortMemoryIsAnErrorNotACrash) {
  const Bytes bytes = bundle_of(shop, {"app/main.mjs"});
  const Bundle bundle = Bundle::read(bytes);
  for (std::size_t more = 0; more < 4000; more += 100) {
    Runtime small;
    small.set_unhandled_rejection_handler(ignore_unhandled_rejections);
    small.set_loader(bundle, bundle);
    const Context in(small);
    small.set_memory_limit(static_cast<std::size_t>(small.memory_usage().malloc_size) + more);
    const Result<Promise<>> promise =
        in.with([](Ctx ctx) { return ctx.try_eval_module("import 'app/main.mjs'", "main"); });
    const bool has_run = promise && small.try_run() && promise->try_result();
    EXPECT_FALSE(has_run && more <= 1000) << more;
    small.set_memory_limit(0);
    in.with([](Ctx ctx) { expect_eval(ctx, "1 + 1", "number", "2"); });
  }
}

}  // namespace
}  // namespace quip::test

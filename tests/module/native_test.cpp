// Native modules: shared libraries that were built by quip_add_module.
#include "native/shapes.hpp"
#include <quip/quip.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

// Exported, as all functions of the program; the modules have it too.
std::string who();
std::string who() { return "program"; }

namespace quip::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const std::filesystem::path modules = QUIP_TEST_MODULES;

/// Runs a module of JavaScript to its end.
Result<void> run(Runtime& runtime, const Context& context, std::string_view source) {
  static int times = 0;  // each is another module
  Result<Promise<>> promise = context.with(
      [&](Ctx ctx) { return ctx.try_eval_module(source, "main" + std::to_string(++times)); });
  if (!promise) return promise.error();
  if (Result<void> ran = runtime.try_run(); !ran) return ran;
  return promise->try_result<void>();
}

class NativeModuleTest : public ::testing::Test {
 protected:
  NativeModuleTest() { runtime.set_loader(FileResolver(modules).native(), NativeLoader()); }

  /// What a script with the names of these modules gives, as text; or the error's.
  std::string eval(const std::string& names, const std::string& script) {
    std::string source;
    for (const std::string& name :
         {std::string("shapes"), std::string("canvas"), std::string("canvas_visible")}) {
      if (names.find(name) != std::string::npos)
        source += "import * as " + name + " from './" + name + "';";
    }
    source += "globalThis.out = String(" + script + ")";
    const Result<void> ran = run(runtime, context, source);
    if (!ran) return ran.error().name() + ": " + ran.error().message();
    return context.with([](Ctx ctx) { return ctx.globals().get<std::string>("out"); });
  }

  Runtime runtime;
  Context context{runtime};
};

std::string why_not(const std::filesystem::path& library) {
  const Result<ModuleDef> loaded = NativeLoader::try_load(library);
  return loaded ? "loaded" : loaded.error().name() + ": " + loaded.error().message();
}

/// Copies of a module with another stamp.
class Copies {
 public:
  Copies() {
    std::string name = (std::filesystem::temp_directory_path() / "quip-native-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    const std::filesystem::path library = modules / "shapes.so";
    original_.resize(static_cast<std::size_t>(std::filesystem::file_size(library)));
    std::ifstream(library, std::ios::binary).read(original_.data(), std::ssize(original_));
    const auto& magic = detail::native_magic;
    at_ = original_.find(std::string_view(magic.data(), magic.size()));
  }
  Copies(const Copies&) = delete;
  Copies& operator=(const Copies&) = delete;
  ~Copies() { std::filesystem::remove_all(folder_); }

  [[nodiscard]] bool has_stamp() const { return at_ != std::string::npos; }
  [[nodiscard]] const std::string& original() const { return original_; }

  std::filesystem::path with(const std::string& name,
                             const std::function<void(detail::NativeStamp&)>& change) const {
    detail::NativeStamp stamp{};
    std::memcpy(static_cast<void*>(&stamp), original_.data() + at_, sizeof(stamp));
    change(stamp);
    std::string bytes = original_;
    std::memcpy(bytes.data() + at_, &stamp, sizeof(stamp));
    return file(name, bytes);
  }
  [[nodiscard]] std::filesystem::path file(const std::string& name, std::string_view bytes) const {
    const std::filesystem::path path = folder_ / name;
    std::ofstream(path, std::ios::binary).write(bytes.data(), std::ssize(bytes));
    return path;
  }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

 private:
  std::filesystem::path folder_;
  std::string original_;
  std::size_t at_ = 0;
};

/// How often static initialisers of shapes.so and its copies ran.
std::size_t initialisations() {
  const char* text = std::getenv(shapes::initialised_variable);
  return text == nullptr ? 0 : std::strlen(text);
}

template <std::size_t N>
void put(std::array<char, N>& field, std::string_view text) {
  field = detail::padded<N>(text);
}

// ---- use ----------------------------------------------------------------------------------------

TEST_F(NativeModuleTest, FunctionsAndClasses) {
  EXPECT_EQ(eval("shapes", "shapes.add(2, 3)"), "5");
  EXPECT_EQ(eval("shapes", "new shapes.Square(3).area()"), "9");
  EXPECT_EQ(eval("shapes", "shapes.total([new shapes.Square(1), new shapes.Square(2)])"), "5");
  EXPECT_EQ(eval("shapes", "new shapes.Square(1) instanceof shapes.Shape"), "true");
  EXPECT_EQ(eval("shapes", "Object.keys(shapes)"),
            "Own,Shape,Square,add,initialised,parts,refuse,total,who,withdraw");
  EXPECT_EQ(eval("shapes",
                 "['pattern', 'map', 'date'].map(p => "
                 "Object.prototype.toString.call(shapes.parts()[p]))"),
            "[object RegExp],[object Map],[object Date]");
  EXPECT_EQ(
      eval("canvas",
           "[canvas.is_empty(undefined), canvas.is_empty(null), canvas.call((a, b) => a + b)]"),
      "true,false,21");
  EXPECT_THAT(eval("shapes", "shapes.add('x')"), HasSubstr("TypeError"));
}

TEST_F(NativeModuleTest, OneModuleUsesTheClassOfAnother) {
  for (const std::string canvas : {"canvas", "canvas_visible"}) {
    const std::string both = "shapes " + canvas;
    EXPECT_EQ(eval(both, canvas + ".doubled(new shapes.Square(3))"), "18");
    EXPECT_EQ(eval(both, canvas + ".square(2).area()"), "4");
    EXPECT_EQ(eval(both, canvas + ".plain_square(2).area()"), "4");
    EXPECT_EQ(eval(both, canvas + ".square(2) instanceof shapes.Shape"), "true");
    EXPECT_EQ(eval(both, canvas + ".plain_square(2) instanceof shapes.Square"), "true");
    EXPECT_EQ(
        eval(both, "shapes.total([" + canvas + ".square(2), " + canvas + ".plain_square(3)])"),
        "13")
        << canvas;
    EXPECT_THAT(eval(both, canvas + ".doubled({})"),
                AllOf(HasSubstr("TypeError"), HasSubstr("parameter 1 is not of type 'Shape'")));
  }
}

TEST_F(NativeModuleTest, TheClassesComeFromWhicheverModuleIsFirst) {
  EXPECT_EQ(eval("canvas_visible", "canvas_visible.doubled(canvas_visible.square(1))"), "2");
  EXPECT_EQ(eval("canvas", "canvas.doubled(canvas.plain_square(3))"), "18");
  EXPECT_EQ(eval("shapes", "shapes.total([new shapes.Square(2)])"), "4");
  EXPECT_EQ(eval("shapes canvas canvas_visible",
                 "[canvas.square(1), canvas_visible.square(1), canvas.plain_square(1), "
                 "canvas_visible.plain_square(1)].map(s => s instanceof shapes.Square)"),
            "true,true,true,true");
}

TEST_F(NativeModuleTest, AClassOfTheProgram) {
  context.with([](Ctx ctx) {
    ctx.globals().set("Account", Instance<shapes::Account>::constructor(ctx));
    ctx.globals().set("account", shapes::Account{100});
  });
  EXPECT_EQ(eval("shapes", "(shapes.withdraw(account, 30), account.balance)"), "70");
  EXPECT_EQ(eval("canvas", "canvas.rob(account) + ',' + account.balance"), "70,0");
  EXPECT_EQ(eval("canvas_visible", "canvas_visible.account(5) instanceof Account"), "true");
  EXPECT_EQ(eval("canvas_visible", "(account.deposit(7), canvas_visible.rob(account))"), "7");
  context.with([](Ctx ctx) {
    const auto value = ctx.globals().get<shapes::Account>("account");
    EXPECT_EQ(value.balance, 0);
  });
}

TEST_F(NativeModuleTest, ExceptionsAreCaughtByType) {
  EXPECT_EQ(eval("shapes", "(() => { try { shapes.refuse() } catch (e) { return e } })()"),
            "RangeError: refused by the module");
  ASSERT_EQ(eval("shapes", "(globalThis.withdraw = shapes.withdraw, 1)"), "1");
  context.with([](Ctx ctx) {
    const auto withdraw = ctx.globals().get<Function>("withdraw");
    try {
      withdraw.call<void>(shapes::Account{1}, 5);
      ADD_FAILURE() << "nothing was thrown";
    } catch (const shapes::Overdrawn& overdrawn) {
      EXPECT_EQ(overdrawn.missing, 4);
    }
  });
}

TEST_F(NativeModuleTest, TheDefinitionIsForOtherUsesToo) {
  const ModuleDef shapes = NativeLoader::load(modules / "shapes.so");
  EXPECT_EQ(shapes.name(), "shapes");
  EXPECT_EQ(context.with([&](Ctx ctx) {
    return shapes.make_object(ctx).get<Function>("add").call<int>(1, 2);
  }),
            3);
  EXPECT_EQ(describe(shapes).name, "shapes");
}

TEST_F(NativeModuleTest, NamesOfOneModuleAreNotTheOthers) {
  EXPECT_EQ(who(), "program");
  EXPECT_EQ(eval("shapes canvas", "[shapes.who(), canvas.who()]"), "shapes,canvas");
  EXPECT_EQ(eval("shapes canvas", "[new shapes.Own().name, new canvas.Own().name]"),
            "shapes,canvas");
  EXPECT_EQ(eval("shapes canvas", "new shapes.Own() instanceof canvas.Own"), "false");
}

// ---- life ---------------------------------------------------------------------------------------

TEST(NativeModuleLifeTest, OutlivesLoaderContextAndRuntime) {
  std::shared_ptr<void> kept;
  std::optional<ModuleDef> definition = NativeLoader::load(modules / "shapes.so");
  std::optional<Function> area;
  {
    Runtime runtime;
    runtime.set_loader(FileResolver(modules).native(), NativeLoader());
    const Context context(runtime);
    ASSERT_TRUE(run(runtime, context,
                    "import {Square, add} from './shapes'; globalThis.square = new Square(4); "
                    "globalThis.add = add"));
    runtime.set_loader(Resolver(), Loader());
    context.with([&](Ctx ctx) {
      EXPECT_EQ(ctx.eval<int>("add(square.area(), 1)"), 17);
      area = ctx.eval<Function>("square.area.bind(square)");
      kept = ctx.globals().get<std::shared_ptr<shapes::Shape>>("square");
      EXPECT_EQ(area->call<int>(), 16);
    });
  }
  EXPECT_EQ(area->try_call<int>().error().kind(), ErrorKind::runtime_gone);
  EXPECT_EQ(static_cast<shapes::Shape*>(kept.get())->area(), 16);
  kept.reset();  // its destructor is in the module
  Runtime other;
  EXPECT_EQ(Context(other).with([&](Ctx ctx) {
    return definition->make_object(ctx).get<Function>("add").call<int>(1, 2);
  }),
            3);
  definition.reset();
}

TEST(NativeModuleLifeTest, IsLoadedOnceForAllThreadsAndRuntimes) {
  const Copies copies;
  const std::filesystem::path library = copies.with("shared.so", [](auto&) {});
  std::filesystem::create_symlink(library, copies.folder() / "link.so");
  const std::size_t before = initialisations();
  std::vector<std::thread> threads;
  std::atomic<int> sum = 0;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      for (int again = 0; again < 3; ++again) {
        Runtime runtime;
        runtime.set_loader(FileResolver(copies.folder()), NativeLoader());
        const Context context(runtime);
        const auto promise = context.with(
            [&](Ctx ctx) { return ctx.import(i % 2 == 0 ? "./shared.so" : "./link.so"); });
        runtime.run();
        sum += promise.result<Object>().get<Function>("add").call<int>(1, 0);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(sum, 12);
  EXPECT_EQ(initialisations() - before, 1U);

  // what is loaded stays, whatever becomes of the file
  std::filesystem::rename(library, copies.folder() / "away.so");
  (void)copies.file("shared.so", "something else");
  EXPECT_EQ(why_not(library), "loaded");
  EXPECT_EQ(initialisations() - before, 1U);
}

// ---- what is refused ----------------------------------------------------------------------------

TEST(NativeLoaderTest, OtherNames) {
  const auto why = [](const Result<ModuleSource>& source) {
    return source ? "loaded" : source.error().name() + ": " + source.error().message();
  };
  const std::string library = (modules / "shapes.so").string();
  EXPECT_EQ(why(NativeLoader()(library)), "loaded");
  EXPECT_THAT(why(NativeLoader()("/a/b.js")),
              AllOf(HasSubstr("ReferenceError"), HasSubstr("/a/b.js"), HasSubstr("none of .so")));
  EXPECT_THAT(why(NativeLoader().extensions({})(library)), HasSubstr("its extension is not known"));
  EXPECT_THAT(why(NativeLoader().extensions({"node"})(library)), HasSubstr("none of .node"));
  EXPECT_THAT(why(NativeLoader()(library, {{"type", "json"}})),
              AllOf(HasSubstr("TypeError"), HasSubstr("without attributes")));
  EXPECT_THAT(
      why(NativeLoader()("/nowhere/x.so")),
      AllOf(HasSubstr("ReferenceError"), HasSubstr("/nowhere/x.so"), HasSubstr("No such file")));
  EXPECT_THAT(why(NativeLoader()(std::string_view("/x\0y.so", 7))), HasSubstr("it has a NUL"));
  // never by the dynamic linker's own search
  EXPECT_THAT(why(NativeLoader()("libc.so")), HasSubstr("No such file"));
  EXPECT_THAT(why(NativeLoader()("")), HasSubstr("ReferenceError"));

  const Copies copies;
  const std::filesystem::path other = copies.with("shapes.plugin", [](auto&) {});
  EXPECT_THAT(why(NativeLoader()(other.string())), HasSubstr("none of .so"));
  EXPECT_EQ(why(NativeLoader().extension("plugin")(other.string())), "loaded");
  EXPECT_EQ(why(NativeLoader().extension(".plugin")(library)), "loaded");
}

TEST(NativeLoaderTest, WhatIsNoModule) {
  const Copies copies;
  EXPECT_THAT(why_not(modules / "no_module.so"),
              AllOf(HasSubstr("TypeError"), HasSubstr("no_module.so"),
                    HasSubstr("it is no quip module: it has no QUIP_MODULE")));
  EXPECT_THAT(why_not(copies.file("text.so", "export const a = 1")),
              HasSubstr("it is no shared library"));
  EXPECT_THAT(why_not(copies.file("empty.so", "")), HasSubstr("it is no shared library"));
  EXPECT_THAT(why_not(copies.folder()), HasSubstr("it is no file"));
  const std::string start = copies.original().substr(0, 64);
  EXPECT_THAT(why_not(copies.file("cut.so", start)), HasSubstr("it has no QUIP_MODULE"));
  const auto& magic = detail::native_magic;
  EXPECT_THAT(why_not(copies.file("magic.so", start + std::string(magic.data(), magic.size()))),
              HasSubstr("it has no QUIP_MODULE"));
  // with a stamp, but no library of this machine: the dynamic linker's words
  std::string damaged = copies.original();
  damaged[4] = 0;
  EXPECT_THAT(why_not(copies.file("damaged.so", damaged)),
              AllOf(HasSubstr("TypeError: cannot load module"), Not(HasSubstr("QUIP_MODULE"))));
}

TEST(NativeLoaderTest, StampsOfOthersAreRefusedBeforeAnythingRuns) {
  const Copies copies;
  ASSERT_TRUE(copies.has_stamp());
  const std::size_t before = initialisations();
  EXPECT_THAT(why_not(copies.with("abi.so",
                                  [](auto& stamp) {
                                    stamp.abi = 999;
                                    put(stamp.quip, "9.8.7");
                                  })),
              AllOf(HasSubstr("TypeError"), HasSubstr("quip 9.8.7"), HasSubstr("ABI 999"),
                    HasSubstr(std::string(version))));
  EXPECT_THAT(
      why_not(copies.with("family.so", [](auto& stamp) { put(stamp.engine, "other-engine 1.0"); })),
      AllOf(HasSubstr("compiled for other-engine 1.0"), HasSubstr(Runtime::engine())));
  const std::string engine = Runtime::engine();
  const std::string family = engine.substr(0, engine.find(' '));
  for (const std::string& other :
       {family + " 0.0.1", family + " 99", engine + ".1", engine + "9", family.substr(0, 5)}) {
    EXPECT_THAT(why_not(copies.with("engine.so", [&](auto& stamp) { put(stamp.engine, other); })),
                HasSubstr("compiled for " + other));
  }
  for (std::size_t i = 0; i < std::tuple_size_v<decltype(detail::NativeStamp::layouts)>; ++i) {
    EXPECT_THAT(why_not(copies.with("layout.so", [&](auto& stamp) { stamp.layouts[i] += 8; })),
                AllOf(HasSubstr("other layouts"), HasSubstr("here")));
  }
  EXPECT_THAT(why_not(copies.with("size.so", [](auto& stamp) { stamp.size += 8; })),
              HasSubstr("other layouts"));
  EXPECT_THAT(why_not(copies.with("no_abi.so", [](auto& stamp) { stamp.abi = 0; })),
              HasSubstr("no QUIP_MODULE"));
  EXPECT_THAT(why_not(copies.with("no_text.so", [](auto& stamp) { stamp.quip.fill('x'); })),
              HasSubstr("no QUIP_MODULE"));
  EXPECT_EQ(initialisations(), before);
}

TEST(NativeLoaderTest, StampsThatFit) {
  const Copies copies;
  const std::string engine = Runtime::engine();
  EXPECT_EQ(why_not(copies.with("quip.so", [](auto& stamp) { put(stamp.quip, "9.8.7"); })),
            "loaded");
  EXPECT_EQ(why_not(copies.with(
                "family.so",
                [&](auto& stamp) { put(stamp.engine, engine.substr(0, engine.find(' '))); })),
            "loaded");
  // what quip_add_module stamps is the engine in full
  EXPECT_EQ(why_not(copies.with("same.so",
                                [&](auto& stamp) {
                                  EXPECT_EQ(std::string(stamp.engine.data()), engine);
                                  EXPECT_EQ(std::string(stamp.quip.data()), version);
                                })),
            "loaded");
}

TEST(NativeLoaderTest, MissingSymbols) {
  EXPECT_THAT(
      why_not(modules / "unknown.so"),
      AllOf(HasSubstr("TypeError"), HasSubstr("it needs what this program's quip or engine"),
            HasSubstr("nowhere_defined")));
}

TEST(NativeLoaderTest, DefinitionsThatThrow) {
  Runtime runtime;
  runtime.set_loader(FileResolver(modules), NativeLoader());
  const Context context(runtime);
  // a caught exception of a module is what it was
  try {
    (void)NativeLoader::load(modules / "throws.so");
    ADD_FAILURE() << "nothing was thrown";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "the definition fails");
  }
  for (int i = 0; i < 2; ++i) {
    const Result<void> ran = run(runtime, context, "import './throws.so'");
    ASSERT_FALSE(ran);
    EXPECT_EQ(ran.error().name() + ": " + ran.error().message(), "RangeError: the definer fails");
  }
}

TEST(NativeLoaderTest, WithOtherLoaders) {
  Runtime runtime;
  runtime.set_loader(FileResolver(modules).native(), loaders(NativeLoader(), ScriptLoader()));
  const Context context(runtime);
  const Copies copies;
  const std::filesystem::path script = copies.file("main.js", "export const a = 1");
  EXPECT_TRUE(
      run(runtime, context,
          "import {a} from '" + script.string() + "'; import {add} from './shapes'; add(a, 1)"));
  const Result<void> ran = run(runtime, context, "import './no_module.so'");
  ASSERT_FALSE(ran);
  EXPECT_THAT(ran.error().message(),
              AllOf(HasSubstr("it has no QUIP_MODULE"), HasSubstr("as JavaScript")));
}

}  // namespace
}  // namespace quip::test

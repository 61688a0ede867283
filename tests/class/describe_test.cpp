#include "support/js.hpp"
#include <quip/class/class_def.hpp>

#include <algorithm>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace quip::test {
namespace {

enum class Mode { slow, fast };
struct Options {
  int depth = 1;
  std::string text;
};

struct Readable {
  virtual ~Readable() = default;
  [[nodiscard]] virtual int read() const { return 0; }
};
struct Stream {
  virtual ~Stream() = default;
  void close() {}
};
/// Everything that a class can have.
struct File : Stream, Readable {
  std::string path;
  int size = 0;
  Mode mode = Mode::slow;
  Options options;
  std::optional<int> limit;
  const int version = 2;
  inline static int open_files = 0;
  std::vector<std::shared_ptr<File>> children;
  File() = default;
  explicit File(std::string p, int s = 0) : path(std::move(p)), size(s) {}
  [[nodiscard]] int seek(int offset, Mode m) const { return offset + (m == Mode::fast ? 1 : 0); }
  void write(const std::string&, Rest<std::string>) {}
  [[nodiscard]] bool has_lines() const { return true; }
  [[nodiscard]] std::shared_ptr<File> parent() const { return nullptr; }
  File& self() { return *this; }
  void attach(const File&, const Options&, std::optional<double>) {}
  static std::unique_ptr<File> open(const std::string&) { return nullptr; }
};
void define(ClassDef<Readable>& def) { def.method<&Readable::read>(); }
void define(ClassDef<Stream>& def) { def.doc("A stream.").method<&Stream::close>(); }
void define(ClassDef<File>& def) {
  def.name("DataFile")
      .doc("A file of data.")
      .extends<Stream>()
      .implements<Readable>()
      .constructor<>()
      .constructor<std::string, int>(arg("path"), arg("size") = 10, doc("Opens a file."))
      .field<&File::path>(doc("Where it is."))
      .field<&File::mode>()
      .field<&File::options>()
      .field<&File::limit>()
      .field<&File::version>()
      .field<&File::size>("length", PropertyFlags::readonly, doc("In bytes."))
      .property<&File::has_lines>("lines")
      .property(
          "label", [](const File& file) { return file.path; },
          [](File& file, std::string text) { file.path = std::move(text); })
      .static_field<&File::open_files>("openFiles")
      .static_property("Default", [] { return std::string("x"); })
      .method<&File::seek>(arg("offset"), arg("mode") = Mode::fast, doc("Moves."))
      .method<&File::write>()
      .method<&File::parent>()
      .method<&File::self>()
      .method<&File::attach>()
      .method("find", overload([](const File&, int at) { return at; },
                               [](const File&, const std::string& text) { return text; }))
      .method("onEach", [](File&, Ctx, This<Value>, const Function&) {})
      .iterable([](const File& file) -> auto& { return file.children; })
      .static_method<&File::open>(arg("path"))
      .callable([](const File& file, int at) { return file.size + at; })
      .constant("MAX", 1024, doc("The most that fits."))
      .constant("MODE", Mode::fast)
      .constant("NAME", std::string("a \"b\""))
      .prototype_constant("RATIO", 0.5);
}

struct Broken {};
void define(ClassDef<Broken>&) { throw std::runtime_error("not described"); }
struct Bare {};
void define(ClassDef<Bare>&) {}
struct Called {};
void define(ClassDef<Called>& def) {
  def.callable(overload([](const Called&, int n) { return n; },
                        [](const Called&, std::string text) { return text; }));
}

template <class Infos>
const auto& named(const Infos& infos, std::string_view name) {
  const auto at = std::ranges::find_if(infos, [&](const auto& one) { return one.name == name; });
  if (at == infos.end()) throw std::out_of_range("no " + std::string(name));
  return *at;
}

TEST(ClassDescriptions, TheClassItself) {
  const ClassInfo& info = describe<File>();
  EXPECT_EQ(info.name, "DataFile");
  EXPECT_EQ(info.doc, "A file of data.");
  ASSERT_NE(info.base, nullptr);
  EXPECT_EQ(info.base().name, "Stream");
  EXPECT_EQ(info.base().kind, TypeKind::instance);
  ASSERT_EQ(info.interfaces.size(), 1U);
  EXPECT_EQ(info.interfaces[0]().name, "Readable");
  EXPECT_EQ(&info, &describe<File>()) << "it is made once";
  // and found by its type
  ASSERT_NE(type_info<File>().instance_of, nullptr);
  EXPECT_EQ(&type_info<File>().instance_of(), &info);
  EXPECT_EQ(info.base().instance_of().doc, "A stream.");
}

TEST(ClassDescriptions, Constructors) {
  const FunctionInfo& constructor = describe<File>().constructor;
  ASSERT_EQ(constructor.signatures.size(), 2U);
  EXPECT_EQ(to_string(constructor.signatures[0]), "(): File");
  EXPECT_EQ(to_string(constructor.signatures[1]), "(path: string, size: number = 10): File");
  EXPECT_EQ(constructor.signatures[1].parameters[1].default_value, "10");
  EXPECT_EQ(constructor.doc, "Opens a file.");
  EXPECT_TRUE(describe<Stream>().constructor.signatures.empty());
}

TEST(ClassDescriptions, Methods) {
  const auto& methods = describe<File>().methods;
  const auto text = [&](std::string_view name) { return to_string(named(methods, name)); };
  EXPECT_EQ(text("seek"), "seek(offset: number, mode: \"slow\" | \"fast\" = \"fast\"): number");
  EXPECT_EQ(named(methods, "seek").doc, "Moves.");
  EXPECT_EQ(named(methods, "seek").signatures[0].parameters[1].default_value, "\"fast\"");
  EXPECT_EQ(text("write"), "write(arg1: string, ...arg2: string[]): void");
  EXPECT_EQ(text("parent"), "parent(): File | null");
  EXPECT_EQ(text("self"), "self(): File");
  EXPECT_EQ(text("attach"), "attach(arg1: File, arg2: Options, arg3?: number): void");
  EXPECT_EQ(text("find"), "find(arg1: number): number\nfind(arg1: string): string");
  EXPECT_EQ(named(methods, "onEach").signatures[0].parameters.size(), 1U);
  EXPECT_EQ(text("[Symbol.iterator]"), "[Symbol.iterator](): IterableIterator<File | null>");
  EXPECT_EQ(to_string(named(describe<File>().static_methods, "open")),
            "open(path: string): File | null");
}

TEST(ClassDescriptions, Properties) {
  const auto& properties = describe<File>().properties;
  EXPECT_EQ(to_string(named(properties, "path").type()), "string");
  EXPECT_EQ(named(properties, "path").doc, "Where it is.");
  EXPECT_FALSE(named(properties, "path").readonly);
  EXPECT_EQ(to_string(named(properties, "mode").type()), "\"slow\" | \"fast\"");
  EXPECT_EQ(to_string(named(properties, "options").type()), "Options");
  EXPECT_EQ(to_string(named(properties, "limit").type()), "number | undefined");
  EXPECT_TRUE(named(properties, "version").readonly);
  EXPECT_TRUE(named(properties, "length").readonly);
  EXPECT_EQ(named(properties, "length").doc, "In bytes.");
  EXPECT_EQ(to_string(named(properties, "lines").type()), "boolean");
  EXPECT_TRUE(named(properties, "lines").readonly);
  EXPECT_FALSE(named(properties, "label").readonly);
  EXPECT_TRUE(named(properties, "openFiles").is_static);
  EXPECT_FALSE(named(properties, "openFiles").readonly);
  EXPECT_TRUE(named(properties, "Default").is_static && named(properties, "Default").readonly);
}

TEST(ClassDescriptions, Constants) {
  const auto& constants = describe<File>().constants;
  EXPECT_EQ(named(constants, "MAX").value, "1024");
  EXPECT_EQ(named(constants, "MAX").doc, "The most that fits.");
  EXPECT_EQ(named(constants, "MODE").value, "\"fast\"");
  EXPECT_EQ(named(constants, "NAME").value, "\"a \\\"b\\\"\"");
  EXPECT_EQ(named(constants, "RATIO").value, "0.5");
  EXPECT_TRUE(named(constants, "RATIO").of_instances);
  EXPECT_FALSE(named(constants, "MAX").of_instances);
  EXPECT_EQ(to_string(named(constants, "MAX").type()), "number");
}

TEST(ClassDescriptions, InstancesThatAreFunctions) {
  const ClassInfo& file = describe<File>();
  ASSERT_EQ(file.calls.size(), 1U);
  EXPECT_EQ(to_string(file.calls[0]), "(arg1: number): number");
  const ClassInfo& called = describe<Called>();
  ASSERT_EQ(called.calls.size(), 2U);
  EXPECT_EQ(to_string(called.calls[1]), "(arg1: string): string");
  EXPECT_TRUE(describe<Bare>().calls.empty());
}

TEST(ClassDescriptions, ADefinitionThatThrowsDoesHere) {
  EXPECT_THROW((void)describe<Broken>(), std::runtime_error);
  EXPECT_THROW((void)describe<Broken>(), std::runtime_error);
  const ClassInfo& bare = describe<Bare>();
  EXPECT_EQ(bare.name, "Bare");
  EXPECT_TRUE(bare.methods.empty() && bare.properties.empty() && bare.base == nullptr);
}

TEST(ClassDescriptions, NeedNoRuntimeAndAnyThreadMayAsk) {
  struct Asked {
    std::size_t methods = 0;
  };
  std::vector<Asked> asked(4);
  std::vector<std::thread> threads;
  for (Asked& one : asked) {
    threads.emplace_back([&one] { one.methods = describe<File>().methods.size(); });
  }
  for (std::thread& thread : threads) thread.join();
  for (const Asked& one : asked) EXPECT_EQ(one.methods, describe<File>().methods.size());
}

}  // namespace
}  // namespace quip::test

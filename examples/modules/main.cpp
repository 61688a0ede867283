// Modules of every kind in one program: scripts in files, JSON, modules in memory, modules written
// in C++, a native library, and a bundle of bytecode inside of the program.
//
//     modules <folder of this example> <folder of the native module>
#include <quip/quip.hpp>

#include <receipt_bundle.hpp>

#include <filesystem>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

namespace {

struct Item {
  std::string name;
  int cents = 0;
};

class Basket {
 public:
  void add(std::string name, int cents) { items_.push_back({std::move(name), cents}); }
  [[nodiscard]] int total() const {
    int sum = 0;
    for (const Item& item : items_) sum += item.cents;
    return sum;
  }
  [[nodiscard]] const std::vector<Item>& items() const { return items_; }

 private:
  std::vector<Item> items_;
};

void define(quip::ClassDef<Basket>& def) {
  def.constructor<>()
      .method<&Basket::add>(quip::arg("name"), quip::arg("cents"))
      .property<&Basket::total>()
      .iterable([](const Basket& basket) -> auto& { return basket.items(); });
}

/// What the module exports, when its evaluation has ended.
quip::Object loaded(quip::Runtime& runtime, const quip::Promise<>& import) {
  runtime.run();
  return import.result<quip::Object>();
}

void run(const std::filesystem::path& folder, const std::filesystem::path& native) {
  const quip::ModuleDef shop("shop", [](quip::Exports& exports) { exports.add<Basket>(); });

  quip::BuiltinLoader builtins;
  builtins.add(shop).add("shop/currency",
                         quip::ModuleSource::Json{R"({"sign": "EUR", "digits": 2})"});

  quip::Runtime runtime;
  const quip::Bundle receipts = receipt_bundle();
  runtime.set_loader(
      quip::resolvers(builtins, receipts, quip::FileResolver(folder).path(native).native()),
      quip::loaders(builtins, receipts, quip::NativeLoader(), quip::ScriptLoader()));

  const quip::Context context(runtime);
  context.with([&](quip::Ctx ctx) {
    // JSON, as data; an engine without import attributes goes by the file's name
    quip::ImportAttributes json;
    if (quip::Runtime::has_import_attributes()) json = {{"type", "json"}};
    const quip::Object menu = loaded(runtime, ctx.import("./app/menu.json", "", json));

    // scripts, with all that they import
    const quip::Object app = loaded(runtime, ctx.import("./app/main.mjs"));
    const std::vector<std::pair<std::string, int>> orders = {{"coffee", 2}, {"water", 3}};
    std::cout << app.get<quip::Function>("sell").call<std::string>(menu["default"], orders) << '\n';

    // bytecode
    const quip::Object bundle = loaded(runtime, ctx.import(receipts.entry()));
    Basket basket;
    basket.add("coffee", 500);
    basket.add("water", 324);
    std::cout << bundle.get<quip::Function>("default").call<std::string>(std::move(basket)) << '\n';
  });

  // the definitions belong to no runtime: another one, without modules, has the same as globals
  const quip::Runtime plain;
  quip::Context(plain).with([&](quip::Ctx ctx) {
    shop.define_on(ctx.globals());
    std::cout << ctx.eval<int>("const b = new Basket(); b.add('tea', 180); b.total") << '\n';
  });
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: modules FOLDER NATIVE_FOLDER\n";
    return 2;
  }
  try {
    run(argv[1], argv[2]);
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}

// The order desk of a small shop. The shop's people edit config.js, rules.mjs and orders.json; this
// program gives their scripts a few functions, applies the rules to every order, prints the bills.
#include <quip/quip.hpp>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace fs = std::filesystem;

// The host's state. Scripts reach it only by the functions that `expose` gives them.
struct Desk {
  std::map<std::string, unsigned> stock;
  std::vector<std::pair<std::string, quip::Function>> rules;
  std::vector<std::pair<double, std::string>> bill;

  void charge(double amount, std::string why) { bill.emplace_back(amount, std::move(why)); }
  double total() const {
    double sum = 0;
    for (const auto& [amount, why] : bill) sum += amount;
    return sum;
  }
  void take(const std::string& item, unsigned count) {
    const auto found = stock.find(item);
    if (found == stock.end() || found->second < count) {
      throw std::out_of_range("not enough " + item + " in stock");  // a RangeError in the script
    }
    found->second -= count;
  }
};

void expose(Desk& desk, const quip::Object& globals) {
  globals.set("charge", quip::method(&desk, &Desk::charge));
  globals.set("total", quip::method(&desk, &Desk::total));
  globals.set("take", quip::method(&desk, &Desk::take));
  globals.set("rule", [&desk](std::string name, quip::Function rule) {
    desk.rules.emplace_back(std::move(name), std::move(rule));
  });
}

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw quip::Error::plain("cannot read " + path.string());
  return {std::istreambuf_iterator<char>(file), {}};
}

// Runs the scripts that set the desk up: config.js, then rules.mjs with what it imports.
quip::Object load(quip::Runtime& runtime, quip::Ctx ctx, Desk& desk, const fs::path& folder) {
  ctx.eval_file(folder / "config.js");
  auto config = ctx.globals()["config"].get<quip::Object>();
  desk.stock = config["stock"].get<std::map<std::string, unsigned>>();

  expose(desk, ctx.globals());
  runtime.set_loader(quip::FileResolver(folder), quip::ScriptLoader());
  quip::Promise<> loaded = ctx.eval_module(read(folder / "rules.mjs"), "rules.mjs");
  loaded.finish();  // throws what the module threw
  return config;
}

// Applies the rules to an order and prints its bill. One that fails puts the order on hold.
void process(Desk& desk, const quip::Object& order, const std::string& currency) {
  std::printf("order %d, %s\n", order["id"].get<int>(),
              order["customer"].get<std::string>().c_str());
  desk.bill.clear();
  for (const auto& [name, rule] : desk.rules) {
    if (auto outcome = rule.try_call<void>(order); !outcome) {
      const quip::Error& error = outcome.error();
      std::printf("   on hold: rule '%s', %s:%d: %s\n\n", name.c_str(), error.file().c_str(),
                  error.line(), error.message().c_str());
      return;
    }
  }
  for (const auto& [amount, why] : desk.bill) std::printf("%10.2f  %s\n", amount, why.c_str());
  std::printf("%10.2f  %s\n\n", desk.total(), currency.c_str());
}

int main(int argc, char** argv) try {
  const fs::path folder = argc > 1 ? argv[1] : "examples/tour";
  Desk desk;
  quip::Runtime runtime({.memory_limit = 64 << 20});
  quip::Context context(runtime);
  context.with([&](quip::Ctx ctx) {
    quip::Object config = load(runtime, ctx, desk, folder);
    const auto currency = config["currency"].get<std::string>();
    auto parse = ctx.globals()["JSON"]["parse"].get<quip::Function>();
    for (const auto& order : parse.call<std::vector<quip::Object>>(read(folder / "orders.json"))) {
      process(desk, order, currency);
    }
  });
  std::printf("left in stock:");
  for (const auto& [item, count] : desk.stock) std::printf("  %u %s", count, item.c_str());
  std::printf("\n");
} catch (const quip::Error& error) {
  std::fprintf(stderr, "tour: %s\n", error.what());
  return 1;
}

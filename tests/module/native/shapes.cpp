// A native module with functions and classes.
#include "shapes.hpp"

#include <cstdlib>
#include <memory>
#include <vector>

// Another one than the program's and the other module's.
std::string who();
std::string who() { return "shapes"; }

namespace {

/// Of this module alone.
struct Own {
  std::string name = who();
};
void define(quip::ClassDef<Own>& def) {
  def.constructor<>();
  def.field<&Own::name>("name");
}

/// Counts in the environment, where the program sees it: "x" for each time.
const bool is_initialised = [] {
  const char* before = std::getenv(shapes::initialised_variable);
  ::setenv(shapes::initialised_variable,
           (std::string(before == nullptr ? "" : before) + "x").c_str(), 1);
  return true;
}();

int add(int a, int b) { return a + b; }
double total(const std::vector<std::shared_ptr<shapes::Shape>>& all) {
  double sum = 0;
  for (const auto& shape : all) sum += shape->area();
  return sum;
}
void withdraw(shapes::Account& account, int amount) {
  if (account.balance < amount) throw shapes::Overdrawn(amount - account.balance);
  account.balance -= amount;
}
void refuse() { throw quip::Error::range("refused by the module"); }
// parts of quip that the test program does not use itself
quip::Object parts(const quip::Ctx& ctx) {
  quip::Object made(ctx);
  made.set("pattern", quip::RegExp(ctx, "a+", "g"));
  made.set("map", quip::Map(ctx));
  made.set("date", quip::Date(ctx, 0.0));
  return made;
}

}  // namespace

QUIP_MODULE(quip::ModuleDef("shapes", [](quip::Exports& exports) {
  exports.add<Own>()
      .function<&who>()
      .function<&add>()
      .function<&total>()
      .function<&withdraw>()
      .function<&refuse>()
      .function<&parts>()
      .value("initialised", is_initialised)
      .add<shapes::Shape>()
      .add<shapes::Square>();
}));

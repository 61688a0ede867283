// A native module that uses the classes of another one.
#include "shapes.hpp"

#include <memory>

// Another one than the program's and the other module's.
std::string who();
std::string who() { return "canvas"; }

namespace {

/// Of this module alone.
struct Own {
  std::string name = who();
};
void define(quip::ClassDef<Own>& def) {
  def.constructor<>();
  def.field<&Own::name>("name");
}

double doubled(const shapes::Shape& shape) { return 2 * shape.area(); }
std::shared_ptr<shapes::Shape> square(double side) {
  return std::make_shared<shapes::Square>(side);
}
shapes::Square plain_square(double side) { return shapes::Square(side); }
int rob(shapes::Account& account) { return std::exchange(account.balance, 0); }
shapes::Account account(int balance) { return {balance}; }
bool is_empty(const quip::Value& value) { return value.is_undefined(); }
int call(const quip::Function& function) { return function.call<int>(20, 1); }

}  // namespace

QUIP_MODULE(quip::ModuleDef("canvas", [](quip::Exports& exports) {
  exports.add<Own>()
      .function<&who>()
      .function<&doubled>()
      .function<&square>()
      .function<&plain_square>()
      .function<&rob>()
      .function<&account>()
      .function<&is_empty>()
      .function<&call>();
}));

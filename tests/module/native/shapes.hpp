// What the test program and its native modules have in common.
#pragma once

#include <quip/quip.hpp>

#include <exception>
#include <string>

namespace shapes {

/// Defined to scripts by the module shapes, used by the module canvas; the program does not know
/// it.
class Shape {
 public:
  virtual ~Shape() = default;
  [[nodiscard]] virtual double area() const = 0;
};
inline void define(quip::ClassDef<Shape>& def) { def.method<&Shape::area>("area"); }

class Square : public Shape {
 public:
  explicit Square(double side) : side_(side) {}
  [[nodiscard]] double area() const override { return side_ * side_; }

 private:
  double side_;
};
inline void define(quip::ClassDef<Square>& def) {
  def.extends<Shape>();
  def.constructor<double>();
}

/// Defined by the program, used by the modules.
struct Account {
  int balance = 0;
  void deposit(int amount) { balance += amount; }
};
inline void define(quip::ClassDef<Account>& def) {
  def.constructor<>();
  def.method<&Account::deposit>("deposit");
  def.field<&Account::balance>("balance");
}

/// Thrown by modules, caught by the program.
struct Overdrawn : std::exception {
  explicit Overdrawn(int amount) : missing(amount) {}
  [[nodiscard]] const char* what() const noexcept override { return "overdrawn"; }
  int missing;
};

/// The variable of the environment to which static initialisers of the module shapes add an "x".
inline constexpr const char* initialised_variable = "QUIP_TEST_INITIALISED";

}  // namespace shapes

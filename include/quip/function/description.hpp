// What a description of bound functions, classes and modules is: plain data, made only for programs
// that ask for it.
#pragma once

#include <quip/convert/type_data.hpp>

#include <string>
#include <vector>

namespace quip {

/// A function or method. Its name is what scripts write: "greet", "[Symbol.iterator]".
struct FunctionInfo {
  std::string name = {};
  std::string doc = {};
  std::vector<SignatureInfo> signatures = {};  ///< more than one: overloads
};

/// A property of a class: a data member, or one with a getter.
struct PropertyInfo {
  std::string name = {};
  std::string doc = {};
  TypeOf type = nullptr;
  bool readonly = false;
  bool is_static = false;
};

/// A property that never changes.
struct ConstantInfo {
  std::string name = {};
  std::string doc = {};
  TypeOf type = nullptr;
  std::string value = {};     ///< as JavaScript source
  bool of_instances = false;  ///< of a class: its prototype has it, not the class itself
};

/// A native class.
struct ClassInfo {
  std::string name = {};
  std::string doc = {};
  TypeOf base = nullptr;                ///< the class that its prototype inherits from, or null
  std::vector<TypeOf> interfaces = {};  ///< other classes that its instances convert to
  /// Without signatures: scripts cannot make instances.
  FunctionInfo constructor = {.name = "constructor"};
  std::vector<FunctionInfo> methods = {};
  std::vector<FunctionInfo> static_methods = {};
  std::vector<PropertyInfo> properties = {};
  std::vector<ConstantInfo> constants = {};
};

/// What a module exports.
struct ModuleInfo {
  std::string name = {};
  std::string doc = {};
  std::vector<FunctionInfo> functions = {};
  std::vector<ClassOf> classes = {};
  std::vector<PropertyInfo> properties = {};
  std::vector<ConstantInfo> constants = {};
};

/// `greet(name: string, times?: number): string`, a line for each overload.
std::string to_string(const FunctionInfo& function);

}  // namespace quip

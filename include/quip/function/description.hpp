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
  std::vector<SignatureInfo> calls = {};  ///< of instances, where they are functions
  std::vector<FunctionInfo> methods = {};
  std::vector<FunctionInfo> static_methods = {};
  std::vector<PropertyInfo> properties = {};
  std::vector<ConstantInfo> constants = {};
};

/// A native class under the name that a module exports it by.
struct ExportedClass {
  std::string name = {};
  ClassOf info = nullptr;
};

/// An enumeration as an object of its values, under the name that a module exports it by.
struct ExportedEnum {
  std::string name = {};
  std::string doc = {};
  TypeOf type = nullptr;
};

/// What a module exports, or a namespace within one has. The default export is called "default".
struct ModuleInfo {
  std::string name = {};
  std::string doc = {};
  std::vector<FunctionInfo> functions = {};
  std::vector<ExportedClass> classes = {};
  std::vector<ExportedEnum> enumerations = {};
  /// Values that are not known yet: lazy ones, and what a getter returns.
  std::vector<PropertyInfo> properties = {};
  std::vector<ConstantInfo> constants = {};
  std::vector<ModuleInfo> spaces = {};  ///< nested namespaces
};

/// `greet(name: string, times?: number): string`, a line for each overload.
std::string to_string(const FunctionInfo& function);

}  // namespace quip

#include <quip/quip.hpp>

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace {

using namespace quip;

TEST(FunctionInfo, ToString) {
  FunctionInfo greet{.name = "greet"};
  EXPECT_EQ(to_string(greet), "greet()");
  greet.signatures.push_back(signature_info<std::string(const std::string&, std::optional<int>)>());
  greet.signatures[0].parameters[0].name = "name";
  greet.signatures[0].parameters[1].name = "times";
  EXPECT_EQ(to_string(greet), "greet(name: string, times?: number): string");
  greet.signatures[0].parameters[1].default_value = "1";
  greet.signatures.push_back(signature_info<void()>());
  EXPECT_EQ(to_string(greet), "greet(name: string, times: number = 1): string\ngreet(): void");
  const TypeInfo overloaded{
      .kind = TypeKind::function, .name = "Function", .signatures = greet.signatures};
  EXPECT_EQ(to_string(overloaded), "{ (name: string, times: number = 1): string; (): void }");
}

const ClassInfo& base_info() {
  static const ClassInfo info{.name = "Base"};
  return info;
}
struct Base {};
struct Derived {};

}  // namespace

// what a binding layer adds to the types that it knows
template <>
struct quip::TypeInfoOf<Base> {
  static TypeInfo make() {
    return {.kind = TypeKind::instance, .name = "Base", .instance_of = &base_info};
  }
};
template <>
struct quip::TypeInfoOf<Derived> {
  using As = Base;
};

namespace {

TEST(ClassInfo, IsFoundByTheTypesOfItsInstances) {
  const SignatureInfo signature = signature_info<void(const Base&)>();
  const TypeInfo& type = signature.parameters.at(0).type();
  ASSERT_NE(type.instance_of, nullptr);
  EXPECT_EQ(&type.instance_of(), &base_info());
  EXPECT_EQ(&type_info<Derived>(), &type_info<Base>());
}

TEST(ClassInfo, IsData) {
  const ClassInfo info{.name = "Derived",
                       .base = &type_info<Base>,
                       .methods = {{.name = "length", .signatures = {signature_info<int()>()}}},
                       .properties = {{.name = "x", .type = &type_info<double>, .readonly = true}},
                       .constants = {{.name = "MAX", .type = &type_info<int>, .value = "10"}}};
  EXPECT_EQ(info.base().instance_of().name, "Base");
  EXPECT_TRUE(info.constructor.signatures.empty());
  EXPECT_EQ(to_string(info.methods.at(0)), "length(): number");
  EXPECT_EQ(to_string(info.properties.at(0).type()), "number");
}

}  // namespace

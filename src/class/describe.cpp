#include <quip/class/class_def.hpp>

#include <string>
#include <utility>

namespace quip::detail {

std::string enumerator_text(const TypeInfo& type, std::int64_t value) {
  for (const EnumeratorInfo& one : type.values) {
    if (one.value == value && !type.by_number) return source_text(one.name);
  }
  return std::to_string(value);
}

namespace {

std::string name_of(const MemberName& name) {
  const auto symbol = name.symbol();
  return symbol ? "[Symbol." + std::string(engine::name_of(*symbol)) + "]"
                : std::string(name.text());
}

/// What quip::arg said of the parameters.
void name_parameters(SignatureInfo& signature, const std::vector<std::string_view>& names,
                     const std::vector<std::string>& defaults) {
  for (std::size_t i = 0; i < signature.parameters.size(); ++i) {
    ParameterInfo& parameter = signature.parameters[i];
    if (i < names.size()) {
      parameter.name = names[i];
    }
    if (i < defaults.size() && !defaults[i].empty()) {
      parameter.optional = true;
      parameter.default_value = defaults[i];
    }
  }
}

}  // namespace

FunctionInfo method_info(const MemberSpec& member) {
  FunctionInfo made{name_of(member.name), std::string(member.function.doc), member.overloads};
  if (member.signature != nullptr) {
    SignatureInfo& signature = made.signatures.emplace_back(make_signature(*member.signature));
    name_parameters(signature, member.function.arguments, member.defaults);
  }
  return made;
}

namespace {

void add_constructors(FunctionInfo& to, const ClassSpec& spec) {
  for (std::size_t i = 0; i < spec.constructors.size(); ++i) {
    const NativeFunction& constructor = spec.constructors[i];
    SignatureInfo signature = constructor.candidate->signature();
    signature.returns = spec.type.described;
    name_parameters(signature, constructor.arguments, spec.constructor_defaults[i]);
    if (!constructor.doc.empty()) {
      to.doc += (to.doc.empty() ? "" : "\n") + std::string(constructor.doc);
    }
    to.signatures.push_back(std::move(signature));
  }
}

void add_member(ClassInfo& to, MemberSpec& member) {
  switch (member.kind) {
    case MemberSpec::Kind::method:
      (member.is_static ? to.static_methods : to.methods).push_back(method_info(member));
      break;
    case MemberSpec::Kind::accessor:
      to.properties.push_back({.name = name_of(member.name),
                               .doc = std::string(member.doc),
                               .type = member.type,
                               .readonly = !member.has_setter,
                               .is_static = member.is_static});
      break;
    case MemberSpec::Kind::constant:
      to.constants.push_back({.name = name_of(member.name),
                              .doc = std::string(member.doc),
                              .type = member.type,
                              .value = std::move(member.text),
                              .of_instances = !member.is_static});
      break;
  }
}

}  // namespace

ClassInfo describe_class(ClassType& type) {
  ClassSpec spec(type, true);
  type.define(spec);
  ClassInfo made;
  made.name = spec.name;
  made.doc = spec.doc;
  if (spec.base != nullptr) {
    made.base = spec.base->described;
  }
  for (const BaseLink* link = bases_of(type); link != nullptr; link = link->next) {
    if (spec.base == nullptr || !same_class(*link->base, *spec.base)) {
      made.interfaces.push_back(link->base->described);
    }
  }
  add_constructors(made.constructor, spec);
  made.calls = std::move(spec.calls);
  if (spec.call_signature != nullptr) {
    made.calls.push_back(make_signature(*spec.call_signature));
  }
  for (MemberSpec& member : spec.members) {
    add_member(made, member);
  }
  return made;
}

}  // namespace quip::detail

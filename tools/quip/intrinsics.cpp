#include "intrinsics.hpp"

#include "intrinsics_source.hpp"

#include <array>
#include <string_view>
#include <utility>

namespace quip::program {

namespace {

constexpr std::array<std::pair<std::string_view, Kind>, 14> kinds{{
    {"arguments", Kind::arguments},
    {"array_buffer", Kind::array_buffer},
    {"boxed", Kind::boxed},
    {"data_view", Kind::data_view},
    {"date", Kind::date},
    {"map", Kind::map},
    {"module", Kind::module},
    {"object", Kind::object},
    {"regexp", Kind::regexp},
    {"set", Kind::set},
    {"shared_array_buffer", Kind::shared_array_buffer},
    {"typed_array", Kind::typed_array},
    {"weak_map", Kind::weak_map},
    {"weak_set", Kind::weak_set},
}};

Kind kind_of(std::string_view name) {
  for (const auto& [known, kind] : kinds) {
    if (known == name) return kind;
  }
  return Kind::object;
}

/// A key that names an element of an array: a whole number in its shortest form.
bool is_index(const std::string& key) {
  constexpr std::size_t most_digits = 10;
  if (key.empty() || key.size() > most_digits) return false;
  if (key.front() == '0') return key.size() == 1;
  return key.find_first_not_of("0123456789") == std::string::npos;
}

}  // namespace

Intrinsics::Intrinsics(const Ctx& ctx)
    : helpers_(ctx.eval<Object>(intrinsics_source,
                                {.filename = "quip:intrinsics", .backtrace_barrier = true})),
      unproxy_(helper("unproxy")),
      survey_(helper("survey")),
      property_(helper("property")) {}

std::optional<Object> Intrinsics::unproxied(const Object& object) const {
  const auto target = ask<Value>(unproxy_, object, object);
  if (target.is_null()) return std::nullopt;
  return target.as<Object>();
}

Survey Intrinsics::survey(const Object& object) const {
  Survey result;
  bool special = true;
  switch (object.type()) {
    case Type::array:
      result.kind = Kind::array;
      break;
    case Type::function:
      result.kind = Kind::function;
      break;
    case Type::error:
      result.kind = Kind::error;
      break;
    case Type::promise:
      result.kind = Kind::promise;
      break;
    default:
      special = false;
  }
  const Result<Object> answer = survey_.try_call<Object>(object, special);
  if (!answer) return result;
  result.constructor = answer->get<std::optional<std::string>>(key<"name">);
  result.tag = answer->get<std::string>(key<"tag">);
  result.detail = answer->get(key<"detail">);
  if (special) return result;
  result.kind = kind_of(answer->get<std::string>(key<"kind">));
  // for instance Number.prototype, which is a boxed 0
  if (result.constructor == "Object" && result.kind != Kind::arguments) result.kind = Kind::object;
  return result;
}

std::optional<Property> Intrinsics::read_property(const Object& object, Value key) const {
  Property result;
  const Result<std::optional<Object>> descriptor =
      property_.try_call<std::optional<Object>>(object, key);
  result.key = std::move(key);
  if (!descriptor) {
    result.uninitialized = true;
    return result;
  }
  const std::optional<Object>& parts_or_none = *descriptor;
  if (!parts_or_none.has_value()) return std::nullopt;
  const Object& parts = *parts_or_none;
  result.value = parts.get(quip::key<"value">);
  result.enumerable = parts.get<bool>(quip::key<"enumerable">);
  result.has_getter = !parts.get(quip::key<"get">).is_undefined();
  result.has_setter = !parts.get(quip::key<"set">).is_undefined();
  return result;
}

std::vector<Property> Intrinsics::properties(const Object& object, Keys which, bool hidden) const {
  std::vector<Property> result;
  const Result<std::vector<Atom>> keys = object.try_keys(
      {.strings = which != Keys::symbols, .symbols = true, .enumerable_only = false});
  if (!keys) return result;
  for (const Atom& atom : *keys) {
    Value key = atom.to_value();
    if (which == Keys::all_but_indices && key.is_string() && is_index(atom.to_string())) continue;
    std::optional<Property> found = read_property(object, std::move(key));
    if (found && (found->enumerable || hidden)) result.push_back(std::move(*found));
  }
  return result;
}

std::vector<Value> Intrinsics::entries(const Object& map, std::size_t most) const {
  return ask<std::vector<Value>>(helper("entries"), {}, map, most);
}

std::vector<Value> Intrinsics::elements(const Object& set, std::size_t most) const {
  return ask<std::vector<Value>>(helper("elements"), {}, set, most);
}

std::vector<int> Intrinsics::bytes(const Object& buffer, std::size_t most) const {
  return ask<std::vector<int>>(helper("bytes"), {}, buffer, most);
}

std::vector<Value> Intrinsics::view(const Object& data_view) const {
  return ask<std::vector<Value>>(helper("view"), {}, data_view);
}

std::string Intrinsics::stack(const Object& error) const {
  return ask<std::string>(helper("stack"), {}, error);
}

std::string Intrinsics::inherited_text(const Object& object, std::string_view key) const {
  return ask<std::string>(helper("inheritedData"), {}, object, key);
}

std::string Intrinsics::source(const Object& function) const {
  return ask<std::string>(helper("source"), {}, function);
}

std::string Intrinsics::function_type(const Object& function) const {
  return ask<std::string>(helper("functionType"), "Function", function);
}

std::string Intrinsics::super_name(const Object& constructor) const {
  return ask<std::string>(helper("superName"), {}, constructor);
}

Value Intrinsics::number(const Value& primitive) const {
  return ask<Value>(helper("number"), {}, primitive);
}

Value Intrinsics::parsed_integer(const Value& primitive) const {
  return ask<Value>(helper("parseInt"), {}, primitive);
}

Value Intrinsics::parsed_float(const Value& primitive) const {
  return ask<Value>(helper("parseFloat"), {}, primitive);
}

Result<Value> Intrinsics::json(const Value& value) const { return helper("json").try_call(value); }

std::string Intrinsics::current_stack() const {
  auto stack = ask<std::string>(helper("currentStack"), {});
  // the first line is the helper itself
  const std::size_t end = stack.find('\n');
  return end == std::string::npos ? std::string() : stack.substr(end + 1);
}

}  // namespace quip::program

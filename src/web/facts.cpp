#include "facts.hpp"

#include <quip/core/intrinsic.hpp>
#include <quip/engine/engine.hpp>
#include <quip/function/function.hpp>
#include <quip/value/data_view.hpp>
#include <quip/value/map.hpp>
#include <quip/value/placeholder.hpp>
#include <quip/value/regexp.hpp>
#include <quip/value/set.hpp>
#include <quip/value/symbol.hpp>
#include <quip/web/dom_exception.hpp>

#include <algorithm>
#include <array>

namespace quip::web {

using detail::Intrinsic;
using detail::Realm;

namespace {

Realm* realm_of(const Value& value) noexcept { return value.handle().realm(); }

/// What an intrinsic says of an object; undefined when it cannot.
template <class... A>
Value ask(Intrinsic function, const Value& subject, const A&... arguments) {
  Realm* realm = realm_of(subject);
  const Result<Value> answer = detail::from_owned<Value>(
      realm, detail::call_intrinsic(realm, function, subject.raw(), arguments.raw()...));
  return answer ? *answer : Value(subject.ctx(), undefined);
}
std::string ask_text(Intrinsic function, const Value& subject) {
  const Value answer = ask(function, subject);
  return answer.is_string() ? answer.as<std::string>() : std::string();
}

bool is_proxy(const Value& value) noexcept {
  return engine::kind_of(value.raw()) == engine::Kind::proxy;
}
std::optional<Object> prototype_of(const Object& object) {
  const Result<Value> prototype = object.try_prototype();
  if (!prototype || !prototype->is_object()) return std::nullopt;
  return Object(prototype->handle());
}

/// The value of an own data property; an empty Value when there is none.
template <PropertyKey K>
Value own_data(const Object& object, const K& key) {
  if (is_proxy(object)) return {};
  const Result<std::optional<PropertyDescriptor>> found = object.try_own_property(key);
  if (!found) return {};
  const std::optional<PropertyDescriptor>& property = *found;
  if (!property || property->is_accessor()) return {};
  return property->value;
}

/// Calls visit for the object and its prototypes until it returns something.
template <class Visit>
auto climb(const Object& object, const Visit& visit) -> decltype(visit(object)) {
  constexpr int longest_chain = 1000;
  std::optional<Object> at = object;
  for (int i = 0; at && i < longest_chain && !is_proxy(*at); ++i) {
    if (auto found = visit(*at)) return found;
    at = prototype_of(*at);
  }
  return {};
}

template <PropertyKey K>
Value inherited_data(const Object& object, const K& key) {
  const std::optional<Value> found = climb(object, [&](const Object& owner) {
    Value value = own_data(owner, key);
    return value.handle().empty() || value.is_undefined() ? std::optional<Value>()
                                                          : std::optional(std::move(value));
  });
  return found.value_or(Value());
}

bool is_text(const Value& value) noexcept { return !value.handle().empty() && value.is_string(); }

/// The name of the constructor that the object is an instance of.
std::optional<std::string> constructor_name(const Object& object) {
  const std::optional<Object> parent = prototype_of(object);
  std::optional<std::string> name = climb(object, [&](const Object& owner) {
    std::optional<std::string> none;
    const Value constructor = own_data(owner, key<"constructor">);
    if (constructor.handle().empty() || !constructor.is_function()) return none;
    const Object function(constructor.handle());
    const Value text = own_data(function, key<"name">);
    if (!is_text(text) || text.as<String>().size() == 0) return none;
    const Value prototype = own_data(function, key<"prototype">);
    if (prototype.handle().empty() || !prototype.is_object() || !parent) return none;
    // a prototype object is no instance of its own constructor
    const bool is_instance = climb(*parent, [&](const Object& link) { return link == prototype; });
    return is_instance ? std::optional(text.as<std::string>()) : none;
  });
  if (!name && parent) name = "Object <Complex prototype>";
  return name;
}

std::string date_text(const Object& date) {
  const Value time = ask(Intrinsic::date_get_time, date);
  const auto number = time.try_as<double>();
  if (!number || *number != *number) return "Invalid Date";
  return ask_text(Intrinsic::date_to_iso_string, date);
}

std::string regexp_text(const Object& object) {
  const RegExp regexp(object.handle());
  return "/" + regexp.try_source().value_or("") + "/" + regexp.try_flags().value_or("");
}

Value buffer_size(const Object& object) {
  const ArrayBuffer buffer(object.handle());
  if (buffer.try_is_detached().value_or(true)) return Value(object.ctx(), undefined);
  return Value(object.ctx(), static_cast<double>(buffer.try_size().value_or(0)));
}

/// Fills in the kind and what belongs to it, of an object that is nothing with a Type of its own.
void classify(const Object& object, Survey& survey) {
  using EngineKind = engine::Kind;
  const Ctx ctx = object.ctx();
  const EngineKind kind = engine::kind_of(object.raw());
  const auto set = [&](Kind found, Value detail) {
    survey.kind = found;
    survey.detail = std::move(detail);
  };
  switch (kind) {
    case EngineKind::map:
      return set(Kind::map, ask(Intrinsic::map_size, object));
    case EngineKind::set:
      return set(Kind::set, ask(Intrinsic::set_size, object));
    case EngineKind::weak_map:
      return set(Kind::weak_map, {});
    case EngineKind::weak_set:
      return set(Kind::weak_set, {});
    case EngineKind::array_buffer:
      return set(Kind::array_buffer, buffer_size(object));
    case EngineKind::shared_array_buffer:
      return set(Kind::shared_array_buffer, buffer_size(object));
    case EngineKind::data_view:
      return set(Kind::data_view, {});
    case EngineKind::date:
      return set(Kind::date, Value(ctx, date_text(object)));
    case EngineKind::regexp:
      return set(Kind::regexp, Value(ctx, regexp_text(object)));
    case EngineKind::boxed_number:
      return set(Kind::boxed, ask(Intrinsic::number_value_of, object));
    case EngineKind::boxed_string:
      return set(Kind::boxed, ask(Intrinsic::string_value_of, object));
    case EngineKind::boxed_boolean:
      return set(Kind::boxed, ask(Intrinsic::boolean_value_of, object));
    case EngineKind::boxed_bigint:
      return set(Kind::boxed, ask(Intrinsic::bigint_value_of, object));
    case EngineKind::boxed_symbol:
      return set(Kind::boxed, ask(Intrinsic::symbol_value_of, object));
    case EngineKind::other:
      break;
    default:
      if (engine::is_typed_array(kind)) {
        survey.tag = engine::typed_array_class(kind).name;
        set(Kind::typed_array, ask(Intrinsic::typed_array_length, object));
      }
      return;
  }
  if (survey.tag == "Module" && !prototype_of(object)) {
    survey.kind = Kind::module;
    return;
  }
  // without a tag, Object.prototype.toString runs nothing and tells the oldest kinds
  const bool has_tag = climb(object, [](const Object& owner) {
    return owner.try_has_own(symbol::to_string_tag).value_or(true);
  });
  if (!has_tag && ask_text(Intrinsic::object_to_string, object) == "[object Arguments]") {
    survey.kind = Kind::arguments;
  }
}

}  // namespace

void keep_facts(const Ctx& ctx) noexcept {
  const detail::Entry entry(ctx.realm());
  if (!entry) return;
  // what an engine lacks is an exception that nobody is to see
  for (const Intrinsic which : {Intrinsic::error,
                                Intrinsic::error_prototype,
                                Intrinsic::error_stack,
                                Intrinsic::object_to_string,
                                Intrinsic::function_to_string,
                                Intrinsic::symbol_value_of,
                                Intrinsic::number_value_of,
                                Intrinsic::string_value_of,
                                Intrinsic::boolean_value_of,
                                Intrinsic::bigint_value_of,
                                Intrinsic::date_get_time,
                                Intrinsic::date_to_iso_string,
                                Intrinsic::async_function,
                                Intrinsic::generator_function,
                                Intrinsic::async_generator_function,
                                Intrinsic::parse_int,
                                Intrinsic::parse_float,
                                Intrinsic::map_size,
                                Intrinsic::map_entries,
                                Intrinsic::map_iterator_next,
                                Intrinsic::set_size,
                                Intrinsic::set_values,
                                Intrinsic::set_iterator_next,
                                Intrinsic::typed_array_length,
                                Intrinsic::data_view_buffer,
                                Intrinsic::data_view_byte_length,
                                Intrinsic::data_view_byte_offset,
                                Intrinsic::regexp_source,
                                Intrinsic::regexp_has_indices,
                                Intrinsic::regexp_global,
                                Intrinsic::regexp_ignore_case,
                                Intrinsic::regexp_multiline,
                                Intrinsic::regexp_dot_all,
                                Intrinsic::regexp_unicode,
                                Intrinsic::regexp_unicode_sets,
                                Intrinsic::regexp_sticky,
                                Intrinsic::dom_exception_prototype,
                                Intrinsic::dom_exception_name,
                                Intrinsic::dom_exception_message}) {
    if (engine::is_exception(detail::intrinsic(ctx.realm(), which))) {
      engine::release(ctx.raw(), ::JS_GetException(ctx.raw()));
    }
  }
}

std::optional<Object> unproxied(const Object& object) {
  Object at = object;
  while (is_proxy(at)) {
    const engine::ProxyParts parts = engine::read_proxy(realm_of(at)->context, at.raw());
    const detail::Handle target(realm_of(at), parts.target);
    const detail::Handle handler(realm_of(at), parts.handler);
    if (parts.state == engine::ProxyState::revoked) return std::nullopt;
    if (parts.state == engine::ProxyState::unknown) return Object(object.ctx());
    at = Object(target);
  }
  return at;
}

Survey survey(const Object& object) {
  Survey result;
  result.constructor = constructor_name(object);
  const Value tag = inherited_data(object, symbol::to_string_tag);
  if (is_text(tag)) {
    const Result<std::optional<PropertyDescriptor>> found =
        object.try_own_property(symbol::to_string_tag);
    if (found) {
      const std::optional<PropertyDescriptor>& own = *found;
      if (!own || !own->enumerable) result.tag = tag.as<std::string>();
    }
  }
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
      classify(object, result);
      // for instance Number.prototype, which is a boxed 0
      if (result.constructor == "Object" && result.kind != Kind::arguments) {
        result.kind = Kind::object;
      }
  }
  return result;
}

std::optional<Property> read_property(const Object& object, const Atom& key) {
  Property result;
  result.key = key.to_value();
  const Result<std::optional<PropertyDescriptor>> descriptor = object.try_own_property(key);
  if (!descriptor) {
    result.uninitialized = true;
    return result;
  }
  const std::optional<PropertyDescriptor>& found = *descriptor;
  if (!found) return std::nullopt;
  const PropertyDescriptor& parts = *found;
  result.enumerable = parts.enumerable;
  if (parts.is_accessor()) {
    result.has_getter = !parts.getter.handle().empty() && !parts.getter.is_undefined();
    result.has_setter = !parts.setter.handle().empty() && !parts.setter.is_undefined();
  } else {
    result.value = parts.value;
  }
  return result;
}

std::vector<Property> properties(const Object& object, Keys which, bool hidden) {
  std::vector<Property> result;
  const Result<std::vector<Atom>> keys = object.try_keys(
      {.strings = which != Keys::symbols, .symbols = true, .enumerable_only = false});
  if (!keys) return result;
  for (const Atom& key : *keys) {
    if (which == Keys::all_but_indices && key.is_index()) continue;
    std::optional<Property> found = read_property(object, key);
    if (found && (found->enumerable || hidden)) result.push_back(std::move(*found));
  }
  return result;
}

std::vector<Value> entries(const Object& map, std::size_t most) {
  std::vector<Value> list;
  try {
    for (auto [key, value] : Map(map.handle())) {
      if (list.size() == 2 * most) break;
      list.push_back(std::move(key));
      list.push_back(std::move(value));
    }
  } catch (const Error&) {
    // what there is of it will do
  }
  return list;
}

std::vector<Value> elements(const Object& set, std::size_t most) {
  std::vector<Value> list;
  try {
    for (const Value& value : Set(set.handle())) {
      if (list.size() == most) break;
      list.push_back(value);
    }
  } catch (const Error&) {
    // what there is of it will do
  }
  return list;
}

std::vector<std::byte> bytes(const Object& buffer, std::size_t most) {
  std::vector<std::byte> list;
  (void)ArrayBuffer(buffer.handle()).try_with_const_bytes([&](std::span<const std::byte> all) {
    const auto first = all.first(std::min(most, all.size()));
    list.assign(first.begin(), first.end());
  });
  return list;
}

std::vector<Value> view_parts(const Object& data_view) {
  const Value size = ask(Intrinsic::data_view_byte_length, data_view);
  if (size.is_undefined()) return {};  // detached
  return {size, ask(Intrinsic::data_view_byte_offset, data_view),
          ask(Intrinsic::data_view_buffer, data_view)};
}

std::string stack_of(const Object& error) {
  const std::optional<Property> own = read_property(error, key<"stack">);
  // one engine has the stack as a property of each error, the other as a getter of the prototype
  if (!own) return ask_text(Intrinsic::error_stack, error);
  return is_text(own->value) ? own->value.as<std::string>() : std::string();
}

std::string inherited_text(const Object& object, std::string_view name) {
  // an engine's own DOMExceptions have getters, which stand before the properties of Error
  const bool is_own = object.try_has_own(name).value_or(true);
  if (!is_own && DOMException::accepts(ValueRef(realm_of(object)->context, object.raw()))) {
    const bool is_name = name == "name";
    return ask_text(is_name ? Intrinsic::dom_exception_name : Intrinsic::dom_exception_message,
                    object);
  }
  const Value found = inherited_data(object, name);
  return is_text(found) ? found.as<std::string>() : std::string();
}

std::string source_of(const Object& function) {
  return ask_text(Intrinsic::function_to_string, function);
}

std::string_view function_type(const Object& function) {
  constexpr std::array<std::pair<Intrinsic, std::string_view>, 3> types{{
      {Intrinsic::async_function, "AsyncFunction"},
      {Intrinsic::generator_function, "GeneratorFunction"},
      {Intrinsic::async_generator_function, "AsyncGeneratorFunction"},
  }};
  Realm* realm = realm_of(function);
  for (const auto& [sample, name] : types) {
    JSValue known = detail::intrinsic(realm, sample);
    if (engine::is_exception(known)) {
      engine::release(realm->context, ::JS_GetException(realm->context));
      continue;
    }
    const detail::Handle prototype(realm, ::JS_GetPrototype(realm->context, known));
    const bool inherits = climb(function, [&](const Object& owner) {
      return engine::get_pointer(owner.raw()) == engine::get_pointer(prototype.get());
    });
    if (inherits) return name;
  }
  return "Function";
}

std::string super_name(const Object& constructor) {
  const std::optional<Object> parent = prototype_of(constructor);
  if (!parent) return {};
  const Value name = own_data(*parent, key<"name">);
  return is_text(name) ? name.as<std::string>() : std::string();
}

std::string current_stack(const Ctx& ctx) {
  const Result<Object> error = detail::from_owned<Object>(
      ctx.realm(), detail::construct_intrinsic(ctx.realm(), Intrinsic::error));
  return error ? stack_of(*error) : std::string();
}

Value parsed_integer(const Value& primitive) {
  return ask(Intrinsic::parse_int, Value(primitive.ctx(), undefined), primitive);
}
Value parsed_float(const Value& primitive) {
  return ask(Intrinsic::parse_float, Value(primitive.ctx(), undefined), primitive);
}

}  // namespace quip::web

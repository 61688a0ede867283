#include <quip/convert/string.hpp>
#include <quip/function/overload.hpp>
#include <quip/value/string.hpp>

#include <algorithm>
#include <cmath>
#include <new>
#include <string>

namespace quip::detail {

namespace {

// ---- whether a value fits a type ---------------------------------------------------------------

FitRank exact_if(bool fits) noexcept { return fits ? FitRank::exact : FitRank::none; }

bool is_number(JSValueConst value) noexcept {
  return engine::is_int32(value) || engine::is_float64(value);
}
double number_of(JSValueConst value) noexcept {
  return engine::is_int32(value) ? engine::get_int32(value) : engine::get_float64(value);
}

FitRank fit_integer(const TypeInfo& type, ValueRef value) {
  const IntegerRange range = type.range.value_or(IntegerRange{
      std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()});
  if (engine::is_int32(value.raw())) {
    const std::int64_t number = engine::get_int32(value.raw());
    return exact_if(number >= range.min &&
                    (number < 0 || static_cast<std::uint64_t>(number) <= range.max));
  }
  if (!engine::is_float64(value.raw()) && !engine::is_bigint(value.raw())) return FitRank::none;
  if (std::in_range<std::int64_t>(range.max)) {
    return exact_if(
        slow_integer(value, range.min, static_cast<std::int64_t>(range.max)).has_value());
  }
  return exact_if(slow_unsigned64(value).has_value());
}

FitRank fit_enumeration(const TypeInfo& type, ValueRef value) {
  if (type.by_number) {
    if (!is_number(value.raw())) return FitRank::none;
    const double number = number_of(value.raw());
    return exact_if(std::ranges::any_of(type.values, [number](const EnumeratorInfo& one) {
      return static_cast<double>(one.value) == number;
    }));
  }
  if (!engine::is_string(value.raw())) return FitRank::none;
  const Result<std::string> text = read_string(value);
  return exact_if(text && std::ranges::any_of(type.values, [&](const EnumeratorInfo& one) {
                    return one.name == *text;
                  }));
}

/// Whether the object is iterable, as far as that can be told without a script: a proxy is not
/// asked, nor an object whose properties C++ answers for.
bool is_iterable(ValueRef value) noexcept {
  JSContext* ctx = value.context();
  const Core* core = realm_of(ctx)->core;
  const JSAtom key = engine::atom_of(engine::WellKnown::iterator);
  if (key == 0 || !engine::is_object(value.raw())) return false;
  JSValue object = engine::duplicate(ctx, value.raw());
  bool found = false;
  while (engine::is_object(object) && !found && engine::kind_of(object) != engine::Kind::proxy) {
    const JSClassID id = ::JS_GetClassID(object);
    if (id != core->exotic_class && id != core->exotic_callable_class) {
      found = ::JS_GetOwnProperty(ctx, nullptr, object, key) > 0;
    }
    JSValue prototype = ::JS_GetPrototype(ctx, object);
    engine::release(ctx, object);
    object = prototype;
  }
  engine::release(ctx, object);
  return found;
}

/// A container.
FitRank fit_elements(ValueRef value) noexcept {
  if (engine::is_array(value.context(), value.raw())) return FitRank::exact;
  return is_iterable(value) ? FitRank::widening : FitRank::none;
}

FitRank fit_tuple(const TypeInfo& type, ValueRef value) noexcept {
  JSContext* ctx = value.context();
  if (!engine::is_array(ctx, value.raw())) return FitRank::none;
  std::int64_t length = 0;
  const JSAtom key = Key<"length">::atom(realm_of(ctx));
  // of an array it is its own, and no accessor
  JSValue raw = key == 0 ? engine::undefined() : engine::get_property(ctx, value.raw(), key);
  if (is_number(raw)) length = static_cast<std::int64_t>(number_of(raw));
  const std::size_t expected = type.of.empty() ? type.members.size() : type.of.size();
  return exact_if(std::cmp_equal(length, expected));
}

/// What is read by the names of its properties.
FitRank fit_properties(ValueRef value) noexcept {
  const engine::Kind kind = engine::kind_of(value.raw());
  if (kind == engine::Kind::plain) return FitRank::exact;
  return engine::is_object(value.raw()) && kind != engine::Kind::array &&
                 !engine::is_function(value.context(), value.raw())
             ? FitRank::widening
             : FitRank::none;
}

FitRank fit_any(const std::vector<TypeOf>& types, ValueRef value) {
  FitRank best = FitRank::none;
  for (const TypeOf type : types) best = std::max(best, fit(type, value));
  return best;
}

FitRank fit_union(const TypeInfo& type, ValueRef value) {
  switch (type.tagging) {
    case Tagging::none:
      return fit_any(type.of, value);
    case Tagging::external:
      if (engine::is_string(value.raw())) return FitRank::exact;
      break;
    case Tagging::internal:
    case Tagging::adjacent:
      break;
  }
  return fit_properties(value);
}

FitRank fit_array_buffer(engine::Kind kind) noexcept {
  if (kind == engine::Kind::array_buffer || kind == engine::Kind::shared_array_buffer) {
    return FitRank::exact;
  }
  return engine::is_typed_array(kind) || kind == engine::Kind::data_view ? FitRank::widening
                                                                         : FitRank::none;
}

FitRank fit_described(const TypeInfo& type, ValueRef value) {
  const JSValueConst raw = value.raw();
  const engine::Kind kind = engine::kind_of(raw);
  switch (type.kind) {
    case TypeKind::undefined:
      return exact_if(engine::is_undefined(raw));
    case TypeKind::null:
      return exact_if(engine::is_null(raw));
    case TypeKind::boolean:
      return exact_if(engine::tag(raw) == JS_TAG_BOOL);
    case TypeKind::number: {
      if (!is_number(raw)) return FitRank::none;
      const double number = number_of(raw);
      return std::trunc(number) == number && std::isfinite(number) ? FitRank::widening
                                                                   : FitRank::exact;
    }
    case TypeKind::integer:
      return fit_integer(type, value);
    case TypeKind::bigint:
      return exact_if(engine::is_bigint(raw));
    case TypeKind::string:
      return exact_if(engine::is_string(raw));
    case TypeKind::symbol:
      return exact_if(engine::tag(raw) == JS_TAG_SYMBOL);
    case TypeKind::array:
    case TypeKind::set:
      return fit_elements(value);
    case TypeKind::iterable:
      return exact_if(is_iterable(value));
    case TypeKind::async_iterable:
      return engine::is_object(raw) || engine::is_string(raw) ? FitRank::widening : FitRank::none;
    case TypeKind::tuple:
      return fit_tuple(type, value);
    case TypeKind::map:
      return exact_if(kind == engine::Kind::map);
    case TypeKind::dictionary:
    case TypeKind::record:
      return fit_properties(value);
    case TypeKind::enumeration:
      return fit_enumeration(type, value);
    case TypeKind::union_:
      return fit_union(type, value);
    case TypeKind::optional:
      return engine::is_undefined(raw) || engine::is_null(raw) ? FitRank::widening
                                                               : fit_any(type.of, value);
    case TypeKind::function:
      return exact_if(engine::is_function(value.context(), raw));
    case TypeKind::promise:
      return exact_if(engine::is_promise(value.context(), raw));
    case TypeKind::date:
      return exact_if(kind == engine::Kind::date);
    case TypeKind::regexp:
      return exact_if(kind == engine::Kind::regexp);
    case TypeKind::error:
      return exact_if(engine::is_error(value.context(), raw));
    case TypeKind::array_buffer:
      return fit_array_buffer(kind);
    case TypeKind::typed_array:
      return exact_if(engine::typed_array_class(kind).name == type.name &&
                      engine::is_typed_array(kind));
    case TypeKind::data_view:
      return exact_if(kind == engine::Kind::data_view);
    case TypeKind::object:
    case TypeKind::instance:
      return engine::is_object(raw) ? FitRank::widening : FitRank::none;
    case TypeKind::any:
    case TypeKind::custom:
      break;
  }
  return FitRank::widening;
}

// ---- what the error says -----------------------------------------------------------------------

/// The type of an argument in a word: "string", "array", "Box".
std::string type_word(ValueRef value) {
  const Value owned(
      Handle(realm_of(value.context()), engine::duplicate(value.context(), value.raw())));
  return std::string(to_string(owned.type() == Type::integer ? Type::number : owned.type()));
}

/// "is not a string", "is not an integer from 0 to 255", "is not of type 'Box'".
std::string refusal_text(const TypeInfo& type) {
  if (type.kind == TypeKind::integer && type.range) {
    return "is not an integer from " + std::to_string(type.range->min) + " to " +
           std::to_string(type.range->max);
  }
  if (type.kind == TypeKind::array) return "is not an array or iterable";
  const std::string name = type.kind == TypeKind::function ? "function" : to_string(type);
  const bool is_word = std::ranges::all_of(name, [](char c) { return c >= 'a' && c <= 'z'; });
  if (!is_word || name.empty()) return "is not of type '" + name + "'";
  if (name == "undefined" || name == "null") return "is not " + name;
  const bool vowel = std::string_view("aeiou").find(name.front()) != std::string_view::npos;
  return std::string("is not ") + (vowel ? "an " : "a ") + name;
}

std::string count_text(int count, std::string_view rest) {
  return std::to_string(count) + " argument" + (count == 1 ? "" : "s") + std::string(rest);
}

/// "parse(text: string, radix?: number): parameter 1 is not a string"
std::string describe_candidate(std::string_view name, const Candidate& candidate,
                               const NativeCall& call) {
  const SignatureInfo signature = candidate.type->signature();
  std::string line = std::string(name.empty() ? "function" : name) + "(";
  const std::vector<std::string_view> names = candidate.names(candidate.function);
  const auto name_of = [&](std::size_t i) {
    return i < names.size() ? std::string(names[i]) : std::string();
  };
  for (std::size_t i = 0; i < signature.parameters.size(); ++i) {
    const ParameterInfo& parameter = signature.parameters[i];
    line += (i == 0 ? "" : ", ") + std::string(parameter.rest ? "..." : "");
    const bool optional = !parameter.rest && std::cmp_greater_equal(i, candidate.type->required);
    const std::string known = name_of(i);
    if (!known.empty() || optional || parameter.rest) {
      line +=
          (known.empty() ? "arg" + std::to_string(i + 1) : known) + (optional ? "?" : "") + ": ";
    }
    line += to_string(parameter.type()) + (parameter.rest ? "[]" : "");
  }
  line += "): ";
  const CandidateType& type = *candidate.type;
  if (call.argc < type.required) return line + count_text(type.required, " required");
  if (type.maximum >= 0 && call.argc > type.maximum) {
    return line + (type.maximum == 0 ? "no arguments allowed"
                                     : "at most " + count_text(type.maximum, " allowed"));
  }
  const auto at = static_cast<std::size_t>(std::max(0, type.match(call).refused));
  const std::string known = name_of(at);
  line += "parameter " + std::to_string(at + 1) + (known.empty() ? "" : " ('" + known + "')") + " ";
  const std::size_t described = std::min(at, signature.parameters.size() - 1);
  return line + refusal_text(signature.parameters[described].type());
}

JSValue throw_no_match(std::span<const Candidate> candidates, const NativeCall& call) noexcept {
  try {
    std::string message = "no overload matches (";
    for (int i = 0; i < call.argc; ++i) {
      message += (i == 0 ? "" : ", ") + type_word(ValueRef(call.ctx, call.argv[i]));
    }
    message += ")";
    const std::string name = function_name(realm_of(call.ctx)->core, call.number);
    int number = 0;
    for (const Candidate& candidate : candidates) {
      message +=
          "\n  " + std::to_string(++number) + ". " + describe_candidate(name, candidate, call);
    }
    return throw_failure(call, message);
  } catch (const std::exception& exception) {
    return throw_current(call.ctx, exception);
  } catch (...) {
    return throw_current(call.ctx);  // a user's type whose default constructor throws
  }
}

// ---- a set that is made at run time ------------------------------------------------------------

struct Joined {
  NativeFunction function;
  Callable* set = nullptr;
};

struct OverloadSet final : Callable {
  OverloadSet() noexcept : Callable(&call) {}
  static JSValue call(Callable* self, JSValueConst this_value, int argc, JSValueConst* argv,
                      int flags) noexcept {
    auto* set = static_cast<OverloadSet*>(self);
    const NativeCall native{set->realm->context,
                            this_value,
                            argc,
                            argv,
                            set->number,
                            (flags & JS_CALL_FLAG_CONSTRUCTOR) != 0};
    if (set->is_constructor && !native.constructs) return throw_needs_new(native);
    return call_overloaded(set->candidates, native);
  }
  static JSValue invoke(void* opaque, const NativeCall& native) noexcept {
    auto* joined = static_cast<Joined*>(opaque);
    if (joined->function.stateless != nullptr) {
      return joined->function.stateless(native.ctx, native.this_value, native.argc, native.argv,
                                        native.number);
    }
    // it is no JS function of its own, and acts for the set
    Callable& callable = *joined->function.callable;
    callable.core = joined->set->core;
    callable.realm = joined->set->realm;
    callable.number = joined->set->number;
    return callable.invoke(&callable, native.this_value, native.argc, native.argv,
                           native.constructs ? JS_CALL_FLAG_CONSTRUCTOR : 0);
  }
  void trace(Tracer& tracer) const noexcept override {
    for (const Joined& one : joined) {
      if (one.function.callable != nullptr) one.function.callable->trace(tracer);
    }
  }
  std::vector<Joined> joined;
  std::vector<Candidate> candidates;
  bool is_constructor = false;
};

}  // namespace

FitRank fit(TypeOf type, ValueRef value) noexcept {
  try {
    return fit_described(type(), value);
  } catch (...) {
    return FitRank::widening;  // the conversion will tell
  }
}

JSValue call_overloaded(std::span<const Candidate> candidates, const NativeCall& call) noexcept {
  int most = 0;
  for (const Candidate& candidate : candidates) {
    const int maximum = candidate.type->maximum;
    most = maximum < 0 || most < 0 ? -1 : std::max(most, maximum);
  }
  NativeCall looked_at = call;
  if (most >= 0) looked_at.argc = std::min(call.argc, most);
  const Candidate* best = nullptr;
  int least = 0;
  for (const Candidate& candidate : candidates) {
    const CandidateType& type = *candidate.type;
    if (looked_at.argc < type.required || (type.maximum >= 0 && looked_at.argc > type.maximum)) {
      continue;
    }
    const Match match = type.match(looked_at);
    if (match.refused < 0 && (best == nullptr || match.widenings < least)) {
      best = &candidate;
      least = match.widenings;
    }
  }
  if (best != nullptr) return best->invoke(best->function, call);
  return throw_no_match(candidates, looked_at);
}

NativeFunction join_overloads(std::vector<NativeFunction>&& functions) {
  if (functions.size() == 1) return std::move(functions.front());
  auto set = std::make_unique<OverloadSet>();
  NativeFunction made;
  made.length = functions.empty() ? 0 : functions.front().length;
  for (NativeFunction& function : functions) {
    // memory was short, or there is none: told when it is made
    if (function.is_empty || (function.stateless == nullptr && function.callable == nullptr)) {
      return std::move(function);
    }
    made.length = std::min(made.length, function.candidate->required);
    set->is_constructor = set->is_constructor || function.is_constructor;
    set->joined.push_back({std::move(function), set.get()});
  }
  for (Joined& one : set->joined) {
    set->candidates.push_back(
        {one.function.candidate, &OverloadSet::invoke,
         [](const void* child) { return static_cast<const Joined*>(child)->function.arguments; },
         &one});
  }
  if (!set->joined.empty()) {
    const NativeFunction& first = set->joined.front().function;
    made.owner = first.owner;
    made.name = first.name;
    made.doc = first.doc;
    made.kind = first.kind;
  }
  made.is_constructor = set->is_constructor;
  made.callable = std::move(set);
  return made;
}

}  // namespace quip::detail

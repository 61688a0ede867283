#include <quip/convert/number.hpp>
#include <quip/core/intrinsic.hpp>
#include <quip/value/string.hpp>
#include <quip/value/symbol.hpp>
#include <quip/value/value.hpp>

#include <array>
#include <charconv>

namespace quip {

namespace {

Type type_of_object(JSContext* ctx, JSValueConst object) noexcept {
  using engine::Kind;
  const Kind kind = engine::kind_of(object);
  switch (kind) {
    case Kind::other:
    case Kind::proxy:
      if (engine::is_function(ctx, object)) return Type::function;
      return kind == Kind::proxy ? Type::proxy : Type::object;
    case Kind::array:
      return Type::array;
    case Kind::error:
      return Type::error;
    case Kind::promise:
      return Type::promise;
    case Kind::date:
      return Type::date;
    case Kind::regexp:
      return Type::regexp;
    case Kind::map:
      return Type::map;
    case Kind::set:
      return Type::set;
    case Kind::weak_ref:
      return Type::weak_ref;
    case Kind::array_buffer:
    case Kind::shared_array_buffer:
      return Type::array_buffer;
    case Kind::data_view:
      return Type::data_view;
    default:
      return engine::is_typed_array(kind) ? Type::typed_array : Type::object;
  }
}

Type type_of(JSContext* ctx, JSValueConst value) noexcept {
  switch (engine::tag(value)) {
    case JS_TAG_NULL:
      return Type::null;
    case JS_TAG_BOOL:
      return Type::boolean;
    case JS_TAG_INT:
      return Type::integer;
    case JS_TAG_FLOAT64:
      // which representation a whole number has differs between engines
      return engine::is_int32(engine::number(ctx, engine::get_float64(value))) ? Type::integer
                                                                               : Type::number;
    case JS_TAG_BIG_INT:
    case JS_TAG_SHORT_BIG_INT:
      return Type::bigint;
    case JS_TAG_STRING:
    case JS_TAG_STRING_ROPE:
      return Type::string;
    case JS_TAG_SYMBOL:
      return Type::symbol;
    case JS_TAG_OBJECT:
      return type_of_object(ctx, value);
    case JS_TAG_UNINITIALIZED:
      return Type::uninitialized;
    default:
      return Type::undefined;
  }
}

std::string number_text(double number) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number < 0 ? "-Infinity" : "Infinity";
  std::array<char, 32> buffer{};
  const auto written = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number);
  return std::string(buffer.data(), written.ptr);
}

std::string text_of(JSContext* ctx, JSValueConst value) {
  const detail::TextView text(ctx, value);
  if (!text) {
    engine::release(ctx, ::JS_GetException(ctx));
    return {};
  }
  return detail::utf8_of(text);
}

std::string quoted(std::string text) {
  constexpr std::size_t longest = 40;
  if (text.size() > longest) {
    std::size_t end = longest;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    text.resize(end);
    text += "…";
  }
  return '"' + text + '"';
}

}  // namespace

namespace {
constexpr std::pair<Type, std::string_view> type_names[] = {
    {Type::uninitialized, "uninitialized"},
    {Type::undefined, "undefined"},
    {Type::null, "null"},
    {Type::boolean, "boolean"},
    {Type::number, "number"},
    {Type::integer, "number"},
    {Type::integer, "integer"},  // understood, never said: messages tell what the script sees
    {Type::bigint, "bigint"},
    {Type::string, "string"},
    {Type::symbol, "symbol"},
    {Type::object, "object"},
    {Type::array, "array"},
    {Type::function, "function"},
    {Type::error, "error"},
    {Type::promise, "promise"},
    {Type::date, "date"},
    {Type::regexp, "regexp"},
    {Type::map, "map"},
    {Type::set, "set"},
    {Type::weak_ref, "weak ref"},
    {Type::array_buffer, "array buffer"},
    {Type::typed_array, "typed array"},
    {Type::data_view, "data view"},
    {Type::proxy, "proxy"},
};
}  // namespace

std::string_view to_string(Type type) noexcept {
  for (const auto& [known, name] : type_names) {
    if (known == type) return name;
  }
  return "unknown";
}

std::optional<Type> type_from_string(std::string_view name) noexcept {
  for (const auto& [type, known] : type_names) {
    if (known == name) return type;
  }
  return std::nullopt;
}

std::string describe(ValueRef value) {
  const Type type = type_of(value.context(), value.raw());
  const auto with_type = [type](const std::string& text) {
    return text + " (" + std::string(to_string(type)) + ")";
  };
  switch (type) {
    case Type::boolean:
      return with_type(engine::get_bool(value.raw()) ? "true" : "false");
    case Type::integer:
      // quickjs-ng leaves what it computed as floating point, also when it is whole
      if (engine::is_float64(value.raw())) {
        return with_type(number_text(engine::get_float64(value.raw())));
      }
      return with_type(std::to_string(engine::get_int32(value.raw())));
    case Type::number:
      return with_type(number_text(engine::get_float64(value.raw())));
    case Type::bigint:
      return with_type(text_of(value.context(), value.raw()));
    case Type::string:
      return with_type(quoted(text_of(value.context(), value.raw())));
    case Type::typed_array:
      return std::string(engine::typed_array_class(engine::kind_of(value.raw())).name);
    default:
      return std::string(to_string(type));
  }
}

namespace detail {

JSValue refuse_foreign(JSContext* ctx, const Handle& handle) noexcept {
  const char* reason = handle.empty() ? "an empty handle is no value"
                                      : "a value of one runtime cannot be used in another";
  return ::JS_ThrowTypeError(ctx, "%s", reason);
}

}  // namespace detail

Type Value::type() const noexcept {
  detail::Realm* realm = handle_.realm();
  // an object's kind needs a context to ask; without one it is just an object
  if (!is_object()) return type_of(nullptr, raw());
  detail::Entry entry(realm);
  return entry ? type_of(realm->context, raw()) : Type::object;
}

Ctx Value::ctx() const {
  detail::Realm* realm = handle_.realm();
  detail::Entry entry(realm);
  if (!entry) detail::refusal(realm).raise();
  return Ctx(realm);
}

Result<std::string> Value::try_to_display_string() const {
  detail::Realm* realm = handle_.realm();
  detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  const detail::Handle keep(handle_);
  if (is_symbol()) {  // has a text, but refuses to be converted to it implicitly
    return Symbol(keep).try_description().transform(
        [](const std::optional<std::string>& description) {
          return "Symbol(" + description.value_or("") + ")";
        });
  }
  const detail::TextView text(realm->context, keep.get());
  if (!text) {
    return detail::caught(realm);
  }
  return detail::utf8_of(text);
}

Result<bool> Value::try_is_instance_of(const Value& constructor) const {
  detail::Realm* realm = handle_.realm();
  detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  const detail::Handle keep(handle_);
  const detail::Handle keep_constructor(constructor.handle_);
  JSValue checked = detail::give_handle(realm->context, constructor.handle_);
  if (engine::is_exception(checked)) return detail::caught(realm);
  const int outcome = ::JS_IsInstanceOf(realm->context, keep.get(), checked);
  engine::release(realm->context, checked);
  if (outcome < 0) return detail::caught(realm);
  return outcome != 0;
}

bool Value::compare(const Value& other, Comparison comparison) const noexcept {
  if (handle_.empty() || other.handle_.empty()) return handle_.empty() == other.handle_.empty();
  detail::Realm* realm = handle_.realm();
  if (realm->core != other.handle_.realm()->core) return false;
  const detail::Entry entry(realm);
  return entry && comparison(realm->context, raw(), other.raw());
}

bool Value::equals(const Value& other) const noexcept {
  return compare(other, &engine::strictly_equal);
}
bool Value::same_value(const Value& other) const noexcept {
  return compare(other, &engine::same_value);
}
bool Value::same_value_zero(const Value& other) const noexcept {
  return compare(other, &engine::same_value_zero);
}

Result<bool> Value::try_loosely_equals(const Value& other) const {
  detail::Realm* realm = handle_.realm();
  const detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  const detail::Handle keep(handle_);
  JSValue checked = detail::give_handle(realm->context, other.handle_);
  if (engine::is_exception(checked)) return detail::caught(realm);
  const detail::Handle keep_other(realm, checked);
  return detail::from_owned<bool>(
      realm, detail::call_intrinsic(realm, detail::Intrinsic::loosely_equal, engine::undefined(),
                                    keep.get(), keep_other.get()));
}

Result<Value> Value::try_adopt(const Ctx& ctx, JSValue value) {
  detail::Realm* realm = ctx.realm();
  const detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  return detail::from_owned<Value>(realm, value);
}

Result<Value> Value::try_borrow(const Ctx& ctx, JSValueConst value) {
  detail::Realm* realm = ctx.realm();
  const detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  return detail::from_owned<Value>(realm, engine::duplicate(realm->context, value));
}

Result<JSValue> Value::try_take_raw() {
  const detail::Entry entry(handle_.realm());
  if (!entry) return detail::refusal(handle_.realm());
  return handle_.take();
}

}  // namespace quip

#include <quip/value/string.hpp>
#include <quip/value/symbol.hpp>
#include <quip/value/value.hpp>

#include <array>
#include <charconv>

namespace quip {

namespace {

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
      if (engine::is_function(ctx, value)) return Type::function;
      if (engine::is_array(ctx, value)) return Type::array;
      if (engine::is_error(ctx, value)) return Type::error;
      if (engine::is_promise(ctx, value)) return Type::promise;
      return Type::object;
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

std::string_view to_string(Type type) noexcept {
  switch (type) {
    case Type::undefined:
      return "undefined";
    case Type::null:
      return "null";
    case Type::boolean:
      return "boolean";
    case Type::integer:
    case Type::number:
      return "number";
    case Type::bigint:
      return "bigint";
    case Type::string:
      return "string";
    case Type::symbol:
      return "symbol";
    case Type::object:
      return "object";
    case Type::array:
      return "array";
    case Type::function:
      return "function";
    case Type::error:
      return "error";
    case Type::promise:
      return "promise";
  }
  return "undefined";
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
      return with_type(std::to_string(engine::get_int32(value.raw())));
    case Type::number:
      return with_type(number_text(engine::get_float64(value.raw())));
    case Type::bigint:
      return with_type(text_of(value.context(), value.raw()));
    case Type::string:
      return with_type(quoted(text_of(value.context(), value.raw())));
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
        [](const std::string& description) { return "Symbol(" + description + ")"; });
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

bool Value::equals(const Value& other) const noexcept {
  if (handle_.empty() || other.handle_.empty()) return handle_.empty() == other.handle_.empty();
  detail::Realm* realm = handle_.realm();
  if (realm->core != other.handle_.realm()->core) return false;
  detail::Entry entry(realm);
  return entry && engine::strictly_equal(realm->context, raw(), other.raw());
}

}  // namespace quip

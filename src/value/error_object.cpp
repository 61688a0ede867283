#include <quip/convert/string.hpp>
#include <quip/value/error_object.hpp>

namespace quip {

namespace {

Result<std::string> text_of(Result<Value> property) {
  if (!property) return std::move(property).error();
  if (!property->is_string()) return std::string();
  return property->try_as<std::string>();
}

}  // namespace

Result<ErrorObject> ErrorObject::try_make(const Ctx& ctx, const Error& error) {
  detail::Realm* realm = ctx.realm();
  const detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  detail::throw_error(realm->context, error);
  JSValue object = ::JS_GetException(realm->context);
  engine::make_catchable(realm->context, object);  // a value as any, whatever it was thrown for
  return detail::from_owned<ErrorObject>(realm, object);
}

Result<std::string> ErrorObject::try_name() const { return text_of(try_get(key<"name">)); }
Result<std::string> ErrorObject::try_message() const { return text_of(try_get(key<"message">)); }
Result<std::string> ErrorObject::try_stack() const { return text_of(try_get(key<"stack">)); }

}  // namespace quip

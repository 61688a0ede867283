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
  return detail::from_owned<ErrorObject>(realm, ::JS_GetException(realm->context));
}

Result<std::string> ErrorObject::try_name() const { return text_of(try_get(key<"name">)); }
Result<std::string> ErrorObject::try_message() const { return text_of(try_get(key<"message">)); }
Result<std::string> ErrorObject::try_stack() const { return text_of(try_get(key<"stack">)); }

}  // namespace quip

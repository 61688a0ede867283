#include <quip/convert/sequence.hpp>
#include <quip/value/json.hpp>

namespace quip::json {

using quip::detail::Entry;
using quip::detail::Handle;
using quip::detail::Realm;

namespace detail {

JSValue read(Realm* realm, std::string_view text, const std::string& name) {
  // the engine reads up to a NUL behind the text
  const std::string terminated(text);
  return ::JS_ParseJSON(realm->context, terminated.c_str(), terminated.size(), name.c_str());
}

Result<std::optional<std::string>> write(Realm* realm, JSValueConst value,
                                         const StringifyOptions& options) {
  JSContext* ctx = realm->context;
  Handle replacer;
  if (const auto* function = std::get_if<Function>(&options.replacer)) {
    replacer = Handle(realm, quip::detail::give_handle(ctx, function->handle()));
  } else if (const auto* names = std::get_if<std::vector<std::string>>(&options.replacer)) {
    replacer = Handle(realm, quip::detail::into_js(ctx, *names));
  }
  if (engine::is_exception(replacer.get())) return quip::detail::caught(realm);
  Handle space;
  if (const int* spaces = std::get_if<int>(&options.space)) {
    space = Handle(realm, engine::int32(*spaces));
  } else if (const auto* text = std::get_if<std::string>(&options.space)) {
    space = Handle(realm, quip::detail::into_js(ctx, *text));
  }
  if (engine::is_exception(space.get())) return quip::detail::caught(realm);
  JSValue text = ::JS_JSONStringify(ctx, value, replacer.get(), space.get());
  if (engine::is_undefined(text)) return std::optional<std::string>();
  Result<std::string> written = quip::detail::from_owned<std::string>(realm, text);
  if (!written) return std::move(written).error();
  return std::optional<std::string>(*std::move(written));
}

}  // namespace detail

Result<std::optional<std::string>> try_stringify(const Value& value,
                                                 const StringifyOptions& options) {
  Realm* realm = value.handle().realm();
  const Entry entry(realm);
  if (!entry) return quip::detail::refusal(realm);
  // NOLINTNEXTLINE(performance-unnecessary-copy-initialization): it keeps the object alive
  const Handle keep(value.handle());
  return detail::write(realm, keep.get(), options);
}

}  // namespace quip::json

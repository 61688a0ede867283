#include <quip/convert/coerced.hpp>
#include <quip/core/intrinsic.hpp>
#include <quip/function/constructor.hpp>
#include <quip/value/symbol.hpp>
#include <quip/web/dom_exception.hpp>

#include <array>
#include <cctype>
#include <string>

namespace quip::web {

using detail::Intrinsic;
using detail::Realm;

namespace {

/// The names with a legacy code, from 1 on (Web IDL 2.8.1); those of constants alone are empty.
struct LegacyName {
  std::string_view name;
  std::string_view constant;
};
constexpr std::array<LegacyName, 25> legacy_names{{
    {"IndexSizeError", "INDEX_SIZE_ERR"},
    {"", "DOMSTRING_SIZE_ERR"},
    {"HierarchyRequestError", "HIERARCHY_REQUEST_ERR"},
    {"WrongDocumentError", "WRONG_DOCUMENT_ERR"},
    {"InvalidCharacterError", "INVALID_CHARACTER_ERR"},
    {"", "NO_DATA_ALLOWED_ERR"},
    {"NoModificationAllowedError", "NO_MODIFICATION_ALLOWED_ERR"},
    {"NotFoundError", "NOT_FOUND_ERR"},
    {"NotSupportedError", "NOT_SUPPORTED_ERR"},
    {"InUseAttributeError", "INUSE_ATTRIBUTE_ERR"},
    {"InvalidStateError", "INVALID_STATE_ERR"},
    {"SyntaxError", "SYNTAX_ERR"},
    {"InvalidModificationError", "INVALID_MODIFICATION_ERR"},
    {"NamespaceError", "NAMESPACE_ERR"},
    {"InvalidAccessError", "INVALID_ACCESS_ERR"},
    {"", "VALIDATION_ERR"},
    {"TypeMismatchError", "TYPE_MISMATCH_ERR"},
    {"SecurityError", "SECURITY_ERR"},
    {"NetworkError", "NETWORK_ERR"},
    {"AbortError", "ABORT_ERR"},
    {"URLMismatchError", "URL_MISMATCH_ERR"},
    {"QuotaExceededError", "QUOTA_EXCEEDED_ERR"},
    {"TimeoutError", "TIMEOUT_ERR"},
    {"InvalidNodeTypeError", "INVALID_NODE_TYPE_ERR"},
    {"DataCloneError", "DATA_CLONE_ERR"},
}};

int code_of(std::string_view name) noexcept {
  for (std::size_t i = 0; i < legacy_names.size(); ++i) {
    if (!name.empty() && legacy_names[i].name == name) return static_cast<int>(i) + 1;
  }
  return 0;
}

/// What `new DOMException(message, name)` makes where the engine has no such class.
Result<Object> construct(const Ctx& ctx, const std::optional<std::string>& message,
                         const std::string& name) {
  // of the class of errors itself, so that it is one to the engine and has a stack
  Result<Object> object = detail::from_owned<Object>(
      ctx.realm(), detail::construct_intrinsic(ctx.realm(), Intrinsic::error));
  if (!object) return object;
  const auto define = [&](const auto& key, auto&& value) {
    return object->try_define(key, property(std::forward<decltype(value)>(value))
                                       .configurable(false)
                                       .enumerable(false)
                                       .writable(false));
  };
  if (Result<void> made = define(key<"message">, message.value_or("")); !made) return made.error();
  if (Result<void> made = define(key<"name">, name); !made) return made.error();
  if (Result<void> made = define(key<"code">, code_of(name)); !made) return made.error();
  return object;
}

/// The class itself, with its constants.
Result<void> define_class(const Ctx& ctx) {
  const Object globals = ctx.globals();
  const Function made(ctx, "DOMException",
                      quip::constructor([](Ctx at, const Opt<Coerced<std::string>>& message,
                                           const Opt<Coerced<std::string>>& name) {
                        return construct(at, message ? std::optional(message->get()) : std::nullopt,
                                         name ? name->get() : "Error");
                      }));
  const auto prototype = made.get<Object>(key<"prototype">);
  // captured before a script can have another idea of what an Error is
  JSValue error = detail::intrinsic(ctx.realm(), Intrinsic::error_prototype);
  if (engine::is_exception(error)) return detail::caught(ctx.realm());
  prototype.set_prototype(Value(detail::Handle(ctx.realm(), engine::duplicate(ctx.raw(), error))));
  for (std::size_t i = 0; i < legacy_names.size(); ++i) {
    const int code = static_cast<int>(i) + 1;
    made.define(legacy_names[i].constant, property(code).enumerable());
    prototype.define(legacy_names[i].constant, property(code).enumerable());
  }
  prototype.define(symbol::to_string_tag, property("DOMException").configurable());
  globals.define("DOMException", property(made).writable().configurable());
  return {};
}

}  // namespace

Result<void> DOMException::try_install(const Ctx& ctx) {
  Realm* realm = ctx.realm();
  const detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  try {
    if (!ctx.globals().has("DOMException")) {
      if (Result<void> defined = define_class(ctx); !defined) return defined;
    }
  } catch (...) {
    return Error::from(std::current_exception());
  }
  // kept from here on, whatever scripts do to the global
  if (engine::is_exception(detail::intrinsic(realm, Intrinsic::error)) ||
      engine::is_exception(detail::intrinsic(realm, Intrinsic::dom_exception)) ||
      engine::is_exception(detail::intrinsic(realm, Intrinsic::dom_exception_prototype))) {
    return detail::caught(realm);
  }
  return {};
}

Result<DOMException> DOMException::try_make(const Ctx& ctx, std::string_view message,
                                            std::string_view name) {
  Realm* realm = ctx.realm();
  const detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  if (Result<void> installed = try_install(ctx); !installed) return std::move(installed).error();
  const Result<Value> text = Value::try_make(ctx, message);
  if (!text) return text.error();
  const Result<Value> label = Value::try_make(ctx, name);
  if (!label) return label.error();
  return detail::from_owned<DOMException>(
      realm,
      detail::construct_intrinsic(realm, Intrinsic::dom_exception, text->raw(), label->raw()));
}

Error DOMException::error(const Ctx& ctx, std::string_view message, std::string_view name) {
  Result<DOMException> made = try_make(ctx, message, name);
  return made ? made->to_error() : std::move(made).error();
}

bool DOMException::accepts(ValueRef value) noexcept {
  JSContext* ctx = value.context();
  if (!engine::is_error(ctx, value.raw())) return false;
  JSValue wanted = detail::intrinsic(detail::realm_of(ctx), Intrinsic::dom_exception_prototype);
  if (engine::is_exception(wanted)) {
    engine::release(ctx, ::JS_GetException(ctx));  // the context has no such class
    return false;
  }
  // The prototypes are asked for by hand: `instanceof` could run a script. A chain may be long on
  // purpose.
  constexpr int longest_chain = 1000;
  JSValue at = engine::duplicate(ctx, value.raw());
  bool found = false;
  for (int i = 0; i < longest_chain && !found && engine::is_object(at) &&
                  engine::kind_of(at) != engine::Kind::proxy;
       ++i) {
    JSValue next = ::JS_GetPrototype(ctx, at);
    engine::release(ctx, std::exchange(at, next));
    found = engine::is_object(at) && engine::get_pointer(at) == engine::get_pointer(wanted);
  }
  if (engine::is_exception(at)) engine::release(ctx, ::JS_GetException(ctx));
  engine::release(ctx, at);
  return found;
}

}  // namespace quip::web

#include "../core/core_state.hpp"
#include "glue.hpp"
#include "specifier.hpp"
#include <quip/value/atom.hpp>
#include <quip/value/json.hpp>
#include <quip/value/value.hpp>

namespace quip::detail {

JSModuleDef* compile_module(JSContext* ctx, const std::string& text, const std::string& key) {
  // the engine reads up to a NUL behind the text
  JSValue module = ::JS_Eval(ctx, text.c_str(), text.size(), key.c_str(),
                             JS_EVAL_TYPE_MODULE | JS_EVAL_FLAG_COMPILE_ONLY);
  if (engine::is_exception(module)) return nullptr;
  auto* definition = static_cast<JSModuleDef*>(engine::get_pointer(module));
  ::JS_FreeValue(ctx, module);  // the context keeps the module
  return definition;
}

std::string url_of(const std::string& name) {
  const bool is_on_drive = has_drive(name);
  if (!name.starts_with('/') && !is_on_drive) return name;
  // a path (RFC 8089), with what is no pchar of RFC 3986 in percent signs
  constexpr std::string_view kept =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@/";
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string url = is_on_drive ? "file:///" : "file://";
  for (const char character : name) {
    if (kept.find(character) != std::string_view::npos) {
      url += character;
    } else {
      const auto byte = static_cast<unsigned char>(character);
      url += {'%', digits[byte >> 4U], digits[byte & 15U]};
    }
  }
  return url;
}

// ---- modules of data ---------------------------------------------------------------------------

namespace {

/// The value, as the contents mean it; owned, or an exception.
struct DataValue {
  Realm* realm;
  const std::string& name;

  JSValue operator()(const ModuleSource::Json& json) const {
    JSContext* ctx = realm->context;
    JSValue value = ::JS_ParseJSON(ctx, json.text.c_str(), json.text.size(), name.c_str());
    if (!engine::is_exception(value)) return value;
    const Error error = caught(realm);
    if (error.name() != "SyntaxError") return throw_error(ctx, error);
    std::string where = error.line() > 0 ? " line " + std::to_string(error.line()) : "";
    return throw_error(ctx, Error::syntax("module '" + name + "' is no JSON:" + where +
                                          (where.empty() ? " " : ": ") + error.message()));
  }
  JSValue operator()(const ModuleSource::Text& text) const {
    return ::JS_NewStringLen(realm->context, text.text.data(), text.text.size());
  }
  JSValue operator()(const ModuleSource::Bytes& bytes) const {
    JSContext* ctx = realm->context;
    JSValue buffer = ::JS_NewArrayBufferCopy(
        ctx, reinterpret_cast<const std::uint8_t*>(bytes.bytes.data()), bytes.bytes.size());
    if (engine::is_exception(buffer)) return buffer;
    engine::make_buffer_immutable(buffer);
    JSValue array = engine::new_typed_array(ctx, engine::Kind::uint8_array, buffer,
                                            engine::undefined(), engine::undefined());
    engine::release(ctx, buffer);
    return array;
  }
  template <class Other>
  JSValue operator()(const Other&) const {
    return throw_error(realm->context, Error::plain("module '" + name + "' is no data"));
  }
};

/// Exports the value that waits in the module's import.meta, where no script can see it.
int export_data(JSContext* ctx, JSModuleDef* module) noexcept {
  const JSAtom key = Key<"default">::atom(realm_of(ctx));
  JSValue meta = ::JS_GetImportMeta(ctx, module);
  if (key == 0 || engine::is_exception(meta)) {
    engine::release(ctx, meta);
    return -1;
  }
  JSValue value = engine::get_property(ctx, meta, key);
  ::JS_DeleteProperty(ctx, meta, key, 0);
  engine::release(ctx, meta);
  if (engine::is_exception(value)) return -1;
  return engine::set_export(ctx, module, "default", value) ? 0 : -1;
}

}  // namespace

JSModuleDef* make_data_module(Realm* realm, const ModuleSource& source, const std::string& name,
                              const std::string& key) {
  JSContext* ctx = realm->context;
  JSValue value = std::visit(DataValue{realm, name}, source.contents());
  if (engine::is_exception(value)) return nullptr;
  JSModuleDef* module = engine::new_native_module(ctx, key, &export_data);
  const JSAtom atom = Key<"default">::atom(realm);
  JSValue meta = module == nullptr || atom == 0 || !engine::add_export(ctx, module, "default")
                     ? engine::exception()
                     : ::JS_GetImportMeta(ctx, module);
  if (engine::is_exception(meta)) {
    engine::release(ctx, value);
    return nullptr;
  }
  const bool is_kept = engine::define(ctx, meta, atom, value);
  engine::release(ctx, meta);
  return is_kept ? module : nullptr;
}

}  // namespace quip::detail

#include "../core/core_state.hpp"
#include <quip/core/context.hpp>
#include <quip/function/native.hpp>
#include <quip/module/loader.hpp>
#include <quip/value/atom.hpp>

namespace quip {

namespace detail {

namespace {

char* resolve(JSContext* ctx, const char* base, const char* specifier, void* opaque) noexcept {
  char* found = nullptr;
  contained(ctx, [&] {
    // the resolver may replace itself
    const ModuleResolver resolver = static_cast<CoreState*>(opaque)->resolver;
    Result<std::string> name = resolver(base, specifier);
    if (!name) {
      return throw_error(ctx, name.error());
    }
    found = ::js_strndup(ctx, name->data(), name->size());
    return engine::undefined();
  });
  return found;
}

JSModuleDef* load(JSContext* ctx, const char* name, void* opaque) noexcept {
  JSModuleDef* loaded = nullptr;
  contained(ctx, [&] {
    const ModuleLoader loader = static_cast<CoreState*>(opaque)->loader;
    Result<std::string> source = loader(name);
    if (!source) {
      return throw_error(ctx, source.error());
    }
    JSValue module = compile_module(ctx, *source, name, false);
    if (!engine::is_exception(module)) {
      loaded = static_cast<JSModuleDef*>(engine::get_pointer(module));
      ::JS_FreeValue(ctx, module);  // the context keeps the module
    }
    return engine::undefined();
  });
  return loaded;
}

}  // namespace

JSValue compile_module(JSContext* ctx, std::string_view source, const std::string& name,
                       bool is_main) {
  const std::string text(source);  // the engine reads up to a NUL behind the text
  JSValue module = ::JS_Eval(ctx, text.c_str(), text.size(), name.c_str(),
                             JS_EVAL_TYPE_MODULE | JS_EVAL_FLAG_COMPILE_ONLY);
  if (engine::is_exception(module)) return module;
  JSValue meta = ::JS_GetImportMeta(ctx, static_cast<JSModuleDef*>(engine::get_pointer(module)));
  const std::string url = name.starts_with('/') ? "file://" + name : name;
  const JSAtom url_key = Key<"url">::atom(realm_of(ctx));
  const JSAtom main_key = Key<"main">::atom(realm_of(ctx));
  const bool complete =
      !engine::is_exception(meta) && url_key != 0 && main_key != 0 &&
      engine::define(ctx, meta, url_key, ::JS_NewStringLen(ctx, url.data(), url.size())) &&
      engine::define(ctx, meta, main_key, engine::boolean(is_main));
  engine::release(ctx, meta);
  if (complete) return module;
  ::JS_FreeValue(ctx, module);
  return engine::exception();
}

void install_loader(CoreState& core) noexcept {
  const bool complete = core.resolver && core.loader;
  ::JS_SetModuleLoaderFunc(core.runtime, complete ? &resolve : nullptr, complete ? &load : nullptr,
                           &core);
}

}  // namespace detail

FileResolver::FileResolver(std::filesystem::path root) : root_(std::move(root)) {}

Result<std::string> FileResolver::operator()(std::string_view base,
                                             std::string_view specifier) const {
  namespace fs = std::filesystem;
  const auto quoted = [](std::string_view text) { return "'" + std::string(text) + "'"; };
  const bool relative = specifier.starts_with("./") || specifier.starts_with("../");
  if (!relative && !specifier.starts_with('/')) {
    return Error::reference("cannot find module " + quoted(specifier) + " imported from " +
                            quoted(base) +
                            ": only relative (./, ../) and absolute paths are supported");
  }
  fs::path path(specifier);
  if (relative) {
    const fs::path from(base);
    path = (from.is_absolute() ? from.parent_path() : root_ / from.parent_path()) / path;
  }
  std::error_code failure;
  fs::path found = fs::canonical(path, failure);
  if (!failure && !fs::is_directory(found)) return found.string();
  return Error::reference("cannot find module " + quoted(specifier) + " imported from " +
                          quoted(base) + ": " +
                          (failure ? "no file " + quoted(path.lexically_normal().string())
                                   : quoted(found.string()) + " is a folder"));
}

Result<std::string> ScriptLoader::operator()(std::string_view name) const {
  Result<std::string> text = detail::read_file(std::filesystem::path(name));
  if (!text) {
    return Error::reference("cannot read module '" + std::string(name) +
                            "': " + text.error().message());
  }
  return text;
}

}  // namespace quip

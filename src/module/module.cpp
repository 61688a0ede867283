#include "../core/core_state.hpp"
#include "specifier.hpp"
#include "table.hpp"
#include <quip/async/promise.hpp>
#include <quip/convert/string.hpp>
#include <quip/convert/trace.hpp>
#include <quip/function/native.hpp>
#include <quip/module/module.hpp>
#include <quip/module/module_def.hpp>

#include <system_error>

namespace quip {

using State = detail::ModuleRecord::State;

namespace {

/// Why there can be no module of that name; nothing when there can.
std::optional<Error> refuse_name(std::string_view name) {
  if (name.empty()) return Error::type("the name of a module is empty");
  if (detail::has_nul(name)) {
    return Error::type("the name of a module has a NUL in it");
  }
  return std::nullopt;
}

}  // namespace

Result<Module> Module::try_declare(const Ctx& ctx, const ModuleSource& source,
                                   const std::string& name) {
  return try_declare(ctx, source, name, false);
}

Result<Module> Module::try_declare(const Ctx& ctx, const ModuleDef& definition) {
  return try_declare(ctx, ModuleSource(definition), definition.name(), false);
}

Result<Module> Module::try_declare(const Ctx& ctx, const ModuleSource& source,
                                   const std::string& name, bool is_main) {
  detail::Realm* realm = ctx.realm();
  const detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  if (std::optional<Error> refused = refuse_name(name)) return *std::move(refused);
  Context context = ctx.context();
  detail::ModuleTable& table = detail::ModuleTable::of(realm);
  if (const auto known = table.find(name, {})) {
    return Error::plain("the context has a module '" + name + "' already" +
                        (known->state == State::loading ? ", which is being loaded" : ""));
  }
  std::shared_ptr<detail::ModuleRecord> record = table.add(name, {});
  // a hook of the user's may throw
  const JSValue outcome = detail::contained(realm->context, [&] {
    return table.declare(record, source, is_main) ? engine::undefined() : engine::exception();
  });
  if (engine::is_exception(outcome)) return detail::caught(realm);
  return Module(std::move(context), std::move(record));
}

std::optional<Module> Module::find(const Ctx& ctx, std::string_view name, std::string_view type) {
  detail::Realm* realm = ctx.realm();
  const detail::Entry entry(realm);
  if (!entry) detail::refusal(realm).raise();
  std::shared_ptr<detail::ModuleRecord> record = detail::ModuleTable::of(realm).find(name, type);
  if (record == nullptr || record->state == State::loading) return std::nullopt;
  return Module(ctx.context(), std::move(record));
}

const std::string& Module::name() const noexcept { return record_->name; }

Promise<> Module::evaluate() const { return try_evaluate().value(); }

Result<Promise<>> Module::try_evaluate() const {
  detail::Realm* realm = context_.handle().realm();
  const detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  const Module keep(*this);  // what runs may drop this
  return detail::from_owned<Promise<>>(realm,
                                       detail::ModuleTable::of(realm).evaluate(keep.record_));
}

Result<bool> Module::try_is_evaluated() const {
  detail::Realm* realm = context_.handle().realm();
  const detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  return record_->state == State::linked || record_->state == State::evaluated;
}

Result<Object> Module::try_meta() const {
  detail::Realm* realm = context_.handle().realm();
  const detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  if (record_->state == State::failed) {
    return Error::named(record_->failure_name, record_->failure);
  }
  if (!record_->is_script) {
    return Error::type("module '" + name() + "' is no JavaScript: it has no import.meta");
  }
  return detail::from_owned<Object>(realm, ::JS_GetImportMeta(realm->context, record_->definition));
}

Result<Object> Module::try_exports() const {
  detail::Realm* realm = context_.handle().realm();
  const detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  switch (record_->state) {
    case State::linked:
    case State::evaluated:
      return detail::from_owned<Object>(
          realm, ::JS_GetModuleNamespace(realm->context, record_->definition));
    case State::failed:
      return Error::named(record_->failure_name, record_->failure);
    default:
      return Error::plain("module '" + name() +
                          "' has not been evaluated: it has no exports before");
  }
}

Result<std::vector<std::string>> Module::try_names() const {
  const Result<Object> exported = try_exports();
  if (!exported) return exported.error();
  return exported->try_keys<std::string>({.enumerable_only = false});
}

Result<Object> Module::try_exporting(std::string_view name) const {
  Result<Object> exported = try_exports();
  if (!exported) return exported;
  const Result<bool> has = exported->try_has(std::string(name));
  if (!has) return has.error();
  if (*has) return exported;
  const Result<std::vector<std::string>> names = try_names();
  if (!names) return names.error();
  std::string text = "module '" + this->name() + "' does not export '" + std::string(name) + "'";
  text += names->empty() ? "; it exports nothing" : "; it exports ";
  for (std::size_t i = 0; i < names->size(); ++i) {
    if (i > 0) text += i + 1 == names->size() ? " and " : ", ";
    text += '\'' + (*names)[i] + '\'';
  }
  return Error::reference(std::move(text));
}

void Module::trace(Tracer& tracer) const noexcept { tracer(context_); }

// ---- Ctx ---------------------------------------------------------------------------------------

Promise<> Ctx::eval_module(std::string_view source, const std::string& name) const {
  return try_eval_module(source, name).value();
}

Result<Promise<>> Ctx::try_eval_module(std::string_view source, const std::string& name) const {
  const Result<Module> module =
      Module::try_declare(*this, ModuleSource(std::string(source)), name, true);
  if (!module) return module.error();
  return module->try_evaluate();
}

Promise<> Ctx::eval_module_file(const std::filesystem::path& path) const {
  return try_eval_module_file(path).value();
}

Result<Promise<>> Ctx::try_eval_module_file(const std::filesystem::path& path) const {
  Result<std::string> source = read_source(path);
  if (!source) return std::move(source).error();
  std::error_code failure;
  const std::filesystem::path whole = std::filesystem::canonical(path, failure);
  return try_eval_module(*source, (failure ? path : whole).generic_string());
}

Promise<> Ctx::import(std::string_view specifier, std::string_view base) const {
  return try_import(specifier, base).value();
}

Promise<> Ctx::import(std::string_view specifier, std::string_view base,
                      const ImportAttributes& attributes) const {
  return try_import(specifier, base, attributes).value();
}

Result<Promise<>> Ctx::try_import(std::string_view specifier, std::string_view base) const {
  return try_import(specifier, base, {});
}

Result<Promise<>> Ctx::try_import(std::string_view specifier, std::string_view base,
                                  const ImportAttributes& attributes) const {
  const detail::Entry entry(realm_);
  if (!entry) return detail::refusal(realm_);
  for (const std::string_view name : {specifier, base}) {
    if (detail::has_nul(name)) {
      return Error::type("the name of a module has a NUL in it");
    }
  }
  if (!attributes.empty() && !engine::has_import_attributes) {
    return Error::type("this engine has no import attributes");
  }
  JSContext* ctx = realm_->context;
  // The engine's own import() does what may not be done while a module is evaluated: it waits. It
  // takes the name of the script that it stands in for its base.
  const std::string_view text =
      attributes.empty() ? "name => import(name)" : "(name, type) => import(name, { with: type })";
  JSValue function = ::JS_Eval(ctx, text.data(), text.size(), std::string(base).c_str(),
                               JS_EVAL_TYPE_GLOBAL | JS_EVAL_FLAG_STRICT);
  if (engine::is_exception(function)) return detail::caught(realm_);
  const detail::Handle import(realm_, function);
  const detail::Handle name(realm_, ::JS_NewStringLen(ctx, specifier.data(), specifier.size()));
  if (engine::is_exception(name.get())) return detail::caught(realm_);
  Result<Object> with = Object::try_null_prototype(*this);
  if (!with) return std::move(with).error();
  for (const auto& [key, value] : attributes.entries()) {
    if (Result<void> set = with->try_set(key, value); !set) return std::move(set).error();
  }
  JSValueConst arguments[] = {name.get(), with->raw()};
  return detail::from_owned<Promise<>>(
      realm_, engine::call(ctx, import.get(), engine::undefined(), 2, arguments));
}

}  // namespace quip

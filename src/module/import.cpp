#include "../core/core_state.hpp"
#include "glue.hpp"
#include "table.hpp"
#include <quip/convert/string.hpp>
#include <quip/function/native.hpp>
#include <quip/value/object.hpp>

namespace quip::detail {

namespace {

/// Import attributes as the engine has them: an object without a prototype, or undefined.
Result<ImportAttributes> read_attributes(Realm* realm, JSValueConst attributes) {
  if (!engine::is_object(attributes)) return ImportAttributes();
  const Object object(Handle(realm, engine::duplicate(realm->context, attributes)));
  auto entries = object.try_entries<std::string, std::string>();
  if (!entries) return std::move(entries).error();
  return ImportAttributes(*std::move(entries));
}

char* resolve(JSContext* ctx, const char* base, const char* specifier, JSValueConst attributes,
              void*) noexcept {
  char* found = nullptr;
  contained(ctx, [&] {
    Realm* realm = realm_of(ctx);
    // what the user's code drops must not take the realm with it
    const Handle keep(realm, engine::undefined());
    Result<ImportAttributes> read = read_attributes(realm, attributes);
    if (!read) return throw_error(ctx, read.error());
    const std::string* key = ModuleTable::of(realm).resolve(base, specifier, *std::move(read));
    if (key != nullptr) found = ::js_strndup(ctx, key->data(), key->size());
    return engine::undefined();
  });
  return found;
}

JSModuleDef* load(JSContext* ctx, const char* key, void*) noexcept {
  JSModuleDef* loaded = nullptr;
  contained(ctx, [&] {
    Realm* realm = realm_of(ctx);
    const Handle keep(realm, engine::undefined());
    ModuleTable& table = ModuleTable::of(realm);
    ModuleRecord* found = table.find_key(key);
    if (found == nullptr) {
      return throw_error(ctx, Error::reference(cannot_load(key)));
    }
    const std::shared_ptr<ModuleRecord> record = found->shared_from_this();
    if (record->definition != nullptr || table.load(record)) loaded = record->definition;
    return engine::undefined();
  });
  return loaded;
}

/// Whether there may be such attributes (ECMA-262 16.2.1.9, HostGetSupportedImportAttributes).
int check(JSContext* ctx, JSValueConst attributes, void*) noexcept {
  const JSValue checked = contained(ctx, [&] {
    const Result<ImportAttributes> read = read_attributes(realm_of(ctx), attributes);
    if (!read) return throw_error(ctx, read.error());
    for (const auto& [key, value] : read->entries()) {
      if (!engine::has_import_attributes) {
        return throw_error(ctx, Error::type("import attributes need an engine that tells modules "
                                            "apart by them; this one does not"));
      }
      if (key != "type") {
        return throw_error(ctx, Error::type("the import attribute '" + key +
                                            "' is not supported: only 'type' is"));
      }
    }
    return engine::undefined();
  });
  return engine::is_exception(checked) ? -1 : 0;
}

}  // namespace

void install_loader(CoreState& core) noexcept {
  engine::set_module_hooks<&resolve, &load, &check>(core.runtime, &core);
}

}  // namespace quip::detail

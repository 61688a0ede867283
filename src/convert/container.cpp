#include <quip/convert/container.hpp>

namespace quip::detail {

namespace {

/// True for an object that has its content in its properties, whatever its prototype: `{}`, an
/// instance of a script's class. Others, such as a Map or a Date, have it elsewhere.
bool is_plain(JSContext* ctx, JSValueConst object) noexcept {
  JSValue sample = ::JS_NewObject(ctx);
  if (engine::is_exception(sample)) engine::release(ctx, ::JS_GetException(ctx));
  const bool same = ::JS_GetClassID(sample) == ::JS_GetClassID(engine::take_ownership(object));
  engine::release(ctx, sample);
  return same;
}

}  // namespace

Result<bool> is_hole(Realm* realm, JSValueConst array, std::uint32_t index) {
  const KeyAtom atom = key_atom(realm, index);
  const int has = atom.get() == 0 ? -1 : ::JS_HasProperty(realm->context, array, atom.get());
  if (has < 0) {
    return caught(realm);
  }
  return has == 0;
}

Error too_sparse(ValueRef array) {
  return Error::out_of_range("an array with less than a million holes", describe(array));
}

Result<void> for_each_property(ValueRef object,
                               const std::function<Result<void>(std::string, ValueRef)>& visit) {
  JSContext* ctx = object.context();
  if (!engine::is_object(object.raw()) || engine::is_array(ctx, object.raw()) ||
      engine::is_function(ctx, object.raw())) {
    return not_a("object", object);
  }
  Object self(Handle(realm_of(ctx), engine::duplicate(ctx, object.raw())));
  Result<std::vector<Atom>> keys = self.try_keys();
  if (!keys) return std::move(keys).error();
  if (keys->empty() && !is_plain(ctx, object.raw())) {
    return Error::conversion("object", "an object without properties that is not a plain one");
  }
  for (const Atom& key : *keys) {
    Result<std::string> name = key.try_to_string();
    if (!name) return std::move(name).error();
    Result<Value> property = self.try_get(key);
    if (!property) return std::move(property).error();
    Result<void> visited = visit(*name, ValueRef(ctx, property->raw()));
    if (!visited) {
      visited.error().at(*name);
      return visited;
    }
  }
  return {};
}

}  // namespace quip::detail

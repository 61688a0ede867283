#include <quip/convert/container.hpp>

namespace quip::detail {

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

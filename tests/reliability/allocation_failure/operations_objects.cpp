// Objects and arrays.
#include "operation.hpp"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace quip::test {
namespace {

using enum Source;
using enum Where;

}  // namespace

Operations object_operations() {
  return {
      {"Object(ctx)", none, inside,
       [](World& world) { return [ctx = world.ctx()] { expect(Object(ctx).empty()); }; }},
      {"Object(ctx), from outside", none, outside,
       [](World& world) { return [ctx = world.ctx()] { expect(Object(ctx).is_object()); }; }},
      {"Object::with_prototype", none, inside,
       [](World& world) {
         const auto parent = world.eval<Object>("({ inherited: 1 })");
         return [ctx = world.ctx(), parent] {
           expect(Object::with_prototype(ctx, parent).get<int>("inherited") == 1);
         };
       }},
      {"Object::null_prototype", none, inside,
       [](World& world) {
         return [ctx = world.ctx()] { expect(Object::null_prototype(ctx).prototype().is_null()); };
       }},
      {"Object::from pairs", none, inside,
       [](World& world) {
         return [ctx = world.ctx()] {
           const std::map<std::string, int> pairs = {{"one", 1}, {"two", 2}, {"three", 3}};
           expect(Object::from(ctx, pairs).size() == 3);
         };
       }},
      {"Object::set and get, by text", none, inside,
       [](World& world) {
         return [ctx = world.ctx()] {
           const Object object(ctx);
           object.set("a_name_of_this_operation", 1);
           object.set(std::string("another_name_of_it"), "text that is a value");
           expect(object.get<int>("a_name_of_this_operation") == 1);
         };
       }},
      {"Object::set and get, by key<>", none, inside,
       [](World& world) {
         return [ctx = world.ctx()] {
           const Object object(ctx);
           object.set(key<"kept_name_of_this_operation">, 2.5);
           expect(object.get<double>(key<"kept_name_of_this_operation">) == 2.5);
         };
       }},
      {"Object::set and get, by index", none, inside,
       [](World& world) {
         return [ctx = world.ctx()] {
           const Object object(ctx);
           object.set(7, "seven");
           object.set(4'000'000'000U, "many");
           expect(object.get<std::string>(7) == "seven");
         };
       }},
      {"Object::set and get, from outside", none, outside,
       [](World& world) {
         const auto object = world.eval<Object>("({})");
         return [object] {
           object.set("n", 1);
           expect(object.get<int>("n") == 1);
         };
       }},
      {"Object::get of a getter", none, inside,
       [](World& world) {
         const auto object = world.eval<Object>("({ get made() { return { fresh: [1, 2] } } })");
         return [object] { expect(object["made"]["fresh"][1].get<int>() == 2); };
       }},
      {"many properties", none, inside,
       [](World& world) {
         return [ctx = world.ctx()] {
           const Object object(ctx);
           for (int i = 0; i < 20; ++i) object.set("property_" + std::to_string(i), i);
           expect(object.size() == 20);
         };
       }},
      {"Object::has and remove", none, inside,
       [](World& world) {
         const auto object = world.eval<Object>("({ a: 1, b: 2 })");
         return [object] {
           expect(object.has("a") && !object.has("a_name_that_is_not_there"));
           expect(object.remove("a") && !object.has("a"));
         };
       }},
      {"Object::define a value", none, inside,
       [](World& world) {
         return [ctx = world.ctx()] {
           const Object object(ctx);
           object.define("fixed", property(5).enumerable());
           expect(object.get<int>("fixed") == 5);
         };
       }},
      {"Object::define an accessor", none, inside,
       [](World& world) {
         return [ctx = world.ctx()] {
           const Object object(ctx);
           object.define("computed", accessor([] { return 7; }, [](int) {}).configurable());
           expect(object.get<int>("computed") == 7);
         };
       }},
      {"Object::define a PropertyDescriptor", none, inside,
       [](World& world) {
         return [ctx = world.ctx()] {
           const Object object(ctx);
           PropertyDescriptor descriptor;
           descriptor.value = Value(ctx, "a value");
           descriptor.enumerable = true;
           object.define("given", descriptor);
           expect(object.has_own("given"));
         };
       }},
      {"Object::own_property", none, inside,
       [](World& world) {
         const auto object = world.eval<Object>("({ a: 1, get b() { return 2 } })");
         return [object] {
           expect(object.own_property("a")->value.as<int>() == 1);
           expect(object.own_property("b")->is_accessor());
           expect(!object.own_property("a_name_that_is_not_there").has_value());
         };
       }},
      {"Object::keys", none, inside,
       [](World& world) {
         const auto object = world.eval<Object>("({ a: 1, b: 2, 3: 4, [Symbol('s')]: 5 })");
         return [object] {
           expect(object.keys({.symbols = true, .enumerable_only = false}).size() == 4);
           expect(object.keys<std::string>() == std::vector<std::string>{"3", "a", "b"});
         };
       }},
      {"Object::values and entries", none, inside,
       [](World& world) {
         const auto object = world.eval<Object>("({ a: 1, b: 2 })");
         return [object] {
           int sum = 0;
           for (const int n : object.values<int>()) sum += n;
           for (const auto& [name, n] : object.entries<std::string, int>()) sum += n;
           expect(sum == 6);
         };
       }},
      {"Object::try_entries", none, inside,
       [](World& world) {
         const auto object = world.eval<Object>("({ a: 1, b: 2 })");
         return [object] {
           const auto entries = object.try_entries<std::string, int>();
           if (!entries) entries.error().raise();
           expect(entries->size() == 2);
         };
       }},
      {"Object::seal and is_sealed", none, inside,
       [](World& world) {
         const auto object = world.eval<Object>("({ a: 1, b: { c: 2 } })");
         return [object] {
           object.seal();
           expect(object.is_sealed() && !object.is_frozen());
         };
       }},
      {"Object::freeze and is_frozen", none, inside,
       [](World& world) {
         const auto object = world.eval<Object>("({ a: 1, b: [1, 2, 3] })");
         return [object] {
           object.freeze();
           expect(object.is_frozen());
         };
       }},
      {"Object::freeze an array", none, inside,
       [](World& world) {
         const auto array = world.eval<Object>("[1, 2, 3]");
         return [array] {
           array.freeze();
           expect(array.is_frozen());
         };
       }},
      {"Object::prevent_extensions", none, inside,
       [](World& world) {
         const auto object = world.eval<Object>("({})");
         return [object] {
           object.prevent_extensions();
           expect(!object.is_extensible());
         };
       }},
      {"Object::prototype and set_prototype", none, inside,
       [](World& world) {
         const auto object = world.eval<Object>("({})");
         const auto parent = world.eval<Object>("({ n: 1 })");
         return [object, parent] {
           object.set_prototype(parent);
           expect(object.prototype() == parent);
         };
       }},
      {"object[key] = value", none, inside,
       [](World& world) {
         const auto object = world.eval<Object>("({ a: { b: {} } })");
         return [object] {
           object["a"]["b"]["a_new_name_here"] = std::string("text");
           expect(object["a"]["b"]["a_new_name_here"].get<std::string>() == "text");
         };
       }},
      {"object[key](...)", none, inside,
       [](World& world) {
         const auto object = world.eval<Object>("({ n: 2, times(k) { return this.n * k } })");
         return [object] { expect(object["times"].call<int>(4) == 8); };
       }},
      {"a conversion error with a path", none, inside,
       [](World& world) {
         const auto object = world.eval<Object>("({ servers: [{ port: 'x' }] })");
         return [object] {
           const Result<int> port = object["servers"][0]["port"].try_get<int>();
           expect(!port);
           expect(port.error().kind() == ErrorKind::out_of_memory ||
                  port.error().message().starts_with("servers[0].port"));
         };
       }},
      {"Array(ctx) and push", none, inside,
       [](World& world) {
         return [ctx = world.ctx()] {
           const Array array(ctx);
           for (int i = 0; i < 20; ++i) array.push(i);
           expect(array.size() == 20);
         };
       }},
      {"Array::from a range", none, inside,
       [](World& world) {
         return [ctx = world.ctx()] {
           expect(Array::from(ctx, std::vector<std::string>{"a", "b"}).size() == 2);
           expect(Array::from(ctx, std::map<int, int>{{1, 2}}).size() == 1);
         };
       }},
      {"Array::pop", none, inside,
       [](World& world) {
         const auto array = world.eval<Array>("[1, 2, 'last']");
         return [array] {
           expect(array.pop<std::string>() == "last");
           expect(array.size() == 2);
         };
       }},
      {"Array::set_size", none, inside,
       [](World& world) {
         const auto array = world.eval<Array>("[1, 2, 3]");
         return [array] {
           array.set_size(100);
           array.set_size(1);
           expect(array.size() == 1);
         };
       }},
      {"Array::elements and iteration", none, inside,
       [](World& world) {
         const auto array = world.eval<Array>("[1, 2, 3]");
         return [array] {
           int sum = 0;
           for (const int n : array.elements<int>()) sum += n;
           for (const Value& value : array) sum += value.as<int>();
           expect(sum == 12);
         };
       }},
      {"Array::to_vector", none, inside,
       [](World& world) {
         const auto array = world.eval<Array>("['x', 'y', 'z'.repeat(40)]");
         return [array] { expect(array.to_vector<std::string>().at(2).size() == 40); };
       }},
      {"a sparse array", none, inside,
       [](World& world) {
         return [ctx = world.ctx()] {
           const Array array(ctx);
           array.set(100'000, 1);
           array.set(3, 1);
           expect(array.size() == 100'001);
         };
       }},
  };
}

}  // namespace quip::test

// Structs, enumerations and tagged variants.
#include "operation.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace quip::test {
namespace {

using enum Source;
using enum Where;

}  // namespace

// with names of their own, because they are part of what is described
namespace records {

enum class Color { red, green, blue };
enum class Access : unsigned { none = 0, read = 1, write = 2 };

struct Server {
  std::string host;
  std::uint16_t port = 80;
  std::optional<bool> tls;
  friend bool operator==(const Server&, const Server&) = default;
};
struct Config {
  std::string name;
  std::vector<Server> servers;
  std::map<std::string, int> limits;
  friend bool operator==(const Config&, const Config&) = default;
};
struct Circle {
  double radius;
  friend bool operator==(const Circle&, const Circle&) = default;
};
struct Box {
  double width;
  double height;
  friend bool operator==(const Box&, const Box&) = default;
};
struct Shape : std::variant<Circle, Box> {
  using std::variant<Circle, Box>::variant;
};

}  // namespace records
}  // namespace quip::test

template <>
inline constexpr auto quip::description<quip::test::records::Access> =
    quip::enumeration(quip::as_flags);
template <>
inline constexpr auto quip::description<quip::test::records::Shape> = quip::tagged("type");

namespace quip::test {

using records::Access;
using records::Box;
using records::Circle;
using records::Color;
using records::Config;
using records::Server;
using records::Shape;

Operations record_operations() {
  const Config config{
      .name = "a configuration with a long name",
      .servers = {{.host = "localhost", .port = 8080, .tls = true},
                  {.host = "a.host.with.a.long.name.example", .port = 1, .tls = {}}},
      .limits = {{"requests", 100}, {"connections", 10}}};
  return {
      {"a struct into JavaScript", none, inside,
       [config](World& world) {
         return [ctx = world.ctx(), config] {
           expect(Object(Value(ctx, config).as<Object>()).size() == 3);
         };
       }},
      {"a struct both ways", none, inside,
       [config](World& world) {
         return [ctx = world.ctx(), config] { expect(Value(ctx, config).as<Config>() == config); };
       }},
      {"a struct many times", none, inside,
       [](World& world) {
         return [ctx = world.ctx()] {
           for (int i = 0; i < 6; ++i) {
             const Server server{.host = "host", .port = 1, .tls = {}};
             expect(Value(ctx, server).as<Server>() == server);
           }
         };
       }},
      {"a vector of structs", none, inside,
       [](World& world) {
         const Value value =
             world.eval("Array.from({ length: 5 }, () => ({ host: 'h', port: 2 }))");
         return [ctx = world.ctx(), value] {
           const auto servers = value.as<std::vector<Server>>();
           expect(servers.size() == 5);
           expect(Value(ctx, servers).as<Array>().size() == 5);
         };
       }},
      {"a struct that does not fit", none, inside,
       [](World& world) {
         const Value value = world.eval("({ name: 'n', servers: [{ host: 1 }], limits: {} })");
         return [value] {
           const auto outcome = value.try_as<Config>(Problems::all);
           expect(!outcome);
         };
       }},
      {"an enumeration", none, inside,
       [](World& world) {
         return
             [ctx = world.ctx()] { expect(Value(ctx, Color::green).as<Color>() == Color::green); };
       }},
      {"an enumeration of flags", none, inside,
       [](World& world) {
         return [ctx = world.ctx()] {
           const auto both = static_cast<Access>(3U);
           expect(Value(ctx, both).as<Access>() == both);
         };
       }},
      {"a tagged variant", none, inside,
       [](World& world) {
         return [ctx = world.ctx()] {
           const Value value(ctx, Shape(Box{1, 2}));
           expect(std::get<Box>(value.as<Shape>()).height == 2);
         };
       }},
      {"a tagged variant of no known kind", none, inside,
       [](World& world) {
         const Value value = world.eval("({ type: 'Triangle', a: 1 })");
         return [value] { expect(!value.try_as<Shape>()); };
       }},
      {"type_info of a struct", none, outside,
       [](World&) { return [] { expect(!type_info<Config>().name.empty()); }; }},
  };
}

}  // namespace quip::test

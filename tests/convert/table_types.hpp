// The types of its own that docs/conversions.md tells of.
#pragma once

#include <quip/quip.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

// the excerpt in the documentation begins here
enum class Color { red, green, blue };

enum class Access : unsigned { none = 0, read = 1, write = 2 };
template <>
inline constexpr auto quip::description<Access> = quip::enumeration(quip::as_flags);

struct Server {
  std::string host;
  std::uint16_t port = 80;
  std::optional<bool> tls;
};

struct Config {
  std::string name;
  std::vector<Server> servers;
  std::map<std::string, int> limits;
};

struct Circle {
  double radius;
};
struct Box {
  double width;
  double height;
};
struct Shape : std::variant<Circle, Box> {
  using std::variant<Circle, Box>::variant;
};
template <>
inline constexpr auto quip::description<Shape> = quip::tagged("type");
// … and ends here

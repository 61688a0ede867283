#include <quip/convert/reflect.hpp>

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

using quip::Case;
using namespace quip::detail;

struct Point {
  double x;
  double y;
};
struct NoDefault {
  explicit NoDefault(int number) : value(number) {}
  int value;
};
struct Config {
  std::string host = "localhost";
  int port = 80;
  std::optional<std::string> user;
  std::vector<Point> points;
  Point nested;
  std::map<std::string, double> weights;
  std::unique_ptr<int> owned;
  const int constant = 1;
};
struct Strict {
  NoDefault first;
  const std::string second;
};
struct Base {
  int a;
};
struct Derived : Base {
  int b;
};
class Private {
 public:
  int a = 0;

 private:
  [[maybe_unused]] int b_ = 0;
};
struct Empty {};
union Union {
  int a;
  float b;
};
template <class T>
struct Wrapped {
  T inside;
};
template <class T>
struct Outer {
  struct Inner {
    T value;
  };
};

template <class T>
std::vector<std::string_view> names_of() {
  const auto& views = NameList<FieldNames<T>>::views;
  return {views.begin(), views.begin() + field_count<T>};
}

TEST(Reflect, KnowsWhatItCanSee) {
  EXPECT_TRUE(reflectable<Point>);
  EXPECT_TRUE(reflectable<Config>);
  EXPECT_TRUE(reflectable<Strict>);
  EXPECT_TRUE(reflectable<Wrapped<int>>);
  EXPECT_FALSE(reflectable<Derived>) << "a base class";
  EXPECT_FALSE(reflectable<Private>);
  EXPECT_FALSE(reflectable<NoDefault>);
  EXPECT_FALSE(reflectable<Empty>);
  EXPECT_FALSE(reflectable<Union>);
  EXPECT_FALSE((reflectable<std::array<int, 2>>));
  EXPECT_FALSE(reflectable<std::vector<int>>);
  EXPECT_FALSE(reflectable<std::string>);
  EXPECT_FALSE(reflectable<int>);
  EXPECT_FALSE(reflectable<Point*>);
}

TEST(Reflect, NamesMembers) {
  using Names = std::vector<std::string_view>;
  EXPECT_EQ(names_of<Point>(), (Names{"x", "y"}));
  EXPECT_EQ(names_of<Config>(),
            (Names{"host", "port", "user", "points", "nested", "weights", "owned", "constant"}));
  EXPECT_EQ(names_of<Strict>(), (Names{"first", "second"}));
  EXPECT_EQ(names_of<Wrapped<Point>>(), (Names{"inside"}));
  struct Local {
    int here;
    int größe;
  };
  EXPECT_EQ(names_of<Local>(), (Names{"here", "größe"}));
}

TEST(Reflect, NamesTypesAndMemberPointers) {
  EXPECT_EQ(raw_type_name<Point>(), "Point");
  EXPECT_EQ(raw_type_name<Wrapped<std::vector<Point>>>(), "Wrapped");
  EXPECT_EQ(raw_type_name<Outer<int>::Inner>(), "Inner");
  EXPECT_EQ(raw_type_name<int>(), "int");
  EXPECT_EQ(raw_member_name<&Point::y>(), "y");
  EXPECT_EQ(raw_member_name<&Wrapped<int>::inside>(), "inside");
}

TEST(Reflect, VisitsMembersInOrder) {
  Point point{1, 2};
  std::string seen;
  for_each_field(point, [&](std::string_view name, double& value) {
    seen += std::string(name) + "=" + std::to_string(static_cast<int>(value)) + ";";
    value *= 10;
  });
  EXPECT_EQ(seen, "x=1;y=2;");
  EXPECT_EQ(point.y, 20);
  const Point& constant = point;
  int count = 0;
  for_each_field(constant, [&](std::string_view, const double&) { ++count; });
  EXPECT_EQ(count, 2);
}

TEST(Reflect, SpellsNames) {
  const auto spelled = [](std::string_view name, Case spelling) {
    std::string text(spell(name, spelling, nullptr), '?');
    spell(name, spelling, text.data());
    return text;
  };
  struct Row {
    std::string_view name;
    std::array<std::string_view, 7> expected;  // in the order of Case
  };
  for (const Row& row : {
           Row{"host_name",
               {"host_name", "hostname", "HostName", "hostName", "host_name", "HOST_NAME",
                "host-name"}},
           Row{"hostName",
               {"hostName", "hostname", "HostName", "hostName", "host_name", "HOST_NAME",
                "host-name"}},
           Row{"HTTPServer2Go",
               {"HTTPServer2Go", "httpserver2go", "HttpServer2Go", "httpServer2Go",
                "http_server2_go", "HTTP_SERVER2_GO", "http-server2-go"}},
           Row{"x", {"x", "x", "X", "x", "x", "X", "x"}},
           Row{"_tail_", {"_tail_", "tail", "Tail", "tail", "tail", "TAIL", "tail"}},
       }) {
    for (std::size_t i = 0; i < row.expected.size(); ++i) {
      EXPECT_EQ(spelled(row.name, static_cast<Case>(i)), row.expected[i]) << row.name << ' ' << i;
    }
  }
}

}  // namespace

#include "support/js.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <forward_list>
#include <functional>
#include <limits>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <ranges>
#include <set>
#include <span>
#include <string>
#include <thread>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

namespace native {

struct Ship {
  int speed;
};
[[maybe_unused]] void define(quip::ClassDef<Ship>&) {}

}  // namespace native

namespace {

using namespace quip;

enum class Color { red, green, blue = 7 };
enum class Status : std::uint16_t { ok = 200, missing = 404 };
enum class Access : unsigned { none = 0, read = 1, write = 2 };
enum class LogLevel { veryQuiet, log_all };

struct Point {
  double x;
  double y;
};
struct Server {
  std::string host_name;
  std::uint16_t port = 80;
  std::optional<std::string> note;
  std::optional<int> retries = 3;
  std::unique_ptr<Point> where;
  Value any;
  std::variant<int, std::monostate> choice;
};
struct Node {
  int value = 0;
  std::vector<Node> children = {};
  std::unique_ptr<Node> next;
};
struct Tls {
  std::string cert_file = "none";
  bool verify_peer;
};
struct Described {
  std::string host_name;
  int port;
  int secret = 42;
  Tls tls;
  std::vector<int> tags;
  std::map<std::string, Point> other;
};
struct Vec {
  double x;
  int hidden = 0;
  std::optional<double> y;
};
struct Meters {
  double value;
};
struct Lenient {
  int a;
  std::optional<int> b;
};
struct Constant {
  const int a;
  const std::optional<std::string> b;
};
template <class T>
struct Boxed {
  T content;
};

struct Circle {
  double radius;
};
struct Square {
  double side;
};
struct Nothing {};
using External = std::variant<Circle, Square, Nothing>;
struct Internal : std::variant<Circle, Square, Nothing> {};
using Unnamed = std::variant<Circle, Point>;
struct Adjacent : std::variant<int, std::vector<Circle>, Nothing> {};

// with conversions of their own, although quip would have one
struct Named {
  int value;
};
struct Told {
  int value;
};
struct Silent {
  int value;
};
enum class Odd { one };
struct Numbers : std::vector<int> {};
struct Endless {
  int value;
};
struct Plain {
  explicit Plain(int) {}
};

struct Adder {
  double base;
  double operator()(double a, std::optional<double> b) const { return base + a + b.value_or(0); }
  [[nodiscard]] double reset(const std::string& why) const;
};

}  // namespace

template <>
inline constexpr auto quip::description<Status> = quip::enumeration(
    quip::by_value, quip::enumerator<Status::ok>(), quip::enumerator<Status::missing>());
template <>
inline constexpr auto quip::description<Access> = quip::enumeration(quip::as_flags);
template <>
inline constexpr auto quip::description<LogLevel> =
    quip::enumeration(quip::rename_all(quip::Case::kebab));
template <>
inline constexpr auto quip::description<Described> = quip::record(
    quip::rename_all(quip::Case::camel), quip::field<&Described::port>(quip::by_default(80)),
    quip::field<&Described::secret>(quip::skip), quip::field<&Described::tls>(quip::flatten),
    quip::field<&Described::tags>("labels", quip::skip_default),
    quip::field<&Described::other>(quip::flatten));
template <>
inline constexpr auto quip::description<Tls> = quip::record(quip::rename_all(quip::Case::kebab));
template <>
inline constexpr auto quip::description<Vec> =
    quip::record(quip::as_array, quip::field<&Vec::hidden>(quip::skip));
template <>
inline constexpr auto quip::description<Meters> = quip::record(quip::transparent);
template <>
inline constexpr auto quip::description<Lenient> = quip::record(quip::defaults);
template <>
inline constexpr auto quip::description<External> = quip::externally_tagged();
template <>
inline constexpr auto quip::description<Internal> =
    quip::tagged("type", quip::rename_all(quip::Case::lower), quip::alternative<Square>("box"));
template <>
inline constexpr auto quip::description<Unnamed> = quip::tagged("the kind");
template <>
inline constexpr auto quip::description<Adjacent> = quip::tagged(
    "t", "c", quip::alternative<int>("number"), quip::alternative<std::vector<Circle>>("circles"));

template <>
struct quip::Convert<Named> {
  static constexpr std::string_view type_name = "Name";
  static Result<Named> from_js(ValueRef) { return Named{}; }
};
template <>
struct quip::Convert<Told> {
  static const TypeInfo& type_info() {
    static const TypeInfo told{.kind = TypeKind::set, .name = "Set", .of = {&quip::type_info<int>}};
    return told;
  }
};
template <>
struct quip::Convert<Silent> {
  static Result<Silent> from_js(ValueRef) { return Silent{}; }
};
template <>
struct quip::Convert<Odd> {
  static Result<Odd> from_js(ValueRef) { return Odd::one; }
};
template <>
struct quip::Convert<Numbers> {
  static Result<Numbers> from_js(ValueRef) { return Numbers{}; }
};
template <>
struct quip::Convert<Endless> {
  static const TypeInfo& type_info() {
    static const TypeInfo told{.kind = TypeKind::tuple,
                               .of = {&quip::type_info<Endless>, &quip::type_info<int>}};
    return told;
  }
};

namespace {

template <class T>
std::string text() {
  return to_string(type_info<T>());
}
template <class T>
std::string written_out() {
  return definition_of(type_info<T>());
}

/// Members as "name" with "?" for optional ones, "-" for those that may be left out, and the type.
std::string members_of(const TypeInfo& type) {
  std::string shown;
  for (const MemberInfo& member : type.members) {
    shown += (shown.empty() ? "" : ", ") + std::string(member.name) + (member.optional ? "?" : "") +
             (member.omitted ? "-" : "") + ": " + to_string(member.type());
  }
  return shown;
}

TEST(TypeInfo, Primitives) {
  EXPECT_EQ(text<bool>(), "boolean");
  EXPECT_EQ(text<int>(), "number");
  EXPECT_EQ(text<std::uint64_t>(), "number");
  EXPECT_EQ(text<float>(), "number");
  EXPECT_EQ(text<Float16>(), "number");
  EXPECT_EQ(text<char>(), "string");
  EXPECT_EQ(text<char32_t>(), "string");
  EXPECT_EQ(text<std::string>(), "string");
  EXPECT_EQ(text<std::string_view>(), "string");
  EXPECT_EQ(text<std::u16string>(), "string");
  EXPECT_EQ(text<const char*>(), "string");
  EXPECT_EQ(text<char*>(), "string");
  EXPECT_EQ(text<const char(&)[4]>(), "string");
  EXPECT_EQ(text<const wchar_t*>(), "string");
  EXPECT_EQ(text<std::filesystem::path>(), "string");
  EXPECT_EQ(text<Undefined>(), "undefined");
  EXPECT_EQ(text<std::monostate>(), "undefined");
  EXPECT_EQ(text<std::nullopt_t>(), "undefined");
  EXPECT_EQ(text<void>(), "void");
  EXPECT_EQ(text<Null>(), "null");
  EXPECT_EQ(text<std::nullptr_t>(), "null");
  EXPECT_EQ(text<std::chrono::milliseconds>(), "number");
  EXPECT_EQ(text<std::chrono::system_clock::time_point>(), "Date");
  EXPECT_EQ(type_info<double>().kind, TypeKind::number);
  EXPECT_EQ(type_info<void>().kind, TypeKind::undefined);
}

TEST(TypeInfo, IntegersHaveTheirRange) {
  EXPECT_EQ(type_info<int>().kind, TypeKind::integer);
  EXPECT_EQ(type_info<std::int8_t>().range, (IntegerRange{-128, 127}));
  EXPECT_EQ(type_info<std::uint16_t>().range, (IntegerRange{0, 65535}));
  EXPECT_EQ(type_info<std::int64_t>().range,
            (IntegerRange{std::numeric_limits<std::int64_t>::min(),
                          std::uint64_t{std::numeric_limits<std::int64_t>::max()}}));
  EXPECT_EQ(type_info<std::uint64_t>().range,
            (IntegerRange{0, std::numeric_limits<std::uint64_t>::max()}));
  EXPECT_EQ(type_info<double>().range, std::nullopt);
}

TEST(TypeInfo, Handles) {
  EXPECT_EQ(text<Value>(), "any");
  EXPECT_EQ(text<String>(), "string");
  EXPECT_EQ(text<Symbol>(), "symbol");
  EXPECT_EQ(text<BigInt>(), "bigint");
  EXPECT_EQ(text<Object>(), "object");
  EXPECT_EQ(text<Array>(), "any[]");
  EXPECT_EQ(text<Map>(), "Map<any, any>");
  EXPECT_EQ(text<Set>(), "Set<any>");
  EXPECT_EQ(text<WeakRef>(), "WeakRef<object>");
  EXPECT_EQ(text<Date>(), "Date");
  EXPECT_EQ(text<RegExp>(), "RegExp");
  EXPECT_EQ(text<ErrorObject>(), "Error");
  EXPECT_EQ(text<ArrayBuffer>(), "ArrayBuffer");
  EXPECT_EQ(text<DataView>(), "DataView");
  EXPECT_EQ(text<TypedArray<std::uint8_t>>(), "Uint8Array");
  EXPECT_EQ(text<TypedArray<double>>(), "Float64Array");
  EXPECT_EQ(text<Function>(), "Function");
  EXPECT_EQ(text<Promise<>>(), "Promise<any>");
  EXPECT_EQ(text<Proxy>(), "object");
  EXPECT_EQ(text<ProxyHandler>(), "ProxyHandler<object>");
  EXPECT_EQ(text<Atom>(), "string | number | symbol");
  EXPECT_EQ(text<Iterator<int>>(), "Iterable<number>");
  EXPECT_EQ(type_info<TypedArray<float>>().kind, TypeKind::typed_array);
  EXPECT_EQ(&type_info<TypedArray<float>>().of.at(0)(), &type_info<float>());
  EXPECT_EQ(type_info<Date>().kind, TypeKind::date);
  EXPECT_EQ(type_info<RegExp>().kind, TypeKind::regexp);
  EXPECT_EQ(type_info<ErrorObject>().kind, TypeKind::error);
  EXPECT_EQ(type_info<DataView>().kind, TypeKind::data_view);
}

TEST(TypeInfo, MayBeAbsent) {
  EXPECT_EQ(text<std::optional<int>>(), "number | undefined");
  EXPECT_EQ(text<std::optional<std::optional<int>>>(), "number | undefined");
  EXPECT_EQ(text<std::unique_ptr<Point>>(), "Point | null");
  EXPECT_EQ(text<std::shared_ptr<const std::string>>(), "string | null");
  EXPECT_EQ(type_info<std::optional<int>>().kind, TypeKind::optional);
  EXPECT_EQ(&type_info<std::optional<int>>().of.at(0)(), &type_info<int>());
  EXPECT_EQ(type_info<std::unique_ptr<int>>().kind, TypeKind::union_);
}

TEST(TypeInfo, StandInsAreWhatTheyStandFor) {
  EXPECT_EQ(&type_info<const int&>(), &type_info<int>());
  EXPECT_EQ(&type_info<Result<Point>>(), &type_info<Point>());
  EXPECT_EQ(&type_info<Result<void>>(), &type_info<void>());
  EXPECT_EQ(&type_info<std::reference_wrapper<const Point>>(), &type_info<Point>());
  EXPECT_EQ(&type_info<Meters>(), &type_info<double>());
  EXPECT_EQ(text<Coerced<int>>(), "any");
  EXPECT_EQ(&type_info<Coerced<int>>().of.at(0)(), &type_info<int>());
  using Ref = decltype(std::declval<const Object&>()["name"]);
  EXPECT_EQ(text<Ref>(), "any");
}

TEST(TypeInfo, Sequences) {
  EXPECT_EQ(text<std::vector<int>>(), "number[]");
  EXPECT_EQ(text<std::vector<bool>>(), "boolean[]");
  EXPECT_EQ(text<std::deque<std::string>>(), "string[]");
  EXPECT_EQ(text<std::list<std::vector<Point>>>(), "Point[][]");
  EXPECT_EQ(text<std::forward_list<int>>(), "number[]");
  EXPECT_EQ(text<std::set<std::string>>(), "string[]");
  EXPECT_EQ(text<std::span<const int>>(), "number[]");
  EXPECT_EQ(text<std::initializer_list<int>>(), "number[]");
  EXPECT_EQ(text<decltype(std::views::iota(0, 3))>(), "number[]");
  EXPECT_EQ(text<int[3]>(), "number[]");
  EXPECT_EQ(text<std::vector<std::optional<int>>>(), "(number | undefined)[]");
  EXPECT_EQ(text<std::vector<Color>>(), R"(("red" | "green" | "blue")[])");
  EXPECT_EQ(type_info<std::vector<int>>().length, std::nullopt);
  EXPECT_EQ((type_info<std::array<int, 3>>().length), 3U);
  EXPECT_EQ(text<Iterable<std::vector<int>>>(), "Iterable<number>");
  EXPECT_EQ((text<Iterable<std::map<int, std::string>>>()), "Iterable<[number, string]>");
  EXPECT_EQ(text<IteratorOver<std::vector<int>>>(), "IterableIterator<number>");
  const auto from = iterator_from([] { return std::optional<std::string>(); });
  EXPECT_EQ(text<decltype(from)>(), "IterableIterator<string>");
}

TEST(TypeInfo, Bytes) {
  EXPECT_EQ(text<std::vector<std::byte>>(), "ArrayBuffer");
  EXPECT_EQ(text<std::span<const std::byte>>(), "ArrayBuffer");
  EXPECT_EQ((type_info<std::array<std::byte, 16>>().length), 16U);
  EXPECT_EQ(type_info<std::vector<std::byte>>().kind, TypeKind::array_buffer);
}

TEST(TypeInfo, MapsAreObjectsOrMaps) {
  EXPECT_EQ((text<std::map<std::string, int>>()), "Record<string, number>");
  EXPECT_EQ((text<OrderedMap<std::string, Point>>()), "Record<string, Point>");
  EXPECT_EQ((text<std::unordered_map<int, std::string>>()), "Map<number, string>");
  EXPECT_EQ((text<std::map<Color, int>>()), R"(Record<"red" | "green" | "blue", number>)");
  EXPECT_EQ((type_info<std::map<std::string, int>>().kind), TypeKind::dictionary);
  EXPECT_EQ((type_info<std::map<int, int>>().kind), TypeKind::map);
}

TEST(TypeInfo, TuplesAndVariants) {
  EXPECT_EQ((text<std::pair<int, std::string>>()), "[number, string]");
  EXPECT_EQ((text<std::tuple<>>()), "[]");
  EXPECT_EQ((text<std::tuple<int, std::optional<int>, Point>>()),
            "[number, number | undefined, Point]");
  EXPECT_EQ((text<std::variant<int, std::string>>()), "number | string");
  EXPECT_EQ((text<std::variant<int, double, std::monostate>>()), "number | undefined");
  EXPECT_EQ((text<std::optional<std::variant<int, std::vector<int>>>>()),
            "number | number[] | undefined");
  EXPECT_EQ((type_info<std::variant<int, double>>().of.size()), 2U);
  EXPECT_EQ((type_info<std::variant<int, double>>().tagging), Tagging::none);
}

TEST(TypeInfo, Records) {
  const TypeInfo& point = type_info<Point>();
  EXPECT_EQ(point.kind, TypeKind::record);
  EXPECT_EQ(point.name, "Point");
  EXPECT_EQ(to_string(point), "Point");
  EXPECT_EQ(members_of(point), "x: number, y: number");
  EXPECT_EQ(written_out<Point>(), "{ x: number; y: number }");
}

TEST(TypeInfo, MembersThatMayBeMissing) {
  EXPECT_EQ(members_of(type_info<Server>()),
            "host_name: string, port?: number, note?-: string, retries?: number | null, "
            "where?: Point | null, any?: any, choice?: number | undefined");
  EXPECT_EQ(members_of(type_info<Lenient>()), "a?: number, b?: number | null");
  EXPECT_EQ(members_of(type_info<Constant>()), "a: number, b?-: string");
}

// what the description says must be what the conversion does
class TypeInfoAndConversion : public test::JsTest {};
TEST_F(TypeInfoAndConversion, AgreeOnMissingMembers) {
  const std::string all =
      "host_name: 'h', port: 1, note: 'n', retries: 1, where: {x: 1, y: 1}, any: 1, choice: 1";
  for (const MemberInfo& member : type_info<Server>().members) {
    const Result<Server> read = try_eval<Server>("(() => { const o = {" + all + "}; delete o." +
                                                 std::string(member.name) + "; return o })()");
    EXPECT_EQ(read.has_value(), member.optional) << member.name;
  }
  define("made", Server{"h", 1, {}, {}, nullptr, eval<Value>("1"), {}});
  for (const MemberInfo& member : type_info<Server>().members) {
    EXPECT_EQ(eval<bool>("!('" + std::string(member.name) + "' in made)"), member.omitted)
        << member.name;
  }
}

TEST(TypeInfo, DescribedRecords) {
  const TypeInfo& type = type_info<Described>();
  EXPECT_EQ(members_of(type),
            "hostName: string, port?: number, cert-file?: string, verify-peer: boolean, "
            "labels-: number[]");
  ASSERT_NE(type.rest, nullptr);
  EXPECT_EQ(&type.rest(), &type_info<Point>());
  EXPECT_EQ(definition_of(type),
            "{ hostName: string; port?: number; \"cert-file\"?: string; \"verify-peer\": boolean; "
            "labels?: number[]; [key: string]: Point }");
  EXPECT_EQ(type_info<Point>().rest, nullptr);
}

TEST(TypeInfo, RecordsAsArrays) {
  const TypeInfo& type = type_info<Vec>();
  EXPECT_EQ(type.kind, TypeKind::tuple);
  EXPECT_EQ(to_string(type), "Vec");
  EXPECT_EQ(type.of.size(), 3U);
  EXPECT_EQ(definition_of(type), "[x: number, hidden?: undefined, y?: number | undefined]");
}

TEST(TypeInfo, TypesThatContainThemselves) {
  const TypeInfo& node = type_info<Node>();
  EXPECT_EQ(definition_of(node), "{ value?: number; children: Node[]; next?: Node | null }");
  EXPECT_EQ(&node.members.at(1).type().of.at(0)(), &node);
  EXPECT_EQ(text<Endless>(), "[any, number]");
}

TEST(TypeInfo, InstantiationsOfATemplateAreToldApart) {
  EXPECT_EQ(text<Boxed<int>>(), "Boxed");
  EXPECT_EQ(text<Boxed<std::string>>(), "Boxed");
  EXPECT_NE(type_info<Boxed<int>>().cpp_name, type_info<Boxed<std::string>>().cpp_name);
  EXPECT_TRUE(type_info<Boxed<int>>().cpp_name.ends_with("Boxed<int>"));
}

TEST(TypeInfo, Enumerations) {
  const TypeInfo& color = type_info<Color>();
  EXPECT_EQ(color.kind, TypeKind::enumeration);
  EXPECT_EQ(color.name, "Color");
  EXPECT_EQ(to_string(color), R"("red" | "green" | "blue")");
  ASSERT_EQ(color.values.size(), 3U);
  EXPECT_EQ(color.values[2].name, "blue");
  EXPECT_EQ(color.values[2].value, 7);
  EXPECT_FALSE(color.by_number);
  EXPECT_EQ(text<LogLevel>(), R"("very-quiet" | "log-all")");
  EXPECT_EQ(text<Status>(), "200 | 404");
  EXPECT_TRUE(type_info<Status>().by_number);
  EXPECT_EQ(type_info<Status>().values.at(1).name, "missing");
  EXPECT_EQ(text<std::optional<Color>>(), R"("red" | "green" | "blue" | undefined)");
}

TEST(TypeInfo, FlagsAreArraysOfNames) {
  const TypeInfo& access = type_info<Access>();
  EXPECT_EQ(access.kind, TypeKind::array);
  EXPECT_EQ(to_string(access), R"(("none" | "read" | "write")[])");
  EXPECT_EQ(access.of.at(0)().name, "Access");
}

TEST(TypeInfo, TaggedVariants) {
  const TypeInfo& external = type_info<External>();
  EXPECT_EQ(external.kind, TypeKind::union_);
  EXPECT_EQ(external.tagging, Tagging::external);
  EXPECT_EQ(to_string(external), R"({ Circle: Circle } | { Square: Square } | "Nothing")");

  const TypeInfo& internal = type_info<Internal>();
  EXPECT_EQ(to_string(internal), "Internal");
  EXPECT_EQ(internal.tagging, Tagging::internal);
  EXPECT_EQ(internal.tag, "type");
  ASSERT_EQ(internal.alternatives.size(), 3U);
  EXPECT_EQ(internal.alternatives[1].name, "box");
  EXPECT_EQ(&internal.alternatives[1].type(), &type_info<Square>());
  EXPECT_EQ(internal.alternatives[2].type, nullptr);
  EXPECT_EQ(definition_of(internal),
            R"({ type: "circle" } & Circle | { type: "box" } & Square | { type: "nothing" })");

  const TypeInfo& adjacent = type_info<Adjacent>();
  EXPECT_EQ(adjacent.tagging, Tagging::adjacent);
  EXPECT_EQ(adjacent.content, "c");
  EXPECT_EQ(definition_of(adjacent),
            R"({ t: "number"; c: number } | { t: "circles"; c: Circle[] } | { t: "Nothing" })");

  EXPECT_EQ(text<std::vector<Unnamed>>(),
            R"(({ "the kind": "Circle" } & Circle | { "the kind": "Point" } & Point)[])");
}

TEST(TypeInfo, Callables) {
  using Callback = std::function<void(const std::string&, std::optional<int>)>;
  EXPECT_EQ(text<Callback>(), "(arg1: string, arg2?: number) => void");
  EXPECT_EQ(type_info<Callback>().kind, TypeKind::function);
  ASSERT_EQ(type_info<Callback>().signatures.size(), 1U);
  EXPECT_EQ(type_info<Callback>().signatures[0].parameters.size(), 2U);
  EXPECT_EQ(text<std::optional<Callback>>(), "((arg1: string, arg2?: number) => void) | undefined");
  EXPECT_EQ(text<std::vector<std::function<int()>>>(), "(() => number)[]");
  EXPECT_EQ(text<int (*)(Point)>(), "(arg1: Point) => number");
  EXPECT_EQ(text<int(Point)>(), "(arg1: Point) => number");
  EXPECT_EQ(text<int (&)(Point) noexcept>(), "(arg1: Point) => number");
  EXPECT_EQ(text<Adder>(), "(arg1: number, arg2?: number) => number");
  const auto lambda = [](const std::function<bool(int)>& filter) {
    return std::vector<int>{filter(1)};
  };
  EXPECT_EQ(text<decltype(lambda)>(), "(arg1: (arg1: number) => boolean) => number[]");
}

TEST(TypeInfo, Parameters) {
  const auto shown = []<class F>(const F&) { return to_string(signature_info<F>()); };
  EXPECT_EQ(shown([](Ctx, const This<Object>&, int) {}), "(arg1: number): void");
  EXPECT_EQ(shown([](int, const Rest<std::optional<int>>&) { return Point{}; }),
            "(arg1: number, ...arg2: (number | undefined)[]): Point");
  EXPECT_EQ(shown([](std::optional<int>, int, std::optional<int>) {}),
            "(arg1: number | undefined, arg2: number, arg3?: number): void");
  EXPECT_EQ(shown([](const Opt<std::string>&) {}), "(arg1?: string): void");
  EXPECT_EQ(shown([](Flat<Point>) {}), "(arg1: Point): void");
  EXPECT_EQ(shown([](Flat<Lenient>) {}), "(arg1?: Lenient): void");
  EXPECT_EQ(shown([](CallArgs) {}), "(...arg1: any[]): void");
  EXPECT_EQ(shown([](int, Exhaustive) -> Result<int> { return 1; }), "(arg1: number): number");
  EXPECT_EQ(to_string(signature_info<decltype(&Adder::reset)>()), "(arg1: string): number");
}

TEST(TypeInfo, TypesWithAConversionOfTheirOwn) {
  EXPECT_EQ(text<Named>(), "Name");
  EXPECT_EQ(type_info<Named>().kind, TypeKind::custom);
  EXPECT_TRUE(type_info<Named>().cpp_name.ends_with("Named"));
  EXPECT_EQ(text<Told>(), "Set<number>");
  EXPECT_EQ(text<std::vector<Told>>(), "Set<number>[]");
  EXPECT_EQ(text<Silent>(), "Silent");
  EXPECT_EQ(type_info<Silent>().kind, TypeKind::custom) << "not the record that it looks like";
  EXPECT_EQ(type_info<Odd>().kind, TypeKind::custom);
  EXPECT_EQ(type_info<Numbers>().kind, TypeKind::custom);
  EXPECT_EQ(text<Plain>(), "Plain");
  EXPECT_EQ(type_info<Plain>().kind, TypeKind::custom) << "it does not convert at all";
}

TEST(TypeInfo, NativeClasses) {
  EXPECT_EQ(text<native::Ship>(), "Ship");
  EXPECT_EQ(type_info<native::Ship>().kind, TypeKind::instance) << "not the record it looks like";
  ASSERT_NE(type_info<native::Ship>().instance_of, nullptr);
  EXPECT_EQ(type_info<native::Ship>().instance_of().name, "Ship");
  EXPECT_EQ(type_info<native::Ship>().cpp_name, "native::Ship");
  EXPECT_EQ(&type_info<native::Ship&>(), &type_info<native::Ship>());
  EXPECT_EQ(text<native::Ship*>(), "Ship | null");
  EXPECT_EQ(text<const native::Ship*>(), "Ship | null");
  EXPECT_EQ(text<std::shared_ptr<native::Ship>>(), "Ship | null");
  EXPECT_EQ(text<std::vector<native::Ship>>(), "Ship[]");
}

TEST(TypeInfo, IsMadeOnce) {
  std::array<const TypeInfo*, 8> seen{};
  std::vector<std::thread> threads;
  threads.reserve(seen.size());
  for (const TypeInfo*& each : seen) {
    threads.emplace_back([&each] { each = &type_info<std::map<std::string, Boxed<Point>>>(); });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  for (const TypeInfo* each : seen) {
    EXPECT_EQ(each, seen[0]);
  }
}

TEST(TypeInfo, Quoting) {
  const TypeInfo type{.kind = TypeKind::enumeration,
                      .name = "E",
                      .values = {{"a\"b\\", 0}, {std::string_view("\n", 1), 1}, {"ü", 2}}};
  EXPECT_EQ(to_string(type), R"("a\"b\\" | "\x0a" | "ü")");
}

TEST(TypeInfo, HalfToldTypes) {
  EXPECT_EQ(to_string(TypeInfo{.kind = TypeKind::array}), "any[]");
  EXPECT_EQ(to_string(TypeInfo{.kind = TypeKind::map, .name = "Map"}), "Map");
  EXPECT_EQ(to_string(TypeInfo{.kind = TypeKind::union_}), "never");
  EXPECT_EQ(to_string(TypeInfo{.kind = TypeKind::enumeration, .name = "E"}), "E");
  EXPECT_EQ(to_string(TypeInfo{.kind = TypeKind::record}), "{}");
  EXPECT_EQ(to_string(TypeInfo{.kind = TypeKind::function, .name = "Function"}), "Function");
  EXPECT_EQ(to_string(TypeInfo{.kind = TypeKind::array, .of = {nullptr}}), "any[]");
  EXPECT_EQ(to_string(SignatureInfo{}), "(): any");
}

}  // namespace

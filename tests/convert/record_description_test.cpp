// Structs as their description says.
#include "convert/record_fixture.hpp"

#include <map>
#include <string>
#include <vector>

namespace {

using namespace quip;
using test::RecordTest;

struct Tls {
  std::string cert_file = "none";
  bool verify_peer;
};
struct Described {
  std::string host_name;
  int port;
  int secret = 42;
  std::vector<std::string> tags;
  Tls tls;
  int retry_count = 3;
};
struct WithRest {
  int id;
  std::map<std::string, int> rest;
};
struct AllOptional {
  int a;
  std::string b;
};
struct Vec {
  double x;
  double y;
  double z = 0;
};
struct Meters {
  double value;
};
class Account {
 public:
  Account() = default;
  explicit Account(int balance) : balance_(balance) {}
  [[nodiscard]] int balance() const { return balance_; }
  static constexpr auto describe() {
    return record(field<&Account::balance_>("balance"), field<&Account::owner_>("owner"));
  }

 private:
  int balance_ = 0;
  std::string owner_ = "nobody";
};
struct Animal {
  int legs = 4;
};
struct Dog : Animal {
  std::string name;
};

}  // namespace

template <>
inline constexpr auto quip::description<Described> = quip::record(
    quip::rename_all(quip::Case::camel), quip::deny_unknown,
    quip::field<&Described::host_name>("host"), quip::field<&Described::port>(quip::by_default(80)),
    quip::field<&Described::secret>(quip::skip), quip::field<&Described::tls>(quip::flatten),
    quip::field<&Described::tags>(
        quip::skip_default, quip::by_default([] { return std::vector<std::string>{"none"}; })),
    quip::field<&Described::retry_count>(quip::skip_default));
template <>
inline constexpr auto quip::description<Tls> = quip::record(quip::rename_all(quip::Case::kebab));
template <>
inline constexpr auto quip::description<WithRest> =
    quip::record(quip::field<&WithRest::rest>(quip::flatten), quip::deny_unknown);
template <>
inline constexpr auto quip::description<AllOptional> = quip::record(quip::defaults);
template <>
inline constexpr auto quip::description<Vec> = quip::record(quip::as_array);
template <>
inline constexpr auto quip::description<Meters> = quip::record(quip::transparent);
template <>
inline constexpr auto quip::description<Account> = Account::describe();
template <>
inline constexpr auto quip::description<Dog> =
    quip::record(quip::field<&Dog::name>(), quip::field<&Dog::legs>());

namespace {

TEST_F(RecordTest, DescribedNamesDefaultsAndFlattening) {
  const auto read = eval<Described>("({host: 'h', 'verify-peer': true})");
  EXPECT_EQ(read.host_name, "h");
  EXPECT_EQ(read.port, 80);
  EXPECT_EQ(read.secret, 42);
  EXPECT_EQ(read.tags, std::vector<std::string>{"none"});
  EXPECT_EQ(read.tls.cert_file, "none");
  EXPECT_TRUE(read.tls.verify_peer);
  EXPECT_EQ(read.retry_count, 3);
  EXPECT_EQ(eval<Described>("({host: 'h', 'verify-peer': true, 'cert-file': 'f', retryCount: 9})")
                .retry_count,
            9);
  expect_json(read, R"({"host":"h","port":80,"cert-file":"none","verify-peer":true})");
  Described changed = read;
  changed.tags = {"a"};
  changed.retry_count = 4;
  expect_json(changed, R"({"host":"h","port":80,"tags":["a"],"cert-file":"none",)"
                       R"("verify-peer":true,"retryCount":4})");
  EXPECT_EQ(
      eval("({name: 1})").try_as<Described>(Problems::all).error().problems().front().message(),
      "host: missing, expected string");
}

TEST_F(RecordTest, UnknownPropertiesAreDenied) {
  EXPECT_EQ(problem<Described>("({host: 'h', 'verify-peer': true, hsot: 1})"),
            "TypeError: unknown property 'hsot' (did you mean 'host'?)");
  EXPECT_EQ(problem<Described>("({host: 'h', 'verify-peer': true, somethingElse: 1})"),
            "TypeError: unknown property 'somethingElse'");
  EXPECT_EQ(problem<Described>("({host: 'h', 'verify-peer': true, secret: 1})"),
            "TypeError: unknown property 'secret'");
  EXPECT_EQ(problem<std::vector<Described>>("[{host: 'h', 'verify-peer': true, prot: 1}]"),
            "TypeError: [0]: unknown property 'prot' (did you mean 'port'?)");
  EXPECT_EQ(problem<Described>("Object.defineProperty({host: 'h', 'verify-peer': true, "
                               "[Symbol()]: 1}, 'hidden', {value: 1})"),
            "converted");
  EXPECT_EQ(problem<Described>("new Proxy({}, {get: () => 'x', ownKeys() { throw Error('keys') }})")
                .substr(0, 10),
            "TypeError:");
}

TEST_F(RecordTest, FlattenedMaps) {
  const auto read = eval<WithRest>("({id: 1, a: 2, b: 3})");
  EXPECT_EQ(read.rest, (std::map<std::string, int>{{"a", 2}, {"b", 3}}));
  expect_json(read, R"({"id":1,"a":2,"b":3})");
  EXPECT_EQ(problem<WithRest>("({id: 1, a: 'x'})"),
            "TypeError: a: expected an integer from -2147483648 to 2147483647, got \"x\" (string)");
}

TEST_F(RecordTest, EveryMemberMayBeMissingByDefaults) {
  const auto read = eval<AllOptional>("({})");
  EXPECT_EQ(read.a, 0);
  EXPECT_EQ(read.b, "");
  EXPECT_EQ(eval<AllOptional>("({a: 5})").a, 5);
}

TEST_F(RecordTest, AsArray) {
  const auto read = eval<Vec>("[1, 2.5]");
  EXPECT_EQ(read.y, 2.5);
  EXPECT_EQ(read.z, 0);
  expect_json(Vec{1, 2, 3}, "[1,2,3]");
  EXPECT_EQ(problem<Vec>("[1]"), "TypeError: [1]: missing, expected number");
  EXPECT_EQ(problem<Vec>("[1, 'x']"), "TypeError: [1]: expected number, got \"x\" (string)");
  EXPECT_EQ(problem<Vec>("[1, 2, 3, 4]"),
            "TypeError: expected an array of 3 elements, got one of 4");
  EXPECT_EQ(problem<Vec>("({x: 1})"), "TypeError: expected array, got object");
}

TEST_F(RecordTest, Transparent) {
  EXPECT_EQ(eval<Meters>("2.5").value, 2.5);
  EXPECT_EQ(problem<Meters>("'x'"), "TypeError: expected number, got \"x\" (string)");
  define("value", Meters{4});
  expect_eval("value", "number", "4");
}

TEST_F(RecordTest, ClassesByTheirDescription) {
  EXPECT_EQ(eval<Account>("({balance: 5})").balance(), 0 + 5);
  expect_json(Account(7), R"({"balance":7,"owner":"nobody"})");
  EXPECT_EQ(eval<Dog>("({name: 'rex', legs: 3})").legs, 3);
}

}  // namespace

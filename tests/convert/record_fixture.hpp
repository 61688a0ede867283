// What the tests of structs share.
#pragma once

#include "support/js.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace quip::test {

class RecordTest : public JsTest {
 protected:
  /// What is wrong with the script's value as a T: "TypeError: …", or "converted".
  template <class T>
  std::string problem(std::string_view script) {
    Result<T> result = try_eval<T>(script);
    return result ? "converted" : result.error().name() + ": " + result.error().message();
  }
  /// Also defines `value` for scripts.
  template <class T>
  void expect_json(T&& value, std::string_view json) {
    define("value", std::forward<T>(value));
    EXPECT_EQ(eval<std::string>("JSON.stringify(value)"), json);
  }
};

}  // namespace quip::test

#include "web_fixture.hpp"
#include <quip/web/performance.hpp>

namespace quip::test {
namespace {

class PerformanceTest : public WebTest {};

TEST_F(PerformanceTest, TheClockDoesNotGoBack) {
  expect_eval("const a = performance.now(); const b = performance.now(); a >= 0 && b >= a",
              "boolean", "true");
  expect_eval("Math.abs(performance.timeOrigin + performance.now() - Date.now()) < 60000",
              "boolean", "true");
  expect_eval("JSON.parse(JSON.stringify(performance)).timeOrigin === performance.timeOrigin",
              "boolean", "true");
  expect_eval("performance instanceof Performance", "boolean", "true");
  expect_eval("Object.prototype.toString.call(performance)", "string", "[object Performance]");
  expect_eval("new Performance()", "throws", "TypeError: Illegal constructor");
  EXPECT_EQ(show(try_eval("(0, performance.now)()")).text.substr(0, 9), "TypeError");
  EXPECT_GE(web::Performance::now(), 0);
}

}  // namespace
}  // namespace quip::test

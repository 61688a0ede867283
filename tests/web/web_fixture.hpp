// What the tests of the web helpers stand on.
#pragma once

#include "support/js.hpp"
#include <quip/web/web.hpp>

#include <string>
#include <vector>

namespace quip::test {

/// A context with the helpers, an array `log` for scripts, and the errors that nobody caught.
class WebTest : public JsTest {
 protected:
  WebTest() {
    with([](Ctx ctx) {
      web::install(ctx, {.console = false});
      ctx.eval("var log = [];");
    });
    runtime.set_error_handler([this](const Error& error) { errors.push_back(error.message()); });
  }
  /// `log`, joined by spaces, and emptied.
  std::string take_log() { return eval<std::string>("log.splice(0).join(' ')"); }

  std::vector<std::string> errors;
};

}  // namespace quip::test

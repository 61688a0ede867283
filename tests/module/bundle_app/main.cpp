// Runs the modules that were compiled into this program; exits with 0 when they did what they do.
#include <quip/quip.hpp>

#include <app_bundle.hpp>
#include <small_bundle.hpp>

#include <algorithm>
#include <iostream>
#include <stdexcept>

namespace {

void expect(bool is_right, const char* what) {
  if (!is_right) throw std::runtime_error(what);
}

void run() {
  const quip::Bundle bundle = test::app_bundle();
  expect(bundle.entry() == "main.mjs", "the entry is the first module");
  expect(bundle.names().size() == 4, "all modules of the graph are there");
  expect(bundle.contains("parts/tax.mjs"), "what is only imported is there");
  expect(bundle.bytes().data() == test::app_bundle().bytes().data(), "nothing is copied");

  quip::Runtime runtime;
  runtime.set_loader(bundle, quip::loaders(bundle, [](std::string_view name) {
                       return "export const greeting = 'hello from " + std::string(name) + "'";
                     }));
  const quip::Context context(runtime);
  const quip::Promise done =
      context.with([&](quip::Ctx ctx) { return ctx.import(bundle.entry()); });
  runtime.run();
  (void)done.result();
  const auto out = context.with([](quip::Ctx ctx) { return ctx.eval<std::string>("out"); });
  std::cout << out << '\n';
  expect(out == "hello from host:greeting 42 later main.mjs", "the modules ran");

  const auto names = small_bundle().names();
  expect(names.size() == 2 && std::ranges::find(names, "price.mjs") != names.end(),
         "names are paths from ROOT");
  expect(std::string_view(reinterpret_cast<const char*>(small_bundle().bytes().data()),
                          small_bundle().bytes().size())
                 .find("count * tax") == std::string_view::npos,
         "the text is left out");
}

}  // namespace

int main() {
  try {
    run();
    return 0;
  } catch (const std::exception& exception) {
    std::cerr << "failed: " << exception.what() << '\n';
    return 1;
  }
}

#include <quip/quip.hpp>

#include <bundled_bundle.hpp>

int main() {
  quip::Runtime runtime;
  runtime.set_loader(bundled_bundle(), bundled_bundle());
  quip::Context context(runtime);
  context.with([](quip::Ctx ctx) { (void)ctx.import(bundled_bundle().entry()); });
  runtime.run();
  return context.with([](quip::Ctx ctx) { return ctx.eval<int>("answer"); }) == 42 ? 0 : 1;
}

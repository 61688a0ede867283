#include <quip/quip.hpp>

// With an argument, which is the path of the native module: that is imported too.
int main(int argc, char** argv) {
  quip::Runtime runtime;
  quip::Context context(runtime);
  const int answer = context.with([](quip::Ctx ctx) { return ctx.eval<int>("40 + 2"); });
  if (argc < 2) return answer == 42 ? 0 : 1;

  runtime.set_loader(quip::FileResolver(), quip::NativeLoader());
  const auto module = context.with([&](quip::Ctx ctx) { return ctx.import(argv[1]); });
  runtime.run();
  const auto half = module.result<quip::Object>().get<quip::Function>("half");
  return half.call<int>(answer) == 21 ? 0 : 1;
}

#include <quip/quip.hpp>

int main() {
  quip::Runtime runtime;
  quip::Context context(runtime);
  const int answer = context.with([](quip::Ctx ctx) { return ctx.eval<int>("40 + 2"); });
  return answer == 42 ? 0 : 1;
}

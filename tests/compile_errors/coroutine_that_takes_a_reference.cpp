// expect: a coroutine's parameters must be values
#include <quip/quip.hpp>

void bind(const quip::Ctx& ctx) {
  ctx.globals().set("all", [](const std::vector<int>& numbers) -> quip::Generator<int> {
    for (const int number : numbers) co_yield number;
  });
}

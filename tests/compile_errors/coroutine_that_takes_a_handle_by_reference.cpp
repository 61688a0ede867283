// expect: a coroutine's parameters must be values
#include <quip/quip.hpp>

void bind(const quip::Ctx& ctx) {
  ctx.globals().set("wait",
                    [](const quip::Promise<>& promise) -> quip::Task<> { co_await promise; });
}

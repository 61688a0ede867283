// expect: a coroutine's parameters must be values
#include <quip/quip.hpp>

void bind(const quip::Ctx& ctx) {
  ctx.globals().set("each", [](quip::CallArgs args) -> quip::AsyncGenerator<quip::Value> {
    for (std::size_t i = 0; i < args.size(); ++i) co_yield args[i];
  });
}

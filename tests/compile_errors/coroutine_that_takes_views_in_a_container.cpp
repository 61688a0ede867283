// expect: a coroutine's parameters must be values
#include <quip/quip.hpp>

void bind(const quip::Ctx& ctx) {
  ctx.globals().set(
      "maybe", [](std::optional<std::span<const std::byte>> bytes) -> quip::Task<> { co_return; });
}

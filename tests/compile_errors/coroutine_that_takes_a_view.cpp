// expect: a coroutine's parameters must be values
#include <quip/quip.hpp>

quip::Task<int> length(std::string_view text) { co_return static_cast<int>(text.size()); }
void bind(const quip::Ctx& ctx) { ctx.globals().set("length", &length); }

// expect: a coroutine's parameters must be values
#include <quip/quip.hpp>

struct Client {
  quip::Task<int> get(std::string_view url) { co_return static_cast<int>(url.size()); }
};
void define(quip::ClassDef<Client>& def) { def.method<&Client::get>(); }
void bind(const quip::Ctx& ctx) {
  ctx.globals().set("Client", quip::Instance<Client>::constructor(ctx));
}

#include <quip/core/intrinsic.hpp>
#include <quip/function/proxy.hpp>

#include <array>

namespace quip {

namespace {

/// Values as they go to a call: each refused when it is empty or of another runtime.
class Given {
 public:
  Given(detail::Realm* realm, const Object& target, const Object& handler) noexcept
      : ctx_(realm->context), target_(detail::give_handle(ctx_, target.handle())) {
    handler_ = engine::is_exception(target_) ? engine::undefined()
                                             : detail::give_handle(ctx_, handler.handle());
  }
  Given(const Given&) = delete;
  Given& operator=(const Given&) = delete;
  ~Given() {
    engine::release(ctx_, target_);
    engine::release(ctx_, handler_);
  }
  explicit operator bool() const noexcept {
    return !engine::is_exception(target_) && !engine::is_exception(handler_);
  }
  [[nodiscard]] JSValueConst target() const noexcept { return target_; }
  [[nodiscard]] JSValueConst handler() const noexcept { return handler_; }

 private:
  JSContext* ctx_;
  JSValue target_;
  JSValue handler_;
};

enum class Part : unsigned char { target, handler };

Result<Object> read_part(const Proxy& proxy, Part part) {
  detail::Realm* realm = proxy.handle().realm();
  const detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  const engine::ProxyParts parts = engine::read_proxy(realm->context, proxy.raw());
  switch (parts.state) {
    case engine::ProxyState::live:
      break;
    case engine::ProxyState::revoked:
      return Error::type("the proxy is revoked");
    case engine::ProxyState::unknown:
      return Error::plain("this engine does not tell what a proxy stands for");
  }
  const bool wants_target = part == Part::target;
  engine::release(realm->context, wants_target ? parts.handler : parts.target);
  return Object(detail::Handle(realm, wants_target ? parts.target : parts.handler));
}

}  // namespace

std::string_view to_string(Trap trap) noexcept {
  constexpr std::array<std::string_view, 13> names = {"get",
                                                      "set",
                                                      "has",
                                                      "deleteProperty",
                                                      "defineProperty",
                                                      "getOwnPropertyDescriptor",
                                                      "ownKeys",
                                                      "getPrototypeOf",
                                                      "setPrototypeOf",
                                                      "isExtensible",
                                                      "preventExtensions",
                                                      "apply",
                                                      "construct"};
  const auto index = static_cast<std::size_t>(trap);
  return index < names.size() ? names[index] : std::string_view();
}

Result<ProxyHandler> ProxyHandler::try_make(const Ctx& ctx) {
  detail::Realm* realm = ctx.realm();
  const detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  // without a prototype: what scripts add to Object.prototype is no trap
  Result<Object> object =
      detail::from_owned<Object>(realm, ::JS_NewObjectProto(realm->context, engine::null()));
  if (!object) return std::move(object).error();
  return ProxyHandler(std::move(*object));
}

Result<Proxy> Proxy::try_make(const Ctx& ctx, const Object& target, const Object& handler) {
  detail::Realm* realm = ctx.realm();
  const detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  const Given given(realm, target, handler);
  if (!given) return detail::caught(realm);
  return detail::from_owned<Proxy>(
      realm, detail::construct_intrinsic(realm, detail::Intrinsic::proxy, given.target(),
                                         given.handler()));
}

Result<Proxy::Revocable> Proxy::try_revocable(const Ctx& ctx, const Object& target,
                                              const Object& handler) {
  detail::Realm* realm = ctx.realm();
  const detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  const Given given(realm, target, handler);
  if (!given) return detail::caught(realm);
  const Result<Object> pair = detail::from_owned<Object>(
      realm, detail::call_intrinsic(realm, detail::Intrinsic::proxy_revocable, engine::undefined(),
                                    given.target(), given.handler()));
  if (!pair) return pair.error();
  Result<Proxy> proxy = pair->try_get<Proxy>(key<"proxy">);
  if (!proxy) return std::move(proxy).error();
  Result<Function> revoke = pair->try_get<Function>(key<"revoke">);
  if (!revoke) return std::move(revoke).error();
  return Revocable{std::move(*proxy), std::move(*revoke)};
}

Result<Object> Proxy::try_target() const { return read_part(*this, Part::target); }
Result<Object> Proxy::try_handler() const { return read_part(*this, Part::handler); }

Result<bool> Proxy::try_is_revoked() const {
  detail::Realm* realm = handle().realm();
  const detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  const engine::ProxyParts parts = engine::read_proxy(realm->context, raw());
  if (parts.state == engine::ProxyState::unknown) {
    return Error::plain("this engine does not tell whether a proxy is revoked");
  }
  if (parts.state == engine::ProxyState::live) {
    engine::release(realm->context, parts.target);
    engine::release(realm->context, parts.handler);
  }
  return parts.state == engine::ProxyState::revoked;
}

}  // namespace quip

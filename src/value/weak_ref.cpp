#include <quip/value/weak_ref.hpp>

namespace quip {

Result<WeakRef> WeakRef::try_make(const Ctx& ctx, const Value& target) {
  detail::Realm* realm = ctx.realm();
  const detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  const detail::Handle given(realm, detail::give_handle(realm->context, target.handle()));
  if (engine::is_exception(given.get())) return detail::caught(realm);
  return detail::from_owned<WeakRef>(
      realm, detail::construct_intrinsic(realm, detail::Intrinsic::weak_ref, given.get()));
}

}  // namespace quip

#include <quip/value/set.hpp>

namespace quip {

using detail::Intrinsic;

Result<Set> Set::try_make(const Ctx& ctx) {
  const detail::Entry entry(ctx.realm());
  if (!entry) return detail::refusal(ctx.realm());
  return detail::from_owned<Set>(ctx.realm(),
                                 detail::construct_intrinsic(ctx.realm(), Intrinsic::set));
}

Result<void> Set::try_clear() const {
  return detail::invoke_method<void>(handle(), Intrinsic::set_clear);
}

Result<std::size_t> Set::try_size() const {
  return detail::collection_size(handle(), Intrinsic::set_size);
}

Result<detail::Steps> Set::start() const {
  return detail::Steps::start(handle(), Intrinsic::set_values, Intrinsic::set_iterator_next);
}

}  // namespace quip

#include <quip/value/map.hpp>

namespace quip {

using detail::Intrinsic;

Result<Map> Map::try_make(const Ctx& ctx) {
  const detail::Entry entry(ctx.realm());
  if (!entry) return detail::refusal(ctx.realm());
  return detail::from_owned<Map>(ctx.realm(),
                                 detail::construct_intrinsic(ctx.realm(), Intrinsic::map));
}

Result<void> Map::try_clear() const {
  return detail::invoke_method<void>(handle(), Intrinsic::map_clear);
}

Result<std::size_t> Map::try_size() const {
  return detail::collection_size(handle(), Intrinsic::map_size);
}

Result<detail::Steps> Map::start() const {
  return detail::Steps::start(handle(), Intrinsic::map_entries, Intrinsic::map_iterator_next);
}

}  // namespace quip

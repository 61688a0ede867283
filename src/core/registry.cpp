#include "core_state.hpp"
#include <quip/core/registry.hpp>

#include <atomic>
#include <new>

namespace quip {

namespace detail {

namespace {

/// Why a key does not fit into a core, if so.
std::optional<Error> misfit(const CoreState& core, const RegistryKey& key) {
  if (!key) return Error::plain("the registry key is empty");
  if (key.runtime() != core.number) {
    return Error::plain("the registry key is of another runtime");
  }
  return std::nullopt;
}

}  // namespace

std::uint64_t next_registry_number() noexcept {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

Result<Value> registered_value(Realm* realm, const RegistryKey& key) {
  const Entry entry(realm);
  if (!entry) return refusal(realm);
  const auto& core = CoreState::of(realm->core);
  if (std::optional<Error> error = misfit(core, key)) return *std::move(error);
  const auto found = core.registered.find(key.number());
  if (found == core.registered.end()) {
    return Error::plain("there is no value of this registry key any more: it was removed");
  }
  return Value(found->second);
}

}  // namespace detail

RegistryKey Ctx::register_value(const Value& value) const {
  return try_register_value(value).value();
}

Result<RegistryKey> Ctx::try_register_value(const Value& value) const {
  const detail::Entry entry(realm_);
  if (!entry) return detail::refusal(realm_);
  // of this runtime, and alive: what every use of a handle checks
  JSValue checked = detail::give_handle(realm_->context, value.handle());
  if (engine::is_exception(checked)) return detail::caught(realm_);
  detail::Handle kept(realm_, checked);
  auto& core = detail::CoreState::of(realm_->core);
  const RegistryKey key(core.number, detail::next_registry_number());
  try {
    core.registered.emplace(key.number(), std::move(kept));
  } catch (const std::bad_alloc&) {
    return Error::from(std::current_exception());
  }
  return key;
}

bool Ctx::unregister_value(const RegistryKey& key) const {
  return try_unregister_value(key).value();
}

Result<bool> Ctx::try_unregister_value(const RegistryKey& key) const {
  const detail::Entry entry(realm_);
  if (!entry) return detail::refusal(realm_);
  auto& core = detail::CoreState::of(realm_->core);
  if (std::optional<Error> error = detail::misfit(core, key)) return *std::move(error);
  // the handle ends when the registry knows nothing of it any more
  const auto node = core.registered.extract(key.number());
  return !node.empty();
}

}  // namespace quip

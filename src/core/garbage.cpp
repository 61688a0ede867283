// Collecting garbage that refers to itself through C++ objects.
//
// The collector takes away from each object the references that other objects have to it; what then
// has none is garbage, unless an object that is none refers to it: the references are given back,
// first by what is no garbage, then by the garbage. Then the garbage is freed.
#include "core_state.hpp"
#include "stack.hpp"
#include <quip/convert/trace.hpp>
#include <quip/value/atom.hpp>

#include <algorithm>
#include <new>

namespace quip::detail {

namespace {
void forget_handle(const Visit& visit) noexcept {
  if (visit.kind == Visit::Kind::atom) {
    static_cast<const Atom*>(visit.where)->lose();
  } else {
    if (visit.kind == Visit::Kind::context) context_gone(visit.realm);
    static_cast<const Handle*>(visit.where)->lose();
  }
}
}  // namespace

void CoreState::begin_pass(JS_MarkFunc* function) noexcept {
  if (pass == Pass::taking) {
    pass = Pass::giving_back;
    keeping = function;
  } else {
    pass = Pass::taking;
    visits.clear();
    // contexts may have become garbage since they were looked at last
    if (has_orphans && !is_collecting) orphaned.store(true, std::memory_order_relaxed);
  }
}

/// Asks a payload what it holds: its part of `visits`, each handle once.
void CoreState::trace(Payload* payload) noexcept {
  const std::size_t first = visits.size();
  payload->first_visit = static_cast<std::uint32_t>(first);
  payload->visit_count = 0;
  const NoScript no_script(*this);
  const std::uintptr_t here = engine::stack_pointer();
  const std::uintptr_t end = stack_end();
  constexpr std::size_t margin = std::size_t{64} << 10;
  const bool is_known = end != 0 && here > end && here - end < (std::uintptr_t{1} << 30);
  Tracer tracer(*this, is_known ? end + margin : here - margin);
  is_tracing = true;
  copies = 0;
  payload->trace(tracer);
  is_tracing = false;
  if (tracer.needs_check() && visits.size() - first > 1) {
    const auto begin = visits.begin() + static_cast<std::ptrdiff_t>(first);
    std::sort(begin, visits.end(),
              [](const Visit& a, const Visit& b) { return std::less<>()(a.where, b.where); });
    visits.erase(std::unique(begin, visits.end(),
                             [](const Visit& a, const Visit& b) { return a.where == b.where; }),
                 visits.end());
  }
  if (visits.size() > std::numeric_limits<std::uint32_t>::max()) [[unlikely]] {
    visits.resize(first);
  }
  payload->visit_count = static_cast<std::uint32_t>(visits.size() - first);
}

void CoreState::visit(const Visit& visit) noexcept {
  // A copy that a `trace` made has no reference of its own, and cannot be told from what it is of.
  if (visit.realm->owner != this || copies > 0) return;
  try {
    visits.push_back(visit);
  } catch (const std::bad_alloc&) {
    // what is not shown stays
  }
}

void CoreState::drop_while_tracing(const GivenUp& reference) noexcept {
  if (copies > 0) {
    --copies;
    --reference.realm->handles;
    return;
  }
  // a handle that was there before: the collector is counting its reference
  try {
    const std::scoped_lock guard(deferred_lock);
    deferred.push_back(reference);
  } catch (const std::bad_alloc&) {
    is_abandoned = true;
    --reference.realm->handles;
  }
}

void CoreState::mark(Payload* payload, JS_MarkFunc* function) noexcept {
  ::JS_MarkValue(runtime, payload->token, function);
  if (!ties.empty()) [[unlikely]] {
    const auto less = [](const Tie& a, const Tie& b) {
      return std::less<>()(a.payload, b.payload);
    };
    const auto range = std::equal_range(ties.begin(), ties.end(), Tie{payload, nullptr}, less);
    for (auto tie = range.first; tie != range.second; ++tie) {
      if (tie->realm != nullptr) ::JS_MarkValue(runtime, tie->realm->token, function);
    }
  }
  if (pass == Pass::taking) trace(payload);
  const bool is_garbage = pass == Pass::giving_back && function != keeping;
  for (std::uint32_t i = 0; i < payload->visit_count; ++i) {
    const Visit& visit = visits[payload->first_visit + i];
    ::JS_MarkValue(runtime, visit.value, function);
    // Destructors run while half of the garbage is freed: they must find no handle to any of it
    // that they could keep. Its reference is given up together with the payload.
    if (is_garbage) forget_handle(visit);
  }
  if (pass == Pass::giving_back && !is_garbage) payload->visit_count = 0;
}

/// Of a payload that is collected: the references of the handles that were emptied.
void CoreState::give_up_visits(const Payload& payload) noexcept {
  for (std::uint32_t i = 0; i < payload.visit_count; ++i) {
    const Visit visit = visits[payload.first_visit + i];
    if (visit.kind == Visit::Kind::atom) {
      ::JS_FreeAtomRT(runtime, static_cast<JSAtom>(engine::get_int32(visit.value)));
    } else {
      engine::release(runtime, visit.value);
    }
  }
}

void CoreState::untie(const Payload* payload) noexcept {
  for (Tie& tie : ties) {
    if (tie.payload == payload && tie.realm != nullptr) {
      ::JS_FreeValueRT(runtime, std::exchange(tie.realm, nullptr)->token);
    }
  }
}

/// Gives up the contexts all of whose handles are in payloads: these keep them alive by their
/// tokens. Until `collect` is over, a context may end that there are handles of, if they end too.
bool CoreState::release_orphans() noexcept {
  has_orphans = false;
  bool is_any = false;
  for (Realm* realm = realms; realm != nullptr; realm = realm->next) {
    realm->traced = 0;
    realm->has_foreign_owner = false;
    is_any = is_any || (realm->pinned && realm->handles > 0);
  }
  if (!is_any) return false;
  visits.clear();  // those of the last collection
  for (Payload* payload = payloads; payload != nullptr; payload = payload->next) {
    trace(payload);
    for (const Visit& visit : visits) {
      ++visit.realm->traced;
      if (visit.realm != payload->realm) visit.realm->has_foreign_owner = true;
    }
    payload->visit_count = 0;
    visits.clear();
  }
  const auto is_orphan = [](const Realm& realm) {
    return realm.handles > 0 && realm.handles == realm.traced;
  };
  bool is_orphan_foreign = false;
  is_any = false;
  for (Realm* realm = realms; realm != nullptr; realm = realm->next) {
    if (!realm->pinned) continue;
    is_any = is_any || is_orphan(*realm);
    is_orphan_foreign = is_orphan_foreign || (is_orphan(*realm) && realm->has_foreign_owner);
    // without a Context, but with other handles: it may become one when they go
    has_orphans = has_orphans || (realm->handles > 0 && realm->contexts == 0);
  }
  if (is_orphan_foreign) tie_orphans();
  if (!is_any) return false;
  unpin(is_orphan);
  return true;
}

/// What keeps a context alive for handles in payloads of other realms.
void CoreState::tie_orphans() noexcept {
  try {
    for (Payload* payload = payloads; payload != nullptr; payload = payload->next) {
      trace(payload);
      std::sort(visits.begin(), visits.end(),
                [](const Visit& a, const Visit& b) { return std::less<>()(a.realm, b.realm); });
      const Realm* last = payload->realm;
      for (const Visit& visit : visits) {
        if (visit.realm == last || visit.realm == payload->realm || !visit.realm->in_engine)
          continue;
        last = visit.realm;
        ties.push_back({payload, visit.realm});
        (void)::JS_DupValueRT(runtime, visit.realm->token);
      }
      payload->visit_count = 0;
      visits.clear();
    }
    std::sort(ties.begin(), ties.end(),
              [](const Tie& a, const Tie& b) { return std::less<>()(a.payload, b.payload); });
  } catch (const std::bad_alloc&) {
    visits.clear();
    for (const Tie& tie : ties) ::JS_FreeValueRT(runtime, tie.realm->token);
    ties.clear();
    for (Realm* realm = realms; realm != nullptr; realm = realm->next) {
      if (realm->has_foreign_owner) realm->traced = 0;
    }
  }
}

/// The engines free a context with its modules, although the reactions of a module that awaits
/// still count references to it. Garbage is freed in the order of its age: where a younger function
/// than all of those holds the context, it outlives them.
void CoreState::hold_contexts_longest() noexcept {
  constexpr auto nothing = [](JSContext*, JSValueConst, int, JSValueConst*) -> JSValue {
    return engine::undefined();
  };
  for (const Realm* realm = realms; realm != nullptr; realm = realm->next) {
    if (!realm->pinned || realm->modules == nullptr) continue;
    JSContext* ctx = realm->context;
    JSValue youngest = ::JS_NewCFunction(ctx, nothing, "", 0);
    if (engine::is_exception(youngest) ||
        ::JS_DefinePropertyValueStr(ctx, realm->token, "last", youngest, JS_PROP_C_W_E) < 0) {
      engine::release(ctx, ::JS_GetException(ctx));  // memory is short: the order is as it is
    }
  }
}

void CoreState::collect(bool contexts_only) noexcept {
  // a context in use by this thread must not go, whether a handle says so or not
  const bool may_release = depth == 1 && collecting == 0 && !::JS_IsJobPending(runtime);
  if (may_release) hold_contexts_longest();
  const bool released = may_release && release_orphans();
  if (contexts_only && !released) return;
  is_collecting = may_release;
  ::JS_RunGC(runtime);
  is_collecting = false;
  if (!released) return;
  for (Realm* realm = realms; realm != nullptr; realm = realm->next) {
    if (realm->in_engine && !realm->pinned && realm->handles > 0) {
      pin(realm);
      has_orphans = has_orphans || realm->contexts == 0;
    }
  }
  for (Tie& tie : ties) {
    if (tie.realm != nullptr) ::JS_FreeValueRT(runtime, std::exchange(tie.realm, nullptr)->token);
  }
  ties.clear();
}

}  // namespace quip::detail

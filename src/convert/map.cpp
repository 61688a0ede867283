#include "own_names.hpp"
#include <quip/convert/map.hpp>
#include <quip/convert/names.hpp>
#include <quip/core/intrinsic.hpp>

namespace quip::detail {

namespace {

/// Whether an object without properties is just empty. One that keeps its content elsewhere, such
/// as a Set, has a kind; what a Proxy stands for cannot be told.
bool may_be_empty(JSValueConst object) noexcept {
  const engine::Kind kind = engine::kind_of(object);
  return kind == engine::Kind::plain || kind == engine::Kind::proxy;
}

}  // namespace

Result<void> read_properties(PropertySink& sink) {
  const ValueRef whole = sink.whole;
  JSContext* ctx = whole.context();
  Realm* realm = realm_of(ctx);
  if (is_too_deep(realm)) [[unlikely]] {
    return too_deep();
  }
  if (!engine::is_object(whole.raw()) || engine::is_array(ctx, whole.raw()) ||
      engine::is_function(ctx, whole.raw()) ||
      engine::is_typed_array(engine::kind_of(whole.raw()))) {
    return not_a("object", whole);
  }
  const OwnedValue keep(ctx, engine::duplicate(ctx, whole.raw()));
  const OwnNames keys(ctx, keep.get());
  if (!keys) {
    return caught(realm);
  }
  if (keys.empty() && !may_be_empty(keep.get())) {
    return Error::conversion("object", "an object without properties that is not a plain one");
  }
  for (const JSPropertyEnum& key : keys) {
    const OwnedValue name(ctx, ::JS_AtomToString(ctx, key.atom));
    if (engine::is_exception(name.get())) {
      return caught(realm);
    }
    const TextView text(ctx, name.get());
    if (!text) {
      return caught(realm);
    }
    JSValue raw = ::JS_GetProperty(ctx, keep.get(), key.atom);
    if (engine::is_exception(raw)) {
      return caught(realm);
    }
    const OwnedValue value(ctx, raw);
    const bool taken = text.is_utf8(name.get()) ? sink.take(sink, text.view(), raw)
                                                : sink.take(sink, utf8_of(text), raw);
    if (!taken) {
      return *std::move(sink.error);  // NOLINT(bugprone-unchecked-optional-access)
    }
  }
  return {};
}

bool ObjectBuilder::define(std::string_view name, JSValue value) noexcept {
  if (engine::is_exception(object_) || engine::is_exception(value)) [[unlikely]] {
    engine::release(ctx_, value);
    return false;
  }
  const JSAtom atom = engine::new_atom(ctx_, name.data(), name.size());
  if (atom == 0) [[unlikely]] {
    engine::release(ctx_, value);
    return false;
  }
  const bool defined = engine::define(ctx_, object_, atom, value);
  ::JS_FreeAtom(ctx_, atom);
  return defined;
}

JSValue new_map(JSContext* ctx) noexcept {
  return construct_intrinsic(realm_of(ctx), Intrinsic::map);
}

bool set_in_map(JSContext* ctx, JSValueConst map, JSValue key, JSValue value) noexcept {
  const bool is_complete = !engine::is_exception(key) && !engine::is_exception(value);
  JSValue outcome = is_complete ? call_intrinsic<JSValueConst, JSValueConst>(
                                      realm_of(ctx), Intrinsic::map_set, map, key, value)
                                : engine::exception();
  engine::release(ctx, key);
  engine::release(ctx, value);
  const bool is_set = !engine::is_exception(outcome);
  engine::release(ctx, outcome);
  return is_set;
}

}  // namespace quip::detail

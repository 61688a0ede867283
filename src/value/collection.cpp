#include <quip/convert/number.hpp>
#include <quip/value/collection.hpp>

namespace quip::detail {

Result<std::size_t> collection_size(const Handle& self, Intrinsic getter) {
  return invoke_method<std::size_t>(self, getter);
}

Result<Steps> Steps::start(const Handle& collection, Intrinsic make, Intrinsic next) {
  // before a script could get at it
  Realm* realm = collection.realm();
  const Entry entry(realm);
  if (!entry) return refusal(realm);
  if (engine::is_exception(intrinsic(realm, next))) return caught(realm);
  Result<Object> iterator = invoke_method<Object>(collection, make);
  if (!iterator) return std::move(iterator).error();
  Steps steps;
  steps.iterator_ = *std::move(iterator);
  steps.next_ = next;
  return steps;
}

Result<bool> Steps::advance() {
  Result<Object> step = invoke_method<Object>(iterator_.handle(), next_);
  if (!step) return std::move(step).error();
  Result<Value> done = step->try_get(key<"done">);
  if (!done) return std::move(done).error();
  Result<Value> value = step->try_get(key<"value">);
  if (!value) return std::move(value).error();
  if (engine::tag(done->raw()) == JS_TAG_BOOL && !engine::get_bool(done->raw())) {
    current_ = *std::move(value);
    return true;
  }
  *this = Steps();
  return false;
}

Result<Value> Steps::half(int index) const {
  Result<Object> entry = current_.try_as<Object>();
  if (!entry) return std::move(entry).error();
  return entry->try_get(index);
}

std::pair<Value, Value> Steps::entry() const { return {half(0).value(), half(1).value()}; }

}  // namespace quip::detail

#include "core_state.hpp"
#include "user_data_state.hpp"
#include <quip/core/user_data.hpp>

#include <cxxabi.h>

#include <algorithm>
#include <cstdlib>
#include <new>
#include <string>

namespace quip {

namespace detail {

std::shared_ptr<void> DataList::find(const std::type_info& type) const noexcept {
  for (const Kept& kept : all_) {
    if (*kept.type.type == type) return kept.object;
  }
  return nullptr;
}

std::shared_ptr<void> DataList::put(DataType type, std::shared_ptr<void> object) {
  for (Kept& kept : all_) {
    if (*kept.type.type == *type.type) {
      kept.type = type;
      return std::exchange(kept.object, std::move(object));
    }
  }
  all_.push_back({type, std::move(object)});
  return nullptr;
}

std::shared_ptr<void> DataList::extract(const std::type_info& type) noexcept {
  const auto found =
      std::ranges::find_if(all_, [&](const Kept& kept) { return *kept.type.type == type; });
  if (found == all_.end()) return nullptr;
  std::shared_ptr<void> object = std::move(found->object);
  all_.erase(found);
  return object;
}

void DataList::trace(Tracer& tracer) const {
  for (const Kept& kept : all_) {
    if (kept.type.trace != nullptr) kept.type.trace(kept.object, tracer);
  }
}

namespace {

/// A context's data: a hidden object owns it that the realm's token holds, so that the collector
/// sees it as a part of the context.
struct ContextData final : Payload {
  ContextData() = default;
  ~ContextData() override {
    if (realm->data == this) realm->data = nullptr;
  }
  void trace(Tracer& tracer) const noexcept override {
    try {
      list.trace(tracer);
    } catch (...) {
      // what was not shown stays
    }
  }
  DataList list;
};

/// The list of a realm, or with a null realm of a core; null when there is none yet. The thread has
/// the lock.
DataList* existing(CoreState& core, Realm* realm) noexcept {
  if (realm == nullptr) return core.data.get();
  return realm->data == nullptr ? nullptr : &static_cast<ContextData*>(realm->data)->list;
}

/// The same, made at its first use. The thread has entered the runtime.
Result<DataList*> needed(CoreState& core, Realm* realm) {
  if (DataList* list = existing(core, realm)) return list;
  if (realm == nullptr) {
    core.data = std::make_unique<DataList>();
    return core.data.get();
  }
  auto data = std::make_unique<ContextData>();
  ContextData* made = data.get();
  JSContext* ctx = realm->context;
  JSValue object = own(realm, core.origin_class, data.release());
  if (engine::is_exception(object)) return caught(realm);
  realm->data = made;
  if (::JS_DefinePropertyValueStr(ctx, realm->token, "data", object, JS_PROP_C_W_E) < 0) {
    return caught(realm);  // the object is gone, and the data with it
  }
  return &made->list;
}

std::string spelled(const std::type_info& type) {
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> name(
      abi::__cxa_demangle(type.name(), nullptr, nullptr, &status), &std::free);
  return name == nullptr ? type.name() : name.get();
}

}  // namespace

}  // namespace detail

Result<void> TypedData::put(detail::DataType type, std::shared_ptr<void> object) const {
  if (object == nullptr) return Error::type("a null pointer is no user data");
  if (core_ == nullptr) return RuntimeGone();
  std::shared_ptr<void> replaced;  // ends last: its destructor is the user's
  const detail::Entry entry(core_);
  if (!entry) return realm_ == nullptr ? Error(RuntimeGone()) : detail::refusal(realm_);
  try {
    const Result<detail::DataList*> list = detail::needed(detail::CoreState::of(core_), realm_);
    if (!list) return list.error();
    replaced = (*list)->put(type, std::move(object));
  } catch (const std::bad_alloc&) {
    return Error::from(std::current_exception());
  }
  return {};
}

std::shared_ptr<void> TypedData::look(detail::DataType type) const noexcept {
  if (core_ == nullptr || core_ == &detail::no_core) return nullptr;
  const detail::Work work(core_);
  const detail::DataList* list = detail::existing(detail::CoreState::of(core_), realm_);
  return list == nullptr ? nullptr : list->find(*type.type);
}

Result<std::shared_ptr<void>> TypedData::need(detail::DataType type) const {
  if (std::shared_ptr<void> found = look(type)) return found;
  if (core_ == nullptr || core_ == &detail::no_core || core_->closing) return RuntimeGone();
  return Error::plain("there is no user data of type '" + detail::spelled(*type.type) +
                      "' in this " + (realm_ == nullptr ? "runtime" : "context"));
}

std::shared_ptr<void> TypedData::extract(detail::DataType type) const noexcept {
  if (core_ == nullptr || core_ == &detail::no_core) return nullptr;
  const detail::Work work(core_);
  detail::DataList* list = detail::existing(detail::CoreState::of(core_), realm_);
  return list == nullptr ? nullptr : list->extract(*type.type);
}

TypedData Ctx::data() const { return {realm_->core, realm_}; }
TypedData Ctx::runtime_data() const { return {realm_->core, nullptr}; }
TypedData Runtime::data() const { return {core_, nullptr}; }

}  // namespace quip

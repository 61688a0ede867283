// What a realm has of a native class. Private to src/class/.
#pragma once

#include <quip/class/exotic.hpp>

#include <memory>

namespace quip::detail {

struct RealmClass {
  ClassType* type = nullptr;
  JSValue prototype = engine::undefined();    ///< borrowed from the realm's token
  JSValue constructor = engine::undefined();  ///< the same
  JSClassID class_id = 0;                     ///< 0 until there is a prototype for instances
  bool is_being_made = false;
  const RealmClass* base = nullptr;
  std::unique_ptr<Callable> call = {};  ///< what a call of an instance calls; no JS object has it
  std::shared_ptr<const ExoticHandlers> exotic = {};

  /// The call operator, its own or inherited; null without one.
  [[nodiscard]] Callable* caller() const noexcept {
    return call != nullptr ? call.get() : base != nullptr ? base->caller() : nullptr;
  }
};

/// What class_in does at a class's first use in the realm.
RealmClass* make_class(Realm* realm, ClassType& type) noexcept;
/// The class, if it is there already and can have instances.
inline RealmClass* known_class(const Realm* realm, const ClassType& type) noexcept {
  const std::uint32_t number = type.number.load(std::memory_order_relaxed);
  RealmClass* known = number < realm->class_count ? realm->classes[number] : nullptr;
  return known != nullptr && known->class_id != 0 ? known : nullptr;
}

}  // namespace quip::detail

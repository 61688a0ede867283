// Objects of options as the web's interfaces take them. Private to src/web/.
#pragma once

#include <quip/convert/coerced.hpp>
#include <quip/value/object.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace quip::web {

/// A dictionary (Web IDL 3.2.17): undefined and null are one without members. Its getters run when
/// a member is read, in the order in which that is done.
class Dictionary {
 public:
  /// A TypeError for what is no object; `what` names the dictionary for it.
  static Result<Dictionary> of(const Value& value, std::string_view what) {
    if (value.handle().empty() || value.is_nullish()) return Dictionary(Object());
    if (!value.is_object()) {
      return Error::type("the value is not of type '" + std::string(what) + "'");
    }
    return Dictionary(Object(value.handle()));
  }

  /// A member; undefined, or an empty Value, where there is none.
  template <PropertyKey K>
  [[nodiscard]] Result<Value> get(const K& name) const {
    if (object_.handle().empty()) return Value();
    return object_.try_get(name);
  }
  /// A boolean member.
  template <PropertyKey K>
  [[nodiscard]] Result<bool> flag(const K& name, bool otherwise) const {
    Result<Value> value = get(name);
    if (!value) return std::move(value).error();
    if (value->is_undefined()) return otherwise;
    Result<Coerced<bool>> flag = value->try_as<Coerced<bool>>();
    if (!flag) return std::move(flag).error();
    return flag->get();
  }

 private:
  explicit Dictionary(Object object) noexcept : object_(std::move(object)) {}
  Object object_;
};

}  // namespace quip::web
